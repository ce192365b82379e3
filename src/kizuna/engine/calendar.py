"""The calendar of a batch as tables: what is asked of every event's day is looked up, not computed again."""

from collections.abc import Callable, Hashable

import numpy as np

from kizuna.engine.events import Days, Ints
from kizuna.engine.periods import last_day, stretch_of, window_of
from kizuna.program import Expiry, Window, Within


class Calendar:
    """Tables for the days `first`..`last`; only these may be asked for."""

    def __init__(self, day: Days) -> None:
        self._first = int(day.min()) if len(day) else 0
        self._days = np.arange(self._first, (int(day.max()) if len(day) else 0) + 1)
        self._tables: dict[Hashable, Ints] = {}

    def look(self, key: Hashable, make: Callable[[Ints], Ints], day: Days | Ints) -> Ints:
        """Return what `make` gives for each day, computed once for all days."""
        table = self._tables.get(key)
        if table is None:
            table = self._tables[key] = make(self._days)
        return table[day - self._first]

    def stretch(self, within: Within, day: Days | Ints) -> Ints:
        """Return the number of each day's stretch."""
        return self.look(within, lambda days: stretch_of(within, days), day)

    def window(self, window: Window, day: Days | Ints) -> Ints:
        """Return the number of each day's window."""
        return self.look(window, lambda days: window_of(window, days), day)

    def last_day(self, expiry: Expiry, day: Days | Ints) -> Ints:
        """Return the last day of a lot made on each day."""
        return self.look(repr(expiry), lambda days: last_day(expiry, days), day)
