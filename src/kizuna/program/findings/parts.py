"""Units, purposes, types of events, segments, holidays and what may be redeemed."""

from collections.abc import Iterator
from functools import cache

import holidays

from kizuna.core.errors import N_
from kizuna.program.conditions import Segment, leaves
from kizuna.program.events import OCCASIONS, FieldType
from kizuna.program.faults import Fault, Sort, nearest, number, use_one_of, warning
from kizuna.program.findings.known import Known, is_order
from kizuna.program.messages import say
from kizuna.program.units import PendingUntil, UnitKind

NO_HOLIDAYS = Sort("no_holidays_known", N_("The public holidays of “{country}” are not known."))
WAITS_FOR_ORDER = warning(
    "waits_for_an_order",
    N_("“{rule}” gives points of this kind without an order, so there is no delivery that they could wait for."),
    N_("They can be used at once. If they are to wait too, let the points wait a number of days instead."),
)
NEVER_GIVEN = warning(
    "unit_never_given",
    N_("No rule gives points of the kind “{unit}”."),
    N_("Add a rule that gives them, or take this kind away."),
)
NO_RESTRICTION = warning(
    "purpose_allows_all",
    N_("This purpose names no channel and no store, so it restricts nothing."),
    N_("Name the channels or the stores where the points can be used."),
)
SHADOWS = Sort(
    "event_type_known",
    N_("“{type}” is a type of event that every program knows: “{occasion}”."),
    N_("Give your own event another type, or use the one that is there and take this away."),
)
CHOICES_OF_NO_TEXT = Sort(
    "choices_of_no_text",
    N_("Only a text can be one of several words; this field is a number or yes and no."),
    N_("Take “one_of” away, or make the field a text."),
)
SEGMENT_CYCLE = Sort(
    "segment_cycle",
    N_("The segment “{segment}” speaks of itself, here or by way of another segment."),
    N_("Take one of the references away, so that there is a beginning."),
)
MINIMUM_OFF_STEP = warning(
    "minimum_off_step",
    N_("Points are redeemed in steps of {step}, so that a minimum of {minimum} cannot be used."),
    N_("Write {better}, or another multiple of {step}."),
)
NOTHING_TO_REDEEM = warning(
    "nothing_to_redeem",
    N_("No kind of points can be spent, so what is said of redemption does nothing."),
    N_("Make a kind of points that can be spent, or take this part away."),
)


@cache
def _countries() -> frozenset[str]:
    return frozenset(code for code in holidays.list_supported_countries(include_aliases=True) if len(code) == 2)


def check(known: Known) -> Iterator[Fault]:
    """Find what is wrong within the parts that rules speak of."""
    country = known.program.holidays.country
    if country not in _countries():
        near = nearest(country, _countries())
        remedy = use_one_of(country, _countries()) if near else say(N_("Write a country’s two letters, such as JP."))
        yield NO_HOLIDAYS.at("holidays.country", remedy, country=country)
    yield from _units(known)
    for at, purpose in enumerate(known.program.purposes):
        if not purpose.channels and not purpose.stores:
            yield NO_RESTRICTION.at(f"purposes.{at}")
    for at, declared in enumerate(known.program.event_types):
        if declared.type in OCCASIONS:
            title = say(OCCASIONS[declared.type].title)
            yield SHADOWS.at(f"event_types.{at}.type", type=declared.type, occasion=title)
        for index, field in enumerate(declared.fields):
            if field.one_of and field.type is not FieldType.TEXT:
                yield CHOICES_OF_NO_TEXT.at(f"event_types.{at}.fields.{index}.one_of")
    yield from _cycles(known)
    yield from _redemption(known)


def _units(known: Known) -> Iterator[Fault]:
    given = {rule.unit for _, rule in known.rules}
    for at, unit in enumerate(known.program.units):
        if known.rules and unit.id not in given and unit.kind is not UnitKind.MONEY:
            yield NEVER_GIVEN.at(f"units.{at}", unit=unit.name)
        if isinstance(unit.pending, PendingUntil):
            without = [rule for _, rule in known.rules if rule.unit == unit.id and not is_order(rule.event)]
            if without:
                yield WAITS_FOR_ORDER.at(f"units.{at}.pending.until", rule=without[0].name)


def _cycles(known: Known) -> Iterator[Fault]:
    """Find references that lead back to the segment that they stand in."""
    names = {
        id_: {leaf.segment for _, leaf in leaves(segment.condition) if isinstance(leaf, Segment)}
        for id_, segment in known.segments.items()
    }
    reached: dict[str, set[str]] = {}
    for start in names:
        seen: set[str] = set()
        open_ = [start]
        while open_:
            fresh = names.get(open_.pop(), set()) - seen
            seen |= fresh
            open_ += fresh
        reached[start] = seen
    for at, segment in enumerate(known.program.segments):
        for place, leaf in leaves(segment.condition, f"segments.{at}.condition"):
            if isinstance(leaf, Segment) and (
                leaf.segment == segment.id or segment.id in reached.get(leaf.segment, ())
            ):
                yield SEGMENT_CYCLE.at(f"{place}.segment", segment=segment.name)


def _redemption(known: Known) -> Iterator[Fault]:
    asked = known.program.redemption
    if asked.model_fields_set and not any(unit.kind is UnitKind.SPENDABLE for unit in known.program.units):
        yield NOTHING_TO_REDEEM.at("redemption")
    if asked.minimum > 1 and asked.minimum % asked.step:
        better = -(-asked.minimum // asked.step) * asked.step
        facts = {"step": number(asked.step), "minimum": number(asked.minimum), "better": number(better)}
        yield MINIMUM_OFF_STEP.at("redemption.minimum", **facts)
