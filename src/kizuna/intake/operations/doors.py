"""Every operation by its type: who is concerned, and what it does with their rows."""

from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from kizuna.intake.operations import correcting, holds, merging, moving, pooling, spending, taking, undoing
from kizuna.intake.operations import model as of
from kizuna.intake.operations.case import Asking, Case, Roles


class Door(NamedTuple):
    """`parties` says whose rows are needed, before they are locked; `act` moves their points, or raises a problem and moves none."""

    parties: Callable[[Asking], Awaitable[Roles]]
    act: Callable[[Case], Awaitable[None]]


DOORS: Mapping[str, Door] = {
    of.HOLD_PLACED: Door(holds.placing, holds.place),
    of.HOLD_CONFIRMED: Door(holds.known, holds.confirm),
    of.HOLD_VOIDED: Door(holds.known, holds.void),
    of.POINTS_REDEEMED: Door(spending.spenders, spending.redeem),
    of.REDEMPTION_VOIDED: Door(spending.redeemed, spending.give_back),
    of.POINTS_TRANSFERRED: Door(moving.between, moving.transfer),
    of.POINTS_ADJUSTED: Door(correcting.alone, correcting.adjust),
    of.POINTS_EXTENDED: Door(correcting.alone, correcting.extend),
    of.MEMBER_CLOSED: Door(correcting.leaving, correcting.close),
    of.MEMBER_MERGED: Door(merging.both, merging.merge),
    of.MEMBER_UNMERGED: Door(merging.merged, merging.unmerge),
    of.POOL_OPENED: Door(correcting.alone, pooling.found),
    of.POOL_INVITED: Door(pooling.sharing, pooling.invite),
    of.POOL_JOINED: Door(pooling.invited, pooling.join),
    of.POOL_LEFT: Door(pooling.sharing, pooling.leave),
    of.POOL_ALLOWED: Door(pooling.one_of, pooling.allow),
    of.POOL_MEMBER_REMOVED: Door(pooling.one_of, pooling.remove),
    of.MEMBER_TAKEN_OVER: Door(taking.whose, taking.take_over),
    of.BALANCE_OPENED: Door(correcting.alone, taking.open_balance),
    of.IMPORT_UNDONE: Door(undoing.whose, undoing.undo),
}
