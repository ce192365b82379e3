"""All SQL of the proof: each statement named, with its purpose. What is read by the million comes as columns (`proof_columns`).

`event` and `seen` are intake's tables: the proof counts them and follows their keys, and never reads what they say.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from kizuna.core.ids import BUCKETS
from kizuna.ledger.proof.columns import Column, Columns, Table, copied, each_row
from kizuna.runtime.db import Connection

SHARDS = 4 * BUCKETS
"""Members lie in so many shards, four in each bucket, in the order of the buckets."""
TIMEOUT_S = 6 * 3600
"""The longest that a single statement of the proof may take: reading a part of a very large ledger."""
EVERYTHING = (-(2**63), 2**63 - 1)
"""A stretch of commits without ends."""
_SHARD = "bucket * 4 + get_byte(uuid_send(member_id), 15) / 64"
_UUID, _TRUTH = "V16", "?"

_HISTORY = (
    Column("bucket", "bucket", ">i2"),
    Column("member", "member_id", _UUID),
    Column("key", "event_key", _UUID),
    Column("n", "n", ">i8"),
    Column("kind", "kind", ">i2"),
    Column("unit", "unit", ">i2"),
    Column("points", "points", ">i8"),
    Column("expires_on", "expires_on", ">i4"),
    Column("restriction", "restriction", ">i2"),
    Column("release_on", "coalesce(release_on, 0)", ">i4"),
    Column("cause", "coalesce(cause, 0)", ">i8"),
    Column("has_texts", "coalesce(taken, '') <> '' OR coalesce(account, '') <> ''", _TRUTH),
)


def _table(name: str, columns: Sequence[Column]) -> Table:
    return Table(f"SELECT {', '.join(column.sql for column in columns)} FROM {name} WHERE ", columns)


HISTORIES = _table("entry", _HISTORY)
"""What a replay reads of entries."""

_FACTS = (
    *_HISTORY,
    Column("batch", "batch_id", ">i8"),
    Column("version", "version", ">i4"),
    Column("rule", "rule", ">i2"),
    Column("basis", "basis", ">i8"),
    Column("raw", "coalesce(raw, points)", ">i8"),
    Column("cut", "coalesce(cut, 0::smallint)", ">i2"),
    Column(
        "has_more",
        "restriction <> 0 OR coalesce(release_on, 0) <> 0 OR coalesce(cause, 0) <> 0 OR coalesce(raw, 0) <> 0"
        " OR coalesce(cut, 0) <> 0 OR coalesce(account, '') <> ''",
        _TRUTH,
    ),
)
ENTRIES = _table("entry", _FACTS)
"""Every fact of entries."""

_EVENT = (
    Column("bucket", "bucket", ">i2"),
    Column("member", "member_id", _UUID),
    Column("key", "event_key", _UUID),
    Column("batch", "batch_id", ">i8"),
)
EVENTS = _table("event", _EVENT)
"""Which events there are."""

SELECT_TEXTS = (
    "SELECT member_id, event_key, coalesce(taken, ''), coalesce(account, '') FROM entry"
    " WHERE (coalesce(taken, '') <> '' OR coalesce(account, '') <> '') AND "
)
"""What entries took and the accounts that they name, of those that do."""

SELECT_ROWS = "SELECT bucket, member_id, entry_count, counters, lots, waiting FROM account WHERE "
"""Member rows."""

SELECT_OPEN_HOLDS = "SELECT bucket, member_id, key, unit, points, lots FROM hold WHERE state = 0 AND "
"""What is held."""

SELECT_SIZE = "SELECT coalesce(sum(greatest(entries, 0)), 0)::bigint FROM batch"
"""How many entries there should be."""

SELECT_STRETCHES = """
SELECT min(batch_id) FROM (
    SELECT batch_id, sum(greatest(entries, 0) + 1) OVER (ORDER BY batch_id) AS upto FROM batch WHERE batch_id BETWEEN $1 AND $2
) AS counted
GROUP BY (upto - 1) / $3::bigint ORDER BY 1
"""
"""Where stretches of commits begin that have about so many entries each."""

COUNT_BATCHES = "SELECT count(*) FROM batch WHERE batch_id BETWEEN $1 AND $2"
"""How many commits a stretch has; told together with what it found."""

SELECT_BATCHES = """
SELECT batch_id, entries, issued, redeemed, expired, reversed, forgiven, waiting, adjusted, held, digest FROM batch
WHERE batch_id BETWEEN $1 AND $2 ORDER BY batch_id
"""
"""The commits of a stretch."""

SELECT_LINKS = """
SELECT s.position, s.batch_id, s.hash, b.issued, b.redeemed, b.expired, b.reversed, b.forgiven, b.waiting, b.adjusted, b.held, b.digest
FROM seal s LEFT JOIN batch b USING (batch_id) ORDER BY s.position
"""
"""The chain with what each link seals."""

SELECT_MISPLACED_SEALS = """
WITH told AS (
    SELECT row_number() OVER (ORDER BY o.xid, o.id) AS position, o.payload AS batch_id
    FROM outbox o JOIN outbox_cursor c ON c.follower = $1 WHERE o.topic = $2 AND (o.xid, o.id) <= (c.xid, c.id)
)
SELECT position, told.batch_id AS told, s.batch_id AS sealed FROM told FULL JOIN seal s USING (position)
WHERE told.batch_id IS DISTINCT FROM s.batch_id ORDER BY position LIMIT $3
"""
"""Where the chain does not follow the outbox, as far as the sealer has come."""

SELECT_UNTOLD_BATCHES = """
SELECT b.batch_id, count(o.id) AS told FROM batch b LEFT JOIN outbox o ON o.topic = $1 AND o.payload = b.batch_id
GROUP BY b.batch_id HAVING count(o.id) <> 1 ORDER BY 1 LIMIT $2
"""
"""Commits that the outbox does not tell of exactly once."""

SELECT_TOLD_NOTHINGS = """
SELECT o.payload FROM outbox o LEFT JOIN batch b ON b.batch_id = o.payload WHERE o.topic = $1 AND b.batch_id IS NULL
ORDER BY 1 LIMIT $2
"""
"""Commits that the outbox tells of and that there are not."""

SELECT_LOST_CURSORS = """
SELECT c.follower FROM outbox_cursor c LEFT JOIN outbox o ON o.id = c.id AND o.xid = c.xid WHERE o.id IS NULL ORDER BY 1
"""
"""Followers who have read news that is not there any more."""

COUNT_ANSWERS = """
SELECT (SELECT count(*) FROM seen WHERE payload_hash <> '')
    + (SELECT count(DISTINCT event_key) FROM event WHERE undone IS NOT NULL)
