"""Conditions as kernels: a tree of the document becomes a tree of small functions of columns.

`split` divides a condition into what the event alone can tell, which is decided over the whole batch, and what needs the
member's memory, which is decided in rounds.
"""

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from kizuna.core.days import day_number
from kizuna.engine.asked import Asked, holiday_mask
from kizuna.engine.book import among
from kizuna.engine.events import Bools, Ints
from kizuna.program import (
    WEEKDAYS,
    All,
    AnyOf,
    Compare,
    Condition,
    Fact,
    FactType,
    Is,
    Not,
    Program,
    Scope,
    Segment,
    facts_of,
    holiday_days,
    member_facts,
)

Kernel = Callable[[Asked], Bools]


class Split(NamedTuple):
    """`now` needs only the event, `later` the member too; both have to hold. None: nothing to ask."""

    now: Kernel | None
    later: Kernel | None


class Conditions:
    """Compiles the conditions of one program."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._segments = {segment.id: segment.condition for segment in program.segments}
        self._holidays = np.array(holiday_days(program), np.int64)
        self._facts: dict[str, dict[str, Fact]] = {}

    def facts(self, event: str | None) -> dict[str, Fact]:
        """Return the facts of an event's type, or of members alone."""
        key = event or ""
        if key not in self._facts:
            self._facts[key] = facts_of(self._program, event) if event else member_facts(self._program)
        return self._facts[key]

    def segment(self, id_: str) -> Condition:
        """Return the condition of a segment."""
        return self._segments[id_]

    def split(self, event: str | None, *conditions: Condition | None) -> Split:
        """Compile conditions that all have to hold."""
        now: list[Kernel] = []
        later: list[Kernel] = []
        waiting = [condition for condition in conditions if condition is not None]
        while waiting:
            one = waiting.pop(0)
            if isinstance(one, All):
                waiting = [*one.all, *waiting]
            else:
                (later if self._needs_member(one, event) else now).append(self.kernel(one, event))
        return Split(_every(now), _every(later))

    def _needs_member(self, condition: Condition, event: str | None) -> bool:
        match condition:
            case All():
                return any(self._needs_member(part, event) for part in condition.all)
            case AnyOf():
                return any(self._needs_member(part, event) for part in condition.any)
            case Not():
                return self._needs_member(condition.not_, event)
            case Segment():
                return True
            case _:
                return self.facts(event)[condition.fact].scope is Scope.MEMBER

    def kernel(self, condition: Condition, event: str | None) -> Kernel:
        """Compile one condition."""
        match condition:
            case All():
                return _every([self.kernel(part, event) for part in condition.all]) or _always
            case AnyOf():
                return _some([self.kernel(part, event) for part in condition.any])
            case Not():
                inner = self.kernel(condition.not_, event)
                return lambda asked: ~inner(asked)
            case Segment():
                return self.kernel(self._segments[condition.segment], None)
            case _:
                return self._compare(condition, self.facts(event)[condition.fact])

    def _compare(self, one: Compare, fact: Fact) -> Kernel:
        values = one.value if isinstance(one.value, list) else [one.value]
        name, how = one.fact, one.is_
        if fact.type is FactType.SET:
            words = [str(value) for value in values]
            if how is Is.ONE_OF:
                return lambda asked: asked.has_any(name, words)
            return lambda asked: ~asked.has_any(name, words)
        if fact.type is FactType.TEXT and name != "time.weekday":
            return _text(name, how, [str(value) for value in values])
        if name == "time.is_holiday":
            wanted = bool(one.value)
            return lambda asked: holiday_mask(asked.day, self._holidays) == wanted
        return _number(name, how, np.array([_as_number(value, fact) for value in values], np.int64))


def _as_number(value: int | str, fact: Fact) -> int:
    if fact.name == "time.weekday":
        return WEEKDAYS.index(str(value))
    if fact.type is FactType.RANK:
        return fact.choices.index(value)
    if fact.type is FactType.DATE:
        return day_number(date.fromisoformat(str(value)))
    return int(value)


def _text(name: str, how: Is, words: list[str]) -> Kernel:
    def kernel(asked: Asked) -> Bools:
        told = asked.text(name)
        found = among(told, words)
        if how in (Is.EQUALS, Is.ONE_OF):
            return found
        others: Bools = ~found & (told.codes >= 0)
        return others

    return kernel


def _number(name: str, how: Is, wanted: Ints) -> Kernel:
    compare = _COMPARE[how]
    one: Ints | int = wanted[:, None] if how in (Is.ONE_OF, Is.NONE_OF) else int(wanted[0])

    def kernel(asked: Asked) -> Bools:
        value, there = asked.number(name)
        holds = compare(value, one)
        return holds if there is None else holds & there

    return kernel


_COMPARE: dict[Is, Callable[[Ints, Any], Bools]] = {
    Is.EQUALS: lambda value, wanted: value == wanted,
    Is.DIFFERS: lambda value, wanted: value != wanted,
    Is.AT_LEAST: lambda value, wanted: value >= wanted,
    Is.AT_MOST: lambda value, wanted: value <= wanted,
    Is.ABOVE: lambda value, wanted: value > wanted,
    Is.BELOW: lambda value, wanted: value < wanted,
    Is.ONE_OF: lambda value, wanted: np.logical_or.reduce(value == wanted, axis=0),
    Is.NONE_OF: lambda value, wanted: np.logical_and.reduce(value != wanted, axis=0),
}


def _every(kernels: list[Kernel]) -> Kernel | None:
    if len(kernels) < 2:
        return kernels[0] if kernels else None
    return lambda asked: np.logical_and.reduce([kernel(asked) for kernel in kernels])


def _some(kernels: list[Kernel]) -> Kernel:
    if not kernels:
        return lambda asked: np.zeros(len(asked.at), np.bool_)
    return lambda asked: np.logical_or.reduce([kernel(asked) for kernel in kernels])


def _always(asked: Asked) -> Bools:
    return np.ones(len(asked.at), np.bool_)
