"""Remembered figures: a slot has a few cells, each holding one stretch of the calendar and a value.

Stretch p lies in cell p mod cells. A cell holds the latest stretch that was counted there: an earlier one reads as 0, one that has been
overtaken reads as `TOO_LATE` and is not counted any more. `Memory` keeps the cells of all slots in two tables, a row for each
cell and a column for each member, so that what a round touches lies side by side.
"""

import numpy as np
from numpy.typing import NDArray

from kizuna.engine.events import Bools, Ints, Rows, Span, listed, picked
from kizuna.engine.names import Names

TOO_LATE = -1
EMPTY = -(2**31)


class Cells:
    """One slot: `stretch` and `value` are views of the memory, a row for each cell."""

    __slots__ = ("count", "stretch", "value")

    def __init__(self, stretch: NDArray[np.int32], value: Ints) -> None:
        self.stretch, self.value, self.count = stretch, value, len(stretch)

    def read(self, rows: Span, stretch: Ints) -> Ints:
        """Return what is remembered of one stretch a row, `TOO_LATE` where it was overtaken."""
        cell, rows = self._place(stretch, rows)
        held = self.stretch[cell, rows]
        known: Ints = self.value[cell, rows] * (held == stretch)
        late = held > stretch
        if np.count_nonzero(late):
            known[late] = TOO_LATE
        return known

    def add(self, rows: Span, stretch: Ints, amount: Ints | int) -> None:
        """Count `amount` into one stretch a row; what is too late is left out."""
        cell, rows = self._place(stretch, rows)
        held = self.stretch[cell, rows]
        value = self.value[cell, rows] * (held == stretch) + amount
        late = held > stretch
        if np.count_nonzero(late):
            on = (~late).nonzero()[0]
            rows, stretch, value = picked(rows, on), stretch[on], value[on]
            cell = cell if isinstance(cell, int) else cell[on]
        self.stretch[cell, rows], self.value[cell, rows] = stretch, value

    def correct(self, rows: Rows, stretch: Ints, difference: Ints) -> None:
        """Change what is counted in one stretch a row unless it was overtaken; never below 0."""
        cell = stretch % self.count
        held = self.stretch[cell, rows]
        on = (held <= stretch) & (difference != 0)
        rows, cell, stretch = rows[on], cell[on], stretch[on]
        value = np.where(held[on] == stretch, self.value[cell, rows], 0)
        self.stretch[cell, rows], self.value[cell, rows] = stretch, np.maximum(0, value + difference[on])

    def sum(self, rows: Span, last: Ints, count: int) -> Ints:
        """Return what is remembered of the `count` stretches that end with `last`."""
        held = self.stretch[:, rows]
        counts: Bools = (held <= last) & (held > last - count)
        total: Ints = (self.value[:, rows] * counts).sum(axis=0)
        return total

    def first(self, rows: Span) -> tuple[Ints, Ints]:
        """Return stretch and value of the first cell."""
        return self.stretch[0, rows].astype(np.int64), self.value[0, rows]

    def put_first(self, rows: Span, stretch: Ints, value: Ints) -> None:
        """Set the first cell."""
        self.stretch[0, rows], self.value[0, rows] = stretch, value

    def _place(self, stretch: Ints, rows: Span) -> tuple[Ints | int, Span]:
        """Return where the stretches lie: a cell for all, or one each, and the rows as they go with it."""
        count = self.count
        if count == 1:
            return 0, rows
        if isinstance(rows, slice):
            first = int(stretch[0])
            if not np.count_nonzero(stretch != first):
                return first % count, rows
            rows = listed(rows)
        return (stretch & (count - 1) if count & (count - 1) == 0 else stretch % count), rows


class Memory:
    """The cells of `size` members."""

    def __init__(self, names: Names, size: int) -> None:
        self._names, self._size = names, size
        self.stretch = np.full((names.size, size), EMPTY, np.int32)
        self.value = np.zeros((names.size, size), np.int64)
        self._slots: dict[int, Cells] = {}

    def grow(self) -> None:
        """Make room for the slots that the names have learnt since."""
        missing = self._names.size - len(self.stretch)
        if missing:
            more = np.full((missing, self._size), EMPTY, np.int32), np.zeros((missing, self._size), np.int64)
            self.stretch = np.concatenate([self.stretch, more[0]])
            self.value = np.concatenate([self.value, more[1]])
            self._slots = {}

    def __getitem__(self, slot: int) -> Cells:
        found = self._slots.get(slot)
        if found is None:
            self.grow()
            start = self._names.starts[slot]
            end = start + self._names.cells[slot]
            found = self._slots[slot] = Cells(self.stretch[start:end], self.value[start:end])
        return found

    def gather(self, rows: Rows) -> "Memory":
        """Return the cells of some members, as a copy."""
        some = Memory.__new__(Memory)
        some._names, some._size, some._slots = self._names, len(rows), {}  # noqa: SLF001 - its own kind
        some.stretch, some.value = self.stretch.take(rows, axis=1), self.value.take(rows, axis=1)
        return some

    def scatter(self, rows: Rows, some: "Memory") -> None:
        """Write the cells of some members back."""
        self.grow()
        some.grow()
        for cell in range(len(self.stretch)):  # row by row, as the tables lie
            self.stretch[cell, rows], self.value[cell, rows] = some.stretch[cell], some.value[cell]

    def read(self, start: Ints, count: Ints, stretch: Ints, rows: Rows) -> Ints:
        """Return what is remembered of one stretch a row, each in the slot whose cells begin at `start`; `TOO_LATE` where overtaken."""
        cell = start + stretch % count
        held = self.stretch[cell, rows]
        known: Ints = self.value[cell, rows] * (held == stretch)
        late = held > stretch
        if np.count_nonzero(late):
            known[late] = TOO_LATE
        return known

    def add(self, start: Ints, count: Ints, stretch: Ints, rows: Rows, amount: Ints) -> None:
        """Count `amount` into one stretch a row, each in the slot whose cells begin at `start`; no cell twice."""
        cell = start + stretch % count
        held = self.stretch[cell, rows]
        value = self.value[cell, rows] * (held == stretch) + amount
        late = held > stretch
        if np.count_nonzero(late):
            on = (~late).nonzero()[0]
            cell, rows, stretch, value = cell[on], rows[on], stretch[on], value[on]
        self.stretch[cell, rows], self.value[cell, rows] = stretch, value

    def filled(self) -> tuple[Rows, Ints, Ints, Ints, Ints]:
        """Return member, slot, cell, stretch and value of all that is remembered, member by member, slot by slot."""
        row, place = np.nonzero(self.stretch.T != EMPTY)
        self.grow()
        counts = np.array(self._names.cells, np.int64)
        slot_of = np.repeat(np.arange(len(counts)), counts)
        cell_of = np.arange(len(slot_of)) - (np.cumsum(counts) - counts)[slot_of]
        stretch = self.stretch[place, row].astype(np.int64)
        return row, slot_of[place], cell_of[place], stretch, self.value[place, row]

    def fill(self, row: Rows, slot: Ints, cell: Ints, stretch: Ints, value: Ints) -> None:
        """Set cells."""
        self.grow()
        place = np.array(self._names.starts)[slot] + cell
        self.stretch[place, row], self.value[place, row] = stretch, value
