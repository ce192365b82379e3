"""Goals: how far each member has come, and how often a rule pays on this event. Reads facts, writes nothing."""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

import numpy as np

from kizuna.core.days import DAY_NEVER
from kizuna.engine.cells import EMPTY
from kizuna.engine.events import Bools, Coded, Ints, Rows, Span, picked
from kizuna.engine.facts import Facts
from kizuna.engine.heard import Heard, Pairs
from kizuna.engine.plan import Aim, Of, Read, RulePlan
from kizuna.engine.table import Goals
from kizuna.program import Different, DifferentGoal, StreakGoal, Within

_LAST = np.iinfo(np.int64).max
_MARKS = 64
"""Up to how many times as many marks as numbers it is quicker to mark the numbers than to sort them."""
FINISHED = -1
"""A streak's length once it has been paid for good."""


Add = tuple[int, Within, Rows, Ints, RulePlan]
"""What is to be counted: in a slot, by stretches of the calendar, of some events how much (0: nothing), for a rule."""


@dataclass(slots=True)
class Pursuit:
    """A goal that is no sum: the cells of its slot as they are to be for the events `at`, one row an event, where `changed`."""

    rule: RulePlan
    at: Rows
    times: Ints
    days: Ints
    values: Ints
    changed: Bools


@dataclass(slots=True)
class Pursued:
    """How often the rule of each pair pays, what is to be counted, and the goals that are no sums."""

    times: Ints
    adds: list[Add]
    pursuits: list[Pursuit]


def pursue(pairs: Pairs, heard: Heard, which: Span, facts: Facts) -> Pursued | None:
    """Pursue the goals of the rules that speak on the events at the places `which` of `heard`; None where no rule has any."""
    goals, rules = heard.plan.table.goals, heard.plan.rules
    if goals is None:
        return None
    found = Pursued(np.ones(len(pairs.at), np.int64), [], [])
    counts = goals.counts[pairs.rules]
    if np.count_nonzero(counts):
        on = counts.repeat(pairs.length).nonzero()[0]
        some = Pairs(pairs.rules[counts], pairs.length[counts], pairs.at[on])
        found.times[on] = _counted(goals, some, heard, which, facts, found.adds)
    for number, part in pairs.parts:
        if goals.others[number]:
            one = _alone(rules[number], heard, which, pairs.at[part], facts)
            found.times[part] = one.times
            found.pursuits.append(one)
    return found


def _counted(goals: Goals, pairs: Pairs, heard: Heard, which: Span, facts: Facts, adds: list[Add]) -> Ints:
    """Pursue goals that count something, all together."""
    rules, length, at = pairs.rules, pairs.length, pairs.at
    size = len(at)
    both = facts.remembered(
        np.concatenate([goals.read[rules], goals.paid_read[rules]]),
        np.concatenate([length, length]),
        np.concatenate([at, at]),
    )
    before, paid = both[:size], both[size:]
    more = heard.number(pairs.each(goals.more), picked(which, at))
    after, target = before + more, pairs.each(goals.target)
    reached = (after >= target).astype(np.int64)
    repeats = goals.repeats[rules]
    if np.count_nonzero(repeats):
        again = (repeats.repeat(length) & (reached > 0)).nonzero()[0]
        reached[again] = after[again] // target[again]
    times = np.maximum(0, reached - np.maximum(0, paid))
    late = before < 0
    if np.count_nonzero(late):
        times, more = np.where(late, 0, times), np.where(late, 0, more)
    for number, part in pairs.parts:
        rule = heard.plan.rules[number]
        assert rule.aim is not None  # noqa: S101 - only these are counted
        adds.append((rule.aim.slot, rule.aim.within, at[part], more[part], rule))
        adds.append((rule.aim.paid_slot, rule.aim.within, at[part], times[part], rule))
    return times


def _alone(rule: RulePlan, heard: Heard, which: Span, at: Rows, facts: Facts) -> Pursuit:
    """Pursue a goal that is no sum."""
    aim, places = rule.aim, picked(which, at)
    assert aim is not None  # noqa: S101 - the caller asks rules with goals
    if isinstance(aim.goal, StreakGoal):
        stretch = heard.calendar.stretch(aim.within, heard.events.day[heard.at[places]])
        return _streak(rule, aim, aim.goal, stretch, at, facts)
    assert isinstance(aim.goal, DifferentGoal)  # noqa: S101 - the others count
    return _different(rule, aim, aim.goal, heard, places, at, facts)


def _streak(rule: RulePlan, aim: Aim, goal: StreakGoal, stretch: Ints, at: Rows, facts: Facts) -> Pursuit:
    last = facts.column(aim.read)[at]
    length = facts.column(facts.plan.read_of[Read(Of.FIRST_VALUE, number=aim.slot)])[at]
    first = last == EMPTY
    longer = np.where(~first & (stretch == last + 1), length + 1, 1)
    moved = (first | (stretch > last)) & (length != FINISHED)
    if goal.repeats:
        reached = moved & (longer % goal.streak == 0)
    else:
        reached = moved & (longer >= goal.streak)
        longer = np.where(reached, FINISHED, longer)
    return Pursuit(rule, at, reached.astype(np.int64), stretch[:, None], longer[:, None], moved)


