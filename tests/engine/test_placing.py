"""A member taken over from another program is treated like one who came as far here."""

import numpy as np
import pytest

from engine.generated import program
from engine.rows import Rows
from engine.tables import DAY, day, order
from kizuna.core.days import DAY_NEVER
from kizuna.engine import FRESH, Memories, Placing, displace, level_of, place, standing

RUNGS = [0, 1000, 5000]


def rows_of(window="calendar_year", **more):
    return Rows([program(levels=RUNGS, window=window, **more)], (0, 0))


def stands(rows, memory, on):
    """Rung, what counts, and the last day of the rung, on a day."""
    rows.memory[0] = memory
    told = standing(rows.plans[0], rows.state([0]), np.array([0]), np.array([on], np.int32))
    return int(told.level[0]), int(told.figure[0]), int(told.kept_through[0])


@pytest.mark.parametrize("window", ["calendar_year", "calendar_month", "rolling", "lifetime"])
def test_figures_make_the_member_who_bought_as_much_here(window):
    rows = rows_of(window)
    bought = rows.decide([order(0, 5200, member=0)])[0]
    placing = Placing(orders=1, spend=5200, figure=5200, last_order=DAY, joined=DAY)
    placed = place(rows.plans[0], FRESH, placing, DAY)
    assert placed.memory == rows.memory[0]
    assert placed.level == bought.level == 2


def test_a_tier_is_kept_through_its_day_and_then_reviewed():
    rows, last = rows_of(), day("2026-03-31")
    level = rows.plans[0].program.tiers.levels[2].id
    placed = place(rows.plans[0], FRESH, Placing(level=level, kept_through=last), DAY)
    assert placed.level == level_of(rows.plans[0], placed.memory) == 2
    assert stands(rows, placed.memory, last) == (2, 0, last)
    assert stands(rows, placed.memory, last + 1) == (0, 0, DAY_NEVER)
    rows.memory[0] = placed.memory
    (kept,) = rows.decide([order(0, 1000, on=day("2026-02-01"))])
    (after,) = rows.decide([order(1, 100, on=last + 1)])
    assert (kept.level, after.level) == (2, 1)


def test_a_tier_without_a_day_is_kept_as_if_reached_now_and_one_that_is_over_is_reviewed_at_once():
    rows = rows_of(held="window")
    level = rows.plans[0].program.tiers.levels[1].id
    assert stands(rows, place(rows.plans[0], FRESH, Placing(level=level), DAY).memory, DAY)[2] == day("2025-12-31")
    over = place(rows.plans[0], FRESH, Placing(level=level, kept_through=DAY - 1), DAY)
    assert over.level == 0
    better = place(rows.plans[0], FRESH, Placing(level=level, kept_through=DAY + 1, figure=5000), DAY)
    assert (better.level, stands(rows, better.memory, DAY)[2]) == (2, day("2025-12-31"))


def test_the_lowest_rung_has_no_end():
    rows = rows_of()
    level = rows.plans[0].program.tiers.levels[0].id
    assert (
        stands(rows, place(rows.plans[0], FRESH, Placing(level=level, kept_through=DAY), DAY).memory, DAY)[2]
        == DAY_NEVER
    )


def test_what_was_placed_is_taken_off_again_whatever_has_happened_since():
    rows = rows_of()
    plan, level = rows.plans[0], rows.plans[0].program.tiers.levels[2].id
    placing = Placing(level=level, kept_through=DAY + 300, orders=7, spend=9000, figure=800, last_order=DAY - 3)
    rows.decide([order(0, 300, member=0)])
    before = rows.memory[0]
    alone, after = (place(plan, memory, placing, DAY).memory for memory in (FRESH, before))
    memories = Memories(before, alone, after)
    assert displace(plan, after, memories, DAY).memory == before
    rows.memory[0] = after
    rows.decide([order(1, 1100, member=0, on=DAY + 1)])
    parted = displace(plan, rows.memory[0], memories, DAY + 1).memory
    assert stands(rows, parted, DAY + 1)[:2] == (1, 1400)
    head = rows.state([0]).head[0]
    assert (int(head["orders"]), int(head["spend"])) == (2, 1400)
