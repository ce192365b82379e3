"""What came of a trial, in words: by rule, why and why not. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kizuna.core.errors import N_
from kizuna.engine import Verdict, Why
from kizuna.program import Campaign, EarningRule, Program, Sum, say
from kizuna.web.console.program.tester.trial import Result
from kizuna.web.tell import Teller
from kizuna.web.verdicts import why_words


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule and what became of it. `tone` is "gain", "cut" or "none"; `why` are its reasons."""

    name: str
    points: str
    tone: str
    why: Sequence[str]
    is_campaign: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a program makes of the trial: a sum for each unit with its last day, the rules, the tier and the balance after."""

    sums: Sequence[tuple[str, str]]
    lines: Sequence[RuleLine]
    others: int
    tier_before: str
    tier: str
    balances: Sequence[tuple[str, str]]


def outcome(result: Result, tell: Teller, *, with_balances: bool) -> Outcome:
    """Return what a program makes of the trial."""
    program = result.program
    lines, others = [], 0
    for verdict in result.verdicts:
        if verdict.why is Why.OTHER_EVENT:
            others += 1
        else:
            lines.append(_line(program, program.rules[verdict.rule], verdict, tell))
    names = {unit.id: unit for unit in program.units}
    levels = program.tiers.levels
    balances = [
        (str(getattr(names[unit].name, tell.lang)), tell(_sum(program, unit, points)))
        for unit, points in result.balances.items()
        if unit in names and (points or unit == program.units[0].id)
    ]
    return Outcome(
        [
            (tell(_sum(program, gain.unit, gain.points)), _until(gain.waits, gain.last_day, tell))
            for gain in result.gains
        ],
        sorted(lines, key=lambda one: one.tone == "none"),
        others,
        str(getattr(levels[result.level_before].name, tell.lang)),
        str(getattr(levels[result.level].name, tell.lang)),
        balances if with_balances else [],
    )


def _sum(program: Program, unit: str, points: int) -> Sum:
    found = next(one for one in program.units if one.id == unit)
    return Sum(points, found.name, found.kind, is_main=found.id == program.units[0].id)


def _until(waits: bool, last_day: date | None, tell: Teller) -> str:  # noqa: FBT001 - a fact of the points
    said = []
    if waits:
        said.append(tell.words(N_("waiting at first")))
    if last_day is not None:
        said.append(tell(say(N_("usable through {day}"), day=last_day)))
    return ("、" if tell.lang == "ja" else ", ").join(said)


def _line(program: Program, rule: EarningRule, verdict: Verdict, tell: Teller) -> RuleLine:
    name = str(getattr(rule.name, tell.lang))
    spoke = verdict.why in {Why.SPEAKS, Why.CUT}
    points = tell(_sum(program, rule.unit, verdict.points)) if spoke else ""
    tone = "gain" if verdict.points else "cut" if spoke else "none"
    return RuleLine(name, points, tone, why_words(program, rule, verdict, tell), isinstance(rule, Campaign))
