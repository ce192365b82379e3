"""What people and shops ask for: holds, redemptions and their undoing, transfers, corrections, merges, pools."""

from kizuna.intake.operations.case import key_of_ref, ref_of
from kizuna.intake.operations.commit import commit_operations
from kizuna.intake.operations.correcting import reasons, require_adjustment
from kizuna.intake.operations.giving_back import POINTS_GIVEN_BACK
from kizuna.intake.operations.merge_store import Merged, merge_of, merged_into
from kizuna.intake.operations.model import BALANCE_OPENED, IMPORT_UNDONE, MEMBER_TAKEN_OVER, PointsAdjusted, PoolKind
from kizuna.intake.operations.pooling import INVITATION_LIFETIME, invited_to, open_invitation
from kizuna.intake.operations.pools import Pool, Sharer
from kizuna.intake.operations.pools import by_id as pool_by_id
from kizuna.intake.operations.pools import of_member as pool_of
from kizuna.intake.operations.problems import InvitationUnknown
from kizuna.intake.operations.taking import OPENING
from kizuna.intake.operations.timing_out import HOLDS_TIMED_OUT
from kizuna.intake.operations.told import operate

__all__ = [
    "BALANCE_OPENED",
    "HOLDS_TIMED_OUT",
    "IMPORT_UNDONE",
    "INVITATION_LIFETIME",
    "MEMBER_TAKEN_OVER",
    "OPENING",
    "POINTS_GIVEN_BACK",
    "InvitationUnknown",
    "Merged",
    "PointsAdjusted",
    "Pool",
    "PoolKind",
    "Sharer",
    "commit_operations",
    "invited_to",
    "key_of_ref",
    "merge_of",
    "merged_into",
    "open_invitation",
    "operate",
    "pool_by_id",
    "pool_of",
    "reasons",
    "ref_of",
    "require_adjustment",
]
