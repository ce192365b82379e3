"""The fact catalogue: what conditions may speak of, of which type, and whose fact it is.

A fact of the time or of the order needs only the event; a fact of the member is what was true just before the event.
`facts_of(program, event)` is everything that may be asked on an event of that type, the brand's own fields included.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from kizuna.core.errors import N_
from kizuna.program.conditions import Is
from kizuna.program.events import OCCASIONS, ORDER_COMPLETED, FieldType
from kizuna.program.journey import Stage
from kizuna.program.model import Program
from kizuna.program.tiers import TierLevel


class FactType(StrEnum):
    """What a value is."""

    NUMBER = "number"
    MONEY = "money"
    TEXT = "text"
    FLAG = "flag"
    DATE = "date"
    SET = "set"
    RANK = "rank"
    """A tier or a stage: an id whose order is the document's."""


class Scope(StrEnum):
    """What has to be known to tell the fact."""

    TIME = "time"
    ORDER = "order"
    EVENT = "event"
    MEMBER = "member"


_ORDERED = (Is.EQUALS, Is.DIFFERS, Is.AT_LEAST, Is.AT_MOST, Is.ABOVE, Is.BELOW, Is.ONE_OF, Is.NONE_OF)
_NAMED = (Is.EQUALS, Is.DIFFERS, Is.ONE_OF, Is.NONE_OF)
COMPARISONS: dict[FactType, tuple[Is, ...]] = {
    FactType.NUMBER: _ORDERED,
    FactType.MONEY: _ORDERED,
    FactType.DATE: _ORDERED,
    FactType.TEXT: _NAMED,
    FactType.FLAG: (Is.EQUALS,),
    FactType.SET: (Is.ONE_OF, Is.NONE_OF),
    FactType.RANK: (Is.EQUALS, Is.DIFFERS, Is.AT_LEAST, Is.AT_MOST, Is.ONE_OF, Is.NONE_OF),
}
"""Which comparisons each type allows. `one_of` and `none_of` take a list, the others one value."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact of the catalogue. `choices` are the only values it has; empty where any may stand."""

    name: str
    type: FactType
    scope: Scope
    title: str
    choices: tuple[str | int, ...] = ()


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TIME = (
    Fact("time.date", FactType.DATE, Scope.TIME, N_("Date")),
    Fact("time.weekday", FactType.TEXT, Scope.TIME, N_("Day of the week"), WEEKDAYS),
    Fact("time.hour", FactType.NUMBER, Scope.TIME, N_("Hour (0–23)")),
    Fact("time.day_of_month", FactType.NUMBER, Scope.TIME, N_("Day of the month")),
    Fact("time.month", FactType.NUMBER, Scope.TIME, N_("Month (1–12)")),
    Fact("time.is_holiday", FactType.FLAG, Scope.TIME, N_("Public holiday")),
    Fact("event.channel", FactType.TEXT, Scope.EVENT, N_("Channel")),
    Fact("event.store", FactType.TEXT, Scope.EVENT, N_("Store")),
)
_ORDER = (
    Fact("order.amount", FactType.MONEY, Scope.ORDER, N_("Order amount")),
    Fact("order.items", FactType.NUMBER, Scope.ORDER, N_("Number of items")),
    Fact("order.discount", FactType.MONEY, Scope.ORDER, N_("Discount")),
    Fact("order.shipping", FactType.MONEY, Scope.ORDER, N_("Shipping")),
    Fact("order.paid_with_points", FactType.MONEY, Scope.ORDER, N_("Part paid with points")),
    Fact("order.sku", FactType.SET, Scope.ORDER, N_("Item numbers in the order")),
    Fact("order.category", FactType.SET, Scope.ORDER, N_("Categories in the order")),
    Fact("order.brand", FactType.SET, Scope.ORDER, N_("Brands in the order")),
    Fact("order.tag", FactType.SET, Scope.ORDER, N_("Tags in the order")),
)
_MEMBER = (
    Fact("member.tier", FactType.RANK, Scope.MEMBER, N_("Tier")),
    Fact("member.stage", FactType.RANK, Scope.MEMBER, N_("Stage of the journey")),
    Fact("member.orders", FactType.NUMBER, Scope.MEMBER, N_("Orders so far")),
    Fact("member.spend", FactType.MONEY, Scope.MEMBER, N_("Spend so far")),
    Fact("member.days_since_order", FactType.NUMBER, Scope.MEMBER, N_("Days since the last order")),
    Fact("member.days_since_joining", FactType.NUMBER, Scope.MEMBER, N_("Days since joining")),
    Fact("member.is_birthday_month", FactType.FLAG, Scope.MEMBER, N_("Birthday month")),
    Fact("member.is_birthday", FactType.FLAG, Scope.MEMBER, N_("Birthday")),
    Fact("member.is_referred", FactType.FLAG, Scope.MEMBER, N_("Came by a referral")),
)
_FIELD_TYPE = {FieldType.NUMBER: FactType.NUMBER, FieldType.TEXT: FactType.TEXT, FieldType.FLAG: FactType.FLAG}


def member_facts(program: Program) -> dict[str, Fact]:
    """Return the facts that a segment or an audience may speak of, with this program's tiers, tracks and stages."""
    facts = {fact.name: fact for fact in _MEMBER}
    tier = facts["member.tier"]
    facts["member.tier"] = Fact(tier.name, tier.type, tier.scope, tier.title, _ids(program.tiers.levels))
    for track in program.tracks:
        name = f"member.track.{track.id}"
        facts[name] = Fact(name, FactType.RANK, Scope.MEMBER, tier.title, _ids(track.levels))
    stage = facts["member.stage"]
    if program.journey is None:
        del facts["member.stage"]
    else:
        stages = _ids(program.journey.stages)
        facts["member.stage"] = Fact(stage.name, stage.type, stage.scope, stage.title, stages)
    return facts


def facts_of(program: Program, event: str) -> dict[str, Fact]:
    """Return every fact that a rule on events of this type may speak of."""
    facts = {fact.name: fact for fact in (*_TIME, *(_ORDER if event == ORDER_COMPLETED else ()))}
    known = OCCASIONS.get(event)
    fields: dict[str, tuple[FieldType, tuple[str, ...]]] = (
        {name: (type_, ()) for name, type_ in known.fields.items()} if known else {}
    )
    for declared in program.event_types:
        if declared.type == event:
            fields |= {one.id: (one.type, tuple(one.one_of)) for one in declared.fields}
    for name, (type_, choices) in fields.items():
        fact = f"event.{name}"
        if fact not in facts:
            facts[fact] = Fact(fact, _FIELD_TYPE[type_], Scope.EVENT, name, choices)
    return facts | member_facts(program)


def _ids(rungs: Iterable[TierLevel | Stage]) -> tuple[str, ...]:
    return tuple(one.id for one in rungs)
