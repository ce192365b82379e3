"""From rows to orders: whole ones only, in the order in which they are posted. Pure, vectorised; money as integers.

An order falls whole if one of its rows is bad, if its rows disagree on member, time or store, or if a broken row may have
been one of its own. The others are sorted by time and then by order id, so that any split into files gives one history.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kizuna.connect.csv.cells import Vocabulary, moment
from kizuna.connect.csv.columns import Ints, OrderColumns, Rows
from kizuna.connect.csv.rejects import (
    BROKEN_NEIGHBOUR,
    BROKEN_QUOTES,
    BROKEN_ROW,
    MIXED,
    NEGATIVE,
    SUM_TOO_LARGE,
    TWICE,
    Phrase,
    Reject,
)
from kizuna.program import AMOUNT_MAX

Positions = NDArray[np.intp]


@dataclass(slots=True)
class Orders:
    """Whole orders, sorted by time and order id. The rows of order i are `lines[ends[i - 1] : ends[i]]`, the first `firsts[i]`."""

    rows: Rows
    lines: Positions
    ends: Positions
    firsts: Positions
    amounts: Ints

    def __len__(self) -> int:
        return len(self.ends)


@dataclass(slots=True)
class Grouped:
    """Whole orders, how many fell, and why."""

    orders: Orders
    rejected: int
    rejects: list[Reject]


class _Groups:
    """Rows gathered by order: group g has the order code `codes[g]`; rows without an order id are in none."""

    def __init__(self, rows: Rows) -> None:
        code = rows.columns["order_id"]
        lines = np.argsort(code, kind="stable")
        self.lines = lines[np.searchsorted(code[lines], 0) :]
        ordered = code[self.lines]
        self.starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]][: len(ordered)])
        self.counts = np.diff(np.r_[self.starts, len(ordered)])
        self.codes = ordered[self.starts]
        self.group = np.repeat(np.arange(len(self.starts)), self.counts)
        self.firsts = self.lines[self.starts]

    def any(self, by_row: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Tell of each group whether one of its rows is marked."""
        return np.bincount(self.group, by_row[self.lines], len(self.starts)) > 0

    def sum(self, by_row: Ints) -> Ints:
        """Add integers up by group."""
        if not len(self.starts):
            return np.empty(0, np.int64)
        total: Ints = np.add.reduceat(by_row[self.lines], self.starts)
        return total

    def laid_out(self, chosen: Positions) -> tuple[Positions, Positions]:
        """Return the rows of some groups, one group after the other, and where each ends."""
        counts = self.counts[chosen]
        ends = np.cumsum(counts)
        within = np.arange(counts.sum()) - np.repeat(ends - counts, counts)
        return self.lines[np.repeat(self.starts[chosen], counts) + within], ends


def group(columns: OrderColumns, level: str, names: dict[str, str]) -> Grouped:
    """Gather rows into orders; `names` are the mapped columns' names in the files."""
    rows = columns.rows()
    groups = _Groups(rows)
    report = _Report(columns, rows, groups, names)
    fallen = groups.any(rows.bad)
    report.broken(fallen, level)
    if level == "order":
        report.differing(fallen, groups.counts > 1)
    else:
        for what in ("member", "time", "store"):
            if what in rows.columns:
                report.mixed(fallen, what)
    amounts = groups.sum(rows.columns["amount"])
    report.sums(fallen, amounts)
    report.rejects.sort(key=lambda reject: (columns.files.index(reject.file), reject.row))
    whole = np.flatnonzero(~fallen)
    at_us = rows.columns["time"][groups.firsts[whole]]
    by_time = whole[np.lexsort((_ranks(columns.words.order_id, groups.codes[whole]), at_us))]
    orders = Orders(rows, *groups.laid_out(by_time), groups.firsts[by_time], amounts[by_time])
    return Grouped(orders, int(fallen.sum()) + len(report.strays), report.rejects)


def _ranks(vocabulary: Vocabulary, codes: Ints) -> Ints:
    """Return the place of each code's text among the texts sorted."""
    words = vocabulary.words
    texts = [words[code] for code in codes.tolist()]
    ranks = np.empty(len(texts), np.int64)
    ranks[sorted(range(len(texts)), key=texts.__getitem__)] = np.arange(len(texts))
    return ranks


