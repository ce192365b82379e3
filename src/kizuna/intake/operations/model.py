"""What people and shops ask for beside telling what happened: each an event of its own type, told by its own door only.

An operation is canonical like any event (id, source, time, subject, data) and walks the same road; its points are moved by the
ledger's hands instead of the engine. `by` names who asked: an API key (`key:…`), a person of the console (`user:…`), the member on My Page
(`member`), or Kizuna itself.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated

import msgspec

from kizuna.intake.model import Amount, Name, Points, ProfileTold, Ref

HOLD_PLACED = "hold.placed"
HOLD_CONFIRMED = "hold.confirmed"
HOLD_VOIDED = "hold.voided"
POINTS_REDEEMED = "points.redeemed"
REDEMPTION_VOIDED = "redemption.voided"
POINTS_TRANSFERRED = "points.transferred"
POINTS_ADJUSTED = "points.adjusted"
POINTS_EXTENDED = "points.extended"
MEMBER_CLOSED = "member.closed"
MEMBER_MERGED = "member.merged"
MEMBER_UNMERGED = "member.unmerged"
POOL_OPENED = "pool.opened"
POOL_INVITED = "pool.invited"
POOL_JOINED = "pool.joined"
POOL_LEFT = "pool.left"
POOL_ALLOWED = "pool.allowed"
POOL_MEMBER_REMOVED = "pool.member_removed"
MEMBER_TAKEN_OVER = "member.taken_over"
BALANCE_OPENED = "balance.opened"
IMPORT_UNDONE = "import.undone"

Note = Annotated[str, msgspec.Meta(max_length=500)]
PoolName = Annotated[str, msgspec.Meta(min_length=1, max_length=60, pattern=r"\S")]
CodeHash = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$")]
"""What an invitation is known by here: the hash of its code. The code itself is kept nowhere."""
Minutes = Annotated[int, msgspec.Meta(ge=1, le=43_200)]
ORDERS_MAX = 30_000
"""So many orders a member can bring; an event counts no more."""
MEMBER = "member"
"""Who asks where the subject does, on My Page."""
KIZUNA = "kizuna"
"""Who asks where nobody did: time."""


class PoolKind(StrEnum):
    """Who shares: a household, whose members may all spend, or an organisation, whose head says who may."""

    HOUSEHOLD = "household"
    ORGANISATION = "organisation"


class Operation(msgspec.Struct, omit_defaults=True, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all operations have in common."""

    by: Name = KIZUNA


class Spending(Operation, omit_defaults=True, frozen=True, kw_only=True):
    """Points to be spent. `unit` left out: the program's first spendable one. `from_pool`: from the whole pool, soonest to end first.

    `reward` says for what and `charity` to which cause of the program; at most one of both.
    """

    points: Points
    unit: Name | None = None
    reference: Name | None = None
    channel: Name | None = None
    store: Name | None = None
    reward: Name | None = None
    charity: Name | None = None
    from_pool: bool = False


class PointsRedeemed(Spending, omit_defaults=True, frozen=True, kw_only=True):
    """Spend at once."""


class HoldPlaced(Spending, omit_defaults=True, frozen=True, kw_only=True):
    """Reserve for `minutes`; left out: as the program says."""

    minutes: Minutes | None = None


class HoldConfirmed(Operation, omit_defaults=True, frozen=True, kw_only=True):
    """Redeem what is held, or only `points` of it: the rest is given back."""

    hold: Ref
    points: Points | None = None
    order_id: Name | None = None
    shop: Name | None = None


class HoldVoided(Operation, omit_defaults=True, frozen=True, kw_only=True):
    """Give back what is held; `timed_out` where nobody asked but the time was over."""

    hold: Ref
    timed_out: bool = False


class RedemptionVoided(Operation, omit_defaults=True, frozen=True, kw_only=True):
    """Give back what a redemption took, or only `points` of it."""

    redemption: Ref
    points: Points | None = None
    note: Note | None = None


class PointsTransferred(Operation, omit_defaults=True, frozen=True, kw_only=True):
    """Give points to another member, `to` being any identity of theirs."""

    to: Name
    points: Points
    unit: Name | None = None
    note: Note | None = None


class PointsAdjusted(Operation, omit_defaults=True, frozen=True, kw_only=True):
    """Correct by hand: add points (as a lot with its last day, `expires_on` or the unit's), or take them (negative).

    `may_owe`: where fewer are there than are taken, the rest is owed.
    """

    points: int
    reason: Name
    unit: Name | None = None
    note: Note | None = None
    expires_on: date | None = None
    only_for: Name | None = None
    may_owe: bool = False


class PointsExtended(Operation, omit_defaults=True, frozen=True, kw_only=True):
    """Let open points end no earlier than `through`; with `ending_by` only those that would end by then."""

    through: date
    reason: Name
    unit: Name | None = None
    ending_by: date | None = None
    note: Note | None = None


