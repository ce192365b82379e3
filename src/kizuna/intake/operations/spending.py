"""Spending at once, and giving back what was spent: of one member's points, or of a whole pool's."""

from dataclasses import dataclass

import msgspec

from kizuna.core.lots import Lot, unpack
from kizuna.engine import EntryKind, Refusal
from kizuna.intake import store
from kizuna.intake.batch import number_of
from kizuna.intake.model import Outcome
from kizuna.intake.operations import pools
from kizuna.intake.operations.case import Asking, Case, Roles, key_of_ref
from kizuna.intake.operations.model import PointsRedeemed, RedemptionVoided, Spending
from kizuna.intake.operations.problems import (
    CharityUnknown,
    NoPool,
    RedemptionRestored,
    RedemptionTooLittle,
    RedemptionUnknown,
)
from kizuna.intake.refusals import refusal_problem
from kizuna.ledger import Hand, HoldState, PointsShort, Usable, entries_of, hold_store, holds, page_key, restored, split
from kizuna.program import UnitKind

_OUTCOME = msgspec.msgpack.Decoder(Outcome)
POOL = "pool"
"""The account of points that pass between people of one pool."""


@dataclass(slots=True)
class Purse:
    """What is to be spent: the unit, which restricted points may go into it, where it goes in the books, who else gives to it."""

    case: Case
    unit: int
    points: int
    usable: Usable
    account: str | None
    sharers: list[Hand]

    @classmethod
    async def of(cls, case: Case, asked: Spending) -> "Purse":
        """Check what is asked for against the program. Raises `UnitUnknown`, `CharityUnknown`, `NoPool` and refusals of redemptions."""
        unit = case.unit(asked.unit)
        terms, kind = case.program.redemption, _kind(case, unit)
        if kind is UnitKind.SPENDABLE and asked.charity is None:
            refusal = Refusal.NONE
            if asked.points < terms.minimum:
                refusal = Refusal.BELOW_MINIMUM
            elif asked.points % terms.step:
                refusal = Refusal.OFF_STEP
            problem = refusal_problem(refusal, asked.points, 0, terms.minimum, terms.step)
            if problem is not None:
                problem.field = "points"
                raise problem
        sharers = []
        if asked.from_pool:
            if case.program.pools is None or await pools.of_member(case.conn, case.roles.subject) is None:
                raise NoPool(field="from_pool")
            shared = await pools.unchanged(case, case.roles.subject)
            if not shared.may_spend(case.roles.subject):
                raise NoPool(field="from_pool")
            sharers = [case.hands[member] for member in sorted(case.roles.pool)]
        return cls(case, unit, asked.points, case.usable(asked.channel, asked.store), _account(case, asked), sharers)

    def fill(self) -> None:
        """Let the pool's points that end first come to the spender. Raises `PointsShort`; then nothing has moved."""
        if not self.sharers:
            return
        spender, everybody = self.case.hand, [self.case.hand, *self.sharers]
        owed = spender.holdings.unit(self.unit).debt  # what comes from the others repays it first
        room = [hand.available(self.unit, self.usable) for hand in everybody]
        room[0] = sum(lot.remaining for lot in spender.lots(self.unit) if self.usable(lot.restriction))
        available = max(0, sum(room) - owed)
        if available < self.points:
            raise PointsShort(field="points", asked=self.points, available=available)
        for number, points in enumerate(self._shares(everybody, room, self.points + owed)):
            if everybody[number] is not spender and points:
                lots = everybody[number].give(self.unit, points, self.usable, self.case.number, POOL)
                spender.receive(lots, self.case.number, POOL)

    def _shares(self, everybody: list[Hand], left: list[int], missing: int) -> list[int]:
        """Return how many points come from each: those that end first, the spender's own first among those that end together.

        From nobody come more than are `left` there.
        """
        lots = sorted(
            (lot.expires_on, lot.restriction, number, lot.remaining)
            for number, hand in enumerate(everybody)
            for lot in hand.lots(self.unit)
            if self.usable(lot.restriction)
        )
        shares = [0] * len(everybody)
        for _, _, number, remaining in lots:
            part = min(missing, remaining, left[number])
            shares[number] += part
            left[number] -= part
            missing -= part
        return shares