class _Report:
    """Marks the orders that fall and says of which row each is a victim."""

    def __init__(self, columns: OrderColumns, rows: Rows, groups: _Groups, names: dict[str, str]) -> None:
        self.rejects = columns.rejects
        self.strays: set[str] = set()
        self._columns, self._rows, self._groups, self._names = columns, rows, groups, names

    def broken(self, fallen: NDArray[np.bool_], level: str) -> None:
        """Let fall what a broken row may have belonged to: the order it names or, where it names none, all it mentions."""
        known = self._columns.words.order_id
        place = {code: number for number, code in enumerate(self._groups.codes.tolist())}
        for file, row in self._columns.broken:
            name = self._columns.files[file]
            position = self._columns.id_places[file]
            own = row.fields[position].strip() if position < len(row.fields) else ""
            fault = BROKEN_QUOTES if row.found is None else BROKEN_ROW
            reason = Phrase(fault.reason, found=row.found, expected=self._columns.widths[file])
            self.rejects.append(Reject(name, row.row, own, "", ",".join(row.fields), reason, fault.remedy))
            is_clear = level == "order" or known.find(own) is not None
            mentioned = [own] if is_clear else [text.strip() for text in row.fields]
            victims = {place[code] for text in mentioned if (code := known.find(text)) is not None and code in place}
            if own and not victims:
                self.strays.add(own)
            for victim in sorted(victims):
                if not fallen[victim]:
                    fallen[victim] = True
                    reason = Phrase(BROKEN_NEIGHBOUR.reason, row=row.row, file=name)
                    self._add(self._groups.firsts[victim], "order_id", None, reason, BROKEN_NEIGHBOUR.remedy)

    def differing(self, fallen: NDArray[np.bool_], twice: NDArray[np.bool_]) -> None:
        """Let orders fall that stand in several rows of an order-level file; name every row."""
        for number in np.flatnonzero(twice).tolist():
            fallen[number] = True
            for position in self._lines_of(number):
                self._add(position, "order_id", None, *TWICE)

    def mixed(self, fallen: NDArray[np.bool_], what: str) -> None:
        """Let orders fall whose rows disagree; name the rows that differ from the first."""
        values, groups = self._rows.columns[what], self._groups
        first = values[groups.firsts][groups.group]
        here = values[groups.lines]
        good = ~self._rows.bad[groups.lines] & ~self._rows.bad[groups.firsts][groups.group]
        for place in np.flatnonzero((here != first) & good).tolist():
            number = int(groups.group[place])
            fallen[number] = True
            other = groups.firsts[number]
            reason = Phrase(MIXED.reason, row=self._rows.row[other], other=self._shown(what, values[other]))
            position = groups.lines[place]
            self._add(position, what, self._shown(what, values[position]), reason, MIXED.remedy)

    def sums(self, fallen: NDArray[np.bool_], amounts: Ints) -> None:
        """Let orders fall whose sum is no purchase."""
        for number in np.flatnonzero(~fallen & ((amounts < 0) | (amounts > AMOUNT_MAX))).tolist():
            fallen[number] = True
            fault = NEGATIVE if amounts[number] < 0 else SUM_TOO_LARGE
            self._add(self._groups.firsts[number], "amount", str(amounts[number]), *fault)

    def _lines_of(self, number: int) -> Sequence[int]:
        start = self._groups.starts[number]
        return [int(line) for line in self._groups.lines[start : start + self._groups.counts[number]]]

    def _add(self, position: int | np.intp, what: str, value: str | None, reason: str, remedy: str) -> None:
        rows = self._rows
        order_id = self._columns.words.order_id.words[rows.columns["order_id"][position]]
        shown = order_id if value is None else value
        file = self._columns.files[rows.file[position]]
        self.rejects.append(Reject(file, int(rows.row[position]), order_id, self._names[what], shown, reason, remedy))

    def _shown(self, what: str, value: int) -> str:
        if what == "time":
            return moment(int(value)).isoformat()
        words: Vocabulary = getattr(self._columns.words, what)
        return words.words[value].partition(":")[2] if what == "member" else words.words[value] if value >= 0 else ""
