"""One step: which rules speak on some events, what each gives, and what is to be remembered of it.

Pure: `decide_rules` reads facts and writes nothing. So the same function decides an order for the first time, and decides it again
from frozen facts when the order has changed. All rules are reckoned together, as pairs of a rule and an event.
"""

from dataclasses import dataclass, field
from functools import partial

import numpy as np

from kizuna.engine.events import Bools, Cut, Ints, Rows, Span, picked
from kizuna.engine.facts import Facts, member_column
from kizuna.engine.goals import Add, Pursuit, pursue
from kizuna.engine.heard import Heard, Pairs
from kizuna.engine.plan import Plan, RulePlan
from kizuna.engine.table import Limits
from kizuna.program import Keeps, Within

POINTS_MAX = 10**15
"""The most that a rule gives on one event, however often its goal is reached."""


@dataclass(slots=True)
class Given:
    """What a rule gives: `at` are places among the events asked about; the columns are views of the result's."""

    rule: RulePlan
    at: Rows
    basis: Ints
    raw: Ints
    points: Ints
    cut: np.ndarray


@dataclass(slots=True)
class Result:
    """What rules give, a column of each `pair`, and what is remembered: figures that add up, goals pursued."""

    plan: Plan
    pairs: Pairs
    basis: Ints
    raw: Ints
    points: Ints
    cut: np.ndarray
    adds: list[Add] = field(default_factory=list)
    pursuits: list[Pursuit] = field(default_factory=list)
    wanted: list[tuple[int, int, Rows, Ints, slice]] = field(default_factory=list)
    """What was asked of shared counters before their cut: rule, place among its counters, events, how much, and which pairs."""

    def by_rule(self) -> list[Given]:
        """Return what each rule gives, in the document's order."""
        return [
            Given(
                self.plan.rules[number],
                self.pairs.at[part],
                self.basis[part],
                self.raw[part],
                self.points[part],
                self.cut[part],
            )
            for number, part in self.pairs.parts
        ]


def decide_rules(plan: Plan, heard: Heard, which: Span, facts: Facts) -> Result:
    """Decide the events at the places `which` of `heard`, by facts that have one element for each of them."""
    spoke = _later(plan, heard, which, facts)
    pursued = pursue(spoke, heard, which, facts) if len(spoke.at) else None
    pairs, times = _paying(spoke, None if pursued is None else pursued.times)
    steps = _steps(plan, pairs)
    if plan.table.has_unpaid and len(pairs.at):
        pays = pairs.each(plan.table.pays)
        pairs, times = pairs.only(pays), None if times is None else times[pays]
    result = _award(plan, heard, which, pairs, facts)
    if plan.table.has_base:
        _multiply(plan, result, spoke, len(heard.at[which]))
    if times is not None:
        _repeat(plan, result, times)
    if pursued is not None:
        result.adds, result.pursuits = pursued.adds, pursued.pursuits
    result.adds += steps
    _restrain(plan, result, len(heard.at[which]), facts)
    return result


def _restrain(plan: Plan, result: Result, size: int, facts: Facts) -> None:
    """Cut what rules give by their limits, and by what other rules give."""
    if not len(result.points) or not (plan.table.limits or plan.has_exclusive or plan.groups):
        return
    result.points = result.raw.copy()
    for place, limits in enumerate(plan.table.limits):
        _limit(result, place, limits, facts)
    if plan.has_exclusive or plan.groups:
        _stack(plan, result.by_rule(), size)
    if plan.table.limits:
        _count_limits(result)


def _later(plan: Plan, heard: Heard, which: Span, facts: Facts) -> Pairs:
    """Return the rules that speak, after what is asked of members."""
    pairs = heard.speaking(which)
    if not plan.table.has_later:
        return pairs
    on, asked = None, heard.asked(which, partial(member_column, facts))
    for number, part in pairs.parts:
        later = plan.rules[number].later
        if later is not None:
            on = np.ones(len(pairs.at), np.bool_) if on is None else on
            on[part] = later(asked)[pairs.at[part]]
    return pairs if on is None or np.count_nonzero(on) == len(on) else pairs.only(on)


def _paying(spoke: Pairs, times: Ints | None) -> tuple[Pairs, Ints | None]:
    """Return the pairs where a goal is reached, or the rule has none."""
    if times is None:
        return spoke, None
    paying = times > 0
    if np.count_nonzero(paying) == len(paying):
        return spoke, times
    return spoke.only(paying), times[paying]


def _steps(plan: Plan, pairs: Pairs) -> list[Add]:
    """Return the steps of the journey that are done."""
    if not plan.table.has_steps:
        return []
    rules = plan.rules
    return [
        (rules[number].step_slot, Within.EVER, pairs.at[part], np.ones(part.stop - part.start, np.int64), rules[number])
        for number, part in pairs.parts
        if rules[number].step_slot >= 0
    ]


