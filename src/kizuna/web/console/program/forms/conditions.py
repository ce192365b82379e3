"""Conditions as rows: a fact, how it is compared, and a value in the control that fits it.

A row is made for every comparison of a flat `all` or `any`. What is deeper (or speaks of a fact that is not known here) is
a row that is only shown, and carried along as it is.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kizuna.core.errors import Problem
from kizuna.program import AMOUNT_MAX, COMPARISONS, Fact, FactType, Is
from kizuna.web import inputs
from kizuna.web.console.program.forms.sheet import Bench, NoChoice, NothingChosen, Raw, Sheet, shown_words

ROWS_MAX = 50
SEGMENT, KEPT = "segment", "kept"
IN, NOT_IN = "in", "not_in"
_LISTS = (Is.ONE_OF.value, Is.NONE_OF.value)
_AS_LIST = {Is.EQUALS.value: Is.ONE_OF.value, Is.DIFFERS.value: Is.NONE_OF.value}
_AS_ONE = {many: one for one, many in _AS_LIST.items()}
_ORDERED = (Is.AT_LEAST, Is.AT_MOST, Is.ABOVE, Is.BELOW, Is.EQUALS, Is.DIFFERS, Is.ONE_OF, Is.NONE_OF)
_MANY = (Is.ONE_OF, Is.NONE_OF)


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it is shown. `control` is "flag", "days", "list", "rank", "figure", "money", "date", "segment" or "kept"."""

    number: int
    fact: str
    control: str
    known: Fact | None
    offered: tuple[str, ...]
    raw: Raw | None = None


def offered(fact: Fact) -> tuple[str, ...]:
    """Return how a fact may be compared in the form: the same as in the document, one and many told alike."""
    if fact.type is FactType.FLAG:
        return (Is.EQUALS.value,)
    if fact.type is FactType.RANK:
        return tuple(one.value for one in (Is.AT_LEAST, Is.AT_MOST, *_MANY))
    if fact.choices or fact.type in {FactType.TEXT, FactType.SET}:
        return tuple(one.value for one in _MANY)
    return tuple(one.value for one in _ORDERED if one in COMPARISONS[fact.type])


def control(fact: Fact) -> str:
    """Return which control a fact's value has."""
    if fact.type is FactType.RANK:
        return "rank"
    if fact.choices:
        return "days"
    kinds = {FactType.FLAG: "flag", FactType.MONEY: "money", FactType.NUMBER: "figure", FactType.DATE: "date"}
    return kinds.get(fact.type, "list")


# From the document


def fields_of(node: Raw | None, prefix: str, facts: Mapping[str, Fact], bench: Bench) -> dict[str, str]:
    """Return a condition's fields."""
    match, nodes = _flat(node)
    fields = {f"{prefix}.match": match, f"{prefix}.rows": str(len(nodes))}
    for number, one in enumerate(nodes):
        for name, value in _row_fields(one, facts, bench).items():
            fields[f"{prefix}.{number}.{name}"] = value
    return fields


def _flat(node: Raw | None) -> tuple[str, list[Raw]]:
    if node is None:
        return "all", []
    for match in ("all", "any"):
        if match in node:
            return match, list(node[match])
    return "all", [node]


def _row_fields(node: Raw, facts: Mapping[str, Fact], bench: Bench) -> dict[str, str]:
    if "segment" in node:
        return {"fact": SEGMENT, "is": IN, "value": node["segment"]}
    if "segment" in node.get("not", {}):
        return {"fact": SEGMENT, "is": NOT_IN, "value": node["not"]["segment"]}
    fact = facts.get(node.get("fact", ""))
    fields = _compared(fact, node["is"], node["value"], bench) if fact else None
    return (
        {"fact": fact.name, **fields}
        if fact and fields
        else {"fact": KEPT, "kept": json.dumps(node, ensure_ascii=False)}
    )


def _compared(  # noqa: PLR0911 - one return for each control
    fact: Fact, how: str, value: Any, bench: Bench
) -> dict[str, str] | None:
    """Return how a comparison stands in its row, None where the row has no room for it."""
    kind = control(fact)
    if kind in {"days", "list", "rank"} and how in _AS_LIST:
        how, value = _AS_LIST[how], [value]
    if how not in offered(fact):
        return None
    many = how in _LISTS
    if isinstance(value, list) != many:
        return None
    match kind:
        case "flag":
            return {"is": how, "value": "yes" if value is True else "no"}
        case "rank" if not many:
            return {"is": how, "one": str(value)} if value in fact.choices else None
        case "days" | "rank":
            places = [fact.choices.index(one) for one in value if one in fact.choices]
            return {"is": how, **{f"has.{place}": "1" for place in places}} if len(places) == len(value) else None
        case "money":
            return {"is": how, "value": "; ".join(bench.major(one) for one in (value if many else [value]))}
    return {"is": how, "value": shown_words(value) if many else f"{value:,}" if isinstance(value, int) else str(value)}


# As it is shown


def rows(sheet: Sheet, prefix: str, facts: Mapping[str, Fact]) -> Iterator[Row]:
    """Return the rows that were typed."""
    for number in range(_count(sheet, prefix)):
        name = sheet[f"{prefix}.{number}.fact"]
        fact = facts.get(name)
        if name == SEGMENT:
            yield Row(number, name, SEGMENT, None, (IN, NOT_IN))
        elif fact is not None:
            yield Row(number, name, control(fact), fact, offered(fact))
        elif name:
            yield Row(
                number, KEPT, KEPT, None, (), _kept(sheet[f"{prefix}.{number}.kept"]) or _as_node(sheet, prefix, number)
            )


