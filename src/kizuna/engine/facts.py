"""What a decision reads of members: live from the state, or frozen as it was when an order was decided.

Both answer `column(i)`: the i-th of the plan's reads, one element an event. So one code decides an order for the first time and
decides it again years later.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kizuna.engine.calendar import Calendar
from kizuna.engine.events import Coded, Events, Ints, Rows, Span, listed, picked
from kizuna.engine.plan import Of, Plan, Read
from kizuna.engine.shared import Shared
from kizuna.engine.state import State
from kizuna.engine.tiers import figure
from kizuna.program import Within

FEW = 512
"""Up to how many events a read it is quicker to look all reads up together than one after the other."""


class Facts(Protocol):
    """Figures of the members of some events, just before them."""

    plan: Plan

    def column(self, place: int) -> Ints:
        """Return the read at `place`; not to be kept beyond the decision."""

    def things(self, slot: int, place: int, count: int) -> tuple[Ints, Ints]:
        """Return the days and the things of a slot with `count` cells, whose reads begin at `place`; a row an event."""

    def remembered(self, reads: Ints, length: Ints, at: Rows) -> Ints:
        """Return reads of stretches: the first for the first `length[0]` events of `at`, and so on."""


class Live:
    """Facts as they are: `at` are the events' rows, `rows` their members' rows in the state."""

    def __init__(
        self, plan: Plan, state: State, events: Events, at: Rows, rows: Span, shared: Shared, calendar: Calendar
    ) -> None:
        self.plan, self._state, self._events, self._at, self._rows = plan, state, events, at, rows
        self._shared, self._calendar, self._day = shared, calendar, events.day[at].astype(np.int64)
        self._known: dict[int, Ints] = {}
        self._stretches: dict[Within, Ints] = {}

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

    def things(self, slot: int, place: int, count: int) -> tuple[Ints, Ints]:  # noqa: ARG002 - how frozen facts find them
        """Return the days and the things of a slot with `count` cells, whose reads begin at `place`; a row an event."""
        cells = self._state.slot(slot)
        return cells.stretch[:, self._rows].T.astype(np.int64), cells.value[:, self._rows].T

    def remembered(self, reads: Ints, length: Ints, at: Rows) -> Ints:
        """Return reads of stretches."""
        memory, layout = self._state.memory, self.plan.layout
        if len(at) <= FEW * len(reads):
            memory.grow()
            start, count, within = (
                column[reads].repeat(length) for column in (layout.start, layout.count, layout.within)
            )
            return memory.read(start, count, self._calendar.stretches(within, self._day[at]), picked(self._rows, at))
        found, begin = np.empty(len(at), np.int64), 0
        for place, size in zip(reads.tolist(), length.tolist(), strict=True):
            part, read = slice(begin, begin + size), self.plan.reads[place]
            stretch, rows = self._stretch(read.within), self._rows
            if size < len(self._at):
                stretch, rows = stretch[at[part]], picked(self._rows, at[part])
            found[part] = memory[read.number].read(rows, stretch)
            begin += size
        return found

    def _stretch(self, within: Within) -> Ints:
        if within not in self._stretches:
            self._stretches[within] = self._calendar.stretch(within, self._day)
        return self._stretches[within]

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
                found = state.slot(read.number).read(rows, self._stretch(read.within))
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
                found = self._shared.read(read.number, told, self._calendar.stretch(read.within, day), self._at)
        return found.astype(np.int64, copy=False)

    def freeze(self) -> NDArray[np.int64]:
        """Return everything that the plan reads, one row an event: the reads of memory all at once, the others one by one."""
        plan, memory, rows, layout = self.plan, self._state.memory, listed(self._rows), self.plan.layout
        matrix = np.empty((len(rows), len(plan.reads)), np.int64)
        memory.grow()
        if len(layout.cells):
            stretch = self._calendar.stretches(layout.cell_within, self._day)
            matrix[:, layout.cells] = memory.read(layout.cell_start, layout.cell_count, stretch, rows).T
        if len(layout.values):
            matrix[:, layout.values] = memory.value[layout.value_at[:, None], rows].T
        if len(layout.stretches):
            matrix[:, layout.stretches] = memory.stretch[layout.stretch_at[:, None], rows].T
        head = self._state.head[rows]
        for place, name in layout.heads:
            matrix[:, place] = head[name]
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

    def things(self, slot: int, place: int, count: int) -> tuple[Ints, Ints]:  # noqa: ARG002 - how live facts find them
        """Return the days and the things of a slot with `count` cells, whose reads begin at `place`; a row an event."""
        return self._matrix[:, place : place + count], self._matrix[:, place + count : place + 2 * count]

    def remembered(self, reads: Ints, length: Ints, at: Rows) -> Ints:
        """Return reads of stretches."""
        found: Ints = self._matrix[at, reads.repeat(length)]
        return found


def member_column(facts: Facts, name: str) -> Ints:
    """Return a fact of the member by its name, as conditions ask for it; rungs and stages as places in the document."""
    plan = facts.plan
    if name == "tier" or name.startswith("track."):
        track = plan.tracks[0]
        if name != "tier":
            track = plan.tracks[[f"track.{one.id}" for one in plan.program.tracks].index(name) + 1]
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
