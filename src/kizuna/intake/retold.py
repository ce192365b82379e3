"""Recorded purchases told again, in order, for whoever replays them: orders, what is kept of them after each change, redemptions.

Always true: of every order what is kept follows from its changes in the order of their arrival, as it did on the live road.
"""

from collections.abc import AsyncIterator
from typing import NamedTuple

import msgspec

from kizuna.core.days import instant_ms
from kizuna.core.errors import Problem
from kizuna.core.ids import BUCKETS
from kizuna.engine import EventKind
from kizuna.intake import retold_store as store
from kizuna.intake.bought import Bought, Kept, amended, changed, content
from kizuna.intake.contents import content_of
from kizuna.intake.model import CHANGES, ORDER_COMPLETED, REDEMPTION_REQUESTED, Event
from kizuna.intake.orders import EVERYTHING
from kizuna.members import Identity
from kizuna.runtime.brands import Brand
from kizuna.runtime.db import Connection

TYPES = (ORDER_COMPLETED, *CHANGES, REDEMPTION_REQUESTED)
PLACE_BITS = 16
_EVENT = msgspec.json.Decoder(Event)


class Retold(NamedTuple):
    """An event of `member` (who they are now): `bought` is what is kept of the order from then on; `points` those of a redemption.

    `arrival` rises with the order in which events were taken.
    """

    member: bytes
    at_ms: int
    kind: EventKind
    order: bytes
    bought: Bought
    channel: str | None
    store: str | None
    points: int
    arrival: int


async def retold(conn: Connection, brand: Brand) -> AsyncIterator[Retold]:
    """Yield what was recorded, bucket by bucket, each in the order of arrival; needs a transaction.

    A change that was refused was never recorded; one of an order whose telling was taken back is passed over.
    """
    moved = await store.moved(conn)
    for bucket in range(BUCKETS):
        kept: dict[bytes, tuple[Bought, Kept]] = {}
        async for row in store.told(conn, bucket, TYPES):
            member = row["member_id"].bytes
            event = _EVENT.decode(row["body"])
            kind, amount, told = content_of(event, Identity("member", member.hex()), brand.currency, brand.country)
            bought, order = told.bought or Bought(0), told.order or b""
            if kind is EventKind.ORDER:
                kept[order] = bought, Kept()
            elif kind is EventKind.CHANGE:
                if order not in kept:
                    continue
                first, before = kept[order]
                try:
                    after = amended(told.bought) if told.bought else changed(first, before, told.change or EVERYTHING)
                except Problem:
                    continue
                kept[order], bought = (first, after), content(first, after)
            yield Retold(
                moved.get(member, member), instant_ms(event.time), kind, order, bought, told.channel, told.store,
                amount if kind is EventKind.REDEMPTION else 0, (row["batch_id"] << PLACE_BITS) | row["place"],
            )  # fmt: skip


async def told_count(conn: Connection) -> int:
    """Return how many such events there are."""
    return await store.count(conn, TYPES)
