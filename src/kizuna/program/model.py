"""The program document: what a brand designs, as immutable data.

The classes hold the shape; `check` holds what has to agree across the document. Points are integers, money is minor units
of the brand's currency, rates are exact fractions, days are days of the brand's calendar. The JSON Schema that `kizuna program
schema` prints is made from these classes. A rule's number is its place among `rules`: earning rules first, then campaigns.
"""

import datetime as dt
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from kizuna.program.base import ADay, Id, Strict, Text
from kizuna.program.conditions import Condition
from kizuna.program.events import EventType
from kizuna.program.journey import Journey
from kizuna.program.operations import Adjustments, Charity, Holds, Pools, Transfers
from kizuna.program.rules import Campaign, EarningRule, Group, ReferralOffer
from kizuna.program.tiers import Tiers, Track
from kizuna.program.units import Purpose, Unit


class Holidays(Strict):
    """Which days are public holidays: a country's, and dates of the brand's own."""

    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] = "JP"
    more: Annotated[list[Annotated[dt.date, ADay]], Field(max_length=400)] = []


class NamedSegment(Strict):
    """A named audience: a condition that speaks of the member alone."""

    id: Id
    name: Text
    condition: Condition


class Redemption(Strict):
    """Which sums may be redeemed: at least `minimum`, in steps of `step` points, at most the balance; checked in this order."""

    minimum: Annotated[int, Field(ge=1, le=1_000_000_000)] = 1
    step: Annotated[int, Field(ge=1, le=1_000_000_000)] = 1


class Returns(Strict):
    """What happens when points that a return takes back were spent already.

    `debt`: the balance goes below zero and the next earnings repay it. `other_points`: other open points of the unit are taken
    first, what is still missing is debt. `ask_for_payment`: the answer says what to collect, nothing is owed. `write_off`: forgiven.
    Points that have lapsed meanwhile are always written off. Changes of orders older than `days` days are refused.
    """

    spent: Literal["debt", "other_points", "ask_for_payment", "write_off"] = "debt"
    days: Annotated[int, Field(ge=1, le=3_660)] = 366
    grace_days: Annotated[int, Field(ge=0, le=366)] = 0
    """For how many days points may still be spent that come back after their last day (0: they lapse at once)."""


def _a_number(value: object) -> object:
    """Refuse true, which Python takes for 1."""
    if isinstance(value, bool):
        raise ValueError("the format's version is the number 1")  # noqa: TRY004 - pydantic reports ValueError with its place
    return value


class Program(Strict):
    """One version of a brand's loyalty program."""

    program: Annotated[Literal[1], BeforeValidator(_a_number), Field(description="The document format's version")]
    name: Text
    unknown_member: Literal["create", "refuse"] = Field(
        default="create",
        description="What an event does whose member is unknown: enrol the member, or be refused",
    )
    holidays: Holidays = Holidays()
    units: Annotated[list[Unit], Field(min_length=1, max_length=8)]
    purposes: Annotated[list[Purpose], Field(max_length=60)] = []
    event_types: Annotated[list[EventType], Field(max_length=100)] = []
    segments: Annotated[list[NamedSegment], Field(max_length=100)] = []
    tiers: Tiers
    tracks: Annotated[list[Track], Field(max_length=4)] = []
    groups: Annotated[list[Group], Field(max_length=50)] = []
    earning_rules: Annotated[list[EarningRule], Field(max_length=200)]
    campaigns: Annotated[list[Campaign], Field(max_length=300)] = []
    referral: ReferralOffer | None = None
    journey: Journey | None = None
    redemption: Redemption = Redemption()
    returns: Returns = Returns()
    holds: Holds = Holds()
    transfers: Transfers | None = Field(default=None, description="Left out: points cannot be transferred")
    charities: Annotated[list[Charity], Field(max_length=100)] = []
    pools: Pools | None = Field(default=None, description="Left out: everybody spends only what is theirs")
    adjustments: Adjustments = Adjustments()

    @cached_property
    def rules(self) -> tuple[EarningRule, ...]:
        """Earning rules, then campaigns: a rule's number is its place here."""
        return (*self.earning_rules, *self.campaigns)
