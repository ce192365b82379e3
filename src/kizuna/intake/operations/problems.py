"""Every way in which an operation can be refused: each its own typed error. Whatever is refused has moved nothing and is not recorded."""

from kizuna.core.errors import N_, Kind, Problem


class HoldUnknown(Problem):
    """No hold has this id."""

    code = "hold_unknown"
    kind = Kind.NOT_FOUND
    title = N_("There is no hold {hold}.")
    remedy = N_(
        "Use the id that placing the hold answered. If placing it was never answered, place it again with the same key."
    )


class HoldOfAnother(Problem):
    """A hold that another key placed."""

    code = "hold_of_another_key"
    kind = Kind.FORBIDDEN
    title = N_("The hold {hold} was placed by somebody else.")
    remedy = N_("Confirm or void it with the API key that placed it, or let it run out.")


class HoldConfirmedAlready(Problem):
    """A hold that was confirmed cannot be confirmed again, nor voided."""

    code = "hold_confirmed"
    kind = Kind.CONFLICT
    title = N_("The hold {hold} was confirmed already.")
    remedy = N_("Nothing was moved. To give points back, void the redemption.")


class HoldVoidedAlready(Problem):
    """A hold that was voided is over."""

    code = "hold_voided"
    kind = Kind.CONFLICT
    title = N_("The hold {hold} was voided already; its points are back in the balance.")
    remedy = N_("Nothing was moved. Place a new hold if the points are still wanted.")


class HoldTimedOut(Problem):
    """A hold whose time is over."""

    code = "hold_timed_out"
    kind = Kind.CONFLICT
    title = N_("The hold {hold} ran out at {expires_at}; its points are back in the balance.")
    remedy = N_("Place a new hold; then confirm it in time.")


class HoldTooSmall(Problem):
    """More points than a hold reserves."""

    code = "hold_too_small"
    kind = Kind.CONFLICT
    title = N_("The hold {hold} reserves {held} points; {points} were asked for.")
    remedy = N_("Confirm at most {held} points, and spend the rest with another hold.")


class HoldTooLong(Problem):
    """A longer time than the program allows."""

    code = "hold_too_long"
    kind = Kind.INVALID
    title = N_("Points can be held for at most {minutes_max} minutes, not {minutes}.")
    remedy = N_("Ask for less time, or raise the program’s limit for holds.")


class RedemptionUnknown(Problem):
    """No redemption has this id."""

    code = "redemption_unknown"
    kind = Kind.NOT_FOUND
    title = N_("There is no redemption {redemption}.")
    remedy = N_("Use the id that the redemption, or its hold, was answered with.")


class RedemptionRestored(Problem):
    """A redemption of which everything was given back."""

    code = "redemption_voided"
    kind = Kind.CONFLICT
    title = N_("All points of the redemption {redemption} were given back already.")
    remedy = N_("Nothing was moved.")


class RedemptionTooLittle(Problem):
    """More points than a redemption took, less what was given back."""

    code = "redemption_exceeded"
    kind = Kind.CONFLICT
    title = N_("Of the redemption {redemption}, {left} points are left to give back; {points} were asked for.")
    remedy = N_("Give back at most {left} points.")


class TransfersNotAllowed(Problem):
    """A program without transfers."""

    code = "transfers_not_allowed"
    kind = Kind.CONFLICT
    title = N_("This program does not let members transfer points.")
    remedy = N_("Allow transfers in the program, or correct both balances by hand.")


class TransferToOneself(Problem):
    """Giver and receiver are one."""

    code = "transfer_to_oneself"
    kind = Kind.INVALID
    title = N_("Nobody can give points to themselves.")
    remedy = N_("Name another member as the receiver.")


class TransferOutOfRange(Problem):
    """Fewer or more points than the program lets go at a time."""

    code = "transfer_out_of_range"
    kind = Kind.CONFLICT
    title = N_("{points} points cannot be transferred at a time: the program allows {minimum} to {maximum}.")
    remedy = N_("Choose a number within these limits.")


class NotOfOnePool(Problem):
    """Somebody outside the pool."""

    code = "not_of_one_pool"
    kind = Kind.CONFLICT
    title = N_("Points can be transferred only within one family or group, and these two members share none.")
    remedy = N_("Let both join one pool first.")


class NoPool(Problem):
    """A member who belongs to no pool, or may not spend from it."""

    code = "pool_not_allowed"
    kind = Kind.CONFLICT
    title = N_("This member may not spend from a family or group.")
    remedy = N_("Spend the member’s own points, or let the head of the pool allow it.")


class PoolsNotAllowed(Problem):
    """A program without pools."""

    code = "pools_not_allowed"
    kind = Kind.CONFLICT
    title = N_("This program has no families or groups.")
    remedy = N_("Allow pools in the program first.")


class InPoolAlready(Problem):
    """A second pool for one member."""

    code = "in_pool_already"
    kind = Kind.CONFLICT
    title = N_("This member is in a family or group already.")
    remedy = N_("Leave that one first; a member is in one at most.")


class NotInPool(Problem):
    """Nobody of this pool."""

    code = "not_in_pool"
    kind = Kind.CONFLICT
    title = N_("This member is in no such family or group.")
    remedy = N_("Check who is in it; it may have changed meanwhile.")


class NotPoolHead(Problem):
    """What only the head may do."""

    code = "not_pool_head"
    kind = Kind.FORBIDDEN
    title = N_("Only the head of a family or group can do this.")
    remedy = N_("Ask its head.")


