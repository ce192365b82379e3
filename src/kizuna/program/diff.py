"""What changed between two documents, as a person says it: "Double Friday: budget ¥300,000 → ¥500,000". Pure.

Equal documents have no difference, and any other two have at least one: every field of the document stands in a table of
`diff_fields`, and where both sides would be told alike, the values themselves are shown.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from kizuna.core.errors import N_
from kizuna.program.diff_fields import PROGRAM, Many, One, Part, Shape
from kizuna.program.messages import Message, Said, noted, say
from kizuna.program.model import Program


class ChangeKind(StrEnum):
    """What happened to a place of the document."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One change: `what` names it, `before` and `after` tell both sides (None where there was, or is, nothing).

    `place` is a path such as `campaigns.double-friday.budget`.
    """

    place: str
    kind: ChangeKind
    what: Message
    before: Said | None
    after: Said | None

    @property
    def sentence(self) -> Message:
        """The change in one line."""
        if self.before is None and self.after is None:
            return self.what
        if self.before is None:
            return say(N_("{what}: new: {after}"), what=self.what, after=self.after or "")
        if self.after is None:
            return say(N_("{what}: gone: {before}"), what=self.what, before=self.before)
        return say(N_("{what}: {before} → {after}"), what=self.what, before=self.before, after=self.after)


@dataclass(frozen=True, slots=True)
class _Sides:
    """Both documents: names are told by the one that they stand in."""

    old: Program
    new: Program


def difference(old: Program | None, new: Program) -> list[Change]:
    """Return what is to be done to `old` to have `new`; a first version is one addition."""
    if old is None:
        return [Change("", ChangeKind.ADDED, say(N_("The first version")), None, new.name)]
    return list(_parts(_Sides(old, new), "", (), PROGRAM, old, new))


def _parts(
    sides: _Sides, place: str, names: tuple[Said, ...], shape: Shape, old: BaseModel, new: BaseModel
) -> Iterator[Change]:
    for field, part in shape.parts.items():
        before, after = getattr(old, field), getattr(new, field)
        if before == after:
            continue
        at = f"{place}.{field}" if place else field
        match part:
            case Many():
                yield from _listed(sides, at, names, part, before, after)
            case One() if before is not None and after is not None:
                yield from _parts(sides, at, (*names, say(part.label)), part.shape, before, after)
            case _:
                yield _field(sides, at, names, part, (old, before), (new, after))


def _field(
    sides: _Sides, at: str, names: tuple[Said, ...], part: Part | One, old: tuple[Any, Any], new: tuple[Any, Any]
) -> Change:
    (owner, before), (new_owner, after) = old, new
    told_before = _told(sides.old, part, owner, before)
    told_after = _told(sides.new, part, new_owner, after)
    if told_before == told_after:
        told_before, told_after = _raw(before), _raw(after)
    kind = ChangeKind.ADDED if told_before is None else ChangeKind.REMOVED if told_after is None else ChangeKind.CHANGED
    return Change(at, kind, _named((*names, say(part.label))), told_before, told_after)


def _told(program: Program, part: Part | One, owner: Any, value: Any) -> Said | None:
    if value is None or value == []:
        return None
    return part.told(program, owner, value)


def _raw(value: Any) -> str | None:
    """Return a value as the document writes it."""
    if value is None:
        return None
    return json.dumps(_plain(value), ensure_ascii=False, default=str)


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _listed(
    sides: _Sides, at: str, names: tuple[Said, ...], part: Many, old: Sequence[Any], new: Sequence[Any]
) -> Iterator[Change]:
    before, after = _by_key(part, old), _by_key(part, new)
    if len(before) != len(old) or len(after) != len(new):  # ids that stand twice: places are all that tells them apart
        before, after = ({str(n): one for n, one in enumerate(side)} for side in (old, new))

    def of(one: Any) -> tuple[Said, ...]:
        return (*names, one.name) if part.is_named_alone else (*names, say(part.label), one.name)

    def whole(one: Any) -> tuple[Said, ...]:
        return of(one) if names else (say(part.label), one.name)

    for key, one in before.items():
        if key not in after:
            told = part.told(sides.old, one)
            yield Change(f"{at}.{key}", ChangeKind.REMOVED, _named(whole(one)), told, None)
    for key, one in after.items():
        if key not in before:
            told = part.told(sides.new, one)
            yield Change(f"{at}.{key}", ChangeKind.ADDED, _named(whole(one)), None, told)
        elif one != before[key]:
            yield from _parts(sides, f"{at}.{key}", of(one), part.shape, before[key], one)
    yield from _turned(at, names, part, before, after)


def _turned(
    at: str, names: tuple[Said, ...], part: Many, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Change]:
    """Tell of things that are on both sides, in another order."""
    kept, now = ([key for key in side if key in other] for side, other in ((before, after), (after, before)))
    if kept == now:
        return
    told_before, told_after = (noted(side[key].name for key in keys) for side, keys in ((before, kept), (after, now)))
    if told_before == told_after:
        told_before, told_after = ", ".join(kept), ", ".join(now)
    what = _named((*names, say(part.label), say(N_("sequence"))))
    yield Change(at, ChangeKind.CHANGED, what, told_before, told_after)


def _by_key(part: Many, items: Sequence[Any]) -> Mapping[str, Any]:
    return {getattr(one, part.key): one for one in items}


def _named(names: tuple[Said, ...]) -> Message:
    """Return "Double Friday: budget", the outer first."""
    told = names[0]
    for name in names[1:]:
        told = say(N_("{thing}: {part}"), thing=told, part=name)
    return told if isinstance(told, Message) else say(N_("{clauses}"), clauses=told)
