"""A small judge of JSON Schema: the words that our own description uses, and no others, so that nothing goes unchecked."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

_SILENT = {"title", "description", "default", "$defs", "examples"}
_TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": int | float,
    "boolean": bool,
    "null": type(None),
}


def faults(value: Any, schema: dict[str, Any], root: dict[str, Any], place: str = "$") -> Iterator[str]:
    """Yield what is wrong with `value`, each with its place; `root` is the document that `$ref` points into."""
    for word, wanted in schema.items():
        if word not in _SILENT:
            yield from _JUDGES[word](value, wanted, root, place, schema)


def resolve(ref: str, root: Any) -> Any:
    """Return what a local reference names."""
    assert ref.startswith("#/"), ref
    for part in ref[2:].split("/"):
        root = root[part.replace("~1", "/").replace("~0", "~")]
    return root


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, _TYPES[kind]) and not (isinstance(value, bool) and kind in ("integer", "number"))


def _ref(value, wanted, root, place, _schema):
    yield from faults(value, resolve(wanted, root), root, place)


def _type(value, wanted, _root, place, _schema):
    kinds = [wanted] if isinstance(wanted, str) else wanted
    if not any(_is(value, kind) for kind in kinds):
        yield f"{place} is no {' or '.join(kinds)}: {value!r}"


def _properties(value, wanted, root, place, schema):
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in wanted:
                yield from faults(inner, wanted[name], root, f"{place}.{name}")
            elif "additionalProperties" not in schema and root.get("strict"):
                yield f"{place}.{name} is not described"


def _additional(value, wanted, root, place, schema):
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in schema.get("properties", {}):
                if wanted is False:
                    yield f"{place}.{name} is not allowed"
                elif isinstance(wanted, dict):
                    yield from faults(inner, wanted, root, f"{place}.{name}")


def _required(value, wanted, _root, place, _schema):
    if isinstance(value, dict):
        yield from (f"{place}.{name} is missing" for name in wanted if name not in value)


def _items(value, wanted, root, place, _schema):
    if isinstance(value, list):
        for number, inner in enumerate(value):
            yield from faults(inner, wanted, root, f"{place}[{number}]")


def _some(wanted_count: range):
    def judge(value, wanted, root, place, _schema):
        all_faults = [list(faults(value, one, root, place)) for one in wanted]
        if sum(not found for found in all_faults) not in wanted_count:
            yield f"{place} fits {sum(not found for found in all_faults)} of {len(wanted)}: {all_faults}"

    return judge


def _format(value, wanted, _root, place, _schema):
    if isinstance(value, str):
        try:
            {"date-time": datetime, "date": date}[wanted].fromisoformat(value)
        except ValueError:
            yield f"{place} is no {wanted}: {value!r}"


def _bound(fits):
    def judge(value, wanted, _root, place, _schema):
        if not isinstance(value, bool) and fits(value, wanted) is False:
            yield f"{place} is out of bounds ({wanted}): {value!r:.80}"

    return judge


def _number(compare):
    return _bound(lambda value, wanted: compare(value, wanted) if isinstance(value, int | float) else None)


def _length(kind, compare):
    return _bound(lambda value, wanted: compare(len(value), wanted) if isinstance(value, kind) else None)


def _at_least(value, wanted):
    return value >= wanted


def _at_most(value, wanted):
    return value <= wanted


_JUDGES = {
    "$ref": _ref,
    "type": _type,
    "properties": _properties,
    "additionalProperties": _additional,
    "required": _required,
    "items": _items,
    "anyOf": _some(range(1, 100)),
    "oneOf": _some(range(1, 2)),
    "allOf": lambda value, wanted, root, place, _schema: (
        fault for one in wanted for fault in faults(value, one, root, place)
    ),
    "enum": _bound(lambda value, wanted: value in wanted),
    "const": _bound(lambda value, wanted: value == wanted),
    "format": _format,
    "minimum": _number(_at_least),
    "maximum": _number(_at_most),
    "minLength": _length(str, _at_least),
    "maxLength": _length(str, _at_most),
    "minItems": _length(list, _at_least),
    "maxItems": _length(list, _at_most),
    "pattern": _bound(lambda value, wanted: bool(re.search(wanted, value)) if isinstance(value, str) else None),
}
