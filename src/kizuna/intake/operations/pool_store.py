"""All SQL of pools: each statement named, with its purpose."""

from collections.abc import Sequence
from typing import Any

from asyncpg.pgproto.pgproto import UUID

from kizuna.core.ids import bucket_of
from kizuna.runtime.db import Connection, Fragment

SELECT_SHARERS = """
SELECT other.pool_id, other.member_id, other.may_spend FROM pool_member me JOIN pool_member other ON other.pool_id = me.pool_id
WHERE me.bucket = $1 AND me.member_id = $2 ORDER BY other.joined_at, other.member_id
"""
"""Everybody in a member's pool, the member too."""

SELECT_PLACE = "SELECT pool_id, is_head, may_spend FROM pool_member WHERE bucket = $1 AND member_id = $2"
"""A member's place in a pool."""

LEAVE = "DELETE FROM pool_member WHERE bucket = $1 AND member_id = $2"
"""A member leaves their pool."""

ENTER = """
INSERT INTO pool_member (bucket, member_id, pool_id, is_head, may_spend) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (bucket, member_id) DO NOTHING
"""
"""A member enters a pool."""


async def sharers(conn: Connection, member: bytes) -> Sequence[Any]:
    """Return everybody in a member's pool."""
    rows: Sequence[Any] = await conn.fetch(SELECT_SHARERS, bucket_of(member), UUID(member))
    return rows


async def place(conn: Connection, member: bytes) -> tuple[bytes, bool, bool] | None:
    """Return a member's place: in which pool, whether at its head, whether they may spend."""
    row = await conn.fetchrow(SELECT_PLACE, bucket_of(member), UUID(member))
    return None if row is None else (row["pool_id"].bytes, row["is_head"], row["may_spend"])


def leave(member: bytes) -> Fragment:
    """Return the fragment that lets a member leave."""
    return Fragment("left_pool", LEAVE, [bucket_of(member), UUID(member)])


def enter(member: bytes, pool: bytes, is_head: bool, may_spend: bool) -> Fragment:  # noqa: FBT001 - a row's columns
    """Return the fragment that lets a member enter."""
    return Fragment("entered_pool", ENTER, [bucket_of(member), UUID(member), UUID(pool), is_head, may_spend])
