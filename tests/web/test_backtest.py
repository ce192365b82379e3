"""The report of a back-test: one file that names nobody, says its assumption first, claims no lift, prints whole, and goes into tables."""

import csv
import io
import re
from dataclasses import replace
from html import unescape

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Browser

from kizuna.simulate import Threshold, told, variation, winners
from kizuna.web import backtest
from kizuna.web.backtest.telling import Voice, assumption, percent_of, ratio, share, shortened
from kizuna.web.faces import Face
from samples.backtest import AXES, FOUR, HAZARD, NOTHING, ONE, Case, grid, played, ran, report
from samples.base import BRAND

NAMES = [*FOUR.designs, *NOTHING.designs]
A4_PX = (186 * 96 * 10 // 254, 269 * 96 * 10 // 254)
"""What the page's margins leave of A4, in CSS pixels."""
CUT_OFF = """() => [...document.querySelectorAll("body *")].filter(e => {
  const box = e.getBoundingClientRect();
  return e.checkVisibility() && box.width > 0 && !e.closest("svg, .unseen, .skip, thead")
    && (box.right > document.documentElement.clientWidth + 1 || e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0
        && getComputedStyle(e).display !== "inline");
}).slice(0, 5).map(e => e.outerHTML.slice(0, 140))"""


def face(lang: str) -> Face:
    return Face(BRAND, lang)


def text_of(html: str) -> str:
    """What a reader reads, without drawings and styles."""
    plain = re.sub(r"<(style|svg)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return unescape(re.sub(r"[ \n]+", " ", re.sub(r"<[^>]+>", " ", plain)))


@pytest.mark.parametrize(
    ("millionths", "text"),
    [
        (None, "—"),
        (0, "0%"),
        (20, "<0.01%"),
        (4_488, "0.45%"),
        (99_949, "9.99%"),
        (100_050, "10.0%"),
        (1_000_000, "100%"),
        (-25_000, "−2.50%"),
    ],
)
def test_a_share_reads_as_per_cent(millionths: int | None, text: str) -> None:
    assert share(millionths) == text


def test_a_part_of_nothing_is_not_known() -> None:
    assert ratio(3, 0) is None
    assert ratio(1, 3) == 333_333
    assert percent_of(1_234) == "12.3%"


@pytest.mark.parametrize(
    ("identity", "shown"),
    [
        ("customer:48213", "customer …213"),
        ("email:hanako.yamada@example.jp", "email …e.jp"),
        ("card:2900123456789012", "card …9012"),
        ("x:1", "x …"),
        ("2900123456789012", "…9012"),
    ],
)
def test_an_identity_is_shortened(identity: str, shown: str) -> None:
    assert shortened(identity) == shown


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_standalone_report_is_one_file_without_script(lang: str) -> None:
    html = report(face(lang), ONE, standalone=True)
    assert html.lstrip().startswith("<!doctype html>")
    assert f'<html lang="{lang}"' in html
    assert html.count("<style>") == 1
    assert "<script" not in html
    assert "<link" not in html
    assert "url(" not in html[html.index("<style>") : html.index("</style>")]
    addresses = re.findall(r'(?:href|src)="([^"]*)"', html)
    assert {address[:5] for address in addresses if not address.startswith("#")} == {"data:"}


def test_the_headline_says_cost_owed_and_what_lift_pays() -> None:
    ran_, _ = played("年末に3倍")
    result = told(ran_, 250_000)
    shown = text_of(report(face("en"), ONE))
    cost = result["cost"]
    assert f"This program would have cost {share(cost['of_sales'])} of sales: ¥{cost['total']:,}." in shown
    assert f"Still owed ¥{cost['liability']:,}" in shown
    assert f"This program pays if it lifts purchases by {share(cost['break_even'])}" in shown
    assert f"{share(variation(played('年末に3倍')[1], ran_)['detectable'])}" in shown
    for field in ("issued", "redeemed", "expired", "outstanding"):
        assert f"{result[field]:,}\N{NO-BREAK SPACE}pt" in shown


def test_every_result_says_first_what_was_assumed() -> None:
    shown = text_of(report(face("en"), ONE))
    assumed = shown.index("members redeem as many whole steps of 500\N{NO-BREAK SPACE}pt as they have")
    assert assumed < shown.index("Issued")
    many = report(face("en"), FOUR)
    assert (
        many.count('class="backtest-assumed"') == len(FOUR.designs) + 3
    )  # in each chapter, and once for each assumption
    assert "A, B — Assumed: before each purchase" in text_of(many)


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (Threshold(1_000), "once members have 1,000\N{NO-BREAK SPACE}pt, they redeem everything"),
        (Threshold(1_000, 500), "in steps of 500\N{NO-BREAK SPACE}pt"),
        (HAZARD, "The chances are those of 18,445 purchases of this brand."),
        (replace(HAZARD, seen=()), "how likely depends on the points they have."),
    ],
)
def test_each_behaviour_is_said_in_words(behaviour: Threshold, words: str) -> None:
    assert words in assumption({"behaviour": behaviour.as_json()}, Voice("en", "JPY"))


