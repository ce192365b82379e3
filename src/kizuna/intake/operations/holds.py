"""Two-phase spending: reserve, then confirm or void; what is neither in time is voided by the worker.

Always true: a hold ends once; its points are redeemed, or back in the balance with the last days that they had.
"""

from datetime import UTC, timedelta

from kizuna.core.errors import Problem
from kizuna.core.lots import Lot, pack
from kizuna.intake.batch import number_of
from kizuna.intake.operations.case import Asking, Case, Roles, key_of_ref, ref_of
from kizuna.intake.operations.model import KIZUNA, HoldConfirmed, HoldPlaced, HoldVoided
from kizuna.intake.operations.problems import (
    HoldConfirmedAlready,
    HoldOfAnother,
    HoldTimedOut,
    HoldTooLong,
    HoldTooSmall,
    HoldUnknown,
    HoldVoidedAlready,
)
from kizuna.intake.operations.spending import Purse, spenders
from kizuna.intake.whereabouts import ChangedMeanwhile, followed
from kizuna.ledger import Hold, HoldState, hold_store, holds, split

_PEOPLE = ("user:", KIZUNA)


async def placing(asking: Asking) -> Roles:
    """Return whose points are held."""
    return await spenders(asking)


async def place(case: Case) -> None:
    """Reserve points. Raises `PointsShort`, `HoldTooLong` and what any spending raises."""
    asked, terms = case.asked, case.program.holds
    assert isinstance(asked, HoldPlaced)  # noqa: S101 - the door is this type's
    minutes = terms.minutes if asked.minutes is None else asked.minutes
    if minutes > terms.minutes_max:
        raise HoldTooLong(field="minutes", minutes=minutes, minutes_max=terms.minutes_max)
    purse = await Purse.of(case, asked)
    purse.fill()
    packed = case.hand.hold(purse.unit, asked.points, case.number, purse.usable, purse.account)
    held = Hold(
        case.arrival.key, case.roles.subject, purse.unit, asked.points, [], HoldState.OPEN, asked.by, asked.reference,
        purse.account, case.at, case.at + timedelta(minutes=minutes),
    )  # fmt: skip
    case.fragments.append(hold_store.place(held, packed))
    _tell(case, held, asked.points)


async def known(asking: Asking) -> Roles:
    """Return whose hold it is that is confirmed or voided. Raises `HoldUnknown`."""
    asked = asking.arrival.told.operation
    key = key_of_ref(asked.hold)
    found = await holds(asking.conn, [key])
    if key not in found:
        raise HoldUnknown(field="hold", hold=asked.hold)
    held = found[key]
    # only an open one is handed on when its member becomes another
    whose = held.member if held.state is HoldState.OPEN else await followed(asking.conn, held.member)
    return Roles(whose, found=key)


async def confirm(case: Case) -> None:
    """Redeem what is held, or a part. Raises what says why it cannot be."""
    asked = case.asked
    assert isinstance(asked, HoldConfirmed)  # noqa: S101 - the door is this type's
    held = await _open(case, asked.hold)
    points = held.points if asked.points is None else asked.points
    if points > held.points:
        raise HoldTooSmall(field="points", hold=asked.hold, held=held.points, points=points)
    redeemed, rest = split(held.lots, points)
    case.hand.confirm(held.unit, points, number_of(held.key), held.account)
    _give_back(case, held, rest)
    case.fragments.append(hold_store.end(held.key, HoldState.CONFIRMED, pack(redeemed), case.at))
    _tell(case, held._replace(state=HoldState.CONFIRMED), points)


async def void(case: Case) -> None:
    """Give back what is held. Raises what says why it cannot be."""
    asked = case.asked
    assert isinstance(asked, HoldVoided)  # noqa: S101 - the door is this type's
    held = await _open(case, asked.hold, may_be_over=asked.timed_out)
    state = HoldState.TIMED_OUT if asked.timed_out else HoldState.VOIDED
    _give_back(case, held, held.lots)
    case.fragments.append(hold_store.end(held.key, state, pack(held.lots), case.at))
    _tell(case, held._replace(state=state), 0)


def _give_back(case: Case, held: Hold, lots: list[Lot]) -> None:
    case.hand.void(lots, number_of(held.key), case.program.returns.grace_days)
    case.hand.touch()


async def _open(case: Case, ref: str, *, may_be_over: bool = False) -> Hold:
    """Return a hold that may still end, as it is under the member's lock. Raises what says why it may not."""
    held = (await holds(case.conn, [case.roles.found]))[case.roles.found]
    # it was handed to another member while the row was waited for
    if held.state is HoldState.OPEN and held.member != case.roles.subject:
        raise ChangedMeanwhile
    by = case.asked.by
    if by != held.holder and not by.startswith(_PEOPLE):
        raise HoldOfAnother(field="hold", hold=ref)
    over: Problem | None = None
    if held.state is HoldState.CONFIRMED:
        over = HoldConfirmedAlready(field="hold", hold=ref)
    elif held.state is HoldState.VOIDED:
        over = HoldVoidedAlready(field="hold", hold=ref)
    elif held.state is HoldState.TIMED_OUT or (case.at >= held.expires_at and not may_be_over):
        over = HoldTimedOut(
            field="hold", hold=ref, expires_at=held.expires_at.astimezone(UTC).isoformat(timespec="seconds")
        )
    if over is not None:
        raise over
    return held


def _tell(case: Case, held: Hold, points: int) -> None:
    case.about |= {
        "hold": ref_of(held.key),
        "state": held.state.name.lower(),
        "held": held.points if held.state is HoldState.OPEN else 0,
        "redeemed": points if held.state is HoldState.CONFIRMED else 0,
        "unit": case.unit_id(held.unit),
        "expires_at": held.expires_at.astimezone(UTC).isoformat(),
    }
