"""Awards: each fits its unit and its event, and its arithmetic stays within 63 bits.

The largest basis times the reduced numerator, doubled for rounding to the nearest, has to stay below 2⁶³.
"""

from collections.abc import Iterator
from fractions import Fraction

from kizuna.core.errors import N_
from kizuna.program.base import AMOUNT_MAX, Times
from kizuna.program.faults import Fault, Sort, use_one_of, warning
from kizuna.program.findings.known import Known, is_order
from kizuna.program.rules import (
    AMOUNTS,
    RATE_MAX,
    Campaign,
    Each,
    EarningRule,
    Fixed,
    Multiply,
    Percent,
    Rate,
    Stamps,
)
from kizuna.program.units import Unit, UnitKind

STAMPS_OF_POINTS = Sort(
    "stamps_without_a_card",
    N_("“{unit}” is not a stamp card, so that it takes no stamps."),
    N_("Write fixed: instead of stamps:, or give the stamps to a unit of the kind stamps."),
)
RATE_OF_STAMPS = Sort(
    "rate_into_a_card",
    N_("“{unit}” is a stamp card: stamps are counted, not reckoned from an amount."),
    N_("Write stamps: with a number, or choose another kind of points."),
)
NO_AMOUNT = Sort(
    "award_without_an_amount",
    N_("“{event}” has no amount, so that a share of it is always 0."),
    N_("Write fixed: with a number of points, or let the rule be for order.completed."),
)
EACH_ITEM = Sort(
    "rate_each_item",
    N_("A share of an amount is reckoned for the whole order or for each line, not for each item."),
    N_("Write each: order or each: line; for a sum per item use fixed:."),
)
NO_WORTH = Sort(
    "percent_without_worth",
    N_("A percentage needs to know what a point is worth, and “{unit}” does not say it."),
    N_("Write the worth of “{unit}”, such as worth: points 1, amount 1; or give points per amount."),
)
TOO_MUCH = Sort(
    "rate_too_high",
    N_("This gives more than {most} points for each smallest unit of money."),
    N_("Give fewer points, or raise the amount that they are given for."),
)
OVERFLOW = Sort(
    "rate_overflows",
    N_("Its numbers are too large to be reckoned exactly."),
    N_("Use smaller or rounder numbers in the award, the tier’s multiplier and the worth."),
)
UNKNOWN_TIER = Sort("unknown_tier", N_("There is no tier “{id}”."))
UNKNOWN_RULE = Sort("unknown_rule", N_("There is no rule “{id}”."))
MULTIPLIES_ITSELF = Sort(
    "multiplies_itself", N_("The rule multiplies itself."), N_("Name the rule that gives the points to be multiplied.")
)
MULTIPLIES_NO_RATE = Sort(
    "multiplies_no_rate",
    N_("“{rule}” gives no share of an amount, so that it cannot be multiplied."),
    N_("Name a rule that gives points per amount or a percentage, or give a fixed sum."),
)
MULTIPLIES_GOAL = Sort(
    "multiplies_a_goal",
    N_("“{rule}” pays when its goal is reached, so that it cannot be multiplied on one event."),
    N_("Name a rule without a goal."),
)
OTHER_EVENT = Sort(
    "multiplies_other_event",
    N_("“{rule}” is for the event “{event}”; the two never happen together."),
    N_("Let both rules be for the same event."),
)
OTHER_UNIT = Sort(
    "multiplies_other_unit",
    N_("“{rule}” gives “{unit}”, another kind of points."),
    N_("Let both rules give the same kind of points."),
)
OTHER_TIME = warning(
    "multiplies_at_another_time",
    N_("“{rule}” is over before this one begins, or begins after its end."),
    N_("Let their dates meet, or multiply another rule."),
)
NOT_MORE = Sort(
    "multiplies_by_no_more",
    N_("Multiplying by {times} adds nothing."),
    N_("Write a number above 1, such as times: 2, or times: 3 and over: 2 for 1.5."),
)