async def spenders(asking: Asking) -> Roles:
    """Return who spends, and with whom they share."""
    asked, subject = asking.arrival.told.operation, await asking.subject()
    return Roles(subject, pool=await pools.around(asking.conn, subject) if asked.from_pool else ())


async def redeem(case: Case) -> None:
    """Spend points at once. Raises `PointsShort` and what `Purse.of` raises."""
    asked = case.asked
    assert isinstance(asked, PointsRedeemed)  # noqa: S101 - the door is this type's
    purse = await Purse.of(case, asked)
    purse.fill()
    case.hand.redeem(purse.unit, asked.points, purse.usable, purse.account)
    case.about |= {"redemption": case.id, "redeemed": asked.points, "unit": case.unit_id(purse.unit)}


@dataclass(frozen=True, slots=True)
class Redeemed:
    """A redemption as it is found again: whose, of which unit, which lots it took, and where it stands in the books."""

    key: bytes
    member: bytes
    unit: int
    lots: list[Lot]
    account: str | None


async def redeemed(asking: Asking) -> Roles:
    """Return whose redemption is given back: one that was confirmed from a hold, asked for at once, or told as an event."""
    asked = asking.arrival.told.operation
    key = key_of_ref(asked.redemption)
    held = (await holds(asking.conn, [key])).get(key)
    if held is not None:
        if held.state is not HoldState.CONFIRMED:
            raise RedemptionUnknown(field="redemption", redemption=asked.redemption)
        found = Redeemed(key, held.member, held.unit, held.lots, held.account)
        return Roles(await _now(asking, held.member), found=found)
    known = (await store.seen(asking.conn, [key])).known
    if key not in known:
        raise RedemptionUnknown(field="redemption", redemption=asked.redemption)
    told = _OUTCOME.decode(known[key][1])
    page, page_of = 0, told.event_key
    while entries := (await entries_of(asking.conn, told.member, [page_of])).get(page_of):
        for entry in entries:
            if entry.kind == EntryKind.REDEEM:
                found = Redeemed(key, told.member, entry.unit, unpack(entry.taken), entry.account)
                return Roles(await _now(asking, told.member), found=found)
        page += 1
        page_of = page_key(told.event_key, page)
    raise RedemptionUnknown(field="redemption", redemption=asked.redemption)


async def _now(asking: Asking, member: bytes) -> bytes:
    """Return who the member is now: whoever they were merged into."""
    return await asking.member("redemption", f"member:{member.hex()}")


async def give_back(case: Case) -> None:
    """Give back a redemption, or a part: the lots that end last first, as if less had been redeemed."""
    asked, found = case.asked, case.roles.found
    assert isinstance(asked, RedemptionVoided)  # noqa: S101 - the door is this type's
    total = sum(lot.remaining for lot in found.lots)
    left = total - await restored(case.conn, found.key)
    if not left:
        raise RedemptionRestored(field="redemption", redemption=asked.redemption)
    points = left if asked.points is None else asked.points
    if points > left:
        raise RedemptionTooLittle(field="points", redemption=asked.redemption, left=left, points=points)
    still_spent, _ = split(found.lots, left)
    _, back = split(still_spent, left - points)
    case.hand.restore(back, number_of(found.key), case.program.returns.grace_days, found.account)
    case.hand.touch()
    case.fragments.append(hold_store.restore(found.key, points))
    case.about |= {
        "redemption": asked.redemption,
        "restored": points,
        "left": left - points,
        "unit": case.unit_id(found.unit),
    }


def _kind(case: Case, unit: int) -> UnitKind:
    id_ = case.unit_id(unit)
    return next(one.kind for one in case.program.units if one.id == id_)


def _account(case: Case, asked: Spending) -> str | None:
    """Return where a redemption stands in the books. Raises `CharityUnknown`."""
    if asked.charity is None:
        return None if asked.reward is None else f"reward:{asked.reward}"
    known = [one.id for one in case.program.charities]
    if asked.charity not in known:
        raise CharityUnknown(field="charity", charity=asked.charity, known=", ".join(known))
    return f"charity:{asked.charity}"