def test_draws_give_ranges() -> None:
    shown = text_of(report(face("en"), replace(ONE, designs=["年末に3倍、履歴のとおりに交換"])))
    assert "where 80% of 5 draws lie" in shown
    band = told(played("年末に3倍、履歴のとおりに交換")[0])["bands"]["redeemed"]
    assert f"{band['low']:,} to {band['high']:,}\N{NO-BREAK SPACE}pt" in shown


def test_a_budget_that_ran_out_says_when_and_limits_say_what_they_took() -> None:
    shown = text_of(report(face("en"), ONE))
    assert re.search(r"Year-end thanks Campaign.*The budget", shown)
    assert "in December 2025" in shown
    assert "never: it was enough" in shown


def test_it_claims_no_lift_and_names_the_rules_that_history_does_not_hold() -> None:
    shown = text_of(report(face("en"), ONE))
    assert "Purchases are taken as they were." in shown
    assert "running program: “Welcome points”, “Birthday”." in shown


def test_what_is_not_known_is_said_in_words() -> None:
    shown = text_of(report(face("en"), NOTHING))
    assert "The program does not say what a point is worth." in shown
    assert "is not known without the worth of a point" in shown
    for missing in ("through which channels", "in which stores", "what was bought"):
        assert f"The history does not say {missing}" in shown
    assert "None" not in shown
    assert "Members by tier" not in shown


def test_where_nobody_redeems_everything_is_owed() -> None:
    shown = text_of(report(face("en"), Case(["今のプログラム、記録のとおり"])))
    assert "nobody redeems points beyond what the history records" in shown
    assert "nobody used points in the period, so all of it is counted" in shown
    assert "Nobody used points within the period, so what is owed is counted in full." in shown


def test_no_margin_asks_for_it() -> None:
    shown = text_of(report(face("en"), replace(ONE, margin=None)))
    assert "not known without the gross margin" in shown


def test_designs_stand_side_by_side_and_name_nobody() -> None:
    html = report(face("en"), FOUR)
    shown = text_of(html)
    whole = set(played("今のプログラム")[0].members.to_pylist())
    assert not [one for one in whole if one in html]
    first, second = (played(name)[0] for name in FOUR.designs[:2])
    compared = winners(first, second)
    assert f"By “{second.design.name}”, {compared['winners']} members would be better off" in shown
    assert "A: 今のプログラム" in shown
    assert '<span class="unseen">lowest</span>' in html


def test_a_grid_shows_every_variant() -> None:
    html = grid(face("en"), AXES)
    shown = text_of(html)
    results = ran(AXES)
    assert len(results) == 20
    assert html.count('class="right figure heat-') == 40
    for _, result in results:
        assert share(result["cost"]["of_sales"]) in shown
    assert "per = 100" in shown
    one = text_of(grid(face("ja"), AXES[:1]))
    assert "すべての組み合わせ" in one


