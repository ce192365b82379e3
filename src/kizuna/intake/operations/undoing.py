"""Taking an import back, member by member: what its events earned goes, and they are forgotten as if they had not been told.

Always true: of every lot, what is still open is taken back first, then what has lapsed (so that it was neither issued nor expired);
what was spent stays, and is told. The orders are known no more, and their events can be told again.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

from kizuna.core.days import from_ms
from kizuna.core.ids import digest, event_key
from kizuna.core.lots import Lot, unpack
from kizuna.core.waiting import unpack as unpack_waiting
from kizuna.engine import FRESH, EntryKind, Memories, State, decide, displace, last_day_of, level_of
from kizuna.intake import order_store, run_store
from kizuna.intake.batch import Batch, Known, number_of
from kizuna.intake.bought import Kept
from kizuna.intake.contents import order_key
from kizuna.intake.fields import PLAIN
from kizuna.intake.following import made
from kizuna.intake.model import CHANGES, ORDER_CANCELLED
from kizuna.intake.operations.case import Asking, Case, Roles
from kizuna.intake.operations.model import BALANCE_OPENED, ImportUndone
from kizuna.intake.operations.problems import MergedSince
from kizuna.intake.operations.taking import OPENING, PLACED
from kizuna.intake.orders import kept_content
from kizuna.intake.orders import load as load_orders
from kizuna.intake.past import answers
from kizuna.intake.run_store import EventOfRun
from kizuna.ledger import AccountStatus, Entry, entries_all, member_key
from kizuna.program import ORDER_DELIVERED, RETURN_WINDOW_CLOSED

UNDONE = "import_undone"
"""The account of what is taken back."""
_OF_ORDER = (*CHANGES, ORDER_DELIVERED, RETURN_WINDOW_CLOSED)
_Key = tuple[int, int, int]
"""Unit, last day, restriction."""


class _Named(msgspec.Struct):
    order_id: str = ""
    shop: str | None = None


class _Body(msgspec.Struct):
    data: _Named


_BODY = msgspec.json.Decoder(_Body)


@dataclass(slots=True)
class _Share:
    """What a run's events gave a member: by lot what was earned, what was brought, and what is owed by unit."""

    earned: Counter[_Key] = field(default_factory=Counter)
    opened: Counter[_Key] = field(default_factory=Counter)
    owed: Counter[int] = field(default_factory=Counter)


async def whose(asking: Asking) -> Roles:
    """Return the member whose part of an import is taken back."""
    return Roles(bytes.fromhex(asking.arrival.identity.value), merged_too=True)


async def undo(case: Case) -> None:
    """Take a member's part of an import back. Raises `MergedSince`."""
    asked, hand = case.asked, case.hand
    assert isinstance(asked, ImportUndone)  # noqa: S101 - the door is this type's
    if hand.account.status == AccountStatus.MERGED:
        raise MergedSince(field="subject", subject=str(case.arrival.identity))
    events = await run_store.events_of(case.conn, asked.run, hand.member)
    mine = [event for event in events if event.is_runs]
    keys = await order_store.keys_of(case.conn, hand.member, [event.key for event in mine])
    also = [event for event in events if not event.is_runs and _speaks_of(event, keys)]
    gone = [*mine, *also]
    entries = [*await entries_all(case.conn, hand.member), *hand.entries]
    numbers = {number_of(key) for key in keys}
    share = _share(entries, gone, numbers)
    cancelled = _cancel(case, numbers)
    taken, left = Counter[int](), Counter[int]()
    _take(case, share, _lapsed(entries), taken, left)
    for unit, debt in sorted(share.owed.items()):
        hand.adjust(unit, debt, UNDONE, expires_on=last_day_of(case.plan.expiries[unit], case.arrival.day))
    hand.touch()
    memory = FRESH
    if len(gone) < len(events):
        memory = await _forget(case, mine, sorted(keys))
    case.memories[hand.member], case.level = memory, level_of(case.plan, memory)
    if gone:
        case.fragments += run_store.undo(hand.member, [event.key for event in gone])
        known = [digest(event.source, event.id) for event in gone]
        case.fragments.append(run_store.free(known, case.arrival.event_key))
    if keys:
        case.fragments.append(order_store.forget(sorted(keys)))
    told = {"taken_back": taken, "left": left, "cancelled": cancelled}
    case.about |= {"run": asked.run, "orders": len(keys), "events": len(mine)}
    case.about |= {name: {case.unit_id(unit): points for unit, points in of.items()} for name, of in told.items()}


