"""Looking back: what happened to one member, as it was told, and what was answered at the time.

An event is read again by the types that let it in, so that whatever was taken can be shown.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from kizuna.core.days import from_ms
from kizuna.core.errors import NotFound
from kizuna.core.ids import digest
from kizuna.intake import past_store as store
from kizuna.intake.model import (
    ORDER_AMENDED,
    ORDER_CANCELLED,
    ORDER_COMPLETED,
    ORDER_RETURNED,
    REDEMPTION_REQUESTED,
    Behind,
    OrderAmended,
    OrderCompleted,
    OrderNamed,
    OrderReturned,
    Outcome,
    RedemptionRequested,
)
from kizuna.intake.store import behind
from kizuna.runtime.db import Connection

Data = OrderCompleted | OrderReturned | OrderNamed | RedemptionRequested | dict[str, Any]
"""What an event's type holds; an action's own fields by name."""


class _Body(msgspec.Struct):
    data: msgspec.Raw


_BODY = msgspec.json.Decoder(_Body)
_DATA: dict[str, msgspec.json.Decoder[Data]] = {
    ORDER_COMPLETED: msgspec.json.Decoder(OrderCompleted),
    ORDER_AMENDED: msgspec.json.Decoder(OrderAmended),
    ORDER_RETURNED: msgspec.json.Decoder(OrderReturned),
    ORDER_CANCELLED: msgspec.json.Decoder(OrderNamed),
    REDEMPTION_REQUESTED: msgspec.json.Decoder(RedemptionRequested),
}
_ACTION: msgspec.json.Decoder[Data] = msgspec.json.Decoder(dict[str, Any])
_OUTCOME = msgspec.msgpack.Decoder(Outcome)


class Happened(NamedTuple):
    """An event of a member: `data` is what its type holds, `at` its own time, `received_at` when it arrived here."""

    key: bytes
    source: str
    id: str
    at: datetime
    received_at: datetime
    data: Data
    type: str = ORDER_COMPLETED


class Past(NamedTuple):
    """A page of events, newest first, the cursor of the next page (None on the last), and when the last order was.

    A page without events knows of no last order.
    """

    events: Sequence[Happened]
    following: bytes | None
    last_order_at: datetime | None


class Told(NamedTuple):
    """What stands behind some entries, by their event; and when the last order was."""

    events: Mapping[bytes, Behind]
    last_order_at: datetime | None


async def past(
    conn: Connection, member: bytes, *, before: bytes, types: Sequence[str] | None = None, limit: int
) -> Past:
    """Return a page of what happened to a member, of all types or of some."""
    rows = await store.before(conn, member, before, types, limit + 1, ORDER_COMPLETED)
    following = rows[limit - 1]["event_key"].bytes if len(rows) > limit else None
    return Past([_happened(row) for row in rows[:limit]], following, _last(rows[0]) if rows else None)


async def happened(conn: Connection, member: bytes, key: bytes) -> Past:
    """Return one event of a member as a page of its own. Raises `NotFound`, also when it is another member's."""
    row = await store.one(conn, member, key, ORDER_COMPLETED)
    if row is None:
        raise NotFound(what="order", key=str(UUID(bytes=key)))
    return Past([_happened(row)], None, _last(row))


async def told(conn: Connection, member: bytes, keys: Sequence[bytes]) -> Told:
    """Return what stands behind the events `keys` of a member, and when the member's last order was."""
    rows = await store.told(conn, member, keys, ORDER_COMPLETED)
    events = {key.bytes: behind(*of) for key, is_asked, _, *of in rows if is_asked}
    return Told(events, next((_at(row["event_key"].bytes) for row in rows if row["is_last"]), None))


async def outcomes(conn: Connection, events: Sequence[Happened]) -> dict[bytes, Outcome]:
    """Return by event key what was answered to some events at the time."""
    keys = {digest(event.source, event.id): event.key for event in events}
    answers = await store.answers(conn, list(keys)) if keys else {}
    return {keys[key]: _OUTCOME.decode(answer) for key, answer in answers.items()}


async def answers(conn: Connection, keys: Sequence[bytes]) -> dict[bytes, Outcome]:
    """Return what was answered to events, by the keys that `seen` knows them by."""
    return {key: _OUTCOME.decode(answer) for key, answer in (await store.answers(conn, keys)).items()}


def _at(key: bytes) -> datetime:
    return from_ms(int.from_bytes(key[:6], "big"))


def _last(row: Any) -> datetime | None:
    return _at(row["last_key"].bytes) if row["last_key"] else None


def _happened(row: Any) -> Happened:
    key, body = row["event_key"].bytes, row["body"]
    type_: str = row["type"]
    data = _DATA.get(type_, _ACTION).decode(_BODY.decode(body).data)
    return Happened(key, row["source"], row["id"], _at(key), row["received_at"], data, type_)
