"""From arrivals to the engine's columns: one row an event that is decided, and behind them the past orders that changes speak of.

Always true: a row's numbers are those of its arrival and of what was kept of its order when its turn came; nothing here asks
the database. What few events have lies in dicts by the event's place.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from kizuna.engine import Coded, Content, EventKind, Events, Lines
from kizuna.intake.bought import Bought, Kept, Line, content
from kizuna.intake.fields import PLAIN, Read
from kizuna.intake.model import ORDER_COMPLETED, Arrival
from kizuna.intake.orders import Orders, Place, Purchase, kept_content

_NOWHERE = -1
NUMBER_BYTES = 8
_NOTHING = (0, 0, 0, 0, 0)


class Known(NamedTuple):
    """What is known of an arrival when its turn comes; `referred` says that it tells who brought the member."""

    plan: int
    row: int
    member: bytes
    read: Read
    referred: bool


class Did(NamedTuple):
    """By how much an event changed the orders that are kept, and their amount."""

    orders: int
    amount: int


class Batch:
    """Rows under way. `told` are the events' arrivals, `member` and `plan` their members' rows and plans; past orders stand behind.

    `changes` are, by place, the rows of the order and of what was kept of it before; `did` is what such events did.
    """

    def __init__(self, orders: Orders) -> None:
        self.orders = orders
        self.told: list[Arrival] = []
        self.member: list[int] = []
        self.plan: list[int] = []
        self.content: list[Bought | None] = []
        self.read: dict[int, Read] = {}
        self.born: dict[int, int] = {}
        self.referred: list[int] = []
        self.changes: dict[int, tuple[Place, Place]] = {}
        self.did: dict[int, Did] = {}
        self.past: list[tuple[int, Purchase, Bought]] = []

    def add(self, arrival: Arrival, known: Known, change: tuple[Purchase, Kept] | None = None) -> None:
        """Add an event; `change` is the order that it changes, and what is kept of it from now on."""
        told, place = arrival.told, len(self.told)
        bought = told.bought
        self.told.append(arrival)
        self.member.append(known.row)
        self.plan.append(known.plan)
        if arrival.kind is EventKind.ORDER:
            if told.order is not None:
                self.orders.tell(told.order, arrival, known.member, known.plan, place)
        elif change is not None:
            bought = self._change(place, known.row, *change)
        if known.read is not PLAIN:
            self.read[place] = known.read
        if known.referred:
            self.referred.append(place)
        if told.profile is not None and told.profile.birthday is not None:
            self.born[place] = told.profile.birthday.month * 100 + told.profile.birthday.day
        self.content.append(bought)

    def add_order(self, arrival: Arrival, row: int, member: bytes, plan: int) -> None:
        """Add an order of a member who is known already: what most events are."""
        told = arrival.told
        if told.order is not None:
            self.orders.tell(told.order, arrival, member, plan, len(self.told))
        self.told.append(arrival)
        self.member.append(row)
        self.plan.append(plan)
        self.content.append(told.bought)

    def _change(self, place: int, member: int, order: Purchase, after: Kept) -> Bought:
        before = kept_content(order)
        if order.row is None:
            order.row = order.last = self._past(member, order, order.first)
            if before != order.first:
                order.last = self._past(member, order, before)
        if order.last is None:
            order.last = order.row
        order.kept, order.is_changed = after, True
        now = content(order.first, after)
        self.changes[place] = order.row, order.last
        self.did[place] = Did(int(now.exists) - int(before.exists), now.amount - before.amount)
        order.last = Place(place)
        return now

    def _past(self, member: int, order: Purchase, bought: Bought) -> Place:
        """Put an order that was decided earlier behind the events, with this content."""
        self.past.append((member, order, bought))
        return Place(len(self.past) - 1, is_past=True)

    def columns(self) -> Events:
        """Return the rows as the engine's columns."""
        told, past, orders = self.told, self.past, [order for _, order, _ in self.past]
        count, size = len(told), len(told) + len(past)

        def at(place: Place) -> int:
            return place.number + (count if place.is_past else 0)

        origin, before = np.full(size, _NOWHERE, np.intp), np.full(size, _NOWHERE, np.intp)
        for number, (first, last) in self.changes.items():
            origin[number], before[number] = at(first), at(last)
        born, referred, unit = np.zeros(size, np.int16), np.zeros(size, np.bool_), np.zeros(size, np.int16)
        referred[self.referred] = True
        for number, day in self.born.items():
            born[number] = day
        for number, read in self.read.items():
            unit[number] = read.unit
        contents = [*self.content, *(bought for _, _, bought in past)]
        return Events(
            member=np.array([*self.member, *(member for member, _, _ in past)], np.intp),
            plan=np.array([*self.plan, *(order.plan for order in orders)], np.int16),
            kind=np.array([*[int(one.kind) for one in told], *[int(EventKind.PAST)] * len(past)], np.int8),
            type=Coded.of([*[one.type for one in told], *[ORDER_COMPLETED] * len(past)]),
            day=np.array([*[one.day for one in told], *(order.day for order in orders)], np.int32),
            minute=np.array([*[one.minute for one in told], *(order.minute for order in orders)], np.int16),
            points=self._points(size),
            content=_contents(contents, self.read),
            channel=_coded([*[one.told.channel for one in told], *(order.channel for order in orders)]),
            store=_coded([*[one.told.store for one in told], *(order.store for order in orders)]),
            unit=unit,
            order=np.array(
                [*[number_of(one.told.order) for one in told], *(number_of(order.key) for order in orders)], np.uint64
            ),
            born=born,
            referred=referred,
            origin=origin,
            before=before,
            numbers=_numbers(self.read, size),
            texts=_texts(self.read, size),
            frozen={count + place: order.frozen for place, order in enumerate(orders) if order.frozen is not None},
        )

    def _points(self, size: int) -> np.ndarray:
        points = np.zeros(size, np.int64)
        for place, one in enumerate(self.told):
            if one.kind is EventKind.REDEMPTION:
                points[place] = one.amount
        return points


