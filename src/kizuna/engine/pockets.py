"""Members' point lots of one unit as columns: one row a member, one column a lot, soonest to end first.

Always true, row by row: cells `head..tail` hold lots with points > 0 and strictly rising keys; cells before `head` have the key
`_DEAD`, cells from `tail` on `_EMPTY`; at least one empty cell is left. A key is last day × 65536 + restriction. So what
lapses is a prefix that `head` passes over, and an ordinary earning is written at `tail`.
All methods work on many members at once and take each member at most once per call.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kizuna.core.days import DAY_IDLE
from kizuna.core.lots import LOT_FIELDS
from kizuna.engine.events import Bools, Ints, Rows, Span, picked

_EMPTY, _DEAD = 1 << 62, -1
_SPARE = 4
LOT = np.dtype(list(LOT_FIELDS))


def key_of(expires_on: Ints, restriction: Ints | int) -> Ints:
    """Return the keys of lots."""
    return (expires_on << 16) | restriction


@dataclass(slots=True)
class Parts:
    """Lots or parts of lots that left: of which of the rows asked for, with which key, how many points."""

    which: Rows
    key: Ints
    points: Ints

    @property
    def expires_on(self) -> Ints:
        """The last days."""
        return self.key >> 16

    @property
    def restriction(self) -> Ints:
        """The restrictions."""
        return self.key & 0xFFFF


def none_taken() -> Parts:
    """Return no parts."""
    return Parts(np.empty(0, np.intp), np.empty(0, np.int64), np.empty(0, np.int64))


class Pockets:
    """Open lots of `size` members in one unit; `total` are their sums."""

    def __init__(self, size: int, width: int = _SPARE) -> None:
        self._key = np.full((size, width), _EMPTY, np.int64)
        self._left = np.zeros((size, width), np.int64)
        self._head = np.zeros(size, np.intp)
        self._tail = np.zeros(size, np.intp)
        self._soonest = np.full(size, _EMPTY, np.int64)
        """No lot of a row has a key before this one."""
        self.total = np.zeros(size, np.int64)

    @classmethod
    def filled(cls, size: int, row: Rows, lots: NDArray[np.void]) -> "Pockets":
        """Read lots (dtype `LOT`), sorted by their `row`, last day and restriction."""
        counts = np.bincount(row, minlength=size)
        made = cls(size, int(counts.max(initial=0)) + _SPARE)
        place = np.arange(len(row)) - (np.cumsum(counts) - counts)[row]
        made._key[row, place] = key_of(lots["expires_on"].astype(np.int64), lots["restriction"].astype(np.int64))
        made._left[row, place] = lots["remaining"]
        made._tail = counts.astype(np.intp)
        made._soonest = made._key[:, 0].copy()
        np.add.at(made.total, row, lots["remaining"])
        return made

    def open(self) -> tuple[Rows, Ints, Ints]:
        """Return row, key and points of every open lot, row by row, soonest to end first."""
        row, cell = np.nonzero(self._left)
        return row, self._key[row, cell], self._left[row, cell]

    def gather(self, rows: Rows) -> "Pockets":
        """Return the pockets of some members, as a copy."""
        width = int(self._tail[rows].max(initial=0)) + _SPARE
        some = Pockets(0)
        there = min(width, self._key.shape[1])
        some._key, some._left = _widened(self._key[rows, :there], width), _widened(self._left[rows, :there], width)
        some._key[:, there:] = _EMPTY
        some._head, some._tail, some.total = self._head[rows], self._tail[rows], self.total[rows]
        some._soonest = self._soonest[rows]
        return some

    def scatter(self, rows: Rows, some: "Pockets") -> None:
        """Write the pockets of some members back."""
        some.close_ranks()
        width = int(some._tail.max(initial=0)) + 1  # noqa: SLF001 - its own kind
        if width > self._key.shape[1]:
            self._widen(width + _SPARE - self._key.shape[1])
        there = min(some._key.shape[1], self._key.shape[1])  # noqa: SLF001 - its own kind
        self._key[rows, :there], self._left[rows, :there] = some._key[:, :there], some._left[:, :there]  # noqa: SLF001 - its own kind
        self._key[rows, there:], self._left[rows, there:] = _EMPTY, 0
        self._head[rows], self._tail[rows], self.total[rows] = some._head, some._tail, some.total  # noqa: SLF001 - its own kind
        self._soonest[rows] = some._soonest  # noqa: SLF001 - its own kind

    def lapse(self, rows: Span, day: Ints) -> Parts:
        """Remove every lot whose last day is before `day` (one a row)."""
        parts: list[tuple[Rows, Ints, Ints]] = []
        limit = day << 16
        which = (self._soonest[rows] < limit).nonzero()[0]
        at, limit = picked(rows, which), limit[which]
        while len(which):
            head = self._head[at]
            key = self._soonest[at] = self._key[at, head]
            over = (key < limit).nonzero()[0]
            which, at, limit, head = which[over], at[over], limit[over], head[over]
            parts.append((which, self._key[at, head], self._left[at, head]))
            self.total[at] -= self._left[at, head]
            self._key[at, head], self._left[at, head] = _DEAD, 0
            self._head[at] += 1
        return _in_order(parts)

    def lapse_idle(self, rows: Rows) -> Parts:
        """Remove the lots of `rows` that have no day of their own."""
        left = np.where(self._key[rows] >> 16 == DAY_IDLE, self._left[rows], 0)
        return self._remove(rows, left)

    def take(self, rows: Rows, points: Ints, allowed: Bools | None = None) -> Parts:
        """Take `points` (one a row) from the front of each of `rows`, or as much as there is.

        `allowed` says for each row (or for all, with one row) which restrictions may be touched; None: all.
        """
        left = self._left[rows]
        if allowed is not None:
            restriction = np.where(left > 0, self._key[rows] & 0xFFFF, 0)
            left = left * np.take_along_axis(
                np.broadcast_to(allowed, (len(rows), allowed.shape[1])), restriction, axis=1
            )
        behind = np.cumsum(left, axis=1)
        return self._remove(rows, np.clip(points[:, None] - (behind - left), 0, left))

    def available(self, rows: Rows, allowed: Bools | None) -> Ints:
        """Return the points in each of `rows` that may be touched."""
        if allowed is None:
            return self.total[rows]
        left = self._left[rows]
        restriction = np.where(left > 0, self._key[rows] & 0xFFFF, 0)
        some: Ints = (left * np.take_along_axis(allowed, restriction, axis=1)).sum(axis=1)
        return some

    def take_lot(self, rows: Rows, key: Ints, points: Ints) -> Parts:
        """Take up to `points` from the one lot with the `key` of each of `rows`."""
        lot = np.where(self._key[rows] == key[:, None], self._left[rows], 0)
        return self._remove(rows, np.minimum(lot, points[:, None]))

    def put(self, rows: Rows, key: Ints, points: Ints) -> None:
        """Add a lot of `points` > 0 to each of `rows`, merged with the lot of the same key where there is one."""
        self.total[rows] += points
        self._soonest[rows] = np.minimum(self._soonest[rows], key)
        tail = self._tail[rows]
        if int(tail.max(initial=0)) + 1 >= self._key.shape[1]:
            self.close_ranks()
            tail = self._tail[rows]
            if int(tail.max(initial=0)) + 1 >= self._key.shape[1]:
                self._widen(max(_SPARE, self._key.shape[1]))
        newest = self._key[rows, tail - 1]  # of an empty row: its last cell, which is always empty
        newest[tail == self._head[rows]] = _DEAD
        later = key > newest
        if later.all():
            self._append(rows, tail, key, points)
            return
        self._append(rows[later], tail[later], key[later], points[later])
        same = key == newest
        self._left[rows[same], tail[same] - 1] += points[same]
        between = ~(later | same)
        if np.count_nonzero(between):
            self._insert(rows[between], key[between], points[between])

    def _append(self, rows: Rows, tail: Rows, key: Ints, points: Ints) -> None:
        self._key[rows, tail], self._left[rows, tail] = key, points
        self._tail[rows] = tail + 1

    def _insert(self, rows: Rows, key: Ints, points: Ints) -> None:
        """Put lots between others."""
        mine = self._key[rows]
        place = (mine < key[:, None]).sum(axis=1)
        lane = np.arange(len(rows))
        same = mine[lane, place] == key
        self._left[rows[same], place[same]] += points[same]
        new = ~same
        if np.count_nonzero(new):
            rows, place, lane = rows[new], place[new, None], lane[new]
            cells = np.arange(mine.shape[1])
            source = cells - (cells > place)
            keys = np.take_along_axis(mine[lane], source, axis=1)
            left = np.take_along_axis(self._left[rows], source, axis=1)
            here = cells == place
            keys[here], left[here] = key[new], points[new]
            self._key[rows], self._left[rows] = keys, left
            self._tail[rows] += 1

    def _remove(self, rows: Rows, parts: Ints) -> Parts:
        """Take `parts` (a cell each) out of `rows` and close the ranks."""
        which, cell = np.nonzero(parts)
        if not len(which):
            return none_taken()
        gone = Parts(which, self._key[rows[which], cell], parts[which, cell])
        touched = np.unique(which)
        at = rows[touched]
        self._left[at] -= parts[touched]
        self.total[at] -= parts[touched].sum(axis=1)
        self._compact(at)
        return gone

    def _compact(self, rows: Rows) -> None:
        """Move the lots of `rows` to the front."""
        left = self._left[rows]
        order = np.argsort(left == 0, axis=1, kind="stable")
        left = np.take_along_axis(left, order, axis=1)
        self._left[rows] = left
        self._key[rows] = np.where(left > 0, np.take_along_axis(self._key[rows], order, axis=1), _EMPTY)
        self._head[rows], self._tail[rows] = 0, (left > 0).sum(axis=1)

    def close_ranks(self) -> None:
        """Move every member's lots to the front."""
        behind = np.flatnonzero(self._head)
        if len(behind):
            self._compact(behind)

    def _widen(self, more: int) -> None:
        width = self._key.shape[1]
        self._key, self._left = _widened(self._key, width + more), _widened(self._left, width + more)
        self._key[:, width:] = _EMPTY


def _widened(cells: Ints, width: int) -> Ints:
    """Return cells in rows of `width`, zeros behind them."""
    if cells.shape[1] == width:
        return cells
    wide = np.zeros((len(cells), width), np.int64)
    wide[:, : cells.shape[1]] = cells
    return wide


def _in_order(parts: list[tuple[Rows, Ints, Ints]]) -> Parts:
    """Join parts, row by row, each row's in the order in which they came."""
    if not parts:
        return none_taken()
    which, key, points = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(which, kind="stable")
    return Parts(which[order], key[order], points[order])
