"""The figure cards of the overview: what each is called, what it means, how it went, and whether that is good. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from kizuna.core.errors import N_
from kizuna.web import charts
from kizuna.web.console.overview.views import Figure, Overview
from kizuna.web.faces import Face
from kizuna.web.words import money, number, translate, translate_n

TENFOLD = 100_000
"""Beyond a change of ten times, in ten-thousandths, a share says less than the number itself."""
LONG, LONGEST = 9, 14
"""Figures of more signs than these are set smaller, or take the whole width of a phone."""

BEFORE: Mapping[int, tuple[str, str]] = {
    30: (N_("vs the 30 days before"), N_("as in the 30 days before")),
    90: (N_("vs the 90 days before"), N_("as in the 90 days before")),
    365: (N_("vs the 12 months before"), N_("as in the 12 months before")),
}
_BEFORE = (N_("vs the period before"), N_("as in the period before"))
PERIODS: Mapping[int, str] = {30: N_("30 days"), 90: N_("90 days"), 365: N_("12 months")}


@dataclass(frozen=True, slots=True)
class Kind:
    """What one card says beside its number. `good` is 1 where more is good, −1 where less is, 0 where neither is."""

    field: str
    name: str
    text: str
    source: str
    good: int
    flows: bool = False
    colour: int = 1
    live: str | None = None


KINDS = (
    Kind("members", N_("Members"), N_("Everybody who is enrolled today."), N_("Source: members"), 1, live="members"),
    Kind(
        "active",
        N_("Active share"),
        N_("Members with at least one order in the period, of all members on its last day."),
        N_("Source: orders"),
        1,
    ),
    Kind(
        "redeeming",
        N_("Use rate"),
        N_("Members who used points in the period, of those with an order in it."),
        N_("Source: ledger"),
        1,
        colour=2,
    ),
    Kind(
        "outstanding",
        N_("Outstanding (liability)"),
        N_("Points that members hold and may still use; the money is what they would cost by the program’s worth."),
        N_("Source: ledger"),
        0,
    ),
    Kind("issued", N_("Issued"), N_("Points that rules gave in the period."), N_("Source: ledger"), 0, flows=True),
    Kind(
        "redeemed",
        N_("Used"),
        N_("Points that members gave for something in the period."),
        N_("Source: ledger"),
        1,
        flows=True,
        colour=2,
    ),
    Kind(
        "expired",
        N_("Expired"),
        N_("Points that were not used in time."),
        N_("Source: ledger"),
        -1,
        flows=True,
        colour=6,
    ),
)


@dataclass(frozen=True, slots=True)
class Card:
    """One figure card, in words."""

    field: str
    name: str
    text: str
    source: str
    value: Markup
    trend: str
    tone: str
    way: str
    against: str
    note: str
    spark: Markup
    href: str
    size: str


def cards(face: Face, view: Overview) -> Sequence[Card]:
    """Return the cards in the order of reading: who there is, what they hold, what moved."""
    return [card(face, view, kind) for kind in KINDS]


def card(face: Face, view: Overview, kind: Kind) -> Card:
    """Return one card."""
    figure: Figure = getattr(view, kind.field)
    lang, name = face.lang, translate(face.lang, kind.name)
    trend, way, against = trended(figure, view.period.days, lang)
    good = {"up": 1, "fall": -1}.get(way, 0) * kind.good
    return Card(
        kind.field,
        name,
        translate(lang, kind.text),
        translate(lang, kind.source),
        shown(figure, kind.live),
        trend,
        {1: "gain", -1: "loss"}.get(good, "even"),
        way,
        against,
        _note(face, view, kind.field, figure),
        charts.sparkline(
            [mark.value for mark in figure.series], _went(figure, name, lang), columns=kind.flows, colour=kind.colour
        ),
        figure.path or "",
        _size(figure),
    )


def said(figure: Figure, value: int | None) -> str:
    """Return a value of the figure as text."""
    if value is None:
        return "—"
    if figure.kind == "share":
        return charts.percent(value)
    return f"{number(value)}\N{NO-BREAK SPACE}pt" if figure.kind == "points" else number(value)


def shown(figure: Figure, live: str | None = None) -> Markup:
    """Return a figure as it stands on its card; one that is `live` changes in its place."""
    text, _, unit = said(figure, figure.value).partition("\N{NO-BREAK SPACE}")
    count = Markup('<span data-live="{}">{}</span>').format(live, text) if live else text
    small = Markup('<span class="unit">{}</span>').format(unit) if unit else ""
    return Markup('<span class="figure">{}{}</span>').format(count, small)


def trended(figure: Figure, days: int, lang: str) -> tuple[str, str, str]:
    """Return by how much a figure changed, which way (up, fall, level), and against what."""
    than, same = BEFORE.get(days, _BEFORE)
    change = figure.change
    if change is None:
        return "", "", translate(lang, N_("no period before to compare"))
    if change == 0:
        return "±0", "level", translate(lang, same)
    sign = "+" if change > 0 else "−"
    if figure.kind == "share":
        by = f"{sign}{charts.percent(abs(change)).removesuffix('%')} pp"
    elif figure.change_share is not None and abs(figure.change_share) < TENFOLD:
        by = f"{sign}{charts.percent(abs(figure.change_share))}"
    else:
        by = f"{sign}{number(abs(change))}"
    return by, "up" if change > 0 else "fall", translate(lang, than)


def _note(face: Face, view: Overview, field: str, figure: Figure) -> str:
    lang = face.lang
    if field == "members":
        joined, rate = view.joined.value or 0, view.enrolment.value
        if rate is None:
            return translate_n(lang, N_("{n} joined"), "{n} joined", joined)
        return translate(lang, N_("{joined} joined, {rate}"), joined=number(joined), rate=charts.percent(rate))
    if figure.kind == "share" and figure.part is not None and figure.whole is not None:
        return translate(lang, N_("{part} of {whole}"), part=number(figure.part), whole=number(figure.whole))
    if figure.money is not None and face.brand is not None:
        return translate(lang, N_("worth {amount}"), amount=money(figure.money, face.brand.currency, lang))
    return ""


def _went(figure: Figure, name: str, lang: str) -> str:
    """Return a sparkline in words."""
    known = [mark.value for mark in figure.series if mark.value is not None]
    if not known:
        return ""
    return translate(
        lang,
        N_("{name} over the period: lowest {low}, highest {high}"),
        name=name,
        low=said(figure, min(known)),
        high=said(figure, max(known)),
    )


def _size(figure: Figure) -> str:
    signs = len(said(figure, figure.value))
    return "longest" if signs > LONGEST else "long" if signs > LONG else ""
