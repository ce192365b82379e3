"""Tiers by spend: which rung a member stands on, on a given day, by a given plan.

A rung is a pure function of the spend remembered and of the day, so that nothing has to run at midnight.
"""

from dataclasses import dataclass

import numpy as np

from kizuna.core.days import DAY_NEVER
from kizuna.engine.plan import Days, Ints, Plan
from kizuna.engine.pockets import Rows
from kizuna.engine.state import State, year_of


@dataclass(slots=True)
class Standing:
    """Per member: the rung, and the spend that counts in the window of the day (minor units)."""

    level: Ints
    spend: Ints


def standing(plan: Plan, state: State, rows: Rows, day: Days) -> Standing:
    """Return where each of `rows` stands on `day`. Rungs are indices into the plan's levels."""
    memory = state.memory[rows]
    if not plan.by_year:
        spend = memory["spend"].astype(np.int64)
        return Standing(_level(plan, spend), spend)
    ahead = year_of(day) - memory["year"].astype(np.int64)
    spend = np.where(ahead == 0, memory["spend_year"], np.where(ahead == -1, memory["spend_last_year"], 0))
    level = _level(plan, spend)
    if plan.held_next:
        before = np.where(ahead == 1, memory["spend_year"], np.where(ahead == 0, memory["spend_last_year"], 0))
        level = np.maximum(level, _level(plan, before))
    return Standing(level, spend)


def kept_through(plan: Plan, state: State, rows: Rows, day: Days) -> Ints:
    """Return the last day on which each of `rows` keeps the rung of `day` without buying anything more, `DAY_NEVER` for no end."""
    if not plan.by_year:
        return np.full(len(rows), DAY_NEVER, np.int64)
    level = standing(plan, state, rows, day).level
    this_year, next_year = (_year_end(year_of(day) + more) for more in (0, 1))
    held = standing(plan, state, rows, next_year).level >= level
    return np.where(level == 0, DAY_NEVER, np.where(held, next_year, this_year).astype(np.int64))


def _year_end(year: Ints) -> Days:
    return ((year - 1969).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64) - 1).astype(np.int32)


def _level(plan: Plan, spend: Ints) -> Ints:
    return np.searchsorted(plan.tier_at, spend, side="right").astype(np.int64) - 1
