"""Tiers: what counts towards a rung, when a rung is reviewed and raised, and where a member stands on a given day.

A standing is (the rung's number in the names, the last day on which it is kept). Reviews are made on touch, so that nothing has to
run at midnight; `standing` looks ahead without changing anything.
"""

from dataclasses import dataclass

import numpy as np

from kizuna.core.days import DAY_NEVER
from kizuna.engine.calendar import Calendar
from kizuna.engine.events import Bools, Days, Ints, Rows, Span, picked
from kizuna.engine.periods import MONTHS, window_end, window_of
from kizuna.engine.plan import Plan, TrackPlan
from kizuna.engine.state import State
from kizuna.program import Downgrade, Held, Window


def figure(
    track: TrackPlan, state: State, rows: Span, day: Days | Ints, back: int = 0, calendar: Calendar | None = None
) -> Ints:
    """Return what counts in the window of each day, or `back` windows before it."""
    cells, window = state.slot(track.figure_slot), track.tiers.window
    number = (window_of(window, day) if calendar is None else calendar.window(window, day)) - back
    if window is Window.ROLLING:
        return cells.sum(rows, number, track.tiers.months)
    return np.maximum(0, cells.read(rows, number))


def count(track: TrackPlan, state: State, rows: Span, day: Days | Ints, amount: Ints, calendar: Calendar) -> None:
    """Count `amount` on each day."""
    state.slot(track.figure_slot).add(rows, calendar.window(track.tiers.window, day), amount)


def correct(track: TrackPlan, state: State, rows: Rows, day: Days | Ints, difference: Ints) -> None:
    """Change what was counted on each day."""
    state.slot(track.figure_slot).correct(rows, window_of(track.tiers.window, day), difference)


def rung(track: TrackPlan, value: Ints) -> Ints:
    """Return the rung that each figure reaches."""
    return np.searchsorted(track.at, value, side="right").astype(np.int64) - 1


def hold(track: TrackPlan, day: Days | Ints) -> Ints:
    """Return the last day on which a rung reached on each day is kept."""
    tiers = track.tiers
    number = window_of(tiers.window, day)
    if tiers.held is Held.NEXT_WINDOW:
        number = number + (tiers.months if tiers.window is Window.ROLLING else 1)
    return _graced(window_end(tiers.window, number), tiers.grace_days)


def _graced(end: Ints, days: int) -> Ints:
    return np.where(end >= DAY_NEVER, DAY_NEVER, np.minimum(end + days, DAY_NEVER))


def review(track: TrackPlan, state: State, rows: Span, day: Days | Ints) -> None:
    """Review every standing that is over by its day, and make the first one of those who have none."""
    cells = state.slot(track.standing_slot)
    number = cells.value[0, rows]
    nobody = track.level(number) < 0
    touched = (nobody | (cells.stretch[0, rows] < day)).nonzero()[0]
    if not len(touched):
        return
    rows, day, level, nobody = picked(rows, touched), day[touched], track.level(number[touched]), nobody[touched]
    until = cells.stretch[0, rows].astype(np.int64)
    level, until = _reviewed(track, state, rows, day, level, until, nobody)
    value, last_day = figure(track, state, rows, day), state.head["last_day"][rows]
    level, until = raised(track, level, until, value, day, last_day)
    cells.put_first(rows, until, track.name_of[level])


def _reviewed(
    track: TrackPlan, state: State, rows: Rows, day: Days | Ints, level: Ints, until: Ints, nobody: Bools
) -> tuple[Ints, Ints]:
    tiers = track.tiers
    level, until, nobody = level.copy(), until.copy(), nobody.copy()
    while True:
        at = np.flatnonzero(nobody | (until < day))
        if not len(at):
            return level, until
        first = nobody[at]
        on = np.where(first, day[at], until[at] + 1)
        reached = rung(track, figure(track, state, rows[at], on))
        if tiers.held is Held.NEXT_WINDOW and tiers.window in MONTHS:
            reached = np.maximum(reached, rung(track, figure(track, state, rows[at], on, back=1)))
        if tiers.downgrade is Downgrade.ONE_STEP:
            reached = np.where(first, reached, np.maximum(reached, level[at] - 1))
        if tiers.window is Window.ROLLING and tiers.held is Held.NEXT_WINDOW:
            kept = hold(track, on)
        else:
            kept = _graced(window_end(tiers.window, window_of(tiers.window, on)), tiers.grace_days)
        level[at], until[at] = reached, np.where(reached == 0, DAY_NEVER, kept)
        nobody[at] = False


