"""From lines of a story to the engine's columns: `events_of` makes one batch of rows.

A row is a line and what the engine is to do with it. It is useful wherever events have to be made by hand: nothing here knows docs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from docs.story import Bought, Line
from kizuna.engine import Coded, Content, EventKind, Events, Lines

NONE = -1


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a batch: `origin` and `before` are rows of the same batch, `frozen` the facts of a past order."""

    line: Line
    kind: EventKind
    member: int
    plan: int
    order: int
    unit: int = 0
    bought: Bought = field(default_factory=Bought)
    origin: int = NONE
    before: int = NONE
    frozen: bytes = b""


def events_of(rows: Sequence[Row]) -> Events:
    """Make a batch of rows."""
    lines = [row.line for row in rows]
    return Events(
        member=_column(rows, lambda row: row.member, np.intp),
        plan=_column(rows, lambda row: row.plan, np.int16),
        kind=_column(rows, lambda row: row.kind, np.int8),
        type=Coded.of([line.type for line in lines]),
        day=_column(lines, lambda line: line.day, np.int32),
        minute=_column(lines, lambda line: line.minute, np.int16),
        points=_column(lines, lambda line: line.points, np.int64),
        content=content_of([row.bought for row in rows]),
        channel=Coded.of([line.channel for line in lines]),
        store=Coded.of([line.store for line in lines]),
        unit=_column(rows, lambda row: row.unit, np.int16),
        order=_column(rows, lambda row: row.order, np.uint64),
        born=_column(lines, lambda line: line.born, np.int16),
        referred=_column(lines, lambda line: line.referred, np.bool_),
        origin=_column(rows, lambda row: row.origin, np.intp),
        before=_column(rows, lambda row: row.before, np.intp),
        numbers=_numbers(lines),
        texts={name: Coded.of(texts) for name, texts in _texts(lines).items()},
        frozen={place: row.frozen for place, row in enumerate(rows) if row.kind is EventKind.PAST},
    )


def content_of(bought: Sequence[Bought]) -> Content:
    """Make the ragged table of what was bought."""
    goods = [line for one in bought for line in one.lines]
    tags = [tag for line in goods for tag in line.tags]
    return Content(
        amount=_column(bought, lambda one: one.amount, np.int64),
        tax=_column(bought, lambda one: one.tax, np.int64),
        discount=_column(bought, lambda one: one.discount, np.int64),
        shipping=_column(bought, lambda one: one.shipping, np.int64),
        paid_with_points=_column(bought, lambda one: one.paid_with_points, np.int64),
        items=_column(bought, lambda one: one.items, np.int64),
        exists=_column(bought, lambda one: one.exists, np.bool_),
        starts=_starts([len(one.lines) for one in bought]),
        lines=Lines(
            amount=_column(goods, lambda line: line.amount, np.int64),
            quantity=_column(goods, lambda line: line.quantity, np.int64),
            tax=_column(goods, lambda line: line.tax, np.int64),
            discount=_column(goods, lambda line: line.discount, np.int64),
            gift_card=_column(goods, lambda line: line.gift_card, np.bool_),
            sku=Coded.of([line.sku for line in goods]),
            category=Coded.of([line.category for line in goods]),
            brand=Coded.of([line.brand for line in goods]),
            tag=Coded.of(tags),
            tag_starts=_starts([len(line.tags) for line in goods]),
        ),
    )


def _column(of: Sequence[Any], tell: Callable[[Any], object], type_: type) -> np.ndarray:
    return np.array([tell(one) for one in of], dtype=type_)


def _starts(lengths: Sequence[int]) -> np.ndarray:
    return np.concatenate(([0], np.cumsum(lengths, dtype=np.intp))).astype(np.intp)


def _numbers(lines: Sequence[Line]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    names = {name for line in lines for name, value in line.fields.items() if not isinstance(value, str)}
    return {
        name: (
            np.array([int(line.fields.get(name, 0)) for line in lines], np.int64),
            np.array([name in line.fields for line in lines], np.bool_),
        )
        for name in sorted(names)
    }


def _texts(lines: Sequence[Line]) -> dict[str, list[str | None]]:
    names = {name for line in lines for name, value in line.fields.items() if isinstance(value, str)}
    return {name: [str(line.fields[name]) if name in line.fields else None for line in lines] for name in sorted(names)}
