"""Tiers: rungs of a track, how they are reached, how long they are kept, and what they bring.

The figure that counts (spend, points of a unit, visits) is summed over the window that holds the event's day. A rung is
reached at once, and kept at least through the end of its holding; then a review compares the figure again.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from kizuna.program.base import AMOUNT_MAX, Id, Strict, Text


class Window(StrEnum):
    """Over which time the figure is summed, in the brand's time zone; `rolling` is `months` months, the current one included."""

    CALENDAR_YEAR = "calendar_year"
    CALENDAR_QUARTER = "calendar_quarter"
    CALENDAR_MONTH = "calendar_month"
    ROLLING = "rolling"
    LIFETIME = "lifetime"


class Held(StrEnum):
    """How long a rung that was reached is kept: to the end of its window, or to the end of the window after it."""

    WINDOW = "window"
    NEXT_WINDOW = "next_window"


class Downgrade(StrEnum):
    """Where a review may put a member: where the figure says, or one rung lower at most."""

    TO_FIGURE = "to_figure"
    ONE_STEP = "one_step"


class TierOnReturn(StrEnum):
    """Whether a return that undoes the figure also takes the rung back that it had reached."""

    TAKE_BACK = "take_back"
    KEEP = "keep"


class TierLevel(Strict):
    """One rung: reached when the figure within the window is at least `at` (minor units, points or visits)."""

    id: Id
    name: Text
    at: Annotated[int, Field(ge=0, le=AMOUNT_MAX)]
    benefits: Annotated[list[Text], Field(max_length=20)] = []


class Tiers(Strict):
    """A track. The first rung starts at 0 and is everybody's."""

    by: Literal["spend", "points", "visits"]
    unit: Id | None = None
    """Which unit's earned points count, with `by: points`."""
    window: Window = Field(strict=False)
    months: Annotated[int, Field(ge=1, le=36)] = 12
    """How long a rolling window is."""
    held: Held = Field(default=Held.NEXT_WINDOW, strict=False)
    grace_days: Annotated[int, Field(ge=0, le=366)] = 0
    """How many days longer a rung is kept before the review."""
    downgrade: Downgrade = Field(default=Downgrade.TO_FIGURE, strict=False)
    warn_days: Annotated[int, Field(ge=0, le=366)] = 30
    """How many days before a review that would lower the rung the member is told."""
    on_return: TierOnReturn = Field(default=TierOnReturn.TAKE_BACK, strict=False)
    levels: Annotated[list[TierLevel], Field(min_length=1, max_length=20)]


class Track(Tiers):
    """A further track beside the program's tiers, such as visits beside spend."""

    id: Id
    name: Text