def number_of(key: bytes | None) -> int:
    """Return the number by which the engine knows an order; 0 is none."""
    return (int.from_bytes(key[:NUMBER_BYTES], "big") or 1) if key else 0


def _coded(texts: list[str | None]) -> Coded:
    return Coded.of(texts) if any(texts) else Coded.none(len(texts))


def _contents(bought: Sequence[Bought | None], read: dict[int, Read]) -> Content:
    size = len(bought)
    starts = np.zeros(size + 1, np.intp)
    lines: list[Line] = []
    amounts, items, exists = [], [], []
    for place, one in enumerate(bought):
        if one is None:
            amounts.append(_NOTHING)
            items.append(read[place].items if place in read else 1)
            exists.append(True)
            continue
        amounts.append((one.amount, one.tax, one.discount, one.shipping, one.paid_with_points))
        exists.append(one.exists)
        if one.lines:
            lines += one.lines
            starts[place + 1] = len(one.lines)
            items.append(one.items)
        else:
            items.append(int(one.exists))
    amount, tax, discount, shipping, paid = np.ascontiguousarray(np.array(amounts, np.int64).reshape(size, 5).T)
    return Content(
        amount=amount,
        tax=tax,
        discount=discount,
        shipping=shipping,
        paid_with_points=paid,
        items=np.array(items, np.int64),
        exists=np.array(exists, np.bool_),
        starts=np.cumsum(starts),
        lines=_lines(lines),
    )


def _lines(lines: Sequence[Line]) -> Lines:
    if not lines:
        return Lines.none()
    sku, amount, quantity, tax, discount, gift_card, category, brand, tags = zip(*lines, strict=True)
    return Lines(
        amount=np.array(amount, np.int64),
        quantity=np.array(quantity, np.int64),
        tax=np.array(tax, np.int64),
        discount=np.array(discount, np.int64),
        gift_card=np.array(gift_card, np.bool_),
        sku=Coded.of(sku),
        category=Coded.of(category),
        brand=Coded.of(brand),
        tag=Coded.of([tag for one in tags for tag in one]),
        tag_starts=np.concatenate([np.zeros(1, np.intp), np.cumsum([len(one) for one in tags])]).astype(np.intp),
    )


def _numbers(read: dict[int, Read], size: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    found: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for place, one in read.items():
        for name, value in one.numbers.items():
            if name not in found:
                found[name] = np.zeros(size, np.int64), np.zeros(size, np.bool_)
            values, there = found[name]
            values[place], there[place] = value, True
    return found


def _texts(read: dict[int, Read], size: int) -> dict[str, Coded]:
    names = {name for one in read.values() for name in one.texts}
    return {
        name: Coded.of([read[place].texts.get(name) if place in read else None for place in range(size)])
        for name in sorted(names)
    }
