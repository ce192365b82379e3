"""What is remembered of a member besides points: figures by stretch, streaks, things, standings."""

from dataclasses import dataclass, field
from typing import NamedTuple

Slot = tuple[str, ...]


class Count(NamedTuple):
    """Something that is counted: into which slot of how many cells, for which stretch, how much, and for which rule."""

    slot: Slot
    cells: int
    stretch: int
    amount: int
    rule: int = -1


class Streak(NamedTuple):
    last: int | None = None
    length: int = 0
    finished: bool = False


class Things(NamedTuple):
    """The things that are known, each with its day."""

    known: frozenset[tuple[str, int]] = frozenset()
    finished: bool = False


class Stand(NamedTuple):
    """A rung of a track, by its id, and the last day on which it is kept."""

    rung: str
    through: int


@dataclass
class Memory:
    """`figures` are cells: by slot and cell, the stretch it holds and the sum."""

    figures: dict[Slot, dict[int, tuple[int, int]]] = field(default_factory=dict)
    streaks: dict[Slot, Streak] = field(default_factory=dict)
    things: dict[Slot, Things] = field(default_factory=dict)
    standings: dict[str, Stand] = field(default_factory=dict)
    last_order: int | None = None
    joined: int | None = None
    born: tuple[int, int] | None = None
    referred: bool = False
    qualified: bool = False
    seen: int = -(2**31)

    def read(self, slot: Slot, cells: int, stretch: int) -> int | None:
        """The figure of a stretch; None where it is too late to ask."""
        held, figure = self.figures.get(slot, {}).get(stretch % cells, (stretch, 0))
        if held > stretch:
            return None
        return figure if held == stretch else 0

    def count(self, one: Count) -> None:
        """Count something, unless it is too late. Nothing falls below 0."""
        before = self.read(one.slot, one.cells, one.stretch)
        if before is not None and one.amount:
            cells = dict(self.figures.get(one.slot, {}))
            cells[one.stretch % one.cells] = (one.stretch, max(0, before + one.amount))
            self.figures[one.slot] = cells

    def ever(self, *slot: str) -> int:
        return self.read(slot, 1, 0) or 0

    def copy(self) -> "Memory":
        """A copy that later events do not touch; the values inside are never changed in place."""
        return Memory(
            dict(self.figures),
            dict(self.streaks),
            dict(self.things),
            dict(self.standings),
            self.last_order,
            self.joined,
            self.born,
            self.referred,
            self.qualified,
            self.seen,
        )
