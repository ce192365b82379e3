"""Units: what members collect. Spendable points, status points that only count towards tiers, and stamps.

A lot made on day d has a last day on which it may be spent; it is gone at the start of the day after. Where points wait
(`pending`), they are not in the balance until they are released.
"""

import datetime as dt
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from kizuna.program.base import ADay, Id, Strict, Text, Word, by_key, marked


class UnitKind(StrEnum):
    """`spendable` points buy rewards; `status` points only count, and are never spent; `stamps` are counted marks on a card.

    `money` is paid for, as on a gift card: a point of it is one minor unit of the brand's currency; no rule gives it.
    """

    SPENDABLE = "spendable"
    STATUS = "status"
    STAMPS = "stamps"
    MONEY = "money"


class AfterDays(Strict):
    """A lot made on day d may be spent through day d + after_days − 1."""

    after_days: Annotated[int, Field(ge=1, le=36_525)]


class AfterMonths(Strict):
    """A lot made on day d may be spent through the day before the same day `after_months` later (the month's last where none)."""

    after_months: Annotated[int, Field(ge=1, le=1_200)]


class CalendarEnd(StrEnum):
    """What a lot's end is rounded up to."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class EndOf(Strict):
    """A lot may be spent through the last day of the month, quarter or year it was made in, or of the `later`-th after it."""

    end_of: CalendarEnd = Field(strict=False)
    later: Annotated[int, Field(ge=0, le=100)] = 0


class OnDate(Strict):
    """A lot may be spent through one date, whenever it was made; points made after it are gone at once."""

    on: Annotated[dt.date, ADay]


class AfterIdle(Strict):
    """All lots lapse together when the member has had no order for `after_idle_days` days: through last order + days − 1."""

    after_idle_days: Annotated[int, Field(ge=1, le=36_525)]


PERIOD, NEVER = marked("period"), marked("never")
Expiry = Annotated[
    Annotated[AfterDays, Tag(marked("after_days"))]
    | Annotated[AfterMonths, Tag(marked("after_months"))]
    | Annotated[EndOf, Tag(marked("end_of"))]
    | Annotated[OnDate, Tag(marked("on"))]
    | Annotated[AfterIdle, Tag(marked("after_idle_days"))]
    | Annotated[Literal["never"], Tag(NEVER)],
    Discriminator(
        lambda value: (
            NEVER
            if isinstance(value, str)
            else by_key("after_days", "after_months", "end_of", "on", "after_idle_days", otherwise="after_days")(value)
        )
    ),
]


class RunsFrom(StrEnum):
    """From which day an expiry is counted: the day of the earning, or the day of the release."""

    EARNING = "earning"
    RELEASE = "release"


class PendingDays(Strict):
    """Points wait `days` days: earned on day d, released at the start of day d + days."""

    days: Annotated[int, Field(ge=1, le=3_650)]
    expiry_runs_from: RunsFrom = Field(default=RunsFrom.RELEASE, strict=False)


class PendingUntil(Strict):
    """Points wait for an event that names the same order: delivered, or its return window over."""

    until: Literal["order.delivered", "order.return_window_closed"]
    expiry_runs_from: RunsFrom = Field(default=RunsFrom.RELEASE, strict=False)


Pending = Annotated[
    Annotated[PendingDays, Tag(marked("days"))] | Annotated[PendingUntil, Tag(marked("until"))],
    Discriminator(by_key("until", otherwise="days")),
]


class Worth(Strict):
    """What points cost the brand when they are redeemed: `amount` minor units of its currency for `points`, an exact fraction."""

    points: Annotated[int, Field(ge=1, le=1_000_000)]
    amount: Annotated[int, Field(ge=0, le=1_000_000_000)]

    def of(self, points: int) -> int:
        """Return what `points` cost, in minor units; a half goes up."""
        return (2 * points * self.amount + self.points) // (2 * self.points)


class Unit(Strict):
    """A kind of points. `expiry: never` keeps them for ever. Without `worth`, nothing is said of what points cost."""

    id: Id
    name: Text
    kind: UnitKind = Field(default=UnitKind.SPENDABLE, strict=False)
    expiry: Expiry
    pending: Pending | None = None
    worth: Worth | None = None


class Purpose(Strict):
    """Where restricted points may be spent: only in these channels and only in these stores (an empty list: in all of them)."""

    id: Id
    name: Text
    channels: Annotated[list[Word], Field(max_length=200)] = []
    stores: Annotated[list[Word], Field(max_length=2_000)] = []


class LotTerms(Strict):
    """期間限定: what makes a rule's points other than the unit's ordinary ones. Left out: as the unit says."""

    expiry: Expiry | None = None
    only_for: Id | None = None
    """A purpose: the points may be spent only there."""
