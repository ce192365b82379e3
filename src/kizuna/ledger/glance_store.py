"""The ledger at a glance: one member's row and newest entries as fragments of one statement for several rooms."""

from collections.abc import Sequence
from typing import Any

from asyncpg.pgproto.pgproto import UUID

from kizuna.core.errors import NotFound
from kizuna.core.ids import bucket_of
from kizuna.ledger.model import Account, Entry
from kizuna.ledger.store import account_of
from kizuna.runtime.db import Fragment

GLANCE_ACCOUNT = """
SELECT entry_count, array_to_string(counters, ',') AS counters, lots, memory, waiting FROM account
WHERE bucket = $1 AND member_id = $2
"""
"""One member's row. The driver reads no array within a row, so the counters come as a text."""

GLANCE_ENTRIES = """
SELECT event_key, n, kind, unit, points, expires_on, version, rule, basis, taken, restriction, release_on, cause, raw, cut,
    account FROM entry
WHERE bucket = $1 AND member_id = $2 AND event_key < $3 ORDER BY event_key DESC LIMIT $4
"""
"""A page of one member's history, newest first, before a key. Later fragments read it as `glance_entry`."""


def glance(member: bytes) -> Fragment:
    """Return the fragment that `glanced` reads."""
    return Fragment("glance_account", GLANCE_ACCOUNT, [bucket_of(member), UUID(member)])


def glanced(member: bytes, rows: Sequence[tuple[Any, ...]]) -> Account:
    """Return the row that `glance` found. Raises `NotFound`."""
    if not rows:
        raise NotFound(what="member", key=str(UUID(member)))
    entry_count, counters, lots, memory, waiting = rows[0]
    return account_of(entry_count, [int(number) for number in counters.split(",")], lots, memory, waiting)


def glance_history(member: bytes, before: bytes, limit: int) -> Fragment:
    """Return the fragment `glance_entry` that `glanced_history` reads."""
    return Fragment("glance_entry", GLANCE_ENTRIES, [bucket_of(member), UUID(member), UUID(before), limit + 1])


def glanced_history(member: bytes, rows: Sequence[tuple[Any, ...]], limit: int) -> tuple[list[Entry], bytes | None]:
    """Return a page of entries, newest first, and the cursor of the next page, None on the last."""
    entries = [
        Entry._make((member, key.bytes, *facts[:8], facts[8] or b"", *facts[9:11], _unsigned(facts[11]), *facts[12:]))
        for key, *facts in rows
    ]
    entries.sort(key=lambda entry: entry.key, reverse=True)
    return entries[:limit], entries[limit - 1].key if len(entries) > limit else None


def _unsigned(cause: int | None) -> int | None:
    return None if cause is None else cause % 2**64
