"""The first pass: what the events alone tell a plan, over a whole batch. Which rules may speak, and of which amounts.

`at` are the rows of the events that tell type, time and place, `content_at` the rows that tell what was bought; they differ only
where a changed order is decided again.
"""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import numpy as np

from kizuna.engine.amounts import Book, Reckoning
from kizuna.engine.asked import Asked
from kizuna.engine.calendar import Calendar
from kizuna.engine.events import Bools, EventKind, Ints, Rows
from kizuna.engine.plan import Plan, Reckoned, RulePlan
from kizuna.program import ORDER_COMPLETED, Each

_MASK = (1 << 64) - 1
Kept = TypeVar("Kept")
FEW = 256
"""Up to how many events it is quicker to ask of all than to choose first."""


def drawn(keys: np.ndarray, salt: int) -> Ints:
    """Return for each member a number 0..99 that stays: the finalizer of SplitMix64 over the member's key and a salt."""
    with np.errstate(over="ignore"):
        z = keys ^ np.uint64(salt)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9 & _MASK)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB & _MASK)
        return ((z ^ (z >> np.uint64(31))) % np.uint64(100)).astype(np.int64)


class Heard:
    """Some events as a plan hears them; `keys` are their members' own numbers."""

    def __init__(
        self, plan: Plan, book: Book, at: Rows, content_at: Rows, keys: np.ndarray, calendar: Calendar
    ) -> None:
        self.plan, self.events, self.at, self.content_at = plan, book.events, at, content_at
        self.reckoning = Reckoning(book, plan, plan.selectors, content_at)
        self.calendar = calendar
        kind = self.events.kind[at]
        self._earning = ((kind == EventKind.ORDER) | (kind == EventKind.PAST) | (kind == EventKind.ACTION)) & (
            self.events.content.exists[content_at]
        )
        self._days = self.events.day[at]
        self._types: dict[str, Bools | None] = {}
        self._all = self.asked()
        self._kept: dict[Hashable, Any] = {}
        self.speaks: list[Bools | None] = [self._speaks(rule, keys) for rule in plan.rules]
        """By rule: for which events it may speak; None for no event."""
        spoken = [(number, speaks) for number, speaks in enumerate(self.speaks) if speaks is not None]
        self._spoken = [number for number, _ in spoken]
        self._table = np.stack([speaks for _, speaks in spoken]) if spoken else None

    def keep(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        """Return what `make` gives, made once."""
        if key not in self._kept:
            self._kept[key] = make()
        kept: Kept = self._kept[key]
        return kept

    def speaking(self, which: Rows) -> list[tuple[int, Bools]]:
        """Return the rules that may speak on any of some events, and on which."""
        if self._table is None:
            return []
        some = self._table[:, which]
        speaking = np.flatnonzero(some.any(axis=1)).tolist()
        return [(self._spoken[place], some[place]) for place in speaking]

    def of_type(self, name: str) -> Bools | None:
        """Tell which events are of a type; None: no event is."""
        if name not in self._types:
            words = list(self.events.type.words)
            if name not in words:
                self._types[name] = None
            else:
                found = self._earning & (self.events.type.codes[self.at] == words.index(name))
                self._types[name] = found if found.any() else None
        return self._types[name]

    def asked(self, which: Rows | None = None) -> Asked:
        """Return the facts of the events, or of some of them."""
        if which is None:
            return Asked(self.events, self.at, self.content_at, calendar=self.calendar)
        return Asked(self.events, self.at[which], self.content_at[which], calendar=self.calendar)

    def _speaks(self, rule: RulePlan, keys: np.ndarray) -> Bools | None:
        on = self.of_type(rule.rule.event)
        if on is None:
            return None
        if rule.starts > -(2**31):
            on = on & (self._days >= rule.starts) & (self._days <= rule.ends)
            if not on.any():
                return None
        if rule.rule.goods is not None:
            if rule.rule.event != ORDER_COMPLETED:
                return None
            on = on & (self.reckoning.lines(rule.selector) > 0)
        if rule.held_out is not None:
            salt, percent = rule.held_out
            on = on & (drawn(keys, salt) >= percent)
        if rule.now is not None and len(on) <= FEW:
            return on & rule.now(self._all)
        if rule.now is not None and on.any():
            which = on.nonzero()[0]
            on = np.zeros(len(on), np.bool_)
            on[which[rule.now(self.asked(which))]] = True
        return on if on.any() else None

    def award(self, award: Reckoned, which: Rows, level: Ints | None) -> tuple[Ints, Ints]:
        """Return basis and points of an award for some events, whose members stand on `level`."""
        if award.sums is not None:
            basis = self.reckoning.basis(award.sums)[which]
            if award.sums.each is Each.LINE:
                made = [self.reckoning.by_line(award.sums, one)[which] for one in award.rates]
            else:
                made = [one.of(basis) for one in award.rates]
        else:
            basis = self.reckoning.number(award.each, award.selector)[which]
            made = [one.of(basis) for one in award.rates]
        points = made[0] if len(made) == 1 or level is None else np.choose(level, made)
        if award.base >= 0:
            points = points * award.extra[0] // award.extra[1]
        return basis, points
