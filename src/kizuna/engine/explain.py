"""Why, and why not: one event looked at rule by rule, on a copy of what is remembered; nothing is changed.

Also what a member has done of the journey, and which members a condition holds for.
"""

from dataclasses import dataclass, field
from enum import IntEnum
from functools import partial

import numpy as np

from kizuna.engine.asked import Asked
from kizuna.engine.book import Book
from kizuna.engine.calendar import Calendar
from kizuna.engine.conditions import Conditions
from kizuna.engine.decide import decide
from kizuna.engine.events import Bools, Cut, Days, EntryKind, EventKind, Events, Rows
from kizuna.engine.facts import Live, member_column
from kizuna.engine.goals import pursue
from kizuna.engine.heard import Heard, Pairs, drawn
from kizuna.engine.periods import stretch_of
from kizuna.engine.plan import Plan, RulePlan
from kizuna.engine.shared import Shared
from kizuna.engine.state import State
from kizuna.engine.tiers import review
from kizuna.program import (
    All,
    Campaign,
    Compare,
    Condition,
    CountGoal,
    FactType,
    Is,
    Not,
    Segment,
    SpendGoal,
    StreakGoal,
)


class Why(IntEnum):
    """Why a rule speaks, or the first reason why it does not."""

    SPEAKS = 0
    OTHER_EVENT = 1
    NOT_YET = 2
    OVER = 3
    HELD_OUT = 4
    AUDIENCE = 5
    GOODS = 6
    CONDITION = 7
    GOAL = 8
    CUT = 9


@dataclass(frozen=True, slots=True)
class Miss:
    """A comparison that does not hold: where it stands, what it asks, and what is so (None: the fact is not there)."""

    place: str
    fact: str
    is_: Is
    value: object
    actual: int | str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one rule. `progress` of `reach` is how far a goal has come after the event (a count, minor units, a streak)."""

    rule: int
    why: Why
    points: int = 0
    raw: int = 0
    basis: int = 0
    cut: Cut = Cut.NONE
    progress: int = 0
    reach: int = 0
    misses: list[Miss] = field(default_factory=list)


def explain(plan: Plan, state: State, events: Events, shared: Shared | None = None) -> list[Verdict]:
    """Say of one order or action, by each rule, why it speaks or not. `state` and `shared` are left as they are.

    `events` holds one event, whose member is a row of `state`.
    """
    member = events.member[:1]
    some = state.gather(member)
    told = _only(events)
    copied = Shared(dict(shared.used)) if shared else Shared()
    before = some.gather(np.zeros(1, np.intp))
    _touched(plan, before, told)
    decided = decide([plan], some, told, copied)
    moves = decided.moves
    given = {
        int(moves.rule[place]): place
        for place in range(len(moves.event))
        if moves.rule[place] >= 0 and moves.kind[place] in (EntryKind.EARN, EntryKind.PEND)
    }
    book = Book(told)
    calendar = Calendar.of(told.day)
    heard = Heard(plan, book, np.zeros(1, np.intp), np.zeros(1, np.intp), before.keys, calendar)
    live = Live(plan, before, told, np.zeros(1, np.intp), np.zeros(1, np.intp), copied, calendar)
    asked = heard.asked(None, partial(member_column, live))
    conditions = Conditions(plan.program)
    verdicts = []
    for rule in plan.rules:
        place = given.get(rule.number)
        if place is not None:
            cut = Cut(int(moves.cut[place]))
            points, raw = int(moves.points[place]), int(moves.raw[place])
            why = Why.CUT if cut and points < raw else Why.SPEAKS
            progress, reach = _progress(rule, some, told)
            verdicts.append(Verdict(rule.number, why, points, raw, int(moves.basis[place]), cut, progress, reach))
        else:
            verdicts.append(_why_not(rule, heard, live, asked, conditions, some))
    return verdicts


def _only(events: Events) -> Events:
    """Return the one event as told by the plan 0 and the member 0."""
    one = {name: getattr(events, name) for name in events.__dataclass_fields__}
    return Events(**{**one, "member": np.zeros(1, np.intp), "plan": np.zeros(1, np.int16)})


def _touched(plan: Plan, state: State, told: Events) -> None:
    """Bring what is remembered to where the event finds it."""
    every, day = np.zeros(1, np.intp), told.day[:1]
    for track in plan.tracks:
        review(track, state, every, day)
    head = state.head
    if head["joined"][0] == -(2**31):
        head["joined"][0] = day[0]
    if told.born[0]:
        head["born"][0] = told.born[0]
    head["referred"][0] |= told.referred[0]


def _why_not(  # noqa: PLR0911 - one reason a return
    rule: RulePlan, heard: Heard, live: Live, asked: Asked, conditions: Conditions, after: State
) -> Verdict:
    told, event = heard.events, rule.rule.event
    if heard.of_type(event) is None:
        return Verdict(rule.number, Why.OTHER_EVENT)
    campaign = rule.rule if isinstance(rule.rule, Campaign) else None
    if campaign and int(told.day[0]) < rule.starts:
        return Verdict(rule.number, Why.NOT_YET)
    if campaign and int(told.day[0]) > rule.ends:
        return Verdict(rule.number, Why.OVER)
    if rule.held_out is not None and drawn(live.keys, rule.held_out[0])[0] < rule.held_out[1]:
        return Verdict(rule.number, Why.HELD_OUT)
    checks = [(Why.CONDITION, rule.rule.condition)]
    if campaign:
        checks.insert(0, (Why.AUDIENCE, campaign.audience))
    if rule.rule.goods is not None and heard.reckoning.lines(rule.selector)[0] == 0:
        return Verdict(rule.number, Why.GOODS)
    for why, condition in checks:
        if condition is not None and not conditions.kernel(condition, event)(asked)[0]:
            return Verdict(rule.number, why, misses=_misses(conditions, condition, event, asked))
    progress, reach = _progress(rule, after, told)
    one = np.zeros(1, np.intp)
    pursued = pursue(Pairs(one + rule.number, one + 1, one), heard, one, live)
    reached = pursued is None or pursued.times[0] > 0
    return Verdict(rule.number, Why.SPEAKS if reached else Why.GOAL, progress=progress, reach=reach)


def _progress(rule: RulePlan, state: State, told: Events) -> tuple[int, int]:
    """Return how far a rule's goal has come, and how far it has to."""
    aim = rule.aim
    if aim is None:
        return 0, 0
    cells = state.slot(aim.slot)
    match aim.goal:
        case CountGoal() | SpendGoal():
            reach = aim.goal.count if isinstance(aim.goal, CountGoal) else aim.goal.spend
            done = max(0, int(cells.read(np.zeros(1, np.intp), stretch_of(aim.within, told.day[:1]))[0]))
            return (done % reach if aim.goal.repeats else min(done, reach)), reach
        case StreakGoal():
            length = int(cells.value[0, 0])
            return (aim.goal.streak if length < 0 else length % aim.goal.streak), aim.goal.streak
        case _:
            return int((cells.value[:, 0] != 0).sum()), aim.goal.different


