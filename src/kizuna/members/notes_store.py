"""All SQL of notes: each statement named, with its purpose. Every one reaches a note through its member's own key."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from asyncpg.pgproto.pgproto import UUID

from kizuna.core.ids import bucket_of
from kizuna.runtime.db import Connection

INSERT_NOTE = """
INSERT INTO member_note (bucket, member_id, token, author, body, written_at)
SELECT bucket, member_id, $3, $4, $5, $6 FROM member WHERE bucket = $1 AND member_id = $2
ON CONFLICT (bucket, member_id, token) DO UPDATE SET token = excluded.token RETURNING note_id
"""
"""Write a note about a member who exists; the same token again gives the note that it made."""

SELECT_NOTES = """
SELECT note_id, author, body, written_at, removed_at, removed_by FROM member_note
WHERE bucket = $1 AND member_id = $2 AND note_id < $3 AND removed_at IS NULL ORDER BY note_id DESC LIMIT $4
"""
"""A page of a member's notes, newest first, before a number."""

SELECT_REMOVED = """
SELECT note_id, author, body, written_at, removed_at, removed_by FROM member_note
WHERE bucket = $1 AND member_id = $2 AND removed_at > $3 ORDER BY removed_at DESC, note_id DESC LIMIT $4
"""
"""What was taken away since a moment, the latest first."""

SELECT_NEWEST = """
SELECT note_id, author, body, written_at, removed_at, removed_by, count(*) OVER () AS notes FROM member_note
WHERE bucket = $1 AND member_id = $2 AND removed_at IS NULL ORDER BY note_id DESC LIMIT 1
"""
"""A member's newest note, and how many there are."""

REMOVE_NOTE = """
UPDATE member_note SET removed_at = coalesce(removed_at, $4), removed_by = coalesce(removed_by, $5)
WHERE bucket = $1 AND member_id = $2 AND note_id = $3 RETURNING note_id
"""
"""Take a note away; taken away twice, the first time counts."""

RESTORE_NOTE = """
UPDATE member_note SET removed_at = NULL, removed_by = NULL
WHERE bucket = $1 AND member_id = $2 AND note_id = $3 AND (removed_at IS NULL OR removed_at > $4) RETURNING note_id
"""
"""Bring a note back that was taken away after a moment."""

PURGE_NOTES = "DELETE FROM member_note WHERE removed_at <= $1 RETURNING note_id"
"""Forget what was taken away before a moment."""


async def insert(conn: Connection, member: bytes, token: bytes, author: str, body: str, at: datetime) -> int | None:
    """Write a note and return its number, None if there is no such member."""
    number: int | None = await conn.fetchval(INSERT_NOTE, bucket_of(member), UUID(member), token, author, body, at)
    return number


async def before(conn: Connection, member: bytes, number: int, limit: int) -> Sequence[Any]:
    """Return up to `limit` notes older than `number`, newest first."""
    rows: Sequence[Any] = await conn.fetch(SELECT_NOTES, bucket_of(member), UUID(member), number, limit)
    return rows


async def removed_since(conn: Connection, member: bytes, since: datetime, limit: int) -> Sequence[Any]:
    """Return what was taken away after `since`, the latest first."""
    rows: Sequence[Any] = await conn.fetch(SELECT_REMOVED, bucket_of(member), UUID(member), since, limit)
    return rows


async def newest(conn: Connection, member: bytes) -> Any | None:
    """Return the newest note with the number of `notes`, None if there is none."""
    return await conn.fetchrow(SELECT_NEWEST, bucket_of(member), UUID(member))


async def remove(conn: Connection, member: bytes, number: int, at: datetime, by: str) -> bool:
    """Take a note away; tell whether the member has it."""
    return await conn.fetchval(REMOVE_NOTE, bucket_of(member), UUID(member), number, at, by) is not None


async def restore(conn: Connection, member: bytes, number: int, since: datetime) -> bool:
    """Bring a note back unless it was taken away at or before `since`; tell whether it is there."""
    return await conn.fetchval(RESTORE_NOTE, bucket_of(member), UUID(member), number, since) is not None


async def purge(conn: Connection, until: datetime) -> int:
    """Forget the notes taken away at or before `until`, and return how many."""
    return len(await conn.fetch(PURGE_NOTES, until))
