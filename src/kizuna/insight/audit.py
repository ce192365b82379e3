"""The audit: every figure made again from events, entries and ledger rows, one member at a time in plain Python, and compared.

It shares no arithmetic with the follower, so that a mistake in one shows in the other. It looks at one moment of the
database at which nothing waits for the follower.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from kizuna.core.days import day_date, day_number, from_ms
from kizuna.core.errors import N_, Kind, Problem
from kizuna.core.ids import BUCKETS
from kizuna.core.lots import Counters, unpack
from kizuna.engine import EntryKind, Plan, State, kept_through, standing
from kizuna.insight import audit_store as store
from kizuna.insight.jobs import FOLLOWER, turn
from kizuna.insight.model import FOLLOWER_NAME, WINDOWS, Moment, What
from kizuna.ledger import spendable
from kizuna.publishing import PlanBook
from kizuna.runtime.brands import Brand
from kizuna.runtime.clock import now
from kizuna.runtime.db import Connection, Database
from kizuna.runtime.outbox import follow_once, lag

DIFFERENCES_MAX = 100
ATTEMPTS_MAX = 50
PAUSE_S = 0.1
_ONE_DAY = timedelta(days=1)


class FiguresBehind(Problem):
    """Commits keep coming in, so that there is no moment at which the figures hold all of them."""

    code = "figures_behind"
    kind = Kind.CONFLICT
    title = N_("The figures are {waiting} commits behind the ledger and do not catch up.")
    remedy = N_("Try again when there is less traffic, or look whether “kizuna worker” runs.")


@dataclass(slots=True)
class Audit:
    """`ok` when every kept figure is what was made again; `differences` names those that are not."""

    ok: bool = True
    members: int = 0
    orders: int = 0
    entries: int = 0
    figures: int = 0
    differences: list[str] = field(default_factory=list)

    def compare(self, what: str, kept: Mapping[Any, Any], made: Mapping[Any, Any]) -> None:
        """Compare a table."""
        self.figures += len(made)
        for key in sorted({*kept, *made}, key=str):
            if kept.get(key) != made.get(key):
                self.ok = False
                if len(self.differences) < DIFFERENCES_MAX:
                    self.differences.append(f"{what} {_said(key)}: kept {kept.get(key)}, made again {made.get(key)}")

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def _said(key: Any) -> str:
    if isinstance(key, bytes):
        return key.hex()
    return " ".join(str(part) for part in key) if isinstance(key, tuple) else str(key)


@dataclass(slots=True)
class _Made:
    """The figures made again."""

    points: defaultdict[tuple[Any, ...], list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    days: defaultdict[date, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0, 0]))
    active: Counter[tuple[int, int, date]] = field(default_factory=Counter)
    tiers: Counter[int] = field(default_factory=Counter)
    moves: Counter[tuple[date, int, int]] = field(default_factory=Counter)


async def audit(
    db: Database,
    brand: Brand,
    at: datetime | None = None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Audit:
    """Make every figure again and compare. Raises `FiguresBehind`, `Unavailable`."""
    for _ in range(ATTEMPTS_MAX):
        while await follow_once(db, brand.schema, FOLLOWER):
            pass
        moment = at or now()
        while await turn(db, brand, moment):
            pass
        async with db.transaction(brand.schema, readonly=True) as conn:
            behind = await lag(conn, FOLLOWER_NAME, 1000)
            if not behind.waiting:
                book = PlanBook()
                await book.refresh(conn)
                return await _audit(conn, Moment.at(brand, book, moment), progress) if book.plans else Audit()
        await asyncio.sleep(PAUSE_S)
    raise FiguresBehind(waiting=behind.waiting)


async def _audit(conn: Connection, moment: Moment, progress: Callable[[int, int], None]) -> Audit:
    found, made = Audit(), _Made()
    for bucket in range(BUCKETS):
        await _bucket(conn, moment, bucket, found, made)
        progress(bucket + 1, BUCKETS)
    for what, statement, width, table in (
        ("points", store.SELECT_POINTS, 4, {key: tuple(sums) for key, sums in made.points.items() if any(sums)}),
        ("day", store.SELECT_DAYS, 1, {(day,): tuple(sums) for day, sums in made.days.items()}),
        ("active", store.SELECT_ACTIVE, 3, {key: (step,) for key, step in made.active.items() if step}),
        ("tier", store.SELECT_TIERS, 1, {(tier,): (count,) for tier, count in made.tiers.items()}),
        ("move", store.SELECT_MOVES, 3, {key: (count,) for key, count in made.moves.items()}),
    ):
        rows = [tuple(row) for row in await conn.fetch(statement)]
        found.compare(what, {row[:width]: row[width:] for row in rows}, table)
    return found


async def _bucket(conn: Connection, moment: Moment, bucket: int, found: Audit, made: _Made) -> None:
    """Make the figures of a bucket's members."""
    zone = moment.brand.zone
    orders: defaultdict[bytes, list[tuple[date, int]]] = defaultdict(list)
    redeemed: defaultdict[bytes, set[date]] = defaultdict(set)
    for member, key, amount in await conn.fetch(store.SELECT_EVENTS, bucket):
        day = _day(key, zone)
        orders[member].append((day, amount))
        made.days[day][1] += 1
        made.days[day][2] += amount
        found.orders += 1
    for member, key, kind, version, rule, points, _ in await conn.fetch(store.SELECT_ENTRIES, bucket):
        _count(made.points[_day(key, zone), kind, version, rule], points)
        if kind == EntryKind.REDEEM:
            redeemed[member].add(_day(key, zone))
        found.entries += 1
    rows = {}
    for member, joined_on, lots, memory, counters in await conn.fetch(store.SELECT_MEMBERS, bucket):
        rows[member] = _row(moment, joined_on, (lots, memory, counters), orders[member], redeemed[member], made)
        found.members += 1
    kept = {row["member"]: tuple(row)[1:] for row in await conn.fetch(store.SELECT_ROWS, bucket)}
    found.compare("member", kept, rows)


