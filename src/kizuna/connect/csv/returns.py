"""From rows that tell what came back to what is kept of orders: as the live road would take them (`intake/bought.py`). Pure.

Always true: what came back of an order at one time is one return; a return follows its order in these files, and falls with it; the
returns of an order fall together where one of their rows is bad, since what is kept depends on all of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kizuna.connect.csv.cells import moment
from kizuna.connect.csv.columns import OrderColumns, Rows
from kizuna.connect.csv.grouping import Orders, refused
from kizuna.connect.csv.rejects import (
    RETURN_ALONE,
    RETURN_EARLY,
    RETURN_NEIGHBOUR,
    RETURN_OF_ANOTHER,
    RETURN_OF_NOTHING,
    RETURN_OF_REJECTED,
    Fault,
    Phrase,
    Reject,
)
from kizuna.connect.csv.typed import Ints
from kizuna.core.errors import Problem
from kizuna.intake import Bought, Change, Kept, Line, Part, TimeOutOfRange, changed, content


class Return(NamedTuple):
    """What is kept, from an instant on, of an order (its number among the whole ones)."""

    order: int
    at_us: int
    kept: Bought


@dataclass(slots=True)
class Returned:
    """Returns by time and order id, how many fell, and why."""

    returns: list[Return] = field(default_factory=list)
    rejected: int = 0
    rejects: list[Reject] = field(default_factory=list)


def returns_of(rows: Rows, orders: Orders, columns: OrderColumns, names: dict[str, str], latest_us: int) -> Returned:
    """Read `rows` that tell returns as changes of `orders`."""
    reading = _Reading(rows, orders, columns, names, latest_us)
    for positions in _at_once(rows):
        reading.add(positions)
    ids = columns.words.order_id
    codes = orders.rows.columns["order_id"][orders.firsts]
    reading.made.returns.sort(key=lambda one: (one.at_us, ids.word(codes[one.order])))
    return reading.made


def _at_once(rows: Rows) -> Iterator[NDArray[np.intp]]:
    """Yield the rows of each return: of one order and one time, an order's returns in the order of their time."""
    code, at_us = rows.columns["order_id"], rows.columns["time"]
    order = np.lexsort((at_us, code))
    order = order[np.searchsorted(code[order], 0) :]
    starts = np.flatnonzero((np.diff(code[order]) != 0) | (np.diff(at_us[order]) != 0)) + 1
    yield from np.split(order, starts) if len(order) else ()


