"""All SQL of intake: each statement named, with its purpose."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from asyncpg.pgproto.pgproto import UUID

from kizuna.core.ids import bucket_of
from kizuna.intake.model import Arrival, Behind, Outcome
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

RECLAIM_SEEN = """
UPDATE seen SET payload_hash = told.payload_hash, answer = told.answer
FROM unnest($1::bytea[], $2::bytea[], $3::bytea[]) AS told (key, payload_hash, answer)
WHERE seen.key = told.key AND seen.payload_hash = ''
"""
"""Claim events again that were taken back. Of two writers the second fails at the event's key, which both make alike."""

INSERT_EVENTS = """
INSERT INTO event (bucket, member_id, event_key, batch_id, type, source, id, body, level, place)
SELECT e.bucket, e.member_id, e.event_key, posted.batch_id, e.type, e.source, e.id, e.body::json, e.level, e.place
FROM posted, unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::smallint[])
    WITH ORDINALITY AS e (bucket, member_id, event_key, type, source, id, body, level, place)
"""
"""What happened, as it was told, where no tier was left and no order changed; stands after the ledger's `posted`."""

INSERT_TELLING_EVENTS = """
INSERT INTO event (bucket, member_id, event_key, batch_id, type, source, id, body, level, orders, amount, level_before, fell_on, place)
SELECT e.bucket, e.member_id, e.event_key, posted.batch_id, e.type, e.source, e.id, e.body::json, e.level, e.orders, e.amount,
    e.level_before, e.fell_on, e.place
FROM posted, unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::smallint[],
    $9::smallint[], $10::bigint[], $11::smallint[], $12::date[])
    WITH ORDINALITY AS e (bucket, member_id, event_key, type, source, id, body, level, orders, amount, level_before, fell_on, place)
"""
"""The same with what the events did to orders and tiers."""

INSERT_BESIDE = """
INSERT INTO event (bucket, member_id, event_key, batch_id, type, source, id, body)
SELECT e.bucket, e.member_id, e.event_key, posted.batch_id, e.type, e.source, e.id, e.body::json
FROM posted, unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[])
    AS e (bucket, member_id, event_key, type, source, id, body)
"""
"""The same happening under each further member whom it concerns; it tells nothing of their tiers."""

INSERT_REFERRALS = """
INSERT INTO referral (bucket, member_id, event_key, batch_id)
SELECT r.bucket, r.member_id, r.event_key, posted.batch_id
FROM posted, unnest($1::smallint[], $2::uuid[], $3::uuid[]) AS r (bucket, member_id, event_key)
ON CONFLICT (bucket, member_id) DO NOTHING
"""
"""Members who came to count as brought; a member does so once."""

SELECT_REFERRALS = (
    "SELECT member_id, event_key FROM referral WHERE batch_id = ANY($1::bigint[]) ORDER BY batch_id, member_id"
)
"""Who came to count as brought with some commits."""

LOCK_SHARED = """
SELECT c.slot, c.store, c.stretch, c.used FROM program_counter c
WHERE (c.slot, c.store, c.stretch) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::integer[]))
ORDER BY c.slot, c.store, c.stretch FOR UPDATE
"""
"""Figures that members share, locked in one fixed order."""

SELECT_SHARED = """
SELECT c.slot, c.store, c.stretch, c.used FROM program_counter c
WHERE (c.slot, c.store, c.stretch) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::integer[]))
"""
"""Figures that members share, to look at."""

INSERT_SHARED = """
INSERT INTO program_counter (slot, store, stretch, used)
SELECT * FROM unnest($1::text[], $2::text[], $3::integer[], $4::bigint[])
"""
"""Figures that nobody had used. A conflict means that another writer was first, and fails the commit."""

UPDATE_SHARED = """
UPDATE program_counter SET used = now.used
FROM unnest($1::text[], $2::text[], $3::integer[], $4::bigint[]) AS now (slot, store, stretch, used)
WHERE program_counter.slot = now.slot AND program_counter.store = now.store AND program_counter.stretch = now.stretch
"""
"""Figures that are locked, as they are now."""

SELECT_CLOCK = "SELECT day FROM occasion_clock WHERE type = $1"
"""Up to which day the events of an occasion were made."""

PUT_CLOCK = """
INSERT INTO occasion_clock (type, day) VALUES ($1, $2) ON CONFLICT (type) DO UPDATE SET day = excluded.day
"""
"""Remember up to which day the events of an occasion were made."""

BY_KEY_HERE = """
SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off;
SET LOCAL enable_mergejoin = off
"""
"""The same as `BY_KEY`, until the transaction ends."""

