"""The overview as text: pure functions of a face and a view."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from babel.dates import format_date
from markupsafe import Markup

from kizuna.core.errors import N_
from kizuna.web import charts, why_operations
from kizuna.web.console.overview.cards import PERIODS, cards
from kizuna.web.console.overview.findings import is_open, months_finding, rules_finding, stages_finding, tiers_finding
from kizuna.web.console.overview.views import Happening, MonthRow, Overview, TierRow
from kizuna.web.faces import Face, render
from kizuna.web.words import brand_words, money, month, translate, translate_n

MONTHS_MIN = 6
"""Months on the axis at least, so that a young brand's chart shows time at all."""
MOVES_MAX = 4
METALS = {"bronze": 1, "silver": 2, "gold": 3, "platinum": 4, "diamond": 4}
"""A tier that is named after a metal has its colour; others go by rank (as parts/tier.html has it)."""


_AGO = (
    (86_400, N_("Figures reach to {n} day ago"), "Figures reach to {n} days ago"),
    (3_600, N_("Figures reach to {n} hour ago"), "Figures reach to {n} hours ago"),
    (60, N_("Figures reach to {n} minute ago"), "Figures reach to {n} minutes ago"),
)


@dataclass(frozen=True, slots=True)
class Choice:
    """One length of the period."""

    days: int
    words: str
    is_here: bool


def overview_page(face: Face, view: Overview) -> str:
    """Return the overview."""
    return render(
        face,
        "console/overview.html",
        view=view,
        choices=[Choice(days, period_words(days, face.lang), days == view.period.days) for days in view.period.options],
        freshness=freshness(view, face.lang),
        cards=cards(face, view),
        months=charts.drawn(months_chart(face, view), face.lang),
        tiers_title=tiers_finding(view.tiers, view.moved_up, view.moved_down, face.lang),
        tiers_drawn=tiers_drawn(view.tiers, face.lang),
        tone=_tone,
        moves=view.moves[:MOVES_MAX],
        moves_more=sum(move.members for move in view.moves[MOVES_MAX:]),
        stages_title=stages_finding(view.stages, face.lang),
        rules_title=rules_finding(view.rules, face.lang),
        bar=charts.bar,
        percent=charts.percent,
        period=period_words(view.period.days, face.lang),
        lines=Markup("").join(Markup(live_line(face, one)) for one in view.recent),  # noqa: S704 - a rendered template
        section="overview",
        here=True,
    )


def live_line(face: Face, happening: Happening) -> str:
    """Return one line of what happens now, as it stands in the list."""
    return render(face, "console/overview_line.html", one=happening, what=_what(face, happening))


def _what(face: Face, one: Happening) -> str:
    """Return in a few words what happened."""
    lang = face.lang
    if one.kind == "join":
        return translate(lang, N_("Joined the program"))
    if one.kind == "expire":
        return translate(lang, N_("Expired"))
    if one.kind in why_operations.KINDS:
        return translate(lang, why_operations.KINDS[one.kind])
    if one.kind == "redeem":
        return (
            translate(lang, N_("Used for “{reference}”"), reference=one.reference)
            if one.reference
            else translate(lang, N_("Used"))
        )
    if one.amount is not None and face.brand is not None:
        return translate(lang, N_("Bought for {amount}"), amount=money(one.amount, face.brand.currency, lang))
    return translate(lang, N_("Earned"))


def period_words(days: int, lang: str) -> str:
    """Return a length of time as the switch names it."""
    if days in PERIODS:
        return translate(lang, PERIODS[days])
    return translate_n(lang, N_("{n} day"), "{n} days", days)


def freshness(view: Overview, lang: str) -> str:
    """Return how far the figures reach."""
    if not view.freshness.waiting:
        return translate(lang, N_("Figures reach to this moment"))
    seconds = view.freshness.seconds(view.as_of)
    for unit, one, many in _AGO:
        if seconds >= 2 * unit:
            return translate_n(lang, one, many, seconds // unit)
    return translate_n(lang, N_("Figures reach to {n} second ago"), "Figures reach to {n} seconds ago", seconds)


def months_chart(face: Face, view: Overview) -> charts.Chart:
    """Return points by month as a chart: what was issued as columns, what was used and what expired as lines."""
    lang, today = face.lang, view.period.last
    months = since_begun(view.months)
    about = N_("Points by month, {first} to {last}. {source}")
    if months and is_open(months[-1].first, today) and (today + timedelta(days=1)).month == today.month:
        about = N_("Points by month, {first} to {last}, the last one until today. {source}")
    return charts.Chart(
        id="points-by-month",
        title=months_finding(months, today, lang),
        about=translate(
            lang,
            about,
            first=month(months[0].first, lang) if months else "—",
            last=month(months[-1].first, lang) if months else "—",
            source=translate(lang, N_("Source: ledger")),
        ),
        place=translate(lang, N_("Month")),
        labels=[month(row.first, lang) for row in months],
        short=[_short_month(row.first, lang, is_first=place == 0) for place, row in enumerate(months)],
        series=[
            charts.Series(translate(lang, N_("Issued")), [row.issued for row in months], 1),
            charts.Series(translate(lang, N_("Used")), [row.redeemed for row in months], 2, "line"),
            charts.Series(translate(lang, N_("Expired")), [row.expired for row in months], 6, "line"),
        ],
        open_at=next((place for place, row in enumerate(months) if is_open(row.first, today)), None),
    )


def since_begun(months: Sequence[MonthRow]) -> Sequence[MonthRow]:
    """Return the months from the first in which anything moved, yet never fewer than a chart needs."""
    begun = next((n for n, row in enumerate(months) if row.issued or row.redeemed or row.expired), len(months))
    return months[min(begun, max(0, len(months) - MONTHS_MIN)) :]


def _short_month(first: date, lang: str, *, is_first: bool) -> str:
    """Return a month on the axis; the first, and every January, carries its year."""
    if is_first or first.month == 1:
        return format_date(first, "yy/M月" if lang == "ja" else "MMM yy", locale=lang)
    return format_date(first, "M月" if lang == "ja" else "MMM", locale=lang)


def tiers_drawn(tiers: Sequence[TierRow], lang: str) -> Markup:
    """Return the tiers as one row, the first rung at the left; nothing where nobody stands on any."""
    if not any(row.members for row in tiers):
        return Markup()
    parts = [
        charts.Segment(f"{name} {charts.percent(row.share or 0, 0)}", row.members, str(_tone(row)), name)
        for row in tiers
        for name in [brand_words(row.name, lang)]
    ]
    return charts.stack(parts, translate(lang, N_("Members by tier: {parts}"), parts=", ".join(p.name for p in parts)))


def _tone(row: TierRow) -> int:
    return METALS.get(row.id, min(row.rank, 4))
