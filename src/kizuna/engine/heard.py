"""The first pass: what the events alone tell a plan, over a whole block. Which rules may speak, and of which numbers.

`at` are the rows of the events that tell type, time and place, `content_at` the rows that tell what was bought; they differ only
where a changed order is decided again.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any, TypeVar

import numpy as np

from kizuna.engine.amounts import Reckoning
from kizuna.engine.asked import Asked, Column
from kizuna.engine.book import Book
from kizuna.engine.calendar import Calendar
from kizuna.engine.events import Bools, EventKind, Ints, Rows, Span
from kizuna.engine.plan import Plan, RulePlan
from kizuna.program import ORDER_COMPLETED

_MASK = (1 << 64) - 1
_EARNS = np.array([kind in (EventKind.ORDER, EventKind.PAST, EventKind.ACTION) for kind in EventKind], np.bool_)
Kept = TypeVar("Kept")


def drawn(keys: np.ndarray, salt: int) -> Ints:
    """Return for each member a number 0..99 that stays: the finalizer of SplitMix64 over the member's key and a salt."""
    with np.errstate(over="ignore"):
        z = keys ^ np.uint64(salt)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9 & _MASK)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB & _MASK)
        return ((z ^ (z >> np.uint64(31))) % np.uint64(100)).astype(np.int64)


@dataclass(frozen=True)
class Pairs:
    """Rules and events, rule by rule: `rules[i]` and the next `length[i]` (at least 1) of `at`.

    `at` are places among the events asked about.
    """

    rules: Ints
    length: Ints
    at: Rows

    @cached_property
    def parts(self) -> list[tuple[int, slice]]:
        """Each rule, and where its events stand."""
        ends = list(accumulate(self.length.tolist()))
        return list(zip(self.rules.tolist(), map(slice, [0, *ends], ends), strict=False))

    def each(self, of_rule: np.ndarray) -> np.ndarray:
        """Return a column of rules as a column of pairs."""
        return of_rule[self.rules].repeat(self.length)

    def only(self, on: Bools) -> "Pairs":
        """Return the pairs where `on`."""
        length = np.add.reduceat(on, np.cumsum(self.length) - self.length, dtype=np.intp)
        left = length > 0
        return Pairs(self.rules[left], length[left], self.at[on])


class Heard:
    """Some events as a plan hears them; `keys` are their members' own numbers."""

    def __init__(
        self, plan: Plan, book: Book, at: Rows, content_at: Rows, keys: np.ndarray, calendar: Calendar
    ) -> None:
        self.plan, self.events, self.at, self.content_at = plan, book.events, at, content_at
        self.reckoning = Reckoning(book, plan, plan.selectors, content_at)
        self.calendar, self._book, self._keys = calendar, book, keys
        self._types: dict[str, Bools | None] = {}
        self._kept: dict[Hashable, Any] = {}
        self._all = self.asked()
        self._speaks = self._speaking()
        self._numbers = self._count()

    @property
    def earning(self) -> Bools:
        """Which events can earn."""

        def make() -> Bools:
            found: Bools = _EARNS[self.events.kind[self.at]] & self.events.content.exists[self.content_at]
            return found

        return self.keep("earning", make)

    def keep(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        """Return what `make` gives, made once."""
        if key not in self._kept:
            self._kept[key] = make()
        kept: Kept = self._kept[key]
        return kept

    def of_type(self, name: str) -> Bools | None:
        """Tell which events are of a type; None: no event is."""
        if name not in self._types:
            told = self.events.type
            if name not in told.words:
                self._types[name] = None
            else:
                found = self.earning & (told.codes[self.at] == told.words.index(name))
                self._types[name] = found if np.count_nonzero(found) else None
        return self._types[name]

    def asked(self, which: Span | None = None, member: Column | None = None) -> Asked:
        """Return the facts of the events, or of some of them."""
        if which is None:
            return Asked(self._book, self.at, self.content_at, member, calendar=self.calendar)
        return Asked(self._book, self.at[which], self.content_at[which], member, calendar=self.calendar)

    def speaking(self, which: Span) -> Pairs:
        """Return the rules that may speak on any of some events, and on which."""
        some = self._speaks[:, which]
        found = some.ravel().nonzero()[0]
        size = some.shape[1]
        length = np.diff(found.searchsorted(np.arange(0, some.size + 1, size)))
        rules = length.nonzero()[0]
        length = length[rules]
        return Pairs(rules, length, found - (rules * size).repeat(length))

    def number(self, columns: Ints, places: Rows) -> Ints:
        """Return numbers (of `plan.table.numbers`) of the events at `places`, one each."""
        found: Ints = self._numbers.take(columns * len(self.at) + places)
        return found

    def _speaking(self) -> np.ndarray:
        """Return for which events each rule may speak: a row a rule."""
        plan, table, size = self.plan, self.plan.table, len(self.at)
        types = [self.of_type(name) for name in table.events]
        speaks = np.empty((len(plan.rules), size), np.bool_)
        if len(types) == 1:
            speaks[:] = False if types[0] is None else types[0]
        elif types:
            nothing = np.zeros(size, np.bool_)
            np.take([nothing if one is None else one for one in types], table.event, axis=0, out=speaks)
        if table.seasonal:
            day = self.events.day[self.at]
            speaks[table.seasonal, :] &= (day >= table.starts) & (day <= table.ends)
        for rule, alive in zip(plan.rules, np.logical_or.reduce(speaks, axis=1).tolist(), strict=True):
            if alive:
                self._narrow(rule, speaks[rule.number])
        return speaks

    def _narrow(self, rule: RulePlan, on: Bools) -> None:
        """Leave the events where a rule may speak."""
        if rule.rule.goods is not None:
            if rule.rule.event != ORDER_COMPLETED:
                on[:] = False
                return
            on &= self.reckoning.lines(rule.selector) > 0
        if rule.held_out is not None:
            salt, percent = rule.held_out
            on &= drawn(self._keys, salt) >= percent
        if rule.now is not None:
            on &= rule.now(self._all)

    def _count(self) -> Ints:
        """Return the numbers that rules are reckoned from, column after column."""
        numbers, reckoning = self.plan.table.numbers, self.reckoning
        made = np.empty((max(1, len(numbers)), len(self.at)), np.int64)
        for column, number in zip(made, numbers, strict=False):
            if number.sums is None:
                column[:] = reckoning.number(number.each, number.selector)
            elif number.by_line is None:
                column[:] = reckoning.basis(number.sums)
            else:
                column[:] = reckoning.by_line(number.sums, number.by_line)
        return made.ravel()