class PoolHeadStays(Problem):
    """The head, who cannot be taken out."""

    code = "pool_head_stays"
    kind = Kind.CONFLICT
    title = N_("The head cannot be taken out of a family or group.")
    remedy = N_("Let the head leave; the longest-standing member then follows.")


class PoolFull(Problem):
    """As many members as the program allows."""

    code = "pool_full"
    kind = Kind.CONFLICT
    title = N_("This family or group is full: {members_max} people are the most.")
    remedy = N_("Somebody has to leave before another can join.")


class InvitationUnknown(Problem):
    """No invitation has this code."""

    code = "invitation_unknown"
    kind = Kind.NOT_FOUND
    title = N_("There is no invitation with this code.")
    remedy = N_("Check the code, or ask for a new invitation.")


class InvitationUsed(Problem):
    """An invitation by which somebody joined."""

    code = "invitation_used"
    kind = Kind.CONFLICT
    title = N_("Somebody has joined with this invitation already.")
    remedy = N_("Each invitation works once. Ask for a new one.")


class InvitationOver(Problem):
    """An invitation whose days are over, or whose maker is no longer the head."""

    code = "invitation_over"
    kind = Kind.CONFLICT
    title = N_("This invitation is no longer valid.")
    remedy = N_("Ask the head of the family or group for a new one.")


class InvitationsTooMany(Problem):
    """More open invitations than anybody needs."""

    code = "invitations_too_many"
    kind = Kind.CONFLICT
    title = N_("{count_max} invitations are open; nobody needs more.")
    remedy = N_("Use one of them, or wait until they are over.")


class MemberHolds(Problem):
    """Points are reserved that would be lost."""

    code = "member_has_holds"
    kind = Kind.CONFLICT
    title = N_("{count} open holds reserve points of this member.")
    remedy = N_("Confirm or void them first, or wait until they run out.")


class AdjustmentZero(Problem):
    """A correction by nothing."""

    code = "adjustment_zero"
    kind = Kind.INVALID
    title = N_("A correction of 0 points changes nothing.")
    remedy = N_("Give the number of points to add, or a negative number to take.")


class ReasonMissing(Problem):
    """A correction without a reason."""

    code = "reason_missing"
    kind = Kind.INVALID
    title = N_("A correction needs a reason.")
    remedy = N_("Give one of: {known}.")


class ReasonUnknown(Problem):
    """A reason that the program does not know."""

    code = "reason_unknown"
    kind = Kind.INVALID
    title = N_("There is no reason “{reason}”.")
    remedy = N_("Use one of: {known}; further reasons are added in the program.")


class PointsTooMany(Problem):
    """A number of points beyond what one operation may move."""

    code = "points_too_many"
    kind = Kind.INVALID
    title = N_("{points} points are more than one operation can move ({points_max}).")
    remedy = N_("Check the number; nothing was moved.")


class DateInThePast(Problem):
    """A last day that is over."""

    code = "date_in_the_past"
    kind = Kind.INVALID
    title = N_("The date {date} is over.")
    remedy = N_("Choose today or a later day.")


class CharityUnknown(Problem):
    """A cause that the program does not name."""

    code = "charity_unknown"
    kind = Kind.INVALID
    title = N_("There is no cause “{charity}” to donate to.")
    remedy = N_("Use one of: {known}.")


class PurposeUnknown(Problem):
    """A restriction that the program does not name."""

    code = "purpose_unknown"
    kind = Kind.INVALID
    title = N_("There is no purpose “{purpose}”.")
    remedy = N_("Use one of: {known}.")


class MergeIntoOneself(Problem):
    """Both are one already."""

    code = "merge_into_oneself"
    kind = Kind.CONFLICT
    title = N_("Both identities are of one member already.")
    remedy = N_("Nothing has to be merged.")


class MergeUnknown(Problem):
    """No merge has this id."""

    code = "merge_unknown"
    kind = Kind.NOT_FOUND
    title = N_("There is no merge {merge}.")
    remedy = N_("Use the id that the merge was answered with.")


class MergeUndone(Problem):
    """A merge that was undone."""

    code = "merge_undone"
    kind = Kind.CONFLICT
    title = N_("The merge {merge} was undone already.")
    remedy = N_("Nothing was moved.")


class MergeCovered(Problem):
    """The survivor was merged into somebody else meanwhile."""

    code = "merge_covered"
    kind = Kind.CONFLICT
    title = N_("The member who stayed was merged into another one since.")
    remedy = N_("Undo the later merge {later} first.")


class IdentityOfAnother(Problem):
    """An identity in the file that is another member's here."""

    code = "identity_of_another"
    kind = Kind.CONFLICT
    title = N_("{identity} is another member’s, not that of {subject}.")
    remedy = N_(
        "Take the identity out of the row; or, if both are one person, take the row in without it and merge the members."
    )


class TierUnknown(Problem):
    """A tier that the program does not have."""

    code = "tier_unknown"
    kind = Kind.INVALID
    title = N_("There is no tier “{tier}”.")
    remedy = N_("Say in the mapping (“levels”) which tier of the program it is: {known}.")


class ClosedThere(Problem):
    """Closed in the other program, a member here."""

    code = "closed_there"
    kind = Kind.CONFLICT
    title = N_("{subject} is a member here, and closed in the file.")
    remedy = N_("Close the account by hand if it is to be closed here too; else leave the row out.")


class MergedSince(Problem):
    """A member who was merged into another since the import."""

    code = "merged_since"
    kind = Kind.CONFLICT
    title = N_("{subject} was merged into another member since the import.")
    remedy = N_("Undo the merge, then take the import back once more; or leave what it brought.")
