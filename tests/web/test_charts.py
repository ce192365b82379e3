"""Charts: zero is always there, drawings add up to their data, words and tables say the same, and nothing from outside is markup."""

import csv
import io
import json
import re
from dataclasses import replace
from itertools import pairwise
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kizuna.web.charts import (
    Band,
    Chart,
    Segment,
    Series,
    bar,
    compact,
    drawn,
    percent,
    scale,
    sparkline,
    stack,
)
from kizuna.web.charts.draw import HEAD_PX, LABEL_PX, PLOT_PX, apart
from kizuna.web.faces import Face, _environment, _helpers
from samples.base import BRAND

MONTHS = ("2026年9月", "2026年10月", "2026年11月")
CHART = Chart(
    id="points",
    title="利用は10月に集中",
    about="月ごとのポイント",
    place="月",
    labels=MONTHS,
    short=("9月", "10月", "11月"),
    series=(
        Series("発行", (300, 450, 120)),
        Series("利用", (100, 200, None), 2, "line"),
        Series("失効", (0, 40, 10), 6, "line"),
    ),
    open_at=2,
)
STACKED = replace(CHART, stacked=True, series=(Series("甲", (10, 20, 30)), Series("乙", (5, 0, 15), 2)))


def svg(markup: str) -> ET.Element:
    """Return drawings as one tree; a drawing that is not well-formed does not pass."""
    return ET.fromstring(f"<all>{markup}</all>")  # noqa: S314 - our own drawing


def columns(tree: ET.Element) -> list[ET.Element]:
    field = next(one for one in tree if (one.get("class") or "").startswith("chart-field"))
    return [rect for rect in field.findall("rect") if "chart-column" in (rect.get("class") or "")]


def share(text: str | None) -> float:
    assert text is not None
    assert text.endswith("%")
    return float(text[:-1])


@pytest.mark.parametrize(
    ("least", "most", "ticks"),
    [
        (0, 0, [0, 1]),
        (0, 1, [0, 1]),
        (0, 4, [0, 1, 2, 3, 4]),
        (0, 7, [0, 2, 4, 6, 8]),
        (3, 49, [0, 10, 20, 30, 40, 50]),
        (310_000, 452_190, [0, 100_000, 200_000, 300_000, 400_000, 500_000]),
        (0, 500_001, [0, 200_000, 400_000, 600_000]),
        (-30, 60, [-40, -20, 0, 20, 40, 60]),
        (-5, -1, [-5, -4, -3, -2, -1, 0]),
    ],
)
def test_an_axis_begins_at_zero_and_steps_in_round_numbers(least: int, most: int, ticks: list[int]) -> None:
    assert list(scale(least, most).ticks) == ticks


@given(st.integers(-(10**15), 10**15), st.integers(-(10**15), 10**15))
def test_every_axis_holds_zero_and_its_values(one: int, other: int) -> None:
    axis = scale(min(one, other), max(one, other))
    assert axis.low <= min(0, one, other)
    assert axis.top >= max(0, one, other)
    assert axis.low < axis.top
    assert 0 in axis.ticks
    assert axis.top in axis.ticks
    assert 2 <= len(axis.ticks) <= 6


@pytest.mark.parametrize(
    ("n", "ja", "en"),
    [
        (0, "0", "0"),
        (999, "999", "999"),
        (9_999, "9,999", "9.9k"),
        (10_000, "1万", "10k"),
        (123_456, "12.3万", "123.4k"),
        (500_000, "50万", "500k"),
        (120_000_000, "1.2億", "120M"),
        (99_999_999, "9,999万", "99.9M"),
        (3_000_000_000_000, "3兆", "3T"),
        (-25_000, "−2.5万", "−25k"),
    ],
)
def test_a_large_number_is_brief_and_never_more_than_it_is(n: int, ja: str, en: str) -> None:
    assert compact(n, "ja") == ja
    assert compact(n, "en") == en


@pytest.mark.parametrize(
    ("n", "digits", "text"),
    [
        (0, 1, "0.0%"),
        (1_234, 1, "12.3%"),
        (1_235, 1, "12.4%"),
        (10_000, 0, "100%"),
        (6_150, 0, "62%"),
        (-4, 1, "0.0%"),
        (-130, 1, "−1.3%"),
    ],
)
def test_a_share_is_rounded_half_up(n: int, digits: int, text: str) -> None:
    assert percent(n, digits) == text


