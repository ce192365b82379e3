"""All SQL of the sweep: each statement named, with its purpose. A bucket's rows come as a few long columns, not row by row.

What one member has of a column that differs in length stands behind what the one before has, with the lengths beside it.
"""

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from asyncpg.pgproto.pgproto import UUID
from numpy.typing import NDArray

from kizuna.core.ids import BUCKETS
from kizuna.core.lots import LOT
from kizuna.core.waiting import WAITING
from kizuna.engine import EntryKind
from kizuna.engine.events import Ints
from kizuna.engine.state import Ragged
from kizuna.ledger import store
from kizuna.ledger.columns import Changed, Entries, Holders, Ids, Pockets, bucket, digest, sums
from kizuna.ledger.model import NO_RULE, NO_VERSION
from kizuna.runtime.db import Connection, Fragment, write
from kizuna.runtime.outbox import announce

_POCKETS = """string_agg(uuid_send(member_id), '') AS members, string_agg(lots, '') AS lots,
    string_agg(int4send(length(lots)), '') AS lot_lengths, string_agg(waiting, '') AS waiting,
    string_agg(int4send(length(waiting)), '') AS waiting_lengths"""

SELECT_POCKETS = f"""
SELECT {_POCKETS}
FROM (SELECT member_id, lots, waiting FROM account WHERE bucket = $1 AND status = 0 ORDER BY member_id) AS found
"""
"""What a bucket's members have, to see what is due."""

SELECT_MEMORIES = """
SELECT memory FROM account WHERE bucket = $1 AND member_id = ANY($2::uuid[]) ORDER BY member_id
"""
"""What the engine remembers of some members, for lots that idleness ends."""

LOCK_HOLDERS = f"""
SELECT {_POCKETS}, string_agg(int8send(entry_count), '') AS entry_counts,
    string_agg(substring(array_send(counters) FROM 21), '') AS counters,
    string_agg(int4send(cardinality(counters)), '') AS counter_counts
FROM (
    SELECT member_id, lots, waiting, entry_count, counters FROM account
    WHERE bucket = $1 AND member_id = ANY($2::uuid[]) AND status = 0 ORDER BY member_id FOR NO KEY UPDATE
) AS locked
"""
"""Rows of members who are due, locked in the order in which everybody locks them. An array's elements follow its 20 bytes of head."""

UPDATE_POINTS = """
UPDATE account SET entry_count = a.entry_count, lots = a.lots, waiting = a.waiting,
    counters = ($5::bigint[])[(a.place - 1) * $6 + 1 : a.place * $6]
FROM unnest($2::uuid[], $3::bigint[], $4::bytea[], $7::bytea[]) WITH ORDINALITY AS a (member_id, entry_count, lots, waiting, place)
WHERE account.bucket = $1 AND account.member_id = a.member_id
"""
"""Rows as time has made them; what the engine remembers stays. Counters come as one array, `$6` of each row."""

BY_KEY = """
SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off;
SET LOCAL enable_mergejoin = off
"""
"""Rows by their keys, until the transaction ends; left to itself PostgreSQL reads the whole table for each piece."""

SELECT_LEFT = """
SELECT bucket FROM generate_series(0, $2 - 1) AS bucket
EXCEPT SELECT bucket FROM sweep WHERE day >= $1 ORDER BY bucket
"""
"""The buckets that are still to be swept of a day."""

PUT_CLOCK = """
INSERT INTO sweep (bucket, day) VALUES ($1, $2)
ON CONFLICT (bucket) DO UPDATE SET day = greatest(sweep.day, excluded.day), swept_at = now()
"""
"""Remember through which day a bucket was swept."""

_ELEMENT = np.dtype([("length", ">i4"), ("value", ">i8")])
_NULL = -1
_COLUMNS: tuple[tuple[str, str], ...] = (
    ("bucket", ">i2"), ("member_id", "V16"), ("event_key", "V16"), ("n", ">i8"), ("batch_id", ">i8"), ("kind", ">i2"),
    ("unit", ">i2"), ("points", ">i8"), ("expires_on", ">i4"), ("version", ">i4"), ("rule", ">i2"), ("basis", ">i8"),
    ("taken", ""), ("restriction", ">i2"), ("release_on", ">i4"), ("cause", ">i8"),
)  # fmt: skip
_HEAD = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TRAILER = b"\xff\xff"


async def left(conn: Connection, day: date) -> list[int]:
    """Return the buckets that are still to be swept of a day."""
    return [row["bucket"] for row in await conn.fetch(SELECT_LEFT, day, BUCKETS)]


async def put_clock(conn: Connection, bucket_: int, day: date) -> None:
    """Remember that a bucket was swept."""
    await conn.execute(PUT_CLOCK, bucket_, day)


