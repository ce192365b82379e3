"""All SQL of pools and invitations: each statement named, with its purpose."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from asyncpg.pgproto.pgproto import UUID

from kizuna.core.ids import bucket_of
from kizuna.runtime.db import Connection, Fragment

_POOL = """
SELECT pool.pool_id, pool.kind, pool.name, pool.opened_at, one.member_id, one.is_head, one.may_spend, one.joined_at
FROM pool_member one JOIN pool USING (pool_id)
"""

SELECT_POOL_OF = f"""{_POOL}
WHERE one.pool_id = (SELECT pool_id FROM pool_member WHERE bucket = $1 AND member_id = $2) ORDER BY one.joined_at, one.member_id
"""
"""Everybody in a member's pool, the member too, longest-standing first."""

SELECT_POOL = f"{_POOL} WHERE one.pool_id = $1 ORDER BY one.joined_at, one.member_id"
"""Everybody in a pool, longest-standing first."""

SELECT_INVITATION = "SELECT pool_id, made_by, expires_at, used_by FROM pool_invitation WHERE code = $1"
"""One invitation."""

SELECT_OPEN_INVITATIONS = """
SELECT count(*) FROM pool_invitation WHERE pool_id = $1 AND used_by IS NULL AND expires_at > $2
"""
"""How many invitations of a pool may still be used."""

OPEN = "INSERT INTO pool (pool_id, kind, name, opened_at) VALUES ($1, $2, $3, $4)"
"""A pool that is formed."""

ENTER = """
INSERT INTO pool_member (bucket, member_id, pool_id, is_head, may_spend, joined_at) VALUES ($1, $2, $3, $4, $5, $6)
"""
"""A member enters a pool. Their row, and those of everybody in the pool, are locked."""

LEAVE = "DELETE FROM pool_member WHERE bucket = $1 AND member_id = $2"
"""A member leaves their pool."""

HAND_OVER = "UPDATE pool_member SET bucket = $3, member_id = $4 WHERE bucket = $1 AND member_id = $2"
"""One member takes the place of another."""

LEAD = "UPDATE pool_member SET is_head = true, may_spend = true WHERE bucket = $1 AND member_id = $2"
"""A member becomes the head of their pool."""

ALLOW = "UPDATE pool_member SET may_spend = $3 WHERE bucket = $1 AND member_id = $2"
"""A member may spend from their pool, or no longer."""

END = "DELETE FROM pool WHERE pool_id = $1"
"""A pool that nobody is in any more; its invitations go with it."""

INVITE = "INSERT INTO pool_invitation (code, pool_id, made_by, expires_at) VALUES ($1, $2, $3, $4)"
"""An invitation that is made."""

USE = "UPDATE pool_invitation SET used_by = $2 WHERE code = $1"
"""An invitation that is used."""


async def pool_of(conn: Connection, member: bytes) -> Sequence[Any]:
    """Return everybody in a member's pool."""
    rows: Sequence[Any] = await conn.fetch(SELECT_POOL_OF, bucket_of(member), UUID(member))
    return rows


async def pool(conn: Connection, pool_id: bytes) -> Sequence[Any]:
    """Return everybody in a pool."""
    rows: Sequence[Any] = await conn.fetch(SELECT_POOL, UUID(pool_id))
    return rows


async def invitation(conn: Connection, code: bytes) -> Any:
    """Return an invitation by the hash of its code, None if there is no such one."""
    return await conn.fetchrow(SELECT_INVITATION, code)


async def open_invitations(conn: Connection, pool_id: bytes, at: datetime) -> int:
    """Return how many invitations of a pool may still be used."""
    return int(await conn.fetchval(SELECT_OPEN_INVITATIONS, UUID(pool_id), at))


def open_(pool_id: bytes, kind: str, name: str, at: datetime) -> Fragment:
    """Return the fragment that forms a pool."""
    return Fragment("opened_pool", OPEN, [UUID(pool_id), kind, name, at])


def enter(member: bytes, pool_id: bytes, is_head: bool, may_spend: bool, at: datetime) -> Fragment:  # noqa: FBT001 - a row's columns
    """Return the fragment that lets a member enter."""
    return Fragment("entered_pool", ENTER, [bucket_of(member), UUID(member), UUID(pool_id), is_head, may_spend, at])


def leave(member: bytes) -> Fragment:
    """Return the fragment that lets a member leave."""
    return Fragment("left_pool", LEAVE, [bucket_of(member), UUID(member)])


def hand_over(gone: bytes, kept: bytes) -> Fragment:
    """Return the fragment that gives one member's place to another, who has none."""
    return Fragment("handed_pool", HAND_OVER, [bucket_of(gone), UUID(gone), bucket_of(kept), UUID(kept)])


def lead(member: bytes) -> Fragment:
    """Return the fragment that makes a member the head."""
    return Fragment("leads_pool", LEAD, [bucket_of(member), UUID(member)])


def allow(member: bytes, may_spend: bool) -> Fragment:  # noqa: FBT001 - a row's column
    """Return the fragment that lets a member spend, or not."""
    return Fragment("allowed_pool", ALLOW, [bucket_of(member), UUID(member), may_spend])


def end(pool_id: bytes) -> Fragment:
    """Return the fragment that ends a pool."""
    return Fragment("ended_pool", END, [UUID(pool_id)])


def invite(code: bytes, pool_id: bytes, made_by: bytes, expires_at: datetime) -> Fragment:
    """Return the fragment that keeps an invitation."""
    return Fragment("invited_pool", INVITE, [code, UUID(pool_id), UUID(made_by), expires_at])


def use(code: bytes, used_by: bytes) -> Fragment:
    """Return the fragment that marks an invitation as used."""
    return Fragment("used_invitation", USE, [code, UUID(used_by)])
