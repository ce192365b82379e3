"""What happened, in one form: CloudEvents 1.0 with a `data` of a known type, read strictly and answered exactly.

`Event` is what a caller sends; `Arrival` is the same after every check that needs no database; `Outcome` is what became of
it. An arrival is known by the hash of its source and id; its payload hash covers everything that was sent.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, NamedTuple

import msgspec

from kizuna.engine import EventKind
from kizuna.members import Identity
from kizuna.program import AMOUNT_MAX

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Amount = Annotated[int, msgspec.Meta(ge=0, le=AMOUNT_MAX)]
Points = Annotated[int, msgspec.Meta(ge=1, le=AMOUNT_MAX)]

ORDER_COMPLETED = "order.completed"
REDEMPTION_REQUESTED = "redemption.requested"


class OrderLine(msgspec.Struct, omit_defaults=True):
    """One line of an order. `amount` is minor units for the whole line."""

    sku: Name
    amount: Annotated[int, msgspec.Meta(ge=-AMOUNT_MAX, le=AMOUNT_MAX)]
    quantity: Annotated[int, msgspec.Meta(ge=0, le=AMOUNT_MAX)] = 1


class OrderCompleted(msgspec.Struct, omit_defaults=True):
    """A customer bought. `amount` is what counts for the program, in minor units of the brand's currency."""

    order_id: Name
    amount: Amount
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
    shop: Name | None = None
    store: Name | None = None
    channel: Name | None = None
    lines: Annotated[list[OrderLine], msgspec.Meta(max_length=1000)] = []


class RedemptionRequested(msgspec.Struct, omit_defaults=True):
    """A member wants to spend points. It is granted whole or refused whole."""

    points: Points
    reference: Name | None = None


class Event(msgspec.Struct):
    """A CloudEvent as it is sent. `time` needs a zone. Extension attributes are kept and mean nothing to us."""

    id: Name
    source: Name
    type: Name
    time: datetime
    subject: Name
    data: msgspec.Raw
    specversion: Literal["1.0"] = "1.0"


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event that may be decided. `key` is what `seen` knows it by; `amount` is an order's or a redemption's.

    `body` is the whole event as canonical JSON (sorted keys, no space); `day` is the brand's local day.
    """

    key: bytes
    payload_hash: bytes
    event_key: bytes
    kind: EventKind
    type: str
    source: str
    id: str
    at_ms: int
    day: int
    amount: int
    identity: Identity
    body: str


class Move(NamedTuple):
    """One movement of an outcome; the numbers mean what they mean in `engine.Moves`."""

    kind: int
    points: int
    expires_on: int
    rule: int
    basis: int


class Outcome(msgspec.Struct, array_like=True, frozen=True):
    """What became of an event: kept beside `seen`, so that the first answer can be given again.

    `points` is what the event itself moved, signed; `balance`, `level` and `spend` are those right after it.
    """

    event_key: bytes
    member: bytes
    version: int
    refusal: int
    points: int
    balance: int
    level_before: int
    level: int
    spend: int
    day: int
    moves: list[Move]
    replayed: bool = False