def test_a_report_holds_the_variants_of_its_first_design() -> None:
    one, past = played("年末に3倍")
    totals = ("issued", "redeemed", "outstanding", "cost")
    found = {
        "axes": [{"place": axis.place, "values": list(axis.values)} for axis in AXES],
        "variants": [{"values": list(at), **{name: result[name] for name in totals}} for at, result in ran(AXES)],
    }
    ways = {"lang": "en", "currency": "JPY", "standalone": True}
    html = backtest.report([told(one, 250_000)], [], variation(past, one), **ways, grid=found)
    assert html.count('class="right figure heat-') == 40
    assert "Every variant, the least costly first" in html
    none = {"axes": [], "variants": []}
    assert "Every variant" not in backtest.report([told(one)], [], variation(past, one), **ways, grid=none)


@pytest.fixture(scope="module")
def tables() -> dict[str, pa.Table]:
    return backtest.tables([told(played(name)[0], 250_000) for name in NAMES])


def test_tables_hold_what_the_report_shows(tables: dict[str, pa.Table]) -> None:
    result = told(played("年末に3倍")[0], 250_000)
    totals = {row["design"]: row for row in tables["totals"].to_pylist()}
    assert list(totals) == NAMES
    assert totals["年末に3倍"]["cost_total"] == result["cost"]["total"]
    assert totals["とくになし"]["cost_total"] is None
    assert totals["年末に3倍"]["behaviour"] == "multiples:500"
    months = [row for row in tables["months"].to_pylist() if row["design"] == "年末に3倍"]
    assert sum(row["issued"] for row in months) == result["issued"]
    assert [row["points"] for row in tables["budgets"].to_pylist() if row["ran_out"]] == [12_000] * 3
    assert {row["name"] for row in tables["silent"].to_pylist()} == {"入会ありがとうポイント", "お誕生日"}
    assert tables["months"].schema.field("issued").type == pa.int64()


def test_tables_go_into_files(tables: dict[str, pa.Table], tmp_path) -> None:
    written = backtest.saved(tables, tmp_path / "out", "parquet")
    assert [path.name for path in written] == [f"{name}.parquet" for name in tables]
    assert all(pq.read_table(path).equals(tables[path.stem]) for path in written)
    for path in backtest.saved(tables, tmp_path / "out", "csv"):
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
        assert len(rows) == tables[path.stem].num_rows
        if rows:
            assert list(rows[0]) == tables[path.stem].column_names


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("name", ["one", "four", "grid"])
def test_paper_cuts_nothing_off(name: str, lang: str, browser: Browser, tmp_path) -> None:
    shown = face(lang)
    html = {
        "one": lambda: report(shown, ONE, standalone=True),
        "four": lambda: report(shown, FOUR, standalone=True),
        "grid": lambda: grid(shown, AXES, standalone=True),
    }[name]()
    file = tmp_path / "report.html"
    file.write_text(html, encoding="utf-8")
    tab = browser.new_page(viewport={"width": A4_PX[0], "height": A4_PX[1]}, color_scheme="dark")
    asked: list[str] = []
    tab.on("request", lambda one: asked.append(one.url))
    tab.goto(file.as_uri())
    tab.emulate_media(media="print")
    assert asked == [file.as_uri()]
    assert tab.evaluate(CUT_OFF) == []
    ground = tab.evaluate(
        "getComputedStyle(document.querySelector('.backtest-section h2, .backtest-section h3')).color"
    )
    assert ground == "rgb(35, 37, 43)"  # ink on paper, whatever the screen's theme
    assert tab.locator(".chart-scroll").first.is_visible() or name == "grid"
    pdf = tab.pdf(prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")
    tab.close()
