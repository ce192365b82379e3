"""A version of a program as numbers: compiled once, then asked for every event.

The plan holds nothing that changes; `version` is the published version’s number. What a decision reads of a member is listed in
`reads`, in one fixed order, so that it can be frozen.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from kizuna.engine.amounts import Rate, Selector, Sums
from kizuna.engine.conditions import Kernel
from kizuna.engine.events import Cut, Ints
from kizuna.engine.names import Names
from kizuna.engine.table import Table
from kizuna.program import (
    Each,
    EarningRule,
    Expiry,
    Goal,
    Keeps,
    Pending,
    Program,
    Tiers,
    Within,
)


class Of(IntEnum):
    """What a read is."""

    HEAD = 0
    RUNG = 1
    UNTIL = 2
    FIGURE = 3
    CELL = 4
    FIRST_STRETCH = 5
    FIRST_VALUE = 6
    THING_DAY = 7
    THING = 8
    SHARED = 9
    STEP = 10


class Read(NamedTuple):
    """One figure that a decision reads: of a head field, a track, a slot, or a shared figure."""

    of: Of
    name: str = ""
    number: int = 0
    within: Within = Within.EVER
    by_store: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Reckoned:
    """An award: a rate per rung of an amount (`sums`), or a number per rung times how often (`each`, `selector`)."""

    sums: Sums | None
    rates: tuple[Rate, ...]
    each: Each = Each.ORDER
    selector: int = 0
    base: int = -1
    """The rule that is multiplied."""
    extra: tuple[int, int] = (1, 1)
    """A multiplied rule's (times − 1), as a fraction."""


@dataclass(frozen=True, slots=True, eq=False)
class Counter:
    """A limit: what is left of `most` in the stretch; `read` is the figure's place among the reads."""

    most: int
    cut: Cut
    is_times: bool
    within: Within
    slot: int
    read: int

    @property
    def is_shared(self) -> bool:
        """Whether all members use it up together."""
        return self.cut in (Cut.STORE, Cut.ALL, Cut.BUDGET)


@dataclass(frozen=True, slots=True, eq=False)
class Aim:
    """A goal: what it counts, in which slots, and the reads of them."""

    goal: Goal
    within: Within
    slot: int
    read: int
    paid_slot: int = -1
    paid_read: int = -1
    sums: Sums | None = None
    selector: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class RulePlan:
    """A rule. `now` and `later` are its conditions; `lots` the number of its lot terms; `keeps` says that returns leave it alone."""

    number: int
    rule: EarningRule
    now: Kernel | None
    later: Kernel | None
    selector: int
    award: Reckoned | None
    unit: int
    lots: int
    aim: Aim | None
    counters: tuple[Counter, ...]
    group: int
    held_out: tuple[int, int] | None
    starts: int
    ends: int
    step_slot: int
    keeps: bool


@dataclass(frozen=True, slots=True, eq=False)
class LotPlan:
    """Lot terms: which unit and restriction, when lots end, whether points wait. `from_release`: the expiry runs from it."""

    unit: int
    restriction: int
    expiry: Expiry
    term: str
    """The expiry in words, by which a calendar knows it."""
    pending: Pending | None
    from_release: bool


@dataclass(frozen=True, slots=True, eq=False)
class TrackPlan:
    """A tier track: what its figure is, where its standing lies, its rungs. `level_of` leads from the names' numbers to rungs."""

    number: int
    tiers: Tiers
    unit: int
    figure_slot: int
    standing_slot: int
    at: Ints
    level_of: Ints
    name_of: Ints
    rung_read: int
    until_read: int
    figure_read: int

    def level(self, number: Ints) -> Ints:
        """Return the rungs of numbers of the names, −1 for none that this version knows."""
        levels: Ints = self.level_of.take(number, mode="clip")
        return levels


@dataclass(frozen=True, slots=True, eq=False)
class StepPlan:
    """A step of the journey."""

    stage: int
    id: str
    times: int
    slot: int
    read: int


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Where the reads lie in the memory's tables, so that they can be read together: places among the reads, rows of the tables.

    `start`, `count` and `within` (a place among `WITHINS`) have an element for every read.
    """

    start: Ints
    count: Ints
    within: Ints
    cells: Ints
    cell_start: Ints
    cell_count: Ints
    cell_within: Ints
    """Of the cells alone, in a column."""
    values: Ints
    value_at: Ints
    stretches: Ints
    stretch_at: Ints
    heads: tuple[tuple[int, str], ...]
    others: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A compiled version."""

    version: int
    program: Program
    names: Names
    rules: tuple[RulePlan, ...]
    table: Table
    selectors: tuple[Selector, ...]
    lots: tuple[LotPlan, ...]
    tracks: tuple[TrackPlan, ...]
    steps: tuple[StepPlan, ...]
    needs: tuple[int, ...]
    """How many steps of each stage pass it; a number that is never reached for one that is not passed."""
    reads: tuple[Read, ...]
    read_of: dict[Read, int]
    layout: Layout
    idle_days: tuple[int, ...]
    """By unit: after how many days without an order its idle lots lapse, 0 for never."""
    expiries: tuple[Expiry, ...]
    """By unit."""
    allowed: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    """By restriction (0 first): the channels and stores where it may be spent."""
    qualifies: tuple[str, Kernel | None, Kernel | None, int, int] | None
    """The referral: its event, its conditions, within how many days, and the slot that remembers it."""
    groups: tuple[Keeps, ...]
    has_exclusive: bool
    has_shared: bool
