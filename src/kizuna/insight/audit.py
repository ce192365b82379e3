"""The audit: every figure made again from events, entries and ledger rows, one member at a time in plain Python, and compared.

It shares no arithmetic with the follower, so that a mistake in one shows in the other; only where a member stands among the tiers,
both ask the engine, by what it remembers of the member. It looks at one moment of the database at which nothing waits for the follower.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from kizuna.core.days import DAY_IDLE, DAY_NEVER, day_date, from_ms
from kizuna.core.errors import N_, Kind, Problem
from kizuna.core.ids import BUCKETS
from kizuna.core.waiting import unpack as unpack_waiting
from kizuna.engine import EntryKind, Plan, State, journey_of, standing
from kizuna.insight import audit_store as store
from kizuna.insight.jobs import FOLLOWER, turn
from kizuna.insight.model import FOLLOWER_NAME, WINDOWS, Moment, What
from kizuna.intake import BALANCE_OPENED, ORDER_COMPLETED
from kizuna.ledger import Account, account_of, as_of, member_key, spendable, touched
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
    stages: Counter[int] = field(default_factory=Counter)
    moves: Counter[tuple[date, int, int]] = field(default_factory=Counter)
    brought: Mapping[bytes, tuple[int, int]] = field(default_factory=dict)
    """Orders and spend that others brought to whom they were merged into."""


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
    made.brought = _brought([tuple(row) for row in await conn.fetch(store.SELECT_BROUGHT)])
    for bucket in range(BUCKETS):
        await _bucket(conn, moment, bucket, found, made)
        progress(bucket + 1, BUCKETS)
    for what, statement, width, table in (
        ("points", store.SELECT_POINTS, 4, {key: tuple(sums) for key, sums in made.points.items() if any(sums)}),
        ("day", store.SELECT_DAYS, 1, {(day,): tuple(sums) for day, sums in made.days.items()}),
        ("active", store.SELECT_ACTIVE, 3, {key: (step,) for key, step in made.active.items() if step}),
        ("tier", store.SELECT_TIERS, 1, {(tier,): (count,) for tier, count in made.tiers.items()}),
        ("stage", store.SELECT_STAGES, 1, {(stage,): (count,) for stage, count in made.stages.items()}),
        ("move", store.SELECT_MOVES, 3, {key: (count,) for key, count in made.moves.items()}),
    ):
        rows = [tuple(row) for row in await conn.fetch(statement)]
        found.compare(what, {row[:width]: row[width:] for row in rows}, table)
    return found


@dataclass(slots=True)
class _Seen:
    """What one member's events tell: days with orders, orders and spend that are kept, days with redemptions, the last tier."""

    bought: set[date] = field(default_factory=set)
    redeemed: set[date] = field(default_factory=set)
    orders: int = 0
    spend: int = 0
    tier: int = 0


def _brought(merges: Sequence[tuple[bytes, bytes, int, int]]) -> dict[bytes, tuple[int, int]]:
    """Return what each survivor was brought: the own of whoever went into them, and what these had been brought themselves."""
    of: defaultdict[bytes, list[tuple[bytes, int, int]]] = defaultdict(list)
    for gone, kept, orders, spend in merges:
        of[kept].append((gone, orders, spend))

    def sums(member: bytes) -> tuple[int, int]:
        parts = [(orders, spend) for _, orders, spend in of[member]] + [sums(gone) for gone, _, _ in of[member]]
        return sum(orders for orders, _ in parts), sum(spend for _, spend in parts)

    return {member: sums(member) for member in list(of)}


async def _bucket(conn: Connection, moment: Moment, bucket: int, found: Audit, made: _Made) -> None:
    """Make the figures of a bucket's members."""
    seen: defaultdict[bytes, _Seen] = defaultdict(_Seen)
    for member, key, *facts in await conn.fetch(store.SELECT_EVENTS, bucket):
        found.orders += _event(seen[member], _day(key, moment.brand.zone), facts, made)
    for member, key, *facts in await conn.fetch(store.SELECT_ENTRIES, bucket):
        _entry(seen[member], _day(key, moment.brand.zone), facts, made)
        found.entries += 1
    rows = {}
    for member, joined_on, *account in await conn.fetch(store.SELECT_MEMBERS, bucket):
        rows[member] = _row(moment, member, joined_on, account_of(*account), seen[member], made)
        found.members += 1
    kept = {row["member"]: tuple(row)[1:] for row in await conn.fetch(store.SELECT_ROWS, bucket)}
    found.compare("member", kept, rows)


def _event(of: _Seen, day: date, facts: list[Any], made: _Made) -> bool:
    """Count an event; return whether it told an order."""
    type_, orders, amount, told, before, after, fell_on, is_undone = facts
    is_order = bool(type_ == ORDER_COMPLETED) and not is_undone
    amount = None if is_undone else amount
    if is_order:
        of.bought.add(day)
        made.days[day][1] += 1
    if amount is not None or is_order:
        worth = told if amount is None else amount
        of.orders += 1 if orders is None else orders
        of.spend += worth
        if type_ != BALANCE_OPENED:
            made.days[day][2] += worth
    if after is not None:
        if before != of.tier:
            made.moves[fell_on or day, of.tier, before] += 1
        if after != before:
            made.moves[day, before, after] += 1
        of.tier = after
    return is_order