def _award(plan: Plan, heard: Heard, which: Span, pairs: Pairs, facts: Facts) -> Result:
    """Reckon what each award alone gives."""
    table, places = plan.table, picked(which, pairs.at)
    if table.rungs == 1:
        number, times, plus, over = (
            pairs.each(column) for column in (table.number, table.times, table.plus, table.over)
        )
    else:
        rung = pairs.each(np.arange(len(plan.rules)) * table.rungs) + member_column(facts, "tier")[pairs.at]
        number, times, plus, over = (
            column.take(rung) for column in (table.number, table.times, table.plus, table.over)
        )
    basis = told = heard.number(pairs.each(table.basis), places)
    if table.has_lines:
        told = heard.number(number, places)
    raw = told * times
    divided = (over > 1).nonzero()[0]
    if len(divided):
        raw[divided] = (raw[divided] + plus[divided]) // over[divided]
    return Result(plan, pairs, basis, raw, raw, np.zeros(len(raw), np.int8))


def _multiply(plan: Plan, result: Result, spoke: Pairs, size: int) -> None:
    """Give a multiplied rule what is more than what its base gives, where that speaks too."""
    told = dict(spoke.parts)
    for number, part in result.pairs.parts:
        award = plan.rules[number].award
        if award is not None and award.base >= 0:
            both = np.zeros(size, np.bool_)
            if award.base in told:
                both[spoke.at[told[award.base]]] = True
            more = result.raw[part] * award.extra[0] // award.extra[1]
            result.raw[part] = np.where(both[result.pairs.at[part]], more, 0)


def _repeat(plan: Plan, result: Result, times: Ints) -> None:
    """Pay as often as goals are reached, up to `POINTS_MAX`."""
    often = (times > 1).nonzero()[0]
    if len(often):
        raw = result.raw[often]
        result.raw[often] = np.where(raw > POINTS_MAX // times[often], POINTS_MAX, raw * times[often])
    if len(result.raw) and result.raw.max() > POINTS_MAX:
        aims = result.pairs.each(np.array([rule.aim is not None for rule in plan.rules], np.bool_))
        result.raw[aims] = np.minimum(result.raw[aims], POINTS_MAX)


def _limit(result: Result, place: int, limits: Limits, facts: Facts) -> None:
    """Cut what rules give by the limits that stand at one place among each rule's."""
    rules, length, at = result.pairs.rules, result.pairs.length, result.pairs.at
    has = limits.cut[rules] > 0
    if not np.count_nonzero(has):
        return
    on = has.repeat(length).nonzero()[0]
    some = Pairs(rules[has], length[has], at[on])
    points, used = result.points[on], np.zeros(len(on), np.int64)
    mine = limits.is_member[some.rules]
    members = np.count_nonzero(mine)
    if members == len(mine):
        used = facts.remembered(limits.read[some.rules], some.length, some.at)
    elif members:
        where = mine.repeat(some.length).nonzero()[0]
        used[where] = facts.remembered(limits.read[some.rules[mine]], some.length[mine], some.at[where])
    cut, is_times = some.each(limits.cut), some.each(limits.is_times)
    if members < len(mine):
        _share(result, place, some, on, facts, used)
    left = np.where(used < 0, 0, np.maximum(0, some.each(limits.most) - used))
    given = np.minimum(points, left)
    if np.count_nonzero(is_times):
        given = np.where(is_times, np.where(left > 0, points, 0), given)
    less = (given < points).nonzero()[0]
    result.cut[on[less]], result.points[on] = cut[less], given


def _share(result: Result, place: int, some: Pairs, on: Rows, facts: Facts, used: Ints) -> None:
    """Look up what is used of figures that members share, and note what is wanted of them."""
    start = {rule: part.start for rule, part in result.pairs.parts}
    for number, part in some.parts:
        counter = result.plan.rules[number].counters[place]
        if counter.is_shared:
            used[part] = facts.column(counter.read)[some.at[part]]
            points = result.points[on[part]]
            wanted = (points > 0).astype(np.int64) if counter.is_times else points
            whole = slice(start[number], start[number] + len(points))
            result.wanted.append((number, place, some.at[part], wanted, whole))


def _count_limits(result: Result) -> None:
    """Note what counts against the limits of members."""
    for number, part in result.pairs.parts:
        rule = result.plan.rules[number]
        for counter in rule.counters:
            if counter.cut is Cut.MEMBER:
                points = result.points[part]
                amount = (points > 0).astype(np.int64) if counter.is_times else points
                result.adds.append((counter.slot, counter.within, result.pairs.at[part], amount, rule))


def _stack(plan: Plan, given: list[Given], size: int) -> None:
    """Leave one rule of those that exclude each other, on each event and for each unit."""
    for unit in {one.rule.unit for one in given}:
        mine = [one for one in given if one.rule.unit == unit]
        exclusive = [one for one in mine if one.rule.rule.exclusive]
        if exclusive:
            _keep(_best(exclusive, size, by_priority=True, then_points=True), mine, Cut.EXCLUSIVE)
        for number, keeps in enumerate(plan.groups):
            group = [one for one in mine if one.rule.group == number]
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
        if np.count_nonzero(lost):
            given.points[lost], given.cut[lost] = 0, cut
