"""The style page as text: a pure function of a face. It shows the parts themselves, so it cannot fall behind them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from markupsafe import Markup

from kizuna.core.errors import N_
from kizuna.web import charts
from kizuna.web.console.overview.pages import live_line
from kizuna.web.console.overview.views import Happening
from kizuna.web.faces import Face, render
from kizuna.web.icons import ICONS
from kizuna.web.words import brand_words, translate

COLOURS = (
    ("paper", "surface", "sunken", "hairline", "edge", "ink", "ink-soft"),
    ("ai", "ai-deep", "ai-wash", "kaki", "kaki-bar", "kaki-wash"),
    ("matcha", "matcha-wash", "beni", "beni-wash", "amber", "amber-wash"),
    ("tier-0", "tier-1", "tier-2", "tier-3", "tier-4"),
    ("chart-1", "chart-2", "chart-3", "chart-4", "chart-5", "chart-6"),
)
"""The tokens of web/src/tokens.css, by purpose."""


_AT = datetime(2026, 11, 21, 5, 2, tzinfo=UTC)
LINES = (
    Happening("style-1", "earn", _AT, "sample", "佐藤 陽菜", 24, 4_980),
    Happening("style-2", "redeem", _AT, "sample", "鈴木 蓮", -1_500),
    Happening("style-3", "expire", _AT, "sample", "伊藤 葵", -320),
    Happening("style-4", "join", _AT, "sample", "田中 湊"),
)
PARTS = (
    ({"ja": "レギュラー", "en": "Regular"}, 1_506, "0"),
    ({"ja": "シルバー", "en": "Silver"}, 613, "2"),
    ({"ja": "ゴールド", "en": "Gold"}, 289, "3"),
)


def style_page(face: Face) -> str:
    """Return every part of the design system with sample words."""
    return render(
        face,
        "console/style.html",
        colours=COLOURS,
        icons=sorted(ICONS),
        **drawings(face),
        section="style",
        here=True,
    )


def drawings(face: Face) -> Mapping[str, object]:
    """Return one of each kind of chart: columns under lines, a stack, a row of parts, a bar, the two sparklines; and the stream."""
    lang = face.lang
    places = [f"2026-{month:02}" for month in range(6, 12)]
    issued, used, expired = (translate(lang, name) for name in (N_("Issued"), N_("Used"), N_("Expired")))
    flows = ((410, 402, 377, 410, 452, 301), (171, 166, 190, 174, 233, 149), (41, 52, 47, 55, 58, 33))
    mixed = charts.Chart(
        id="style-mixed",
        title=translate(lang, N_("Columns under lines")),
        about=translate(lang, N_("The title says the finding; below it the measure, the period and the source.")),
        place=translate(lang, N_("Month")),
        labels=places,
        short=places,
        series=(
            charts.Series(issued, flows[0], 1),
            charts.Series(used, flows[1], 2, "line"),
            charts.Series(expired, flows[2], 6, "line"),
        ),
        open_at=5,
    )
    stacked = replace(
        mixed,
        id="style-stacked",
        stacked=True,
        title=translate(lang, N_("Stacked columns")),
        series=(charts.Series(used, flows[1], 1), charts.Series(expired, flows[2], 2)),
        open_at=None,
        bands=(charts.Band(translate(lang, N_("Campaign")), 2, 3),),
    )
    parts = [charts.Segment(brand_words(name, lang), count, tone) for name, count, tone in PARTS]
    return {
        "charts": [charts.drawn(one, lang) for one in (mixed, stacked)],
        "parts": charts.stack(parts, ", ".join(part.name for part in parts)),
        "bar": charts.bar(2, 3),
        "sparks": [charts.sparkline(flows[0], issued), charts.sparkline(flows[1], used, columns=True, colour=2)],
        "lines": Markup("").join(Markup(live_line(face, line)) for line in LINES),  # noqa: S704 - a rendered template
    }
