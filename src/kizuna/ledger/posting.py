"""The ledger writes down what the engine decided: entries, member rows and the commit's own row, ready for one write.

Every movement of a decision becomes exactly one entry, and the member row after it is what a replay of its entries gives.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from kizuna.core.days import day_start_ms
from kizuna.core.ids import digest as hash_of
from kizuna.core.ids import entry_key, uuid7
from kizuna.core.lots import LOT, Counters
from kizuna.engine import FRESH, Decisions, EntryKind, State
from kizuna.ledger import store
from kizuna.ledger.model import NO_RULE, NO_VERSION, Account, Entry, digest, sums
from kizuna.ledger.replay import lapsed
from kizuna.runtime.db import Connection, Fragment

UNIT = 0  # a program has one unit so far
NEWCOMER = Account(0, Counters(), b"", FRESH)
_starts_ms = lru_cache(maxsize=4096)(day_start_ms)  # lots lapse on few different days, and many at once


@dataclass(slots=True)
class Ledgers:
    """Member rows under lock, in the order of their row numbers in the engine's state."""

    members: list[bytes]
    accounts: list[Account]
    known: list[bool]

    def state(self) -> State:
        """Return these rows as the engine's columns."""
        return State.unpack(
            [account.memory for account in self.accounts],
            [account.counters for account in self.accounts],
            [account.lots for account in self.accounts],
        )


class Cause(NamedTuple):
    """What an event's entries are traced to: its key, the version that decided it, the member's row among the ledgers."""

    key: bytes
    version: int
    row: int


async def lock(conn: Connection, members: Sequence[bytes], newcomers: Sequence[bytes]) -> Ledgers:
    """Lock the rows of `members` and add blank ones for `newcomers`; members without a row are left out."""
    found = await store.lock_accounts(conn, members) if members else {}
    return Ledgers(
        [*found, *newcomers],
        [*found.values(), *[NEWCOMER] * len(newcomers)],
        [True] * len(found) + [False] * len(newcomers),
    )


def post(ledgers: Ledgers, state: State, decided: Decisions, causes: Sequence[Cause], zone: ZoneInfo) -> list[Fragment]:
    """Return the fragments that write `decided`, event i of which has the cause `causes[i]`; the first is `posted`.

    `state` is the engine's, after deciding.
    """
    counts = [account.entry_count for account in ledgers.accounts]
    entries = _entries(ledgers, decided, causes, zone, counts)
    after = [
        (member, Account(count, Counters(*counters), lots, memory))
        for member, count, counters, lots, memory in zip(
            ledgers.members, counts, state.counters.tolist(), state.pockets.pack(), state.pack_memory(), strict=True
        )
    ]
    fragments = [store.insert_batch(len(entries), sums(entries), digest(entries))]
    if entries:
        fragments.append(store.insert_entries(entries))
    for new in (True, False):
        some = [row for row, known in zip(after, ledgers.known, strict=True) if known is not new]
        if some:
            fragments.append(store.put_accounts(some, new=new))
    return fragments


def _entries(
    ledgers: Ledgers, decided: Decisions, causes: Sequence[Cause], zone: ZoneInfo, counts: list[int]
) -> list[Entry]:
    """Turn movements into entries, counting each member's in `counts`."""
    moves = decided.moves
    taken = _taken(decided)
    lines = [0] * len(causes)
    entries = []
    for event, kind, points, expires_on, rule, basis in zip(
        moves.event.tolist(), moves.kind.tolist(), moves.points.tolist(), moves.expires_on.tolist(), moves.rule.tolist(),
        moves.basis.tolist(), strict=True,
    ):  # fmt: skip
        if not points:
            continue
        cause = causes[event]
        row = cause.row
        member = ledgers.members[row]
        counts[row] += 1
        n = counts[row]
        if kind == EntryKind.EXPIRE:
            entries.append(_lapse(member, n, points, expires_on, zone))
            continue
        lines[event] += 1
        key = entry_key(cause.key, lines[event])
        lots = taken.get(event, b"") if kind == EntryKind.REDEEM else b""
        entries.append(Entry(member, key, n, kind, UNIT, points, expires_on, cause.version, rule, basis, lots))
    return entries


def _taken(decided: Decisions) -> dict[int, bytes]:
    packed: dict[int, bytes] = {}
    taken = decided.taken
    for event, expires_on, points in zip(
        taken.which.tolist(), taken.expires_on.tolist(), taken.points.tolist(), strict=True
    ):
        packed[event] = packed.get(event, b"") + LOT.pack(0, 0, expires_on, points)
    return packed


def _lapse(member: bytes, n: int, points: int, expires_on: int, zone: ZoneInfo) -> Entry:
    """Return the entry of a lot that lapsed: made at the start of the day after its last, the same whoever makes it."""
    seed = hash_of("lapse", member.hex(), str(expires_on), str(n))
    key = uuid7(_starts_ms(expires_on + 1, zone), seed)
    return Entry(member, key, n, EntryKind.EXPIRE, UNIT, points, expires_on, NO_VERSION, NO_RULE, 0, b"")


def due(member: bytes, account: Account, day: int, zone: ZoneInfo) -> list[Entry]:
    """Return the entries that a touch on `day` would make of lots that have lapsed: gone, though not yet written down."""
    return [
        _lapse(member, n, -lot.remaining, lot.expires_on, zone)
        for n, lot in enumerate(lapsed(account.lots, day), start=account.entry_count + 1)
    ]
