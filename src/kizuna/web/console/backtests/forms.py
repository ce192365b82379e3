"""The form of a back-test: what is asked as fields, and fields as what is asked, every refusal under the field that it is about. Pure.

The fields of a candidate begin with its place: `d0.name`. A candidate that a few numbers tell has fields for them; whatever else its
document says stays as it is.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from kizuna.core.errors import N_, Kind, Problem
from kizuna.program import AMOUNT_MAX, Numbers, Program, ProgramInvalid, Rung, has_numbers, numbers_of, with_numbers
from kizuna.runtime.brands import Brand
from kizuna.simulate import NEVER, Asked, Behaviour, Design, Multiples, Threshold
from kizuna.web import inputs
from kizuna.web.console.program.faults import PartRefused, told
from kizuna.web.console.start.numbers import DAYS_MAX, POINTS_MAX, RungTooLow, major
from kizuna.web.entered import Entered
from kizuna.web.words import money

NAME_MAX = 60
MARGIN_STEP = 1_000
"""Margins are typed to a tenth of a per cent."""
REDEEMED_MAX = 1_000_000
STEP = 500
"""What is redeemed at a time where a program does not say."""
REDEEMS = ("never", "multiples", "threshold", "fitted")
_PLACES = (
    (r"units\.0\.expiry.*", "days"),
    (r"earning_rules\.0\.award\.points", "points"),
    (r"tiers\.levels\.(\d+)\.at", r"at.\1"),
)
"""Which field a place in the document came from; anything else is said under the amount."""


class DaysReversed(Problem):
    """A stretch of days that ends before it begins."""

    code = "backtest_days_reversed"
    kind = Kind.INVALID
    title = N_("The last day lies before the first.")
    remedy = N_("Write a day on or after {since}, or leave one of the two empty.")


class NameTwice(Problem):
    """Two candidates of one name."""

    code = "backtest_name_twice"
    kind = Kind.INVALID
    title = N_("Another candidate is called “{name}” too.")
    remedy = N_("Give each a name of its own; results are told by it.")


class NothingFitted(Problem):
    """Redemptions as members make them, asked of a file that holds none."""

    code = "backtest_nothing_fitted"
    kind = Kind.INVALID
    title = N_("A file of purchases does not say when members redeemed.")
    remedy = N_("Choose another assumption, or start a back-test of your recorded purchases.")


def assumed(program: Program) -> Behaviour:
    """Return the assumption that a study begins with: whole steps, as the program allows them."""
    return Multiples(program.redemption.step if program.redemption.step > 1 else STEP)


def unlike(name: str, others: Sequence[str]) -> str:
    """Return a name that none of the others has."""
    short, number, made = name[:NAME_MAX], 1, name[:NAME_MAX]
    while made in others:
        number += 1
        made = f"{short[: NAME_MAX - 4]} {number}"
    return made


# To fields


def fields_of(name: str, asked: Asked, brand: Brand) -> dict[str, str]:
    """Return what is asked as the form shows it."""
    behaviour = asked.designs[0].behaviour
    step = behaviour.step if isinstance(behaviour, Multiples) else STEP
    at = behaviour.at if isinstance(behaviour, Threshold) else 2 * STEP
    fields = {
        "name": name,
        "since": "" if asked.since is None else asked.since.isoformat(),
        "until": "" if asked.until is None else asked.until.isoformat(),
        "margin": "" if asked.margin is None else per_cent(asked.margin),
        "redeem": "fitted" if asked.is_fitted else behaviour.kind,
        "step": f"{step:,}",
        "at": f"{at:,}",
    }
    for place, design in enumerate(asked.designs):
        fields |= dict(_fields(place, design, brand))
    return fields


def per_cent(millionths: int) -> str:
    """Return parts of a million as one types them: 32.5."""
    whole, rest = divmod(millionths // MARGIN_STEP, 10)
    return f"{whole}.{rest}" if rest else str(whole)


def _fields(place: int, design: Design, brand: Brand) -> Iterator[tuple[str, str]]:
    yield f"d{place}.name", design.name
    if not has_numbers(design.program):
        return
    numbers = numbers_of(design.program)
    yield f"d{place}.points", str(numbers.points)
    yield f"d{place}.per", major(numbers.per, brand)
    yield f"d{place}.days", "" if numbers.expiry_days is None else str(numbers.expiry_days)
    for at, rung in enumerate(numbers.rungs):
        if at:
            yield f"d{place}.at.{at}", major(rung.at, brand)


# From fields


def asked_of(entered: Entered, asked: Asked, brand: Brand, lang: str) -> tuple[str, Asked] | None:
    """Return the name and what is asked as typed; None where a field was refused, which `entered` then says."""
    name = entered.read(inputs.line, "name", most=NAME_MAX, required=True)
    since, until = (entered.read(inputs.day, one) if entered[one].strip() else None for one in ("since", "until"))
    if since is not None and until is not None and until < since:
        entered.refuse("until", DaysReversed(field="until", since=since.isoformat()))
    margin = entered.read(_margin, "margin") if entered["margin"].strip() else None
    behaviour = _behaviour(entered, asked)
    designs: list[Design] = []
    for place, design in enumerate(asked.designs):
        made = _design(entered, place, design, brand, lang)
        if made is not None and made.name in [one.name for one in designs]:
            entered.refuse(f"d{place}.name", NameTwice(field=f"d{place}.name", name=made.name))
        designs.append(made or design)
    if entered.faults or name is None:
        return None
    is_fitted = entered["redeem"] == "fitted"
    drawn = tuple(one._replace(behaviour=behaviour) for one in designs)
    return name, replace(
        asked, designs=drawn, since=since, until=until, margin=margin and margin * MARGIN_STEP, is_fitted=is_fitted
    )


def _margin(text: str, field: str) -> int:
    """Return a gross margin in tenths of a per cent."""
    bare = inputs.narrow(text).removesuffix("%").strip()
    return inputs.amount(bare, field, digits=1, least=1, most=1_000)


def _behaviour(entered: Entered, asked: Asked) -> Behaviour:
    match entered["redeem"]:
        case "multiples":
            step = entered.read(inputs.whole, "step", least=1, most=REDEEMED_MAX)
            return Multiples(step or STEP)
        case "threshold":
            at = entered.read(inputs.whole, "at", least=1, most=REDEEMED_MAX)
            return Threshold(at or STEP)
        case "fitted" if asked.source.is_file:
            entered.refuse("redeem", NothingFitted(field="redeem"))
    return NEVER


def _design(entered: Entered, place: int, design: Design, brand: Brand, lang: str) -> Design | None:
    name = entered.read(inputs.line, f"d{place}.name", most=NAME_MAX, required=True)
    if name is None or not has_numbers(design.program):
        return None if name is None else design._replace(name=name)
    numbers = _numbers(entered, place, numbers_of(design.program), brand)
    if numbers is None:
        return None
    try:
        return design._replace(name=name, program=with_numbers(design.program, numbers))
    except ProgramInvalid as refused:
        for finding in told(refused.faults, brand.currency, lang):
            field = f"d{place}.{_field(finding.place)}"
            entered.refuse(field, PartRefused(field=field, reason=finding.reason, what_to_do=finding.remedy))
        return None


def _field(place: str) -> str:
    """Return the field of a place in the document."""
    for form, field in _PLACES:
        if found := re.fullmatch(form, place):
            return found.expand(field)
    return "per"


def _numbers(entered: Entered, place: int, there: Numbers, brand: Brand) -> Numbers | None:
    digits = brand.currency_digits
    points = entered.read(inputs.whole, f"d{place}.points", least=1, most=POINTS_MAX)
    per = entered.read(inputs.amount, f"d{place}.per", digits=digits, least=1, most=10**9)
    lasting = entered[f"d{place}.days"].strip()
    days = entered.read(inputs.whole, f"d{place}.days", least=1, most=DAYS_MAX) if lasting else None
    rungs: list[Rung] = []
    for at, rung in enumerate(there.rungs):
        field = f"d{place}.at.{at}"
        reached = entered.read(inputs.amount, field, digits=digits, least=1, most=AMOUNT_MAX) if at else rung.at
        if reached is not None and rungs and reached <= rungs[-1].at:
            below = rungs[-1]
            entered.refuse(
                field, RungTooLow(name=rung.ja, below=below.ja, amount=money(below.at, brand.currency, "en"))
            )
        rungs.append(replace(rung, at=rung.at if reached is None else reached))
    if (
        points is None
        or per is None
        or (lasting and days is None)
        or any(f"d{place}.at." in one for one in entered.faults)
    ):
        return None
    return replace(there, points=points, per=per, expiry_days=days, rungs=tuple(rungs))
