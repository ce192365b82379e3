"""What the overview shows, as plain data: every figure of one period beside the same of the period before it.

A figure is an integer: members, orders, points, minor units of money, or a share in ten-thousandths (1234 = 12.34 %). None stands
for what is not known: a share of nobody, a period before the brand's first day. Days are the brand's own; both ends count.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from kizuna.web.views import Words

PERIODS = (30, 90, 365)
PERIOD = 30
WHOLE = 10_000
"""A share of everybody, in ten-thousandths."""
Kind = Literal["members", "orders", "points", "money", "share"]


@dataclass(frozen=True, slots=True)
class Period:
    """`days` days ending today, and as many before them. `options` are the lengths on offer."""

    days: int
    first: date
    last: date
    before_first: date
    before_last: date
    options: Sequence[int] = PERIODS


@dataclass(frozen=True, slots=True)
class Mark:
    """One place of a small chart: the days `first`..`last` (a day or a week) and the figure there, None where unknown."""

    first: date
    last: date
    value: int | None


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure and how it went. `series` runs through the period, oldest first.

    `money` is what points cost (or, of points outstanding, would cost) the brand, None where the program says no worth.
    A share names its `part` and `whole`. `path` leads to the members behind the figure.
    """

    name: str
    kind: Kind
    value: int | None
    before: int | None
    series: Sequence[Mark] = ()
    money: int | None = None
    money_before: int | None = None
    part: int | None = None
    whole: int | None = None
    path: str | None = None

    @property
    def change(self) -> int | None:
        """Return by how much it changed: for a share in ten-thousandths of everybody, otherwise in its own unit."""
        return None if self.value is None or self.before is None else self.value - self.before

    @property
    def change_share(self) -> int | None:
        """Return the change as a share of what was before, in ten-thousandths; None for shares and when that was nothing."""
        if self.change is None or not self.before or self.kind == "share":
            return None
        return round(self.change * WHOLE / self.before)


@dataclass(frozen=True, slots=True)
class TierRow:
    """One rung: how many members stand on it today, and which share of all that is."""

    rank: int
    id: str
    name: Words
    members: int
    share: int | None
    path: str


@dataclass(frozen=True, slots=True)
class MoveRow:
    """How many members moved from one rung to another within the period."""

    from_rank: int
    from_name: Words
    to_rank: int
    to_name: Words
    members: int

    @property
    def is_up(self) -> bool:
        """Tell whether it was a rise."""
        return self.to_rank > self.from_rank


@dataclass(frozen=True, slots=True)
class MonthRow:
    """Points of one calendar month, all counted positive. `first` is the month's first day."""

    first: date
    issued: int
    redeemed: int
    expired: int


@dataclass(frozen=True, slots=True)
class RuleRow:
    """What one earning rule issued within the period; `name` is that of `version`, the newest that did."""

    id: str
    name: Words
    version: int
    points: int
    entries: int
    share: int | None


@dataclass(frozen=True, slots=True)
class StageRow:
    """A stage of the journey: how many stand on it, and how many have come so far or further, also as a share of all.

    `onward` is the share of those who came here that has gone on, None for the last; in ten-thousandths.
    """

    name: Words
    members: int
    reached: int
    share: int | None
    onward: int | None


@dataclass(frozen=True, slots=True)
class Freshness:
    """How far the figures are behind the ledger: commits that wait (`waiting_max` for that many or more), the oldest since when.

    `handled_at` is the time of the last commit that the figures hold, None before the first.
    """

    waiting: int
    waiting_since: datetime | None
    handled_at: datetime | None
    waiting_max: int = 1000

    def seconds(self, at: datetime) -> int:
        """Return how many seconds the figures are behind `at`; 0 when nothing waits."""
        return max(0, int((at - self.waiting_since).total_seconds())) if self.waiting_since else 0


@dataclass(frozen=True, slots=True)
class Headline:
    """The four figures that change while one looks."""

    members: int
    issued_today: int
    redeemed_today: int
    outstanding: int


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened, as it runs past: an entry of the ledger, or a member who joined. `points` carries its sign.

    `amount` is the order's, in minor units; `reference` the order's id, or what was redeemed; `rule` the one that gave most.
    """

    key: str
    kind: Literal[
        "earn", "redeem", "expire", "join", "hold", "void", "confirm", "restore", "adjust", "extend", "transfer"
    ]
    at: datetime
    member_id: str
    member_name: str | None
    points: int = 0
    amount: int | None = None
    reference: str | None = None
    rule: Words | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything on the overview, at the moment `as_of`.

    `enrolment` is newcomers ÷ members at the period's start; `active` members with an order ÷ members; `redeeming` members who
    redeemed ÷ members with an order. `moves` begin with the most members; `moved_up` and `moved_down` are their sums.
    `months` are the last 13, oldest first; `rules` begin with the most points; `recent` begins with the newest.
    `stages` are those of the journey, empty where the program has none.
    """

    as_of: datetime
    freshness: Freshness
    period: Period
    headline: Headline
    members: Figure
    joined: Figure
    enrolment: Figure
    active: Figure
    redeeming: Figure
    issued: Figure
    redeemed: Figure
    expired: Figure
    outstanding: Figure
    orders: Figure
    sales: Figure
    tiers: Sequence[TierRow]
    moves: Sequence[MoveRow]
    moved_up: int
    moved_down: int
    months: Sequence[MonthRow]
    rules: Sequence[RuleRow]
    recent: Sequence[Happening] = ()
    stages: Sequence[StageRow] = ()

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nobody yet."""
        return not self.members.value

    @property
    def figures(self) -> Sequence[Figure]:
        """Return every figure, in the order of reading."""
        return (
            self.members, self.joined, self.enrolment, self.active, self.redeeming, self.issued, self.redeemed,
            self.expired, self.outstanding, self.orders, self.sales,
        )  # fmt: skip
