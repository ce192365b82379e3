"""All SQL of intake: each statement named, with its purpose."""

from collections.abc import Sequence

from asyncpg.pgproto.pgproto import UUID

from kizuna.core.ids import bucket_of
from kizuna.intake.model import Arrival, Outcome
from kizuna.runtime.db import Connection, Fragment

BY_KEY = """
SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off
"""
"""A commit touches a few rows of very many, each by its key: planned once, and never by reading a whole table.

Left to itself PostgreSQL plans each batch anew and reads all of `identity` and `account` for it (2,000 events among 100,000
members: 155 and 98 ms instead of 21 and 30).
"""

SELECT_SEEN = """
SELECT latest.version, seen.key, seen.payload_hash, seen.answer
FROM (SELECT max(version) AS version FROM program_version) AS latest
LEFT JOIN seen ON seen.key = ANY($1::bytea[])
"""
"""What was seen before, and the newest version of the program; always at least one row."""

INSERT_SEEN = "INSERT INTO seen (key, payload_hash, answer) SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bytea[])"
"""Claim events with their answers. A conflict means that another writer was first, and fails the commit."""

INSERT_EVENTS = """
INSERT INTO event (bucket, member_id, event_key, batch_id, type, source, id, body)
SELECT e.bucket, e.member_id, e.event_key, posted.batch_id, e.type, e.source, e.id, e.body::json
FROM posted, unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[])
    AS e (bucket, member_id, event_key, type, source, id, body)
"""
"""What happened, as it was told; stands after the ledger's `posted`."""

SELECT_EVENTS = """
SELECT event_key, type, source, id, body #>> '{data,order_id}' AS order_id, body #>> '{data,reference}' AS reference
FROM event WHERE bucket = $1 AND member_id = $2 AND event_key = ANY($3::uuid[])
"""
"""The events behind a page of entries."""

SELECT_SOURCES = """
WITH ends AS (SELECT min(batch_id) AS first, max(batch_id) AS last FROM batch)
SELECT DISTINCT e.source
FROM ends, LATERAL (
    SELECT first + (last - first) * n / 32 AS batch_id FROM generate_series(0, 31) AS n
    UNION SELECT last - n FROM generate_series(0, 31) AS n
) AS sample JOIN event e USING (batch_id)
ORDER BY e.source LIMIT 200
"""
"""Who sends events: a sample of 64 commits, spread over all and the newest; reads by the index on batch_id."""


async def seen(conn: Connection, keys: Sequence[bytes]) -> tuple[int | None, dict[bytes, tuple[bytes, bytes]]]:
    """Return the newest version, and of each key seen before its payload hash and answer."""
    rows = await conn.fetch(SELECT_SEEN, keys)
    found = {row["key"]: (row["payload_hash"], row["answer"]) for row in rows if row["key"] is not None}
    return rows[0]["version"], found


def record(arrivals: Sequence[Arrival], outcomes: Sequence[Outcome], answers: Sequence[bytes]) -> list[Fragment]:
    """Return the fragments that keep events and answers; they stand after `posted`."""
    members = [outcome.member for outcome in outcomes]
    return [
        Fragment(
            "recorded",
            INSERT_EVENTS,
            [
                [bucket_of(member) for member in members],
                [UUID(member) for member in members],
                [UUID(arrival.event_key) for arrival in arrivals],
                [arrival.type for arrival in arrivals],
                [arrival.source for arrival in arrivals],
                [arrival.id for arrival in arrivals],
                [arrival.body for arrival in arrivals],
            ],
        ),
        Fragment(
            "claimed",
            INSERT_SEEN,
            [[arrival.key for arrival in arrivals], [arrival.payload_hash for arrival in arrivals], answers],
        ),
    ]


async def events(conn: Connection, member: bytes, keys: Sequence[bytes]) -> dict[bytes, tuple[str, str | None]]:
    """Return of each event its source and what it refers to: the order, or the redemption's reference."""
    rows = await conn.fetch(SELECT_EVENTS, bucket_of(member), UUID(member), [UUID(key) for key in keys])
    return {row["event_key"].bytes: (row["source"], row["order_id"] or row["reference"]) for row in rows}
