"""All SQL of the orders that may still be changed: each statement named, with its purpose."""

from collections.abc import Sequence
from typing import Any

from asyncpg.pgproto.pgproto import UUID

from kizuna.runtime.db import Connection, Fragment

SELECT_PURCHASES = """
SELECT p.key, p.member_id, p.event_key, p.facts, p.kept, e.body
FROM unnest($1::bytea[]) AS asked (key) JOIN purchase p ON p.key = asked.key
JOIN event e ON e.bucket = (get_byte(uuid_send(p.member_id), 15) % 64)::smallint AND e.member_id = p.member_id
    AND e.event_key = p.event_key
"""
"""Some orders, with the event that told them. Whoever changes one holds its member's row."""

INSERT_PURCHASES = """
INSERT INTO purchase (key, member_id, event_key, facts) SELECT * FROM unnest($1::bytea[], $2::uuid[], $3::uuid[], $4::bytea[])
"""
"""Orders that are told. A conflict means that the order is known, and fails the commit."""

INSERT_CHANGED = """
INSERT INTO purchase (key, member_id, event_key, facts, kept)
SELECT * FROM unnest($1::bytea[], $2::uuid[], $3::uuid[], $4::bytea[], $5::bytea[])
"""
"""Orders that are told and changed by the same commit."""

UPDATE_PURCHASES = """
UPDATE purchase SET kept = now.kept FROM unnest($1::bytea[], $2::bytea[]) AS now (key, kept) WHERE purchase.key = now.key
"""
"""What is kept of some orders now."""

SELECT_GIVING_BACK = """
SELECT event_key, member_id, source, body #>> '{data,shop}' AS shop, body #>> '{data,order_id}' AS order_id, orders,
    (body #>> '{data,points_back}')::bigint AS points_back
FROM event WHERE batch_id = ANY($1::bigint[]) AND type = ANY($2::text[])
    AND (orders = -1 OR body #>> '{data,points_back}' IS NOT NULL)
ORDER BY array_position($1::bigint[], batch_id), place
"""
"""Changes of orders, in some commits, for which points that paid are given back: nothing is kept, or it is said how many."""

SELECT_KEYS = "SELECT key FROM purchase WHERE member_id = $1 AND event_key = ANY($2::uuid[])"
"""Which orders some events of a member told."""

FORGET_PURCHASES = "DELETE FROM purchase WHERE key = ANY($1::bytea[])"
"""Orders that are known no more."""

Told = tuple[bytes, bytes, bytes, bytes]
"""An order's key, its member, the event that told it, the facts that it was decided by."""


async def giving_back(conn: Connection, batches: Sequence[int], types: Sequence[str]) -> Sequence[Any]:
    """Return the changes of orders for which points may be given back, in the order of arrival."""
    rows: Sequence[Any] = await conn.fetch(SELECT_GIVING_BACK, batches, types)
    return rows


async def purchases(conn: Connection, keys: Sequence[bytes]) -> Sequence[Any]:
    """Return the rows of those orders that are known."""
    rows: Sequence[Any] = await conn.fetch(SELECT_PURCHASES, keys)
    return rows


def keep(
    told: Sequence[Told], changed: Sequence[tuple[*Told, bytes]], after: Sequence[tuple[bytes, bytes]]
) -> list[Fragment]:
    """Return the fragments that keep new orders, new ones that were changed at once, and what is left of older ones."""
    fragments = []
    for name, statement, rows in (("bought", INSERT_PURCHASES, told), ("exchanged", INSERT_CHANGED, changed)):
        if rows:
            keys, members, events, *rest = zip(*rows, strict=True)
            fragments.append(
                Fragment(name, statement, [keys, [UUID(one) for one in members], [UUID(one) for one in events], *rest])
            )
    if after:
        fragments.append(Fragment("rekept", UPDATE_PURCHASES, list(zip(*after, strict=True))))
    return fragments


async def keys_of(conn: Connection, member: bytes, events: Sequence[bytes]) -> set[bytes]:
    """Return the keys of the orders that some events of a member told."""
    rows = await conn.fetch(SELECT_KEYS, UUID(member), [UUID(one) for one in events])
    return {row["key"] for row in rows}


def forget(keys: Sequence[bytes]) -> Fragment:
    """Return the fragment that forgets orders."""
    return Fragment("forgotten", FORGET_PURCHASES, [list(keys)])
