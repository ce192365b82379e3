"""The outbox: news travels upward only through it, in the order of commits, each follower at its own pace.

A row carries the transaction that wrote it. A follower reads only past rows whose transaction is older than every one
still running, so it can never step over a row that commits late. One process follows at a time (advisory lock), and its
work and its new position commit together: what a follower writes into the database happens exactly once.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kizuna.core.ids import digest
from kizuna.runtime.db import Connection, Database, Fragment

ROWS_AT_ONCE = 500

SELECT_NEWS = """
SELECT id, xid::text AS xid, topic, payload FROM outbox
WHERE (xid, id) > ($1::text::xid8, $2) AND xid < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY outbox.xid, outbox.id LIMIT $3
"""
"""What has settled since a position; ordered by the number, not by the text of it that is returned."""

COUNT_HANDLED = """
SELECT count(*) FROM outbox o JOIN outbox_cursor c ON c.follower = $1 WHERE o.topic = $2 AND (o.xid, o.id) <= (c.xid, c.id)
"""
"""How much news of a topic a follower has handled."""

SELECT_CURSOR = "SELECT xid::text AS xid, id FROM outbox_cursor WHERE follower = $1"
"""How far a follower has come."""

MOVE_CURSOR = """
INSERT INTO outbox_cursor (follower, xid, id) VALUES ($1, $2::text::xid8, $3)
ON CONFLICT (follower) DO UPDATE SET xid = excluded.xid, id = excluded.id, moved_at = now()
"""
"""Remember how far a follower has come."""

TRY_LOCK = "SELECT pg_try_advisory_xact_lock(hashtext(current_schema()), $1)"
"""One process per schema and follower; the schema is part of the key."""

LOCK = "SELECT pg_advisory_xact_lock(hashtext(current_schema()), $1)"
"""The same lock, waited for."""

FORGET_CURSOR = "DELETE FROM outbox_cursor WHERE follower = $1"
"""A follower without a cursor begins with the oldest row."""

SELECT_LAG = """
WITH here AS (SELECT xid, id FROM outbox_cursor WHERE follower = $1 UNION ALL SELECT '0'::xid8, 0 ORDER BY 1 DESC LIMIT 1),
waiting AS (SELECT o.at FROM outbox o, here WHERE (o.xid, o.id) > (here.xid, here.id) ORDER BY o.xid, o.id LIMIT $2)
SELECT (SELECT count(*) FROM waiting) AS waiting, (SELECT min(at) FROM waiting) AS waiting_since,
    (SELECT o.at FROM outbox o, here WHERE o.id = here.id) AS handled_at
"""
"""How far a follower is behind, counting no further than a limit."""

COUNT_WAITING = """
SELECT count(*) FROM outbox o
WHERE (o.xid, o.id) > (SELECT xid, id FROM outbox_cursor WHERE follower = $1
                       UNION ALL SELECT '0'::xid8, 0 ORDER BY 1 DESC LIMIT 1)
"""
"""How far a follower is behind."""


@dataclass(frozen=True, slots=True)
class News:
    """One row: something of `topic` happened, found under the number `payload`."""

    topic: str
    payload: int


@dataclass(frozen=True, slots=True)
class Follower:
    """A name and what it does with news, inside the transaction that moves its cursor.

    `handle` returns how much of the news it has done, from the front and at least one; None is all. The rest comes again.
    """

    name: str
    handle: Callable[[Connection, list[News]], Awaitable[int | None]]


@dataclass(frozen=True, slots=True)
class Lag:
    """How many rows wait for a follower, since when the oldest does, and when the last one that it handled was written."""

    waiting: int
    waiting_since: datetime | None
    handled_at: datetime | None


def announce(topic: str, payload_from: str) -> Fragment:
    """Return the fragment that adds one row; `payload_from` is an SQL expression over the CTEs before it."""
    return Fragment("news", f"INSERT INTO outbox (topic, payload) SELECT $1, {payload_from}", [topic])


async def follow_once(db: Database, schema: str, follower: Follower) -> int:
    """Hand the next news to `follower`; return how many rows, 0 also when another process is at it. Raises `Unavailable`."""
    async with db.transaction(schema) as conn:
        if not await claim(conn, follower.name):
            return 0
        at: Any = await conn.fetchrow(SELECT_CURSOR, follower.name)
        rows = await conn.fetch(SELECT_NEWS, at["xid"] if at else "0", at["id"] if at else 0, ROWS_AT_ONCE)
        if rows:
            done = await follower.handle(conn, [News(row["topic"], row["payload"]) for row in rows])
            rows = rows if done is None else rows[:done]
            await conn.execute(MOVE_CURSOR, follower.name, rows[-1]["xid"], rows[-1]["id"])
        return len(rows)


async def claim(conn: Connection, follower: str) -> bool:
    """Keep everybody else from following until the transaction ends; return False when somebody is at it."""
    return bool(await conn.fetchval(TRY_LOCK, _lock_number(follower)))


async def start_over(conn: Connection, follower: str) -> None:
    """Wait until nobody follows, keep it so until the transaction ends, and forget how far the follower has come."""
    await conn.execute(LOCK, _lock_number(follower))
    await conn.execute(FORGET_CURSOR, follower)


async def lag(conn: Connection, follower: str, waiting_max: int) -> Lag:
    """Return how far a follower is behind; rows beyond `waiting_max` are not counted."""
    row: Any = await conn.fetchrow(SELECT_LAG, follower, waiting_max)
    return Lag(row["waiting"], row["waiting_since"], row["handled_at"])


async def waiting(db: Database, schema: str, follower: str) -> int:
    """Return how many rows a follower has still to read. Raises `Unavailable`."""
    async with db.lend(schema) as conn:
        return int(await conn.fetchval(COUNT_WAITING, follower))


async def handled(conn: Connection, follower: str, topic: str) -> int:
    """Return how much news of `topic` a follower has handled, at the moment that `conn` sees."""
    return int(await conn.fetchval(COUNT_HANDLED, follower, topic))


def _lock_number(name: str) -> int:
    return int.from_bytes(digest("follower", name, size=4), "big", signed=True)
