"""The reference evaluator: what a program means, said slowly. One event at a time, exact fractions, no columns.

Written from the meaning of the document, not from the engine, so that a mistake in one shows in the other:

- An event first touches the pocket: lots whose last day is over lapse, soonest first.
- An order is counted, then every rule awards `points` per `per` minor units, rounded once; a half rounds up to the nearest.
- A lot made on day d may be spent through day d + after_days − 1. Lots with the same last day are one lot.
- A redemption is granted whole or refused whole: first the sum itself is checked (minimum, then step), then the pocket.
  It takes what expires soonest.
- Spend of the latest calendar year with an order and of the year before it is remembered, and that of a lifetime. State
  advances in the order in which events arrive, whatever their days.
- A rung is reached by the spend in the window of the event's day; held into the next window, also by that of the window before.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from math import ceil, floor

from kizuna.core.days import DAY_NEVER
from kizuna.program import Award, Held, Program, Rounding, Window

ORDER, REDEMPTION = "order", "redemption"


@dataclass(frozen=True)
class Happening:
    """An event: whose, by which version, what, on which day, how much (minor units or points)."""

    member: int
    version: int
    what: str
    day: int
    amount: int


@dataclass(frozen=True)
class Movement:
    """A movement of points, signed, with the last day of its lot, the rule's number and the amount it was reckoned from."""

    kind: str
    points: int
    expires_on: int = DAY_NEVER
    rule: int = -1
    basis: int = 0


@dataclass
class Decided:
    """What became of one event; `taken` are (last day, points) of the lots that a redemption took from."""

    refusal: str = "none"
    balance: int = 0
    level_before: int = 0
    level: int = 0
    spend: int = 0
    moves: list[Movement] = field(default_factory=list)
    taken: list[tuple[int, int]] = field(default_factory=list)


class Member:
    """One member: lots by their last day, what the books count, and the spend remembered."""

    def __init__(self) -> None:
        self.lots: dict[int, int] = {}
        self.earned = self.spent = self.lapsed = 0
        self.spend_ever = 0
        self.spend_of: dict[int, int] = {}
        self.orders = 0

    @property
    def latest_year(self) -> int | None:
        return max(self.spend_of, default=None)

    def decide(self, program: Program, event: Happening) -> Decided:
        told = Decided(level_before=self.level(program, event.day))
        self.lapse(event.day, told)
        if event.what == ORDER:
            self.order(program, event, told)
        else:
            self.redeem(program, event.amount, told)
        told.level = self.level(program, event.day)
        told.spend = self.spend_in_window(program, event.day)
        told.balance = sum(self.lots.values())
        return told

    def lapse(self, day: int, told: Decided) -> None:
        for last_day in sorted(self.lots):
            if last_day < day:
                points = self.lots.pop(last_day)
                self.lapsed += points
                told.moves.append(Movement("expire", -points, last_day))

    def order(self, program: Program, event: Happening, told: Decided) -> None:
        self.orders += 1
        self.spend_ever += event.amount
        year = year_of(event.day)
        self.spend_of[year] = self.spend_of.get(year, 0) + event.amount
        latest = max(self.spend_of)
        self.spend_of = {known: spend for known, spend in self.spend_of.items() if known >= latest - 1}
        expiry = program.units[0].expiry
        last_day = DAY_NEVER if expiry == "never" else event.day + expiry.after_days - 1
        for number, rule in enumerate(program.earning_rules):
            points = award(rule.award, event.amount)
            told.moves.append(Movement("earn", points, last_day, number, event.amount))
            if points:
                self.earned += points
                self.lots[last_day] = self.lots.get(last_day, 0) + points

    def redeem(self, program: Program, points: int, told: Decided) -> None:
        if points < program.redemption.minimum:
            told.refusal = "below_minimum"
        elif points % program.redemption.step:
            told.refusal = "off_step"
        elif points > sum(self.lots.values()):
            told.refusal = "short"
        else:
            self.spent += points
            told.moves.append(Movement("redeem", -points))
            while points:
                soonest = min(self.lots)
                part = min(points, self.lots[soonest])
                told.taken.append((soonest, part))
                points -= part
                self.lots[soonest] -= part
                if not self.lots[soonest]:
                    del self.lots[soonest]

    def spend_in_window(self, program: Program, day: int) -> int:
        if program.tiers.window is Window.LIFETIME:
            return self.spend_ever
        return self.spend_of.get(year_of(day), 0)

    def level(self, program: Program, day: int) -> int:
        reached = rung(program, self.spend_in_window(program, day))
        if program.tiers.window is Window.CALENDAR_YEAR and program.tiers.held is Held.NEXT_WINDOW:
            reached = max(reached, rung(program, self.spend_of.get(year_of(day) - 1, 0)))
        return reached


def award(rate: Award, amount: int) -> int:
    exact = Fraction(amount * rate.points, rate.per)
    match rate.rounding:
        case Rounding.DOWN:
            return floor(exact)
        case Rounding.UP:
            return ceil(exact)
        case Rounding.NEAREST:
            return floor(exact + Fraction(1, 2))


def rung(program: Program, spend: int) -> int:
    return max(number for number, level in enumerate(program.tiers.levels) if spend >= level.at)


def year_of(day: int) -> int:
    return (date(1970, 1, 1) + timedelta(days=day)).year
