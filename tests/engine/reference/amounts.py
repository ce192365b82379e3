"""How much a rule gives by its award alone (5): exact fractions, rounded at the very end."""

from fractions import Fraction
from math import ceil, floor

from engine.reference.facts import Facts
from engine.reference.words import Line
from kizuna.program import (
    AMOUNT_MAX,
    Basis,
    Each,
    EarningRule,
    Fixed,
    Multiply,
    OnlyGoods,
    Percent,
    Program,
    Rate,
    Rounding,
    Stamps,
    Times,
)

ITEMS_MAX = 1_000_000


def award(facts: Facts, rule: EarningRule, *goods: OnlyGoods | None) -> tuple[int, int]:
    """The points of a rule's award on this event, and the amount or number that they are reckoned from."""
    goods = (rule.goods, *goods)
    match rule.award:
        case Rate() | Percent():
            bases = amounts(facts, rule.award.basis, rule.award.each, goods)
            rate = _rate(facts.program, rule) * _of_tier(facts, rule.award.by_tier)
            return sum(rounded(basis * rate, rule.award.rounding) for basis in bases), sum(bases)
        case Fixed():
            times = _times(facts, rule.award.each, goods)
            return floor(rule.award.fixed * times * _of_tier(facts, rule.award.by_tier)), times
        case Stamps():
            times = _times(facts, rule.award.each, goods)
            return rule.award.stamps * times, times
        case Multiply():
            (other,) = (one for one in facts.program.rules if one.id == rule.award.rule)
            points, basis = award(facts, other, rule.goods)
            return 0 if not facts.speaks(other) else floor(points * (_fraction(rule.award.multiply) - 1)), basis
    return 0, 0


def plain_amount(facts: Facts, rule: EarningRule) -> int:
    """What counts towards a goal of spend."""
    if isinstance(rule.award, Rate | Percent):
        return sum(amounts(facts, rule.award.basis, rule.award.each, (rule.goods,)))
    return sum(amounts(facts, Basis(), Each.ORDER, (rule.goods,)))


def rounded(exact: Fraction, rounding: Rounding) -> int:
    match rounding:
        case Rounding.DOWN:
            return floor(exact)
        case Rounding.UP:
            return ceil(exact)
        case Rounding.NEAREST:
            return floor(exact + Fraction(1, 2))


def amounts(facts: Facts, basis: Basis, each: Each, goods: tuple[OnlyGoods | None, ...]) -> list[int]:
    """What counts: one amount for the order, or one for each line."""
    basket = facts.basket
    if basket is None:
        return [0]
    without_gifts = basis.gift_cards == "excluded"
    if each is Each.ORDER and not any(goods):
        amount = _value(basket, basis)
        amount += basket.shipping if basis.shipping == "included" else 0
        amount -= sum(_value(line, basis) for line in basket.lines if line.gift_card and without_gifts)
        amount -= min(basket.paid_with_points, basket.amount) if basis.paid_with_points == "excluded" else 0
        return [_bounded(amount)]
    lines = [line for line in facts.counting(*goods) if not (line.gift_card and without_gifts)]
    values = [_value(line, basis) for line in lines]
    if not basket.lines and not any(goods):
        values = [_value(basket, basis)]
    if each is Each.ORDER:
        values = [sum(values)]
    return [_bounded(_after_points(facts, basis, max(0, value))) for value in values]


def _value(of, basis: Basis) -> int:
    return of.amount + (of.discount if basis.discount == "before" else 0) - (of.tax if basis.tax == "excluded" else 0)


def _after_points(facts: Facts, basis: Basis, value: int) -> int:
    amount = facts.basket.amount
    if basis.paid_with_points == "included" or amount == 0:
        return value
    return value - min(facts.basket.paid_with_points, amount) * value // amount


def _bounded(amount: int) -> int:
    return min(max(amount, 0), AMOUNT_MAX)


def _times(facts: Facts, each: Each, goods: tuple[OnlyGoods | None, ...]) -> int:
    if each is Each.ORDER:
        return 1
    if facts.basket is None:
        return 1 if each is Each.LINE else min(max(facts.event.items, 0), ITEMS_MAX)
    if not facts.basket.lines and not any(goods):
        return 1
    lines: list[Line] = facts.counting(*goods)
    times = len(lines) if each is Each.LINE else sum(line.quantity for line in lines)
    return min(max(times, 0), ITEMS_MAX)


def _rate(program: Program, rule: EarningRule) -> Fraction:
    if isinstance(rule.award, Rate):
        return Fraction(rule.award.points, rule.award.per)
    (unit,) = (one for one in program.units if one.id == rule.unit)
    return Fraction(rule.award.percent * unit.worth.points, 100 * unit.worth.amount)


def _of_tier(facts: Facts, by_tier: dict[str, Times]) -> Fraction:
    tier = facts.program.tiers.levels[facts.tier].id
    return _fraction(by_tier[tier]) if tier in by_tier else Fraction(1)


def _fraction(times: Times) -> Fraction:
    return Fraction(times.times, times.over)
