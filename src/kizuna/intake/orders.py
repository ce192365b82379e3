"""The orders that a batch speaks of: told in it, or recorded before and changed or delivered now.

Always true: of one order there is one row, whichever source tells of it, and what is kept of it follows from the events that
changed it, in the order of their arrival.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from kizuna.core.days import day_number, from_ms
from kizuna.engine import EventKind, Plan
from kizuna.intake import order_store as store
from kizuna.intake.bought import Bought, Change, Kept, amended, changed, content
from kizuna.intake.change_problems import ChangeTooLate, OrderKnown, OrderOfAnother, OrderToldAlready, OrderUnknown
from kizuna.intake.contents import bought_of
from kizuna.intake.model import Arrival, OrderCompleted
from kizuna.runtime.db import Connection, Fragment


class _Body(msgspec.Struct):
    data: OrderCompleted


_BODY = msgspec.json.Decoder(_Body)
_KEPT = msgspec.msgpack.Decoder(Kept)
_ENCODE = msgspec.msgpack.Encoder()
AS_TOLD = Kept()
VERSION_BYTES = 4
EVERYTHING = Change()


@dataclass(slots=True)
class Purchase:
    """An order: whose, by which event and version, with what content, and what is kept of it.

    `redemptions` are those that paid a part of it.
    `row` is its place among the rows of the batch, or among the past ones; `last` that of the row whose content is what is kept now.
    """

    key: bytes
    member: bytes
    event_key: bytes
    plan: int
    day: int
    minute: int
    channel: str | None
    store: str | None
    first: Bought
    kept: Kept = AS_TOLD
    redemptions: Sequence[str] = ()
    frozen: bytes | None = None
    """None for an order of this very batch."""
    row: "Place | None" = None
    last: "Place | None" = None
    is_changed: bool = False


class Place(NamedTuple):
    """Where a row stands: among the events, or among the past orders that follow them."""

    number: int
    is_past: bool = False


class Orders:
    """Every order that the batch speaks of, by its key: `found` were known before it, `told` are told in it."""

    def __init__(self) -> None:
        self.found: dict[bytes, Purchase] = {}
        self.told: dict[bytes, tuple[Arrival, bytes, int, int]] = {}
        self._looked_at: dict[bytes, Purchase] = {}

    def tell(self, key: bytes, arrival: Arrival, member: bytes, plan: int, place: int) -> None:
        """Note an order that is told, by its member, its plan and the place of its row."""
        self.told[key] = (arrival, member, plan, place)

    def get(self, key: bytes) -> Purchase | None:
        """Return an order, None if it is not known."""
        if key not in self._looked_at and key in self.told:
            arrival, member, plan, place = self.told[key]
            told = arrival.told
            self._looked_at[key] = Purchase(
                key, member, arrival.event_key, plan, arrival.day, arrival.minute, told.channel, told.store,
                told.bought or Bought(arrival.amount), row=Place(place),
            )  # fmt: skip
        return self._looked_at.get(key) or self.found.get(key)

    def require_new(self, arrival: Arrival) -> None:
        """Raise `OrderKnown` if the order of `arrival` was told before."""
        key = arrival.told.order
        if key is not None and (key in self.told or key in self.found):
            raise OrderKnown(field="data.order_id", order=arrival.told.order_id, shop=_shop(arrival))

    def require(self, arrival: Arrival, member: bytes) -> Purchase:
        """Return the order that `arrival` names. Raises `OrderUnknown`, `OrderOfAnother`."""
        known = None if arrival.told.order is None else self.get(arrival.told.order)
        if known is None:
            raise OrderUnknown(field="data.order_id", order=arrival.told.order_id, shop=_shop(arrival))
        if known.member != member:
            raise OrderOfAnother(field="subject", order=arrival.told.order_id, shop=_shop(arrival))
        return known

    def kept_after(self, arrival: Arrival, order: Purchase, plan: Plan) -> Kept:
        """Return what is kept of `order` after a change. Raises the problems of `change_problems`."""
        age, days_max = arrival.day - order.day, plan.program.returns.days
        if age > days_max:
            raise ChangeTooLate(field="data.order_id", order=arrival.told.order_id, days=age, days_max=days_max)
        if arrival.told.bought is not None:
            after = amended(arrival.told.bought)
        else:
            after = changed(order.first, order.kept, arrival.told.change or EVERYTHING)
        return msgspec.structs.replace(after, told=order.kept.told)

    def note(self, arrival: Arrival, order: Purchase) -> None:
        """Note what an order has once, such as its delivery. Raises `OrderToldAlready`."""
        if arrival.type in order.kept.told:
            raise OrderToldAlready(
                field="data.order_id", order=arrival.told.order_id, shop=_shop(arrival), type=arrival.type
            )
        order.kept = msgspec.structs.replace(order.kept, told=[*order.kept.told, arrival.type])
        order.is_changed = True

    def fragments(self, frozen: dict[int, bytes]) -> list[Fragment]:
        """Return what keeps the orders; `frozen` are the facts by row."""
        told, changed = [], []
        for key, (arrival, member, plan, place) in self.told.items():
            new = (key, member, arrival.event_key, (plan + 1).to_bytes(VERSION_BYTES, "little") + frozen[place])
            one = self._looked_at.get(key)
            if one is not None and one.is_changed:
                changed.append((*new, _ENCODE.encode(one.kept)))
            else:
                told.append(new)
        after = [(key, _ENCODE.encode(one.kept)) for key, one in self.found.items() if one.is_changed]
        return store.keep(told, changed, after)


def _shop(arrival: Arrival) -> str:
    """Return where an order was told from: its shop, or the source."""
    body = msgspec.json.decode(arrival.body.encode())
    return str(body["data"].get("shop") or arrival.source)


def needed(arrivals: Sequence[Arrival], *, all_: bool) -> list[bytes]:
    """Return which orders have to be looked up: those changed or delivered; with `all_` also those told, to see if they are new."""
    return sorted(
        {
            arrival.told.order
            for arrival in arrivals
            if arrival.told.order is not None and (all_ or arrival.kind is not EventKind.ORDER)
        }
    )


async def load(conn: Connection, keys: Sequence[bytes], zone: ZoneInfo) -> Orders:
    """Return the orders of those keys that are known."""
    rows: Sequence[Any] = await store.purchases(conn, keys) if keys else []
    orders = Orders()
    for row in rows:
        order, event_key, facts = _BODY.decode(row["body"]).data, row["event_key"].bytes, row["facts"]
        local = from_ms(int.from_bytes(event_key[:6], "big")).astimezone(zone)
        orders.found[row["key"]] = Purchase(
            key=row["key"],
            member=row["member_id"].bytes,
            event_key=event_key,
            plan=int.from_bytes(facts[:VERSION_BYTES], "little") - 1,
            day=day_number(local),
            minute=local.hour * 60 + local.minute,
            channel=order.channel,
            store=order.store,
            first=bought_of(order),
            kept=_KEPT.decode(row["kept"]) if row["kept"] else AS_TOLD,
            redemptions=order.redemptions,
            frozen=facts[VERSION_BYTES:],
        )
    return orders


def kept_content(order: Purchase) -> Bought:
    """Return what is kept of an order now."""
    return content(order.first, order.kept)
