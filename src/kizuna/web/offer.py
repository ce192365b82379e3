"""What the program in force offers, as the faces for members and for anybody read it: plain data and exact arithmetic. Pure.

Amounts are minor units of the brand's currency, points integers. An order earns by every rule, each rounded on its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from kizuna.engine import Plan
from kizuna.program import AMOUNT_MAX, AfterDays, Text
from kizuna.web.views import Words

BY_YEAR, KEPT_NEXT = "calendar_year", "next_window"


@dataclass(frozen=True, slots=True)
class RuleView:
    """One rule: `points` for every `per`, the fraction rounded "down", "nearest" or "up", once per order."""

    id: str
    name: Words
    points: int
    per: int
    rounding: str

    def earns(self, amount: int) -> int:
        """Return the points of an order of `amount`."""
        times, rest = divmod(amount * self.points, self.per)
        match self.rounding:
            case "down":
                return times
            case "nearest":
                return times + (2 * rest >= self.per)
            case _:
                return times + (rest > 0)


@dataclass(frozen=True, slots=True)
class RungView:
    """One tier: reached when the spend that counts is at least `at`."""

    id: str
    name: Words
    rank: int
    at: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A program as a member meets it. `days` is how long points can be used, None for ever."""

    version: int
    name: Words
    unit_name: Words
    rules: Sequence[RuleView]
    rungs: Sequence[RungView]
    window: str
    held: str
    days: int | None
    minimum: int
    step: int
    joins_by_buying: bool

    @property
    def by_year(self) -> bool:
        """Whether spend counts within a calendar year, not over a life."""
        return self.window == BY_YEAR

    @property
    def kept_next(self) -> bool:
        """Whether a tier is kept to the end of the next window."""
        return self.held == KEPT_NEXT

    @property
    def least(self) -> int:
        """The smallest sum that may be redeemed: at least the minimum, in whole steps."""
        return -(-self.minimum // self.step) * self.step

    def earns(self, amount: int) -> int:
        """Return the points of an order of `amount`."""
        return sum(rule.earns(amount) for rule in self.rules)

    def spend_for(self, points: int) -> int | None:
        """Return the smallest order that earns at least `points`, None when none does."""
        if points <= 0:
            return 0
        if self.earns(AMOUNT_MAX) < points:
            return None
        low, high = 0, AMOUNT_MAX
        while high - low > 1:  # `earns` never falls as the amount grows
            middle = (low + high) // 2
            low, high = (low, middle) if self.earns(middle) >= points else (middle, high)
        return high

    def redeemable(self, balance: int) -> int:
        """Return the largest sum that may be redeemed of `balance`, 0 when none may be."""
        most = balance // self.step * self.step
        return most if most >= self.least else 0

    def example_amounts(self, digits: int) -> Sequence[int]:
        """Return two round amounts that earn a few and many points; empty where nothing is earned."""
        first = self.spend_for(10)
        if first is None:
            return ()
        few = round_up(first, digits)
        return (few, few * 3)


def round_up(amount: int, digits: int) -> int:
    """Return the next amount that one says easily: 1, 2, 3 or 5 with zeros behind, in whole units of the currency."""
    power: int = 10**digits
    while power * 10 <= amount:
        power *= 10
    return next(said for said in (power, 2 * power, 3 * power, 5 * power, 10 * power) if said >= amount)


def year_end(today: date) -> date:
    """Return the last day of the calendar year that spend counts in."""
    return date(today.year, 12, 31)


@lru_cache(maxsize=64)
def offer_of(plan: Plan) -> Offer:
    """Return what a plan offers."""
    program = plan.program
    unit = program.units[0]
    return Offer(
        version=plan.version,
        name=_words(program.name),
        unit_name=_words(unit.name),
        rules=[
            RuleView(rule.id, _words(rule.name), rule.award.points, rule.award.per, rule.award.rounding.value)
            for rule in program.earning_rules
        ],
        rungs=[
            RungView(level.id, _words(level.name), rank, level.at) for rank, level in enumerate(program.tiers.levels)
        ],
        window=program.tiers.window.value,
        held=program.tiers.held.value,
        days=unit.expiry.after_days if isinstance(unit.expiry, AfterDays) else None,
        minimum=program.redemption.minimum,
        step=program.redemption.step,
        joins_by_buying=program.unknown_member == "create",
    )


def _words(text: Text) -> Words:
    return {"ja": text.ja, "en": text.en}
