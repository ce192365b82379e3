"""All SQL of statements: each statement named, with its purpose. Both read one member's entries by the primary key.

An entry counts from its own time on. A lapse that was written because points came back after their last day counts from the time
of what brought them back: `counts_from` is the later of both.
"""

from typing import Any

from asyncpg.pgproto.pgproto import UUID

from kizuna.core.ids import bucket_of
from kizuna.ledger.model import Entry
from kizuna.ledger.store import entry_of
from kizuna.runtime.db import Connection

_COUNTED = """
WITH told AS (
    SELECT *, count(*) FILTER (WHERE kind <> 3) OVER (ORDER BY n) AS after FROM entry WHERE bucket = $1 AND member_id = $2
), counted AS (
    SELECT *, CASE WHEN kind = 3 THEN greatest(event_key, first_value(event_key) OVER (PARTITION BY after ORDER BY n)) ELSE event_key END
        AS counts_from
    FROM told
)
"""

SELECT_STANDING = f"""{_COUNTED}
SELECT unit, sum(points) FILTER (WHERE kind NOT IN (4, 7, 12, 15))::bigint AS balance,
    coalesce(sum(CASE kind WHEN 12 THEN points WHEN 10 THEN -points WHEN 11 THEN -points END), 0)::bigint AS held,
    coalesce(sum(CASE kind WHEN 4 THEN points WHEN 7 THEN points WHEN 5 THEN -points END), 0)::bigint AS pending
FROM counted WHERE counts_from < $3 GROUP BY unit
"""
"""What the entries before a key come to, by unit: moved, held (10 to 12), waiting (4, 5, 7)."""

SELECT_LINES = f"""{_COUNTED}
SELECT member_id, event_key, n, kind, unit, points, expires_on, version, rule, basis, taken, restriction, release_on, cause, raw, cut,
    account
FROM counted WHERE counts_from >= $3 AND counts_from < $4 ORDER BY counts_from, n
"""
"""The entries from one key to before another."""


async def standing(conn: Connection, member: bytes, before: bytes) -> dict[int, tuple[int, int, int]]:
    """Return of each unit what a member's entries before a key come to: balance, held and waiting points."""
    rows: Any = await conn.fetch(SELECT_STANDING, bucket_of(member), UUID(member), UUID(before))
    return {row["unit"]: (row["balance"] or 0, row["held"], row["pending"]) for row in rows}


async def lines(conn: Connection, member: bytes, first: bytes, before: bytes) -> list[Entry]:
    """Return a member's entries from the key `first` to before the key `before`, oldest first."""
    rows = await conn.fetch(SELECT_LINES, bucket_of(member), UUID(member), UUID(first), UUID(before))
    return [entry_of(row) for row in rows]
