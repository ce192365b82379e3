"""All SQL of telling recorded purchases again: each statement named, with its purpose."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from kizuna.runtime.db import Connection

SELECT_TOLD = """
SELECT member_id, body::text AS body, batch_id, place FROM event
WHERE bucket = $1 AND type = ANY($2::text[]) AND undone IS NULL ORDER BY batch_id, place
"""
"""What a bucket's members bought, gave back and redeemed, in the order of arrival; what an import's undoing took back is left out."""

SELECT_MOVED = "SELECT member_id, moved_to FROM account WHERE moved_to IS NOT NULL"
"""Who was merged into whom."""

COUNT_TOLD = "SELECT count(*) FROM event WHERE type = ANY($1::text[]) AND undone IS NULL"
"""How many such events there are."""


async def told(conn: Connection, bucket: int, types: Sequence[str]) -> AsyncIterator[Any]:
    """Yield events of one bucket in the order of arrival; needs a transaction."""
    async for row in conn.cursor(SELECT_TOLD, bucket, types, prefetch=2_000):
        yield row


async def moved(conn: Connection) -> dict[bytes, bytes]:
    """Return where merged members went, each to where the way ends."""
    step = {row["member_id"].bytes: row["moved_to"].bytes for row in await conn.fetch(SELECT_MOVED)}

    def end(member: bytes) -> bytes:
        while member in step:
            member = step[member]
        return member

    return {member: end(member) for member in step}


async def count(conn: Connection, types: Sequence[str]) -> int:
    """Return how many events of some types there are."""
    return int(await conn.fetchval(COUNT_TOLD, types))
