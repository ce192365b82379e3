"""What a decision reads of members: live from the state, or frozen as it was when an order was decided.

Both answer `column(i)`: the i-th of the plan's reads, one element an event. So one code decides an order for the first time and
decides it again years later.
"""

from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kizuna.engine.calendar import Calendar
from kizuna.engine.cells import TOO_LATE
from kizuna.engine.events import Coded, Days, Events, Ints, Rows
from kizuna.engine.plan import Of, Plan, Read
from kizuna.engine.shared import Shared
from kizuna.engine.state import State
from kizuna.engine.tiers import figure


class Facts(Protocol):
    """Figures of the members of some events, just before them."""

    plan: Plan

    def column(self, place: int) -> Ints:
        """Return the read at `place`."""

    def columns(self, place: int, count: int) -> Ints:
        """Return the `count` reads from `place` on, one column each."""

    def some(self, which: Rows) -> "Facts":
        """Return the facts of some of the events."""


class Live:
    """Facts as they are: `at` are the events' rows, `rows` their members' rows in the state."""

    def __init__(
        self, plan: Plan, state: State, events: Events, at: Rows, rows: Rows, shared: Shared, calendar: Calendar
    ) -> None:
        self.plan, self._state, self._events, self._at, self._rows = plan, state, events, at, rows
        self._shared, self._calendar = shared, calendar
        self._known: dict[int, Ints] = {}

    @property
    def keys(self) -> NDArray[np.uint64]:
        """The members' own numbers."""
        keys: NDArray[np.uint64] = self._state.keys[self._rows]
        return keys

    def column(self, place: int) -> Ints:
        """Return the read at `place`."""
        if place not in self._known:
            self._known[place] = self._look(self.plan.reads[place])
        return self._known[place]

    def columns(self, place: int, count: int) -> Ints:
        """Return the `count` reads from `place` on, one column each."""
        return np.stack([self.column(place + number) for number in range(count)], axis=1)

    def some(self, which: Rows) -> "Live":
        """Return the facts of some of the events."""
        return Live(
            self.plan, self._state, self._events, self._at[which], self._rows[which], self._shared, self._calendar
        )

    @cached_property
    def _day(self) -> Days:
        return self._events.day[self._at]

    def _look(self, read: Read) -> Ints:  # noqa: C901 - one line a kind of read
        state, rows, day = self._state, self._rows, self._day
        found: Ints
        match read.of:
            case Of.HEAD:
                found = state.head[read.name][rows]
            case Of.RUNG:
                found = state.slot(self.plan.tracks[read.number].standing_slot).value[0, rows]
            case Of.UNTIL:
                found = state.slot(self.plan.tracks[read.number].standing_slot).stretch[0, rows].astype(np.int64)
            case Of.FIGURE:
                found = figure(self.plan.tracks[read.number], state, rows, day, calendar=self._calendar)
            case Of.CELL:
                found = state.slot(read.number).read(rows, self._calendar.stretch(read.within, day))
            case Of.STEP | Of.FIRST_VALUE:
                found = state.slot(read.number).value[0, rows]
            case Of.FIRST_STRETCH:
                found = state.slot(read.number).stretch[0, rows].astype(np.int64)
            case Of.THING_DAY:
                found = state.slot(read.number).stretch[int(read.name), rows].astype(np.int64)
            case Of.THING:
                found = state.slot(read.number).value[int(read.name), rows]
            case Of.SHARED:
                told = Coded(self._events.store.codes[self._at], self._events.store.words) if read.by_store else None
                found = self._shared.read(read.number, told, self._calendar.stretch(read.within, day))
        return found.astype(np.int64, copy=False)

    def freeze(self) -> NDArray[np.int64]:
        """Return everything that the plan reads, one row an event: the reads of memory all at once, the others one by one."""
        plan, memory, rows = self.plan, self._state.memory, self._rows
        matrix = np.empty((len(rows), len(plan.reads)), np.int64)
        layout = plan.layout
        memory.grow()
        if len(layout.cells):
            stretches = np.stack([self._calendar.stretch(within, self._day) for within in layout.withins])
            stretch = stretches[layout.cell_within]
            cell = layout.cell_start[:, None] + stretch % layout.cell_count[:, None]
            held = memory.stretch[cell, rows]
            known = memory.value[cell, rows] * (held == stretch)
            known[held > stretch] = TOO_LATE
            matrix[:, layout.cells] = known.T
        if len(layout.values):
            matrix[:, layout.values] = memory.value[layout.value_at[:, None], rows].T
        if len(layout.stretches):
            matrix[:, layout.stretches] = memory.stretch[layout.stretch_at[:, None], rows].T
        for place in layout.others:
            matrix[:, place] = self.column(place)
        return matrix


class Frozen:
    """Facts as they were: one row an event, one column a read."""

    def __init__(self, plan: Plan, matrix: NDArray[np.int64]) -> None:
        self.plan, self._matrix = plan, matrix

    def column(self, place: int) -> Ints:
        """Return the read at `place`."""
        column: Ints = self._matrix[:, place]
        return column

    def columns(self, place: int, count: int) -> Ints:
        """Return the `count` reads from `place` on, one column each."""
        return self._matrix[:, place : place + count]

    def some(self, which: Rows) -> "Frozen":
        """Return the facts of some of the events."""
        return Frozen(self.plan, self._matrix[which])


def member_column(facts: Facts, name: str) -> Ints:
    """Return a fact of the member by its name, as conditions ask for it; rungs and stages as places in the document."""
    plan = facts.plan
    if name == "tier" or name.startswith("track."):
        ids = ["tier", *(f"track.{track.id}" for track in plan.program.tracks)]
        track = plan.tracks[ids.index(name)]
        number = facts.column(track.rung_read)
        return np.maximum(0, track.level(number))
    if name == "stage":
        return stage(plan, {step.read: facts.column(step.read) for step in plan.steps}, len(facts.column(0)))
    return facts.column(plan.read_of[Read(Of.HEAD, name)])


def stage(plan: Plan, done: dict[int, Ints], size: int) -> Ints:
    """Return the stage of the journey by how often each step (by its read) is done: the first that is not passed."""
    here = np.zeros(size, np.int64)
    passing = np.ones(size, np.bool_)
    for number, needed in enumerate(plan.needs[:-1]):
        mine = [step for step in plan.steps if step.stage == number]
        count = np.zeros(size, np.int64)
        for step in mine:
            count += done[step.read] >= step.times
        passing &= count >= needed
        here += passing
    return here
