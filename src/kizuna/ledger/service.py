"""Looking into the ledger: accounts and history, one function per use case."""

from collections.abc import Sequence
from uuid import UUID

from kizuna.core.errors import NotFound
from kizuna.core.ids import BUCKETS
from kizuna.ledger import store
from kizuna.ledger.model import Account, Entry
from kizuna.runtime.db import Connection

NEWEST = b"\xff" * 16
"""A cursor before which every entry lies."""


async def account(conn: Connection, member: bytes) -> Account:
    """Return a member's row. Raises `NotFound`."""
    found = await store.accounts(conn, [member])
    if member not in found:
        raise NotFound(what="member", key=str(UUID(bytes=member)))
    return found[member]


async def whereabouts(conn: Connection, member: bytes) -> bytes:
    """Return who a member is now: whoever they were merged into, or they themselves, known or not."""
    while True:
        found = (await store.accounts(conn, [member])).get(member)
        if found is None or found.moved_to is None:
            return member
        member = found.moved_to


async def accounts(conn: Connection, members: Sequence[bytes]) -> dict[bytes, Account]:
    """Return the rows of some members."""
    return await store.accounts(conn, members)


async def history(
    conn: Connection, member: bytes, *, before: bytes = NEWEST, limit: int
) -> tuple[list[Entry], bytes | None]:
    """Return a page of entries, newest first, and the cursor of the next page, None on the last."""
    entries = await store.entries_before(conn, member, before, limit + 1)
    return entries[:limit], entries[limit - 1].key if len(entries) > limit else None


async def all_accounts(conn: Connection) -> list[Account]:
    """Return every member's row."""
    return [account for bucket in range(BUCKETS) for account in (await store.bucket_accounts(conn, bucket)).values()]
