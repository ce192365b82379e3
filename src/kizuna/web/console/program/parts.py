"""The parts of a draft, and what may be done to them. Pure: a program goes in, a valid program comes out, or every fault."""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from kizuna.core.errors import N_, Kind, NotFound, Problem
from kizuna.program import Program, from_data
from kizuna.web.console.program.forms import ladder, operations, rules, small
from kizuna.web.console.program.forms.sheet import Bench, Raw, Sheet, id_for

NEW = "new"


@dataclass(frozen=True, slots=True)
class Part:
    """A kind of part. `place` is the path of its list in the document, or with `once` the entries that its form writes."""

    key: str
    place: str
    template: str
    fields: Callable[[Raw, Bench], dict[str, str]]
    read: Callable[[Sheet], Raw]
    blank: Callable[[Bench], Raw] | None = None

    @property
    def once(self) -> bool:
        """Whether there is one such part."""
        return self.blank is None


PARTS: Mapping[str, Part] = {
    part.key: part
    for part in (
        Part("campaigns", "campaigns", "rule", rules.campaign_fields, rules.read_campaign, rules.blank_campaign),
        Part("rules", "earning_rules", "rule", rules.fields_of, rules.read, rules.blank),
        Part("units", "units", "unit", small.unit_fields, small.read_unit, small.blank_unit),
        Part("groups", "groups", "group", small.group_fields, small.read_group, small.blank_group),
        Part("purposes", "purposes", "purpose", small.purpose_fields, small.read_purpose, small.blank_purpose),
        Part("segments", "segments", "segment", small.segment_fields, small.read_segment, small.blank_segment),
        Part("tiers", "tiers", "tiers", ladder.fields_of, ladder.read),
        Part("spending", "redemption returns", "spending", small.spending_fields, small.read_spending),
        Part("operations", "holds transfers pools adjustments", "operations", operations.fields_of, operations.read),
        Part("charities", "charities", "charity", operations.named_fields, operations.read_charity, operations.blank),
        Part(
            "reasons",
            "adjustments.reasons",
            "reason",
            operations.named_fields,
            operations.read_reason,
            operations.blank,
        ),
        Part("basics", "name unknown_member holidays", "basics", small.basics_fields, small.read_basics),
    )
}


class CannotGo(Problem):
    """A part that others speak of."""

    code = "part_in_use"
    kind = Kind.CONFLICT
    title = N_("“{name}” cannot be deleted: {reason}")
    remedy = N_("Change what speaks of it first.")


def raw_of(program: Program) -> Raw:
    """Return a program as plain data, without what is as usual."""
    return program.model_dump(mode="json", exclude_defaults=True)


def find(program: Program, part: Part, key: str) -> Raw:
    """Return the part `key` as plain data. Raises `NotFound`."""
    raw = raw_of(program)
    if part.once:
        once: Raw = raw["tiers"] if part.key == "tiers" else raw
        return once
    found = next((one for one in _list(raw, part.place) if one["id"] == key), None)
    if found is None:
        raise NotFound(what="part", key=key)
    there: Raw = found
    return there


def state_of(program: Program, part: Part, key: str) -> str:
    """Return a mark of what a part says: two forms that saw the same part carry the same."""
    if key == NEW:
        return ""
    try:
        raw: Any = find(program, part, key)
    except NotFound:
        return "gone"
    if part.once and part.key != "tiers":
        raw = {name: raw.get(name) for name in part.place.split()}
    return blake2b(json.dumps(raw, sort_keys=True).encode(), digest_size=8).hexdigest()


def place_of(program: Program, part: Part, key: str) -> str:
    """Return where a part stands in the document: the beginning of its faults' places."""
    if part.once:
        return "tiers" if part.key == "tiers" else ""
    there = _list(raw_of(program), part.place)
    number = next((at for at, one in enumerate(there) if one["id"] == key), len(there))
    return f"{part.place}.{number}"


def put(program: Program, part: Part, key: str, made: Raw) -> Program:
    """Return the program with a part in its place, or behind the others if it is new. Raises `ProgramInvalid`, `NotFound`."""
    raw = raw_of(program)
    if part.once:
        raw |= {"tiers": made} if part.key == "tiers" else made
    elif key == NEW:
        _list(raw, part.place).append(made)
    else:
        there = _list(raw, part.place)
        there[_at(there, key)] = made
    return from_data(raw)


def without(program: Program, part: Part, key: str) -> Program:
    """Return the program without a part. Raises `ProgramInvalid`, `NotFound`."""
    raw = raw_of(program)
    there = _list(raw, part.place)
    del there[_at(there, key)]
    return from_data(raw)


def doubled(program: Program, part: Part, key: str, names: Mapping[str, str]) -> tuple[Program, str]:
    """Return the program with a part once more, right behind it, and its id; `names` says "{name} (copy)" by language."""
    raw = raw_of(program)
    there = _list(raw, part.place)
    at = _at(there, key)
    copy = deepcopy(there[at])
    taken = {one["id"] for place in ("earning_rules", "campaigns", part.place) for one in _list(raw, place)}
    copy["id"] = id_for(None, taken, key[:32])
    copy["name"] = {lang: names[lang].format(name=text)[:200] for lang, text in copy["name"].items()}
    there.insert(at + 1, copy)
    return from_data(raw), str(copy["id"])


def moved(program: Program, part: Part, key: str, by: int) -> Program:
    """Return the program with a part further up (−1) or down (1) in its list; at an end it stays. Raises `NotFound`."""
    raw = raw_of(program)
    there = _list(raw, part.place)
    at = _at(there, key)
    to = min(max(at + by, 0), len(there) - 1)
    there.insert(to, there.pop(at))
    return from_data(raw)


def _list(raw: Raw, place: str) -> list[Raw]:
    """Return the list at a path of the document; where there is none it is put there, empty."""
    *above, last = place.split(".")
    for part in above:
        raw = raw.setdefault(part, {})
    there: list[Raw] = raw.setdefault(last, [])
    return there


def _at(there: list[Raw], key: str) -> int:
    for at, one in enumerate(there):
        if one["id"] == key:
            return at
    raise NotFound(what="part", key=key)