def _day(key: bytes, zone: Any) -> date:
    return from_ms(int.from_bytes(key[:6], "big")).astimezone(zone).date()


def _count(sums: list[int], points: int) -> None:
    sums[0] += 1
    sums[1] += points


def _row(
    moment: Moment,
    joined_on: date,
    account: tuple[bytes, bytes, list[int]],
    orders: Sequence[tuple[date, int]],
    redeemed: set[date],
    made: _Made,
) -> tuple[Any, ...]:
    """Return a member's row, and count the member."""
    lots, memory, counters = account
    open_lots = spendable(lots, moment.today)
    for lot in unpack(lots):
        lapsed_on = day_date(lot.expires_on + 1) if lot.expires_on < moment.today else None
        if lapsed_on:
            _count(made.points[lapsed_on, int(EntryKind.EXPIRE), 0, -1], -lot.remaining)
    state = State.unpack([memory], [Counters(*counters)], [b""])
    one, day = np.arange(1), np.full(1, moment.today, np.int32)
    tier = int(standing(moment.plans[-1], state, one, day).level[0])
    through = day_date(int(kept_through(moment.plans[-1], state, one, day)[0]))
    made.days[joined_on][0] += 1
    made.tiers[tier] += 1
    bought = {day for day, _ in orders}
    for what, days in ((What.ORDER, bought), (What.REDEMPTION, redeemed)):
        for window in WINDOWS:
            _activity(made, (int(what), window), days)
    _moves(made, moment, orders)
    return (
        joined_on, tier, through, sum(lot.remaining for lot in open_lots),
        day_date(open_lots[0].expires_on) if open_lots else None, len(orders), sum(amount for _, amount in orders),
        max(bought, default=None), max(redeemed, default=None),
    )  # fmt: skip


def _activity(made: _Made, key: tuple[int, int], days: set[date]) -> None:
    """Count a step up where the member becomes active and a step down where that ends."""
    what, window = key
    until: date | None = None
    for day in sorted(days):
        if until is None or day > until:
            made.active[what, window, day] += 1
            if until is not None:
                made.active[what, window, until] -= 1
        until = day + timedelta(days=window)
    if until is not None:
        made.active[what, window, until] -= 1


def _moves(made: _Made, moment: Moment, orders: Sequence[tuple[date, int]]) -> None:
    """Count the days on which the member's tier differs from the day before."""
    if not orders:
        return
    days = {day for day, _ in orders} | {date(day.year + more, 1, 1) for day, _ in orders for more in (1, 2)}
    days |= {day for number in moment.begins[1:] if (day := day_date(number)) is not None}
    last = max(day_date(moment.today) or date.max, *(day for day, _ in orders))
    tier = 0
    for day in sorted(days):
        if day > last:
            break
        now_on = _tier(_plan(moment, day), [(when, amount) for when, amount in orders if when <= day], day.year)
        if now_on != tier:
            made.moves[day, tier, now_on] += 1
            tier = now_on


def _plan(moment: Moment, day: date) -> Plan:
    """Return the plan that decides at the end of a day."""
    return [plan for plan, begin in zip(moment.plans, moment.begins, strict=True) if begin <= day_number(day)][-1]


def _tier(plan: Plan, orders: Sequence[tuple[date, int]], year: int) -> int:
    """Return the highest tier that the orders reach, by the program's own words."""
    tiers = plan.program.tiers
    if not plan.by_year:
        sums = [sum(amount for _, amount in orders)]
    else:
        years = [year, year - 1] if plan.held_next else [year]
        sums = [sum(amount for day, amount in orders if day.year == one) for one in years]
    return max(rank for rank, level in enumerate(tiers.levels) if level.at <= max(sums))
