"""Rules: what they name is there, and what they count can be counted."""

from collections.abc import Iterator

from kizuna.core.errors import N_
from kizuna.program.base import Within
from kizuna.program.faults import Fault, Sort, shown, use_one_of, warning
from kizuna.program.findings.known import REFERRAL_QUALIFIED, Known, is_order
from kizuna.program.findings.standings import UNKNOWN_UNIT
from kizuna.program.messages import say
from kizuna.program.rules import (
    Different,
    DifferentGoal,
    EarningRule,
    Goods,
    Limit,
    OnReturn,
    Per,
    SpendGoal,
)
from kizuna.program.units import AfterIdle, UnitKind

UNKNOWN_EVENT = Sort("unknown_event", N_("There is no type of event “{event}”."))
NOT_DECLARED = N_("Use a type that is there, or declare your own among event_types.")
NO_REFERRAL = Sort(
    "no_referral_offer",
    N_("Nobody can qualify: the program says nothing of when somebody counts as brought."),
    N_("Add “referral” with the event by which a friend counts, or take this rule away."),
)
UNKNOWN_GROUP = Sort("unknown_group", N_("There is no group “{id}”."))
UNKNOWN_PURPOSE = Sort("unknown_purpose", N_("There is no purpose “{id}”."))
NEVER_SPENT = Sort(
    "purpose_of_unspendable",
    N_("Points of the kind “{unit}” are never spent, so that a purpose has nothing to restrict."),
    N_("Take “only_for” away, or give points that can be spent."),
)
IDLE_NOT_THE_UNITS = Sort(
    "idle_expiry_of_a_rule",
    N_("Only a whole kind of points can lapse by idleness, and “{unit}” does not lapse after {days} days of it."),
    N_("Say it in the expiry of the kind of points itself, and take it away here."),
)
NO_GOODS = Sort(
    "goods_without_an_order",
    N_("“{event}” has no goods."),
    N_("Take “goods” away, or let the rule be for order.completed."),
)
GOODS_OF_ALL = warning(
    "goods_name_nothing",
    N_("No goods are named, so that all goods count, and orders without lines give nothing."),
    N_("Name goods, or take “goods” away."),
)
GOODS_BOTH = warning(
    "goods_in_and_out",
    N_("“{value}” is among the goods that count and among those that do not; it does not count."),
    N_("Take it away in one of the two places."),
)
GOAL_WITHOUT_AMOUNT = Sort(
    "goal_without_an_amount",
    N_("“{event}” has no amount that could add up."),
    N_("Let the goal count events instead, or let the rule be for order.completed."),
)
GOAL_WITHOUT_GOODS = Sort(
    "goal_without_goods",
    N_("“{event}” has no goods that could differ."),
    N_("Let stores or channels differ instead, or let the rule be for order.completed."),
)
LIMIT_OF_WHAT = Sort(
    "limit_of_nothing",
    N_("The limit does not say how much: neither points nor times."),
    N_("Write points: or times: with a number."),
)
LIMIT_OF_BOTH = Sort(
    "limit_of_both",
    N_("The limit says both points and times."),
    N_("Keep one of them; write a second limit for the other."),
)
EVENT_TIMES = Sort(
    "limit_times_of_an_event",
    N_("One event happens once, so that “times” limits nothing."),
    N_("Write points:, or limit per: member."),
)
EVENT_WITHIN = Sort(
    "limit_within_of_an_event",
    N_("One event has no stretch of time."),
    N_("Take “within” away, or limit per: member."),
)
LIMIT_TWICE = Sort(
    "limit_twice",
    N_("The same limit stands above already."),
    N_("Keep the lower one of the two, or give them different stretches of time."),
)
KEEP_WITHOUT_GOAL = warning(
    "keep_without_goal",
    N_("Only what a goal has paid can be left alone after a return; this rule has no goal."),
    N_("Take “on_return” away, or give the rule a goal."),
)


def check(known: Known) -> Iterator[Fault]:
    """Find what is wrong with each rule, its award aside."""
    for place, rule in known.rules:
        yield from _names(known, place, rule)
        yield from _lot(known, place, rule)
        yield from _goods(known, place, rule)
        yield from _goal(known, place, rule)
        for at, limit in enumerate(rule.limits):
            yield from _limit(f"{place}.limits.{at}", limit, rule.limits[:at])


