"""Gathering what was decided: movements in the order of their making, and what they took from."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kizuna.core.days import DAY_NEVER
from kizuna.engine.events import Cut, Ints, Moves, Rows, Taken
from kizuna.engine.pockets import Parts

_Value = Ints | NDArray[np.uint64] | int | np.ndarray


class Source(NamedTuple):
    """What a movement is traced to: the rule and its plan (−1 for none), what counted, what the rule alone gives, why less."""

    plan: int = -1
    rule: _Value = -1
    basis: _Value = 0
    raw: _Value = 0
    cut: _Value = Cut.NONE

    def some(self, which: Rows) -> "Source":
        """Return the sources of some movements."""
        return Source(self.plan, *(one if isinstance(one, int) else one[which] for one in self[1:]))


NOTHING = Source()


class Out:
    """Movements of one block of events."""

    def __init__(self) -> None:
        self._parts: list[tuple[Any, ...]] = []
        self._taken: list[tuple[Rows, Parts]] = []
        self._count = 0

    def move(
        self,
        event: Rows,
        kind: _Value,
        unit: _Value,
        points: Ints,
        *,
        restriction: _Value = 0,
        expires_on: _Value = DAY_NEVER,
        release_on: _Value = -1,
        cause: _Value = 0,
        source: Source = NOTHING,
        taken: Parts | None = None,
    ) -> None:
        """Note movements, one for each of `event`; `taken` says by their places which lots they took from."""
        if not len(event):
            return
        self._parts.append((event, kind, unit, restriction, points, expires_on, release_on, cause, *source))
        if taken is not None and len(taken.which):
            self._taken.append((taken.which + self._count, taken))
        self._count += len(event)

    @staticmethod
    def join(blocks: Sequence["Out"], *, ordered: bool) -> tuple[Moves, Taken]:
        """Return the movements of all blocks in the order of their making; `ordered`: by their events."""
        moves = Moves([part for block in blocks for part in block._parts], ordered=ordered)  # noqa: SLF001 - its own kind
        return moves, _taken(blocks, moves)


def _taken(blocks: Sequence[Out], made: Moves) -> Taken:
    moves, keys, points, before = [], [], [], 0
    for block in blocks:
        for which, parts in block._taken:  # noqa: SLF001 - its own kind
            moves.append(which + before)
            keys.append(parts.key)
            points.append(parts.points)
        before += block._count  # noqa: SLF001 - its own kind
    if not moves:
        return Taken(np.empty(0, np.intp), np.empty(0, np.int16), np.empty(0, np.int64), np.empty(0, np.int64))
    move, key, taken = np.concatenate(moves), np.concatenate(keys), np.concatenate(points)
    if made.order is not None:
        place_of = np.empty(len(made.order), np.intp)
        place_of[made.order] = np.arange(len(made.order))
        move = place_of[move]
    sort = np.argsort(move, kind="stable")
    return Taken(move[sort], (key[sort] & 0xFFFF).astype(np.int16), key[sort] >> 16, taken[sort])
