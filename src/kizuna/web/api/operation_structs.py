"""What operations are asked for with, and what they answer, as msgspec structs: decoded, encoded, documented and tested alike."""

from datetime import date, datetime
from typing import Literal

import msgspec

from kizuna.intake import Minutes, Name, Note, Points
from kizuna.web.api.structs import EntryAnswer, EntryKindName, LotAnswer, WaitingAnswer, Words

HoldState = Literal["open", "confirmed", "voided", "timed_out"]


class Asked(msgspec.Struct, omit_defaults=True, kw_only=True, forbid_unknown_fields=True):
    """What is asked for; a field that there is not is refused."""


class SpendingAsked(Asked, omit_defaults=True, kw_only=True, forbid_unknown_fields=True):
    """Points to spend. `member` is an id or any identity, such as `card:9000000000000001`.

    `unit` left out is the program's first spendable one. `reward` says for what, `charity` to which cause of the program; one of both at
    most. `channel` and `store` say where: restricted points can only be spent in their places. `from_pool`: from the whole family or
    group, what ends first.
    """

    member: Name
    points: Points
    unit: Name | None = None
    reference: Name | None = None
    channel: Name | None = None
    store: Name | None = None
    reward: Name | None = None
    charity: Name | None = None
    from_pool: bool = False


class HoldAsked(SpendingAsked, omit_defaults=True, kw_only=True, forbid_unknown_fields=True):
    """Points to set aside for `minutes`; left out, for as long as the program says."""

    minutes: Minutes | None = None


class RedemptionAsked(SpendingAsked, omit_defaults=True, kw_only=True, forbid_unknown_fields=True):
    """Points to spend at once."""


class ConfirmAsked(Asked, omit_defaults=True, kw_only=True, forbid_unknown_fields=True):
    """How many of the held points are redeemed, all unless told; the rest goes back. `order_id` and `shop` name the order."""

    points: Points | None = None
    order_id: Name | None = None
    shop: Name | None = None


class VoidAsked(Asked, omit_defaults=True, kw_only=True, forbid_unknown_fields=True):
    """A hold that is not wanted any more: nothing has to be said of it."""


class RedemptionVoidAsked(Asked, omit_defaults=True, kw_only=True, forbid_unknown_fields=True):
    """How many points of a redemption go back, all that are left of it unless told."""

    points: Points | None = None
    note: Note | None = None


class TransferAsked(Asked, omit_defaults=True, kw_only=True, forbid_unknown_fields=True):
    """Points that `member` gives to another member, `to`; both are ids or identities. `note` is what the giver writes to the receiver."""

    member: Name
    to: Name
    points: Points
    unit: Name | None = None
    note: Note | None = None


class ExtensionAsked(Asked, omit_defaults=True, kw_only=True, forbid_unknown_fields=True):
    """Let a member's open points end no earlier than `through`; with `ending_by` only those that would end by then.

    `reason` is one of Kizuna's own (apology, correction, goodwill, gift_card) or of the program's.
    """

    member: Name
    through: date
    reason: Name
    unit: Name | None = None
    ending_by: date | None = None
    note: Note | None = None


class MergeAsked(Asked, omit_defaults=True, kw_only=True, forbid_unknown_fields=True):
    """Two members who are one person: `member` goes into `into`, who stays."""

    member: Name
    into: Name
    note: Note | None = None


class NoteAsked(Asked, omit_defaults=True, kw_only=True, forbid_unknown_fields=True):
    """Why, for whoever asks later; it may be left out."""

    note: Note | None = None


class Done(msgspec.Struct, omit_defaults=True, kw_only=True):
    """What an operation did. `points` is by how much it changed the balance of the first unit, signed; `balance` is that right after it.

    `balances` has every unit, where there are several; `entries` are the movements, each with its why. `replayed`: this is the first answer
    once more.
    """

    member: str
    points: int
    balance: int
    entries: list[EntryAnswer]
    balances: dict[str, int] | None = None
    replayed: bool = False


class HoldAnswer(Done, omit_defaults=True, kw_only=True):
    """A hold right after something was done with it. `redemption` is the id by which confirmed points can be given back."""

    hold: str
    state: HoldState
    held: int
    redeemed: int
    unit: str
    expires_at: datetime
    redemption: str | None = None


class RedemptionAnswer(Done, omit_defaults=True, kw_only=True):
    """Points that were spent; `redemption` is the id by which they can be given back."""

    redemption: str
    redeemed: int
    unit: str


class RedemptionVoidAnswer(Done, omit_defaults=True, kw_only=True):
    """Points of a redemption that went back, and how many are `left` of it."""

    redemption: str
    restored: int
    left: int
    unit: str


class TransferAnswer(Done, omit_defaults=True, kw_only=True):
    """Points that were given; `member`, `balance` and `entries` are the giver's."""

    transfer: str
    transferred: int
    unit: str


class ExtensionAnswer(Done, omit_defaults=True, kw_only=True):
    """How many points end later now."""

    extension: str
    extended: int
    unit: str


class MergeAnswer(Done, omit_defaults=True, kw_only=True):
    """Who went into whom, or is back (`undone`). `merge` is the id by which it can be undone."""

    merge: str
    gone: str
    kept: str
    undone: bool = False


class ClosedAnswer(Done, omit_defaults=True, kw_only=True):
    """An account that is closed, and how many points of the first unit it had."""

    closed: bool
    forfeited: int


class HoldView(msgspec.Struct, omit_defaults=True, kw_only=True):
    """A hold as it stands: of the `points` asked for, how many are `held` now, or were `redeemed`.

    `timed_out` is so from its last moment on, even where its points are about to go back.
    """

    hold: str
    member: str
    state: HoldState
    unit: str
    points: int
    held: int
    redeemed: int
    placed_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    reference: str | None = None


class UnitBalance(msgspec.Struct, kw_only=True):
    """What a member has of a unit.

    `balance` is less what is owed (`debt`) and without what holds reserve (`held`, each in `holds`); `available` is what can be spent of
    it. `pending` is still to come, each in `waiting` with its day. `lots` are the open points, those that end first at the head.
    """

    unit: str
    name: Words
    kind: Literal["spendable", "status", "stamps", "money"]
    balance: int
    available: int
    pending: int
    waiting: list[WaitingAnswer]
    held: int
    holds: list[HoldView]
    debt: int
    lots: list[LotAnswer]


class BalancesAnswer(msgspec.Struct, kw_only=True):
    """What a member has, unit by unit, as of `as_of`. A member who was merged is the one who stayed."""

    member: str
    status: Literal["open", "closed", "merged"]
    as_of: datetime
    units: list[UnitBalance]


class PastBalance(msgspec.Struct):
    """What a member had of a unit: what could be spent (negative for a debt), what holds reserved, what was still to come."""

    unit: str
    name: Words
    balance: int
    held: int
    pending: int


class PastBalancesAnswer(msgspec.Struct):
    """What a member had at a past instant, unit by unit."""

    member: str
    at: datetime
    units: list[PastBalance]


class SumAnswer(msgspec.Struct, omit_defaults=True):
    """What the entries of one unit and kind, and of one `account` within it, come to."""

    unit: str
    kind: EntryKindName
    entries: int
    points: int
    account: str | None = None


class StatementAnswer(msgspec.Struct, kw_only=True):
    """What a member had when the day `from` began, every entry oldest first, their sums, and what was there when the day `to` ended."""

    member: str
    from_: date = msgspec.field(name="from")
    to: date
    opening: list[PastBalance]
    entries: list[EntryAnswer]
    sums: list[SumAnswer]
    closing: list[PastBalance]