def check(known: Known) -> Iterator[Fault]:
    """Find what is wrong with each award."""
    levels = [level.id for level in known.program.tiers.levels]
    for place, rule in known.rules:
        unit, award = known.units.get(rule.unit), rule.award
        at = f"{place}.award"
        if isinstance(award, Rate | Percent | Fixed):
            for tier in award.by_tier:
                if tier not in levels:
                    yield UNKNOWN_TIER.at(f"{at}.by_tier.{tier}", use_one_of(tier, levels), id=tier)
        if isinstance(award, Multiply):
            yield from _multiply(known, at, rule, award)
        if unit is not None:
            yield from _into(at, award, unit)
        if isinstance(award, AMOUNTS):
            yield from _of_amount(known, at, rule)


def _into(place: str, award: object, unit: Unit) -> Iterator[Fault]:
    if isinstance(award, Stamps) and unit.kind is not UnitKind.STAMPS:
        yield STAMPS_OF_POINTS.at(place, unit=unit.name)
    if isinstance(award, AMOUNTS) and unit.kind is UnitKind.STAMPS:
        yield RATE_OF_STAMPS.at(place, unit=unit.name)


def _of_amount(known: Known, place: str, rule: EarningRule) -> Iterator[Fault]:
    award, unit = rule.award, known.units.get(rule.unit)
    assert isinstance(award, Rate | Percent)  # noqa: S101 - the caller's own condition
    if rule.event in known.events and not is_order(rule.event):
        yield NO_AMOUNT.at(place, event=known.event_name(rule.event))
    if award.each is Each.ITEM:
        yield EACH_ITEM.at(f"{place}.each")
    exact = share(award, unit)
    if exact is None:
        if unit is not None:
            yield NO_WORTH.at(place, unit=unit.name)
        return
    if exact > RATE_MAX:
        yield TOO_MUCH.at(place, most=str(RATE_MAX))
    elif any(_overflows(exact * factor(times)) for times in (Times(times=1), *award.by_tier.values())):
        yield OVERFLOW.at(place)


def share(award: Rate | Percent, unit: Unit | None) -> Fraction | None:
    """Return points per minor unit, exactly; None for a percentage of a unit without worth."""
    if isinstance(award, Rate):
        return Fraction(award.points, award.per)
    if unit is None or unit.worth is None or not unit.worth.amount:
        return None
    return Fraction(award.percent * unit.worth.points, 100 * unit.worth.amount)


def factor(times: Times) -> Fraction:
    """Return a multiplier exactly."""
    return Fraction(times.times, times.over)


def _overflows(exact: Fraction) -> bool:
    return 2 * AMOUNT_MAX * exact.numerator + 2 * exact.denominator >= 2**63


def _multiply(known: Known, place: str, rule: EarningRule, award: Multiply) -> Iterator[Fault]:
    if factor(award.multiply) <= 1:
        text = (
            str(award.multiply.times) if award.multiply.over == 1 else f"{award.multiply.times}/{award.multiply.over}"
        )
        yield NOT_MORE.at(f"{place}.multiply", times=text)
    base = known.rule_of.get(award.rule)
    at = f"{place}.rule"
    if base is None:
        yield UNKNOWN_RULE.at(at, use_one_of(award.rule, known.rule_of), id=award.rule)
        return
    if award.rule == rule.id:
        yield MULTIPLIES_ITSELF.at(at)
        return
    if base.event != rule.event and base.event in known.events:
        yield OTHER_EVENT.at(at, rule=base.name, event=known.event_name(base.event))
    if base.unit != rule.unit and base.unit in known.units:
        yield OTHER_UNIT.at(at, rule=base.name, unit=known.units[base.unit].name)
    if not isinstance(base.award, AMOUNTS):
        yield MULTIPLIES_NO_RATE.at(at, rule=base.name)
    elif base.goal is not None:
        yield MULTIPLIES_GOAL.at(at, rule=base.name)
    if not meet(base, rule):
        yield OTHER_TIME.at(at, rule=base.name)


def meet(one: EarningRule, other: EarningRule) -> bool:
    """Whether there is a day on which both rules may speak."""
    if isinstance(one, Campaign) and isinstance(other, Campaign):
        return one.starts <= other.ends and other.starts <= one.ends
    return True
