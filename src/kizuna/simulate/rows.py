"""A share's rows as the engine's columns: before every order a redemption where anybody redeems, at the end a touch of every member."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kizuna.engine import Coded, Content, EventKind, Events, Lines
from kizuna.simulate.schema import Task

END = 1 << 62
"""The place of the touches at the end: behind every row of a history."""


@dataclass(slots=True)
class Rows:
    """A share's rows as the engine's columns; `at` is each one's place in the whole history, before an order its redemption."""

    events: Events
    members: np.ndarray
    at: np.ndarray
    source: np.ndarray


def read(rows: pa.Table, task: Task) -> Rows:
    """Lay a share's rows out as the engine's columns: before every order a redemption where anybody redeems, at the end a touch each."""
    told = {name: rows[name] for name in rows.column_names}
    size = rows.num_rows
    kind = told["kind"].to_numpy() if "kind" in told else np.zeros(size, np.int8)
    n = told["n"].to_numpy()
    members, member = np.unique(told["member"].to_numpy(), return_inverse=True)
    is_order = kind == int(EventKind.ORDER)
    if task.behaviour.redeems:
        keep = np.flatnonzero(kind != int(EventKind.REDEMPTION))
        source = np.repeat(keep, 1 + is_order[keep])
        again = np.zeros(len(source), np.bool_)
        again[1:] = source[1:] == source[:-1]
        redeems = is_order[source] & ~again
    else:
        source, redeems = np.arange(size), np.zeros(size, np.bool_)
    touches = len(members)
    full = np.concatenate([source, np.full(touches, -1, np.intp)])
    bare = np.concatenate([redeems, np.ones(touches, np.bool_)])
    kinds = np.concatenate(
        [np.where(redeems, int(EventKind.REDEMPTION), kind[source]), np.full(touches, EventKind.TOUCH)]
    )
    at = np.concatenate([2 * n[source] + ~redeems, np.full(touches, END)])
    who = np.concatenate([member[source], np.arange(touches)]).astype(np.intp)
    day = np.concatenate([told["day"].to_numpy()[source], np.full(touches, task.until)]).astype(np.int32)
    minute = np.concatenate([told["minute"].to_numpy()[source], np.full(touches, 0)]).astype(np.int16)
    total = len(full)
    origin, before = _changes(told, kinds, n, source, total)
    points = np.zeros(total, np.int64)
    if "points" in told and not task.behaviour.redeems:
        points[: len(source)] = np.where(
            kinds[: len(source)] == EventKind.REDEMPTION, told["points"].to_numpy()[source], 0
        )
    events = Events(
        member=who,
        plan=np.zeros(total, np.int16),
        kind=kinds.astype(np.int8),
        type=_types(kinds),
        day=day,
        minute=minute,
        points=points,
        content=_content(told, full, bare),
        channel=_coded(told.get("channel"), full),
        store=_coded(told.get("store"), full),
        unit=np.zeros(total, np.int16),
        order=np.where(bare, 0, _orders(told, n, full) + 1).astype(np.uint64),
        born=np.zeros(total, np.int16),
        referred=np.zeros(total, np.bool_),
        origin=origin,
        before=before,
        wish=task.behaviour.wish(at // 2, task.draw),
    )
    return Rows(events, members, at, full)


def _types(kinds: np.ndarray) -> Coded:
    words = ["order.completed", "redemption.requested", "order.amended"]
    codes = np.select([kinds == EventKind.ORDER, kinds == EventKind.CHANGE], [0, 2], 1)
    return Coded(codes.astype(np.int32), words)


def _orders(told: dict[str, pa.ChunkedArray], n: np.ndarray, full: np.ndarray) -> np.ndarray:
    """Return by row the number of the order that it speaks of."""
    if "of" not in told:
        return np.asarray(n[full])
    of = told["of"].to_numpy()
    return np.asarray(np.where(of >= 0, of, n)[full])


def _changes(
    told: dict[str, pa.ChunkedArray], kinds: np.ndarray, n: np.ndarray, source: np.ndarray, total: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return for every change the row of its order, and the row whose content was kept until then."""
    origin, before = np.full(total, -1, np.intp), np.full(total, -1, np.intp)
    changes = np.flatnonzero(kinds == EventKind.CHANGE)
    if not len(changes):
        return origin, before
    orders = np.flatnonzero(kinds == EventKind.ORDER)
    of = told["of"].to_numpy()[source[changes]]
    origin[changes] = orders[np.searchsorted(n[source[orders]], of)]
    sort = np.argsort(of, kind="stable")
    again = np.concatenate([[False], of[sort][1:] == of[sort][:-1]])
    last = origin[changes][sort]
    last[again] = changes[sort][:-1][again[1:]]
    before[changes[sort]] = last
    return origin, before


def _content(told: dict[str, pa.ChunkedArray], full: np.ndarray, bare: np.ndarray) -> Content:
    def figures(name: str) -> np.ndarray:
        if name not in told:
            return np.zeros(len(full), np.int64)
        found: np.ndarray = np.where(bare, 0, told[name].to_numpy()[full])
        return found

    exists = np.ones(len(full), np.bool_)
    if "exists" in told:
        exists = bare | told["exists"].to_numpy(zero_copy_only=False)[full]
    items = np.where(bare, 1, figures("items") if "items" in told else 1)
    starts, lines = np.zeros(len(full) + 1, np.intp), Lines.none()
    if "lines" in told:
        lengths = pc.list_value_length(told["lines"]).fill_null(0).to_numpy()
        np.cumsum(np.where(bare, 0, lengths[full]), out=starts[1:])
        lines = _lines(told["lines"])
    return Content(
        figures("amount"), figures("tax"), figures("discount"), figures("shipping"), figures("paid_with_points"), items,
        exists, starts, lines,
    )  # fmt: skip


def _lines(column: pa.ChunkedArray) -> Lines:
    flat = (
        pa.concat_arrays([chunk.flatten() for chunk in column.chunks])
        if column.num_chunks != 1
        else column.chunk(0).flatten()
    )
    if not len(flat):
        return Lines.none()
    fields = dict(zip([field.name for field in flat.type], flat.flatten(), strict=True))

    def figures(name: str) -> np.ndarray:
        return np.asarray(fields[name].fill_null(0).to_numpy(zero_copy_only=False))

    tags = fields["tags"]
    lengths = pc.list_value_length(tags).fill_null(0).to_numpy(zero_copy_only=False)
    return Lines(
        figures("amount"), figures("quantity"), figures("tax"), figures("discount"),
        fields["gift_card"].fill_null(False).to_numpy(zero_copy_only=False),
        _coded_lines(fields["sku"]), _coded_lines(fields["category"]), _coded_lines(fields["brand"]),
        _coded_lines(tags.flatten().dictionary_encode()),
        np.concatenate([[0], np.cumsum(lengths)]).astype(np.intp),
    )  # fmt: skip


def _coded_lines(column: pa.DictionaryArray) -> Coded:
    codes = column.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
    return Coded(codes, column.dictionary.to_pylist())


def _coded(column: pa.ChunkedArray | None, full: np.ndarray) -> Coded:
    if column is None:
        return Coded.none(len(full))
    one = column.unify_dictionaries().combine_chunks()
    one = one if isinstance(one, pa.DictionaryArray) else one.chunk(0)
    codes = one.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return Coded(np.where(full < 0, -1, codes[full]).astype(np.int32), one.dictionary.to_pylist())
