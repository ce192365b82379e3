"""What happened, in one form: CloudEvents 1.0 with `data` of a known type, read strictly and answered exactly.

`Event` is what a caller sends; `Arrival` is the same after every check that needs no database; `Outcome` is what became of
it. An arrival is known by the hash of its source and id; its payload hash covers everything that was sent.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal, NamedTuple

import msgspec

from kizuna.engine import EntryKind, EventKind
from kizuna.intake.bought import Bought, Change
from kizuna.members import Identity
from kizuna.program import AMOUNT_MAX

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Amount = Annotated[int, msgspec.Meta(ge=0, le=AMOUNT_MAX)]
Points = Annotated[int, msgspec.Meta(ge=1, le=AMOUNT_MAX)]
Quantity = Annotated[int, msgspec.Meta(ge=0, le=AMOUNT_MAX)]
Ref = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$")]
"""The id of a hold, a redemption or a merge, as the API gave it."""
Words = Annotated[list[Name], msgspec.Meta(max_length=50)]

ORDER_COMPLETED = "order.completed"
REDEMPTION_REQUESTED = "redemption.requested"
ORDER_RETURNED = "order.returned"
ORDER_CANCELLED = "order.cancelled"
ORDER_AMENDED = "order.amended"
CHANGES = (ORDER_RETURNED, ORDER_CANCELLED, ORDER_AMENDED)
MEMBER_ENROLLED = "member.enrolled"
PROFILE_COMPLETED = "profile.completed"
REFERRAL_QUALIFIED = "referral.qualified"
OPERATIONS = frozenset(
    {
        "hold.placed", "hold.confirmed", "hold.voided", "points.redeemed", "redemption.voided", "points.transferred",
        "points.adjusted", "points.extended", "member.closed", "member.merged", "member.unmerged", "pool.opened", "pool.invited",
        "pool.joined", "pool.left", "pool.allowed", "pool.member_removed",
        "member.taken_over", "balance.opened",
        "import.undone",
    }
)  # fmt: skip
"""Types that only their own doors tell (`intake.operations`)."""


class OrderLine(msgspec.Struct, omit_defaults=True):
    """One line of an order. `amount` is minor units for the whole line, after its discount, tax included."""

    sku: Name
    amount: Annotated[int, msgspec.Meta(ge=-AMOUNT_MAX, le=AMOUNT_MAX)]
    quantity: Quantity = 1
    category: Name | None = None
    brand: Name | None = None
    tags: Words = []
    tax: Amount = 0
    discount: Amount = 0
    gift_card: bool = False


class OrderCompleted(msgspec.Struct, omit_defaults=True):
    """A customer bought. `amount` is what counts for the program, in minor units of the brand's currency.

    It is what the goods cost after discounts, tax included; `tax`, `discount`, `shipping` and the part paid with points are told beside
    it. `redemptions` are the redemptions (or confirmed holds) that paid a part, as the API gave their ids: when nothing of the order is
    kept, what is left of them is given back. They are told with the order; told again in an amended one they change nothing.
    """

    order_id: Name
    amount: Amount
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
    shop: Name | None = None
    store: Name | None = None
    channel: Name | None = None
    lines: Annotated[list[OrderLine], msgspec.Meta(max_length=1000)] = []
    tax: Amount = 0
    discount: Amount = 0
    shipping: Amount = 0
    paid_with_points: Amount = 0
    redemptions: Annotated[list[Ref], msgspec.Meta(max_length=20)] = []


class OrderAmended(OrderCompleted, omit_defaults=True):
    """What is kept of an order now, in full: after an exchange, or because an amount was wrong."""


class ReturnedLine(msgspec.Struct, omit_defaults=True):
    """Items of an order that came back. `amount` is what was given back for them; left out: their share of their line."""

    sku: Name
    quantity: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 1
    amount: Amount | None = None


class OrderReturned(msgspec.Struct, omit_defaults=True):
    """A part of an order came back: some `lines`, or an `amount`; neither: everything.

    `points_back` is how many of the points that paid for it are given back for a part, at most what is left of them; with everything
    all of them are.
    """

    order_id: Name
    shop: Name | None = None
    lines: Annotated[list[ReturnedLine], msgspec.Meta(max_length=1000)] = []
    amount: Points | None = None
    points_back: Points | None = None


class OrderNamed(msgspec.Struct, omit_defaults=True):
    """An order was cancelled, or delivered, or can no longer be returned."""

    order_id: Name
    shop: Name | None = None


class RedemptionRequested(msgspec.Struct, omit_defaults=True):
    """A member wants to spend points. It is granted whole or refused whole. `unit` left out: the program's first spendable one."""

    points: Points
    reference: Name | None = None
    unit: Name | None = None
    channel: Name | None = None
    store: Name | None = None


