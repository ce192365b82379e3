"""Many members' points as columns: what is due by a day, and the entries and rows that come of it.

Always true: an entry made here is bit for bit the one that a touch by an event would make, with the same key and the same share in
its commit's digest. Pure: rows and days in, columns out.
"""

import hashlib
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from kizuna.core.days import DAY_IDLE
from kizuna.core.ids import BUCKETS
from kizuna.core.lots import LOT_FIELDS, Counters
from kizuna.core.waiting import WAITING_FIELDS
from kizuna.engine import EntryKind, EventKind, Events, Moves, Names, Plan, State, decide
from kizuna.engine.events import Bools, Ints, Rows
from kizuna.engine.state import NO_DAY, Ragged
from kizuna.ledger.model import NO_RULE, NO_VERSION, Sums
from kizuna.ledger.posting import lapse_key, release_key

Ids = NDArray[np.void]
_ID = np.dtype("V16")
_LOTS, _WAITING = np.dtype(list(LOT_FIELDS)), np.dtype(list(WAITING_FIELDS))
_WIDTH = len(Counters._fields)
_FACTS = np.dtype(
    [
        ("member", _ID), ("key", _ID), ("n", "<i8"), ("kind", "<i2"), ("unit", "<i2"), ("points", "<i8"),
        ("expires_on", "<i4"), ("version", "<i4"), ("rule", "<i2"), ("basis", "<i8"),
    ]
)  # fmt: skip
_MORE = np.dtype(
    [
        ("mark", "S4"), ("restriction", "<i2"), ("release_on", "<i8"), ("cause", "<u8"), ("raw", "<i8"),
        ("taken", "<i8"), ("cut", "<i2"),
    ]
)  # fmt: skip
"""The two parts of `model.digest`, as records."""


class Pockets(NamedTuple):
    """Members of one bucket in the order of their ids, and what each has: lots and points that wait, packed."""

    members: Ids
    lots: Ragged
    waiting: Ragged


class Holders(NamedTuple):
    """The same with their counters (all units side by side) and how many entries made each row; the rows are locked."""

    pockets: Pockets
    entry_counts: Ints
    counters: Ints


class Entries(NamedTuple):
    """Entries of one commit in the order of members and n. All are made by time: no version, no rule, nothing taken."""

    row: Rows
    member: Ids
    key: Ids
    n: Ints
    kind: Ints
    unit: Ints
    points: Ints
    expires_on: Ints
    restriction: Ints
    release_on: Ints
    cause: NDArray[np.uint64]

    @property
    def released(self) -> Bools:
        """Mark those that are releases; the others are lapses."""
        mark: Bools = self.kind == EntryKind.RELEASE
        return mark


class Changed(NamedTuple):
    """The rows that entries changed: their members, and what each is now. `widths` are the counters that a row keeps."""

    members: Ids
    entry_counts: Ints
    counters: Ints
    widths: Ints
    lots: list[bytes]
    waiting: list[bytes]


def due(pockets: Pockets, day: int) -> tuple[Rows, Rows]:
    """Return the places of those for whom a touch on `day` does something for sure, and of others with lots that idleness ends."""
    lots, waiting = np.frombuffer(pockets.lots.raw, _LOTS), np.frombuffer(pockets.waiting.raw, _WAITING)
    holder, waiter = pockets.lots.rows, pockets.waiting.rows
    surely = np.zeros(len(pockets.members), np.bool_)
    surely[holder[lots["expires_on"] < day]] = True
    surely[waiter[waiting["release_on"] <= day]] = True
    perhaps = np.zeros(len(pockets.members), np.bool_)
    perhaps[holder[lots["expires_on"] == DAY_IDLE]] = True
    return np.flatnonzero(surely), np.flatnonzero(perhaps & ~surely)


def idle(plan: Plan, last_order: Ints, day: int) -> Bools:
    """Mark the members of whom some unit's idleness is over on `day`."""
    ends = [days for days in plan.idle_days if days]
    if not ends:
        return np.zeros(len(last_order), np.bool_)
    over: Bools = (last_order != NO_DAY) & (day > last_order + min(ends) - 1)
    return over