def event_faults(known: Known, place: str, event: str) -> Iterator[Fault]:
    """Find a type of event that is not there."""
    if event not in known.events:
        remedy = use_one_of(event, known.events)
        if "near" not in remedy.facts:
            remedy = say(NOT_DECLARED)
        yield UNKNOWN_EVENT.at(place, remedy, event=event)


def _names(known: Known, place: str, rule: EarningRule) -> Iterator[Fault]:
    yield from event_faults(known, f"{place}.event", rule.event)
    if rule.event == REFERRAL_QUALIFIED and known.program.referral is None:
        yield NO_REFERRAL.at(f"{place}.event")
    if rule.unit not in known.units:
        yield UNKNOWN_UNIT.at(f"{place}.unit", use_one_of(rule.unit, known.units), id=rule.unit)
    groups = [group.id for group in known.program.groups]
    if rule.group is not None and rule.group not in groups:
        yield UNKNOWN_GROUP.at(f"{place}.group", use_one_of(rule.group, groups), id=rule.group)


def _lot(known: Known, place: str, rule: EarningRule) -> Iterator[Fault]:
    unit, lot = known.units.get(rule.unit), rule.lot
    purposes = [purpose.id for purpose in known.program.purposes]
    if lot.only_for is not None and lot.only_for not in purposes:
        yield UNKNOWN_PURPOSE.at(f"{place}.lot.only_for", use_one_of(lot.only_for, purposes), id=lot.only_for)
    if unit is None:
        return
    if lot.only_for is not None and unit.kind is not UnitKind.SPENDABLE:
        yield NEVER_SPENT.at(f"{place}.lot.only_for", unit=unit.name)
    if isinstance(lot.expiry, AfterIdle) and lot.expiry != unit.expiry:
        yield IDLE_NOT_THE_UNITS.at(f"{place}.lot.expiry", unit=unit.name, days=lot.expiry.after_idle_days)


def _goods(known: Known, place: str, rule: EarningRule) -> Iterator[Fault]:
    goods = rule.goods
    if goods is None:
        return
    if rule.event in known.events and not is_order(rule.event):
        yield NO_GOODS.at(f"{place}.goods", event=known.event_name(rule.event))
    if not any(getattr(part, name) for part in (goods, goods.but_not) for name in Goods.model_fields):
        yield GOODS_OF_ALL.at(f"{place}.goods")
    for name in Goods.model_fields:
        both = set(getattr(goods, name)).intersection(getattr(goods.but_not, name))
        if both:
            yield GOODS_BOTH.at(f"{place}.goods.but_not.{name}", value=shown(min(both)))


def _goal(known: Known, place: str, rule: EarningRule) -> Iterator[Fault]:
    if rule.goal is None:
        if rule.on_return is OnReturn.KEEP:
            yield KEEP_WITHOUT_GOAL.at(f"{place}.on_return")
        return
    if rule.event not in known.events or is_order(rule.event):
        return
    event = known.event_name(rule.event)
    if isinstance(rule.goal, SpendGoal):
        yield GOAL_WITHOUT_AMOUNT.at(f"{place}.goal", event=event)
    if isinstance(rule.goal, DifferentGoal) and rule.goal.of not in {Different.STORE, Different.CHANNEL}:
        yield GOAL_WITHOUT_GOODS.at(f"{place}.goal.of", event=event)


def _limit(place: str, limit: Limit, before: list[Limit]) -> Iterator[Fault]:
    if limit.points is None and limit.times is None:
        yield LIMIT_OF_WHAT.at(place)
    elif limit.points is not None and limit.times is not None:
        yield LIMIT_OF_BOTH.at(place)
    if limit.per is Per.EVENT:
        if limit.times is not None:
            yield EVENT_TIMES.at(f"{place}.times")
        if limit.within is not Within.EVER:
            yield EVENT_WITHIN.at(f"{place}.within")
    if _slot(limit) in {_slot(one) for one in before}:
        yield LIMIT_TWICE.at(place)


def _slot(limit: Limit) -> tuple[object, ...]:
    """Return what the engine remembers a limit by."""
    return limit.per, limit.within, limit.points is None
