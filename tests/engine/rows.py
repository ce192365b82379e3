"""What stands around the engine: member rows as the database keeps them, orders with their frozen facts, shared sums.

`Rows.decide` turns a batch of a story into columns, and the engine's answer back into the reference's words.
"""

from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from engine.reference import ACTION, CHANGE, ORDER, REDEMPTION, Basket, Decided, Happening, Line, Movement
from kizuna.core import lots as lot_bytes
from kizuna.core import waiting as waiting_bytes
from kizuna.engine import (
    Coded,
    Content,
    Cut,
    EntryKind,
    EventKind,
    Events,
    Lines,
    Names,
    Refusal,
    Shared,
    State,
    compile_plan,
    decide,
    shared_keys,
)
from kizuna.program import Program

PAST = "past"
KINDS = {
    ORDER: EventKind.ORDER,
    REDEMPTION: EventKind.REDEMPTION,
    ACTION: EventKind.ACTION,
    CHANGE: EventKind.CHANGE,
    PAST: EventKind.PAST,
}
COUNTERS = len(lot_bytes.Counters._fields)


class Rows:
    """Everything that is kept between two batches: bytes and numbers only."""

    def __init__(self, documents: list[Program], keys: tuple[int, ...]) -> None:
        self.names = Names()
        self.plans = [compile_plan(document, number, self.names) for number, document in enumerate(documents, start=1)]
        self.keys = keys
        self.memory: dict[int, bytes] = {}
        self.counters: dict[int, list[int]] = {}
        self.lots: dict[int, bytes] = {}
        self.waiting: dict[int, bytes] = {}
        self.used: dict[tuple[int, str, int], int] = {}
        self.orders: dict[int, tuple[Happening, bytes, Basket]] = {}

    def decide(self, batch: Sequence[Happening], *, freeze: bool = True) -> list[Decided]:
        """Decide a batch and keep what it changed. Without `freeze`, no later batch may change its orders."""
        members = sorted({event.member for event in batch}, reverse=True)
        state = self.state(members)
        table = _Table(self, batch)
        events = table.events(members)
        shared = Shared(dict.fromkeys(shared_keys(self.plans, events), 0) | self.used)
        decisions = decide(self.plans, state, events, shared, freeze=freeze)
        self.keep(members, state)
        self.used |= {key: shared.used[key] for key in shared.changed}
        for row, (event, basket) in enumerate(table.rows):
            if KINDS[event.what] is EventKind.ORDER and row >= table.past:
                self.orders[event.number] = event, decisions.frozen.get(row, b""), basket
            elif event.what == CHANGE:
                order, frozen, _ = self.orders[event.origin]
                self.orders[event.origin] = order, frozen, basket
        return told(decisions, len(table.rows))[table.past :]

    def state(self, members: list[int]) -> State:
        """The state of some members, read from their rows."""
        return State.unpack(
            self.names,
            [self.memory.get(member, b"") for member in members],
            [self.counters.get(member, []) for member in members],
            [self.lots.get(member, b"") for member in members],
            [self.waiting.get(member, b"") for member in members],
            [self.keys[member] for member in members],
        )

    def keep(self, members: list[int], state: State) -> None:
        counters = state.counters.reshape(len(members), len(self.names.units) * COUNTERS).tolist()
        rows = zip(members, state.pack_memory(), counters, state.pack_lots(), state.pack_waiting(), strict=True)
        for member, memory, counted, lots, waiting in rows:
            self.memory[member], self.counters[member] = memory, counted
            self.lots[member], self.waiting[member] = lots, waiting

    @property
    def bytes(self) -> tuple[object, ...]:
        """Everything that is kept, to compare."""
        return self.memory, self.counters, self.lots, self.waiting, self.used, self.orders

    def pocket(self, member: int) -> tuple[dict, dict, dict]:
        """Lots, what waits, and what the books count, in the reference's words."""
        lots = {(unit, last, only): left for unit, only, last, left in lot_bytes.unpack(self.lots[member])}
        waiting = {tuple(one[:5]): one[5] for one in waiting_bytes.unpack(self.waiting[member])}
        counted = self.counters[member]
        books = {
            unit: dict(zip(lot_bytes.Counters._fields, counted[unit * COUNTERS : (unit + 1) * COUNTERS], strict=True))
            for unit in range(len(self.names.units))
        }
        return lots, waiting, books


