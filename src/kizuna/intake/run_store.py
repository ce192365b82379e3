"""All SQL of import runs as intake knows them: which commits recorded one. Each statement named, with its purpose."""

from collections.abc import Sequence
from typing import NamedTuple

from asyncpg.pgproto.pgproto import UUID

from kizuna.core.ids import bucket_of
from kizuna.runtime.db import Connection, Fragment

INSERT_BATCH_OF_RUN = "INSERT INTO import_batch (run_id, batch_id) SELECT $1, posted.batch_id FROM posted"
"""A commit that records events of a run; stands after the ledger's `posted`."""

SELECT_RECORDED = """
SELECT e.event_key, e.batch_id, e.level, e.orders, e.amount
FROM unnest($1::smallint[], $2::uuid[], $3::uuid[]) AS asked (bucket, member_id, event_key)
JOIN event e ON e.bucket = asked.bucket AND e.member_id = asked.member_id AND e.event_key = asked.event_key
"""
"""With which commits some events were recorded, and what they did beside the ledger."""

SELECT_EVENTS_OF = """
SELECT e.event_key, e.type, e.source, e.id, e.body,
    EXISTS (SELECT 1 FROM import_batch b WHERE b.run_id = $3 AND b.batch_id = e.batch_id) AS is_runs
FROM event e WHERE e.bucket = $1 AND e.member_id = $2 AND e.undone IS NULL AND e.type <> 'import.undone'
ORDER BY e.event_key
"""
"""What happened to a member and was not taken back, with whether a run recorded it."""

SELECT_MEMBERS_OF = """
SELECT DISTINCT uuid_send(e.member_id) AS member FROM import_batch b JOIN event e ON e.batch_id = b.batch_id
WHERE (b.run_id = $1 AND e.undone IS NULL) OR b.run_id = $2 ORDER BY 1
"""
"""Whom a run concerns still, and whom an undoing of it has been through already."""

HAS_BATCHES = "SELECT EXISTS (SELECT 1 FROM import_batch WHERE run_id = $1)"
"""Whether it was noted which commits recorded a run."""

UNDO_EVENTS = """
UPDATE event SET undone = posted.batch_id
FROM posted, unnest($1::smallint[], $2::uuid[], $3::uuid[]) AS gone (bucket, member_id, event_key)
WHERE event.bucket = gone.bucket AND event.member_id = gone.member_id AND event.event_key = gone.event_key
"""
"""Events that are taken back, by which commit; stands after the ledger's `posted`."""

FREE_SEEN = """
UPDATE seen SET payload_hash = '', answer = freed.mark FROM unnest($1::bytea[], $2::bytea[]) AS freed (key, mark)
WHERE seen.key = freed.key
"""
"""What was taken back may be told again: a mark is left, so that it gets other keys then."""


class Recorded(NamedTuple):
    """An event's commit, the rung after it, and by how much it changed the member's orders and their amount."""

    batch: int
    level: int | None
    orders: int | None
    amount: int | None


class EventOfRun(NamedTuple):
    """Something that happened to a member; `is_runs` says that the run recorded it."""

    key: bytes
    type: str
    source: str
    id: str
    body: str
    is_runs: bool


async def events_of(conn: Connection, run: str, member: bytes) -> list[EventOfRun]:
    """Return what happened to a member and was not taken back."""
    rows = await conn.fetch(SELECT_EVENTS_OF, bucket_of(member), UUID(member), run)
    return [EventOfRun(row["event_key"].bytes, *list(row)[1:]) for row in rows]


async def members_of(conn: Connection, run: str, undoing: str) -> list[bytes]:
    """Return whom a run concerns, with those whom an undoing of it (its own run) has been through already."""
    return [row["member"] for row in await conn.fetch(SELECT_MEMBERS_OF, run, undoing)]


async def has_batches(conn: Connection, run: str) -> bool:
    """Tell whether it was noted which commits recorded a run."""
    return bool(await conn.fetchval(HAS_BATCHES, run))


def undo(member: bytes, events: Sequence[bytes]) -> list[Fragment]:
    """Return the fragment that marks events of a member as taken back."""
    size = len(events)
    columns = [[bucket_of(member)] * size, [UUID(member)] * size, [UUID(one) for one in events]]
    return [Fragment("undone", UNDO_EVENTS, columns)]


def free(keys: Sequence[bytes], mark: bytes) -> Fragment:
    """Return the fragment that lets events be told again."""
    return Fragment("freed", FREE_SEEN, [list(keys), [mark] * len(keys)])


async def recorded(conn: Connection, events: Sequence[tuple[bytes, bytes]]) -> dict[bytes, Recorded]:
    """Return of some events, each named by its member and its key, how they were recorded, by key."""
    columns = [
        [bucket_of(member) for member, _ in events],
        *([UUID(event[place]) for event in events] for place in (0, 1)),
    ]
    rows = await conn.fetch(SELECT_RECORDED, *columns)
    return {row["event_key"].bytes: Recorded(*list(row)[1:]) for row in rows}


def of_run(run: str) -> Fragment:
    """Return the fragment that notes a commit as the run's."""
    return Fragment("of_run", INSERT_BATCH_OF_RUN, [run])
