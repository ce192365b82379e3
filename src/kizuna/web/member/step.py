"""The next best step of a member: one thing to do, a pure function of what the program offers and where the member stands.

Points about to lapse come first, then a tier within reach, then what can be redeemed, then how to get there.
"""

from dataclasses import dataclass
from datetime import date

from kizuna.web.history import SOON_DAYS
from kizuna.web.offer import Offer, year_end
from kizuna.web.views import MemberView, Words

NEAR = 4
"""A tier is within reach when at most one part in so many of its threshold is missing."""


@dataclass(frozen=True, slots=True)
class Step:
    """`kind`: "use_soon" | "save_soon" | "tier" | "redeem" | "reach" | "first" | "none".

    `points` and `amount` are those of the sentence; `soon` leave through `day`, the last of which `days_left` counts to.
    """

    kind: str
    points: int = 0
    amount: int | None = None
    tier: Words | None = None
    soon: int = 0
    day: date | None = None
    days_left: int = 0


def next_step(offer: Offer, member: MemberView, today: date) -> Step:  # noqa: PLR0911 - one return for each step
    """Return what helps this member most today."""
    redeemable = offer.redeemable(member.balance)
    missing = max(0, offer.least - member.balance)
    lot = member.lots[0] if member.lots else None
    if lot is not None and lot.expires_on is not None and (left := (lot.expires_on - today).days) <= SOON_DAYS:
        if redeemable:
            return Step("use_soon", redeemable, soon=lot.points, day=lot.expires_on, days_left=left)
        return Step("save_soon", missing, offer.spend_for(missing), soon=lot.points, day=lot.expires_on, days_left=left)
    tier = member.tier
    if member.orders and tier.remaining and tier.next_at and tier.remaining * NEAR <= tier.next_at:
        return Step("tier", amount=tier.remaining, tier=tier.next_name, day=year_end(today) if offer.by_year else None)
    if redeemable:
        return Step("redeem", redeemable)
    if not offer.rules:
        return Step("none")
    if not member.orders:
        amount = offer.spend_for(1)
        return Step("first", offer.earns(amount or 0), amount)
    return Step("reach", missing, offer.spend_for(missing))
