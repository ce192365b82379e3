"""Goals: how far each member has come, and how often a rule pays on this event. Reads facts, writes nothing."""

from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b

import numpy as np

from kizuna.core.days import DAY_NEVER
from kizuna.engine.cells import EMPTY
from kizuna.engine.events import Bools, Coded, Ints, Rows
from kizuna.engine.facts import Facts
from kizuna.engine.heard import Heard
from kizuna.engine.plan import Aim, Of, Read, RulePlan
from kizuna.program import CountGoal, Different, DifferentGoal, SpendGoal, StreakGoal

_LAST = np.iinfo(np.int64).max
FINISHED = -1
"""A streak's length once it has been paid for good."""


@dataclass(slots=True)
class Pursuit:
    """`times`: how often the rule pays on each event. `adds`: slots that grow.

    `days` and `values` are the cells of a slot as they are to be, one row an event, where `changed`.
    """

    times: Ints
    adds: list[tuple[int, Ints]] = field(default_factory=list)
    days: Ints | None = None
    values: Ints | None = None
    changed: Bools | None = None


def pursue(rule: RulePlan, heard: Heard, which: Rows, facts: Facts) -> Pursuit:
    """Pursue a rule's goal on the events at the places `which` of `heard`."""
    aim = rule.aim
    assert aim is not None  # noqa: S101 - the caller asks rules with goals
    match aim.goal:
        case CountGoal():
            return _counted(aim, aim.goal.count, 1, facts)
        case SpendGoal():
            assert aim.sums is not None  # noqa: S101 - compiled so
            return _counted(aim, aim.goal.spend, heard.reckoning.basis(aim.sums)[which], facts)
        case StreakGoal():
            return _streak(aim, aim.goal, heard.calendar.stretch(aim.within, heard.events.day[heard.at[which]]), facts)
        case DifferentGoal():
            return _different(aim, aim.goal, heard, which, facts)


def _counted(aim: Aim, target: int, more: Ints | int, facts: Facts) -> Pursuit:
    before, paid = facts.column(aim.read), facts.column(aim.paid_read)
    late = before < 0
    after = before + more
    reached = after // target if aim.goal.repeats else (after >= target).astype(np.int64)
    times = np.maximum(0, reached - np.maximum(0, paid))
    if late.any():
        times, more = np.where(late, 0, times), np.where(late, 0, more)
    return Pursuit(times, [(aim.slot, np.broadcast_to(more, times.shape)), (aim.paid_slot, times)])


def _streak(aim: Aim, goal: StreakGoal, stretch: Ints, facts: Facts) -> Pursuit:
    last = facts.column(aim.read)
    length = facts.column(facts.plan.read_of[Read(Of.FIRST_VALUE, number=aim.slot)])
    first = last == EMPTY
    longer = np.where(~first & (stretch == last + 1), length + 1, 1)
    moved = (first | (stretch > last)) & (length != FINISHED)
    if goal.repeats:
        reached = moved & (longer % goal.streak == 0)
    else:
        reached = moved & (longer >= goal.streak)
        longer = np.where(reached, FINISHED, longer)
    return Pursuit(reached.astype(np.int64), [], stretch[:, None], longer[:, None], moved)


def _different(aim: Aim, goal: DifferentGoal, heard: Heard, which: Rows, facts: Facts) -> Pursuit:
    days = facts.columns(aim.read, goal.different)
    things = facts.columns(aim.read + goal.different, goal.different)
    finished = days[:, 0] == DAY_NEVER
    day = heard.events.day[heard.at[which]].astype(np.int64)
    over = (days <= (day - goal.days)[:, None]) & ~finished[:, None]
    days, things = np.where(over, EMPTY, days), np.where(over, 0, things)
    for told_at, told in _things(aim, goal.of, goal.different, heard, which):
        open_ = ~finished[told_at]
        at, thing = told_at[open_], told[open_]
        known = (things[at] == thing[:, None]) & (days[at] != EMPTY)
        there = known.any(axis=1)
        free = days[at] == EMPTY
        cell = np.where(there, known.argmax(axis=1), free.argmax(axis=1))
        room = there | free.any(axis=1)
        here = at[room], cell[room]
        days[here], things[here] = np.maximum(days[here], day[here[0]]), thing[room]
    reached = ~finished & ((days != EMPTY).sum(axis=1) >= goal.different)
    days[reached], things[reached] = EMPTY, 0
    if not goal.repeats:
        days[reached, 0] = DAY_NEVER
    order = np.argsort(np.where(days == EMPTY, _LAST, things), axis=1, kind="stable")  # whichever came first
    days, things = np.take_along_axis(days, order, axis=1), np.take_along_axis(things, order, axis=1)
    return Pursuit(reached.astype(np.int64), [], days, things, ~finished)


def _things(aim: Aim, of: Different, most: int, heard: Heard, which: Rows) -> list[tuple[Rows, Ints]]:
    """Return the things of the events, one of each at a time: places among the events, and the things' numbers.

    More than `most` different things of one event are not needed: they reach every goal.
    """
    events = heard.events
    if of in (Different.STORE, Different.CHANNEL):
        told: Coded = events.store if of is Different.STORE else events.channel
        codes = told.codes[heard.at[which]]
        at = np.flatnonzero(codes >= 0)
        return [(at, _numbers(told)[codes[at]])] if len(at) else []
    starts, things = heard.keep((of, aim.selector), lambda: _distinct(aim, of, heard))
    first = starts[which]
    length = starts[which + 1] - first
    found = []
    for place in range(min(most, int(length.max(initial=0)))):
        at = (length > place).nonzero()[0]
        found.append((at, things[first[at] + place]))
    return found


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
    pairs = np.sort(place[on] * words + column.codes[line[on]])
    pairs = pairs[np.diff(pairs, prepend=-1) != 0]
    counts = np.bincount(pairs // words, minlength=size)
    return np.concatenate([[0], np.cumsum(counts)]), _numbers(column)[pairs % words]


@lru_cache(maxsize=100_000)
def _number(word: str) -> int:
    return int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "big") >> 1


def _numbers(column: Coded) -> Ints:
    return np.array([_number(word) for word in column.words], np.int64)