"""
"""How many events were answered: those whose answers stand, and those that were taken back and may be told again."""

FORGET_OLD_RUNS = "DELETE FROM proof_run WHERE started_at < now() - make_interval(hours => $1)"
"""Runs that were broken off too long ago to go on with."""

INSERT_RUN = "INSERT INTO proof_run (as_of) VALUES ($1) RETURNING run_id"
"""A run begins."""

SELECT_RUN = """
SELECT run_id, as_of FROM proof_run WHERE started_at >= now() - make_interval(hours => $1) ORDER BY run_id DESC LIMIT 1
"""
"""The run that was broken off last."""

SELECT_PARTS = "SELECT side, first, last, finding::text AS finding FROM proof_part WHERE run_id = $1"
"""What a run has proven."""

KEEP_PART = """
INSERT INTO proof_part (run_id, side, first, last, finding) SELECT run_id, $2, $3, $4, $5::text::jsonb FROM proof_run WHERE run_id = $1
ON CONFLICT (run_id, side, first) DO UPDATE SET last = excluded.last, finding = excluded.finding, proven_at = now()
"""
"""A part is proven; nothing is kept of a run that somebody else has ended."""

DELETE_RUN = "DELETE FROM proof_run WHERE run_id = $1"
"""A run is over; its parts go with it."""

EXPORT_SNAPSHOT = "SELECT pg_export_snapshot()"
"""A name by which other connections see the same moment."""

ADOPT_SNAPSHOT = "SET TRANSACTION SNAPSHOT '{}'"
"""See the moment of another connection; the name cannot be a parameter."""

QUIETLY = "SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL work_mem = '64MB'"
"""Every process of the proof is as many as it looks: it asks for no others."""


def of_shards(first: int, last: int) -> str:
    """Return the condition for members of some shards; the first and the last have no ends, so that nobody lies beside all."""
    low, high = first // 4, last // 4
    parts = []
    if first:
        parts.append(f"bucket >= {low}")
    if last < SHARDS - 1:
        parts.append(f"bucket <= {high}")
    if first % 4:
        parts.append(f"{_SHARD} >= {first}")
    if last % 4 != 3:
        parts.append(f"{_SHARD} <= {last}")
    return " AND ".join(parts) or "true"


def of_batches(first: int, last: int) -> str:
    """Return the condition for entries and events of a stretch of commits."""
    return f"batch_id BETWEEN '{first}' AND '{last}'"


async def read(conn: Connection, table: Table, where: str) -> Columns:
    """Return a table's rows for which a condition holds."""
    return await table.read(conn, where)


async def texts(conn: Connection, where: str) -> dict[bytes, tuple[bytes, str]]:
    """Return what entries took and the account that they name, by member and key together."""
    raw = await copied(conn, SELECT_TEXTS + where)
    return {member + key: (taken, account.decode()) for member, key, taken, account in each_row(raw, 4)}


async def rows(conn: Connection, where: str) -> Iterator[list[bytes]]:
    """Return member rows as bytes: bucket, member, entry count, counters (an array), lots, waiting."""
    return each_row(await copied(conn, SELECT_ROWS + where), 6)


async def open_holds(conn: Connection, where: str) -> list[Any]:
    """Return the holds that are open."""
    return list(await conn.fetch(SELECT_OPEN_HOLDS + where))
