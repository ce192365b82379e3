"""The history that a brand has in its own records: every order, return and redemption that the live road took."""

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa

from kizuna.engine import EventKind
from kizuna.intake import Line, Retold, retold, told_count
from kizuna.runtime.brands import Brand
from kizuna.runtime.db import Connection
from kizuna.simulate.history import LINE, SCHEMA, History

_FIGURES = ("amount", "tax", "discount", "shipping", "paid_with_points")
Told = Callable[[int, int], None]
"""Is told how many events were read, of how many."""


async def recorded(conn: Connection, brand: Brand, told: Told = lambda _done, _of: None) -> History:
    """Read a brand's records; needs a transaction. Members are `member:<id>`."""
    made = _Making()
    of = await told_count(conn)
    done = 0
    async for one in retold(conn, brand):
        made.add(one)
        done += 1
        if done % 5_000 == 0:
            told(done, of)
    return made.history(brand.name)


class _Making:
    """Columns being filled in the order of arrival, bucket by bucket."""

    def __init__(self) -> None:
        self._columns: dict[str, list[object]] = {name: [] for name in SCHEMA.names if name != "lines"}
        self._counts: list[int] = []
        self._lines: list[Line] = []
        self._arrival: list[int] = []
        self._order_row: dict[bytes, int] = {}
        self._members: dict[bytes, int] = {}

    def add(self, one: Retold) -> None:
        """Add an event."""
        columns, row, of = self._columns, len(self._counts), -1
        channel: object = one.channel
        store: object = one.store
        if one.kind is EventKind.ORDER:
            self._order_row[one.order] = row
        elif one.kind is EventKind.CHANGE:
            of = self._order_row[one.order]
            channel, store = columns["channel"][of], columns["store"][of]
        bought = one.bought
        values = (
            int(one.kind), self._members.setdefault(one.member, len(self._members)), one.at_ms, of,
            *(getattr(bought, name) for name in _FIGURES), bought.items, bought.exists, channel, store, one.points,
        )  # fmt: skip
        self._arrival.append(one.arrival)
        for name, value in zip(columns, values, strict=True):
            columns[name].append(value)
        self._counts.append(len(bought.lines))
        self._lines += bought.lines

    def history(self, name: str) -> History:
        """Return everything in the order of its time; what happened at one time stays in the order of arrival."""
        at = np.array(self._columns["at"], np.int64)
        of = np.array(self._columns["of"], np.int64)
        changes = np.flatnonzero(of >= 0)
        at[changes] = np.maximum(at[changes], at[of[changes]])  # never before its order, whatever a clock said
        order = np.lexsort((np.array(self._arrival, np.int64), at))
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        columns = dict(self._columns)
        columns["at"] = (at * 1000).tolist()
        columns["of"] = np.where(of >= 0, place[np.maximum(of, 0)], -1).tolist()
        words = [f"member:{member.hex()}" for member in self._members]
        member = pa.DictionaryArray.from_arrays(
            pa.array(self._columns["member"], pa.int32()), pa.array(words, pa.string())
        )
        arrays = [
            member if field.name == "member" else pa.array(columns[field.name], field.type)
            for field in SCHEMA
            if field.name != "lines"
        ]
        names = [field.name for field in SCHEMA if field.name != "lines"]
        if self._lines:
            arrays.append(_lists(self._counts, self._lines))
            names.append("lines")
        return History(pa.table(arrays, names=names).take(pa.array(order)).combine_chunks(), name)


def _lists(counts: Sequence[int], lines: Sequence[Line]) -> pa.Array:
    """Return the lines of every row, by how many each has."""
    columns = dict(zip(Line._fields, zip(*lines, strict=True), strict=True))
    fields = [pa.array(columns[field.name], field.type) for field in LINE]
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.StructArray.from_arrays(fields, fields=list(LINE)))
