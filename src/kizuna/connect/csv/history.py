"""Files of orders as a history to replay: read as an import reads them, with the same rejects, and nothing is posted.

Always true: only whole orders are in it, by time and then by order id; amounts are minor units of the currency.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kizuna.connect.csv.columns import OrderColumns
from kizuna.connect.csv.grouping import Orders, group
from kizuna.connect.csv.mapping import Mapping
from kizuna.connect.csv.reading import gather, look_at
from kizuna.connect.csv.rejects import Reject
from kizuna.connect.csv.summary import FileRead
from kizuna.connect.csv.vocabulary import Vocabulary
from kizuna.core.days import instant_ms
from kizuna.runtime.clock import now
from kizuna.simulate import LINE, SCHEMA, History

_LINE_TYPES = {field.name: field.type for field in LINE}


@dataclass(frozen=True, slots=True)
class HistoryRead:
    """A history, and what of the files is not in it: `orders_rejected` orders, and what is wrong, row by row."""

    history: History
    files: Sequence[FileRead]
    rejects: Sequence[Reject]
    rows: int
    rows_rejected: int
    orders: int
    orders_rejected: int
    notes: Sequence[str] = ()


def read_history(
    paths: Sequence[Path],
    mapping: Mapping,
    *,
    currency: str,
    currency_digits: int,
    country: str,
    told: Callable[[int], None] = lambda _: None,
    careful: bool = False,
) -> HistoryRead:
    """Read files of orders. `told` hears how many more bytes were read; with `careful` nothing is read in bulk.

    Raises `FileUnreadable`, `FileEmpty`, `FileTwice`, `FileChanged`, `EncodingWrong`, `ColumnMissing`, `ColumnTwice`, `ZoneMissing`.
    """
    columns = OrderColumns(mapping, currency, currency_digits, country, careful=careful)
    sources = look_at(paths, mapping, hashed=len(paths) > 1)
    files = gather(sources, mapping, columns.add, told)
    grouped = group(columns, mapping.level, mapping.columns.names, instant_ms(now()) * 1000)
    table = _table(grouped.orders, columns)
    return HistoryRead(
        History(table, ", ".join(source.path.name for source in sources)),
        files,
        grouped.rejects,
        sum(file.rows for file in files),
        len({(reject.file, reject.row) for reject in grouped.rejects}),
        len(grouped.orders),
        grouped.rejected,
    )


def _table(orders: Orders, columns: OrderColumns) -> pa.Table:
    """Lay orders out by `SCHEMA`; what the mapping does not tell is left out."""
    told, words, firsts = orders.rows.columns, columns.words, orders.firsts
    made: dict[str, Any] = {
        "member": _words(words.member, told["member"][firsts]),
        "at": pa.array(told["time"][firsts]).view(SCHEMA.field("at").type),
        "amount": pa.array(orders.amounts),
    }
    for what in ("channel", "store"):
        if what in told:
            made[what] = _words(getattr(words, what), told[what][firsts])
    if "sku" in told:
        made["items"], made["lines"] = _lines(orders, columns)
    return pa.table(made)


def _lines(orders: Orders, columns: OrderColumns) -> tuple[Any, Any]:
    """Return how many items orders have, and their lines. A line without a product (a discount) counts in the sum only."""
    told, words = orders.rows.columns, columns.words
    is_product = told["sku"][orders.lines] >= 0
    where = orders.lines[is_product]
    quantity = told["quantity"][where] if "quantity" in told else np.ones(len(where), np.int64)
    ends = np.append(0, np.cumsum(is_product)[orders.ends - 1])
    items = np.diff(np.append(0, np.cumsum(quantity))[ends])
    fields = {
        what: _words(getattr(words, what), told[what][where])
        for what in _LINE_TYPES
        if what in told and what not in _FIGURES
    }
    fields |= {"amount": pa.array(told["amount"][where]), "quantity": pa.array(quantity)}
    arrays = [fields.get(name, pa.nulls(len(where), kind)) for name, kind in _LINE_TYPES.items()]
    lines = pa.ListArray.from_arrays(
        pa.array(ends.astype(np.int32)), pa.StructArray.from_arrays(arrays, fields=list(LINE))
    )
    return pa.array(np.where(ends[1:] > ends[:-1], items, 1)), lines


_FIGURES = ("amount", "quantity")


def _words(vocabulary: Vocabulary, codes: NDArray[np.int64]) -> Any:
    """Return texts by their codes; −1 is none."""
    indices = codes.astype(np.int32)
    missing = indices < 0
    return pa.DictionaryArray.from_arrays(pa.array(indices, mask=missing if missing.any() else None), vocabulary.texts)
