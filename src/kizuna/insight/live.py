"""What happens right now: the newest events after a position in the outbox, never one twice and none stepped over.

A position says how far somebody has seen: (transaction, row) of the outbox. Of very many events only the newest are named;
all of them are counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import accumulate
from typing import Any, NamedTuple

from kizuna.core.days import from_ms
from kizuna.engine import EntryKind
from kizuna.insight import live_store as store
from kizuna.insight.store import count_events
from kizuna.intake import (
    CHANGES,
    HOLD_CONFIRMED,
    HOLD_PLACED,
    HOLD_VOIDED,
    MEMBER_ENROLLED,
    ORDER_COMPLETED,
    POINTS_ADJUSTED,
    POINTS_EXTENDED,
    POINTS_REDEEMED,
    POINTS_TRANSFERRED,
    REDEMPTION_REQUESTED,
    REDEMPTION_VOIDED,
)
from kizuna.ledger import POSTED
from kizuna.runtime.db import Connection

COMMITS_MAX = 200
"""So many commits are looked at in one go; what lies before them was too much to show."""


class Deed(StrEnum):
    """What somebody did, or what befell them."""

    JOIN = "join"
    ORDER = "order"
    REDEEM = "redeem"
    REFUSED = "refused"
    EXPIRE = "expire"
    CHANGE = "change"
    ACTION = "action"
    HOLD = "hold"
    VOID = "void"
    CONFIRM = "confirm"
    RESTORE = "restore"
    ADJUST = "adjust"
    EXTEND = "extend"
    TRANSFER = "transfer"


_OPERATIONS = {
    HOLD_PLACED: (Deed.HOLD, EntryKind.HOLD),
    HOLD_CONFIRMED: (Deed.CONFIRM, EntryKind.CONFIRM),
    HOLD_VOIDED: (Deed.VOID, EntryKind.VOID),
    POINTS_REDEEMED: (Deed.REDEEM, EntryKind.REDEEM),
    REDEMPTION_VOIDED: (Deed.RESTORE, EntryKind.RESTORE),
    POINTS_TRANSFERRED: (Deed.TRANSFER, EntryKind.TRANSFER),
    POINTS_ADJUSTED: (Deed.ADJUST, EntryKind.ADJUST),
    POINTS_EXTENDED: (Deed.EXTEND, EntryKind.EXTEND),
}
"""What an operation is, and the kind of entry that it is asked for."""


class Position(NamedTuple):
    """How far somebody has seen."""

    xid: int
    id: int


@dataclass(frozen=True, slots=True)
class Happening:
    """One event: `amount` is an order's (or by how much it changed) in minor units or a redemption's in points.

    `points` are the first unit's, with those that wait, and carry the member's sign. `type` is the event's, empty for an expiry.

    `reference` is the order's id or what the redemption names. `version` and `rule` name the rule that gave the most, None where none did.
    """

    key: bytes
    member: bytes
    name: str | None
    card: str | None
    deed: Deed
    amount: int
    points: int
    reference: str | None = None
    version: int | None = None
    rule: int | None = None
    type: str = ""

    @property
    def at(self) -> datetime:
        """When it happened."""
        return from_ms(int.from_bytes(self.key[:6], "big"))


@dataclass(frozen=True, slots=True)
class News:
    """What is new: the position after it, how many events in all, and the newest of them, oldest first."""

    position: Position
    events: int
    happenings: Sequence[Happening]


async def newest(conn: Connection) -> Position:
    """Return the position after everything that has settled."""
    row = await conn.fetchrow(store.SELECT_NEWEST)
    return Position(int(row["xid"]), row["id"]) if row else Position(0, 0)


async def since(conn: Connection, position: Position, limit: int) -> News:
    """Return what is new since `position`, naming at most `limit` events."""
    commits = await conn.fetch(store.SELECT_COMMITS, str(position.xid), position.id, COMMITS_MAX, POSTED)
    if not commits:
        return News(position, 0, [])
    sizes = await count_events(conn, [row["payload"] for row in commits])
    position = Position(int(commits[0]["xid"]), commits[0]["id"])
    return News(position, sum(size for _, size in sizes), await _happenings(conn, sizes, limit))


async def recent(conn: Connection, limit: int) -> Sequence[Happening]:
    """Return the newest `limit` events there are, oldest first."""
    commits = await conn.fetch(store.SELECT_COMMITS, "0", 0, limit, POSTED)
    return await _happenings(conn, await count_events(conn, [row["payload"] for row in commits]), limit)


_OWN = (list(_OPERATIONS), [int(kind) for _, kind in _OPERATIONS.values()])


async def _happenings(conn: Connection, sizes: Sequence[tuple[int, int]], limit: int) -> Sequence[Happening]:
    """Name the newest events of some commits, newest commit first; look at no more commits than that takes."""
    before = list(accumulate((size for _, size in sizes), initial=0))
    batches = [batch for (batch, _), seen in zip(sizes, before, strict=False) if seen < limit]
    told = [_told(row) for row in await conn.fetch(store.SELECT_HAPPENED, batches, limit, *_OWN)]
    lapsed = [
        Happening(row["key"], row["member"], row["name"], row["card"], Deed.EXPIRE, 0, row["points"])
        for row in await conn.fetch(store.SELECT_LAPSED, batches, max(0, limit - len(told)))
    ]
    return [*lapsed, *reversed(told)]


def _told(row: Any) -> Happening:
    # A member's id begins with the time of the event that enrolled them.
    if row["type"] in (ORDER_COMPLETED, MEMBER_ENROLLED) and row["member"][:6] == row["key"][:6]:
        deed = Deed.JOIN
    elif row["type"] == REDEMPTION_REQUESTED:
        deed = Deed.REFUSED if row["points"] is None else Deed.REDEEM
    elif row["type"] == ORDER_COMPLETED:
        deed = Deed.ORDER
    elif row["type"] in _OPERATIONS and row["points"] is not None:  # else only somebody else's, told of here too
        deed = _OPERATIONS[row["type"]][0]
    else:
        deed = Deed.CHANGE if row["type"] in CHANGES else Deed.ACTION
    ruled = row["rule"] is not None and row["rule"] >= 0
    return Happening(
        row["key"],
        row["member"],
        row["name"],
        row["card"],
        deed,
        row["amount"] or 0,
        row["points"] or 0,
        row["reference"],
        row["version"] if ruled else None,
        row["rule"] if ruled else None,
        row["type"],
    )
