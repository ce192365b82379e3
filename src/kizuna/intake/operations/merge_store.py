"""All SQL of merges: each statement named, with its purpose."""

from datetime import datetime
from typing import Any, NamedTuple

from asyncpg.pgproto.pgproto import UUID

from kizuna.runtime.db import Connection, Fragment

INSERT_MERGE = "INSERT INTO merge (key, gone, kept, at, facts) VALUES ($1, $2, $3, $4, $5)"
"""Two members made one."""

SELECT_MERGE = "SELECT key, gone, kept, at, facts, undone_at FROM merge WHERE key = $1"
"""One merge."""

SELECT_MERGE_OF = "SELECT key FROM merge WHERE gone = $1 AND undone_at IS NULL"
"""The merge by which a member went."""

SELECT_MERGED_INTO = "SELECT key, gone, at FROM merge WHERE kept = $1 AND undone_at IS NULL ORDER BY at DESC"
"""Who went into a member."""

UNDO_MERGE = "UPDATE merge SET undone_at = $2 WHERE key = $1"
"""A merge that is undone."""


class Merged(NamedTuple):
    """A merge as the survivor sees it: its key, who went, when."""

    key: bytes
    gone: bytes
    at: datetime


def keep(key: bytes, gone: bytes, kept: bytes, at: datetime, facts: bytes) -> Fragment:
    """Return the fragment that keeps a merge."""
    return Fragment("merged", INSERT_MERGE, [key, UUID(gone), UUID(kept), at, facts])


async def find(conn: Connection, key: bytes) -> Any:
    """Return a merge, None if there is no such one."""
    return await conn.fetchrow(SELECT_MERGE, key)


async def merge_of(conn: Connection, gone: bytes) -> bytes:
    """Return the key of the merge by which a member went."""
    return bytes(await conn.fetchval(SELECT_MERGE_OF, UUID(gone)))


async def merged_into(conn: Connection, kept: bytes) -> list[Merged]:
    """Return who went into a member and is still one with them, the newest first."""
    return [
        Merged(row["key"], row["gone"].bytes, row["at"]) for row in await conn.fetch(SELECT_MERGED_INTO, UUID(kept))
    ]


def undo(key: bytes, at: datetime) -> Fragment:
    """Return the fragment that marks a merge as undone."""
    return Fragment("unmerged", UNDO_MERGE, [key, at])
