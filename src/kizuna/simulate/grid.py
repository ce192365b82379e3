"""Many variants of one design: every combination of some values at some places of the document.

A place is a path of the document: names of fields, and ids (or numbers) of the elements of lists: `earning_rules.purchase.award.per`.
"""

from collections.abc import Sequence
from difflib import get_close_matches
from itertools import product
from typing import Any, NamedTuple

import yaml

from kizuna.core.errors import N_, Kind, Problem
from kizuna.program import from_data
from kizuna.simulate.run import Design

VARIANTS_MAX = 100


class PlaceUnknown(Problem):
    """A place of a grid is not in the document."""

    code = "grid_place_unknown"
    kind = Kind.INVALID
    title = N_("The program has no place “{place}”: there is no “{part}” in it.")
    remedy = N_("Name fields and ids, such as earning_rules.purchase.award.per. What is there: {known}.")


class GridTooLarge(Problem):
    """A grid has too many variants."""

    code = "grid_too_large"
    kind = Kind.INVALID
    title = N_("The grid has {variants} variants; {variants_max} are possible at once.")
    remedy = N_("Leave some values out.")


class AxisInvalid(Problem):
    """An axis of a grid cannot be read."""

    code = "grid_axis_invalid"
    kind = Kind.INVALID
    title = N_("“{value}” does not say which values to try.")
    remedy = N_("Write a place and its values, such as earning_rules.purchase.award.per=50,100,200.")


class PlaceTwice(Problem):
    """Two axes of a grid change one place, where only one value can stand."""

    code = "grid_place_twice"
    kind = Kind.INVALID
    title = N_("The place “{place}” stands twice in the grid.")
    remedy = N_("Write all its values once, such as {place}=50,100,200.")


class Axis(NamedTuple):
    """A place, and the values to try there."""

    place: str
    values: Sequence[Any]


def parse_axis(text: str) -> Axis:
    """Read `place=value,value`. Raises `AxisInvalid`."""
    place, equals, values = text.partition("=")
    try:
        read = [yaml.safe_load(value) for value in values.split(",") if value.strip()]
    except yaml.YAMLError as fault:
        raise AxisInvalid(field="grid", value=text) from fault
    if not equals or not place.strip() or not read:
        raise AxisInvalid(field="grid", value=text)
    return Axis(place.strip(), read)


def variants(design: Design, axes: Sequence[Axis]) -> list[tuple[tuple[Any, ...], Design]]:
    """Return every combination of values, and its design. Raises `PlaceTwice`, `GridTooLarge`, `PlaceUnknown`, `ProgramInvalid`."""
    places: set[str] = set()
    count = 1
    for axis in axes:
        if axis.place in places:
            raise PlaceTwice(field="grid", place=axis.place)
        places.add(axis.place)
        count *= len(axis.values)
    if count > VARIANTS_MAX:
        raise GridTooLarge(field="grid", variants=count, variants_max=VARIANTS_MAX)
    made = []
    for values in product(*(axis.values for axis in axes)):
        document = design.program.model_dump(mode="json")
        for axis, value in zip(axes, values, strict=True):
            _put(document, axis.place, value)
        made.append((values, design._replace(name=", ".join(map(str, values)), program=from_data(document))))
    return made


def _put(document: Any, place: str, value: Any) -> None:
    *way, last = place.split(".")
    here = document
    for part in way:
        here = _step(here, part, place)
    if isinstance(here, list):
        here[_index(here, last, place)] = value
    elif isinstance(here, dict):
        here[last] = value
    else:
        raise PlaceUnknown(field="grid", place=place, part=last, known="—")


def _step(here: Any, part: str, place: str) -> Any:
    if isinstance(here, list):
        return here[_index(here, part, place)]
    if isinstance(here, dict) and part in here:
        return here[part]
    known = list(here) if isinstance(here, dict) else []
    raise PlaceUnknown(field="grid", place=place, part=part, known=_near(part, known))


def _index(here: list[Any], part: str, place: str) -> int:
    ids = [str(one.get("id", number)) if isinstance(one, dict) else str(number) for number, one in enumerate(here)]
    if part in ids:
        return ids.index(part)
    if part.isdigit() and int(part) < len(here):
        return int(part)
    raise PlaceUnknown(field="grid", place=place, part=part, known=_near(part, ids))


def _near(part: str, known: Sequence[str]) -> str:
    near = get_close_matches(part, known, n=3)
    return ", ".join(near or known[:10]) or "—"
