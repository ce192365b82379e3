"""Tiers and further tracks: what counts, and rungs that rise."""

from collections.abc import Iterator
from itertools import pairwise

from kizuna.core.errors import N_
from kizuna.program.faults import Fault, Sort, number, use_one_of, warning
from kizuna.program.findings.known import Known
from kizuna.program.messages import Said, say
from kizuna.program.tiers import Downgrade, Tiers, Window
from kizuna.program.units import UnitKind

NOT_FROM_ZERO = Sort(
    "tiers_not_from_zero",
    N_("The first tier “{tier}” begins at {at}, so that a new member has none."),
    N_("Write at: 0; everybody begins there."),
)
NOT_RISING = Sort(
    "tiers_not_rising",
    N_("The tier “{tier}” is reached at {at}, which is not above “{below}” at {below_at}."),
    N_("Write more than {below_at}, or change the sequence of the tiers."),
)
NO_UNIT = Sort(
    "tiers_without_unit",
    N_("The tiers go by points, but not by which."),
    N_("Write unit: and the id of the points that count."),
)
UNKNOWN_UNIT = Sort("unknown_unit", N_("There is no kind of points “{id}”."))
COUNTS_MONEY = Sort(
    "tiers_count_money",
    N_("“{unit}” is money that is paid in: it is not earned, so that no tier can go by it."),
    N_("Let points count that rules give, or write by: spend."),
)
UNIT_UNUSED = Sort(
    "tiers_unit_unused",
    N_("The tiers go by {by}, so that no kind of points counts."),
    N_("Take “unit” away, or write by: points."),
)
NOBODY_RISES = warning(
    "tiers_unit_never_given",
    N_("No rule gives points of the kind “{unit}”, so that nobody rises."),
    N_("Let a rule give them, or let another kind count."),
)
MONTHS_UNUSED = warning(
    "months_unused",
    N_("“months” says how long a rolling window is; this window is not rolling."),
    N_("Take “months” away, or write window: rolling."),
)
GRACE_TOO_LONG = warning(
    "grace_too_long",
    N_("The {grace} days of grace are longer than the window itself: a tier would be kept through several windows."),
    N_("Write {most} days or fewer, or choose a longer window."),
)
NEVER_REVIEWED = warning(
    "tiers_never_reviewed",
    N_("With a window for life a tier is never reviewed, so that “{entry}” does nothing."),
    N_("Take it away, or choose a window that ends."),
)
_DAYS = {Window.CALENDAR_YEAR: 366, Window.CALENDAR_QUARTER: 92, Window.CALENDAR_MONTH: 31}
_BY = {"spend": N_("spend"), "visits": N_("visits")}


def check(known: Known) -> Iterator[Fault]:
    """Find what is wrong with each track."""
    yield from _track(known, "tiers", known.program.tiers)
    for at, track in enumerate(known.program.tracks):
        yield from _track(known, f"tracks.{at}", track)


def _track(known: Known, place: str, tiers: Tiers) -> Iterator[Fault]:
    first = tiers.levels[0]
    if first.at:
        yield NOT_FROM_ZERO.at(f"{place}.levels.0.at", tier=first.name, at=number(first.at))
    for index, (below, level) in enumerate(pairwise(tiers.levels), 1):
        if level.at <= below.at:
            facts: dict[str, Said] = {
                "at": number(level.at),
                "below_at": number(below.at),
                "tier": level.name,
                "below": below.name,
            }
            yield NOT_RISING.at(f"{place}.levels.{index}.at", **facts)
    yield from _counted(known, place, tiers)
    yield from _window(place, tiers)


def _counted(known: Known, place: str, tiers: Tiers) -> Iterator[Fault]:
    if tiers.by != "points":
        if tiers.unit is not None:
            yield UNIT_UNUSED.at(f"{place}.unit", by=say(_BY[tiers.by]))
    elif tiers.unit is None:
        yield NO_UNIT.at(f"{place}.unit")
    elif tiers.unit not in known.units:
        yield UNKNOWN_UNIT.at(f"{place}.unit", use_one_of(tiers.unit, known.units), id=tiers.unit)
    elif known.units[tiers.unit].kind is UnitKind.MONEY:
        yield COUNTS_MONEY.at(f"{place}.unit", unit=known.units[tiers.unit].name)
    elif known.rules and len(tiers.levels) > 1 and all(rule.unit != tiers.unit for _, rule in known.rules):
        yield NOBODY_RISES.at(f"{place}.unit", unit=known.units[tiers.unit].name)


def _window(place: str, tiers: Tiers) -> Iterator[Fault]:
    if tiers.window is not Window.ROLLING and tiers.months != 12:
        yield MONTHS_UNUSED.at(f"{place}.months")
    if tiers.window is Window.LIFETIME:
        if tiers.grace_days:
            yield NEVER_REVIEWED.at(f"{place}.grace_days", entry="grace_days")
        if tiers.downgrade is Downgrade.ONE_STEP:
            yield NEVER_REVIEWED.at(f"{place}.downgrade", entry="downgrade")
        return
    most = _DAYS.get(tiers.window, tiers.months * 31)
    if tiers.grace_days > most:
        yield GRACE_TOO_LONG.at(f"{place}.grace_days", grace=number(tiers.grace_days), most=number(most))
