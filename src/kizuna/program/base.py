"""What every part of the document is made of: strict immutable data, ids, words in both languages, exact fractions."""

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
"""Lower-case letters, digits, `-` and `_`, beginning with a letter: stable for ever, shown to nobody but engineers."""

Word = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""A value that events carry, such as a SKU, a category or a store: compared exactly."""

AMOUNT_MAX = 10**11
"""The largest amount of one event, in minor units: beyond it a number is a mistake, not a purchase."""

TIMES_MAX = 20
"""The largest multiplier, and the largest denominator of one."""

Amount = Annotated[int, Field(ge=0, le=AMOUNT_MAX)]
Points = Annotated[int, Field(ge=1, le=10**9)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]


class Strict(BaseModel):
    """Unknown keys, coerced types and later changes are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, serialize_by_alias=True)


class Text(Strict):
    """Words in the brand's languages; Japanese and English are both required."""

    ja: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    en: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Times(Strict):
    """A multiplier as an exact fraction: `times: 3` is ×3, `{times: 3, over: 2}` is ×1.5."""

    times: Annotated[int, Field(ge=0, le=TIMES_MAX)]
    over: Annotated[int, Field(ge=1, le=TIMES_MAX)] = 1


class Within(StrEnum):
    """A stretch of the brand's calendar: a day, a week from Monday, a month, a quarter, a year, or all time."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    EVER = "ever"


def marked(mark: str) -> str:
    """Return a mark of pydantic's union, which stands in no document; `shapes` takes marks out of places."""
    return f"⟨{mark}⟩"


def is_mark(part: object) -> bool:
    """Whether a part of one of pydantic's places is such a mark."""
    return isinstance(part, str) and part.startswith("⟨")


def by_key(*keys: str, otherwise: str) -> Callable[[Any], str]:
    """Tell the members of a union apart by the first of `keys` that is there (in a mapping or a model)."""

    def tell(value: Any) -> str:
        for key in keys:
            there = key in value if isinstance(value, dict) else getattr(value, key, None) is not None
            if there:
                return marked(key)
        return marked(otherwise)

    return tell


def _a_day(value: object) -> object:
    """Read a date as YAML and JSON write it."""
    from datetime import date  # noqa: PLC0415 - pydantic's strict mode takes a date, JSON has none

    return date.fromisoformat(value) if isinstance(value, str) else value


ADay = BeforeValidator(_a_day)
