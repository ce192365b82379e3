"""All SQL of looking into one member's entries: each statement named, with its purpose. All of them go by the primary key."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from asyncpg.pgproto.pgproto import UUID

from kizuna.core.ids import bucket_of
from kizuna.engine import EntryKind
from kizuna.ledger.model import Entry
from kizuna.ledger.store import entry_of
from kizuna.runtime.db import Connection

SELECT_PAGE = """
WITH page AS MATERIALIZED (
    SELECT * FROM entry WHERE bucket = $1 AND member_id = $2 AND event_key < $3 AND event_key >= $4
        AND ($5::smallint[] IS NULL OR kind = ANY ($5)) ORDER BY event_key DESC LIMIT $6
), newer AS (
    SELECT coalesce(sum(points) FILTER (WHERE unit = 0 AND kind NOT IN (4, 7, 12, 15)), 0)::bigint AS points FROM entry
    WHERE bucket = $1 AND member_id = $2 AND event_key > (SELECT event_key FROM page LIMIT 1)
), around AS (
    SELECT event_key,
        coalesce(sum(points) FILTER (WHERE unit = 0 AND kind NOT IN (4, 7, 12, 15)) OVER (ORDER BY event_key DESC), 0) AS points
    FROM entry
    WHERE bucket = $1 AND member_id = $2 AND event_key <= (SELECT event_key FROM page LIMIT 1)
        AND event_key >= (SELECT event_key FROM page ORDER BY event_key LIMIT 1)
)
SELECT member_id, event_key, n, kind, unit, page.points, expires_on, version, rule, basis, taken, restriction, release_on, cause,
    raw, cut, account, (SELECT points FROM newer) + around.points::bigint AS since
FROM page JOIN around USING (event_key)
UNION ALL
SELECT NULL, asked.event_key, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    (SELECT coalesce(sum(points) FILTER (WHERE unit = 0 AND kind NOT IN (4, 7, 12, 15)), 0)::bigint
    FROM entry WHERE bucket = $1 AND member_id = $2 AND entry.event_key > asked.event_key)
FROM unnest($7::uuid[]) AS asked (event_key)
ORDER BY 2 DESC
"""
"""A page of one member's history between two keys, of some kinds or all, each with the points moved since it (its own too).

Keys that are asked for beside it come as rows of nothing but the key and the points moved since. Moved are spendable points of
the first unit: what waits (kinds 4 and 7), is confirmed (12) or extended (15) moves nothing.
"""

SELECT_KINDS = "SELECT DISTINCT kind FROM entry WHERE bucket = $1 AND member_id = $2 ORDER BY kind"
"""The kinds of entries that one member has."""

SELECT_OF_EVENTS = """
SELECT e.member_id, e.event_key, n, kind, unit, points, expires_on, version, rule, basis, taken, restriction, release_on, cause, raw,
    cut, account
FROM unnest($3::uuid[], $4::uuid[]) AS asked (first, last)
JOIN entry e ON e.bucket = $1 AND e.member_id = $2 AND e.event_key BETWEEN asked.first AND asked.last
ORDER BY e.event_key
"""
"""What some events moved: an entry's key is its event's, with a line number."""

SELECT_MAKINGS = """
SELECT asked.expires_on, e.event_key, e.points
FROM unnest($3::integer[], $4::uuid[], $5::uuid[]) AS asked (expires_on, first, after)
JOIN entry e ON e.bucket = $1 AND e.member_id = $2 AND e.event_key >= asked.first AND e.event_key < asked.after
WHERE e.kind = ANY($6::smallint[]) AND e.unit = 0 AND e.expires_on = asked.expires_on ORDER BY e.event_key
"""
"""The earnings that made some lots, each looked for within the days on which it can have been made."""


SELECT_ADJUSTED = """
SELECT batch_id, uuid_send(member_id) AS member, unit, sum(points) FILTER (WHERE points > 0) AS added,
    count(*) FILTER (WHERE points > 0) AS lots, -sum(points) FILTER (WHERE points < 0) AS taken
FROM entry WHERE batch_id = ANY($1::bigint[]) AND account = $2 AND kind = $3 GROUP BY batch_id, member_id, unit
"""
"""What some commits corrected for one reason, by member and unit."""


SELECT_ENTRIES_ALL = "SELECT * FROM entry WHERE bucket = $1 AND member_id = $2 ORDER BY n"
"""All that ever moved a member's points, in the order of its making."""


async def page(
    conn: Connection,
    member: bytes,
    between: tuple[bytes, bytes],
    kinds: Sequence[int] | None,
    limit: int,
    beside: Sequence[bytes],
) -> tuple[list[tuple[Entry, int]], dict[bytes, int]]:
    """Return up to `limit` entries from the first key to before the second, newest first, each with the points moved since.

    Also return the points moved since each of the keys `beside`.
    """
    first, before = between
    asked = [UUID(key) for key in beside]
    rows = await conn.fetch(
        SELECT_PAGE, bucket_of(member), UUID(member), UUID(before), UUID(first), kinds, limit, asked
    )
    found = [(entry_of(row), row["since"]) for row in rows if row["n"] is not None]
    return found, {row["event_key"].bytes: row["since"] for row in rows if row["n"] is None}


async def kinds(conn: Connection, member: bytes) -> list[int]:
    """Return the kinds of entries that a member has."""
    return [row["kind"] for row in await conn.fetch(SELECT_KINDS, bucket_of(member), UUID(member))]


async def of_events(conn: Connection, member: bytes, keys: Sequence[bytes]) -> list[Entry]:
    """Return the entries of some events, oldest first."""
    first, last = ([UUID(key[:15] + line) for key in keys] for line in (b"\x01", b"\xff"))
    return [entry_of(row) for row in await conn.fetch(SELECT_OF_EVENTS, bucket_of(member), UUID(member), first, last)]


async def makings(
    conn: Connection, member: bytes, asked: Sequence[tuple[int, bytes, bytes]], kinds: Sequence[int]
) -> Sequence[Any]:
    """Return (expires_on, event_key, points) of each entry of `kinds` that made one of the lots `asked` for."""
    days, first, after = zip(*asked, strict=True)
    rows: Sequence[Any] = await conn.fetch(
        SELECT_MAKINGS, bucket_of(member), UUID(member), days, [UUID(key) for key in first],
        [UUID(key) for key in after], kinds,
    )  # fmt: skip
    return rows


class Adjusted(NamedTuple):
    """Points that were added for one reason, in how many lots, and points that were taken."""

    added: int
    lots: int
    taken: int


async def adjusted(conn: Connection, batches: Sequence[int], reason: str) -> dict[tuple[int, bytes, int], Adjusted]:
    """Return what some commits corrected for one reason, by commit, member and unit."""
    rows = await conn.fetch(SELECT_ADJUSTED, batches, reason, EntryKind.ADJUST)
    return {
        (row["batch_id"], row["member"], row["unit"]): Adjusted(
            int(row["added"] or 0), row["lots"], int(row["taken"] or 0)
        )
        for row in rows
    }


async def entries_all(conn: Connection, member: bytes) -> list[Entry]:
    """Return a member's whole history, in the order of its making."""
    return [entry_of(row) for row in await conn.fetch(SELECT_ENTRIES_ALL, bucket_of(member), UUID(member))]
