"""Orders and what is kept of them, laid out as a history's table (`simulate.SCHEMA`). Pure; a column that nothing fills is left out."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kizuna.connect.csv.columns import OrderColumns
from kizuna.connect.csv.grouping import Orders
from kizuna.connect.csv.returns import Return
from kizuna.connect.csv.typed import Ints
from kizuna.connect.csv.vocabulary import Vocabulary
from kizuna.engine import EventKind
from kizuna.simulate import LINE, SCHEMA

_TEXTS = ("sku", "category", "brand")
_FIGURES = ("amount", "quantity")


def laid_out(orders: Orders, columns: OrderColumns, returns: Sequence[Return]) -> pa.Table:
    """Return orders, and returns of them in the order of their time, as one table: what happens at one time begins with the orders."""
    told, words, firsts = orders.rows.columns, columns.words, orders.firsts
    origins = np.array([one.order for one in returns], np.intp)
    of = np.concatenate([np.arange(len(orders)), origins]) if len(origins) else origins
    at_us = orders.at_us
    later = np.array([one.at_us for one in returns], np.int64)
    rows = _merged(at_us, later)
    amounts = _with(orders.amounts, [one.kept.amount for one in returns])

    def own(column: Ints) -> Ints:
        return column[firsts] if rows is None else column[firsts[of[rows]]]

    def mine(column: Ints) -> Ints:
        return column if rows is None else column[rows]

    made: dict[str, Any] = {}
    if rows is not None:
        place = np.empty(len(rows), np.int64)
        place[rows] = np.arange(len(rows))
        is_return = rows >= len(orders)
        made["kind"] = pa.array(np.where(is_return, int(EventKind.CHANGE), int(EventKind.ORDER)).astype(np.int8))
        made["of"] = pa.array(np.where(is_return, place[of[rows]], -1))
        made["exists"] = pa.array(np.append(np.ones(len(orders), np.bool_), [one.kept.exists for one in returns])[rows])
    with ThreadPoolExecutor(2) as pool:
        texts = [what for what in ("member", "channel", "store") if what in told]
        codes = dict(zip(texts, pool.map(lambda what: own(told[what]), texts), strict=True))
    made["member"] = _words(words.member, codes["member"])
    made["at"] = pa.array(mine(_with(at_us, later))).view(SCHEMA.field("at").type)
    made["amount"] = pa.array(mine(amounts))
    for what in texts[1:]:
        made[what] = _words(getattr(words, what), codes[what])
    if "sku" in told:
        lines = _Lines(orders, columns, returns)
        made["items"] = pa.array(mine(lines.items))
        made["lines"] = lines.of(np.arange(len(lines.items)) if rows is None else rows)
    return pa.table(made)


def _with(ours: Ints, more: Sequence[int] | Ints) -> Ints:
    return np.concatenate([ours, np.array(more, np.int64)]) if len(more) else ours


def _merged(at_us: Ints, later: Ints) -> NDArray[np.intp] | None:
    """Return the rows of orders and returns, numbered one behind the other, by time; None where there are orders only."""
    if not len(later):
        return None
    rows = np.empty(len(at_us) + len(later), np.intp)
    rows[np.arange(len(at_us)) + np.searchsorted(later, at_us, side="left")] = np.arange(len(at_us))
    rows[np.arange(len(later)) + np.searchsorted(at_us, later, side="right")] = len(at_us) + np.arange(len(later))
    return rows


class _Lines:
    """The lines of orders and of what is kept of them. A line without a product (a discount) counts in the sum only."""

    def __init__(self, orders: Orders, columns: OrderColumns, returns: Sequence[Return]) -> None:
        told, self._words = orders.rows.columns, columns.words
        is_product = told["sku"][orders.lines] >= 0
        where = orders.lines[is_product]
        ends = np.append(0, np.cumsum(is_product)[orders.ends - 1])
        ones = np.ones(len(where), np.int64)
        kept = [line for one in returns for line in one.kept.lines]
        self._fields = {
            what: _with(told[what][where], [self._code(what, getattr(line, what)) for line in kept])
            for what in _TEXTS
            if what in told
        }
        self._fields["amount"] = _with(told["amount"][where], [line.amount for line in kept])
        quantity = told["quantity"][where] if "quantity" in told else ones
        self._fields["quantity"] = _with(quantity, [line.quantity for line in kept])
        self._lengths = _with(np.diff(ends), [len(one.kept.lines) for one in returns])
        items = np.diff(np.append(0, np.cumsum(quantity))[ends])
        self.items = _with(np.where(np.diff(ends) > 0, items, 1), [one.kept.items for one in returns])

    def of(self, rows: NDArray[np.intp]) -> Any:
        """Return the lines of some rows."""
        lengths = self._lengths[rows]
        ends = np.cumsum(lengths)
        starts = np.cumsum(self._lengths) - self._lengths
        size = int(lengths.sum())
        where = np.arange(size) + np.repeat(starts[rows] - (ends - lengths), lengths)
        arrays = []
        for name, kind in ((one.name, one.type) for one in LINE):
            column = self._fields[name][where] if name in self._fields else None
            if column is None:
                arrays.append(pa.nulls(size, kind))
            else:
                arrays.append(pa.array(column) if name in _FIGURES else _words(getattr(self._words, name), column))
        offsets = pa.array(np.append(0, ends).astype(np.int32))
        return pa.ListArray.from_arrays(offsets, pa.StructArray.from_arrays(arrays, fields=list(LINE)))

    def _code(self, what: str, word: str | None) -> int:
        found = None if word is None else getattr(self._words, what).find(word)
        return -1 if found is None else int(found)


def _words(vocabulary: Vocabulary, codes: Ints) -> Any:
    """Return texts by their codes; −1 is none."""
    indices = codes.astype(np.int32, copy=False)
    has_missing = len(indices) and int(indices.min()) < 0
    return pa.DictionaryArray.from_arrays(
        pa.array(indices, mask=indices < 0 if has_missing else None), vocabulary.texts
    )
