"""Sums of one share's movements and rows, each by what it is of: by month, rule, cut, channel, store, category and rung."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from kizuna.core.days import DAY_DELIVERED
from kizuna.engine import Cut, Decisions, EntryKind, EventKind, Plan
from kizuna.simulate.rows import Rows
from kizuna.simulate.schema import SUM, fields, struct

GIVES = (EntryKind.EARN, EntryKind.PEND)


def months_of(day: np.ndarray) -> np.ndarray:
    """Return the calendar month of each day, counted from January 1970."""
    return day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


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
        columns = [np.concatenate([one[name] for one in self._found]) if self._found else () for name, _ in fields(SUM)]
        return struct(SUM, columns)

    def _add(
        self, what: str, month: np.ndarray, unit: np.ndarray | int, key: np.ndarray, words: Sequence[str], points: np.ndarray,
        amount: np.ndarray, times: np.ndarray,
    ) -> None:  # fmt: skip
        """Sum three figures by month, unit and key (codes of `words`)."""
        if not len(month):
            return
        unit = np.broadcast_to(np.asarray(unit, np.int64), month.shape)
        low = int(month.min())
        spread, units, keys = int(month.max()) - low + 1, int(unit.max()) + 2, len(words) + 1
        place = ((month - low) * units + (unit + 1)) * keys + key
        size = spread * units * keys
        dense = [np.zeros(size, np.int64) for _ in range(3)]
        for sums, values in zip(dense, (points, amount, times), strict=True):
            np.add.at(sums, place, values)
        on = np.flatnonzero(np.bincount(place, minlength=size))
        rest, code = np.divmod(on, keys)
        above, of = np.divmod(rest, units)
        self._found.append(
            {
                "what": np.full(len(on), what, object), "month": above + low, "unit": of - 1,
                "key": np.array([*words, ""], object)[code],
                **{name: sums[on] for name, sums in zip(("points", "amount", "times"), dense, strict=True)},
            }
        )  # fmt: skip

    def _moves(self) -> None:
        moves = self.decided.moves
        some = np.flatnonzero(moves.points)
        kind, points = moves.kind[some], moves.points[some]
        day = self.told.events.day[moves.event[some]].astype(np.int64)
        lapsed = (kind == EntryKind.EXPIRE) & (moves.expires_on[some] < DAY_DELIVERED)
        day = np.where(lapsed, moves.expires_on[some] + 1, day)
        release_on = moves.release_on[some]
        released = (kind == EntryKind.RELEASE) & (release_on >= 0) & (release_on < DAY_DELIVERED)
        day = np.where(released, release_on, day)
        words = [one.name.lower() for one in EntryKind]
        one = np.ones(len(some), np.int64)
        self._add("move", months_of(day), moves.unit[some], kind.astype(np.int64) - 1, words, points, one * 0, one)

    def _rules(self) -> None:
        moves = self.decided.moves
        some = np.flatnonzero((moves.rule >= 0) & np.isin(moves.kind, GIVES))
        if not len(some):
            return
        rule, points, raw = moves.rule[some].astype(np.int64), moves.points[some], moves.raw[some]
        words = [one.rule.id for one in self.plan.rules]
        month = months_of(self.told.events.day[moves.event[some]].astype(np.int64))
        self._add("rule", month, moves.unit[some], rule, words, points, raw, (points > 0).astype(np.int64))
        cut = moves.cut[some].astype(np.int64)
        on = np.flatnonzero(cut)
        kinds = len(Cut)
        both = [f"{word}/{one.name.lower()}" for word in words for one in Cut]
        lost = np.maximum(0, raw[on] - points[on])
        self._add("cut", month[on], -1, rule[on] * kinds + cut[on], both, lost, lost * 0, np.ones(len(on), np.int64))

    def sold(self) -> tuple[np.ndarray, np.ndarray]:
        """Return by row what it adds to sales, and to the number of orders."""
        events = self.told.events
        amount = np.where(np.isin(events.kind, (EventKind.ORDER, EventKind.CHANGE)), events.content.amount, 0)
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
        on = np.flatnonzero((moves.unit == 0) & np.isin(moves.kind, (*GIVES, EntryKind.REVERSE, EntryKind.CANCEL)))
        found = np.zeros(len(self.told.events), np.int64)
        np.add.at(found, moves.event[on], moves.points[on])
        return found

    def _sales(self) -> None:
        amount, order = self.sold()
        on = np.flatnonzero((amount != 0) | (order != 0))
        month = months_of(self.told.events.day[on].astype(np.int64))
        self._add("sales", month, -1, np.zeros(len(on), np.int64), ["all"], amount[on] * 0, amount[on], order[on])

    def _places(self) -> None:
        amount, order = self.sold()
        issued, events = self.issued(), self.told.events
        on = np.flatnonzero((amount != 0) | (order != 0) | (issued != 0))
        whole = np.full(len(on), -1, np.int64)
        for what, coded in (("channel", events.channel), ("store", events.store)):
            if len(coded.words):
                key = np.where(coded.codes[on] < 0, len(coded.words), coded.codes[on]).astype(np.int64)
                self._add(what, whole, -1, key, coded.words, issued[on], amount[on], order[on])
        lines = events.content.lines
        if len(lines.category.words):
            self._categories(issued)

    def _categories(self, issued: np.ndarray) -> None:
        """Lay what an order earned on its lines by their amounts, rounded half up at the end of each running sum, so that all is laid."""
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
        whole = np.full(len(line), -1, np.int64)
        self._add("category", whole, -1, key, words, below, value, np.ones(len(line), np.int64))

    def _rises(self) -> None:
        """Count moves between rungs."""
        events, decided = self.told.events, self.decided
        on = np.flatnonzero((decided.level != decided.level_before) & (events.kind != EventKind.TOUCH))
        levels = [level.id for level in self.plan.program.tiers.levels]
        words = [f"{one}>{other}" for one in levels for other in levels]
        key = decided.level_before[on].astype(np.int64) * len(levels) + decided.level[on]
        none = np.zeros(len(on), np.int64)
        self._add("rise", months_of(events.day[on].astype(np.int64)), -1, key, words, none, none, none + 1)
