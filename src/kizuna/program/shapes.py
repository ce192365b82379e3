"""What pydantic refuses, in words of ours: every type of its errors becomes a fault that both languages can say.

A value that may be written in several forms is told as one fault, not as one for each form.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from pydantic import BaseModel

from kizuna.core.errors import N_
from kizuna.program.base import is_mark
from kizuna.program.faults import Fault, Misuse, Sort, listed, nearest, number, shown, use_one_of
from kizuna.program.messages import Message, Said, say

DOCUMENT = "document"
Loc = tuple[int | str, ...]
_KEY = "[key]"

MISSING = Sort("missing", N_("“{name}” is missing."), N_("Write “{name}” here."))
MISSING_LANGUAGE = Sort(
    "missing", N_("The words in the language “{name}” are missing."), N_("Write them in both languages, ja and en.")
)
UNKNOWN_ENTRY = Sort("unknown_entry", N_("There is no entry “{name}” here."))
NOT_TOGETHER = Sort(
    "not_together",
    N_("“{name}” cannot stand beside the other entries that are here."),
    N_("They are different forms: keep “{name}” or the others."),
)
NOT_WHOLE = Sort(
    "not_a_whole_number",
    N_("“{value}” is not a whole number."),
    N_("Write digits alone, without quotation marks: 100."),
)
NOT_TEXT = Sort(
    "not_a_text",
    N_("“{value}” is not a text."),
    N_("Write words; put quotation marks around what looks like a number."),
)
NOT_FLAG = Sort("not_a_flag", N_("“{value}” is neither true nor false."), N_("Write true or false."))
NOT_MAPPING = Sort("not_a_mapping", N_("“{value}” stands where several entries are needed."))
NOT_LIST = Sort("not_a_list", N_("“{value}” is not a list."), N_("Begin each part with “- ”, or write [a, b]."))
TOO_SMALL = Sort("too_small", N_("{value} is too small."), N_("Write {least} or more."))
TOO_LARGE = Sort("too_large", N_("{value} is too large."), N_("Write {most} or less."))
EMPTY = Sort("empty_text", N_("The text is empty."), N_("Write at least one character."))
TOO_LONG = Sort("text_too_long", N_("The text is longer than {most} characters."), N_("Shorten it."))
TOO_FEW = Sort("too_few", N_("At least {least} are needed here, and there are {count}."), N_("Add what is missing."))
TOO_MANY = Sort("too_many", N_("At most {most} can stand here."), N_("Take some away, or put several into one."))
NOT_CHOICE = Sort("not_a_choice", N_("“{value}” cannot stand here."))
NOT_DATE = Sort("not_a_date", N_("“{value}” is not a date."), N_("Write year, month and day, such as 2026-04-01."))
NOT_VALUE = Sort(
    "not_a_value",
    N_("“{value}” is nothing that can be compared."),
    N_("Write a whole number, a text, a date, true or false, or a list that is not empty."),
)
ITSELF = Sort(
    "contains_itself", N_("This part of the document contains itself."), N_("Write it out without the reference.")
)
NOT_READ = Sort(
    "not_understood", N_("“{value}” is not understood here."), N_("“kizuna program schema” prints what is allowed.")
)
NO_ID = Sort(
    "not_an_id",
    N_("“{value}” cannot be an id."),
    N_("Write small letters a–z, digits, - and _, beginning with a letter, 40 characters at most."),
)
NO_EVENT = Sort(
    "not_an_event_type",
    N_("“{value}” cannot be a type of event."),
    N_("Write words of small letters joined by dots, such as survey.answered."),
)
NO_FIELD = Sort(
    "not_a_field",
    N_("“{value}” cannot be the id of a field."),
    N_("Write small letters a–z, digits and _, beginning with a letter, 40 characters at most."),
)
NO_FACT = Sort(
    "not_a_fact",
    N_("“{value}” cannot be a fact."),
    N_("Write where it belongs, a dot and its name, such as order.amount."),
)
NO_COUNTRY = Sort("not_a_country", N_("“{value}” is not a country."), N_("Write its two capital letters, such as JP."))
NO_FORM = Sort(
    "wrong_form", N_("“{value}” does not have the form that is needed here."), N_("It must match {pattern}.")
)
NO_VERSION = Sort("unknown_format", N_("“{value}” is no version of the document format."), N_("Write the number 1."))

_PATTERNS = {
    r"^[a-z][a-z0-9_-]{0,39}$": NO_ID,
    r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$": NO_EVENT,
    r"^[a-z][a-z0-9_]{0,39}$": NO_FIELD,
    r"^[a-z_]+(\.[a-z][a-z0-9_-]*)+$": NO_FACT,
    r"^[A-Z]{2}$": NO_COUNTRY,
}
_CHOICES = re.compile(r"^\^\(([a-z|_]+)\)\$$")
_PLAIN = {
    "int_type": NOT_WHOLE,
    "int_from_float": NOT_WHOLE,
    "int_parsing": NOT_WHOLE,
    "string_type": NOT_TEXT,
    "bool_type": NOT_FLAG,
    "list_type": NOT_LIST,
    "date_type": NOT_DATE,
    "date_parsing": NOT_DATE,
    "union_tag_invalid": NOT_VALUE,
    "union_tag_not_found": NOT_VALUE,
    "recursion_loop": ITSELF,
    "string_too_short": EMPTY,
}
_BOUNDS = {
    "greater_than_equal": (TOO_SMALL, "least", "ge"),
    "less_than_equal": (TOO_LARGE, "most", "le"),
    "string_too_long": (TOO_LONG, "most", "max_length"),
    "too_long": (TOO_MANY, "most", "max_length"),
    "too_short": (TOO_FEW, "least", "min_length"),
}


def faults_of(errors: Iterable[Mapping[str, Any]], model: type[BaseModel]) -> list[Fault]:
    """Return the faults of pydantic's errors, in the order of the document.

    Where an entry of several forms is misspelt, what the form taken in its place lacks is not what is wrong; entries of two
    forms at once are one fault.
    """
    errors = list(errors)
    beside: dict[Loc, list[str]] = {}
    misspelt: set[Loc] = set()
    for error in errors:
        loc = error["loc"]
        if error["type"] == "extra_forbidden" and len(loc) > 1 and is_mark(loc[-2]):
            names = _names_at(model, loc[:-1])
            if loc[-1] in names:
                beside.setdefault(loc[:-1], []).append(str(loc[-1]))
            elif nearest(str(loc[-1]), names):
                misspelt.add(loc[:-1])
    found = []
    for error in errors:
        inside, name = error["loc"][:-1], error["loc"][-1] if error["loc"] else ""
        is_other = error["type"] == "extra_forbidden" and name in beside.get(inside, ())
        if inside in misspelt and (is_other or error["type"] == "missing"):
            continue
        if not is_other:
            found.append(_fault(error, model))
        elif name == beside[inside][0]:
            found.append(NOT_TOGETHER.at(place_of(inside), name=listed(beside[inside])))
    return found


def place_of(loc: Sequence[int | str]) -> str:
    """Return a place as a path of the document: without pydantic's marks."""
    return ".".join(str(part) for part in loc if not is_mark(part) and part != _KEY) or DOCUMENT


