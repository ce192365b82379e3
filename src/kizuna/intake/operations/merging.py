"""Two members who are one person become one; and two again, where that was a mistake.

Always true: a merge loses nothing and makes nothing: lots with their last days, points that wait, what holds reserve and what is owed go
over to the member who stays, and so do identities. Undoing gives the other back exactly what they brought, whatever happened since: what
the survivor spent of it meanwhile, the survivor owes; what has lapsed meanwhile is gone for both.
"""

import msgspec

from kizuna.core.days import DAY_NEVER
from kizuna.core.lots import Lot, pack, unpack
from kizuna.core.waiting import Waiting
from kizuna.core.waiting import unpack as unpack_waiting
from kizuna.engine import Memories, join, last_day_of, part
from kizuna.intake.batch import number_of
from kizuna.intake.operations import merge_store as store
from kizuna.intake.operations import pools
from kizuna.intake.operations.case import Asking, Case, Roles, key_of_ref, ref_of
from kizuna.intake.operations.model import MemberMerged, MemberUnmerged
from kizuna.intake.operations.problems import MemberHolds, MergeCovered, MergeIntoOneself, MergeUndone, MergeUnknown
from kizuna.ledger import HANDED, AccountStatus, Hand, HoldState, hold_store, holds, open_holds, split
from kizuna.members import identities_of, move_identities


class Brought(msgspec.Struct):
    """What one member brought into a merge, and both memories: all that undoing needs.

    `paid` are the survivor's lots that went into the other's debts; `holds` what was held, by key, as packed lots.
    """

    lots: bytes
    waiting: bytes
    debts: dict[int, int]
    paid: bytes
    holds: dict[bytes, bytes]
    memories: tuple[bytes, bytes, bytes]
    identities: list[tuple[str, str]]
    pool: pools.Place | None


_ENCODE = msgspec.msgpack.Encoder()
_DECODE = msgspec.msgpack.Decoder(Brought)


async def both(asking: Asking) -> Roles:
    """Return who goes and who stays. Raises `MergeIntoOneself`, `UnknownMember`."""
    gone, kept = await asking.subject(), await asking.member("into", asking.arrival.told.operation.into)
    if gone == kept:
        raise MergeIntoOneself(field="into")
    return Roles(gone, {"into": kept}, await _around(asking, gone, kept))


async def _around(asking: Asking, *two: bytes) -> list[bytes]:
    """Return with whom two members share pools."""
    return [one for member in two for one in await pools.around(asking.conn, member) if one not in two]


async def merge(case: Case) -> None:
    """Let the subject go into the member who stays. Raises `MemberHolds` where what is held would repay a debt."""
    assert isinstance(case.asked, MemberMerged)  # noqa: S101 - the door is this type's
    gone, kept = case.hand, case.hands[case.roles.others["into"]]
    waiting, lots = gone.holdings.packed_waiting, pack(gone.lots())
    for one in unpack_waiting(waiting):
        gone.wait(one, gone=True, account=HANDED)
        kept.wait(one, account=HANDED)
    debts, paid = _hand_debts(case, gone, kept)
    _hand_lots(case, unpack(lots), gone, kept)
    reserved = await _hand_holds(case, gone, kept)
    memories = Memories(kept.account.memory, gone.account.memory, b"")
    joined = join(case.book.plans[-1], memories.kept, memories.gone)
    identities = await identities_of(case.conn, gone.member)
    place, moves = await pools.hand_place(case, gone.member, kept.member)
    brought = Brought(
        lots, waiting, debts, paid, reserved, (memories.kept, memories.gone, joined), [(one.kind, one.value) for one in identities],
        place,
    )  # fmt: skip
    case.statuses[gone.member] = (AccountStatus.MERGED, kept.member)
    case.memories[kept.member] = joined
    case.fragments += [*moves, move_identities(identities, kept.member, of=gone.member)]
    case.fragments.append(store.keep(case.arrival.key, gone.member, kept.member, case.at, _ENCODE.encode(brought)))
    case.about |= {"merge": case.id, "gone": ref_of(gone.member), "kept": ref_of(kept.member)}


def _hand_debts(case: Case, gone: Hand, kept: Hand) -> tuple[dict[int, int], bytes]:
    """Let the survivor owe, or pay, what the other owes; return the debts by unit and the lots that paid."""
    debts, paid = {}, []
    for unit in range(len(case.plan.names.units)):
        debt = gone.holdings.unit(unit).debt
        if debt:
            debts[unit] = debt
            paid += kept.owe(unit, debt, [], case.number, HANDED)
            gone.receive([Lot(unit, 0, DAY_NEVER, debt)], case.number, HANDED)
    return debts, pack(paid)


def _hand_lots(case: Case, lots: list[Lot], giver: Hand, receiver: Hand) -> None:
    for unit in sorted({lot.unit for lot in lots}):
        some = [lot for lot in lots if lot.unit == unit]
        giver.give_lots(some, case.number, HANDED)
        receiver.receive(some, case.number, HANDED)


async def _hand_holds(case: Case, gone: Hand, kept: Hand) -> dict[bytes, bytes]:
    """Hand what holds reserve from one to the other; return the lots by the holds' keys."""
    held = await open_holds(case.conn, gone.member)
    for one in held:
        if kept.holdings.unit(one.unit).debt:
            raise MemberHolds(field="subject", count=len(held))
        gone.void(one.lots, number_of(one.key))
        _hand_lots(case, one.lots, gone, kept)
        kept.reserve(one.lots, number_of(one.key))
    if held:
        case.fragments.append(hold_store.move([one.key for one in held], kept.member, [pack(one.lots) for one in held]))
    return {one.key: pack(one.lots) for one in held}


