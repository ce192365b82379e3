"""Why a redemption was refused: recorded with the event, nothing moved."""

from kizuna.core.errors import N_, Kind, Problem
from kizuna.engine import Refusal


class InsufficientPoints(Problem):
    """The pocket holds less than was asked for."""

    code = "insufficient_points"
    kind = Kind.CONFLICT
    title = N_("The member has {balance} points, fewer than the {points} asked for.")
    remedy = N_("Redeem at most {balance} points. Nothing was taken.")


class RedemptionTooSmall(Problem):
    """Below the program's minimum."""

    code = "redemption_too_small"
    kind = Kind.CONFLICT
    title = N_("{points} points are below this program’s minimum of {minimum}.")
    remedy = N_("Redeem at least {minimum} points. Nothing was taken.")


class RedemptionOffStep(Problem):
    """Not a multiple of the program's step."""

    code = "redemption_off_step"
    kind = Kind.CONFLICT
    title = N_("{points} points are not a multiple of {step}.")
    remedy = N_("Redeem in steps of {step} points. Nothing was taken.")


def refusal_problem(refusal: int, points: int, balance: int, minimum: int, step: int) -> Problem | None:
    """Return what a refusal means, None when there was none."""
    match refusal:
        case Refusal.SHORT:
            return InsufficientPoints(field="data.points", points=points, balance=balance)
        case Refusal.BELOW_MINIMUM:
            return RedemptionTooSmall(field="data.points", points=points, minimum=minimum)
        case Refusal.OFF_STEP:
            return RedemptionOffStep(field="data.points", points=points, step=step)
        case _:
            return None
