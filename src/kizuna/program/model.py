"""The program document: what a brand designs, as immutable data.

A document is valid on its own: ids are unique, tiers rise strictly from 0, every rule names a unit that exists, every
number is an integer. Points are integers, money is minor units of the brand's currency, rates are exact fractions.
The JSON Schema that `kizuna program schema` prints is made from these classes.
"""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    model_validator,
)

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
"""Lower-case letters, digits, `-` and `_`, beginning with a letter: stable for ever, shown to nobody but engineers."""

AMOUNT_MAX = 10**11
"""The largest amount of one event, in minor units: beyond it a number is a mistake, not a purchase."""

_RATE_MAX = 100


class Strict(BaseModel):
    """Unknown keys, coerced types and later changes are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Text(Strict):
    """Words in the brand's languages; Japanese and English are both required."""

    ja: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    en: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Rounding(StrEnum):
    """What becomes of the fraction of a point; with `nearest`, a half goes up."""

    DOWN = "down"
    NEAREST = "nearest"
    UP = "up"


class AfterDays(Strict):
    """A lot issued on day d may be spent through day d + after_days − 1 and is gone at the start of day d + after_days."""

    after_days: Annotated[int, Field(ge=1, le=36_525)]


PERIOD, NEVER = "⟨period⟩", "⟨never⟩"
"""Marks of pydantic's union, which stand in no document; `document` takes them out of places."""


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
    expiry: Annotated[
        Annotated[AfterDays, Tag(PERIOD)] | Annotated[Literal["never"], Tag(NEVER)],
        Discriminator(lambda expiry: NEVER if isinstance(expiry, str) else PERIOD),
    ]
    worth: Worth | None = None


class Award(Strict):
    """`points` for every `per` minor units of the order's amount, as an exact fraction, rounded once per event."""

    points: Annotated[int, Field(ge=1, le=1_000_000)]
    per: Annotated[int, Field(ge=1, le=1_000_000_000)]
    rounding: Rounding = Field(default=Rounding.DOWN, strict=False)

    @model_validator(mode="after")
    def _stays_countable(self) -> Self:
        if self.points > _RATE_MAX * self.per:
            raise ValueError(
                f"{self.points} points per {self.per} is over {_RATE_MAX} points per minor unit; raise “per”"
            )
        return self


class EarningRule(Strict):
    """What earns points. Rules add up: an event earns by every rule that it meets."""

    id: Id
    name: Text
    event: Literal["order.completed"]
    unit: Id
    award: Award


class TierLevel(Strict):
    """One rung: reached when the spend within the window is at least `at` minor units."""

    id: Id
    name: Text
    at: Annotated[int, Field(ge=0, le=AMOUNT_MAX)]


class Window(StrEnum):
    """Over which time spend is counted: a calendar year in the brand's time zone, or a whole life."""

    CALENDAR_YEAR = "calendar_year"
    LIFETIME = "lifetime"


class Held(StrEnum):
    """How long a rung that was reached is kept: to the end of its window, or to the end of the window after it."""

    WINDOW = "window"
    NEXT_WINDOW = "next_window"


class Tiers(Strict):
    """The tier track by spend. A rung is reached at once; the first rung starts at 0 and is everybody's."""

    by: Literal["spend"]
    window: Window = Field(strict=False)
    held: Held = Field(default=Held.NEXT_WINDOW, strict=False)
    levels: Annotated[list[TierLevel], Field(min_length=1, max_length=20)]

    @model_validator(mode="after")
    def _rises_from_zero(self) -> Self:
        if self.levels[0].at != 0:
            raise ValueError("the first level starts at 0: everybody has it from the first day")
        for below, above in zip(self.levels, self.levels[1:], strict=False):
            if above.at <= below.at:
                raise ValueError(f"levels rise: {above.id} starts at {above.at}, not above {below.id}'s {below.at}")
        _unique([level.id for level in self.levels], "level")
        return self


class Redemption(Strict):
    """Which sums may be redeemed: at least `minimum`, in steps of `step` points, at most the balance; checked in this order."""

    minimum: Annotated[int, Field(ge=1, le=1_000_000_000)] = 1
    step: Annotated[int, Field(ge=1, le=1_000_000_000)] = 1


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
    units: Annotated[list[Unit], Field(min_length=1, max_length=1)]
    tiers: Tiers
    earning_rules: Annotated[list[EarningRule], Field(max_length=200)]
    redemption: Redemption = Redemption()

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        _unique([unit.id for unit in self.units], "unit")
        _unique([rule.id for rule in self.earning_rules], "earning rule")
        units = {unit.id for unit in self.units}
        for rule in self.earning_rules:
            if rule.unit not in units:
                known = ", ".join(sorted(units))
                raise ValueError(f"earning rule {rule.id} awards the unit {rule.unit}, which is not one of: {known}")
        return self


def _unique(ids: list[str], what: str) -> None:
    doubled = {id_ for id_ in ids if ids.count(id_) > 1}
    if doubled:
        raise ValueError(f"two {what}s share the id {min(doubled)}; give each its own")