def _fault(error: Mapping[str, Any], model: type[BaseModel]) -> Fault:  # noqa: PLR0911 - one return for each kind of error
    loc, kind, bounds = error["loc"], error["type"], error.get("ctx") or {}
    place, value = place_of(loc), error.get("input")
    told = _told(value)
    match kind:
        case "missing":
            name = str(loc[-1])
            return (MISSING_LANGUAGE if name in {"ja", "en"} else MISSING).at(place, name=name)
        case "extra_forbidden":
            return UNKNOWN_ENTRY.at(place, use_one_of(loc[-1], _names_at(model, loc[:-1])), name=shown(loc[-1]))
        case "model_type" | "dict_type" | "model_attributes_type":
            return NOT_MAPPING.at(place, _entries(_names_at(model, loc)), value=told)
        case "literal_error" | "enum":
            choices = re.findall(r"'([^']*)'", str(bounds.get("expected", "")))
            return NOT_CHOICE.at(place, use_one_of(value, choices), value=told) if choices else _version(place, told)
        case "string_pattern_mismatch":
            return _unlike(place, value, str(bounds["pattern"]))
        case "value_error":
            return _refused(place, bounds.get("error"), told)
    if kind in _BOUNDS:
        sort, name, bound = _BOUNDS[kind]
        facts: dict[str, Said] = {name: number(bounds[bound])}
        facts["value"] = number(value) if isinstance(value, int) else told
        return sort.at(place, **facts, count=number(bounds.get("actual_length") or 0))
    return _PLAIN.get(kind, NOT_READ).at(place, value=told)


def _version(place: str, told: str) -> Fault:
    return NO_VERSION.at(place, value=told)


def _refused(place: str, by: object, told: str) -> Fault:
    """Return what a validator of ours refused; only dates and the format's version say so without words of their own."""
    if isinstance(by, Misuse):
        return Fault(place, by.fault.code, by.fault.reason, by.fault.remedy)
    return _version(place, told) if "." not in place else NOT_DATE.at(place, value=told)


def _told(value: object) -> str:
    """Return a value as the document writes it."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case dict():
            return shown("{" + ", ".join(str(key) for key in value) + "}")
        case list():
            return shown("[" + ", ".join(_told(part) for part in value[:9]) + "]")
        case _:
            return shown(value)


def _unlike(place: str, value: object, pattern: str) -> Fault:
    choices = _CHOICES.match(pattern)
    if choices:
        return NOT_CHOICE.at(place, use_one_of(value, choices[1].split("|")), value=_told(value))
    return _PATTERNS.get(pattern, NO_FORM).at(place, value=_told(value), pattern=pattern)


def _entries(names: Sequence[str]) -> Message:
    if not names:
        return say(N_("Write entries, each with a name, a colon and a value."))
    return say(N_("Write entries such as {names}."), names=listed(names[:6]))


@cache
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema()


def _names_at(model: type[BaseModel], loc: Sequence[int | str]) -> list[str]:
    """Return the entries that may stand at a place, in any of its forms."""
    schema = _schema(model)
    nodes = list(_forms(schema, schema))
    for part in loc:
        if not is_mark(part):
            nodes = [form for node in nodes for inner in _inside(node, part) for form in _forms(inner, schema)]
    return list(dict.fromkeys(name for node in nodes for name in node.get("properties", ())))


def _inside(node: dict[str, Any], part: int | str) -> Iterator[dict[str, Any]]:
    named = node.get("properties", {})
    inner = node.get("items") if isinstance(part, int) else named.get(part, node.get("additionalProperties"))
    if isinstance(inner, dict):
        yield inner


def _forms(node: dict[str, Any], schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a schema's node with its references followed and its forms taken apart."""
    if "$ref" in node:
        yield from _forms(schema["$defs"][node["$ref"].rpartition("/")[2]], schema)
        return
    forms = [form for word in ("anyOf", "oneOf", "allOf") for form in node.get(word, ())]
    for form in forms:
        yield from _forms(form, schema)
    if not forms:
        yield node
