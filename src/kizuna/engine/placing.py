"""What another program knew of a member, put into the memory as if it had been earned here. Pure.

A standing that was given is kept, reviewed and raised like any other from then on; figures count in the stretch in which the day of
the taking over lies. `join`'s counterpart `part` takes it off again, whatever has happened since.
"""

from typing import NamedTuple

import numpy as np

from kizuna.core.days import DAY_NEVER
from kizuna.engine import tiers
from kizuna.engine.calendar import Calendar
from kizuna.engine.joining import Memories, part
from kizuna.engine.plan import Plan, TrackPlan
from kizuna.engine.state import NO_DAY, State
from kizuna.program import Window


class Placing(NamedTuple):
    """What is known of a member. `level` is a rung of the program's tiers, `kept_through` its last day (None: as if reached now).

    `orders` and `spend` are those of all time, `figure` what counts towards the tiers in the window of the day (None: what `orders` and
    `spend` tell of a window of all time). `born` is month × 100 + day.
    """

    level: str | None = None
    kept_through: int | None = None
    orders: int = 0
    spend: int = 0
    figure: int | None = None
    last_order: int = NO_DAY
    joined: int = NO_DAY
    born: int = 0


class Placed(NamedTuple):
    """A memory with what was placed in it, and the rung on which the member stands with it."""

    memory: bytes
    level: int


def place(plan: Plan, memory: bytes, placing: Placing, day: int) -> Placed:
    """Return what is remembered of a member of `memory` once `placing` is known too, on `day`."""
    state = State.unpack(plan.names, [memory], [[0]], [b""], [b""], [0])
    state.memory.grow()
    row, on = np.zeros(1, np.intp), np.full(1, day, np.int32)
    head, calendar = state.head, Calendar.of(on)
    if placing.joined != NO_DAY and head["joined"][0] == NO_DAY:
        head["joined"] = placing.joined
    if placing.born:
        head["born"] = placing.born
    if placing.level is not None:
        _stand(plan.tracks[0], state, placing.level, placing.kept_through, day)
    for track in plan.tracks:
        tiers.review(track, state, row, on)
        more = np.full(1, _counts(track, placing), np.int64)
        if more[0]:
            tiers.count(track, state, row, on, more, calendar)
        tiers.settle(track, state, row, on, calendar)
    head["orders"] += placing.orders
    head["spend"] += placing.spend
    head["last_order"] = np.maximum(head["last_order"], placing.last_order)
    head["last_day"] = np.maximum(head["last_day"], day)
    return Placed(state.pack_memory()[0], level_in(plan, state))


def displace(plan: Plan, memory: bytes, placed: Memories, day: int) -> Placed:
    """Return what is remembered without what was placed: `placed` are the memory before, what was placed alone, and the memory after.

    A tier that was placed falls back to the one before, raised by what counts on `day`.
    """
    state = State.unpack(plan.names, [part(plan, memory, placed)], [[0]], [b""], [b""], [0])
    row, on = np.zeros(1, np.intp), np.full(1, day, np.int32)
    for track in plan.tracks:
        tiers.review(track, state, row, on)
        tiers.settle(track, state, row, on, Calendar.of(on))
    return Placed(state.pack_memory()[0], level_in(plan, state))


def level_of(plan: Plan, memory: bytes) -> int:
    """Return the rung of the program's tiers that a memory holds, reviewed or not."""
    return level_in(plan, State.unpack(plan.names, [memory], [[0]], [b""], [b""], [0]))


def level_in(plan: Plan, state: State) -> int:
    """Return the rung on which the one member of `state` stands."""
    return int(tiers.level_of(plan.tracks[0], state, np.zeros(1, np.intp))[0])


def _stand(track: TrackPlan, state: State, level: str, kept_through: int | None, day: int) -> None:
    rung = [one.id for one in track.tiers.levels].index(level)
    until = int(tiers.hold(track, np.full(1, day, np.int64))[0]) if kept_through is None else kept_through
    if rung == 0:
        until = DAY_NEVER
    state.slot(track.standing_slot).put_first(
        np.zeros(1, np.intp), np.full(1, until, np.int64), track.name_of[np.full(1, rung)]
    )


def _counts(track: TrackPlan, placing: Placing) -> int:
    """Return what counts towards a track: as told for the program's tiers, else what is known of all time."""
    if track.number == 0 and placing.figure is not None:
        return placing.figure
    if track.tiers.window is not Window.LIFETIME:
        return 0
    return {"spend": placing.spend, "visits": placing.orders}.get(track.tiers.by, 0)
