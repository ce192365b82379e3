"""Gathering what was decided: movements in the order of their making, and what they took from."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kizuna.core.days import DAY_NEVER
from kizuna.engine.events import Cut, EntryKind, Ints, Moves, Rows, Taken
from kizuna.engine.pockets import Parts

_FIELDS: tuple[tuple[str, type], ...] = (
    ("event", np.intp),
    ("kind", np.int8),
    ("unit", np.int16),
    ("restriction", np.int16),
    ("points", np.int64),
    ("expires_on", np.int64),
    ("release_on", np.int64),
    ("cause", np.uint64),
    ("plan", np.int16),
    ("rule", np.int16),
    ("basis", np.int64),
    ("raw", np.int64),
    ("cut", np.int8),
)
_Value = Ints | NDArray[np.uint64] | int | np.ndarray


class Source(NamedTuple):
    """What a movement is traced to: the rule and its plan (−1 for none), what counted, what the rule alone gives, why less."""

    plan: int = -1
    rule: int = -1
    basis: _Value = 0
    raw: _Value = 0
    cut: _Value = Cut.NONE

    def some(self, which: Rows) -> "Source":
        """Return the sources of some movements."""
        basis, raw, cut = (one if isinstance(one, int) else one[which] for one in (self.basis, self.raw, self.cut))
        return Source(self.plan, self.rule, basis, raw, cut)


NOTHING = Source()


class Out:
    """Movements of one block of events."""

    def __init__(self) -> None:
        self._parts: list[dict[str, Any]] = []
        self._taken: list[tuple[Rows, Parts]] = []
        self._count = 0

    def move(
        self,
        event: Rows,
        kind: EntryKind,
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
        self._parts.append(
            {
                "event": event,
                "kind": int(kind),
                "unit": unit,
                "restriction": restriction,
                "points": points,
                "expires_on": expires_on,
                "release_on": release_on,
                "cause": cause,
                **source._asdict(),
            }
        )
        if taken is not None and len(taken.which):
            self._taken.append((taken.which + self._count, taken))
        self._count += len(event)

    @staticmethod
    def join(blocks: Sequence["Out"], *, ordered: bool) -> tuple[Moves, Taken]:
        """Return the movements of all blocks in the order of their making; `ordered`: by their events."""
        parts = [part for block in blocks for part in block._parts]  # noqa: SLF001 - its own kind
        lengths = [len(part["event"]) for part in parts]
        size = sum(lengths)
        columns: dict[str, NDArray[Any]] = {name: np.empty(size, kind) for name, kind in _FIELDS}
        start = 0
        for part, length in zip(parts, lengths, strict=True):
            for name, _ in _FIELDS:
                columns[name][start : start + length] = part[name]
            start += length
        event = columns["event"]
        if not ordered or (event[1:] >= event[:-1]).all():
            return Moves(**columns), _taken(blocks, None)
        order = np.argsort(event, kind="stable")
        moves = Moves(**{name: column[order] for name, column in columns.items()})
        return moves, _taken(blocks, order)


def _taken(blocks: Sequence[Out], order: Rows | None) -> Taken:
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
    if order is not None:
        place_of = np.empty(len(order), np.intp)
        place_of[order] = np.arange(len(order))
        move = place_of[move]
    sort = np.argsort(move, kind="stable")
    return Taken(move[sort], (key[sort] & 0xFFFF).astype(np.int16), key[sort] >> 16, taken[sort])
