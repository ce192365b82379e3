"""How a rule came to the points of an entry: reckoned again from what the entry keeps, and held against it. Pure.

An entry does not keep the tier's multiplier nor how often a goal was reached; they follow from what the rule alone gave (`raw`).
"""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from kizuna.program import (
    Each,
    EarningRule,
    Fixed,
    Multiply,
    Percent,
    Program,
    Rate,
    Rounding,
    Stamps,
    Times,
    multiplier,
)
from kizuna.web.views import Reckoning, Words

_PLAIN = Times(times=1)


def reckon(program: Program, rule: EarningRule, basis: int, raw: int) -> Reckoning:
    """Return how `basis` became `raw` by a rule's award."""
    if rule.award is None:
        return Reckoning("none")
    tries = list(_tries(program, rule, basis))
    for made, value in tries:
        if value == raw:
            return made
    if rule.goal is not None:
        for made, value in tries:
            if value and raw % value == 0:
                return replace(made, goals=raw // value)
    return replace(tries[0][0], adds_up=False)


def _tries(program: Program, rule: EarningRule, basis: int) -> Iterator[tuple[Reckoning, int]]:
    """Return the award reckoned without a multiplier, then with each tier's."""
    award = rule.award
    if isinstance(award, Multiply):
        yield from _multiplied(program, award, basis)
        return
    yield _given(program, rule, basis, None, _PLAIN)
    by_tier = getattr(award, "by_tier", {})
    for level in program.tiers.levels:
        if level.id in by_tier:
            name = {"ja": level.name.ja, "en": level.name.en}
            yield _given(program, rule, basis, name, by_tier[level.id])


def _multiplied(program: Program, award: Multiply, basis: int) -> Iterator[tuple[Reckoning, int]]:
    base = next((one for one in program.rules if one.id == award.rule), None)
    if base is None or base.award is None or isinstance(base.award, Multiply):
        yield Reckoning("multiply", times=multiplier(award.multiply), adds_up=False), 0
        return
    by = award.multiply
    name = {"ja": base.name.ja, "en": base.name.en}
    for made, value in _tries(program, base, basis):
        exact = Fraction(value * (by.times - by.over), by.over)
        yield (
            Reckoning(
                "multiply",
                times=multiplier(by),
                rounding=Rounding.DOWN.value,
                exact=(exact.numerator, exact.denominator),
                base=made,
                base_id=base.id,
                base_name=name,
                points=value,
            ),
            exact.numerator // exact.denominator,
        )


def _given(program: Program, rule: EarningRule, basis: int, tier: Words | None, by: Times) -> tuple[Reckoning, int]:
    award, many = rule.award, Fraction(by.times, by.over)
    tier_times = multiplier(by) if tier is not None else ""
    match award:
        case Rate():
            exact = Fraction(basis * award.points, award.per) * many
            made = Reckoning("rate", points=award.points, per=award.per)
        case Percent():
            unit = next((one for one in program.units if one.id == rule.unit), None)
            points, amount = (unit.worth.points, unit.worth.amount) if unit is not None and unit.worth else (1, 1)
            exact = Fraction(basis * award.percent * points, 100 * max(amount, 1)) * many
            made = Reckoning("percent", percent=award.percent, worth_points=points, worth_amount=amount)
        case Fixed():
            exact = Fraction(award.fixed * basis) * many
            made = Reckoning("fixed", points=award.fixed)
        case Stamps():
            exact = Fraction(award.stamps * basis) * many
            made = Reckoning("stamps", points=award.stamps)
        case _:
            return Reckoning("none"), 0
    rounding = getattr(award, "rounding", Rounding.DOWN)
    made = replace(
        made,
        rounding=rounding.value,
        each=getattr(award, "each", Each.ORDER).value,
        tier=tier,
        tier_times=tier_times,
        exact=(exact.numerator, exact.denominator),
    )
    return made, rounded(exact, rounding)


def rounded(exact: Fraction, rounding: Rounding) -> int:
    """Return whole points of an exact value that is not negative."""
    whole, rest = divmod(exact.numerator, exact.denominator)
    match rounding:
        case Rounding.DOWN:
            return whole
        case Rounding.NEAREST:
            return whole + (2 * rest >= exact.denominator)
        case _:
            return whole + (rest > 0)
