"""What happened, at a glance: the events behind the entries that the same statement reads."""

from collections.abc import Sequence
from typing import Any

from asyncpg.pgproto.pgproto import UUID

from kizuna.core.ids import bucket_of
from kizuna.runtime.db import Fragment

GLANCE_EVENTS = """
SELECT event.event_key, event.source,
    coalesce(event.body #>> '{data,order_id}', event.body #>> '{data,reference}')
FROM glance_entry JOIN event ON event.bucket = $1 AND event.member_id = $2
    AND event.event_key = (left(glance_entry.event_key::text, -2) || '00')::uuid
WHERE glance_entry.version > 0
"""
"""The events behind a page of entries: an entry's key is its event's with a line number in the last byte."""


def glance(member: bytes) -> Fragment:
    """Return the fragment that `glanced` reads; it stands after the ledger's `glance_entry`."""
    return Fragment("glance_event", GLANCE_EVENTS, [bucket_of(member), UUID(member)])


def glanced(rows: Sequence[tuple[Any, ...]]) -> dict[bytes, tuple[str, str | None]]:
    """Return of each event its source and what it refers to."""
    return {key.bytes: (source, reference) for key, source, reference in rows}
