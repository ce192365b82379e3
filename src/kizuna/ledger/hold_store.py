"""All SQL of holds and of redemptions given back: each statement named, with its purpose."""

from collections.abc import Sequence
from datetime import datetime
from enum import IntEnum
from typing import Any, NamedTuple

from asyncpg.pgproto.pgproto import UUID

from kizuna.core.ids import bucket_of
from kizuna.core.lots import Lot, unpack
from kizuna.runtime.db import Connection, Fragment

_COLUMNS = "key, member_id, unit, points, lots, state, holder, reference, account, placed_at, expires_at, ended_at"

SELECT_HOLDS = f"SELECT {_COLUMNS} FROM hold WHERE key = ANY($1::bytea[])"
"""Some holds. Whoever changes one holds its member's row."""

SELECT_OPEN = f"SELECT {_COLUMNS} FROM hold WHERE bucket = $1 AND member_id = $2 AND state = 0 ORDER BY placed_at, key"
"""What is held of one member now."""

SELECT_DUE = "SELECT key FROM hold WHERE state = 0 AND expires_at <= $1 ORDER BY expires_at, key LIMIT $2"
"""Holds whose time is over."""

SELECT_ALL_OPEN = "SELECT key, member_id, unit, points, lots FROM hold WHERE bucket = $1 AND state = 0"
"""What is held of a bucket's members, for the proof."""

INSERT_HOLDS = """
INSERT INTO hold (key, bucket, member_id, unit, points, lots, holder, reference, account, placed_at, expires_at)
SELECT * FROM unnest($1::bytea[], $2::smallint[], $3::uuid[], $4::smallint[], $5::bigint[], $6::bytea[], $7::text[], $8::text[],
    $9::text[], $10::timestamptz[], $11::timestamptz[])
"""
"""Holds that are placed."""

END_HOLDS = """
UPDATE hold SET state = ended.state, lots = ended.lots, ended_at = ended.at
FROM unnest($1::bytea[], $2::smallint[], $3::bytea[], $4::timestamptz[]) AS ended (key, state, lots, at) WHERE hold.key = ended.key
"""
"""Holds that end; lots are what was redeemed, or what was given back."""

MOVE_HOLDS = """
UPDATE hold SET bucket = moved.bucket, member_id = moved.member_id, lots = moved.lots
FROM unnest($1::bytea[], $2::smallint[], $3::uuid[], $4::bytea[]) AS moved (key, bucket, member_id, lots) WHERE hold.key = moved.key
"""
"""Holds of a member who was merged into another."""

SELECT_RESTORED = "SELECT key, points FROM restoration WHERE key = ANY($1::bytea[])"
"""How much of some redemptions was given back."""

PUT_RESTORED = """
INSERT INTO restoration (key, points) SELECT * FROM unnest($1::bytea[], $2::bigint[])
ON CONFLICT (key) DO UPDATE SET points = restoration.points + excluded.points
"""
"""More of some redemptions is given back; their members' rows are locked."""


class HoldState(IntEnum):
    """What became of a hold."""

    OPEN = 0
    CONFIRMED = 1
    VOIDED = 2
    TIMED_OUT = 3


class Hold(NamedTuple):
    """Reserved points. `key` is what `seen` knows the placing by; `lots` what is held, or what was redeemed of it."""

    key: bytes
    member: bytes
    unit: int
    points: int
    lots: list[Lot]
    state: HoldState
    holder: str
    reference: str | None
    account: str | None
    placed_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None


def _hold(row: Any) -> Hold:
    key, member, unit, points, lots, state, *rest = row.values()
    return Hold(key, member.bytes, unit, points, unpack(lots), HoldState(state), *rest)


async def holds(conn: Connection, keys: Sequence[bytes]) -> dict[bytes, Hold]:
    """Return some holds by their keys; those that there are not are left out."""
    return {row["key"]: _hold(row) for row in await conn.fetch(SELECT_HOLDS, keys)}


async def open_holds(conn: Connection, member: bytes) -> list[Hold]:
    """Return what is held of a member, oldest first."""
    return [_hold(row) for row in await conn.fetch(SELECT_OPEN, bucket_of(member), UUID(member))]


async def due_holds(conn: Connection, at: datetime, limit: int) -> list[bytes]:
    """Return the keys of some holds whose time was over by `at`, longest over first."""
    return [row["key"] for row in await conn.fetch(SELECT_DUE, at, limit)]


def place(hold: Hold, packed: bytes) -> Fragment:
    """Return the fragment that keeps a hold that is placed."""
    facts = [
        hold.key, bucket_of(hold.member), UUID(hold.member), hold.unit, hold.points, packed, hold.holder, hold.reference,
        hold.account, hold.placed_at, hold.expires_at,
    ]  # fmt: skip
    return Fragment("placed", INSERT_HOLDS, [[fact] for fact in facts])


def end(key: bytes, state: HoldState, lots: bytes, at: datetime) -> Fragment:
    """Return the fragment that ends a hold."""
    return Fragment("ended", END_HOLDS, [[key], [int(state)], [lots], [at]])


def move(keys: Sequence[bytes], member: bytes, lots: Sequence[bytes]) -> Fragment:
    """Return the fragment that gives holds to another member."""
    buckets, members = [bucket_of(member)] * len(keys), [UUID(member)] * len(keys)
    return Fragment("moved_holds", MOVE_HOLDS, [list(keys), buckets, members, list(lots)])


async def restored(conn: Connection, key: bytes) -> int:
    """Return how many points of a redemption were given back."""
    rows = await conn.fetch(SELECT_RESTORED, [key])
    return int(rows[0]["points"]) if rows else 0


def restore(key: bytes, points: int) -> Fragment:
    """Return the fragment that remembers points of a redemption that are given back."""
    return Fragment("restored", PUT_RESTORED, [[key], [points]])
