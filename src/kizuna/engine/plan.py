"""A program compiled for deciding: its numbers as arrays, nothing to look up by name.

A plan is immutable and says the same as the document it came from; `version` is the published version's number.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kizuna.core.days import DAY_NEVER
from kizuna.program import AfterDays, Held, Program, Rounding, Window

Ints = NDArray[np.int64]
Days = NDArray[np.int32]
Bools = NDArray[np.bool_]

ROUNDINGS: Final = (Rounding.DOWN, Rounding.NEAREST, Rounding.UP)


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """`award_*` have one element per earning rule, `tier_at` one per level, rising from 0 (minor units).

    A lot made on day d may be spent through day d + `lot_days` − 1, or for ever where that passes `DAY_NEVER`.
    """

    version: int
    program: Program
    award_points: tuple[int, ...]
    award_per: tuple[int, ...]
    award_rounding: tuple[Rounding, ...]
    lot_days: int
    tier_at: Ints
    by_year: bool
    held_next: bool
    redeem_minimum: int
    redeem_step: int


def compile_plan(program: Program, version: int) -> Plan:
    """Compile a valid document."""
    expiry = program.units[0].expiry
    awards = [rule.award for rule in program.earning_rules]
    return Plan(
        version=version,
        program=program,
        award_points=tuple(award.points for award in awards),
        award_per=tuple(award.per for award in awards),
        award_rounding=tuple(award.rounding for award in awards),
        lot_days=expiry.after_days if isinstance(expiry, AfterDays) else DAY_NEVER,
        tier_at=np.array([level.at for level in program.tiers.levels], dtype=np.int64),
        by_year=program.tiers.window is Window.CALENDAR_YEAR,
        held_next=program.tiers.held is Held.NEXT_WINDOW,
        redeem_minimum=program.redemption.minimum,
        redeem_step=program.redemption.step,
    )


def awarded(plan: Plan, rule: int, amounts: Ints) -> Ints:
    """Return the points that a rule gives for each amount (minor units, 0..AMOUNT_MAX); exact integers throughout."""
    points, per = plan.award_points[rule], plan.award_per[rule]
    match plan.award_rounding[rule]:
        case Rounding.DOWN:
            return amounts * points // per
        case Rounding.NEAREST:
            return (2 * amounts * points + per) // (2 * per)
        case Rounding.UP:
            return -(-amounts * points // per)
