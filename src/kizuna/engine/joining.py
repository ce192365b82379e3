"""What is remembered of two members who are one person, made one; and parted again where that was a mistake.

Figures add up within the same stretch of the calendar, and the later stretch stands where they differ; of what cannot be added (a streak,
a tier) the better one stands. Parting undoes exactly what joining did wherever nothing has happened since.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kizuna.engine.cells import EMPTY
from kizuna.engine.events import Bools, Ints
from kizuna.engine.goals import FINISHED
from kizuna.engine.plan import Plan
from kizuna.engine.state import NO_DAY, State

_FIRST, _LAST = ("joined",), ("last_day", "last_order", "referred")
_SUMS = ("orders", "spend")
_WHOLE = ("streak", "different", "standing", "referral")
"""Slots whose cells mean something only together."""


class Memories(NamedTuple):
    """Both memories before they were joined, and what they came to."""

    kept: bytes
    gone: bytes
    joined: bytes


def join(plan: Plan, kept: bytes, gone: bytes) -> bytes:
    """Return what is remembered of `kept` once `gone` is the same person; `plan` is the newest."""
    state = _state(plan, [kept, gone, kept])
    head, stretch, value = state.head, state.memory.stretch, state.memory.value
    for name in _SUMS:
        head[name][2] = head[name][0] + head[name][1]
    for name in _LAST:
        head[name][2] = max(head[name][0], head[name][1])
    known = [day for day in head["joined"][:2].tolist() if day != NO_DAY]
    head["joined"][2] = min(known, default=NO_DAY)
    head["born"][2] = head["born"][0] or head["born"][1]
    later = stretch[:, 1] > stretch[:, 0]
    same = (stretch[:, 1] == stretch[:, 0]) & (stretch[:, 0] != EMPTY)
    stretch[:, 2] = np.where(later, stretch[:, 1], stretch[:, 0])
    value[:, 2] = np.where(later, value[:, 1], np.where(same, value[:, 0] + value[:, 1], value[:, 0]))
    for start, end, what in _slots(plan):
        if what[0] in _WHOLE:
            better = 1 if _is_better(plan, what, stretch[start:end], value[start:end]) else 0
            stretch[start:end, 2], value[start:end, 2] = stretch[start:end, better], value[start:end, better]
    return state.pack_memory()[2]


def part(plan: Plan, now: bytes, before: Memories) -> bytes:
    """Return what is remembered of the member who stayed once the other is somebody else again."""
    state = _state(plan, [now, before.kept, before.gone, before.joined])
    head, stretch, value = state.head, state.memory.stretch, state.memory.value
    for name in ("referred", "born", "last_day", "last_order", "joined", *_SUMS):
        if head[name][0] == head[name][3]:
            head[name][0] = head[name][1]
        elif name in _SUMS:
            head[name][0] = max(0, head[name][0] - head[name][2])
    untouched: Bools = (stretch[:, 0] == stretch[:, 3]) & (value[:, 0] == value[:, 3])
    for start, end, what in _slots(plan):
        if what[0] in _WHOLE:
            untouched[start:end] = untouched[start:end].all()
    adds = np.zeros(len(stretch), np.bool_)
    for start, end, what in _slots(plan):
        adds[start:end] = what[0] not in _WHOLE
    theirs = adds & ~untouched & (stretch[:, 0] == stretch[:, 2])
    value[:, 0] = np.where(
        untouched, value[:, 1], np.where(theirs, np.maximum(0, value[:, 0] - value[:, 2]), value[:, 0])
    )
    stretch[:, 0] = np.where(untouched, stretch[:, 1], stretch[:, 0])
    return state.pack_memory()[0]


def _state(plan: Plan, memories: list[bytes]) -> State:
    size = len(memories)
    state = State.unpack(plan.names, memories, [[0]] * size, [b""] * size, [b""] * size, [0] * size)
    state.memory.grow()
    return state


def _slots(plan: Plan) -> list[tuple[int, int, tuple[str, ...]]]:
    """Return where each slot's cells lie, and what it is."""
    names = plan.names
    return [
        (start, start + count, what) for start, count, what in zip(names.starts, names.cells, names.slots, strict=True)
    ]


def _is_better(plan: Plan, what: tuple[str, ...], stretch: NDArray[np.int32], value: Ints) -> bool:
    """Tell whether the second of two whole slots stands."""
    if what[0] == "standing":
        track = next((one for one in plan.tracks if plan.names.slots[one.standing_slot] == what), None)
        if track is not None:
            mine, theirs = track.level(value[0, :2]).tolist()
            return bool((theirs, stretch[0, 1]) > (mine, stretch[0, 0]))
    if what[0] == "streak" and FINISHED in value[0, :2]:
        return bool(value[0, 1] == FINISHED)
    known = (stretch != EMPTY).sum(axis=0)
    mine_at, theirs_at = ((int(known[one]), int(stretch[:, one].max()), int(value[0, one])) for one in (0, 1))
    if what[0] == "streak":
        return (theirs_at[1], theirs_at[2]) > (mine_at[1], mine_at[2])
    return theirs_at > mine_at
