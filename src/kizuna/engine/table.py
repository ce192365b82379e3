"""A plan's rules as columns, so that all of them are reckoned together: one element a rule, and a column a rung where tiers matter.

`Number`s are what events alone tell (`heard.Heard` makes a column of each): a table says by rule which of them counts, what is paid
for it, which limits stand in which order, and how goals that count are read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kizuna.engine.amounts import Rate, Sums
from kizuna.engine.events import Bools, Cut, Days, Ints
from kizuna.program import CountGoal, Each, SpendGoal

if TYPE_CHECKING:
    from kizuna.engine.plan import Aim, Counter, RulePlan

_ONCE = Rate(1, 0, 1)


class Number(NamedTuple):
    """A number of every event: a basis (`sums`), what a rate of it gives line by line (`by_line`), or how often a sum is paid."""

    sums: Sums | None
    each: Each = Each.ORDER
    selector: int = 0
    by_line: Rate | None = None


ONE = Number(None)


@dataclass(frozen=True, slots=True, eq=False)
class Goals:
    """Goals that count: by rule what `more` there is on an event (a number), how much of it pays, and the reads of both slots."""

    more: Ints
    target: Ints
    repeats: Bools
    read: Ints
    paid_read: Ints
    counts: Bools
    """Which rules have such a goal; the other elements mean nothing."""
    others: tuple[bool, ...]
    """Which rules have another goal."""


@dataclass(frozen=True, slots=True, eq=False)
class Limits:
    """The limits that stand at one place among each rule's; `cut` is 0 for rules that have none there."""

    cut: Ints
    most: Ints
    is_times: Bools
    read: Ints
    is_member: Bools


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """`basis` and `number` say by rule (and rung) which number explains the award and which is paid: (number × times + plus) // over."""

    numbers: tuple[Number, ...]
    rungs: int
    basis: Ints
    number: Ints
    times: Ints
    plus: Ints
    over: Ints
    has_lines: bool
    has_base: bool
    has_unpaid: bool
    """Whether any rule has no award."""
    pays: Bools
    """Which rules have an award."""
    has_later: bool
    """Whether any rule asks of members."""
    has_steps: bool
    goals: Goals | None
    limits: tuple[Limits, ...]
    lots: Ints
    unit: Ints
    events: tuple[str, ...]
    """The types of event that rules speak of, and by rule which."""
    event: Ints
    seasonal: tuple[int, ...]
    """Rules that speak on some days only: their numbers, first and last days."""
    starts: Days
    ends: Days


class _Columns:
    def __init__(self) -> None:
        self.numbers: list[Number] = []
        self._known: dict[str, int] = {}

    def of(self, number: Number) -> int:
        key = repr(number)
        if key not in self._known:
            self._known[key] = len(self.numbers)
            self.numbers.append(number)
        return self._known[key]


def tabulate(rules: Sequence["RulePlan"], rungs: int) -> Table:
    """Return the table of compiled rules."""
    columns = _Columns()
    basis = np.zeros(len(rules), np.int64)
    number = np.zeros((len(rules), rungs), np.int64)
    rates = np.tile(np.array(_ONCE, np.int64), (len(rules), rungs, 1))
    for place, rule in enumerate(rules):
        award = rule.award
        if award is None:
            continue
        told = Number(None, award.each, award.selector) if award.sums is None else Number(award.sums)
        basis[place] = columns.of(told)
        for rung in range(rungs):
            one = award.rates[rung if len(award.rates) > 1 else 0]
            number[place, rung], rates[place, rung] = basis[place], one
            if award.sums is not None and award.sums.each is Each.LINE:
                number[place, rung], rates[place, rung] = columns.of(Number(award.sums, by_line=one)), _ONCE
    if all(rule.award is None or len(rule.award.rates) == 1 for rule in rules):
        rungs, number, rates = 1, number[:, :1], rates[:, :1]
    goals = _goals([rule.aim for rule in rules], columns)
    events = tuple(dict.fromkeys(rule.rule.event for rule in rules))
    seasonal = tuple(rule.number for rule in rules if rule.starts > -(2**31))
    return Table(
        numbers=tuple(columns.numbers),
        rungs=rungs,
        basis=basis,
        number=number.ravel(),
        times=rates[:, :, 0].ravel(),
        plus=rates[:, :, 1].ravel(),
        over=rates[:, :, 2].ravel(),
        has_lines=bool((number != basis[:, None]).any()),
        has_base=any(rule.award is not None and rule.award.base >= 0 for rule in rules),
        has_unpaid=any(rule.award is None for rule in rules),
        pays=np.array([rule.award is not None for rule in rules], np.bool_),
        has_later=any(rule.later is not None for rule in rules),
        has_steps=any(rule.step_slot >= 0 for rule in rules),
        goals=goals,
        limits=tuple(_limits(rules, place) for place in range(max((len(rule.counters) for rule in rules), default=0))),
        lots=np.array([rule.lots for rule in rules], np.int64),
        unit=np.array([rule.unit for rule in rules], np.int64),
        events=events,
        event=np.array([events.index(rule.rule.event) for rule in rules], np.int64),
        seasonal=seasonal,
        starts=np.array([rules[number].starts for number in seasonal], np.int32)[:, None],
        ends=np.array([rules[number].ends for number in seasonal], np.int32)[:, None],
    )


def _goals(aims: Sequence["Aim | None"], columns: _Columns) -> Goals | None:
    if not any(aims):
        return None
    more, target, read, paid = (np.zeros(len(aims), np.int64) for _ in range(4))
    repeats, counts, others = np.zeros(len(aims), np.bool_), np.zeros(len(aims), np.bool_), [False] * len(aims)
    for place, aim in enumerate(aims):
        if aim is None:
            continue
        goal = aim.goal
        if not isinstance(goal, CountGoal | SpendGoal):
            others[place] = True
            continue
        counts[place], repeats[place] = True, goal.repeats
        target[place] = goal.count if isinstance(goal, CountGoal) else goal.spend
        more[place] = columns.of(ONE if aim.sums is None else Number(aim.sums))
        read[place], paid[place] = aim.read, aim.paid_read
    return Goals(more, target, repeats, read, paid, counts, tuple(others))


def _limits(rules: Sequence["RulePlan"], place: int) -> Limits:
    told: list[Counter | None] = [rule.counters[place] if place < len(rule.counters) else None for rule in rules]
    return Limits(
        cut=np.array([int(one.cut) if one else 0 for one in told], np.int8),
        most=np.array([one.most if one else 0 for one in told], np.int64),
        is_times=np.array([one is not None and one.is_times for one in told], np.bool_),
        read=np.array([one.read if one else 0 for one in told], np.int64),
        is_member=np.array([one is not None and one.cut is Cut.MEMBER for one in told], np.bool_),
    )