SELECT_EVENTS = """
SELECT event_key, source, coalesce(body #>> '{data,order_id}', body #>> '{data,reference}'), type, body #>> '{data,reason}',
    body #>> '{data,note}', body #>> '{data,timed_out}' = 'true'
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


class Seen(NamedTuple):
    """The newest version, and of each key seen before its payload hash and answer; of those taken back since, the mark they left."""

    version: int | None
    known: dict[bytes, tuple[bytes, bytes]]
    freed: dict[bytes, bytes]


async def seen(conn: Connection, keys: Sequence[bytes]) -> Seen:
    """Return what was seen before."""
    rows = await conn.fetch(SELECT_SEEN, keys)
    found = {row["key"]: (row["payload_hash"], row["answer"]) for row in rows if row["key"] is not None}
    freed = {key: answer for key, (payload_hash, answer) in found.items() if not payload_hash}
    return Seen(rows[0]["version"], {key: one for key, one in found.items() if key not in freed}, freed)


class Did(NamedTuple):
    """What an event did beside the ledger: by how much it changed orders and their amount, the tier before, since when it was that."""

    orders: int | None = None
    amount: int | None = None
    level_before: int | None = None
    fell_on: date | None = None


NOTHING = Did()


def record(
    arrivals: Sequence[Arrival], outcomes: Sequence[Outcome], answers: Sequence[bytes], did: Mapping[int, Did]
) -> list[Fragment]:
    """Return the fragments that keep events and answers; they stand after `posted`.

    `did` is what some events did, by their place, beyond adding an order and leaving the tier as it was.
    """
    members = [outcome.member for outcome in outcomes]
    columns: list[Sequence[Any]] = [
        [bucket_of(member) for member in members],
        [UUID(member) for member in members],
        [UUID(arrival.event_key) for arrival in arrivals],
        [arrival.type for arrival in arrivals],
        [arrival.source for arrival in arrivals],
        [arrival.id for arrival in arrivals],
        [arrival.body for arrival in arrivals],
        [outcome.level for outcome in outcomes],
    ]
    if did:
        columns += zip(*(did.get(place, NOTHING) for place in range(len(arrivals))), strict=True)
    fragments = [Fragment("recorded", INSERT_TELLING_EVENTS if did else INSERT_EVENTS, columns)]
    for name, statement, again in (("claimed", INSERT_SEEN, False), ("reclaimed", RECLAIM_SEEN, True)):
        claims = [
            (arrival.key, arrival.payload_hash, answer)
            for arrival, answer in zip(arrivals, answers, strict=True)
            if arrival.is_again is again
        ]
        if claims:
            fragments.append(Fragment(name, statement, list(zip(*claims, strict=True))))
    return fragments


def record_beside(concerned: Sequence[tuple[bytes, Arrival]]) -> Fragment:
    """Return the fragment that keeps events under further members; it stands after `posted`."""
    columns = [
        [bucket_of(member) for member, _ in concerned],
        [UUID(member) for member, _ in concerned],
        [UUID(arrival.event_key) for _, arrival in concerned],
        *([getattr(arrival, name) for _, arrival in concerned] for name in ("type", "source", "id", "body")),
    ]
    return Fragment("recorded_beside", INSERT_BESIDE, columns)


async def events(conn: Connection, member: bytes, keys: Sequence[bytes]) -> dict[bytes, Behind]:
    """Return what stands behind the entries of each event."""
    rows = await conn.fetch(SELECT_EVENTS, bucket_of(member), UUID(member), [UUID(key) for key in keys])
    return {key.bytes: behind(*told) for key, *told in rows}


def behind(source: str, reference: str | None, *told: Any) -> Behind:
    """Return what stands behind entries, from the columns in the order of the statements that read it."""
    type_, reason, note, timed_out = told
    return Behind(source, reference, type_, reason, note, bool(timed_out))


SharedKey = tuple[str, str, int]
"""A shared figure's slot (its stable name), store and stretch of the calendar."""


async def shared(conn: Connection, keys: Sequence[SharedKey], *, for_look: bool = False) -> dict[SharedKey, int]:
    """Return the shared figures that somebody has used, locked until the transaction ends (or only looked at)."""
    if not keys:
        return {}
    rows = await conn.fetch(
        SELECT_SHARED if for_look else LOCK_SHARED, *[list(column) for column in zip(*keys, strict=True)]
    )
    return {(row["slot"], row["store"], row["stretch"]): row["used"] for row in rows}


def put_shared(figures: Sequence[tuple[SharedKey, int]], *, new: bool) -> Fragment:
    """Return the fragment that writes shared figures."""
    columns = [list(column) for column in zip(*((*key, used) for key, used in figures), strict=True)]
    return Fragment("first_used", INSERT_SHARED, columns) if new else Fragment("used", UPDATE_SHARED, columns)


def qualify(members: Sequence[tuple[bytes, bytes]]) -> Fragment:
    """Return the fragment that keeps who came to count as brought, by which event."""
    columns = [
        [bucket_of(member) for member, _ in members],
        *([UUID(one) for one in ids] for ids in zip(*members, strict=True)),
    ]
    return Fragment("qualified", INSERT_REFERRALS, columns)


async def referrals(conn: Connection, batches: Sequence[int]) -> list[tuple[bytes, bytes]]:
    """Return who came to count as brought with some commits, and by which event."""
    rows = await conn.fetch(SELECT_REFERRALS, batches)
    return [(row["member_id"].bytes, row["event_key"].bytes) for row in rows]
