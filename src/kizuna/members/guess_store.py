"""All SQL of guesses: each statement named, with its purpose."""

from asyncpg.pgproto.pgproto import UUID

from kizuna.core.ids import bucket_of
from kizuna.runtime.db import Connection

COUNT_GUESS = """
INSERT INTO guess (bucket, member_id, kind, hour, n) VALUES ($1, $2, $3, $4, 1)
ON CONFLICT (bucket, member_id, kind) DO UPDATE
    SET hour = excluded.hour, n = CASE WHEN guess.hour = excluded.hour THEN guess.n + 1 ELSE 1 END
RETURNING n
"""
"""One more guess of a member within an hour; a row a member and kind, so that nothing piles up."""


async def count(conn: Connection, member: bytes, kind: str, hour: int) -> int:
    """Count a guess; return which one of the hour it is."""
    return int(await conn.fetchval(COUNT_GUESS, bucket_of(member), UUID(member), kind, hour))