def raised(
    track: TrackPlan, level: Ints, until: Ints, value: Ints, day: Days | Ints, last_day: Ints
) -> tuple[Ints, Ints]:
    """Return the standings after the figures have come to `value` on `day`."""
    reached = rung(track, value)
    on = np.flatnonzero((reached >= level) & (reached > 0))
    if not len(on):
        return level, until
    kept = hold(track, day[on])
    in_time = kept >= last_day[on]
    on, kept = on[in_time], kept[in_time]
    later = np.where(level[on] <= 0, kept, np.maximum(until[on], kept))
    level, until = level.copy(), until.copy()
    level[on], until[on] = reached[on], later
    return level, until


def settle(track: TrackPlan, state: State, rows: Span, day: Days | Ints, calendar: Calendar) -> Ints:
    """Raise the standings of `rows` by their figures of the day, and return the figures."""
    cells = state.slot(track.standing_slot)
    value = figure(track, state, rows, day, calendar=calendar)
    reached = rung(track, value)
    level = track.level(cells.value[0, rows])
    on = ((reached >= level) & (reached > 0)).nonzero()[0]
    if not len(on):
        return value
    rows, day, level, reached = picked(rows, on), day[on], level[on], reached[on]
    kept = calendar.look(
        ("hold", track.tiers.window, track.tiers.held, track.tiers.months, track.tiers.grace_days),
        lambda days: hold(track, days),
        day,
    )
    until = cells.stretch[0, rows].astype(np.int64)
    later = np.where(level <= 0, kept, np.maximum(until, kept))
    changed = (((reached != level) | (later != until)) & (kept >= state.head["last_day"][rows])).nonzero()[0]
    if len(changed):
        cells.put_first(rows[changed], later[changed], track.name_of[reached[changed]])
    return value


def level_of(track: TrackPlan, state: State, rows: Span) -> Ints:
    """Return the rungs of `rows` as they stand."""
    return np.maximum(0, track.level(state.slot(track.standing_slot).value[0, rows]))


@dataclass(slots=True)
class Standing:
    """Per member: the rung (an index into the plan's levels), what counts towards it, and what comes next.

    `kept_through` is the last day on which the rung is kept (`DAY_NEVER` for no end), `level_after` the rung after that if nothing more
    happens, `warn` whether that is a lower one and near.
    """

    level: Ints
    figure: Ints
    kept_through: Ints
    level_after: Ints
    warn: Bools


def standing(plan: Plan, state: State, rows: Rows, day: Days, track: int = 0) -> Standing:
    """Return where each of `rows` stands on `day` (one a row), without changing anything. Track 0 is the program's tiers."""
    one = plan.tracks[track]
    some = state.gather(rows)
    every = np.arange(len(rows))
    review(one, some, every, day)
    until, number = some.slot(one.standing_slot).first(every)
    level, value = np.maximum(0, one.level(number)), figure(one, some, every, day)
    ends = until < DAY_NEVER
    after, kept = level.copy(), until.copy()
    while ends.any():  # a review that changes nothing keeps the rung longer
        at = np.flatnonzero(ends)
        review(one, some, at, kept[at] + 1)
        later, number = some.slot(one.standing_slot).first(at)
        after[at] = np.maximum(0, one.level(number))
        ends[at] = (after[at] == level[at]) & (later < DAY_NEVER)
        kept[at] = np.where(after[at] == level[at], later, kept[at])
    warn = (after < level) & (kept - day < one.tiers.warn_days)
    return Standing(level, value, kept, after, warn)
