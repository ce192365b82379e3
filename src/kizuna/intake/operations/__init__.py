"""What people and shops ask for: holds, redemptions and their undoing, transfers, corrections, merges, pools."""

from kizuna.intake.operations.case import key_of_ref, ref_of
from kizuna.intake.operations.commit import commit_operations
from kizuna.intake.operations.correcting import reasons, require_adjustment
from kizuna.intake.operations.giving_back import POINTS_GIVEN_BACK
from kizuna.intake.operations.model import BALANCE_OPENED, MEMBER_TAKEN_OVER, PointsAdjusted
from kizuna.intake.operations.taking import OPENING
from kizuna.intake.operations.timing_out import HOLDS_TIMED_OUT
from kizuna.intake.operations.told import operate

__all__ = [
    "BALANCE_OPENED",
    "HOLDS_TIMED_OUT",
    "MEMBER_TAKEN_OVER",
    "OPENING",
    "POINTS_GIVEN_BACK",
    "PointsAdjusted",
    "commit_operations",
    "key_of_ref",
    "operate",
    "reasons",
    "ref_of",
    "require_adjustment",
]