def _misses(
    conditions: Conditions, condition: Condition, event: str | None, asked: Asked, place: str = ""
) -> list[Miss]:
    """Return the comparisons by which a condition fails: of `all`, those that do not hold; of others, every one in them."""
    if conditions.kernel(condition, event)(asked)[0]:
        return []
    if isinstance(condition, All):
        return [
            miss
            for number, part in enumerate(condition.all)
            for miss in _misses(conditions, part, event, asked, f"{place}.all.{number}")
        ]
    if isinstance(condition, Segment):
        return _misses(conditions, conditions.segment(condition.segment), None, asked, place)
    if isinstance(condition, Compare):
        actual = _actual(conditions, condition, event, asked)
        return [Miss(place.strip("."), condition.fact, condition.is_, condition.value, actual)]
    found = []
    for number, part in enumerate([condition.not_] if isinstance(condition, Not) else condition.any):
        if isinstance(part, Compare):
            found.append(
                Miss(
                    f"{place}.{number}".strip("."),
                    part.fact,
                    part.is_,
                    part.value,
                    _actual(conditions, part, event, asked),
                )
            )
        else:
            found += _misses(conditions, part, event, asked, f"{place}.{number}")
    return found


def _actual(conditions: Conditions, one: Compare, event: str | None, asked: Asked) -> int | str | None:
    fact = conditions.facts(event)[one.fact]
    if fact.type is FactType.SET:
        return None
    if fact.type is FactType.TEXT and fact.name != "time.weekday":
        told = asked.text(one.fact)
        return told.words[int(told.codes[0])] if told.codes[0] >= 0 else None
    if fact.name == "time.is_holiday":
        return int(one.value is False)
    value, there = asked.number(one.fact)
    if there is not None and not there[0]:
        return None
    number = int(value[0])
    return str(fact.choices[number]) if fact.choices and fact.type in (FactType.RANK, FactType.TEXT) else number


def journey_of(plan: Plan, state: State, row: int) -> list[tuple[str, str, int, int]]:
    """Return (stage, step, times done, times wanted) for every step of the journey, in its order."""
    stages = plan.program.journey.stages if plan.program.journey else []
    return [
        (stages[step.stage].id, step.id, int(state.slot(step.slot).value[0, row]), step.times) for step in plan.steps
    ]


def holds(plan: Plan, state: State, rows: Rows, day: Days, condition: Condition) -> Bools:
    """Tell for which members a condition that speaks of members alone holds on `day` (one a row)."""
    some = state.gather(rows)
    size, every = len(rows), np.arange(len(rows))
    for track in plan.tracks:
        review(track, some, every, day)
    events = Events.plain(
        every, np.zeros(size, np.int16), np.full(size, EventKind.ORDER, np.int8), day, np.zeros(size, np.int64)
    )
    calendar = Calendar.of(day)
    live = Live(plan, some, events, every, every, Shared(), calendar)
    asked = Asked(Book(events), every, every, partial(member_column, live), calendar=calendar)
    return Conditions(plan.program).kernel(condition, None)(asked)
