"""One step: which rules speak on some events, what each gives, and what is to be remembered of it.

Pure: `decide_rules` reads facts and writes nothing. So the same function decides an order for the first time, and decides it again
from frozen facts when the order has changed.
"""

from dataclasses import dataclass, field
from functools import partial

import numpy as np

from kizuna.engine.events import Bools, Cut, Ints, Rows
from kizuna.engine.facts import Facts, member_column
from kizuna.engine.goals import Pursuit, pursue
from kizuna.engine.heard import Heard
from kizuna.engine.plan import Plan, RulePlan
from kizuna.program import Keeps, Within

POINTS_MAX = 10**15
"""The most that a rule gives on one event, however often its goal is reached."""


@dataclass(slots=True)
class Given:
    """What a rule gives: `at` are places among the events asked about."""

    rule: RulePlan
    at: Rows
    basis: Ints
    raw: Ints
    points: Ints
    cut: np.ndarray
    wanted: dict[int, Ints] = field(default_factory=dict)
    """What was asked of each shared counter (by its place among the rule's counters) before its cut."""


@dataclass(slots=True)
class Result:
    """What rules give, in the document's order, and what is remembered: figures that add up, goals pursued, rules that spoke."""

    given: list[Given] = field(default_factory=list)
    adds: list[tuple[int, Within, Rows, Ints, RulePlan]] = field(default_factory=list)
    pursuits: list[tuple[RulePlan, Rows, Pursuit]] = field(default_factory=list)
    spoke: dict[int, Rows] = field(default_factory=dict)


def decide_rules(plan: Plan, heard: Heard, which: Rows, facts: Facts) -> Result:
    """Decide the events at the places `which` of `heard`, by facts that have one element for each of them."""
    result = Result()
    for number, speaks in heard.speaking(which):
        rule = plan.rules[number]
        at = speaks.nonzero()[0]
        if rule.later is not None and len(at):
            asked = heard.asked(which[at])
            asked.know(partial(member_column, facts.some(at)))
            at = at[rule.later(asked)]
        if len(at):
            result.spoke[number] = at
    for number, at in result.spoke.items():
        _give(plan.rules[number], heard, which, at, facts, result)
    if plan.has_exclusive or plan.groups:
        _stack(plan, result, len(which))
    for given in result.given:
        _count_limits(given, result)
    return result


def _give(rule: RulePlan, heard: Heard, which: Rows, at: Rows, facts: Facts, result: Result) -> None:
    """Reckon one rule for the events where it speaks."""
    if rule.award is None and rule.aim is None and rule.step_slot < 0:
        return
    mine = facts.some(at)
    times: Ints | None = None
    if rule.aim is not None:
        times = _pursued(rule, heard, which[at], at, mine, result)
        paying = times.nonzero()[0]
        if not len(paying):
            return
        times, at, mine = times[paying], at[paying], mine.some(paying)
    if rule.step_slot >= 0:
        result.adds.append((rule.step_slot, Within.EVER, at, np.ones(len(at), np.int64), rule))
    if rule.award is None:
        return
    level = member_column(mine, "tier") if len(rule.award.rates) > 1 else None
    basis, raw = heard.award(rule.award, which[at], level)
    if rule.award.base >= 0:
        spoke = np.zeros(len(which), np.bool_)
        spoke[result.spoke.get(rule.award.base, np.empty(0, np.intp))] = True
        raw = np.where(spoke[at], raw, 0)
    if times is not None:
        raw = np.where(raw > POINTS_MAX // times, POINTS_MAX, raw * times)
    given = Given(rule, at, basis, raw, raw, np.zeros(len(at), np.int8))
    for place in range(len(rule.counters)):
        _cut(given, place, mine)
    result.given.append(given)


def _pursued(rule: RulePlan, heard: Heard, which: Rows, at: Rows, facts: Facts, result: Result) -> Ints:
    """Pursue a rule's goal, note how far it has come, and return how often it pays on each event."""
    assert rule.aim is not None  # noqa: S101 - the caller asked
    pursuit = pursue(rule, heard, which, facts)
    result.pursuits.append((rule, at, pursuit))
    for slot, amount in pursuit.adds:
        some = amount > 0
        if some.all():
            result.adds.append((slot, rule.aim.within, at, amount, rule))
        elif some.any():
            result.adds.append((slot, rule.aim.within, at[some], amount[some], rule))
    return pursuit.times


def _cut(given: Given, place: int, facts: Facts) -> None:
    """Cut what a rule gives by one of its limits."""
    counter, points = given.rule.counters[place], given.points
    if counter.cut is Cut.EVENT:
        cut = np.minimum(points, counter.most)
    else:
        used = facts.column(counter.read)
        left = np.where(used < 0, 0, np.maximum(0, counter.most - used))
        cut = np.where(left > 0, points, 0) if counter.is_times else np.minimum(points, left)
        if counter.is_shared:
            given.wanted[place] = (points > 0).astype(np.int64) if counter.is_times else points
    given.cut = np.where(cut < points, counter.cut, given.cut).astype(np.int8)
    given.points = cut


def _count_limits(given: Given, result: Result) -> None:
    for counter in given.rule.counters:
        if counter.cut is Cut.MEMBER:
            some = given.points > 0
            if some.any():
                amount = given.points[some]
                amount = np.ones(len(amount), np.int64) if counter.is_times else amount
                result.adds.append((counter.slot, counter.within, given.at[some], amount, given.rule))


def _stack(plan: Plan, result: Result, size: int) -> None:
    """Leave one rule of those that exclude each other, on each event and for each unit."""
    for unit in {given.rule.unit for given in result.given}:
        mine = [given for given in result.given if given.rule.unit == unit]
        exclusive = [given for given in mine if given.rule.rule.exclusive]
        if exclusive:
            _keep(_best(exclusive, size, by_priority=True, then_points=True), mine, Cut.EXCLUSIVE)
        for number, keeps in enumerate(plan.groups):
            group = [given for given in mine if given.rule.group == number]
            if len(group) > 1:
                first = keeps is Keeps.FIRST
                _keep(_best(group, size, by_priority=first, then_points=not first), group, Cut.GROUP)


def _best(rivals: list[Given], size: int, *, by_priority: bool, then_points: bool) -> Ints:
    """Return for each event the number of the rule that goes first, −1 where none gives anything."""
    best = np.full(size, -1, np.int64)
    priority, points = np.full(size, -(2**31), np.int64), np.zeros(size, np.int64)
    for given in rivals:
        rank = given.rule.rule.priority if by_priority else 0
        at = given.at
        better: Bools = rank > priority[at]
        if then_points:
            better |= (rank == priority[at]) & (given.points > points[at])
        better &= given.points > 0
        won = at[better]
        best[won], priority[won], points[won] = given.rule.number, rank, given.points[better]
    return best


def _keep(best: Ints, rivals: list[Given], cut: Cut) -> None:
    for given in rivals:
        winner = best[given.at]
        lost = (winner >= 0) & (winner != given.rule.number) & (given.points > 0)
        if lost.any():
            given.points = np.where(lost, 0, given.points)
            given.cut = np.where(lost, cut, given.cut).astype(np.int8)
