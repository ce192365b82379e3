"""A crowd of generated members, laid down by COPY as the road would have left them: who, points, what the engine remembers, figures.

Always the same crowd from the same number. Names are the demo's; phones, cards and addresses are made up, each once. Counters,
lots and memory agree with each other, and the figures with them; a few members have a history of entries and events as well.
"""

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import asyncpg
import numpy as np
from asyncpg.pgproto.pgproto import UUID

from kizuna.core.days import DAY_NEVER, day_date, day_of, from_ms, instant_ms
from kizuna.core.ids import BUCKETS, digest, entry_key, event_key
from kizuna.core.lots import LOT_FIELDS
from kizuna.demo.names import FAMILY, GIVEN
from kizuna.engine import EntryKind, Names, Plan, State, compile_plan, standing
from kizuna.engine.names import YEAR_SPEND
from kizuna.program import Program
from kizuna.publishing import publish
from kizuna.runtime.brands import Brand, create_brand
from kizuna.runtime.clock import now
from kizuna.runtime.db import Database
from kizuna.runtime.migrate import migrate, migrate_platform

STORIED = 20_000
"""So many members have entries and events, for those who look at a history."""
_DAY_MS = 86_400_000
_YEARS = 3
_LOTS = 5
_FAST = "SET synchronous_commit = off; SET maintenance_work_mem = '512MB'"


@dataclass(slots=True)
class Crowd:
    """The crowd as columns, one element a member; `lots` are packed.

    `spend_years` are the spend of the last order's year and of the year before it.
    """

    ids: list[bytes]
    joined: np.ndarray[Any, Any]
    last_order: np.ndarray[Any, Any]
    orders: np.ndarray[Any, Any]
    lots: list[bytes]
    earned: np.ndarray[Any, Any]
    lapsed: np.ndarray[Any, Any]
    spend: np.ndarray[Any, Any]
    spend_years: tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]
    expires: np.ndarray[Any, Any]
    names: list[tuple[str | None, str | None]]
    phones: list[str]
    cards: list[str]
    first_lots: np.ndarray[Any, Any]


