"""The ledger writes down what the engine decided: entries, member rows and the commit's own row, ready for one write.

Every movement of a decision becomes exactly one entry, and the member row after it is what a replay of its entries gives.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from kizuna.core.days import DAY_IDLE, day_start_ms
from kizuna.core.ids import digest as hash_of
from kizuna.core.ids import entry_key, uuid7
from kizuna.core.lots import LOT, Counters, Lot
from kizuna.core.waiting import Waiting
from kizuna.engine import Decisions, EntryKind, Names, State
from kizuna.ledger import store
from kizuna.ledger.model import NO_RULE, NO_VERSION, Account, Entry, digest, sums
from kizuna.ledger.replay import touched, waits_for_event
from kizuna.runtime.db import Connection, Fragment

NEWCOMER = Account(0, Counters(), b"", b"")
_WAITS = (EntryKind.PEND, EntryKind.RELEASE, EntryKind.CANCEL)
_TAKES = (EntryKind.REDEEM, EntryKind.REVERSE)
_starts_ms = lru_cache(maxsize=4096)(day_start_ms)  # lots lapse on few different days, and many at once


@dataclass(slots=True)
class Ledgers:
    """Member rows under lock, in the order of their row numbers in the engine's state."""

    members: list[bytes]
    accounts: list[Account]
    known: list[bool]

    def state(self, names: Names) -> State:
        """Return these rows as the engine's columns."""
        return State.unpack(
            names,
            [account.memory for account in self.accounts],
            [account.flat_counters if account.further else account.counters for account in self.accounts],
            [account.lots for account in self.accounts],
            [account.waiting for account in self.accounts],
            [member_key(member) for member in self.members],
        )

    def admit(self, newcomers: Sequence[bytes]) -> None:
        """Add blank rows for `newcomers`."""
        self.members += newcomers
        self.accounts += [NEWCOMER] * len(newcomers)
        self.known += [False] * len(newcomers)


def member_key(member: bytes) -> int:
    """Return the number that the engine knows a member by: the last 8 bytes of the id."""
    return int.from_bytes(member[8:], "big")


class Cause(NamedTuple):
    """What an event's entries are traced to: its key, the version that decided it, the member's row among the ledgers, its day."""

    key: bytes
    version: int
    row: int
    day: int = 0


async def lock(conn: Connection, members: Sequence[bytes], *, for_look: bool = False) -> Ledgers:
    """Lock the rows of `members`, or only look at them; members without a row are left out."""
    rows = store.accounts if for_look else store.lock_accounts
    found = await rows(conn, members) if members else {}
    return Ledgers([*found], [*found.values()], [True] * len(found))


def post(ledgers: Ledgers, state: State, decided: Decisions, causes: Sequence[Cause], zone: ZoneInfo) -> list[Fragment]:
    """Return the fragments that write `decided`, event i of which has the cause `causes[i]`; the first is `posted`.

    `state` is the engine's, after deciding.
    """
    entries, rows = settle(ledgers, state, decided, causes, zone)
    return written(entries, list(zip(ledgers.members, rows, strict=True)), ledgers.known)


def settle(
    ledgers: Ledgers, state: State, decided: Decisions, causes: Sequence[Cause], zone: ZoneInfo
) -> tuple[list[Entry], list[Account]]:
    """Return what `decided` comes to: the entries, and every member's row after them."""
    counts = [account.entry_count for account in ledgers.accounts]
    entries = _entries(ledgers, decided, causes, zone, counts)
    rows = [
        Account(count, Counters(*first), lots, memory, waiting, _further(further) if further else ())
        for count, (first, *further), lots, memory, waiting in zip(
            counts, state.counters.tolist(), state.pack_lots(), state.pack_memory(), state.pack_waiting(), strict=True
        )
    ]
    return entries, rows


def written(
    entries: Sequence[Entry], rows: Sequence[tuple[bytes, Account]], known: Sequence[bool], *, statuses: bool = False
) -> list[Fragment]:
    """Return the fragments that write entries and rows; the first is `posted`. `known` tells which members had a row before."""
    fragments = [store.insert_batch(len(entries), sums(entries), digest(entries))]
    if entries:
        fragments.append(store.insert_entries(entries))
    for new in (True, False):
        some = [row for row, was_known in zip(rows, known, strict=True) if was_known is not new]
        if some:
            fragments.append(store.put_accounts(some, new=new, statuses=statuses))
    return fragments


def _further(counters: list[list[int]]) -> tuple[Counters, ...]:
    """Return the counters of the further units, up to the last that has any."""
    while counters and not any(counters[-1]):
        counters.pop()
    return tuple(Counters(*one) for one in counters)


