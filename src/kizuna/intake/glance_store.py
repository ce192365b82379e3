"""What happened, at a glance: the events behind the entries that the same statement reads."""

from collections.abc import Sequence
from typing import Any

from asyncpg.pgproto.pgproto import UUID

from kizuna.core.ids import bucket_of
from kizuna.intake.model import Behind
from kizuna.intake.store import behind
from kizuna.runtime.db import Fragment

GLANCE_EVENTS = """
SELECT event.event_key, event.source,
    coalesce(event.body #>> '{data,order_id}', event.body #>> '{data,reference}'), event.type, event.body #>> '{data,reason}',
    event.body #>> '{data,note}', event.body #>> '{data,timed_out}' = 'true'
FROM glance_entry JOIN event ON event.bucket = $1 AND event.member_id = $2
    AND event.event_key = (left(glance_entry.event_key::text, -2) || '00')::uuid
WHERE glance_entry.version > 0
"""
"""The events behind a page of entries: an entry's key is its event's with a line number in the last byte."""


def glance(member: bytes) -> Fragment:
    """Return the fragment that `glanced` reads; it stands after the ledger's `glance_entry`."""
    return Fragment("glance_event", GLANCE_EVENTS, [bucket_of(member), UUID(member)])


def glanced(rows: Sequence[tuple[Any, ...]]) -> dict[bytes, Behind]:
    """Return what stands behind the entries of each event."""
    return {key.bytes: behind(*told) for key, *told in rows}
