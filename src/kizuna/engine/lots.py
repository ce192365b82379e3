"""Making points spendable: debt first, then a lot."""

import numpy as np

from kizuna.engine.events import Ints, Rows
from kizuna.engine.state import DEBT, EARNED, State


def open_lots(state: State, unit: int, rows: Rows, keys: Ints, points: Ints) -> None:
    """Give `points` > 0 to each of `rows` (each once): they repay debt, and what is left makes the lot of the key."""
    counters = state.counters
    counters[rows, unit, EARNED] += points
    debt = counters[rows, unit, DEBT]
    if np.count_nonzero(debt):
        repaid = np.minimum(debt, points)
        counters[rows, unit, DEBT] -= repaid
        points = points - repaid
        left = np.flatnonzero(points)
        rows, keys, points = rows[left], keys[left], points[left]
    if len(rows):
        state.pockets[unit].put(rows, keys, points)
