"""The short way through a history: what nearly every member's is, walked without an object for each entry.

Always true: what this accepts, `Replay` accepts with the same lots, the same waiting points and the same counters. It stops (None) at
whatever is not plainly in order, and at what few histories have: debts, redemptions given back, merges. Then `Replay` has the word.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kizuna.core.lots import LOT, Counters
from kizuna.core.waiting import WAITING
from kizuna.engine import EntryKind
from kizuna.ledger.model import HANDED, SIGNS
from kizuna.ledger.replay import FROM_RELEASE

UNITS_MAX = 16
"""Units that the short way counts; it leaves further ones to `Replay`."""
_EARN, _REDEEM, _EXPIRE, _PEND = EntryKind.EARN, EntryKind.REDEEM, EntryKind.EXPIRE, EntryKind.PEND
_RELEASE, _REVERSE, _CANCEL = EntryKind.RELEASE, EntryKind.REVERSE, EntryKind.CANCEL
_HOLD, _VOID, _CONFIRM = EntryKind.HOLD, EntryKind.VOID, EntryKind.CONFIRM
_MOVES = (EntryKind.ADJUST, EntryKind.TRANSFER)
_KINDS = (_EARN, _REDEEM, _EXPIRE, _PEND, _RELEASE, _REVERSE, _CANCEL, _HOLD, _VOID, _CONFIRM, *_MOVES)
_KIND_MAX = max(EntryKind)

_SIGN = np.zeros(_KIND_MAX + 1, np.int8)
for _kind in _KINDS:
    _SIGN[_kind] = SIGNS[_kind]
_IS_SHORT = np.isin(np.arange(_KIND_MAX + 1), _KINDS)

COUNTED: dict[str, tuple[tuple[EntryKind, int], ...]] = {
    "earned": ((_EARN, 1), (_RELEASE, 1)),
    "spent": ((_REDEEM, -1), (_CONFIRM, -1)),
    "lapsed": ((_EXPIRE, -1),),
    "reversed": ((_REVERSE, -1),),
    "held": ((_HOLD, -1), (_VOID, -1), (_CONFIRM, 1)),
    "adjusted": ((EntryKind.ADJUST, 1),),
    "transferred": ((EntryKind.TRANSFER, 1),),
}
"""Which kinds each counter adds up, with their sign, where nothing was ever owed."""

Lots = dict[tuple[int, int, int], int]
"""Open points by unit, last day and restriction."""
Waits = dict[tuple[int, int, int, int, int], int]
"""Waiting points by day of release, cause, unit, restriction and last day."""
Texts = tuple[bytes, str] | None
"""What an entry took and the account that it names, if either."""


Step = tuple[int, int, int, int, int, int, int, Texts]
"""An entry as the walk reads it: kind, unit, points, last day, restriction, day of release, cause, texts."""


class End(NamedTuple):
    """Where a history leads."""

    lots: Lots
    waiting: Waits
    is_holding: bool

    @property
    def packed_lots(self) -> bytes:
        """The open lots as the member's row keeps them."""
        pack = LOT.pack
        return b"".join([pack(unit, use, last, points) for (unit, last, use), points in sorted(self.lots.items())])

    @property
    def packed_waiting(self) -> bytes:
        """What waits as the member's row keeps it."""
        return b"".join([WAITING.pack(*key, points) for key, points in sorted(self.waiting.items())])


