"""What is said of a program before it is in a language: a message id with typed facts, which nest. Pure data.

A face translates a message and its facts together (`kizuna.web.tell`). Plain texts among the facts are values of the brand's own (a
category, a store): they are shown as they are.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from kizuna.core.errors import N_
from kizuna.program.base import Text, Times
from kizuna.program.model import Program
from kizuna.program.units import Unit, UnitKind

SHOWN_MAX = 4
"""So many values of a list are named, the others counted."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message id and what fills it. With `many`, `facts["n"]` decides which of both forms is said."""

    msgid: str
    facts: "Mapping[str, Said]" = field(default_factory=dict)
    many: str = ""

    def __str__(self) -> str:
        """Return it in English, for logs and engineers."""
        msgid = self.many if self.many and self.facts.get("n") != 1 else self.msgid
        return msgid.format(**{name: fact.en if isinstance(fact, Text) else fact for name, fact in self.facts.items()})


@dataclass(frozen=True, slots=True)
class Money:
    """Minor units of the brand's currency."""

    minor: int


@dataclass(frozen=True, slots=True)
class Sum:
    """Points of a unit: "120 pt" of the program's own points, else by the unit's name; stamps are counted."""

    points: int
    unit: Text
    kind: UnitKind
    is_main: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """Facts one after the other; `between` and `last` are message ids that join `{one}` and `{other}`."""

    parts: "tuple[Said, ...]"
    between: str
    last: str

    def __str__(self) -> str:
        """Return them in English."""
        told = [part.en if isinstance(part, Text) else str(part) for part in self.parts]
        whole = told[0]
        for at, part in enumerate(told[1:], 2):
            whole = (self.last if at == len(told) else self.between).format(one=whole, other=part)
        return whole


Said = str | int | dt.date | Text | Money | Sum | Message | Listed


def say(msgid: str, **facts: Said) -> Message:
    """Return a message; its id has been marked with `N_`."""
    return Message(msgid, facts)


def n_(one: str, many: str, n: int, **facts: Said) -> Message:
    """Return the message for `n` things; the name lets both forms be found for translation."""
    return Message(one, {"n": n, **facts}, many)


def either(parts: Iterable[Said]) -> Said:
    """Return "A, B or C"; one part stands for itself."""
    return _join(parts, N_("{one}, {other}"), N_("{one} or {other}"))


def both(parts: Iterable[Said]) -> Said:
    """Return "A, B and C"; one part stands for itself."""
    return _join(parts, N_("{one}, {other}"), N_("{one} and {other}"))


def noted(parts: Iterable[Said]) -> Said:
    """Return "A, B, C": remarks one after the other."""
    return _join(parts, N_("{one}, {other}"), N_("{one}, {other}"))


def after(parts: Iterable[Said]) -> Said:
    """Return sentences one after the other."""
    return _join(parts, N_("{one} {other}"), N_("{one} {other}"))


def _join(parts: Iterable[Said], between: str, last: str) -> Said:
    all_ = tuple(parts)
    if not all_:
        return say(N_("nothing"))
    return all_[0] if len(all_) == 1 else Listed(all_, between, last)


def values(words: Iterable[Said]) -> Said:
    """Return the first values of a list and how many more there are."""
    all_ = list(words)
    if len(all_) > SHOWN_MAX + 1:
        rest = len(all_) - SHOWN_MAX
        return noted([*all_[:SHOWN_MAX], n_("{n} more", "{n} more", rest)])
    return either(all_)


def unit_of(program: Program, unit: str) -> Unit | None:
    """Return a unit by its id, None where the document names one that it does not have."""
    return next((one for one in program.units if one.id == unit), None)


def sum_of(program: Program, points: int, unit: str) -> Sum:
    """Return points of a unit of a program."""
    found = unit_of(program, unit)
    if found is None:
        return Sum(points, Text(ja=unit, en=unit), UnitKind.SPENDABLE, is_main=True)
    return Sum(points, found.name, found.kind, is_main=found.id == main_unit(program).id)


def main_unit(program: Program) -> Unit:
    """Return the unit that is meant where none is named: the first spendable one, else the first."""
    return next((unit for unit in program.units if unit.kind is UnitKind.SPENDABLE), program.units[0])


def multiplier(by: Times) -> str:
    """Return a multiplier as one writes it: "2", "1.5", "4/3"."""
    exact = Fraction(by.times, by.over)
    hundredths = exact * 100
    if hundredths.denominator != 1:
        return f"{exact.numerator}/{exact.denominator}"
    whole, part = divmod(hundredths.numerator, 100)
    return f"{whole}" + (f".{part:02d}".rstrip("0") if part else "")
