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


class Recorded(NamedTuple):
    """An event's commit, the rung after it, and by how much it changed the member's orders and their amount."""

    batch: int
    level: int | None
    orders: int | None
    amount: int | None


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
