"""From rows to orders: whole ones only, in the order in which they are posted. Pure, vectorised; money as integers.

An order falls whole if one of its rows is bad, if its rows disagree on member, time or store, or if a broken row may have
been one of its own. The others are sorted by time and then by order id, so that any split into files gives one history.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kizuna.connect.csv.cells import RETURNED, moment
from kizuna.connect.csv.columns import OrderColumns, Rows
from kizuna.connect.csv.rejects import (
    BROKEN_NEIGHBOUR,
    BROKEN_QUOTES,
    BROKEN_ROW,
    MIXED,
    NEGATIVE,
    NOT_WHOLE_NUMBER,
    SUM_TOO_LARGE,
    TWICE,
    Phrase,
    Reject,
)
from kizuna.connect.csv.sorting import in_time
from kizuna.connect.csv.typed import Ints
from kizuna.connect.csv.vocabulary import Vocabulary
from kizuna.core.errors import Problem
from kizuna.intake import EventInvalid, TimeOutOfRange
from kizuna.program import AMOUNT_MAX

Positions = NDArray[np.signedinteger[Any]]
LINES_MAX = 1000
"""An order may be told with so many lines."""
_COLUMN_OF = {
    "subject": "member",
    "time": "time",
    "data.amount": "amount",
    "data.store": "store",
    "data.channel": "channel",
    "data.lines": "sku",
    "id": "order_id",
}
"""Which column an event's field came from."""


@dataclass(slots=True)
class Orders:
    """Whole orders, sorted by time and order id. The rows of order i are `lines[ends[i - 1] : ends[i]]`, the first `firsts[i]`."""

    rows: Rows
    lines: Positions
    firsts: Positions
    at_us: Ints
    amounts: Ints
    line_ends: Positions | None = None

    def __len__(self) -> int:
        return len(self.firsts)

    @property
    def ends(self) -> Positions:
        """Where the rows of each order end."""
        if self.line_ends is None:
            self.line_ends = np.arange(1, len(self) + 1)
        return self.line_ends


@dataclass(slots=True)
class Grouped:
    """Whole orders, how many fell, and why."""

    orders: Orders
    rejected: int
    rejects: list[Reject]
    returned: Rows | None = None
    """The rows that tell returns, where the mapping says which do."""


class _Groups:
    """Rows gathered by order: group g has the order code `codes[g]`; rows without an order id are in none.

    Where each row `is_alone`, groups are rows.
    """

    def __init__(self, rows: Rows) -> None:
        code = rows.columns["order_id"]
        self.is_alone = len(code) > 0 and bool(code[0] >= 0 and (code[1:] > code[:-1]).all())
        if self.is_alone:
            is_counted = code[-1] == len(code) - 1  # then the codes are the rows' own numbers
            self.lines = code if is_counted else np.arange(len(code), dtype=np.int32)
            self.starts = self.group = self.firsts = self.lines
            self.counts, self.codes = np.broadcast_to(np.intp(1), len(code)), code
            return
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
        if self.is_alone:
            return by_row.copy()
        return np.bincount(self.group, by_row[self.lines], len(self.starts)) > 0

    def sum(self, by_row: Ints) -> Ints:
        """Add integers up by group."""
        if self.is_alone:
            return by_row
        if not len(self.starts):
            return by_row[:0]
        total: Ints = np.add.reduceat(by_row[self.lines], self.starts)
        return total

    def laid_out(self, chosen: Positions) -> tuple[Positions, Positions | None]:
        """Return the rows of some groups, one group after the other, and where each ends (None: each is a row)."""
        if self.is_alone:
            return chosen, None
        counts = self.counts[chosen]
        ends = np.cumsum(counts)
        within = np.arange(counts.sum()) - np.repeat(ends - counts, counts)
        return self.lines[np.repeat(self.starts[chosen], counts) + within], ends


def group(columns: OrderColumns, level: str, names: dict[str, str], latest_us: int | None = None) -> Grouped:
    """Gather rows into orders; `names` are the mapped columns' names in the files.

    With `latest_us` what the road would refuse falls too: what happened before 1970 or later than that, and too many lines.
    """
    rows, returned = columns.rows(), None
    if "kind" in rows.columns:
        is_returned = rows.columns["kind"] == RETURNED
        rows, returned = rows.where(~is_returned), rows.where(is_returned)
    groups = _Groups(rows)
    report = _Report(columns, rows, groups, names)
    if returned is not None:
        report.unsigned()
    fallen = groups.any(rows.bad)
    if columns.broken:
        report.broken(fallen, level)
    if groups.is_alone:
        pass
    elif level == "order":
        report.differing(fallen, groups.counts > 1)
    else:
        for what in ("member", "time", "store", "channel"):
            if what in rows.columns:
                report.mixed(fallen, what)
    amounts = groups.sum(rows.columns["amount"])
    report.sums(fallen, amounts)
    if latest_us is not None:
        report.untold(fallen, latest_us)
    report.rejects.sort(key=lambda reject: (columns.files.index(reject.file), reject.row))
    orders = _in_order(rows, groups, fallen, amounts, columns)
    return Grouped(orders, int(fallen.sum()) + len(report.strays), report.rejects, returned)