def _speaks_of(event: EventOfRun, keys: set[bytes]) -> bool:
    """Tell whether an event of somebody else's changes or follows one of the orders."""
    if event.type not in _OF_ORDER:
        return False
    named = _BODY.decode(event.body).data
    return order_key(named.shop or event.source, named.order_id) in keys


def _share(entries: Sequence[Entry], events: Sequence[EventOfRun], numbers: set[int]) -> _Share:
    """Return what events gave: less what their own changes took back, with what waited for their orders and was released."""
    share, openings = _Share(), {event.key[:15] for event in events if event.type == BALANCE_OPENED}
    own, written = {event.key[:15] for event in events}, {entry.key[:15] for entry in entries}
    for event in events:
        if event.type == BALANCE_OPENED:
            pages = {page[:15] for page in _pages(event.key, written)}
            own |= pages
            openings |= pages
    extended = [entry for entry in entries if entry.kind == EntryKind.EXTEND]
    returned = [entry for entry in entries if _is_late(entry) and entry.key[:15] in own]
    for entry in entries:
        key = (entry.unit, entry.expires_on, entry.restriction)
        if entry.kind == EntryKind.ADJUST:
            if entry.account == OPENING and entry.key[:15] in openings:
                _open(share, entry)
        elif (entry.key[:15] in own and entry.kind in (EntryKind.EARN, EntryKind.REVERSE) and not _is_late(entry)) or (
            entry.kind == EntryKind.RELEASE and entry.cause and entry.cause in numbers
        ):
            share.earned[key] += entry.points
    for entry in extended:
        _follow(share, entry)
    for entry in returned:
        _net_return(share, entry)
    _net_openings(share)
    return share


def _net_openings(share: _Share) -> None:
    """Count as owed what a debt of the opening took of points that were there before it."""
    for key, points in share.opened.items():
        if points < 0:
            share.owed[key[0]] -= points
            share.opened[key] = 0


def _is_late(entry: Entry) -> bool:
    """Tell whether an entry takes back points whose last day was not known when they were earned."""
    return entry.kind == EntryKind.REVERSE and entry.expires_on < 0


def _open(share: _Share, entry: Entry) -> None:
    """Count what an opening brought: lots, or a debt."""
    if entry.points > 0:
        share.opened[entry.unit, entry.expires_on, entry.restriction] += entry.points
    else:
        _net_debt(share, entry)


def _net_debt(share: _Share, entry: Entry) -> None:
    """Count a debt of an opening: what it took of lots at once is no part of them any more, only the rest was owed."""
    taken = unpack(entry.taken)
    for lot in taken:
        share.opened[lot.unit, lot.expires_on, lot.restriction] -= lot.remaining
    share.owed[entry.unit] -= entry.points + sum(lot.remaining for lot in taken)


def _net_return(share: _Share, entry: Entry) -> None:
    """Count what a return took back of points whose last day was not known when they were earned: of the lots it took from first."""
    missing = -entry.points
    named = [(lot.unit, lot.expires_on, lot.restriction) for lot in unpack(entry.taken)]
    others = sorted(key for key in share.earned if key[0] == entry.unit and key[2] == entry.restriction)
    for key in (*named, *others):
        part = min(missing, max(0, share.earned[key]))
        share.earned[key] -= part
        missing -= part


def _pages(key: bytes, written: set[bytes]) -> Iterator[bytes]:
    """Yield the keys under which an event goes on that made more entries than one key can number."""
    page = 1
    while (found := event_key(int.from_bytes(key[:6], "big"), digest("page", key.hex(), str(page))))[:15] in written:
        yield found
        page += 1


