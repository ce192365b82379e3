"""Conditions in words: every tree as a clause, and what a rule's sentence begins with, taken apart into when, who and what. Pure."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from kizuna.core.errors import N_
from kizuna.program.base import Text
from kizuna.program.conditions import All, AnyOf, Compare, Condition, Is, Not, Segment
from kizuna.program.events import ORDER_COMPLETED
from kizuna.program.facts import Fact as Known
from kizuna.program.facts import FactType, facts_of
from kizuna.program.messages import Listed, Message, Money, Said, either, n_, say, values
from kizuna.program.model import Program

_WEEKDAYS = {
    "monday": N_("Monday"),
    "tuesday": N_("Tuesday"),
    "wednesday": N_("Wednesday"),
    "thursday": N_("Thursday"),
    "friday": N_("Friday"),
    "saturday": N_("Saturday"),
    "sunday": N_("Sunday"),
}
_ON_WEEKDAYS = {
    "monday": N_("Mondays"),
    "tuesday": N_("Tuesdays"),
    "wednesday": N_("Wednesdays"),
    "thursday": N_("Thursdays"),
    "friday": N_("Fridays"),
    "saturday": N_("Saturdays"),
    "sunday": N_("Sundays"),
}
_IS = {
    Is.EQUALS: N_("{fact} is {value}"),
    Is.DIFFERS: N_("{fact} is not {value}"),
    Is.AT_LEAST: N_("{fact} is at least {value}"),
    Is.AT_MOST: N_("{fact} is at most {value}"),
    Is.ABOVE: N_("{fact} is above {value}"),
    Is.BELOW: N_("{fact} is below {value}"),
    Is.ONE_OF: N_("{fact} is {value}"),
    Is.NONE_OF: N_("{fact} is none of {value}"),
}
_DATE_IS = {Is.AT_LEAST: N_("{fact} is {value} or later"), Is.AT_MOST: N_("{fact} is {value} or earlier")}
_HAS = {Is.ONE_OF: N_("{fact} include {value}"), Is.NONE_OF: N_("{fact} do not include {value}")}
_FLAGS = {
    "time.is_holiday": (N_("it is a public holiday"), N_("it is no public holiday")),
    "event.has_photo": (N_("it has a photo"), N_("it has no photo")),
    "member.is_birthday": (N_("it is the birthday"), N_("it is not the birthday")),
    "member.is_birthday_month": (N_("it is the birthday month"), N_("it is not the birthday month")),
    "member.is_referred": (N_("the member came by a referral"), N_("the member did not come by a referral")),
}
_SHORT = {
    "time.hour": N_("hour"),
    "time.month": N_("month"),
    "time.date": N_("date"),
    "time.weekday": N_("day of the week"),
    "time.day_of_month": N_("day of the month"),
    "member.tier": N_("tier"),
    "member.stage": N_("stage of the journey"),
    "event.channel": N_("channel"),
    "event.store": N_("store"),
    "order.amount": N_("order amount"),
    "order.items": N_("number of items"),
    "order.discount": N_("discount"),
    "order.shipping": N_("shipping"),
    "order.paid_with_points": N_("part paid with points"),
    "order.sku": N_("item numbers in the order"),
    "order.category": N_("categories in the order"),
    "order.brand": N_("brands in the order"),
    "order.tag": N_("tags in the order"),
    "event.product": N_("product"),
    "event.rating": N_("stars"),
    "event.length": N_("length of the text"),
    "event.network": N_("network"),
    "event.side": N_("side of the referral"),
    "event.years": N_("years"),
    "event.action": N_("action"),
    "event.count": N_("count"),
    "event.kind": N_("kind of feedback"),
    "member.orders": N_("orders so far"),
    "member.spend": N_("spend so far"),
    "member.days_since_order": N_("days since the last order"),
    "member.days_since_joining": N_("days since joining"),
}


@dataclass(slots=True)
class Parts:
    """A condition taken apart for a rule's sentence: when and where it is, whose it is, and of which orders."""

    when: list[Message] = field(default_factory=list)
    who: list[Message] = field(default_factory=list)
    order: list[Message] = field(default_factory=list)