def _in_order(rows: Rows, groups: "_Groups", fallen: NDArray[np.bool_], amounts: Ints, columns: OrderColumns) -> Orders:
    """Return the orders that are whole, by time and order id."""
    at_us, codes, whole = rows.columns["time"], groups.codes, None
    if fallen.any():
        whole = np.flatnonzero(~fallen)
        codes = codes[whole]
    if whole is not None or not groups.is_alone:
        at_us = at_us[groups.firsts if whole is None else groups.firsts[whole]]
    order, at_us = in_time(at_us, columns.words.order_id, codes)
    chosen = order if whole is None else whole[order]
    lines, ends = groups.laid_out(chosen)
    return Orders(rows, lines, chosen if groups.is_alone else groups.firsts[chosen], at_us, amounts[chosen], ends)


def refused(columns: OrderColumns, rows: Rows, position: int, names: dict[str, str], problem: Problem) -> Reject:
    """Return the reject of an order whose first row stands at `position` and that the road does not take."""
    order_id = columns.called(int(rows.columns["order_id"][position]))
    place, facts = (problem.field or "").partition("[")[0], problem.facts
    what = _COLUMN_OF.get(place, "order_id")
    return Reject(
        file=columns.files[rows.file[position]],
        row=int(rows.row[position]),
        order_id=order_id,
        field=names.get(what, ""),
        value=order_id if what == "order_id" else str(facts.get(place, "")),
        reason=Phrase(problem.title, **facts),
        remedy=Phrase(problem.remedy, **facts),
    )


def _beyond(values: Ints, fallen: NDArray[np.bool_], least: int, most: int) -> Sequence[int]:
    """Return which orders have not fallen and lie outside."""
    if not len(values) or (int(values.min()) >= least and int(values.max()) <= most):
        return ()
    numbers: list[int] = np.flatnonzero(~fallen & ((values < least) | (values > most))).tolist()
    return numbers


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

    def unsigned(self) -> None:
        """Mark rows that tell a purchase of less than nothing."""
        quantity = self._rows.columns.get("quantity")
        if quantity is None:
            return
        for position in np.flatnonzero(quantity < 0).tolist():
            self._rows.bad[position] = True
            self._add(position, "quantity", str(quantity[position]), *NOT_WHOLE_NUMBER)

    def sums(self, fallen: NDArray[np.bool_], amounts: Ints) -> None:
        """Let orders fall whose sum is no purchase."""
        for number in _beyond(amounts, fallen, 0, AMOUNT_MAX):
            fallen[number] = True
            fault = NEGATIVE if amounts[number] < 0 else SUM_TOO_LARGE
            self._add(self._groups.firsts[number], "amount", str(amounts[number]), *fault)

    def untold(self, fallen: NDArray[np.bool_], latest_us: int) -> None:
        """Let orders fall that the road would not take."""
        at_us = self._rows.columns["time"]
        at_us = at_us if self._groups.is_alone else at_us[self._groups.firsts]
        for number in _beyond(at_us, fallen, 0, latest_us):
            where = "before 1970" if at_us[number] < 0 else "in the future"
            self._refuse(
                fallen, number, TimeOutOfRange(field="time", time=moment(int(at_us[number])).isoformat(), where=where)
            )
        if "sku" in self._rows.columns:
            counts = self._groups.sum((self._rows.columns["sku"] >= 0).astype(np.int64))
            for number in np.flatnonzero(~fallen & (counts > LINES_MAX)).tolist():
                reason = f"Expected `array` of length <= {LINES_MAX}"
                self._refuse(fallen, number, EventInvalid(field="data.lines", field_name="data.lines", reason=reason))

    def _refuse(self, fallen: NDArray[np.bool_], number: int, problem: Problem) -> None:
        fallen[number] = True
        first = int(self._groups.firsts[number])
        self.rejects.append(refused(self._columns, self._rows, first, self._names, problem))

    def _lines_of(self, number: int) -> Sequence[int]:
        start = self._groups.starts[number]
        return [int(line) for line in self._groups.lines[start : start + self._groups.counts[number]]]

    def _add(self, position: int | np.intp, what: str, value: str | None, reason: str, remedy: str) -> None:
        rows = self._rows
        order_id = self._columns.called(int(rows.columns["order_id"][position]))
        shown = order_id if value is None else value
        file = self._columns.files[rows.file[position]]
        self.rejects.append(Reject(file, int(rows.row[position]), order_id, self._names[what], shown, reason, remedy))

    def _shown(self, what: str, value: int) -> str:
        if what == "time":
            return moment(int(value)).isoformat()
        words: Vocabulary = getattr(self._columns.words, what)
        word = words.word(value) if value >= 0 else ""
        return word.partition(":")[2] if what == "member" else word
