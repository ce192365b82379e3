"""What is remembered of an order that has changed: figures by their difference, everything else where nothing has happened since."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kizuna.engine import tiers
from kizuna.engine.earning import contribution
from kizuna.engine.events import Ints, Rows
from kizuna.engine.facts import Frozen
from kizuna.engine.periods import stretch_of
from kizuna.engine.plan import Of, Plan, Read, RulePlan, TrackPlan
from kizuna.engine.step import Result
from kizuna.program import DifferentGoal, TierOnReturn, Within

if TYPE_CHECKING:
    from kizuna.engine.block import Block
    from kizuna.engine.turn import Turn


@dataclass(slots=True)
class Twice:
    """Orders decided twice: by the plan `plan` (its number `number`), told by the rows `origin`."""

    number: int
    plan: Plan
    origin: Rows
    day: Ints
    facts: Frozen
    before: Result
    now: Result
    was: Ints
    """1 where something was kept until now."""
    is_: Ints
    """1 where something is kept from now on."""
    amount_before: Ints
    amount_now: Ints


def correct(block: "Block", turn: "Turn", twice: Twice) -> None:
    """Correct what is remembered of the orders."""
    state, rows, size = block.state, turn.rows, len(turn.at)
    sums: dict[tuple[int, Within], Ints] = {}
    for result, sign in ((twice.before, -1), (twice.now, 1)):
        for slot, within, at, amount, rule in result.adds:
            if not rule.keeps:
                total = sums.setdefault((slot, within), np.zeros(size, np.int64))
                np.add.at(total, at, sign * amount)
    for (slot, within), difference in sums.items():
        state.slot(slot).correct(rows, stretch_of(within, twice.day), difference)
    head = state.head
    head["orders"][rows] = np.maximum(0, head["orders"][rows] + twice.is_ - twice.was)
    head["spend"][rows] = np.maximum(0, head["spend"][rows] + twice.amount_now - twice.amount_before)
    last = twice.facts.column(twice.plan.read_of[Read(Of.HEAD, "last_order")])
    made = np.maximum(last, twice.day)
    had, has = np.where(twice.was, made, last), np.where(twice.is_, made, last)
    head["last_order"][rows] = np.where(head["last_order"][rows] == had, has, head["last_order"][rows])
    for rule in twice.plan.rules:
        if rule.aim is not None and rule.aim.paid_slot < 0 and not rule.keeps:
            _correct_goal(block, turn, twice, rule)
    for track in twice.plan.tracks:
        _correct_track(block, turn, twice, track)


def _correct_goal(block: "Block", turn: "Turn", twice: Twice, rule: RulePlan) -> None:
    """Set a streak, or the things that came together, to what the kept part makes of them, where nothing has happened since."""
    aim = rule.aim
    assert aim is not None  # noqa: S101 - the caller asked
    count = aim.goal.different if isinstance(aim.goal, DifferentGoal) else 1
    slot, read_of, facts = aim.slot, twice.plan.read_of, twice.facts
    if isinstance(aim.goal, DifferentGoal):
        reads = [(Read(Of.THING_DAY, str(cell), slot), Read(Of.THING, str(cell), slot)) for cell in range(count)]
    else:
        reads = [(Read(Of.FIRST_STRETCH, number=slot), Read(Of.FIRST_VALUE, number=slot))]
    made = []
    for result in (twice.before, twice.now):
        days = np.stack([facts.column(read_of[day]) for day, _ in reads], axis=1)
        values = np.stack([facts.column(read_of[value]) for _, value in reads], axis=1)
        for pursuit in result.pursuits:
            if pursuit.rule is rule:
                on = np.flatnonzero(pursuit.changed)
                at = pursuit.at[on]
                days[at], values[at] = pursuit.days[on], pursuit.values[on]
        made.append((days, values))
    (had_days, had), (has_days, has) = made
    cells, rows = block.state.slot(slot), turn.rows
    same = ((had_days == cells.stretch[:, rows].T) & (had == cells.value[:, rows].T)).all(axis=1)
    on = np.flatnonzero(same)
    cells.stretch[:, rows[on]], cells.value[:, rows[on]] = has_days[on].T, has[on].T


def _correct_track(block: "Block", turn: "Turn", twice: Twice, track: TrackPlan) -> None:
    state, rows, facts = block.state, turn.rows, twice.facts
    more = [
        contribution(track, result, amount, exists > 0)
        for result, amount, exists in (
            (twice.before, twice.amount_before, twice.was),
            (twice.now, twice.amount_now, twice.is_),
        )
    ]
    if track.tiers.by == "points":  # a goal that returns leave alone counts as before
        for result, sign in ((twice.before, 1), (twice.now, -1)):
            for one in result.by_rule():
                if one.rule.keeps and one.rule.unit == track.unit:
                    more[1][one.at] += sign * one.points
    tiers.correct(track, state, rows, twice.day, more[1] - more[0])
    if track.tiers.on_return is TierOnReturn.KEEP:
        return
    level, until = track.level(facts.column(track.rung_read)), facts.column(track.until_read)
    value = facts.column(track.figure_read)
    last_day = facts.column(twice.plan.read_of[Read(Of.HEAD, "last_day")])
    made = []
    for amount, exists in zip(more, (twice.was, twice.is_), strict=True):
        new_level, new_until = tiers.raised(track, level, until, value + amount, twice.day, last_day)
        there = exists > 0
        made.append((np.where(there, new_level, level), np.where(there, new_until, until)))
    (had, had_until), (has, has_until) = made
    cells = state.slot(track.standing_slot)
    now_until, number = cells.first(rows)
    on = np.flatnonzero((now_until == had_until) & (number == track.name_of[had]))
    cells.put_first(rows[on], has_until[on], track.name_of[has[on]])
