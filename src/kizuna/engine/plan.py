"""A program compiled for deciding: its numbers as arrays, nothing to look up by name.

A plan is immutable and says the same as the document it came from; `version` is the published version's number.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kizuna.core.days import DAY_NEVER
from kizuna.program import AfterDays, Award, Held, Program, Rounding, Window

Ints = NDArray[np.int64]
Days = NDArray[np.int32]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """`award_*` have one row per earning rule, `tier_at` one element per level, rising from 0 (minor units).

    A rule gives (amount × `award_times` + `award_plus`) // `award_over` points: its rate and its rounding in one form.
    A lot made on day d may be spent through day d + `lot_days` − 1, or for ever where that passes `DAY_NEVER`.
    """

    version: int
    program: Program
    award_times: Ints
    award_plus: Ints
    award_over: Ints
    lot_days: int
    tier_at: Ints
    by_year: bool
    held_next: bool
    redeem_minimum: int
    redeem_step: int


def compile_plan(program: Program, version: int) -> Plan:
    """Compile a valid document."""
    expiry = program.units[0].expiry
    rates = [_rate(rule.award) for rule in program.earning_rules]
    times, plus, over = np.array(rates, np.int64).reshape(-1, 3).T[:, :, None]
    return Plan(
        version=version,
        program=program,
        award_times=times,
        award_plus=plus,
        award_over=over,
        lot_days=expiry.after_days if isinstance(expiry, AfterDays) else DAY_NEVER,
        tier_at=np.array([level.at for level in program.tiers.levels], dtype=np.int64),
        by_year=program.tiers.window is Window.CALENDAR_YEAR,
        held_next=program.tiers.held is Held.NEXT_WINDOW,
        redeem_minimum=program.redemption.minimum,
        redeem_step=program.redemption.step,
    )


def _rate(award: Award) -> tuple[int, int, int]:
    points, per = award.points, award.per
    match award.rounding:
        case Rounding.DOWN:
            return points, 0, per
        case Rounding.NEAREST:
            return 2 * points, per, 2 * per
        case Rounding.UP:
            return points, per - 1, per


def awarded(plan: Plan, amounts: Ints) -> Ints:
    """Return the points, a row for each rule, for each amount (minor units, 0..AMOUNT_MAX); exact integers throughout."""
    points: Ints = (amounts * plan.award_times + plan.award_plus) // plan.award_over
    return points
