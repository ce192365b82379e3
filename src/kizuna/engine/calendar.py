"""The calendar as tables: what is asked of every event's day is looked up, not computed again."""

from collections.abc import Callable, Hashable
from functools import cached_property, lru_cache

import numpy as np

from kizuna.engine.events import Days, Ints
from kizuna.engine.periods import WITHINS, last_day, stretch_of, window_of
from kizuna.program import Expiry, Window, Within

_AT_ONCE = 1024
"""Tables are made for so many days at a time, and kept: most batches ask for the same ones."""


class Calendar:
    """Tables for the days `first`..`last`; only these may be asked for."""

    def __init__(self, first: int, last: int) -> None:
        self._first = first
        self._days = np.arange(first, last + 1)
        self._tables: dict[Hashable, Ints] = {}

    @staticmethod
    def of(day: Days) -> "Calendar":
        """Return a calendar that knows all of some days."""
        if not len(day):
            return _calendar(0, 0)
        return _calendar(int(day.min()) // _AT_ONCE, int(day.max()) // _AT_ONCE)

    def look(self, key: Hashable, make: Callable[[Ints], Ints], day: Days | Ints) -> Ints:
        """Return what `make` gives for each day; `key` says what that is, whoever asks."""
        table = self._tables.get(key)
        if table is None:
            table = self._tables[key] = make(self._days)
        found: Ints = table.take(day - self._first)
        return found

    def stretch(self, within: Within, day: Days | Ints) -> Ints:
        """Return the number of each day's stretch."""
        return self.look(within, lambda days: stretch_of(within, days), day)

    def stretches(self, within: Ints, day: Ints) -> Ints:
        """Return the number of each day's stretch, each of another kind (places among `WITHINS`)."""
        found: Ints = self._stretches.take(within * len(self._days) + (day - self._first))
        return found

    @cached_property
    def _stretches(self) -> Ints:
        return np.concatenate([stretch_of(within, self._days) for within in WITHINS])

    def window(self, window: Window, day: Days | Ints) -> Ints:
        """Return the number of each day's window."""
        return self.look(window, lambda days: window_of(window, days), day)

    def last_day(self, expiry: Expiry, term: str, day: Days | Ints) -> Ints:
        """Return the last day of a lot made on each day; `term` names the expiry."""
        return self.look(("last", term), lambda days: last_day(expiry, days), day)


@lru_cache(maxsize=16)
def _calendar(first: int, last: int) -> Calendar:
    return Calendar(first * _AT_ONCE, (last + 1) * _AT_ONCE - 1)