def _follow(share: _Share, entry: Entry) -> None:
    """Follow points whose last day was put off."""
    for lot in unpack(entry.taken):
        rest = lot.remaining
        for of in (share.earned, share.opened):
            key = (lot.unit, lot.expires_on, lot.restriction)
            part = min(rest, max(0, of[key]))
            rest -= part
            of[key] -= part
            of[lot.unit, entry.expires_on, lot.restriction] += part


def _lapsed(entries: Sequence[Entry]) -> defaultdict[_Key, int]:
    """Return what has lapsed of each lot and was not revived since."""
    lapsed: defaultdict[_Key, int] = defaultdict(int)
    for entry in entries:
        if entry.kind in (EntryKind.EXPIRE, EntryKind.REVIVE):
            lapsed[entry.unit, entry.expires_on, entry.restriction] -= entry.points
    return lapsed


def _cancel(case: Case, numbers: set[int]) -> Counter[int]:
    """Cancel what still waits for the orders."""
    cancelled = Counter[int]()
    for one in unpack_waiting(case.hand.holdings.packed_waiting):
        if one.cause in numbers:
            case.hand.wait(one, gone=True, account=UNDONE)
            cancelled[one.unit] += one.points
    return cancelled


def _take(case: Case, share: _Share, lapsed: defaultdict[_Key, int], taken: Counter[int], left: Counter[int]) -> None:
    """Take back what is open, then what has lapsed; count what is left because it was spent."""
    for of, is_brought in ((share.earned, False), (share.opened, True)):
        open_: defaultdict[int, list[Lot]] = defaultdict(list)
        ended: defaultdict[int, list[Lot]] = defaultdict(list)
        for key in sorted(of):
            unit, last, restriction = key
            wanted = of[key]
            if wanted <= 0:
                continue
            here = min(wanted, case.hand.holdings.lots.get(key, 0))
            gone = min(wanted - here, max(0, lapsed[key]))
            lapsed[key] -= gone
            if here:
                open_[unit].append(Lot(unit, restriction, last, here))
            if gone:
                ended[unit].append(Lot(unit, restriction, last, gone))
            taken[unit] += here + gone
            if wanted > here + gone:
                left[unit] += wanted - here - gone
        for unit, lots in sorted(open_.items()):
            case.hand.undo_open(unit, lots, case.number, UNDONE, is_brought=is_brought)
        for unit, lots in sorted(ended.items()):
            case.hand.undo_lapsed(unit, lots, case.number, UNDONE, is_brought=is_brought)


async def _forget(case: Case, mine: Sequence[EventOfRun], keys: Sequence[bytes]) -> bytes:
    """Return the memory without what was placed in it, and with the orders decided again as cancelled, the latest first."""
    memory, plan, day = case.hand.account.memory, case.plan, case.arrival.day
    told = await answers(case.conn, [digest(event.source, event.id) for event in mine])
    for answer in told.values():
        placed = (answer.about or {}).get(PLACED)
        if placed is not None:
            memory = displace(plan, memory, Memories(*placed), day).memory
    orders = await load_orders(case.conn, keys, case.brand.zone)
    batch = Batch(orders)
    for order in sorted(orders.found.values(), key=lambda one: one.event_key, reverse=True):
        if kept_content(order).exists:
            at, name = from_ms(case.arrival.at_ms), f"undone/{order.key.hex()}"
            arrival = made(case.brand, ORDER_CANCELLED, name, case.hand.member, at, {"order_id": name})
            known = Known(plan.version - 1, 0, case.hand.member, PLAIN, referred=False)
            batch.add(arrival, known, (order, Kept(order.kept.base, is_gone=True)))
    if not batch.told:
        return memory
    account = case.hand.account
    state = State.unpack(
        case.book.names, [memory], [account.flat_counters], [account.lots], [account.waiting], [member_key(case.hand.member)]
    )  # fmt: skip
    decide(case.book.plans, state, batch.columns())
    return state.pack_memory()[0]