def is_short(kind: NDArray[np.int64], unit: NDArray[np.int64], points: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell of entries whether the short way knows their kind and unit, and whether they go in their kind's direction."""
    known = (kind > 0) & (kind <= _KIND_MAX) & (unit >= 0) & (unit < UNITS_MAX) & (points != 0)
    kind = np.where(known, kind, 0)
    points_right = (_SIGN[kind] == 0) | ((points > 0) == (_SIGN[kind] > 0))
    found: NDArray[np.bool_] = known & _IS_SHORT[kind] & points_right
    return found


def counters(
    kind: NDArray[np.int64], unit: NDArray[np.int64], points: NDArray[np.int64], starts: NDArray[np.intp]
) -> NDArray[np.int64]:
    """Return the counters that entries come to: one row a member (who begins at `starts`), by unit, where nothing was ever owed."""
    units = int(unit.max(initial=0)) + 1
    found = np.zeros((len(starts), units, len(Counters._fields)), np.int64)
    for place, name in enumerate(Counters._fields):
        for of, sign in COUNTED.get(name, ()):
            is_kind = kind == of
            if is_kind.any():
                for number in range(units):
                    some = np.where(is_kind & (unit == number), points, 0)
                    found[:, number, place] += sign * np.add.reduceat(some, starts)
    return found


def walk(steps: Iterator[Step]) -> End | None:  # noqa: C901, PLR0911, PLR0912 - one branch a kind; calls would double the time
    """Follow one member's entries, all of them short (`is_short`), in their order. None: this is not the short way."""
    lots: Lots = {}
    waiting: Waits = {}
    held: dict[tuple[int, int], int] = {}
    for kind, unit, points, expires_on, restriction, release_on, cause, texts in steps:
        key = (unit, expires_on, restriction)
        if kind == _EARN:
            lots[key] = lots.get(key, 0) + points
        elif kind == _EXPIRE:
            if lots.pop(key, 0) != -points:
                return None
        elif kind == _REDEEM:
            if not _spend(lots, unit, -points, texts):
                return None
        elif kind in (_PEND, _CANCEL):
            if not _wait(waiting, (release_on, cause, unit, restriction, expires_on), points):
                return None
        elif kind == _RELEASE:
            if not _release(waiting, (release_on, cause, unit, restriction, expires_on), points):
                return None
            lots[key] = lots.get(key, 0) + points
        elif kind == _HOLD:
            if (texts and texts[1] == HANDED) or not _spend(lots, unit, -points, texts):
                return None
            held[unit, cause] = held.get((unit, cause), 0) - points
        elif kind in (_VOID, _CONFIRM):
            if not _end(held, (unit, cause), abs(points)):
                return None
            if kind == _VOID:
                lots[key] = lots.get(key, 0) + points
        elif points > 0:
            lots[key] = lots.get(key, 0) + points
        elif not _take(lots, unit, -points, texts):
            return None
    return End(lots, waiting, bool(held))


def _lots_of(texts: Texts) -> list[tuple[int, int, int, int]]:
    """Return the lots that an entry names: unit, restriction, last day, points."""
    if texts is None or len(texts[0]) % LOT.size:
        return []
    return list(LOT.iter_unpack(texts[0]))


def _spend(lots: Lots, unit: int, wanted: int, texts: Texts) -> bool:
    """Take what was spent, if the entry names exactly the lots that end first of the purposes that it names."""
    taken = _lots_of(texts)
    usable = {0, *(restriction for _, restriction, _, _ in taken)}
    first = []
    for key in sorted(lots):
        if not wanted:
            break
        of, expires_on, restriction = key
        if of == unit and restriction in usable:
            part = min(wanted, lots[key])
            wanted -= part
            first.append((of, restriction, expires_on, part))
    if wanted or first != taken:
        return False
    _remove(lots, first)
    return True


def _take(lots: Lots, unit: int, wanted: int, texts: Texts) -> bool:
    """Take from the lots that the entry names, if they are there and come to all of it: then nothing is owed."""
    taken = _lots_of(texts)
    seen: Lots = {}
    for of, restriction, expires_on, points in taken:
        key = (of, expires_on, restriction)
        seen[key] = seen.get(key, 0) + points
        if of != unit or points <= 0 or lots.get(key, 0) < seen[key]:
            return False
    if sum(points for _, _, _, points in taken) != wanted:
        return False
    _remove(lots, taken)
    return True


def _remove(lots: Lots, taken: Iterable[tuple[int, int, int, int]]) -> None:
    for unit, restriction, expires_on, points in taken:
        key = (unit, expires_on, restriction)
        left = lots[key] - points
        if left:
            lots[key] = left
        else:
            del lots[key]


def _wait(waiting: Waits, key: tuple[int, int, int, int, int], points: int) -> bool:
    there = waiting.pop(key, 0) + points
    if there > 0:
        waiting[key] = there
    return there >= 0


def _release(waiting: Waits, key: tuple[int, int, int, int, int], points: int) -> bool:
    """Take out of what waits: by its own last day, or by one that runs from this release."""
    if key[4] == FROM_RELEASE:
        return False
    open_end = (*key[:4], FROM_RELEASE)
    waited = waiting.get(key) == points
    return _wait(waiting, key if waited or open_end not in waiting else open_end, -points)


def _end(held: dict[tuple[int, int], int], key: tuple[int, int], points: int) -> bool:
    left = held.pop(key, 0) - points
    if left > 0:
        held[key] = left
    return left >= 0