class _Table:
    """A batch as rows: first the orders of the past that it changes, then its events."""

    def __init__(self, rows: Rows, batch: Sequence[Happening]) -> None:
        self.world = rows
        self.rows: list[tuple[Happening, Basket]] = []
        self.kinds: list[str] = []
        self.frozen: dict[int, bytes] = {}
        self.origin_of: dict[int, int] = {}
        self.kept_of: dict[int, int] = {}
        here = {event.number for event in batch}
        for origin in sorted({event.origin for event in batch if event.what == CHANGE} - here):
            order, frozen, kept = rows.orders[origin]
            self.origin_of[origin] = self.add(PAST, order, order.basket)
            self.frozen[self.origin_of[origin]] = frozen
            self.kept_of[origin] = self.origin_of[origin]
            if kept != order.basket:
                self.kept_of[origin] = self.add(PAST, order, kept)
                self.frozen[self.kept_of[origin]] = frozen
        self.past = len(self.rows)
        self.origin, self.before = [-1] * self.past, [-1] * self.past
        for event in batch:
            row = self.add(event.what, event, event.basket)
            self.origin.append(self.origin_of.get(event.origin, -1))
            self.before.append(self.kept_of.get(event.origin, -1))
            if event.what == ORDER:
                self.origin_of[event.number] = self.kept_of[event.number] = row
            elif event.what == CHANGE:
                self.kept_of[event.origin] = row

    def add(self, kind: str, event: Happening, basket: Basket) -> int:
        self.rows.append((event, basket))
        self.kinds.append(kind)
        return len(self.rows) - 1

    def events(self, members: list[int]) -> Events:
        """The columns."""
        told = [event for event, _ in self.rows]

        def column(type_, values):
            return np.array(list(values), type_)

        return Events(
            member=column(np.intp, (members.index(event.member) for event in told)),
            plan=column(np.int16, (event.version for event in told)),
            kind=column(np.int8, (KINDS[kind] for kind in self.kinds)),
            type=Coded.of([event.type for event in told]),
            day=column(np.int32, (event.day for event in told)),
            minute=column(np.int16, (event.minute for event in told)),
            points=column(np.int64, (event.points for event in told)),
            content=self.content(),
            channel=Coded.of([event.channel for event in told]),
            store=Coded.of([event.store for event in told]),
            unit=column(np.int16, (event.unit for event in told)),
            order=column(np.uint64, (event.order for event in told)),
            born=column(np.int16, (event.born[0] * 100 + event.born[1] if event.born else 0 for event in told)),
            referred=column(np.bool_, (event.referred for event in told)),
            origin=column(np.intp, self.origin),
            before=column(np.intp, self.before),
            numbers=self.numbers(told),
            texts={
                name: Coded.of([event.fields.get(name) for event in told])
                for name in {n for event in told for n, value in event.fields.items() if isinstance(value, str)}
            },
            frozen=self.frozen,
        )

    def numbers(self, told: list[Happening]) -> dict:
        names = {n for event in told for n, value in event.fields.items() if not isinstance(value, str)}
        return {
            name: (
                np.array([int(event.fields.get(name, 0)) for event in told], np.int64),
                np.array([name in event.fields for event in told], np.bool_),
            )
            for name in names
        }

    def content(self) -> Content:
        orders = [
            basket if kind in (ORDER, CHANGE, PAST) else Basket()
            for kind, (_, basket) in zip(self.kinds, self.rows, strict=True)
        ]
        items = [
            basket.items if kind in (ORDER, CHANGE, PAST) else event.items
            for kind, (event, basket) in zip(self.kinds, self.rows, strict=True)
        ]

        def column(name):
            return np.array([getattr(basket, name) for basket in orders], np.int64)

        return Content(
            **{name: column(name) for name in ("amount", "tax", "discount", "shipping", "paid_with_points")},
            items=np.array(items, np.int64),
            exists=np.array([basket.exists for basket in orders], np.bool_),
            starts=_starts([len(basket.lines) for basket in orders]),
            lines=_lines([line for basket in orders for line in basket.lines]),
        )


def _starts(lengths: list[int]) -> np.ndarray:
    return np.array([0, *accumulate(lengths)], np.intp)


def _lines(lines: list[Line]) -> Lines:
    return Lines(
        **{
            name: np.array([getattr(line, name) for line in lines], np.int64)
            for name in ("amount", "quantity", "tax", "discount")
        },
        gift_card=np.array([line.gift_card for line in lines], np.bool_),
        **{name: Coded.of([getattr(line, name) for line in lines]) for name in ("sku", "category", "brand")},
        tag=Coded.of([tag for line in lines for tag in line.tags]),
        tag_starts=_starts([len(line.tags) for line in lines]),
    )


def told(decisions, size: int) -> list[Decided]:
    """The engine's columns in the reference's words."""
    answers = [Decided(Refusal(decisions.refusal[row]).name.lower()) for row in range(size)]
    for name in ("level_before", "level", "figure", "stage", "qualified", "collect"):
        for answer, value in zip(answers, getattr(decisions, name).tolist(), strict=True):
            setattr(answer, name, value)
    for name in ("balances", "pending"):
        for answer, values in zip(answers, getattr(decisions, name).tolist(), strict=True):
            setattr(answer, name, tuple(values))
    moves, place = decisions.moves, []
    columns = [
        moves.kind, moves.unit, moves.restriction, moves.points, moves.expires_on, moves.release_on, moves.cause,
        moves.plan, moves.rule, moves.basis, moves.raw, moves.cut,
    ]  # fmt: skip
    for event, kind, *facts, cut in zip(moves.event.tolist(), *(column.tolist() for column in columns), strict=True):
        place.append((event, len(answers[event].moves)))
        answers[event].moves.append(Movement(EntryKind(kind).name.lower(), *facts, Cut(cut).name.lower()))
    taken = decisions.taken
    columns = [taken.move, taken.restriction, taken.expires_on, taken.points]
    for move, *lot in zip(*(column.tolist() for column in columns), strict=True):
        event, number = place[move]
        answers[event].taken.append((number, *lot))
    return answers


def told_alone(rows: Rows, event: Happening) -> Events:
    """One event as a batch, by the first of some plans."""
    return _Table(rows, [event]).events([event.member])