async def pockets(conn: Connection, bucket_: int) -> Pockets | None:
    """Return what a bucket's members have; None where there are none."""
    row = await conn.fetchrow(SELECT_POCKETS, bucket_)
    return None if row is None or row["members"] is None else _pockets(row)


async def memories(conn: Connection, members: Ids) -> list[bytes]:
    """Return what the engine remembers of members of one bucket."""
    return [row["memory"] for row in await conn.fetch(SELECT_MEMORIES, bucket(members), _uuids(members))]


async def lock(conn: Connection, members: Ids) -> Holders | None:
    """Lock and return rows of members of one bucket, those whose accounts are open; None where there are none."""
    await conn.execute(BY_KEY)
    row: Any = await conn.fetchrow(LOCK_HOLDERS, bucket(members), _uuids(members))
    if row["members"] is None:
        return None
    counts = _counts(row["counter_counts"])
    found = np.frombuffer(row["counters"], _ELEMENT)["value"]
    counters = np.zeros((len(counts), int(counts.max())), np.int64)
    place = np.arange(len(found)) - np.repeat(np.cumsum(counts) - counts, counts)
    counters[np.repeat(np.arange(len(counts)), counts), place] = found
    return Holders(_pockets(row), np.frombuffer(row["entry_counts"], ">i8").astype(np.int64), counters)


async def post(conn: Connection, topic: str, entries: Entries, changed: Changed) -> None:
    """Write a commit that time alone made: its own row, its entries, the members' rows, and the news of it."""
    amounts = sums(entries)
    of = [getattr(amounts, name) for name in store.SUM_NAMES]
    batch_id = await conn.fetchval(store.INSERT_BATCH, len(entries.n), *of, digest(entries))
    await conn.copy_to_table(
        "entry", source=io.BytesIO(_rows(entries, batch_id)), columns=[name for name, _ in _COLUMNS], format="binary"
    )
    for width in np.unique(changed.widths).tolist():
        of_width = np.flatnonzero(changed.widths == width)
        some = of_width.tolist()
        await conn.execute(
            UPDATE_POINTS, bucket(changed.members), _uuids(changed.members[of_width]), changed.entry_counts[of_width].tolist(),
            [changed.lots[row] for row in some], changed.counters[of_width, :width].ravel().tolist(), width,
            [changed.waiting[row] for row in some],
        )  # fmt: skip
    posted = Fragment("posted", "SELECT $1::bigint AS batch_id", [batch_id])
    await write(conn, [posted, announce(topic, "posted.batch_id FROM posted")])


def _rows(entries: Entries, batch_id: int) -> bytes:
    """Return the entries as the rows of a binary COPY."""
    facts = {
        "bucket": bucket(entries.member), "member_id": entries.member, "event_key": entries.key, "batch_id": batch_id,
        "version": NO_VERSION, "rule": NO_RULE, "basis": 0, "cause": entries.cause.view(np.int64),
    } | {name: getattr(entries, name) for name in ("n", "kind", "unit", "points", "expires_on", "restriction", "release_on")}  # fmt: skip
    parts = [_HEAD]
    for kind, without in ((EntryKind.EXPIRE, ("release_on", "cause")), (EntryKind.RELEASE, ())):
        which = np.flatnonzero(entries.kind == kind)
        if len(which):
            parts.append(_packed({name: _some(fact, which) for name, fact in facts.items()}, len(which), without))
    return b"".join([*parts, _TRAILER])


def _some(fact: Any, which: NDArray[np.intp]) -> Any:
    return fact[which] if isinstance(fact, np.ndarray) else fact


def _packed(facts: dict[str, Any], size: int, without: Sequence[str]) -> bytes:
    """Return rows of one shape: each field its length, then its value."""
    shape: list[tuple[str, str]] = [("fields", ">i2")]
    for name, kind in _COLUMNS:
        shape.append((f"{name} length", ">i4"))
        if kind and name not in without:
            shape.append((name, kind))
    rows = np.empty(size, np.dtype(shape))
    rows["fields"] = len(_COLUMNS)
    for name, kind in _COLUMNS:
        rows[f"{name} length"] = _NULL if name in without else np.dtype(kind).itemsize if kind else 0
        if kind and name not in without:
            rows[name] = facts[name]
    return rows.tobytes()


def _pockets(row: Any) -> Pockets:
    return Pockets(
        np.frombuffer(row["members"], "V16"),
        Ragged(row["lots"], _counts(row["lot_lengths"]) // LOT.size),
        Ragged(row["waiting"], _counts(row["waiting_lengths"]) // WAITING.size),
    )


def _counts(raw: bytes) -> Ints:
    return np.frombuffer(raw, ">i4").astype(np.int64)


def _uuids(members: Ids) -> list[UUID]:
    return [UUID(one) for one in members.tolist()]
