"""Sums of one share's movements and rows, each by what it is of: by month, rule, cut, channel, store, category and rung."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
import pyarrow as pa

from kizuna.core.days import DAY_DELIVERED
from kizuna.engine import Cut, Decisions, EntryKind, EventKind, Plan, Refusal
from kizuna.simulate.rows import Rows
from kizuna.simulate.schema import SUM, fields, struct

GIVES = (EntryKind.EARN, EntryKind.PEND)
_KINDS = 32


def months_of(day: np.ndarray) -> np.ndarray:
    """Return the calendar month of each day, counted from January 1970; each different day is looked up once."""
    if not len(day):
        return np.zeros(0, np.int64)
    low = int(day.min())
    days = np.arange(low, int(day.max()) + 1)
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return np.asarray(months.take(day - low))


def of_kinds(kind: np.ndarray, *kinds: IntEnum) -> np.ndarray:
    """Tell which of small numbers are among `kinds`."""
    table = np.zeros(_KINDS, np.bool_)
    table[list(kinds)] = True
    return np.asarray(table.take(kind))


def summed(place: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
    """Return sums by place, exact."""
    sums = np.zeros(size, np.int64)
    np.add.at(sums, place, values)
    return sums


@dataclass(slots=True)
class Sums:
    """Sums of one share, by what they are of."""

    plan: Plan
    told: Rows
    decided: Decisions
    _found: list[dict[str, np.ndarray | list[str]]] = field(default_factory=list)

    def table(self) -> pa.StructArray:
        """Return all of them by `SUM`."""
        self._moves()
        self._rules()
        self._sales()
        self._places()
        self._rises()
        self._refusals()
        columns = [np.concatenate([one[name] for one in self._found]) if self._found else () for name, _ in fields(SUM)]
        return struct(SUM, columns)

    def _add(
        self, what: str, month: np.ndarray | int, unit: np.ndarray | int, key: np.ndarray, words: Sequence[str], *,
        points: np.ndarray | None = None, amount: np.ndarray | None = None, times: np.ndarray | None = None,
    ) -> None:  # fmt: skip
        """Sum three figures by month, unit and key (codes of `words`). Without `times` each counts once."""
        if not len(key):
            return
        low, high = (month, month) if isinstance(month, int) else (int(month.min()), int(month.max()))
        units = (unit if isinstance(unit, int) else int(unit.max())) + 2
        keys = len(words) + 1
        place = ((month - low) * units + (unit + 1)) * keys + key
        size = (high - low + 1) * units * keys
        there = np.bincount(place, minlength=size)
        dense = [None if values is None else summed(place, values, size) for values in (points, amount, times)]
        none = np.zeros(size, np.int64)
        filled = [dense[0], dense[1], there if dense[2] is None else dense[2]]
        on = np.flatnonzero(there)
        rest, code = np.divmod(on, keys)
        above, of = np.divmod(rest, units)
        self._found.append(
            {
                "what": np.full(len(on), what, object), "month": above + low, "unit": of - 1,
                "key": np.array([*words, ""], object)[code],
                **{
                    name: (none if sums is None else sums)[on]
                    for name, sums in zip(("points", "amount", "times"), filled, strict=True)
                },
            }
        )  # fmt: skip

    def _moves(self) -> None:
        moves = self.decided.moves
        some = np.flatnonzero(moves.points)
        kind = moves.kind[some]
        day = self.told.events.day.take(moves.event[some]).astype(np.int64)
        over = np.flatnonzero(kind == EntryKind.EXPIRE)
        last = moves.expires_on[some[over]]
        day[over] = np.where(last < DAY_DELIVERED, last + 1, day[over])
        due = np.flatnonzero(kind == EntryKind.RELEASE)
        release_on = moves.release_on[some[due]]
        day[due] = np.where((release_on >= 0) & (release_on < DAY_DELIVERED), release_on, day[due])
        words = [one.name.lower() for one in EntryKind]
        key = kind.astype(np.int64) - 1
        self._add("move", months_of(day), moves.unit[some].astype(np.int64), key, words, points=moves.points[some])

    def _rules(self) -> None:
        moves = self.decided.moves
        some = np.flatnonzero((moves.rule >= 0) & of_kinds(moves.kind, *GIVES))
        if not len(some):
            return
        rule, points, raw = moves.rule[some].astype(np.int64), moves.points[some], moves.raw[some]
        words = [one.rule.id for one in self.plan.rules]
        month = months_of(self.told.events.day[moves.event[some]].astype(np.int64))
        unit, paid = moves.unit[some].astype(np.int64), (points > 0).astype(np.int64)
        self._add("rule", month, unit, rule, words, points=points, amount=raw, times=paid)
        cut = moves.cut[some].astype(np.int64)
        on = np.flatnonzero(cut)
        kinds = len(Cut)
        both = [f"{word}/{one.name.lower()}" for word in words for one in Cut]
        lost = np.maximum(0, raw[on] - points[on])
        self._add("cut", month[on], -1, rule[on] * kinds + cut[on], both, points=lost)

    def sold(self) -> tuple[np.ndarray, np.ndarray]:
        """Return by row what it adds to sales, and to the number of orders."""
        events = self.told.events
        amount = np.where(of_kinds(events.kind, EventKind.ORDER, EventKind.CHANGE), events.content.amount, 0)
        order = (events.kind == EventKind.ORDER).astype(np.int64)
        changes = np.flatnonzero(events.kind == EventKind.CHANGE)
        if len(changes):
            before = events.before[changes]
            amount[changes] -= events.content.amount[before]
            exists = events.content.exists.astype(np.int64)
            order[changes] = exists[changes] - exists[before]
        return amount, order

    def issued(self) -> np.ndarray:
        """Return by row the points of the first unit that it earned, less what it took back."""
        moves = self.decided.moves
        on = np.flatnonzero((moves.unit == 0) & of_kinds(moves.kind, *GIVES, EntryKind.REVERSE, EntryKind.CANCEL))
        return summed(moves.event[on], moves.points[on], len(self.told.events))

    def _sales(self) -> None:
        amount, order = self.sold()
        on = np.flatnonzero((amount != 0) | (order != 0))
        month = months_of(self.told.events.day[on].astype(np.int64))
        self._add("sales", month, -1, np.zeros(len(on), np.int64), ["all"], amount=amount[on], times=order[on])

    def _places(self) -> None:
        amount, order = self.sold()
        issued, events = self.issued(), self.told.events
        on = np.flatnonzero((amount != 0) | (order != 0) | (issued != 0))
        for what, coded in (("channel", events.channel), ("store", events.store)):
            if len(coded.words):
                key = np.where(coded.codes[on] < 0, len(coded.words), coded.codes[on]).astype(np.int64)
                self._add(what, -1, -1, key, coded.words, points=issued[on], amount=amount[on], times=order[on])
        lines = events.content.lines
        if len(lines.category.words):
            self._categories(issued)

    def _categories(self, issued: np.ndarray) -> None:
        """Lay what an order earned on its lines in the proportion of their amounts; running sums are rounded, so that all is laid."""
        events = self.told.events
        lines, starts = events.content.lines, events.content.starts
        order = np.flatnonzero((np.diff(starts) > 0) & (events.kind == EventKind.ORDER))
        counts = np.diff(starts)[order]
        row = np.repeat(order, counts)
        line = (
            np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(starts[order], counts)
        )
        value = np.maximum(0, lines.amount[line])
        running = np.cumsum(value)
        first = np.repeat(np.cumsum(counts) - counts, counts)
        mine = running - (running[first] - value[first])
        total = np.maximum(1, mine[np.repeat(np.cumsum(counts) - 1, counts)])
        up = issued[row] * mine // total
        below = up - np.where(np.arange(len(up)) == first, 0, np.concatenate([[0], up[:-1]]))
        code = lines.category.codes[line].astype(np.int64)
        words = lines.category.words
        key = np.where(code < 0, len(words), code)
        self._add("category", -1, -1, key, words, points=below, amount=value)

    def _rises(self) -> None:
        """Count moves between rungs."""
        events, decided = self.told.events, self.decided
        on = np.flatnonzero((decided.level != decided.level_before) & (events.kind != EventKind.TOUCH))
        levels = [level.id for level in self.plan.program.tiers.levels]
        words = [f"{one}>{other}" for one in levels for other in levels]
        key = decided.level_before[on].astype(np.int64) * len(levels) + decided.level[on]
        self._add("rise", months_of(events.day[on].astype(np.int64)), -1, key, words)

    def _refusals(self) -> None:
        """Count redemptions that were asked for and refused."""
        refusal, days = self.decided.refusal, self.told.events.day
        on = np.flatnonzero(refusal != Refusal.NONE)
        words = [one.name.lower() for one in Refusal]
        self._add("refused", months_of(days[on].astype(np.int64)), -1, refusal[on].astype(np.int64), words)
