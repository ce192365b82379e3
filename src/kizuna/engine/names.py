"""Numbers for names, the same for every version of a program: units, purposes, levels, stages, and slots of memory.

A number is given at the first sight of a name and never changes, so that lots, entries and remembered figures of one version
are understood by all later ones. Feeding the same documents in the same order gives the same numbers.
"""

from dataclasses import dataclass, field
from typing import Any

from kizuna.program import Program, Within

UNRESTRICTED = 0
YEAR_SPEND, LIFETIME_SPEND = 0, 1
"""Slots that every brand has, because older rows remember them."""
_FIRST = (("figure", "", "spend", "calendar_year"), ("figure", "", "spend", "lifetime"))
CELLS = {Within.DAY: 4, Within.WEEK: 2, Within.MONTH: 2, Within.QUARTER: 2, Within.YEAR: 2, Within.EVER: 1}
"""How many stretches of the calendar a slot remembers: stretch p lies in cell p mod cells, until a later one needs it."""


@dataclass(slots=True)
class Names:
    """`units[i]` is the unit number i; `purposes[i − 1]` the restriction number i; `levels` are (track, level) pairs, numbered from 1.

    A slot is (what, whose, …): its number indexes `slots`, its number of cells `cells`.
    """

    units: list[str] = field(default_factory=list)
    purposes: list[str] = field(default_factory=list)
    levels: list[tuple[str, str]] = field(default_factory=list)
    slots: list[tuple[str, ...]] = field(default_factory=list)
    cells: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    """Where each slot's cells begin among all cells."""
    size: int = 0
    """How many cells there are."""
    _slot_of: dict[tuple[str, ...], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.slot(2, *_FIRST[YEAR_SPEND])
        self.slot(1, *_FIRST[LIFETIME_SPEND])

    def learn(self, program: Program) -> None:
        """Give numbers to what a version names."""
        for unit in program.units:
            _number(self.units, unit.id)
        for purpose in program.purposes:
            _number(self.purposes, purpose.id)
        for track, tiers in (("", program.tiers), *((track.id, track) for track in program.tracks)):
            for level in tiers.levels:
                _number(self.levels, (track, level.id))

    def unit(self, id_: str) -> int:
        """Return a unit's number."""
        return self.units.index(id_)

    def restriction(self, purpose: str | None) -> int:
        """Return the number of a purpose; 0 for points without one."""
        return UNRESTRICTED if purpose is None else self.purposes.index(purpose) + 1

    def slot(self, cells: int, *name: str) -> int:
        """Return a slot's number, giving it one where it is new."""
        known = self._slot_of.get(name)
        if known is None:
            known = self._slot_of[name] = len(self.slots)
            self.slots.append(name)
            self.starts.append(self.size)
            self.cells.append(cells)
            self.size += cells
        return known


def _number(known: list[Any], name: object) -> None:
    if name not in known:
        known.append(name)