def _different(
    rule: RulePlan, aim: Aim, goal: DifferentGoal, heard: Heard, which: Rows, at: Rows, facts: Facts
) -> Pursuit:
    days, things = facts.things(aim.slot, aim.read, goal.different)
    days, things = days[at], things[at]
    finished = days[:, 0] == DAY_NEVER
    day = heard.events.day[heard.at[which]].astype(np.int64)
    over = (days <= (day - goal.days)[:, None]) & ~finished[:, None]
    told, there = _things(aim, goal, heard, which)
    is_over, is_told = np.count_nonzero(over), np.count_nonzero(there)
    if not is_over and not is_told:
        return Pursuit(rule, at, np.zeros(len(at), np.int64), days, things, np.zeros(len(at), np.bool_))
    if is_over:
        days[over], things[over] = EMPTY, 0
    if is_told:
        _met(days, things, day, told, there & ~finished[:, None])
    reached = ~finished & ((days != EMPTY).sum(axis=1) >= goal.different)
    if np.count_nonzero(reached):
        days[reached], things[reached] = EMPTY, 0
        if not goal.repeats:
            days[reached, 0] = DAY_NEVER
    order = np.argsort(np.where(days == EMPTY, _LAST, things), axis=1, kind="stable")  # whichever came first
    lane = np.arange(len(at))[:, None]
    return Pursuit(rule, at, reached.astype(np.int64), days[lane, order], things[lane, order], ~finished)


def _met(days: Ints, things: Ints, day: Ints, told: Ints, there: Bools) -> None:
    """Note the things that were told: known ones with the later day, new ones in free cells as long as there are some."""
    same = (things[:, None, :] == told[:, :, None]) & (days != EMPTY)[:, None, :] & there[:, :, None]
    np.copyto(days, np.maximum(days, day[:, None]), where=same.any(axis=1))
    new = there & ~same.any(axis=2)
    row, place = new.nonzero()
    if len(row):
        rank = new.cumsum(axis=1)[row, place] - 1
        free = days == EMPTY
        room = (rank < free.sum(axis=1)[row]).nonzero()[0]
        row, place = row[room], place[room]
        cell = np.argsort(~free, axis=1, kind="stable")[row, rank[room]]
        days[row, cell], things[row, cell] = day[row], told[row, place]


def _things(aim: Aim, goal: DifferentGoal, heard: Heard, which: Rows) -> tuple[Ints, Bools]:
    """Return the different things of the events, a row each, and where there are some.

    More things of one event than the goal wants are not needed: they reach it anyhow.
    """
    events, of = heard.events, goal.of
    if of in (Different.STORE, Different.CHANNEL):
        coded: Coded = events.store if of is Different.STORE else events.channel
        codes = coded.codes[heard.at[which]]
        numbers = np.array([*_numbers(coded), 0], np.int64)
        return numbers[codes][:, None], (codes >= 0)[:, None]
    starts, things = heard.keep((of, aim.selector), lambda: _distinct(aim, of, heard))
    first = starts[which]
    length = starts[which + 1] - first
    places = np.arange(min(goal.different, int(length.max(initial=0))))
    there = places < length[:, None]
    return things.take(first[:, None] + places, mode="clip") if len(places) else np.zeros(there.shape, np.int64), there


def _distinct(aim: Aim, of: Different, heard: Heard) -> tuple[Rows, Ints]:
    """Return the different things of every event: where each event's begin, and the things' numbers."""
    column: Coded = getattr(heard.events.content.lines, of.value)
    size = len(heard.at)
    starts, rows = heard.events.content.starts, heard.content_at
    length = starts[rows + 1] - starts[rows]
    if not len(column.codes) or not length.sum():
        return np.zeros(size + 1, np.intp), np.zeros(0, np.int64)
    place = np.repeat(np.arange(size), length)
    line = np.arange(len(place)) - np.repeat(np.cumsum(length) - length - starts[rows], length)
    on = heard.reckoning.mask(aim.selector)[line] & (column.codes[line] >= 0)
    words = max(1, len(column.words))
    pairs = _sorted(place[on] * words + column.codes[line[on]], size * words)
    counts = np.bincount(pairs // words, minlength=size)
    return np.concatenate([[0], np.cumsum(counts)]), _numbers(column)[pairs % words]


def _sorted(numbers: Ints, end: int) -> Ints:
    """Return the different ones of numbers below `end`, rising."""
    if end <= _MARKS * len(numbers):
        marks = np.zeros(end, np.bool_)
        marks[numbers] = True
        return marks.nonzero()[0]
    return np.unique(numbers)


@lru_cache(maxsize=100_000)
def _number(word: str) -> int:
    return int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "big") >> 1


def _numbers(column: Coded) -> Ints:
    return np.array([_number(word) for word in column.words], np.int64)
