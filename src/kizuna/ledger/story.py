"""One member's history, told so that every number can be asked "why": which lots, which orders, from which balance to which.

Balances here follow the order of the entries' own times, as a history is read; the points of the newest entry lead to the
balance of today. An entry of an event that arrived late stands where it happened.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from kizuna.core.days import day_start_ms
from kizuna.engine import EntryKind
from kizuna.ledger import history_store as store
from kizuna.ledger.model import UNMOVED, Account, Entry
from kizuna.ledger.posting import due
from kizuna.ledger.service import NEWEST
from kizuna.runtime.db import Connection

OLDEST = b"\x00" * 16
"""The key before which no entry lies."""
_MAKES = (EntryKind.EARN, EntryKind.RELEASE)


class Wish(NamedTuple):
    """Which entries of a history are asked for: of all kinds or of one, from the key `first` to before the key `before`."""

    kind: EntryKind | None = None
    first: bytes = OLDEST
    before: bytes = NEWEST


class Told(NamedTuple):
    """An entry with the first unit's balance right after it. `is_due` marks a lapse or a release that nothing has written down yet."""

    entry: Entry
    balance: int
    is_due: bool


def moved(entry: Entry) -> int:
    """Return by how much an entry changed the balance: spendable points of the first unit."""
    return 0 if entry.unit or entry.kind in UNMOVED else entry.points


class Making(NamedTuple):
    """One earning that made (a part of) a lot."""

    key: bytes
    points: int


async def tell(
    conn: Connection, member: bytes, account: Account, wish: Wish, *, day: int, zone: ZoneInfo, limit: int
) -> tuple[list[Told], bytes | None]:
    """Return a page of history, newest first, and the cursor of the next page, None on the last.

    `account` is the member's row at the same moment. What has lapsed or was released by `day` and is not written down is told where it
    belongs; it does not count towards `limit`.
    """
    waiting = due(member, account, day, zone)
    asked = [entry for entry in waiting if wish.first <= entry.key < wish.before and wish.kind in (None, entry.kind)]
    kinds = None if wish.kind is None else [wish.kind]
    between, keys = (wish.first, wish.before), [entry.key for entry in asked]
    rows, moved_since = await store.page(conn, member, between, kinds, limit + 1, keys)
    following = rows[limit - 1][0].key if len(rows) > limit else None
    written = account.counters.balance

    def lapsed_before(key: bytes) -> int:
        return sum(moved(entry) for entry in waiting if entry.key < key)

    told = [
        Told(entry, written - since + moved(entry) + lapsed_before(entry.key), is_due=False)
        for entry, since in rows[:limit]
    ]
    for entry in asked:
        if following is None or entry.key > following:
            after = written - moved_since[entry.key] + lapsed_before(entry.key) + moved(entry)
            told.append(Told(entry, after, is_due=True))
    return sorted(told, key=lambda one: one.entry.key, reverse=True), following


async def entries_of(conn: Connection, member: bytes, keys: Sequence[bytes]) -> dict[bytes, list[Entry]]:
    """Return what each of some events moved, in the order of its lines; an event that moved nothing is left out."""
    found: defaultdict[bytes, list[Entry]] = defaultdict(list)
    for entry in await store.of_events(conn, member, keys) if keys else ():
        found[entry.key[:15] + b"\x00"].append(entry)
    return dict(found)


async def makings(
    conn: Connection, member: bytes, lots: Sequence[int], lifetimes: Sequence[int], zone: ZoneInfo
) -> dict[int, list[Making]]:
    """Return the earnings that made each of some lots, oldest first. A lot is named by its last day.

    `lifetimes` are the days that lots have lived under any version: a lot with the last day e was made on day e − n + 1, so
    that each is looked for within single days.
    """
    asked = [
        (last, first_key(last - days + 1, zone), first_key(last - days + 2, zone))
        for last in sorted(set(lots))
        for days in sorted(set(lifetimes))
    ]
    made: defaultdict[int, list[Making]] = defaultdict(list)
    for row in await store.makings(conn, member, asked, _MAKES) if asked else ():
        made[row["expires_on"]].append(Making(row["event_key"].bytes, row["points"]))
    return dict(made)


def first_key(day: int, zone: ZoneInfo) -> bytes:
    """Return the key that stands before every entry of `day` and after every entry of the day before."""
    return day_start_ms(day, zone).to_bytes(6, "big") + b"\x00" * 10
