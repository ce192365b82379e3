"""Corrections by hand: points added or taken, last days put off, an account closed. Who may ask for one, the doors know."""

from kizuna.core.days import day_number
from kizuna.core.waiting import unpack
from kizuna.engine import last_day_of
from kizuna.intake.operations import pools
from kizuna.intake.operations.case import Asking, Case, Roles
from kizuna.intake.operations.model import MemberClosed, PointsAdjusted, PointsExtended
from kizuna.intake.operations.problems import (
    AdjustmentZero,
    DateInThePast,
    MemberHolds,
    PointsTooMany,
    ReasonMissing,
    ReasonUnknown,
)
from kizuna.intake.problems import UnitUnknown
from kizuna.ledger import AccountStatus, NothingToExtend, open_holds
from kizuna.program import AMOUNT_MAX, Program, UnitKind

REASONS = ("apology", "correction", "goodwill", "gift_card")
"""Reasons that every brand has."""
CLOSED = "account_closed"
_ALL = (UnitKind.SPENDABLE, UnitKind.MONEY, UnitKind.STAMPS, UnitKind.STATUS)


def reasons(program: Program) -> list[str]:
    """Return every reason for which points may be corrected."""
    return [*REASONS, *(reason.id for reason in program.adjustments.reasons)]


async def alone(asking: Asking) -> Roles:
    """Return the member who is concerned."""
    return Roles(await asking.subject())


async def leaving(asking: Asking) -> Roles:
    """Return the member who goes, and whom they share a pool with."""
    subject = await asking.subject()
    return Roles(subject, pool=await pools.around(asking.conn, subject))


async def adjust(case: Case) -> None:
    """Add or take points. Raises `PointsShort`, `AdjustmentZero`, `PointsTooMany`, `ReasonUnknown`, `DateInThePast`, `UnitUnknown`."""
    asked = case.asked
    assert isinstance(asked, PointsAdjusted)  # noqa: S101 - the door is this type's
    day = case.arrival.day
    require_adjustment(case.program, asked, day)
    unit = case.unit(asked.unit, _ALL)
    last = last_day_of(case.plan.expiries[unit], day) if asked.expires_on is None else day_number(asked.expires_on)
    restriction = case.restriction(asked.only_for)
    case.hand.adjust(unit, asked.points, asked.reason, expires_on=last, restriction=restriction, owes=asked.may_owe)
    case.hand.touch()
    case.about |= {"adjustment": case.id, "adjusted": asked.points, "unit": case.unit_id(unit), "reason": asked.reason}


async def extend(case: Case) -> None:
    """Put last days off. Raises `NothingToExtend`, `DateInThePast`, `ReasonUnknown`, `UnitUnknown`."""
    asked = case.asked
    assert isinstance(asked, PointsExtended)  # noqa: S101 - the door is this type's
    require_reason(case.program, asked.reason)
    unit, through = case.unit(asked.unit), day_number(asked.through)
    if through < case.arrival.day:
        raise DateInThePast(field="through", date=asked.through.isoformat())
    by = through if asked.ending_by is None else day_number(asked.ending_by)
    points = case.hand.extend(unit, through, lambda lot: lot.expires_on <= by)
    if not points:
        raise NothingToExtend(field="through", unit=case.unit_id(unit), through=asked.through.isoformat())
    case.about |= {"extension": case.id, "extended": points, "unit": case.unit_id(unit)}


async def close(case: Case) -> None:
    """Close an account: what waits is cancelled, what is there forfeited, what is owed written off, a pool left.

    Raises `MemberHolds`.
    """
    assert isinstance(case.asked, MemberClosed)  # noqa: S101 - the door is this type's
    held = await open_holds(case.conn, case.roles.subject)
    if held:
        raise MemberHolds(field="subject", count=len(held))
    hand = case.hand
    for one in unpack(hand.holdings.packed_waiting):
        hand.wait(one, gone=True, account=CLOSED)
    forfeited = 0
    for unit in range(len(case.plan.names.units)):
        points = sum(lot.remaining for lot in hand.lots(unit))
        if points:
            hand.adjust(unit, -points, CLOSED, owes=True)  # the lots, whatever is owed beside them
            forfeited += points if unit == 0 else 0
        hand.forgive(unit, CLOSED)
    case.statuses[case.roles.subject] = (AccountStatus.CLOSED, None)
    case.fragments += await pools.leave(case, case.roles.subject)
    case.about |= {"closed": True, "forfeited": forfeited}


def require_adjustment(program: Program, asked: PointsAdjusted, day: int) -> None:
    """Refuse a correction that the program could not carry out on `day`, whoever the member is.

    Raises `ReasonMissing`, `ReasonUnknown`, `AdjustmentZero`, `PointsTooMany`, `UnitUnknown`, `DateInThePast`.
    """
    require_reason(program, asked.reason)
    if not asked.points:
        raise AdjustmentZero(field="points")
    if abs(asked.points) > AMOUNT_MAX:
        raise PointsTooMany(field="points", points=asked.points, points_max=AMOUNT_MAX)
    known = [unit.id for unit in program.units]
    if asked.unit is not None and asked.unit not in known:
        raise UnitUnknown(field="unit", unit=asked.unit, known=", ".join(known))
    if asked.expires_on is not None and day_number(asked.expires_on) < day:
        raise DateInThePast(field="expires_on", date=asked.expires_on.isoformat())


def require_reason(program: Program, reason: str) -> None:
    """Refuse a reason that nobody knows. Raises `ReasonMissing`, `ReasonUnknown`."""
    known = reasons(program)
    if not reason.strip():
        raise ReasonMissing(field="reason", known=", ".join(known))
    if reason not in known:
        raise ReasonUnknown(field="reason", reason=reason, known=", ".join(known))