def condition(program: Program, tree: Condition, event: str = ORDER_COMPLETED) -> Message:  # noqa: PLR0911 - one for each kind
    """Return a tree as one clause: "tier is at least Silver and hour is at least 18"."""
    match tree:
        case All():
            if not tree.all:
                return say(N_("always"))
            return _joined(program, tree.all, event, N_("{one}, and {other}"))
        case AnyOf():
            if not tree.any:
                return say(N_("never"))
            return _joined(program, tree.any, event, N_("{one}, or {other}"))
        case Not():
            return say(N_("not ({clause})"), clause=condition(program, tree.not_, event))
        case Segment():
            return say(N_("the member belongs to “{segment}”"), segment=_segment(program, tree.segment))
        case _:
            return _compared(program, tree, event)


def _joined(program: Program, parts: Sequence[Condition], event: str, glue: str) -> Message:
    if len(parts) == 1:
        return condition(program, parts[0], event)
    told: list[Said] = [
        say(N_("({clause})"), clause=condition(program, part, event))
        if isinstance(part, All | AnyOf) and len(part.all if isinstance(part, All) else part.any) > 1
        else condition(program, part, event)
        for part in parts
    ]
    return say(N_("{clauses}"), clauses=Listed(tuple(told), glue, glue))


def _compared(program: Program, leaf: Compare, event: str) -> Message:
    known = facts_of(program, event).get(leaf.fact)
    if leaf.fact in _FLAGS and isinstance(leaf.value, bool):
        return say(_FLAGS[leaf.fact][0 if leaf.value else 1])
    title: Said = leaf.fact.partition(".")[2]
    if leaf.fact.startswith("member.track."):
        title = _track(program, leaf.fact)
    elif any(one.type == event for one in program.event_types) and leaf.fact.startswith("event."):
        title = _field(program, leaf.fact, event)
    elif leaf.fact in _SHORT:
        title = say(_SHORT[leaf.fact])
    if isinstance(leaf.value, bool):
        return say(N_("{fact}: yes") if leaf.value else N_("{fact}: no"), fact=title)
    type_ = known.type if known else FactType.TEXT
    forms = {**_IS, **(_DATE_IS if type_ is FactType.DATE else _HAS if type_ is FactType.SET else {})}
    return say(forms[leaf.is_], fact=title, value=_value(program, leaf, known))


def _value(program: Program, leaf: Compare, known: Known | None) -> Said:
    if isinstance(leaf.value, list):
        return values(one_value(program, leaf.fact, one, known) for one in leaf.value)
    return one_value(program, leaf.fact, leaf.value, known)


def one_value(program: Program, fact: str, value: int | str, known: Known | None = None) -> Said:
    """Return a value of a fact as it is said: money as money, a tier by its name, a date as a day."""
    if isinstance(value, bool):
        return say(N_("yes") if value else N_("no"))
    if isinstance(value, int):
        return Money(value) if known is not None and known.type is FactType.MONEY else value
    if fact == "time.weekday" and value in _WEEKDAYS:
        return say(_WEEKDAYS[value])
    if known is not None and known.type is FactType.DATE:
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            return value
    named = _rank(program, fact, value)
    return named if named is not None else value


def _rank(program: Program, fact: str, value: str) -> Text | None:
    if fact == "member.tier":
        return next((level.name for level in program.tiers.levels if level.id == value), None)
    if fact == "member.stage" and program.journey is not None:
        return next((stage.name for stage in program.journey.stages if stage.id == value), None)
    for track in program.tracks:
        if fact == f"member.track.{track.id}":
            return next((level.name for level in track.levels if level.id == value), None)
    return None


def _track(program: Program, fact: str) -> Said:
    return next((track.name for track in program.tracks if fact == f"member.track.{track.id}"), fact)


def _field(program: Program, fact: str, event: str) -> Said:
    name = fact.partition(".")[2]
    declared = next((one for one in program.event_types if one.type == event), None)
    fallback: Said = say(_SHORT[fact]) if fact in _SHORT else name
    return next((one.name for one in declared.fields if one.id == name), fallback) if declared else fallback


def _segment(program: Program, segment: str) -> Said:
    return next((one.name for one in program.segments if one.id == segment), segment)


def parts_of(program: Program, tree: Condition | None, event: str) -> Parts:
    """Take a condition apart: what is common has its own turn of phrase, all else stands as a clause of its own."""
    parts = Parts()
    for leaf in tree.all if isinstance(tree, All) else [tree] if tree is not None else []:
        _place(program, leaf, event, parts)
    return parts


