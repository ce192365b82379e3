"""What a document can say, and what a document says: fields and choices of the model, found by walking it.

Nothing is listed by hand: a field or a choice that is added to the model has to be shown in an example, or the test names it.
"""

import re
from collections.abc import Iterator
from enum import Enum
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from kizuna.program import Program, Text

Said = tuple[str, str]
"""A class and a field; an enum, or a field with a list of words, and one of its choices."""
_CHOICES = re.compile(r"\^\(([a-z|]+)\)\$")


def owner_of(model: type[BaseModel], name: str) -> str:
    """The class that declares a field: a campaign's award is the earning rule's."""
    return next(one.__name__ for one in reversed(model.__mro__) if name in vars(one).get("__annotations__", {}))


def can_say() -> set[Said]:
    """Everything that a document can say, from the program down."""
    found: set[Said] = set()
    for model in _models(Program):
        for name, field in model.model_fields.items():
            label = field.alias or name
            found.add((owner_of(model, name), label))
            found |= set(_choices(field, f"{owner_of(model, name)}.{label}"))
    return {said for said in found if said[0] != Text.__name__}


def says(value: Any) -> set[Said]:
    """Everything that a document says itself: what is left out is not said."""
    found: set[Said] = set()
    if isinstance(value, BaseModel) and not isinstance(value, Text):
        for name in value.model_fields_set:
            field, inside = type(value).model_fields[name], getattr(value, name)
            label = field.alias or name
            owner = owner_of(type(value), name)
            found.add((owner, label))
            if isinstance(inside, Enum):
                found.add((type(inside).__name__, str(inside.value)))
            elif isinstance(inside, str):
                found |= {said for said in _choices(field, f"{owner}.{label}") if said[1] == inside}
            found |= says(inside)
    elif isinstance(value, list):
        for one in value:
            found |= says(one)
    elif isinstance(value, dict):
        for one in value.values():
            found |= says(one)
    return found


@cache
def _models(model: type[BaseModel]) -> tuple[type[BaseModel], ...]:
    seen: dict[type[BaseModel], None] = {model: None}
    waiting = [model]
    while waiting:
        for field in waiting.pop().model_fields.values():
            for part in _parts(field.annotation):
                if isinstance(part, type) and issubclass(part, BaseModel) and part not in seen:
                    seen[part] = None
                    waiting.append(part)
    return tuple(seen)


def _parts(annotation: Any) -> Iterator[Any]:
    """Walk what an annotation is made of."""
    yield annotation
    if get_origin(annotation) is Annotated:
        yield from _parts(get_args(annotation)[0])
    elif get_origin(annotation) is not Literal:
        for part in get_args(annotation):
            yield from _parts(part)


def _choices(field: FieldInfo, place: str) -> Iterator[Said]:
    """The choices of a field: of an enum, by its name; of a literal or of a pattern that lists words, by the field's place."""
    for part in _parts(field.annotation):
        if isinstance(part, type) and issubclass(part, Enum):
            yield from ((part.__name__, str(one.value)) for one in part)
        elif get_origin(part) is Literal:
            yield from ((place, one) for one in get_args(part) if isinstance(one, str))
    for rule in field.metadata:
        if words := _CHOICES.fullmatch(str(getattr(rule, "pattern", None) or "")):
            yield from ((place, one) for one in words[1].split("|"))
