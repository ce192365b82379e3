"""Reading the figures of some days. Whatever lies before the first of them is there too, as one sum, where it is needed.

Days are dates; points are the first unit's and carry the sign of the member's side: issued (net of what changes of orders took
back) rise, redeemed and expired fall. Points that wait stand for themselves, under the kind PEND.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from kizuna.insight import reading_store as store
from kizuna.insight.model import FOLLOWER_NAME, What
from kizuna.runtime.db import Connection
from kizuna.runtime.outbox import Lag, lag


class DayCount(NamedTuple):
    """Newcomers, orders and their amount in minor units."""

    joined: int
    orders: int
    sales: int


class RuleCount(NamedTuple):
    """What a rule, by its number in a version, gave: net, with what still waits."""

    version: int
    rule: int
    entries: int
    points: int


class Moved(NamedTuple):
    """How many members went from one tier to another."""

    from_tier: int
    to_tier: int
    members: int


class Headline(NamedTuple):
    """Members, points issued and redeemed on a day, and points outstanding."""

    members: int
    issued: int
    redeemed: int
    outstanding: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of the days `first`..`last`; what lies before stands under the day before `first`.

    `points` are by kind and day, `active` are steps by what and day. `tiers` and `stages` count members.
    `begins` is the brand's first day with anything.
    """

    first: date
    last: date
    begins: date | None
    points: Mapping[int, Mapping[date, int]]
    days: Mapping[date, DayCount]
    active: Mapping[What, Mapping[date, int]]
    tiers: Mapping[int, int]
    stages: Mapping[int, int]


async def figures(conn: Connection, first: date, last: date, window: int) -> Figures:
    """Return the figures of some days, with members active within `window` days."""
    points: dict[int, dict[date, int]] = {}
    for day, kind, sum_of in await conn.fetch(store.SELECT_POINTS, first, last):
        points.setdefault(kind, {})[day] = sum_of
    begins: date | None = None
    days: dict[date, DayCount] = {}
    for day, joined, orders, sales, earliest in await conn.fetch(store.SELECT_DAYS, first, last):
        days[day] = DayCount(joined, orders, sales)
        begins = earliest if begins is None else min(begins, earliest)
    active: dict[What, dict[date, int]] = {what: {} for what in What}
    for what, day, delta in await conn.fetch(store.SELECT_ACTIVE, first, last, window):
        active[What(what)][day] = delta
    tiers: dict[int, int] = dict(await conn.fetch(store.SELECT_TIERS))
    stages: dict[int, int] = dict(await conn.fetch(store.SELECT_STAGES))
    return Figures(first, last, begins, points, days, active, tiers, stages)


async def rules(conn: Connection, first: date, last: date) -> Sequence[RuleCount]:
    """Return what each rule issued within some days."""
    return [RuleCount(*row) for row in await conn.fetch(store.SELECT_RULES, first, last)]


async def moves(conn: Connection, first: date, last: date) -> Sequence[Moved]:
    """Return who moved between tiers within some days, most members first."""
    return [Moved(*row) for row in await conn.fetch(store.SELECT_MOVES, first, last)]


async def headline(conn: Connection, today: date) -> Headline:
    """Return the figures that change while one looks."""
    row: Any = await conn.fetchrow(store.SELECT_HEADLINE, today)
    return Headline(*row)


async def behind(conn: Connection, waiting_max: int) -> Lag:
    """Return how far the figures are behind the ledger."""
    return await lag(conn, FOLLOWER_NAME, waiting_max)
