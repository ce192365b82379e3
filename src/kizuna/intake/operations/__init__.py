"""What people and shops ask for: holds, redemptions and their undoing, transfers, corrections, merges, pools."""

from kizuna.intake.operations.commit import commit_operations
from kizuna.intake.operations.correcting import reasons
from kizuna.intake.operations.told import operate

__all__ = ["commit_operations", "operate", "reasons"]
