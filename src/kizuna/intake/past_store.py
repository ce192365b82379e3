"""All SQL of looking back at what happened to one member: each statement named, with its purpose. All of them go by key."""

from collections.abc import Sequence
from typing import Any

from asyncpg.pgproto.pgproto import UUID

from kizuna.core.ids import bucket_of
from kizuna.runtime.db import Connection

SELECT_PAST = """
SELECT event_key, type, source, id, body, received_at, (SELECT event_key FROM event
    WHERE bucket = $1 AND member_id = $2 AND type = $6 ORDER BY event_key DESC LIMIT 1) AS last_key
FROM event
WHERE bucket = $1 AND member_id = $2 AND event_key < $3 AND ($4::text[] IS NULL OR type = ANY ($4)) ORDER BY event_key DESC LIMIT $5
"""
"""A page of what happened to one member, of all types or of some, newest first, before a key; and the last of one type."""

SELECT_ONE = """
SELECT event_key, type, source, id, body, received_at, (SELECT event_key FROM event
    WHERE bucket = $1 AND member_id = $2 AND type = $4 ORDER BY event_key DESC LIMIT 1) AS last_key
FROM event WHERE bucket = $1 AND member_id = $2 AND event_key = $3
"""
"""One thing that happened to a member; and the last of one type."""

SELECT_TOLD = """
WITH last_of AS (
    SELECT event_key FROM event WHERE bucket = $1 AND member_id = $2 AND type = $4 ORDER BY event_key DESC LIMIT 1
)
SELECT e.event_key, e.event_key = ANY ($3::uuid[]) AS is_asked, e.event_key = (SELECT event_key FROM last_of) AS is_last,
    e.source, coalesce(body #>> '{data,order_id}', body #>> '{data,reference}'), e.type, body #>> '{data,reason}',
    body #>> '{data,note}', body #>> '{data,timed_out}' = 'true'
FROM event e WHERE bucket = $1 AND member_id = $2 AND e.event_key = ANY ($3::uuid[] || ARRAY(SELECT event_key FROM last_of))
"""
"""The events behind a page of entries, and a member's last event of one type."""

SELECT_ANSWERS = "SELECT key, answer FROM seen WHERE key = ANY ($1::bytea[]) AND payload_hash <> ''"
"""The first answers that some events were given."""


async def before(
    conn: Connection, member: bytes, key: bytes, types: Sequence[str] | None, limit: int, last: str
) -> Sequence[Any]:
    """Return up to `limit` events older than `key`, newest first, each with the key of the member's last one of type `last`."""
    rows: Sequence[Any] = await conn.fetch(SELECT_PAST, bucket_of(member), UUID(member), UUID(key), types, limit, last)
    return rows


async def one(conn: Connection, member: bytes, key: bytes, last: str) -> Any | None:
    """Return one event with the key of the member's last one of type `last`, None if the member has no such event."""
    return await conn.fetchrow(SELECT_ONE, bucket_of(member), UUID(member), UUID(key), last)


async def told(conn: Connection, member: bytes, keys: Sequence[bytes], type_: str) -> Sequence[Any]:
    """Return some events' sources and references, and the member's last event of `type_`."""
    asked = [UUID(key) for key in keys]
    rows: Sequence[Any] = await conn.fetch(SELECT_TOLD, bucket_of(member), UUID(member), asked, type_)
    return rows


async def answers(conn: Connection, keys: Sequence[bytes]) -> dict[bytes, bytes]:
    """Return the packed answers of some events by what `seen` knows them by."""
    return {row["key"]: row["answer"] for row in await conn.fetch(SELECT_ANSWERS, keys)}
