"""Points given to another member."""

from kizuna.intake.operations import pools
from kizuna.intake.operations.case import Asking, Case, Roles
from kizuna.intake.operations.model import PointsTransferred
from kizuna.intake.operations.problems import NotOfOnePool, TransferOutOfRange, TransfersNotAllowed, TransferToOneself
from kizuna.program import Between
from kizuna.runtime.db import Connection


async def between(asking: Asking) -> Roles:
    """Return giver and receiver. Raises `TransferToOneself`, `TransfersNotAllowed`, `NotOfOnePool`."""
    asked, terms = asking.arrival.told.operation, asking.plan.program.transfers
    if terms is None:
        raise TransfersNotAllowed
    giver, receiver = await asking.subject(), await asking.member("to", asked.to)
    if giver == receiver:
        raise TransferToOneself(field="to")
    if terms.between is Between.POOL:
        await _require_one_pool(asking.conn, giver, receiver)
    return Roles(giver, {"to": receiver})


async def _require_one_pool(conn: Connection, giver: bytes, receiver: bytes) -> None:
    shared = await pools.of_member(conn, giver)
    if shared is None or receiver not in shared.members:
        raise NotOfOnePool(field="to")


async def transfer(case: Case) -> None:
    """Give unrestricted points, those that end first, with the last days that they have. Raises `PointsShort`, `TransferOutOfRange`."""
    asked, terms = case.asked, case.program.transfers
    assert isinstance(asked, PointsTransferred)  # noqa: S101 - the door is this type's
    assert terms is not None  # noqa: S101 - `between` asked
    if terms.between is Between.POOL:
        await _require_one_pool(case.conn, case.roles.subject, case.roles.others["to"])
    if asked.points < terms.minimum or (terms.maximum is not None and asked.points > terms.maximum):
        maximum = "∞" if terms.maximum is None else terms.maximum
        raise TransferOutOfRange(field="points", points=asked.points, minimum=terms.minimum, maximum=maximum)
    unit, receiver = case.unit(asked.unit), case.hands[case.roles.others["to"]]
    lots = case.hand.give(unit, asked.points, lambda restriction: restriction == 0, case.number)
    receiver.receive(lots, case.number)
    case.about |= {"transfer": case.id, "transferred": asked.points, "unit": case.unit_id(unit)}
