"""The form of a program's few numbers: from a document to fields and back, every refusal under the field that it is about.

A tier without a name in any language is left out; the others keep their ids, so that a name may change later. Pure.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from kizuna.core.errors import N_, Kind, Problem
from kizuna.engine import EventKind, Events, Names, State, compile_plan, decide
from kizuna.program import AMOUNT_MAX, RUNGS_MAX, Numbers, Program, ProgramInvalid, Rung, numbers_of, with_numbers
from kizuna.runtime.brands import Brand
from kizuna.web import inputs
from kizuna.web.console.start.views import Example
from kizuna.web.entered import Entered
from kizuna.web.words import money

POINTS_MAX, DAYS_MAX = 10_000, 36_525
TRIED = 4_980
TRIED_ON = 20_000
"""Any day: what these programs give for a purchase is the same on all of them."""
_PLACES = {
    "name": "name-ja",
    "units.0.expiry": "days",
    "units.0.expiry.after_days": "days",
    "earning_rules.0.award": "per",
    "earning_rules.0.award.per": "per",
    "earning_rules.0.award.points": "points",
}
"""Which field a place in the document came from, for what only the document's own checks see."""


class RungTooLow(Problem):
    """A tier that is reached no later than the one below it."""

    code = "rung_too_low"
    kind = Kind.INVALID
    title = N_("“{name}” is to be harder to reach than “{below}”.")
    remedy = N_("Write an amount above {amount}.")


class NotTaken(Problem):
    """What the document's own checks refuse."""

    code = "numbers_not_taken"
    kind = Kind.INVALID
    title = N_("These numbers do not make a program. {reason}")
    remedy = "{remedy}"


def fields_of(program: Program, brand: Brand) -> dict[str, str]:
    """Return a program's numbers as the form shows them."""
    numbers = numbers_of(program)
    fields = {
        "name-ja": numbers.ja,
        "name-en": numbers.en,
        "points": str(numbers.points),
        "per": major(numbers.per, brand),
        "rounding": numbers.rounding,
        "expires": "never" if numbers.expiry_days is None else "days",
        "days": "" if numbers.expiry_days is None else str(numbers.expiry_days),
        "try": major(TRIED, brand),
    }
    for at, rung in enumerate(numbers.rungs):
        fields |= {f"rung-{at}-ja": rung.ja, f"rung-{at}-en": rung.en, f"at-{at}": major(rung.at, brand)}
    return fields


def room_for(program: Program) -> int:
    """Return how many tiers the form has room for: one more than there are, none where a program has only one."""
    count = len(program.tiers.levels)
    return min(count + 1, RUNGS_MAX) if count > 1 else 0


def program_of(entered: Entered, base: Program, brand: Brand) -> Program | None:
    """Return `base` with the numbers typed; None where a field was refused, which `entered` then says."""
    names = _names(entered, "name-{}", brand, required=True)
    digits = brand.currency_digits
    points = entered.read(inputs.whole, "points", least=1, most=POINTS_MAX)
    per = entered.read(inputs.amount, "per", digits=digits, least=1, most=10**9)
    days = entered.read(inputs.whole, "days", least=1, most=DAYS_MAX) if entered["expires"] != "never" else None
    rungs = _rungs(entered, base, brand)
    if entered.faults or names is None or points is None or per is None:
        return None
    numbers = Numbers(*names, points, per, entered["rounding"], days, rungs)
    try:
        return with_numbers(base, numbers)
    except ProgramInvalid as refused:
        for fault in refused.faults:
            entered.refuse(_field(fault.place), NotTaken(reason=fault.reason, remedy=fault.remedy))
        return None


def _field(place: str) -> str:
    """Return the field of a place in the document."""
    rung = re.fullmatch(r"tiers\.levels\.(\d+)\.at", place)
    return f"at-{rung[1]}" if rung else _PLACES.get(place, "per")


def example(program: Program, amounts: list[int]) -> Example:
    """Return what purchases of these amounts earn, by the engine itself."""
    names, size = Names(), len(amounts)
    plan = compile_plan(program, 1, names)
    members, first = np.arange(size), np.zeros(size, np.int16)
    kinds, day = np.full(size, EventKind.ORDER, np.int8), np.full(size, TRIED_ON, np.int32)
    events = Events.plain(members, first, kinds, day, np.array(amounts, np.int64))
    moves = decide([plan], State.fresh(names, size), events).moves
    points = np.zeros(size, np.int64)
    np.add.at(points, moves.event[moves.unit == 0], moves.points[moves.unit == 0])
    return Example(list(zip(amounts, points.tolist(), strict=True)))


def tried(entered: Entered, brand: Brand) -> list[int]:
    """Return the amounts to reckon with: the one typed, and two beside it."""
    try:
        typed = inputs.amount(entered["try"], "try", digits=brand.currency_digits, least=0, most=AMOUNT_MAX)
    except Problem:
        typed = TRIED
    return [typed, *(amount for amount in (1_000, 30_000) if amount != typed)]


def major(minor: int, brand: Brand) -> str:
    """Return an amount as one types it: 4,980 or 49.80."""
    whole, rest = divmod(minor, 10**brand.currency_digits)
    return f"{whole:,}" + (f".{rest:0{brand.currency_digits}}" if brand.currency_digits else "")


def _names(entered: Entered, pattern: str, brand: Brand, *, required: bool) -> tuple[str, str] | None:
    """Return a name in Japanese and English; a language that the brand does not speak takes the other's."""
    read: dict[str, str] = {}
    for lang in brand.languages:
        field = pattern.format(lang)
        name = entered.read(inputs.line, field, most=60, required=required)
        if name:
            read[lang] = name
    if not read:
        return None
    first = next(iter(read.values()))
    return read.get("ja", first), read.get("en", first)


def _rungs(entered: Entered, base: Program, brand: Brand) -> tuple[Rung, ...]:
    """Return the tiers typed, each above the one before; a program with one tier keeps it."""
    there = numbers_of(base).rungs
    if len(there) < 2:
        return there
    rungs: list[Rung] = []
    taken = {rung.id for rung in there}
    for at in range(RUNGS_MAX):
        names = _names(entered, f"rung-{at}-{{}}", brand, required=at == 0)
        if names is None:
            continue
        lowest = at == 0 or not rungs
        digits = brand.currency_digits
        reached = 0 if lowest else entered.read(inputs.amount, f"at-{at}", digits=digits, least=1, most=AMOUNT_MAX)
        if reached is None:
            continue
        id_ = there[at].id if at < len(there) else next(f"tier-{n}" for n in range(at, 99) if f"tier-{n}" not in taken)
        taken.add(id_)
        if rungs and reached <= rungs[-1].at:
            below = rungs[-1]
            entered.refuse(
                f"at-{at}",
                RungTooLow(name=names[0], below=below.ja, amount=money(below.at, brand.currency, "en")),
            )
        rungs.append(Rung(id_, *names, reached))
    return tuple(rungs)


def without_faults(entered: Entered, more: Mapping[str, str]) -> Entered:
    """Return what was typed with other fields beside it, nothing of it judged yet."""
    return Entered({**entered.fields, **more})


def example_of(entered: Entered, base: Program, brand: Brand) -> Example | None:
    """Return what the form as it is would earn, None while it cannot be told."""
    program = program_of(without_faults(entered, {}), base, brand)
    return example(program, tried(entered, brand)) if program else None


def renamed(program: Program, names: Mapping[str, str]) -> Program:
    """Return a program under the brand's name: what a template is called until somebody calls it otherwise."""
    numbers = numbers_of(program)
    return with_numbers(program, replace(numbers, ja=names["ja"], en=names["en"]))
