"""PURE: a condition as a predicate. One text with `$1…$n`, and the values for them; every value is a parameter.

Two-valued like the engine: a comparison is never unknown, so that `not` is exactly the opposite.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from kizuna.program import (
    COMPARISONS,
    All,
    AnyOf,
    Compare,
    Condition,
    Fact,
    FactType,
    Is,
    Not,
    Program,
    Segment,
    member_facts,
)
from kizuna.segments import store
from kizuna.segments.model import SegmentInvalid

FEBRUARY_28, FEBRUARY_29 = 228, 229


@dataclass(frozen=True, slots=True)
class Predicate:
    """What has to be true of a member (of `store.COLUMNS`), and the values that it names by number."""

    text: str
    values: list[Any]


def predicate(program: Program, condition: Condition, today: date) -> Predicate:
    """Compile a condition for one day. Raises `SegmentInvalid`."""
    compiler = _Compiler(program, today)
    return Predicate(compiler.text(condition, ""), compiler.values)


def birthdays_on(today: date) -> list[int]:
    """Return which birthdays (month × 100 + day) are kept on a day: 29 February on the 28th where there is no 29th."""
    one = today.month * 100 + today.day
    has_29th = today.year % 4 == 0 and (today.year % 100 != 0 or today.year % 400 == 0)
    return [FEBRUARY_28, FEBRUARY_29] if one == FEBRUARY_28 and not has_29th else [one]


class _Compiler:
    def __init__(self, program: Program, today: date) -> None:
        self._facts = member_facts(program)
        self._segments = {segment.id: segment.condition for segment in program.segments}
        self._today = today
        self.values: list[Any] = []

    def text(self, condition: Condition, place: str) -> str:
        match condition:
            case All():
                parts = [self.text(part, f"{place}all.{number}.") for number, part in enumerate(condition.all)]
                return f"({' AND '.join(parts)})" if parts else "true"
            case AnyOf():
                parts = [self.text(part, f"{place}any.{number}.") for number, part in enumerate(condition.any)]
                return f"({' OR '.join(parts)})" if parts else "false"
            case Not():
                return f"NOT {self.text(condition.not_, f'{place}not.')}"
            case Segment():
                named = self._segments.get(condition.segment)
                if named is None:
                    raise self._invalid(f"{place}segment", condition.segment)
                return self.text(named, f"{place}segment.")
            case Compare():
                return self._compare(condition, place)

    def _compare(self, one: Compare, place: str) -> str:
        fact = self._facts.get(one.fact)
        if fact is None or one.fact not in store.FACTS:
            raise self._invalid(f"{place}fact", one.fact)
        if one.is_ not in COMPARISONS[fact.type] or isinstance(one.value, list) is not (one.is_ in store.LISTS):
            raise self._invalid(f"{place}is", one.fact)
        try:
            value = (
                [_plain(each, fact) for each in one.value] if isinstance(one.value, list) else _plain(one.value, fact)
            )
        except ValueError as fault:
            raise self._invalid(f"{place}value", one.fact) from fault
        told = store.FACTS[one.fact].format(today=self._today_at(one.fact))
        return store.COMPARED[one.is_].format(told=told, value=self._value(value, fact, one.is_))

    def _today_at(self, fact: str) -> str:
        """Return the parameter that tells the day as this fact needs it."""
        if fact == "member.is_birthday":
            return self._add(birthdays_on(self._today), "integer[]")
        if fact == "member.is_birthday_month":
            return self._add(self._today.month, "integer")
        return self._add(self._today, "date") if "{today}" in store.FACTS[fact] else ""

    def _value(self, value: Any, fact: Fact, how: Is) -> str:
        type_ = "boolean" if fact.type is FactType.FLAG else "bigint"
        return self._add(value, f"{type_}[]" if how in store.LISTS else type_)

    def _add(self, value: Any, type_: str) -> str:
        self.values.append(value)
        return f"${len(self.values)}::{type_}"

    def _invalid(self, place: str, fact: str) -> SegmentInvalid:
        known = ", ".join(name for name in self._facts if name in store.FACTS)
        return SegmentInvalid(field=place, fact=fact, known=known)


def _plain(value: bool | int | str, fact: Fact) -> int | bool:  # noqa: FBT001 - a condition's value, not a switch
    """Return a value as the database compares it: a rung by its place. Raises `ValueError` where there is none, or no such type."""
    if fact.type is FactType.RANK:
        return fact.choices.index(str(value))
    if isinstance(value, str) or isinstance(value, bool) is not (fact.type is FactType.FLAG):
        raise ValueError(value)
    return value
