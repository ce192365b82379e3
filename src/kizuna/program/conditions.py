"""Conditions: a typed tree over published facts. One tree, three readings: NumPy kernels, SQL, and a sentence.

`all: []` is true and `any: []` is false. A fact that is not there (an order without a store, a member without a
birthday) makes its comparison false, whatever the comparison; `not` around it makes that true.
"""

import datetime as dt
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Field, Tag

from kizuna.program.base import AMOUNT_MAX, Id, Strict, Word, by_key, marked


class Is(StrEnum):
    """How a fact is compared; `facts.COMPARISONS` says which comparisons each type allows.

    `one_of` and `none_of` take a list: of a set (the goods of an order) any of them is there, or none. Tiers and stages are ordered as
    the document orders them.
    """

    EQUALS = "equals"
    DIFFERS = "differs"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    ABOVE = "above"
    BELOW = "below"
    ONE_OF = "one_of"
    NONE_OF = "none_of"


Number = Annotated[int, Field(ge=-AMOUNT_MAX, le=AMOUNT_MAX)]


def _plain(value: Any) -> Any:
    """YAML reads an unquoted date as one; conditions keep dates as text."""
    if isinstance(value, dt.date):
        return value.isoformat()
    return [_plain(one) for one in value] if isinstance(value, list) else value


_FORMS = {bool: marked("flag"), int: marked("number"), str: marked("text"), list: marked("list")}


def _form(value: Any) -> str | None:
    """Tell the forms of a value apart, so that a value in none of them is one fault."""
    return _FORMS.get(type(value))


One = Annotated[Annotated[Number, Tag(_FORMS[int])] | Annotated[Word, Tag(_FORMS[str])], Discriminator(_form)]
Value = Annotated[
    Annotated[bool, Tag(_FORMS[bool])]
    | Annotated[Number, Tag(_FORMS[int])]
    | Annotated[Word, Tag(_FORMS[str])]
    | Annotated[list[One], Field(min_length=1, max_length=2_000), Tag(_FORMS[list])],
    Discriminator(_form),
    BeforeValidator(_plain),
]


class Compare(Strict):
    """`{fact: order.amount, is: at_least, value: 3000}`."""

    fact: Annotated[str, Field(pattern=r"^[a-z_]+(\.[a-z][a-z0-9_-]*)+$", max_length=100)]
    is_: Is = Field(alias="is", strict=False)
    value: Value


class Segment(Strict):
    """`{segment: regulars}`: the member belongs to a segment that the document names."""

    segment: Id


class All(Strict):
    """Every one of them is true."""

    all: Annotated[list["Condition"], Field(max_length=50)]


class AnyOf(Strict):
    """At least one of them is true."""

    any: Annotated[list["Condition"], Field(max_length=50)]


class Not(Strict):
    """It is false."""

    not_: "Condition" = Field(alias="not")


def _tell(value: Any) -> str:
    kinds: dict[type, str] = {All: "all", AnyOf: "any", Not: "not", Segment: "segment", Compare: "fact"}
    if type(value) in kinds:
        return marked(kinds[type(value)])
    return by_key("all", "any", "not", "segment", otherwise="fact")(value)


Condition = Annotated[
    Annotated[All, Tag(marked("all"))]
    | Annotated[AnyOf, Tag(marked("any"))]
    | Annotated[Not, Tag(marked("not"))]
    | Annotated[Segment, Tag(marked("segment"))]
    | Annotated[Compare, Tag(marked("fact"))],
    Discriminator(_tell),
]
for _model in (All, AnyOf, Not):
    _model.model_rebuild()


def leaves(condition: Condition | None, place: str = "") -> Iterator[tuple[str, Compare | Segment]]:
    """Walk a tree's comparisons, each with its place (such as `all.0.not`)."""
    match condition:
        case All():
            for number, part in enumerate(condition.all):
                yield from leaves(part, f"{place}.all.{number}")
        case AnyOf():
            for number, part in enumerate(condition.any):
                yield from leaves(part, f"{place}.any.{number}")
        case Not():
            yield from leaves(condition.not_, f"{place}.not")
        case Compare() | Segment():
            yield place, condition