class _Reading:
    """Returns being read, order by order."""

    def __init__(
        self, rows: Rows, orders: Orders, columns: OrderColumns, names: dict[str, str], latest_us: int
    ) -> None:
        self.made = Returned()
        self._rows, self._orders, self._columns, self._names, self._latest_us = rows, orders, columns, names, latest_us
        code = rows.columns["order_id"]
        self._bad = {int(code[position]): int(rows.row[position]) for position in np.flatnonzero(rows.bad)}
        self._number_of = np.full(len(columns.words.order_id), -1, np.int64)
        self._number_of[orders.rows.columns["order_id"][orders.firsts]] = np.arange(len(orders))
        self._is_told = np.zeros(len(columns.words.order_id), np.bool_)
        told = orders.rows.columns["order_id"]
        self._is_told[told[told >= 0]] = True
        self._kept: dict[int, tuple[Bought, Kept]] = {}

    def add(self, positions: NDArray[np.intp]) -> None:
        """Read one return."""
        code, at_us = self._value("order_id", positions[0]), self._value("time", positions[0])
        if code in self._bad:
            if not self._rows.bad[positions].any():
                self._reject(positions[0], "order_id", _said(RETURN_NEIGHBOUR, row=self._bad[code]))
            self.made.rejected += 1
            return
        number = int(self._number_of[code])
        fault = self._fault(code, number, at_us, positions)
        if fault is not None:
            self._reject(*fault)
            self.made.rejected += 1
            return
        try:
            if at_us > self._latest_us:
                raise TimeOutOfRange(field="time", time=moment(at_us).isoformat(), where="in the future")
            first, before = self._kept.get(number) or (self._bought(number), Kept())
            after = changed(first, before, self._change(positions))
        except Problem as problem:
            self.made.rejects.append(refused(self._columns, self._rows, int(positions[0]), self._names, problem))
            self.made.rejected += 1
            return
        self._kept[number] = first, after
        self.made.returns.append(Return(number, at_us, content(first, after)))

    def _fault(
        self, code: int, number: int, at_us: int, positions: NDArray[np.intp]
    ) -> tuple[np.intp, str, Fault] | None:
        """Return what is wrong with a return of an order that is not there, not yet there, or somebody else's; or of nothing."""
        first = positions[0]
        if number < 0:
            return first, "order_id", RETURN_OF_REJECTED if self._is_told[code] else RETURN_ALONE
        told = self._orders.rows.columns
        origin = self._orders.firsts[number]
        if at_us < told["time"][origin]:
            return first, "time", _said(RETURN_EARLY, at=moment(int(told["time"][origin])).isoformat())
        for position in positions:
            if self._value("member", position) != told["member"][origin]:
                return position, "member", RETURN_OF_ANOTHER
        products = self._products(positions)
        for position in products if "quantity" in self._names else ():
            if not self._value("quantity", position):
                return position, "quantity", RETURN_OF_NOTHING
        if not products and not self._rows.columns["amount"][positions].sum():
            return first, "amount", RETURN_OF_NOTHING
        return None

    def _products(self, positions: NDArray[np.intp]) -> list[np.intp]:
        """Return the rows that name a product."""
        if "sku" not in self._names:
            return []
        return [position for position in positions if self._value("sku", position) >= 0]

    def _change(self, positions: NDArray[np.intp]) -> Change:
        """Return what comes back: products where some are named, else an amount. Signs do not matter, but of a line against the others."""
        amounts = self._rows.columns["amount"][positions]
        sign = -1 if amounts.sum() < 0 else 1
        products = self._products(positions)
        if not products:
            return Change(amount=abs(int(amounts.sum())))
        parts = []
        for position in products:
            amount = sign * self._value("amount", position)
            quantity = abs(self._value("quantity", position)) if "quantity" in self._names else 1
            sku = self._columns.words.sku.word(self._value("sku", position))
            parts.append(Part(sku, quantity, amount if amount >= 0 else None))
        return Change(tuple(parts))

    def _bought(self, number: int) -> Bought:
        """Return what an order was told to be."""
        orders, told = self._orders, self._orders.rows.columns
        lines = []
        start = orders.ends[number - 1] if number else 0
        for position in orders.lines[start : orders.ends[number]] if "sku" in told else ():
            sku = self._text("sku", told, position)
            if sku is not None:
                quantity = int(told["quantity"][position]) if "quantity" in told else 1
                category, brand = (self._text(what, told, position) for what in ("category", "brand"))
                lines.append(Line(sku, int(told["amount"][position]), quantity, category=category, brand=brand))
        return Bought(int(orders.amounts[number]), lines=lines)

    def _text(self, what: str, told: dict[str, Ints], position: np.intp) -> str | None:
        code = int(told[what][position]) if what in told else -1
        words: Any = getattr(self._columns.words, what)
        return words.word(code) if code >= 0 else None

    def _value(self, what: str, position: np.intp) -> int:
        return int(self._rows.columns[what][position])

    def _reject(self, position: np.intp, what: str, fault: Fault) -> None:
        rows, columns = self._rows, self._columns
        order_id = columns.called(self._value("order_id", position))
        shown = {
            "order_id": order_id,
            "time": moment(self._value("time", position)).isoformat(),
            "member": columns.words.member.word(self._value("member", position)).partition(":")[2],
        }.get(what) or str(self._value(what, position))
        file = columns.files[rows.file[position]]
        self.made.rejects.append(Reject(file, int(rows.row[position]), order_id, self._names[what], shown, *fault))


def _said(fault: Fault, **facts: object) -> Fault:
    return Fault(Phrase(fault.reason, **facts), fault.remedy)
