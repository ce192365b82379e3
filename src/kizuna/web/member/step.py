"""The next best step of a member: one thing to do, a pure function of what the program offers and where the member stands.

Points about to lapse come first, then a tier about to fall, then the journey's own next step, a tier within reach, what can be
redeemed, and how to get there.
"""

from dataclasses import dataclass
from datetime import date

from kizuna.web.history import SOON_DAYS
from kizuna.web.offer import Offer
from kizuna.web.views import MemberView, StepView, TierView

NEAR = 4
"""A tier is within reach when at most one part in so many of its threshold is missing."""


@dataclass(frozen=True, slots=True)
class Step:
    """`kind`: "use_soon" | "save_soon" | "keep" | "journey" | "tier" | "redeem" | "reach" | "first" | "none".

    `points` and `amount` are those of the sentence; `soon` leave through `day`, the last of which `days_left` counts to. `tier` is
    where the member stands on the track that is meant; `todo` the journey's step.
    """

    kind: str
    points: int = 0
    amount: int | None = None
    tier: TierView | None = None
    soon: int = 0
    day: date | None = None
    days_left: int = 0
    todo: StepView | None = None


def next_step(offer: Offer, member: MemberView, today: date) -> Step:
    """Return what helps this member most today."""
    redeemable = offer.redeemable(member.balance)
    missing = max(0, offer.least - member.balance)
    lot = next((lot for lot in member.lots if not lot.when_idle), None)
    if lot is not None and lot.expires_on is not None and (left := (lot.expires_on - today).days) <= SOON_DAYS:
        if redeemable:
            return Step("use_soon", redeemable, soon=lot.points, day=lot.expires_on, days_left=left)
        return Step("save_soon", missing, offer.spend_for(missing), soon=lot.points, day=lot.expires_on, days_left=left)
    tier = member.tier
    if tier.warns and tier.keep and tier.valid_through is not None:
        left = max(0, (tier.valid_through - today).days)
        return Step("keep", amount=tier.keep, tier=tier, day=tier.valid_through, days_left=left)
    if member.journey is not None and member.journey.next is not None:
        return Step("journey", todo=member.journey.next)
    return _toward(offer, member, today, redeemable, missing)


def _toward(offer: Offer, member: MemberView, today: date, redeemable: int, missing: int) -> Step:
    """Return what there is to reach: the next tier if it is near, else something to redeem."""
    tier = member.tier
    if member.orders and tier.remaining and tier.next_at and tier.remaining * NEAR <= tier.next_at:
        return Step("tier", amount=tier.remaining, tier=tier, day=offer.window_ends(today))
    if redeemable:
        return Step("redeem", redeemable)
    if not offer.rules:
        return Step("none")
    if not member.orders:
        amount = offer.spend_for(1)
        return Step("first", offer.earns(amount or 0), amount)
    return Step("reach", missing, offer.spend_for(missing)) if offer.can_redeem else Step("none")