def test_columns_stand_on_zero_and_are_as_high_as_their_values() -> None:
    rects = columns(svg(drawn(CHART, "ja").svg))
    foot = HEAD_PX + PLOT_PX
    assert len(rects) == 3
    for rect, value in zip(rects, (300, 450, 120), strict=True):
        y, height = float(rect.get("y") or 0), float(rect.get("height") or 0)
        assert y + height == pytest.approx(foot, abs=0.011)
        assert height == pytest.approx(value * PLOT_PX / 500, abs=0.011)
    assert ["is-open" in (rect.get("class") or "") for rect in rects] == [False, False, True]


def test_a_stack_adds_up_to_its_sum() -> None:
    rects = columns(svg(drawn(STACKED, "ja").svg))
    by_place: dict[str, float] = {}
    for rect in rects:
        by_place[rect.get("x") or ""] = by_place.get(rect.get("x") or "", 0) + float(rect.get("height") or 0)
    assert list(by_place.values()) == pytest.approx([15 * PLOT_PX / 50, 20 * PLOT_PX / 50, 45 * PLOT_PX / 50], abs=0.03)


def test_columns_lie_within_the_plot_and_side_by_side() -> None:
    for chart in (CHART, STACKED, replace(CHART, series=(Series("a", (1, 2, 3)), Series("b", (3, 2, 1), 2)))):
        spans = sorted(
            {
                (share(r.get("x")), share(r.get("x")) + share(r.get("width")))
                for r in columns(svg(drawn(chart, "ja").svg))
            }
        )
        assert spans[0][0] >= 0
        assert spans[-1][1] <= 100
        assert all(before[1] <= after[0] + 0.02 for before, after in pairwise(spans))


def test_a_value_that_is_not_known_leaves_a_gap() -> None:
    chart = replace(CHART, series=(Series("利用", (1, None, 3), 2, "line"),))
    (path,) = re.findall(r'class="chart-line[^>]* d="([^"]+)" vector', drawn(chart, "ja").svg)
    assert path.count("M") == 2
    assert path.count("L") == 0
    assert ("2026年10月", ["—"]) in drawn(chart, "ja").rows


def test_series_differ_without_colour() -> None:
    markup = str(drawn(CHART, "ja").svg)
    assert "dash-0" in markup
    assert "dash-1" in markup
    assert 'fill="url(#points-1)"' in str(drawn(STACKED, "ja").svg)
    names = svg(markup)[2]
    assert {text.text for text in names.findall("text")} == {"発行", "利用", "失効"}


@given(st.lists(st.integers(0, HEAD_PX + PLOT_PX), max_size=8).map(sorted))
def test_names_never_meet(heights: list[int]) -> None:
    placed = apart(heights)
    assert all(after - before >= LABEL_PX for before, after in pairwise(placed))
    assert all(HEAD_PX <= y <= HEAD_PX + PLOT_PX for y in placed)


def test_the_words_say_what_the_drawing_shows() -> None:
    said = drawn(CHART, "en").words
    assert said.startswith("利用は10月に集中.")
    assert (
        "発行: highest 450\N{NO-BREAK SPACE}pt (2026年10月), lowest 120\N{NO-BREAK SPACE}pt (2026年11月), last 120"
        in said
    )
    assert "利用: highest 200" in said
    assert "last 200\N{NO-BREAK SPACE}pt (2026年10月)" in said


def test_the_file_is_the_table_and_no_formula() -> None:
    chart = replace(CHART, labels=("=1+1", "@x", "ok"), series=(Series("-a", (1, None, 3)),))
    address = drawn(chart, "ja").file
    kind, _, body = address.partition(",")
    assert kind == "data:text/csv;charset=utf-8"
    text = unquote(body)
    assert text.startswith("\N{ZERO WIDTH NO-BREAK SPACE}")
    assert list(csv.reader(io.StringIO(text[1:]))) == [["月", "'-a"], ["'=1+1", "1"], ["'@x", ""], ["ok", "3"]]