class MemberClosed(Operation, omit_defaults=True, frozen=True, kw_only=True):
    """Close an account: what it holds is forfeited, what it owes written off. `reason` is for the books."""

    note: Note | None = None


class MemberMerged(Operation, omit_defaults=True, frozen=True, kw_only=True):
    """The subject is the same person as `into`, who stays."""

    into: Name
    note: Note | None = None


class MemberUnmerged(Operation, omit_defaults=True, frozen=True, kw_only=True):
    """A merge was a mistake: both are as they were, and what happened since is the survivor's."""

    merge: Ref
    note: Note | None = None


class PoolOpened(Operation, omit_defaults=True, frozen=True, kw_only=True):
    """Form a pool, a household or an organisation; the subject is its head."""

    name: PoolName
    kind: PoolKind = PoolKind.HOUSEHOLD


class PoolInvited(Operation, omit_defaults=True, frozen=True, kw_only=True):
    """The subject, the head of a pool, invites somebody: whoever knows the code may join once."""

    invitation: CodeHash
    pool: Ref | None = None


class PoolJoined(Operation, omit_defaults=True, frozen=True, kw_only=True):
    """The subject joins the pool that an invitation names; `pool`, where told, must be that one."""

    invitation: CodeHash
    pool: Ref | None = None


class PoolLeft(Operation, omit_defaults=True, frozen=True, kw_only=True):
    """The subject leaves their pool, with their own points; `pool`, where told, must be theirs."""

    pool: Ref | None = None


class PoolAllowed(Operation, omit_defaults=True, frozen=True, kw_only=True):
    """The subject, the head of a pool, says whether a member of it may spend from it."""

    member: Name
    may_spend: bool
    pool: Ref | None = None


class PoolMemberRemoved(Operation, omit_defaults=True, frozen=True, kw_only=True):
    """The subject, the head of a pool, takes a member out of it."""

    member: Name
    pool: Ref | None = None


class MemberTakenOver(Operation, omit_defaults=True, frozen=True, kw_only=True):
    """A member of another program: named by the subject and by `identities`, who joined there on `joined_on`.

    `tier` is a rung of the program's tiers, `tier_through` its last day (left out: as if reached now).
    """

    identities: list[Name] = []
    profile: ProfileTold = ProfileTold()
    joined_on: date | None = None
    tier: Name | None = None
    tier_through: date | None = None
    closed: bool = False


class OpeningLot(msgspec.Struct, omit_defaults=True, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Points that a member brings, with their last day: `expires_on`, none at all (`forever`), or the unit's own, from now on."""

    points: Points
    expires_on: date | None = None
    forever: bool = False
    only_for: Name | None = None


class BalanceOpened(Operation, omit_defaults=True, frozen=True, kw_only=True):
    """What a member brings of one unit: `lots`, and what they owe; or figures: orders and spend so far.

    `figure` is what counts towards the tiers in the window of today; left out: what orders and spend tell of a window of all time.
    """

    unit: Name | None = None
    lots: list[OpeningLot] = []
    debt: Amount = 0
    orders: Annotated[int, msgspec.Meta(ge=0, le=ORDERS_MAX)] = 0
    spend: Amount = 0
    figure: Amount | None = None
    last_order: date | None = None

    @property
    def has_figures(self) -> bool:
        """Whether it tells figures."""
        return bool(self.orders or self.spend or self.figure or self.last_order)


class ImportUndone(Operation, omit_defaults=True, frozen=True, kw_only=True):
    """What an import run brought a member is taken back, for the time `undoing` (from 0)."""

    run: Name
    undoing: int = 0


TYPES: Mapping[str, type[Operation]] = {
    HOLD_PLACED: HoldPlaced,
    HOLD_CONFIRMED: HoldConfirmed,
    HOLD_VOIDED: HoldVoided,
    POINTS_REDEEMED: PointsRedeemed,
    REDEMPTION_VOIDED: RedemptionVoided,
    POINTS_TRANSFERRED: PointsTransferred,
    POINTS_ADJUSTED: PointsAdjusted,
    POINTS_EXTENDED: PointsExtended,
    MEMBER_CLOSED: MemberClosed,
    MEMBER_MERGED: MemberMerged,
    MEMBER_UNMERGED: MemberUnmerged,
    POOL_OPENED: PoolOpened,
    POOL_INVITED: PoolInvited,
    POOL_JOINED: PoolJoined,
    POOL_LEFT: PoolLeft,
    POOL_ALLOWED: PoolAllowed,
    POOL_MEMBER_REMOVED: PoolMemberRemoved,
    MEMBER_TAKEN_OVER: MemberTakenOver,
    BALANCE_OPENED: BalanceOpened,
    IMPORT_UNDONE: ImportUndone,
}