class ProfileTold(msgspec.Struct, omit_defaults=True, frozen=True):
    """What a member tells of themselves; what is left out stays as it is.

    `referred_by` is who brought them: an identity such as `email:…`, or the number of that member's card.
    """

    name: Name | None = None
    name_kana: Name | None = None
    birthday: date | None = None
    language: Annotated[str, msgspec.Meta(pattern="^[a-z]{2}$")] | None = None
    referred_by: Name | None = None


class Event(msgspec.Struct):
    """A CloudEvent as it is sent. `time` needs a zone. Extension attributes are kept and mean nothing to us."""

    id: Name
    source: Name
    type: Name
    time: datetime
    subject: Name
    data: msgspec.Raw
    specversion: Literal["1.0"] = "1.0"


class Told(NamedTuple):
    """What an event tells beside its amount. `order` is the hash that an order is known by, whichever source tells of it.

    `bought` is an order's content, or what an amended one comes to; `change` what a return or a cancellation takes away. `fields` are
    an action's own, checked when the program is known. `referrer` is who brought the member. `operation` is what is asked for where
    nothing happened that the program decides (`intake.operations`).
    """

    channel: str | None = None
    store: str | None = None
    unit: str | None = None
    order: bytes | None = None
    order_id: str = ""
    bought: Bought | None = None
    change: Change | None = None
    fields: dict[str, Any] | None = None
    profile: ProfileTold | None = None
    referrer: Identity | None = None
    operation: Any = None


NOTHING_TOLD = Told()


class Arrival(msgspec.Struct, frozen=True, gc=False):
    """An event that may be decided. `key` is what `seen` knows it by; `amount` is an order's or a redemption's.

    `body` is the whole event as canonical JSON (sorted keys, no space); `day` is the brand's local day, `minute` that day's. `is_again`
    says that it was told and taken back before.
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
    minute: int = 0
    told: Told = NOTHING_TOLD
    is_again: bool = False


class Behind(NamedTuple):
    """What stands behind an entry: who told it, the order or what was redeemed, the event's type and what an operation says beside."""

    source: str
    reference: str | None = None
    type: str = ""
    reason: str | None = None
    note: str | None = None
    timed_out: bool = False


class Move(NamedTuple):
    """One movement of an outcome; the numbers mean what they mean in `engine.Moves`. `version` is the rule's, 0 for none.

    `account` is what an operation's entry says beside (`ledger.Entry`).
    """

    kind: int
    points: int
    expires_on: int
    rule: int
    basis: int
    unit: int = 0
    restriction: int = 0
    raw: int = 0
    cut: int = 0
    release_on: int = -1
    version: int = 0
    account: str | None = None

    @property
    def by_time(self) -> bool:
        """Whether time alone made it, before the event: its entry's key is not the event's."""
        return self.kind == EntryKind.EXPIRE or (self.kind == EntryKind.RELEASE and self.release_on < EVENT_DAYS)


EVENT_DAYS = 2**31 - 3
"""From here on a release day names an event (`core.days`)."""


class Outcome(msgspec.Struct, array_like=True, frozen=True):
    """What became of an event: kept beside `seen`, so that the first answer can be given again.

    `points` is what the event itself gave or took of the first unit, signed, with what still waits; `balance` (of the first
    unit), `level` and `spend` (the figure that counts towards the tiers) are those right after it. `balances` and `pending` have one
    element a unit, by its number. `collect` is how many points a change asks to be paid for. `about` is what an operation tells beside.
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
    balances: list[int] = []
    pending: list[int] = []
    stage: int = 0
    collect: int = 0
    about: dict[str, Any] | None = None

    @property
    def figure(self) -> int:
        """What counts towards the tiers in the window of the day: spend, points or visits."""
        return self.spend