def _entry(of: _Seen, day: date, facts: list[Any], made: _Made) -> None:
    """Count an entry where it belongs: issued, redeemed, expired or waiting."""
    kind, version, rule, points, expires_on = facts
    if kind in (EntryKind.REDEEM, EntryKind.CONFIRM):
        of.redeemed.add(day)
    if kind == EntryKind.EXPIRE and expires_on < DAY_IDLE:
        day = day_date(expires_on + 1) or day
    if kind in (EntryKind.PEND, EntryKind.CANCEL):
        kind = EntryKind.PEND
    elif kind == EntryKind.RELEASE:
        _count(made.points[day, int(EntryKind.PEND), version, rule], -points)
        kind = EntryKind.EARN
    elif kind in (EntryKind.CONFIRM, EntryKind.RESTORE):
        kind = EntryKind.REDEEM
    elif kind == EntryKind.REVIVE:
        kind = EntryKind.EXPIRE
    elif kind in (EntryKind.HOLD, EntryKind.VOID, EntryKind.EXTEND, EntryKind.TRANSFER):
        return
    elif kind not in (EntryKind.REDEEM, EntryKind.EXPIRE, EntryKind.ADJUST):
        kind = EntryKind.EARN
    _count(made.points[day, int(kind), version, rule], points)


def _day(key: bytes, zone: Any) -> date:
    return from_ms(int.from_bytes(key[:6], "big")).astimezone(zone).date()


def _count(sums: list[int], points: int) -> None:
    sums[0] += 1
    sums[1] += points


def _row(moment: Moment, member: bytes, joined_on: date, account: Account, seen: _Seen, made: _Made) -> tuple[Any, ...]:
    """Return a member's row, and count the member."""
    done, then = touched(account, moment.today), as_of(account, moment.today)
    for one in done.released:
        day = day_date(one.release_on)
        if day and not one.unit:
            _count(made.points[day, int(EntryKind.EARN), 0, -1], one.points)
            _count(made.points[day, int(EntryKind.PEND), 0, -1], -one.points)
    for lot in done.lapsed:
        day = day_date(lot.expires_on + 1)
        if day and not lot.unit:
            _count(made.points[day, int(EntryKind.EXPIRE), 0, -1], -lot.remaining)
    open_lots = spendable(then.lots, moment.today)
    ends = open_lots[0].expires_on if open_lots else DAY_NEVER
    waiting = sum(one.points for one in unpack_waiting(then.waiting) if one.unit == 0)
    orders, spend = made.brought.get(member, (0, 0))
    tier, through = _standing(moment, member, account, seen.tier, made)
    made.days[joined_on][0] += 1
    made.tiers[tier] += 1
    for what, days in ((What.ORDER, seen.bought), (What.REDEMPTION, seen.redeemed)):
        for window in WINDOWS:
            _activity(made, (int(what), window), days)
    return (
        joined_on, tier, through, sum(lot.remaining for lot in open_lots) - then.counters.debt,
        None if ends >= DAY_IDLE else day_date(ends), seen.orders + orders, seen.spend + spend,
        max(seen.bought, default=None), max(seen.redeemed, default=None), waiting,
    )  # fmt: skip


def _standing(moment: Moment, member: bytes, account: Account, seen: int, made: _Made) -> tuple[int, date | None]:
    """Return a member's tier today and until when, and count the move that time alone has made since the last event.

    Where a member stands is the engine's to say, from what it remembers: it is not made again here.
    """
    plan, one = moment.plans[-1], np.arange(1)
    state = State.unpack(moment.names, [account.memory], [()], [b""], [b""], [member_key(member)])
    now_on = standing(plan, state, one, np.full(1, moment.today, np.int32))
    tier = int(now_on.level[0])
    if tier != seen:
        last = max(0, min(int(state.head["last_day"][0]), moment.today))
        through = int(standing(plan, state, one, np.full(1, last, np.int32)).kept_through[0])
        fell_on = through + 1 if through < moment.today else max(moment.begins[-1], 0)
        made.moves[day_date(fell_on) or date.max, seen, tier] += 1
    made.stages[_stage(plan, state)] += 1
    return tier, day_date(int(now_on.kept_through[0]))


def _stage(plan: Plan, state: State) -> int:
    """Return the stage of the journey on which the one member of `state` stands: the first that is not passed, else the last."""
    done: Counter[str] = Counter()
    for name, _, times, wanted in journey_of(plan, state, 0):
        done[name] += times >= wanted
    stages = plan.program.journey.stages if plan.program.journey else []
    for number, stage in enumerate(stages):
        needs = len(stage.steps) if stage.needs is None else stage.needs
        if not stage.steps or done[stage.id] < needs:
            return number
    return max(0, len(stages) - 1)


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