def _count(sheet: Sheet, prefix: str) -> int:
    text = sheet[f"{prefix}.rows"]
    return min(inputs.place(text) or 0, ROWS_MAX)


def _as_node(sheet: Sheet, prefix: str, number: int) -> Raw:
    """Return a row whose fact this occasion does not know, as well as it can be said."""
    at = f"{prefix}.{number}"
    return {"fact": sheet[f"{at}.fact"], "is": sheet[f"{at}.is"] or "equals", "value": sheet[f"{at}.value"] or "?"}


def _kept(text: str) -> Raw | None:
    try:
        raw = json.loads(text)
    except ValueError:
        return None
    return raw if isinstance(raw, dict) else None


def with_row(fields: dict[str, str], prefix: str, fact: str) -> dict[str, str]:
    """Return the fields with a further row for `fact`."""
    text = fields.get(f"{prefix}.rows", "0")
    number = inputs.place(text) or 0
    if number >= ROWS_MAX:
        return fields
    return {**fields, f"{prefix}.rows": str(number + 1), f"{prefix}.{number}.fact": fact}


def without_row(fields: dict[str, str], prefix: str, number: int) -> dict[str, str]:
    """Return the fields without a row; the rows after it move up."""
    kept: dict[str, str] = {}
    for name, value in fields.items():
        head, _, rest = name.removeprefix(f"{prefix}.").partition(".")
        row = inputs.place(head)
        if not name.startswith(f"{prefix}.") or row is None:
            kept[name] = value
        elif row != number:
            at = row - (row > number)
            kept[f"{prefix}.{at}.{rest}" if rest else f"{prefix}.{at}"] = value
    text = kept.get(f"{prefix}.rows", "0")
    kept[f"{prefix}.rows"] = str(max(0, (inputs.place(text) or 0) - 1))
    return kept


# To the document


def read(sheet: Sheet, prefix: str, facts: Mapping[str, Fact], old: Raw | None) -> Raw | None:
    """Return the condition typed, None where there is no row; what nobody touched stays as it was written."""
    if not sheet.touched(prefix):
        return old
    nodes = []
    for row in rows(sheet, prefix, facts):
        at = f"{prefix}.{row.number}"
        if row.control == KEPT:
            nodes.append(row.raw or {})
        elif row.control == SEGMENT:
            segment = {"segment": sheet[f"{at}.value"]}
            nodes.append({"not": segment} if sheet[f"{at}.is"] == NOT_IN else segment)
        elif row.known is not None:
            nodes.append(_read_row(sheet, at, row.known))
    if not nodes:
        return None
    return (
        nodes[0]
        if len(nodes) == 1
        else {sheet[f"{prefix}.match"] if sheet[f"{prefix}.match"] == "any" else "all": nodes}
    )


def _read_row(sheet: Sheet, at: str, fact: Fact) -> Raw:
    how = sheet[f"{at}.is"]
    how = how if how in offered(fact) else offered(fact)[0]
    kind, many = control(fact), how in _LISTS
    value: Any
    if kind == "flag":
        value = sheet[f"{at}.value"] != "no"
    elif kind in {"days", "rank"} and many:
        value = [choice for place, choice in enumerate(fact.choices) if sheet[f"{at}.has.{place}"]]
        if not value:
            sheet.entered.refuse(f"{at}.value", NothingChosen(field=at))
    elif kind == "rank":
        value = sheet[f"{at}.one"] or str(fact.choices[-1])
        if value not in fact.choices:
            sheet.entered.refuse(f"{at}.value", NoChoice(field=at))
    else:
        value = _typed(sheet, f"{at}.value", fact, many=many)
    if many and len(value) == 1 and how in _AS_ONE and fact.type is not FactType.SET:
        how, value = _AS_ONE[how], value[0]
    return {"fact": fact.name, "is": how, "value": value}


def _typed(sheet: Sheet, name: str, fact: Fact, *, many: bool) -> Any:
    """Return one value, or a list, as the fact's type writes it; an empty list where it was refused."""
    text = sheet[name]
    if fact.type in {FactType.TEXT, FactType.SET}:
        found = sheet.words(name)
        if not found:
            sheet.entered.refuse(name, inputs.Required(field=name))
        return found
    parts = [part for part in text.replace("；", ";").replace("\n", ";").split(";") if part.strip()] if many else [text]
    if many and len(parts) == 1 and fact.type is not FactType.MONEY:
        parts = sheet.words(name)
    try:
        values = [_one(part, name, fact, sheet.bench.brand.currency_digits) for part in parts or [""]]
    except Problem as problem:
        sheet.entered.refuse(name, problem)
        return [] if many else 0
    return values if many else values[0]


def _one(text: str, name: str, fact: Fact, digits: int) -> Any:
    if fact.type is FactType.MONEY:
        return inputs.amount(text, name, digits=digits, least=0, most=AMOUNT_MAX)
    if fact.type is FactType.DATE:
        return inputs.day(text, name).isoformat()
    return inputs.whole(text, name, least=0, most=AMOUNT_MAX)