def touch(
    plans: list[Plan], names: Names, plan: int, holders: Holders, last_order: Ints | None, day: int, zone: ZoneInfo
) -> tuple[Entries, Changed]:
    """Return what a touch of all `holders` on `day` makes, under the plan with this index."""
    members = holders.pockets.members
    size = len(members)
    keys = members.view(">u8").reshape(size, 2)[:, 1].astype(np.uint64)
    state = State.of_points(names, keys, holders.counters, holders.pockets.lots, holders.pockets.waiting, last_order)
    events = Events.plain(
        np.arange(size),
        np.full(size, plan, np.int16),
        np.full(size, int(EventKind.TOUCH), np.int8),
        np.full(size, day, np.int32),
        np.zeros(size, np.int64),
    )
    moves = decide(plans, state, events, freeze=False).moves
    entries = _entries(holders, moves, day, zone)
    return entries, _changed(holders, state, entries)


def _entries(holders: Holders, moves: Moves, day: int, zone: ZoneInfo) -> Entries:
    row = moves.event
    begins = np.ones(len(row), np.bool_)
    begins[1:] = row[1:] != row[:-1]
    first = np.flatnonzero(begins)
    rank = np.arange(len(row)) - np.repeat(first, np.diff(np.append(first, len(row))))
    n = holders.entry_counts[row] + rank + 1
    member = holders.pockets.members[row]
    kind, unit, restriction = (column.astype(np.int64) for column in (moves.kind, moves.unit, moves.restriction))
    keys = _keys(member, n, kind, moves, day, zone)
    return Entries(
        row, member, np.frombuffer(keys, _ID), n, kind, unit, moves.points, moves.expires_on, restriction, moves.release_on,
        moves.cause,
    )  # fmt: skip


def _keys(member: Ids, n: Ints, kind: Ints, moves: Moves, day: int, zone: ZoneInfo) -> bytes:
    spelled = member.tobytes().hex()
    keys = []
    for place, (number, of, unit, restriction, last, release_on, cause) in enumerate(
        zip(
            n.tolist(), kind.tolist(), moves.unit.tolist(), moves.restriction.tolist(), moves.expires_on.tolist(),
            moves.release_on.tolist(), moves.cause.tolist(), strict=True,
        )
    ):  # fmt: skip
        one = spelled[32 * place : 32 * place + 32]
        if of == EntryKind.EXPIRE:
            keys.append(lapse_key(one, number, (unit, restriction, last), day, zone))
        else:
            keys.append(release_key(one, number, (release_on, cause, unit, restriction), zone))
    return b"".join(keys)


def _changed(holders: Holders, state: State, entries: Entries) -> Changed:
    counts = np.bincount(entries.row, minlength=state.size)
    rows = np.flatnonzero(counts)
    some = state if len(rows) == state.size else state.gather(rows)
    used = (some.counters != 0).any(axis=2)
    units = np.where(used.any(axis=1), state.units - used[:, ::-1].argmax(axis=1), 1)
    return Changed(
        holders.pockets.members[rows],
        (holders.entry_counts + counts)[rows],
        some.counters.reshape(len(rows), state.units * _WIDTH),
        units * _WIDTH,
        some.pack_lots(),
        some.pack_waiting(),
    )


def sums(entries: Entries) -> Sums:
    """Return the first unit's sums, as `model.sums` adds them up."""
    first, released = entries.unit == 0, entries.released
    issued = int(entries.points[first & released].sum())
    return Sums(issued=issued, expired=-int(entries.points[first & ~released].sum()), waiting=-issued)


def digest(entries: Entries) -> bytes:
    """Hash every fact of the entries, as `model.digest` does."""
    size, released = len(entries.n), entries.released
    facts, more = np.empty(size, _FACTS), np.empty(size, _MORE)
    for name in ("member", "key", "n", "kind", "unit", "points", "expires_on"):
        facts[name] = getattr(entries, name)
    facts["version"], facts["rule"], facts["basis"] = NO_VERSION, NO_RULE, 0
    more["mark"], more["restriction"], more["raw"], more["taken"], more["cut"] = (
        b"more", entries.restriction, entries.points, 0, 0,
    )  # fmt: skip
    more["release_on"], more["cause"] = (
        np.where(released, entries.release_on, 0),
        np.where(released, entries.cause, np.uint64(0)),
    )
    whole = np.concatenate([_octets(facts), _octets(more)], axis=1)
    told = np.ones(whole.shape, np.bool_)
    told[:, _FACTS.itemsize :] = ((entries.restriction != 0) | released)[:, None]
    return hashlib.blake2b(whole[told].tobytes(), digest_size=32).digest()


def _octets(records: NDArray[np.void]) -> NDArray[np.uint8]:
    return records.view(np.uint8).reshape(len(records), records.dtype.itemsize)


def bucket(members: Ids) -> int:
    """Return the bucket of members who are all of one."""
    return int(_octets(members)[0, -1]) % BUCKETS
