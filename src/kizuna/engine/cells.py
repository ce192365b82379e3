"""Remembered figures: a slot has a few cells, each holding one stretch of the calendar and a value.

Stretch p lies in cell p mod cells. A cell holds the latest stretch that was counted there: an earlier one reads as 0, one that has been
overtaken reads as `TOO_LATE` and is not counted any more.
"""

import numpy as np

from kizuna.engine.events import Bools, Days, Ints, Rows

TOO_LATE = -1
EMPTY = -(2**31)


class Cells:
    """One slot of `size` members."""

    def __init__(self, size: int, cells: int) -> None:
        self.stretch = np.full((size, cells), EMPTY, np.int32)
        self.value = np.zeros((size, cells), np.int64)

    @property
    def count(self) -> int:
        """How many cells there are."""
        return self.stretch.shape[1]

    def gather(self, rows: Rows) -> "Cells":
        """Return the cells of some members, as a copy."""
        some = Cells(0, self.count)
        some.stretch, some.value = self.stretch[rows], self.value[rows]
        return some

    def scatter(self, rows: Rows, some: "Cells") -> None:
        """Write the cells of some members back."""
        self.stretch[rows], self.value[rows] = some.stretch, some.value

    def read(self, rows: Rows, stretch: Ints) -> Ints:
        """Return what is remembered of one stretch a row, `TOO_LATE` where it was overtaken."""
        cell = stretch % self.count
        held = self.stretch[rows, cell]
        return np.where(held == stretch, self.value[rows, cell], np.where(held > stretch, TOO_LATE, 0))

    def add(self, rows: Rows, stretch: Ints, amount: Ints) -> None:
        """Count `amount` into one stretch a row; what is too late is left out."""
        cell = stretch % self.count
        held = self.stretch[rows, cell]
        value = np.where(held == stretch, self.value[rows, cell], 0) + amount
        if (held > stretch).any():
            on = held <= stretch
            rows, cell, stretch, value = rows[on], cell[on], stretch[on], value[on]
        self.stretch[rows, cell], self.value[rows, cell] = stretch, value

    def correct(self, rows: Rows, stretch: Ints, difference: Ints) -> None:
        """Change what is counted in one stretch a row unless it was overtaken; never below 0."""
        cell = stretch % self.count
        held = self.stretch[rows, cell]
        on = (held <= stretch) & (difference != 0)
        rows, cell, stretch = rows[on], cell[on], stretch[on]
        value = np.where(held[on] == stretch, self.value[rows, cell], 0)
        self.stretch[rows, cell], self.value[rows, cell] = stretch, np.maximum(0, value + difference[on])

    def sum(self, rows: Rows, last: Ints, count: int) -> Ints:
        """Return what is remembered of the `count` stretches that end with `last`."""
        held = self.stretch[rows]
        counts: Bools = (held <= last[:, None]) & (held > (last - count)[:, None])
        total: Ints = (self.value[rows] * counts).sum(axis=1)
        return total

    def first(self, rows: Rows) -> tuple[Ints, Ints]:
        """Return stretch and value of the first cell."""
        return self.stretch[rows, 0].astype(np.int64), self.value[rows, 0]

    def put_first(self, rows: Rows, stretch: Days | Ints, value: Ints) -> None:
        """Set the first cell."""
        self.stretch[rows, 0], self.value[rows, 0] = stretch, value