@pytest.mark.parametrize("series", [(), (Series("a", (0, 0, 0)),), (Series("a", (None, None, None)),)])
def test_nothing_is_drawn_of_nothing(series: tuple[Series, ...]) -> None:
    shown = drawn(replace(CHART, series=series), "ja")
    assert shown.chart.is_empty
    assert shown.svg == ""
    assert 'class="nothing"' in figure(shown)
    assert "data-chart" not in figure(shown)


def test_no_place_at_all_is_empty() -> None:
    assert drawn(replace(CHART, labels=(), short=(), series=(Series("a", ()),), open_at=None), "en").chart.is_empty


def figure(shown: object, lang: str = "ja") -> str:
    """Return the part that shows a chart."""
    face = Face(BRAND, lang)
    source = '{% from "parts/chart.html" import chart with context %}{{ chart(shown) }}'
    return _environment().from_string(source).render(face=face, shown=shown, **_helpers(face))


def test_the_part_shows_the_chart_its_words_and_its_table() -> None:
    page = figure(drawn(CHART, "ja"))
    assert 'role="img"' in page
    assert "<figcaption>" in page
    assert "利用は10月に集中" in page
    assert page.count('<td class="right figure">') == 9
    assert "style=" not in page
    assert "<script" not in page


def test_text_from_outside_is_text() -> None:
    evil = '"><script>alert(1)</script>'
    chart = replace(
        CHART,
        title=evil,
        about=evil,
        labels=(evil,) * 3,
        short=(evil,) * 3,
        series=(Series(evil, (1, 2, 3)),),
        bands=(Band(evil, 0, 1),),
    )
    page = figure(drawn(chart, "ja"))
    assert "<script" not in page
    data = re.search(r'data-chart="([^"]*)"', page)
    assert data is not None
    assert "&lt;script&gt;" in data[1]
    for markup in (stack([Segment(evil, 1, "0")], evil), sparkline([1, 2], evil)):
        assert "<script" not in markup
        svg(markup)


def test_the_data_for_the_script_is_the_same_as_the_table() -> None:
    shown = drawn(CHART, "ja")
    told = json.loads(shown.data)
    assert [one["values"] for one in told["series"]] == [[300, 450, 120], [100, 200, None], [0, 40, 10]]
    assert list(zip(*(one["said"] for one in told["series"]), strict=True)) == [
        tuple(values) for _, values in shown.rows
    ]
    assert told["ticks"] == {"0": "0", "100": "100", "200": "200", "300": "300", "400": "400", "500": "500"}


def test_a_sparkline_of_what_flows_stands_on_zero_and_of_one_value_is_nothing() -> None:
    rects = svg(sparkline([50, 100, 0], "a", columns=True))[0].findall("rect")
    heights = [float(rect.get("height") or 0) for rect in rects]
    assert heights == pytest.approx([13, 26], abs=0.01)
    assert sparkline([5], "a") == ""
    assert sparkline([None, None, 3], "a") == ""
    assert sparkline([], "a") == ""


@given(st.lists(st.none() | st.integers(-(10**12), 10**12), min_size=2, max_size=60), st.booleans())
def test_a_sparkline_stays_within_its_place(values: list[int | None], columns: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
    markup = sparkline(values, "a", columns=columns)
    for y in re.findall(r' (?:cy|y)="([^"]+)"', markup):
        assert 0 <= float(y) <= 32
    for _, y in re.findall(r"[ML](-?\d+) (-?[\d.]+)", markup):
        assert 0 <= float(y) <= 32


def test_a_bar_fills_its_share() -> None:
    assert 'width="25%"' in bar(1, 4)
    assert 'width="0%"' in bar(1, 0)
    assert 'width="100%"' in bar(9, 4)


def test_a_row_of_parts_is_the_whole() -> None:
    rects = svg(stack([Segment("レギュラー", 3, "0"), Segment("", 0, "1"), Segment("ゴールド", 4, "3")], "x"))[
        0
    ].findall("rect")
    assert len(rects) == 2
    assert sum(share(rect.get("width")) for rect in rects) == pytest.approx(100)