def _entries(
    ledgers: Ledgers, decided: Decisions, causes: Sequence[Cause], zone: ZoneInfo, counts: list[int]
) -> list[Entry]:
    """Turn movements into entries, counting each member's in `counts`."""
    moves = decided.moves
    taken = _taken(decided)
    lines = [0] * len(causes)
    entries = []
    for number, (event, kind, unit, restriction, points, expires_on, release_on, cause_of, plan, rule, basis, raw, cut) in (
        enumerate(
            zip(
                moves.event.tolist(), moves.kind.tolist(), moves.unit.tolist(), moves.restriction.tolist(),
                moves.points.tolist(), moves.expires_on.tolist(), moves.release_on.tolist(), moves.cause.tolist(),
                moves.plan.tolist(), moves.rule.tolist(), moves.basis.tolist(), moves.raw.tolist(), moves.cut.tolist(),
                strict=True,
            )
        )
    ):  # fmt: skip
        if not points:
            continue
        cause = causes[event]
        row = cause.row
        member = ledgers.members[row]
        counts[row] += 1
        n = counts[row]
        if kind == EntryKind.EXPIRE:
            entries.append(lapse_entry(member, n, Lot(unit, restriction, expires_on, -points), cause.day, zone))
            continue
        if kind == EntryKind.RELEASE and not waits_for_event(release_on):
            entries.append(
                release_entry(member, n, Waiting(release_on, cause_of, unit, restriction, expires_on, points), zone)
            )
            continue
        lines[event] += 1
        key = entry_key(cause.key, lines[event])
        lots = taken.get(number, b"") if kind in _TAKES else b""
        version = cause.version if plan < 0 else plan + 1
        entry = Entry(member, key, n, kind, unit, points, expires_on, version, rule, basis, lots, restriction)
        if kind in _WAITS:
            entry = entry._replace(release_on=release_on, cause=cause_of)
        if rule >= 0 and kind in _GIVES and (raw != points or cut):
            entry = entry._replace(raw=raw if raw != points else None, cut=cut or None)
        entries.append(entry)
    return entries


_GIVES = (EntryKind.EARN, EntryKind.PEND)


def _taken(decided: Decisions) -> dict[int, bytes]:
    """Return the lots that movements took from, packed, by the movement's place."""
    packed: dict[int, bytes] = {}
    taken = decided.taken
    for move, restriction, expires_on, points in zip(
        taken.move.tolist(), taken.restriction.tolist(), taken.expires_on.tolist(), taken.points.tolist(), strict=True
    ):
        unit = int(decided.moves.unit[move])
        packed[move] = packed.get(move, b"") + LOT.pack(unit, restriction, expires_on, points)
    return packed


def lapse_entry(member: bytes, n: int, lot: Lot, day: int, zone: ZoneInfo) -> Entry:
    """Return the entry of a lot that lapsed: made at the start of the day after its last, the same whoever makes it.

    Lots that lapse by idleness have no last day of their own: their entry is made on the `day` that found them.
    """
    key = lapse_key(member.hex(), n, lot[:3], day, zone)
    unit, restriction, expires_on, points = lot
    return Entry(member, key, n, EntryKind.EXPIRE, unit, -points, expires_on, NO_VERSION, NO_RULE, 0, b"", restriction)


def lapse_key(member_hex: str, n: int, lot: tuple[int, int, int], day: int, zone: ZoneInfo) -> bytes:
    """Return the key of the entry of a lot (unit, restriction, last day) that lapsed, found on `day`."""
    unit, restriction, expires_on = lot
    of = (str(unit), str(restriction)) if unit or restriction else ()
    seed = hash_of("lapse", member_hex, str(expires_on), str(n), *of)
    return uuid7(_starts_ms(day if expires_on == DAY_IDLE else expires_on + 1, zone), seed)


def release_entry(member: bytes, n: int, waiting: Waiting, zone: ZoneInfo) -> Entry:
    """Return the entry of points whose day of release has come: made at its start, the same whoever makes it."""
    release_on, cause, unit, restriction, expires_on, points = waiting
    key = release_key(member.hex(), n, waiting[:4], zone)
    return Entry(
        member, key, n, EntryKind.RELEASE, unit, points, expires_on, NO_VERSION, NO_RULE, 0, b"", restriction, release_on,
        cause,
    )  # fmt: skip


def release_key(member_hex: str, n: int, waited: tuple[int, int, int, int], zone: ZoneInfo) -> bytes:
    """Return the key of the entry of points (release day, cause, unit, restriction) that were released."""
    release_on, cause, unit, restriction = waited
    seed = hash_of("release", member_hex, str(release_on), str(cause), str(unit), str(restriction), str(n))
    return uuid7(_starts_ms(release_on, zone), seed)


def due(member: bytes, account: Account, day: int, zone: ZoneInfo) -> list[Entry]:
    """Return the entries that a touch on `day` would make by the passing of time alone: in force, though not yet written down.

    What waited is released, then lots lapse.
    """
    what = touched(account, day)
    counted = account.entry_count
    released = [release_entry(member, n, one, zone) for n, one in enumerate(what.released, start=counted + 1)]
    counted += len(released)
    return released + [lapse_entry(member, n, lot, day, zone) for n, lot in enumerate(what.lapsed, start=counted + 1)]
