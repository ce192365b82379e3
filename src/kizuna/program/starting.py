"""Programs to begin with: documents of ours, and the few numbers in which a brand makes one its own.

A template's document is a valid program as it stands, without a warning. Amounts are minor units: what is ¥100 for one currency
is $1.00 for another. `with_numbers` changes what a `Numbers` holds and nothing else, so that a document written by hand keeps
the rest. A program that says more than such numbers (`has_numbers`) is designed in the studio.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field

from kizuna.program.base import AMOUNT_MAX, Id, Strict, Text
from kizuna.program.check import from_data
from kizuna.program.model import Program
from kizuna.program.rules import Rate
from kizuna.program.units import AfterDays

_HERE = Path(__file__).with_name("templates")
RUNGS_MAX = 6


class Template(Strict):
    """A program to begin with: for whom it is, and an amount (minor units) that its card reckons with."""

    template: Literal[1]
    id: Id
    name: Text
    for_whom: Text
    example: Annotated[int, Field(ge=1, le=AMOUNT_MAX)]
    document: Program

    @property
    def has_numbers(self) -> bool:
        """Whether the few numbers of the first run say what this program is."""
        return has_numbers(self.document)


@dataclass(frozen=True, slots=True)
class Rung:
    """A tier: its names by language, and the spend (minor units) that reaches it. The id stays when the name changes."""

    id: str
    ja: str
    en: str
    at: int


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a brand decides at the start. `expiry_days` is None for points that never lapse; `rungs[0].at` is 0."""

    ja: str
    en: str
    points: int
    per: int
    rounding: str
    expiry_days: int | None
    rungs: tuple[Rung, ...]


@cache
def templates() -> tuple[Template, ...]:
    """Return every template, in the order in which they are offered."""
    read = (yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(_HERE.glob("*.yaml")))
    return tuple(Template.model_validate(raw | {"document": from_data(raw["document"])}) for raw in read)


def has_numbers(program: Program) -> bool:
    """Whether a program is told by a rate, an expiry in days and tiers by spend, as a `Numbers` holds them."""
    rules, expiry = program.earning_rules, program.units[0].expiry
    if len(rules) != 1 or len(program.units) != 1 or not isinstance(rules[0].award, Rate):
        return False
    return program.tiers.by == "spend" and (expiry == "never" or isinstance(expiry, AfterDays))


def numbers_of(program: Program) -> Numbers:
    """Return the numbers of a program whose first rule is a rate. Raises `TypeError` for another: it is edited in the studio."""
    award = program.earning_rules[0].award if program.earning_rules else None
    expiry = program.units[0].expiry
    if not isinstance(award, Rate):
        raise TypeError("the first earning rule is no rate: this program is edited in the studio")
    return Numbers(
        ja=program.name.ja,
        en=program.name.en,
        points=award.points,
        per=award.per,
        rounding=award.rounding.value,
        expiry_days=expiry.after_days if isinstance(expiry, AfterDays) else None,
        rungs=tuple(Rung(level.id, level.name.ja, level.name.en, level.at) for level in program.tiers.levels),
    )


def with_numbers(program: Program, numbers: Numbers) -> Program:
    """Return `program` with other numbers. Raises `ProgramInvalid` with every fault and its place."""
    raw: dict[str, Any] = program.model_dump(mode="json")
    raw["name"] = {"ja": numbers.ja, "en": numbers.en}
    raw["units"][0]["expiry"] = "never" if numbers.expiry_days is None else {"after_days": numbers.expiry_days}
    raw["earning_rules"][0]["award"] |= {"points": numbers.points, "per": numbers.per, "rounding": numbers.rounding}
    there = {level["id"]: level for level in raw["tiers"]["levels"]}
    raw["tiers"]["levels"] = [
        {**there.get(rung.id, {}), "id": rung.id, "name": {"ja": rung.ja, "en": rung.en}, "at": rung.at}
        for rung in numbers.rungs
    ]
    return from_data(raw)
