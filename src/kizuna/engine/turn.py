"""What passes through a round: the events whose turn it is, and the columns of their answer."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kizuna.engine.events import Ints, Rows, Span, listed, picked
from kizuna.engine.heard import Heard

if TYPE_CHECKING:
    from kizuna.engine.plan import Plan


class Answer(NamedTuple):
    """The columns of `Decisions` that have an element for each event."""

    refusal: np.ndarray
    balances: Ints
    pending: Ints
    level_before: np.ndarray
    level: np.ndarray
    figure: Ints
    stage: np.ndarray
    qualified: np.ndarray
    collect: Ints

    @classmethod
    def of(cls, size: int, units: int) -> "Answer":
        """Return the columns of `size` events, empty."""
        return cls(
            np.zeros(size, np.int8),
            np.zeros((size, units), np.int64),
            np.zeros((size, units), np.int64),
            np.zeros(size, np.int16),
            np.zeros(size, np.int16),
            np.zeros(size, np.int64),
            np.zeros(size, np.int16),
            np.zeros(size, np.bool_),
            np.zeros(size, np.int64),
        )


class Turn(NamedTuple):
    """Events of one round and one plan: `at` are their rows in the batch.

    `pos` are their places in the block, `lane` those of their members, `places` those in `heard`.
    """

    number: int
    plan: "Plan"
    heard: Heard
    at: Rows
    pos: Span
    lane: Span
    places: Span
    day: Ints

    def some(self, which: Rows) -> "Turn":
        """Return some of the events."""
        pos, lane, places = picked(self.pos, which), picked(self.lane, which), picked(self.places, which)
        return Turn(self.number, self.plan, self.heard, self.at[which], pos, lane, places, self.day[which])

    @property
    def rows(self) -> Rows:
        """The members' rows in the block."""
        return listed(self.lane)
