"""The figures' nouns. A figure is a sum over days of the brand's own calendar, so that any period is a few rows.

Days are numbers (`core.days`), members are ids of 16 bytes, points and money are integers.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum
from typing import NamedTuple

from kizuna.core.days import day_of
from kizuna.core.ids import bucket_of
from kizuna.engine import Names, Plan
from kizuna.publishing import PlanBook
from kizuna.runtime.brands import Brand

WINDOWS = (30, 90, 365)
"""Over how many days members are counted as active."""
FOLLOWER_NAME = "insight"
BEFORE_ALL = -(2**31)
"""A day before every day: the first version of a program is in force for all time before the second."""


class What(IntEnum):
    """What a member did to be counted as active."""

    ORDER = 1
    REDEMPTION = 2


@dataclass(frozen=True, slots=True)
class Moment:
    """A brand at one instant: its day, and the versions of its program that have come into force by then.

    `begins` has one day for each plan: the day on which it came into force.
    """

    brand: Brand
    today: int
    plans: Sequence[Plan]
    begins: Sequence[int]
    names: Names

    @classmethod
    def at(cls, brand: Brand, book: PlanBook, at: datetime) -> "Moment":
        """Return the moment `at`; `book` is current. Raises `NothingPublished`."""
        plans = book.plans[: book.at(at).version]
        begins = [BEFORE_ALL, *(day_of(begin, brand.zone) for begin in book.effective_at[1 : len(plans)])]
        return cls(brand, day_of(at, brand.zone), plans, begins, book.names)

    @property
    def version(self) -> int:
        """The version in force."""
        return len(self.plans)


class Row(NamedTuple):
    """A member's row; points are the first unit's. `order_days` and `redemption_days` are packed (`decide.Days`).

    `due` are lots (`core.lots`) that are counted as expired, `released` points (`core.waiting`) that are counted as released, though no
    entry says so yet; `moves` are moves between tiers (`decide.MOVE`) that time alone has made, though no event says so yet.
    `tier_seen` is the tier after the member's last event, `waiting` are the points that still wait, `stage` the
    number of the journey's stage, `kept_order_on` the day of the last order that was kept in some part.
    """

    joined_on: date
    tier: int
    tier_through: int
    balance: int
    expires_on: int
    orders: int
    spend: int
    last_order_on: int | None
    last_redemption_on: int | None
    as_of: int
    version: int
    order_days: bytes
    redemption_days: bytes
    due: bytes
    waiting: int
    release_on: int
    tier_seen: int
    released: bytes
    moves: bytes
    stage: int
    kept_order_on: int | None


PointsKey = tuple[int, int, int, int]
"""Day, kind of entry, version, rule."""


@dataclass(slots=True)
class Tally:
    """By how much each figure changes. Everything here adds up, so that pieces of work can be added together.

    `points` counts entries and points, `days` newcomers, orders and sales; `active` is by what, window and day; `moves` by
    day, from and to.
    """

    points: defaultdict[PointsKey, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    days: defaultdict[int, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0, 0]))
    active: Counter[tuple[int, int, int]] = field(default_factory=Counter)
    tiers: Counter[int] = field(default_factory=Counter)
    stages: Counter[int] = field(default_factory=Counter)
    moves: Counter[tuple[int, int, int]] = field(default_factory=Counter)

    def move_points(self, key: PointsKey, entries: int, points: int) -> None:
        """Count entries of `points` together."""
        sums = self.points[key]
        sums[0] += entries
        sums[1] += points

    def join(self, day: int) -> None:
        """Count a newcomer."""
        self.days[day][0] += 1

    def order(self, day: int, orders: int, sales: int) -> None:
        """Count orders."""
        sums = self.days[day]
        sums[1] += orders
        sums[2] += sales


class Rung(NamedTuple):
    """The tier before and after an event, on its day; `fell_on` is since when it was the one before, where time alone did that."""

    day: int
    before: int
    after: int
    fell_on: int | None = None


@dataclass(frozen=True, slots=True)
class Happened:
    """What some commits wrote: everyone whom they touched, the days of orders and of redemptions, tiers in the order of arrival.

    `undone` are those of whom orders were taken back.
    """

    members: Iterable[bytes] = ()
    orders: Sequence[tuple[bytes, int]] = ()
    redemptions: Sequence[tuple[bytes, int]] = ()
    rungs: Sequence[tuple[bytes, Rung]] = ()
    undone: frozenset[bytes] = frozenset()

    def shared_out(self, members_max: int) -> Iterator["Happened"]:
        """Yield the same for at most `members_max` members at a time, in the order in which rows are locked."""
        members = in_order(self.members)
        share_of = {member: place // members_max for place, member in enumerate(members)}
        shares = [members[start : start + members_max] for start in range(0, len(members), members_max)]
        orders: list[list[tuple[bytes, int]]] = [[] for _ in shares]
        redemptions: list[list[tuple[bytes, int]]] = [[] for _ in shares]
        rungs: list[list[tuple[bytes, Rung]]] = [[] for _ in shares]
        for order in self.orders:
            orders[share_of[order[0]]].append(order)
        for redemption in self.redemptions:
            redemptions[share_of[redemption[0]]].append(redemption)
        for rung in self.rungs:
            rungs[share_of[rung[0]]].append(rung)
        for share, bought, redeemed, stood in zip(shares, orders, redemptions, rungs, strict=True):
            yield Happened(share, bought, redeemed, stood, self.undone.intersection(share))


def in_order(members: Iterable[bytes]) -> list[bytes]:
    """Return members in the order in which rows are locked."""
    return sorted(members, key=lambda member: (bucket_of(member), member))