def crowd(size: int, today: int) -> Crowd:
    """Make `size` members, who joined over the last years."""
    draw = np.random.default_rng(size)
    joined = today - (draw.power(1.6, size) * 365 * _YEARS).astype(np.int64)
    raw = draw.integers(0, 256, (size, 16), dtype=np.uint8)
    at_ms = joined * _DAY_MS + draw.integers(0, _DAY_MS // 2, size)
    for place in range(6):
        raw[:, place] = (at_ms >> (8 * (5 - place))) & 0xFF
    raw[:, 6], raw[:, 8] = (raw[:, 6] & 0x0F) | 0x70, (raw[:, 8] & 0x3F) | 0x80
    packed = raw.tobytes()
    ids = [packed[start : start + 16] for start in range(0, 16 * size, 16)]

    orders = np.where(draw.random(size) < 0.06, 0, 1 + draw.geometric(0.06, size)).astype(np.int64)
    recency = np.minimum((draw.exponential(110, size)).astype(np.int64), today - joined)
    last_order = np.where(orders > 0, today - recency, 0)
    spend = (orders * draw.lognormal(7.9, 0.6, size)).astype(np.int64)
    held = np.where((orders > 0) & (recency < 90), draw.integers(0, _LOTS + 1, size), 0)
    offset = np.sort(draw.permuted(np.tile(np.arange(0, 90, 3), (size, 1)), axis=1)[:, :_LOTS], axis=1)
    days = today + offset + np.maximum(0, 89 - recency[:, None] - 87)
    points = draw.integers(5, 900, (size, _LOTS))
    here = np.arange(_LOTS)[None, :] < held[:, None]
    lots = np.zeros(int(held.sum()), np.dtype(list(LOT_FIELDS)))
    lots["expires_on"], lots["remaining"] = days[here], points[here]
    ends = (np.cumsum(held) * lots.itemsize).tolist()
    all_lots = lots.tobytes()
    open_points = (points * here).sum(axis=1)
    lapsed = np.where(recency > 30, spend // 300, 0)
    return Crowd(
        ids, joined, last_order, orders,
        [all_lots[start:end] for start, end in zip([0, *ends], ends, strict=False)],
        open_points + lapsed, lapsed,
        spend,
        _spend_years(draw, orders, spend),
        np.where(held > 0, days[:, 0], DAY_NEVER),
        _names(draw, size), _phones(size), _cards(size), np.where(held > 0, points[:, 0], 0),
    )  # fmt: skip


def _spend_years(draw: Any, orders: Any, spend: Any) -> tuple[Any, Any]:
    latest = np.where(orders > 0, spend * draw.random(len(orders)), 0).astype(np.int64)
    return latest, (spend - latest) // 2


def _state(people: Crowd, names: Names) -> State:
    """Return what the engine remembers of the crowd."""
    state = State.fresh(names, len(people.ids), [int.from_bytes(one[8:], "big") for one in people.ids])
    some = np.flatnonzero(people.orders)
    state.head["joined"] = people.joined
    for field in ("last_order", "last_day"):
        state.head[field][some] = people.last_order[some]
    state.head["orders"], state.head["spend"] = people.orders, np.where(people.orders > 0, people.spend, 0)
    year = people.last_order[some].astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64)
    for back, spent in enumerate(people.spend_years):
        window = year - back
        state.memory.fill(some, np.full(len(some), YEAR_SPEND), window % 2, window, spent[some])
    return state


def _names(draw: Any, size: int) -> list[tuple[str | None, str | None]]:
    known: list[tuple[str | None, str | None]] = [
        (f"{family[0]} {given[0]}", f"{family[1]} {given[1]}") for family in FAMILY for given in GIVEN
    ]
    weights = 1 / np.arange(3, 3 + len(FAMILY))
    families = draw.choice(len(FAMILY), size, p=weights / weights.sum())
    picks = families * len(GIVEN) + draw.integers(0, len(GIVEN), size)
    picks[draw.random(size) < 0.02] = len(known)
    known.append((None, None))
    return [known[pick] for pick in picks.tolist()]


def _phones(size: int) -> list[str]:
    number = (np.arange(size, dtype=np.int64) * 193_939_391 + 71) % 300_000_000
    return [f"+81{(70, 80, 90)[n // 100_000_000]}{n % 100_000_000:08}" for n in number.tolist()]


def _cards(size: int) -> list[str]:
    body = 9 * 10**14 + (np.arange(size, dtype=np.int64) * 77_777_777_777 + 13) % 10**14
    digits = body[:, None] // 10 ** np.arange(15)[None, :] % 10
    doubled = digits.copy()
    doubled[:, ::2] *= 2
    check = -np.where(doubled > 9, doubled - 9, doubled).sum(axis=1) % 10
    return [f"{n}{luhn}" for n, luhn in zip(body.tolist(), check.tolist(), strict=True)]


async def lay_down(db: Database, brand: Brand, program: Program, size: int) -> None:
    """Make the brand with its crowd. Indexes are built after the rows, which is what makes it a matter of minutes."""
    await migrate_platform(db.locate)
    await migrate(db.locate, brand.schema, "brand", to="0002")
    today = day_of(now(), brand.zone)
    people = await asyncio.to_thread(crowd, size, today)
    plan = compile_plan(program, 1, names := Names())
    state = await asyncio.to_thread(_state, people, names)
    conn = await asyncpg.connect(db.locate(), server_settings={"search_path": brand.schema}, command_timeout=900)
    try:
        await conn.execute(_FAST)
        await conn.execute("ALTER TABLE identity DROP CONSTRAINT identity_pkey; DROP INDEX identity_member")
        await _copy(conn, people, state)
        await conn.execute(
            "ALTER TABLE identity ADD PRIMARY KEY (kind, value); CREATE INDEX identity_member ON identity (bucket, member_id)"
        )
    finally:
        await conn.close()
    await migrate(db.locate, brand.schema, "brand")
    await create_brand(db, brand)
    await publish(db, brand, program, note="bench")
    conn = await asyncpg.connect(db.locate(), server_settings={"search_path": brand.schema}, command_timeout=900)
    try:
        await conn.execute(_FAST)
        await _copy_figures(conn, people, plan, state, today)
        for table in ("member", "identity", "account", "insight_member", "entry", "event"):
            await conn.execute(f"VACUUM ANALYZE {table}")
    finally:
        await conn.close()


async def _copy(conn: Any, people: Crowd, state: State) -> None:
    buckets, uuids = [one[15] % BUCKETS for one in people.ids], [UUID(one) for one in people.ids]
    joined = _dates(people.joined)

    async def put(table: str, columns: str, rows: Iterator[tuple[Any, ...]]) -> None:
        await conn.copy_records_to_table(table, columns=columns.split(), records=rows, timeout=900)

    plain = zip(buckets, uuids, strict=True)
    await put(
        "member", "bucket member_id name name_kana name_is_generated language joined_on",
        ((*key, *name, True, "ja", day) for key, name, day in zip(plain, people.names, joined, strict=True)),
    )  # fmt: skip
    await put("identity", "kind value bucket member_id", _identities(people, buckets, uuids))
    zeros = [0] * len(uuids)
    counters = zip(people.earned.tolist(), zeros, people.lapsed.tolist(), zeros, strict=True)
    await put(
        "account", "bucket member_id entry_count counters lots memory",
        (
            (bucket, member, count, list(counted), lots, memory)
            for bucket, member, count, counted, lots, memory
            in zip(buckets, uuids, people.orders.tolist(), counters, people.lots, state.pack_memory(), strict=True)
        ),
    )  # fmt: skip
    await _stories(conn, people, buckets, uuids)


async def _copy_figures(conn: Any, people: Crowd, plan: Plan, state: State, today: int) -> None:
    """Lay down what insight keeps, after the migrations, which clear it."""
    rows = _figures(people, plan, state, today)
    await conn.copy_records_to_table("insight_member", columns=_FIGURES.split(), records=rows, timeout=900)
    await _days(conn, people, today)


def _identities(people: Crowd, buckets: Sequence[int], uuids: Sequence[UUID]) -> Iterator[tuple[Any, ...]]:
    for n, (bucket, member) in enumerate(zip(buckets, uuids, strict=True)):
        yield "card", people.cards[n], bucket, member
        if n % 5:
            yield "phone", people.phones[n], bucket, member
        if n % 3:
            yield "email", f"{people.phones[n][5:]}.m{n}@example.com", bucket, member
        if n % 10 == 0:
            yield "customer", f"C{n:08}", bucket, member


_FIGURES = (
    "bucket member_id joined_on tier tier_through balance expires_on orders spend last_order_on as_of version order_days"
    " redemption_days due tier_seen kept_order_on"
)


def _figures(people: Crowd, plan: Plan, state: State, today: int) -> Iterator[tuple[Any, ...]]:
    size = len(people.ids)
    stands = standing(plan, state, np.arange(size), np.full(size, today, np.int32))
    balance = (people.earned - people.lapsed).tolist()
    order_days = people.last_order.astype("<i4").tobytes()
    as_of = day_date(today)
    columns = zip(
        [one[15] % BUCKETS for one in people.ids], [UUID(one) for one in people.ids], _dates(people.joined),
        stands.level.tolist(), _dates(stands.kept_through), balance, _dates(people.expires), people.orders.tolist(),
        state.head["spend"].tolist(), _dates(np.where(people.orders > 0, people.last_order, DAY_NEVER)), strict=True,
    )  # fmt: skip
    for n, facts in enumerate(columns):
        days = order_days[4 * n : 4 * n + 4] if facts[7] > 0 else b""
        yield (*facts, as_of, 1, days, b"", b"", facts[3], facts[9])


async def _days(conn: Any, people: Crowd, today: int) -> None:
    """Lay down figures by day that the overview reads: as many rows as a brand of this age has."""
    draw, size = np.random.default_rng(7), len(people.ids)
    days = range(today - 365 * _YEARS, today + 1)
    newcomers = np.bincount(np.clip(people.joined - days[0], 0, None), minlength=len(days)).tolist()
    daily = size // 25
    await conn.copy_records_to_table(
        "insight_day", columns=["day", "joined", "orders", "sales"],
        records=[
            (day_date(day), new, orders := daily + int(draw.integers(0, daily // 4 + 1)), orders * 2600)
            for day, new in zip(days, newcomers, strict=True)
        ],
    )  # fmt: skip
    kinds = ((1, 1, 0, 26), (2, 0, -1, -9), (3, 0, -1, -14))
    await conn.copy_records_to_table(
        "insight_points", columns=["day", "kind", "version", "rule", "entries", "points"],
        records=[
            (day_date(day), kind, version, rule, daily, daily * points)
            for day in days
            for kind, version, rule, points in kinds
        ],
    )  # fmt: skip
    await conn.copy_records_to_table(
        "insight_active", columns=["what", "days", "day", "delta"],
        records=[
            (what, window, day_date(day), size // (4000 * what))
            for what in (1, 2)
            for window in (30, 90, 365)
            for day in days
        ],
    )  # fmt: skip
    await conn.execute("DELETE FROM insight_stage; INSERT INTO insight_stage SELECT 0, count(*) FROM insight_member")
    await conn.execute("INSERT INTO insight_tier SELECT tier, count(*) FROM insight_member GROUP BY tier")
    await conn.execute("INSERT INTO insight_clock (day, version) VALUES ($1, 1)", day_date(today))


async def _stories(conn: Any, people: Crowd, buckets: Sequence[int], uuids: Sequence[UUID]) -> None:
    """Give the first members a purchase for each open lot, with entry and event."""
    entries, events = [], []
    lot = np.dtype(list(LOT_FIELDS))
    for n in range(min(STORIED, len(uuids))):
        for k, one in enumerate(np.frombuffer(people.lots[n], lot)):
            at_ms = (int(one["expires_on"]) - 89) * _DAY_MS + 36_000_000 + k
            key = event_key(at_ms, digest("crowd", str(n), str(k)))
            points = int(one["remaining"])
            body = {"specversion": "1.0", "id": f"c-{n}-{k}", "source": "crowd", "type": "order.completed",
                    "data": {"order_id": f"C-{n}-{k}", "amount": points * 100, "currency": "JPY"}}  # fmt: skip
            who = (buckets[n], uuids[n])
            entries.append((*who, UUID(entry_key(key, 1)), k + 1, 1, int(EntryKind.EARN), 0, points,
                            int(one["expires_on"]), 1, 0, points * 100, None))  # fmt: skip
            events.append((*who, UUID(key), 1, "order.completed", "crowd", f"c-{n}-{k}", json.dumps(body),
                           from_ms(at_ms)))  # fmt: skip
    await conn.copy_records_to_table(
        "entry", records=entries,
        columns=["bucket", "member_id", "event_key", "n", "batch_id", "kind", "unit", "points", "expires_on", "version",
                 "rule", "basis", "taken"],
    )  # fmt: skip
    await conn.copy_records_to_table(
        "event", records=events,
        columns=["bucket", "member_id", "event_key", "batch_id", "type", "source", "id", "body", "received_at"],
    )  # fmt: skip


def _dates(days: Any) -> list[date | None]:
    known = {day: day_date(day) for day in np.unique(days).tolist()}
    return [known[day] for day in days.tolist()]


def month_ago(months: int) -> str:
    """Return the month so long ago, as the list's filter writes it."""
    first = now().date().replace(day=1)
    for _ in range(months):
        first = (first - timedelta(days=1)).replace(day=1)
    return f"{first:%Y-%m}"


__all__ = ["Crowd", "crowd", "instant_ms", "lay_down", "month_ago"]