def audience(program: Program, tree: Condition | None) -> list[Message]:
    """Return whose a campaign is, as one says it of members."""
    if tree is None:
        return []
    told: list[Message] = []
    for leaf in tree.all if isinstance(tree, All) else [tree]:
        parts = Parts()
        _place(program, leaf, "", parts)
        told += parts.who or [say(N_("where {clause}"), clause=condition(program, leaf, ""))]
    return told


def _place(program: Program, leaf: Condition, event: str, parts: Parts) -> None:
    if isinstance(leaf, All):
        for part in leaf.all:
            _place(program, part, event, parts)
        return
    if isinstance(leaf, Segment):
        parts.who.append(say(N_("of “{segment}”"), segment=_segment(program, leaf.segment)))
        return
    if isinstance(leaf, Compare):
        for told, place in ((_when(leaf), parts.when), (_who(program, leaf), parts.who), (_order(leaf), parts.order)):
            if told is not None:
                place.append(told)
                return
    parts.when.append(say(N_("when {clause}"), clause=condition(program, leaf, event)))


def _when(leaf: Compare) -> Message | None:  # noqa: PLR0911, C901 - one return for each turn of phrase
    fact, is_, value = leaf.fact, leaf.is_, leaf.value
    listed = value if isinstance(value, list) else [value]
    if is_ in {Is.EQUALS, Is.ONE_OF}:
        match fact:
            case "time.weekday" if all(one in _ON_WEEKDAYS for one in listed):
                return say(N_("on {days}"), days=values(say(_ON_WEEKDAYS[str(one)]) for one in listed))
            case "time.is_holiday" if value is True:
                return say(N_("on public holidays"))
            case "time.day_of_month":
                return say(N_("on day {days} of the month"), days=either(str(one) for one in listed))
            case "time.month":
                return say(N_("in month {months}"), months=either(str(one) for one in listed))
            case "event.store":
                return say(N_("at {stores}"), stores=values(str(one) for one in listed))
            case "event.channel":
                return say(N_("through {channels}"), channels=values(str(one) for one in listed))
    if fact == "time.hour" and isinstance(value, int):
        if is_ is Is.AT_LEAST:
            return say(N_("from {hour}:00 on"), hour=str(value))
        if is_ is Is.BELOW:
            return say(N_("before {hour}:00"), hour=str(value))
    return None


def _who(program: Program, leaf: Compare) -> Message | None:  # noqa: PLR0911, C901 - as above
    fact, is_, value = leaf.fact, leaf.is_, leaf.value
    listed = value if isinstance(value, list) else [value]
    match fact, is_:
        case "member.tier", Is.AT_LEAST:
            return say(N_("{tier} and up"), tier=one_value(program, fact, str(value)))
        case "member.tier", Is.EQUALS | Is.ONE_OF:
            return say(N_("{tiers} only"), tiers=values(one_value(program, fact, str(one)) for one in listed))
        case "member.stage", Is.EQUALS | Is.ONE_OF:
            return say(N_("at “{stages}”"), stages=values(one_value(program, fact, str(one)) for one in listed))
        case "member.is_birthday_month", _ if value is True:
            return say(N_("in the birthday month"))
        case "member.is_birthday", _ if value is True:
            return say(N_("on the birthday"))
        case "member.is_referred", _ if value is True:
            return say(N_("brought by a friend"))
        case "member.orders", Is.EQUALS if value == 0:
            return say(N_("before the first purchase"))
        case "member.orders", Is.AT_LEAST if isinstance(value, int):
            return n_("with {n} purchase or more", "with {n} purchases or more", value)
        case "member.days_since_order", Is.AT_LEAST if isinstance(value, int):
            return n_("after {n} day without a purchase", "after {n} days without a purchase", value)
        case "member.days_since_joining", Is.AT_MOST if isinstance(value, int):
            return n_("within {n} day of joining", "within {n} days of joining", value)
    return None


def _order(leaf: Compare) -> Message | None:
    if leaf.fact == "order.amount" and isinstance(leaf.value, int) and leaf.is_ is Is.AT_LEAST:
        return say(N_("of {amount} or more"), amount=Money(leaf.value))
    if leaf.fact == "order.items" and isinstance(leaf.value, int) and leaf.is_ is Is.AT_LEAST:
        return n_("of {n} item or more", "of {n} items or more", leaf.value)
    return None