async def merged(asking: Asking) -> Roles:
    """Return who stayed and who went. Raises `MergeUnknown`."""
    asked = asking.arrival.told.operation
    row = await store.find(asking.conn, key_of_ref(asked.merge))
    if row is None:
        raise MergeUnknown(field="merge", merge=asked.merge)
    kept, gone, place = row["kept"].bytes, row["gone"].bytes, _DECODE.decode(row["facts"]).pool
    pool = await pools.by_id(asking.conn, place.pool) if place else None
    sharers = [one for one in pool.members if one != kept] if pool else []
    return Roles(kept, {"gone": gone}, sharers, merged_too=True)


async def unmerge(case: Case) -> None:
    """Give the other member back what they brought. Raises `MergeUndone`, `MergeCovered`."""
    asked = case.asked
    assert isinstance(asked, MemberUnmerged)  # noqa: S101 - the door is this type's
    key = key_of_ref(asked.merge)
    row = await store.find(case.conn, key)
    if row is None or row["undone_at"] is not None:
        raise MergeUndone(field="merge", merge=asked.merge)
    kept, gone = case.hand, case.hands[case.roles.others["gone"]]
    if kept.account.status == AccountStatus.MERGED:
        raise MergeCovered(field="merge", later=ref_of(await store.merge_of(case.conn, kept.member)))
    brought = _DECODE.decode(row["facts"])
    number = number_of(key)
    await _return_holds(case, brought, kept, gone)
    _return_lots(case, unpack(brought.lots), kept, gone, number)
    for unit, debt in brought.debts.items():
        _return_debt(case, unit, debt, [lot for lot in unpack(brought.paid) if lot.unit == unit], number)
    for one in unpack_waiting(brought.waiting):
        there = kept.holdings.waiting.get(one[:5], 0)
        back = one._replace(points=min(there, one.points))
        if back.points:
            _return_waiting(kept, gone, back)
    was_kept, was_gone, joined = brought.memories
    plan = case.book.plans[-1]
    case.memories[kept.member] = part(plan, kept.account.memory, Memories(was_kept, was_gone, joined))
    case.memories[gone.member] = was_gone
    case.statuses[gone.member] = (AccountStatus.OPEN, None)
    case.fragments.append(move_identities(brought.identities, gone.member, of=kept.member))
    case.fragments.append(store.undo(key, case.at))
    case.fragments += await pools.place_back(case, brought.pool, gone.member, kept.member)
    gone.touch()
    kept.touch()
    case.about |= {"merge": asked.merge, "gone": ref_of(gone.member), "kept": ref_of(kept.member), "undone": True}


def _return_waiting(kept: Hand, gone: Hand, one: Waiting) -> None:
    kept.wait(one, gone=True, account=HANDED)
    gone.wait(one, account=HANDED)


async def _return_holds(case: Case, brought: Brought, kept: Hand, gone: Hand) -> None:
    """Give back what is still held as a hold, and what came back since as points; what was confirmed was spent as asked for."""
    found = await holds(case.conn, list(brought.holds))
    still = [one for one in found.values() if one.state is HoldState.OPEN]
    for one in still:
        number = number_of(one.key)
        kept.void(one.lots, number)
        _return_lots(case, one.lots, kept, gone, case.number, also_ended=True)
        gone.reserve(one.lots, number)
    for one in found.values():
        if one.state in (HoldState.VOIDED, HoldState.TIMED_OUT):
            _return_lots(case, unpack(brought.holds[one.key]), kept, gone, case.number)
        elif one.state is HoldState.CONFIRMED:
            _, rest = split(unpack(brought.holds[one.key]), sum(lot.remaining for lot in one.lots))
            _return_lots(case, rest, kept, gone, case.number)
    if still:
        case.fragments.append(
            hold_store.move([one.key for one in still], gone.member, [pack(one.lots) for one in still])
        )


def _return_lots(case: Case, lots: list[Lot], kept: Hand, gone: Hand, number: int, *, also_ended: bool = False) -> None:
    """Give lots back whose last day is not over: from the same lots, then from others, then owed."""
    for lot in lots:
        if lot.expires_on < case.arrival.day and not also_ended:
            continue
        there = kept.holdings.lots.get((lot.unit, lot.expires_on, lot.restriction), 0)
        same = [lot._replace(remaining=min(there, lot.remaining))]
        kept.owe(lot.unit, lot.remaining, same, number, HANDED)
        gone.receive([lot], number, HANDED)


def _return_debt(case: Case, unit: int, debt: int, paid: list[Lot], number: int) -> None:
    """Let the other owe again what they owed, and give the survivor back what went into it."""
    kept, gone = case.hand, case.hands[case.roles.others["gone"]]
    gone.owe(unit, debt, [], number, HANDED)
    open_ = [lot for lot in paid if lot.expires_on >= case.arrival.day]
    rest = debt - sum(lot.remaining for lot in paid)
    if rest:
        open_.append(Lot(unit, 0, last_day_of(case.plan.expiries[unit], case.arrival.day), rest))
    kept.receive(open_, number, HANDED)
    lapsed = debt - sum(lot.remaining for lot in open_)
    if lapsed:  # what has ended meanwhile comes back ended, so that both sides of the transfer are equal
        kept.receive([lot for lot in paid if lot.expires_on < case.arrival.day], number, HANDED)
