"""Replay: an account rebuilt from its entries alone, one at a time, in plain Python.

This is the auditor. It shares no code with the engine that made the entries, so that a mistake in one shows in the other.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple

from kizuna.core.days import DAY_DELIVERED
from kizuna.core.lots import Counters, Lot, pack, unpack
from kizuna.core.waiting import Waiting
from kizuna.core.waiting import pack as pack_waiting
from kizuna.core.waiting import unpack as unpack_waiting
from kizuna.engine import EntryKind
from kizuna.ledger.model import HANDED, SIGNS, Account, Entry

FROM_RELEASE = -1
"""The last day of points that wait, where it runs from a release still to come."""
_Key = tuple[int, int, int]
"""Unit, last day, restriction: the order in which lots lie."""


class Touched(NamedTuple):
    """What the passing of time does to an account by a day: points that are released, then lots that lapse."""

    released: list[Waiting]
    lapsed: list[Lot]


@dataclass(slots=True)
class _Pocket:
    """One unit's counters."""

    earned: int = 0
    spent: int = 0
    lapsed: int = 0
    debt: int = 0
    reversed: int = 0
    forgiven: int = 0
    held: int = 0
    adjusted: int = 0
    transferred: int = 0

    def counters(self) -> Counters:
        return Counters(
            self.earned, self.spent, self.lapsed, self.debt, self.reversed, self.forgiven, self.held, self.adjusted,
            self.transferred,
        )  # fmt: skip


@dataclass(slots=True)
class Holdings:
    """Lots, waiting points and counters by unit; the one place where points are put and taken."""

    lots: dict[_Key, int] = field(default_factory=dict)
    waiting: dict[tuple[int, int, int, int, int], int] = field(default_factory=dict)
    units: dict[int, _Pocket] = field(default_factory=dict)

    @classmethod
    def of(cls, account: Account) -> "Holdings":
        """Return what a member's row holds."""
        return cls(
            {(lot.unit, lot.expires_on, lot.restriction): lot.remaining for lot in unpack(account.lots)},
            {one[:5]: one.points for one in unpack_waiting(account.waiting)},
            {number: _Pocket(*of) for number, of in enumerate((account.counters, *account.further))},
        )

    def unit(self, number: int) -> _Pocket:
        """Return a unit's counters."""
        found = self.units.get(number)
        if found is None:
            found = self.units[number] = _Pocket()
        return found

    def put(self, unit: int, expires_on: int, restriction: int, points: int) -> None:
        """Put points into the pocket: a debt is repaid first, what is left makes the lot. Which counter grows, the caller says."""
        pocket = self.unit(unit)
        repaid = min(pocket.debt, points)
        pocket.debt -= repaid
        if points > repaid:
            self.lay((unit, expires_on, restriction), points - repaid)

    def lay(self, key: _Key, points: int) -> None:
        """Make points a lot, whatever is owed."""
        self.lots[key] = self.lots.get(key, 0) + points

    def take(self, key: _Key, points: int) -> bool:
        """Take points from a lot; return whether they were there."""
        there = self.lots.get(key, 0)
        self.lots[key] = max(0, there - points)
        if not self.lots[key]:
            del self.lots[key]
        return there >= points

    def await_(self, key: tuple[int, int, int, int, int], points: int) -> bool:
        """Let points wait, or no longer (signed); return whether as many were there."""
        there = self.waiting.get(key, 0) + points
        self.waiting.pop(key, None)
        if there > 0:
            self.waiting[key] = there
        return there >= 0

    def touch(self, day: int) -> Touched:
        """Release what waits until `day` or a day before it, then let lots lapse whose last day is before it."""
        released = [Waiting(*key, self.waiting[key]) for key in sorted(self.waiting) if key[0] <= day]
        for one in released:
            del self.waiting[one[:5]]
            self.unit(one.unit).earned += one.points
            self.put(one.unit, one.expires_on, one.restriction, one.points)
        lapsed = [
            Lot(unit, restriction, expires_on, self.lots[unit, expires_on, restriction])
            for unit, expires_on, restriction in sorted(self.lots)
            if expires_on < day
        ]
        for lot in lapsed:
            del self.lots[lot.unit, lot.expires_on, lot.restriction]
            self.unit(lot.unit).lapsed += lot.remaining
        return Touched(released, lapsed)

    @property
    def packed_lots(self) -> bytes:
        """The open lots, packed as the member's row keeps them."""
        return pack(
            [Lot(unit, restriction, last, points) for (unit, last, restriction), points in sorted(self.lots.items())]
        )

    @property
    def packed_waiting(self) -> bytes:
        """What waits, packed as the member's row keeps it."""
        return pack_waiting([Waiting(*key, points) for key, points in sorted(self.waiting.items())])

    @property
    def counters(self) -> tuple[Counters, ...]:
        """The counters of every unit up to the last that has any; at least those of the first."""
        used = [number for number, of in self.units.items() if any(of.counters())]
        return tuple(self.unit(number).counters() for number in range(max(used, default=0) + 1))


class Replay:
    """One member's row after the entries fed so far. `faults` says what no honest history contains."""

    def __init__(self) -> None:
        self.entry_count = 0
        self.holdings = Holdings()
        self.held: dict[tuple[int, int], int] = {}
        """What open holds reserve, by unit and the number of the hold."""
        self.held_lots: dict[tuple[int, int], bytes] = {}
        """The lots that a hold took, as they were when it was last placed or handed on."""
        self.faults: list[str] = []

    def feed(self, entry: Entry) -> None:
        """Apply the next entry."""
        self.entry_count += 1
        if entry.n != self.entry_count:
            self.faults.append(f"entry {self.entry_count} is missing or doubled: the next one found is {entry.n}")
            self.entry_count = entry.n
        apply = self._APPLY.get(entry.kind)
        if apply is None or entry.points * (SIGNS[entry.kind] or entry.points) <= 0:
            self._fault(entry, f"moves {entry.points} points in a direction its kind does not have")
        else:
            apply(self, entry)

    def _fault(self, entry: Entry, text: str) -> None:
        self.faults.append(f"entry {entry.n} {text}")

    def _waits(self, entry: Entry) -> tuple[int, int, int, int, int]:
        return (entry.release_on or 0, entry.cause or 0, entry.unit, entry.restriction, entry.expires_on)

    def _earn(self, entry: Entry) -> None:
        self.holdings.unit(entry.unit).earned += entry.points
        self.holdings.put(entry.unit, entry.expires_on, entry.restriction, entry.points)

    def _expire(self, entry: Entry) -> None:
        if self.holdings.lots.pop((entry.unit, entry.expires_on, entry.restriction), 0) != -entry.points:
            self._fault(entry, f"lapses {-entry.points} points of a lot that held another sum")
        self.holdings.unit(entry.unit).lapsed -= entry.points

    def _wait(self, entry: Entry) -> None:
        if not self.holdings.await_(self._waits(entry), entry.points):
            self._fault(entry, "cancels points that did not wait")

    def _end_debt(self, entry: Entry) -> None:
        pocket = self.holdings.unit(entry.unit)
        if pocket.debt < entry.points:
            self._fault(entry, f"ends a debt of {entry.points} where {pocket.debt} were owed")
        pocket.debt = max(0, pocket.debt - entry.points)
        pocket.forgiven += entry.points

    def _release(self, entry: Entry) -> None:
        """Make spendable what waited: by its own last day, or by one that runs from this release."""
        key = self._waits(entry)
        open_end = (*key[:4], FROM_RELEASE)
        waited = self.holdings.waiting.get(key) == entry.points
        if not self.holdings.await_(
            key if waited or open_end not in self.holdings.waiting else open_end, -entry.points
        ):
            self._fault(entry, "releases points that did not wait")
        if entry.expires_on == FROM_RELEASE:
            self._fault(entry, "releases points without saying how long they may be spent")
        self.holdings.unit(entry.unit).earned += entry.points
        self.holdings.put(entry.unit, entry.expires_on, entry.restriction, entry.points)

    def _redeem(self, entry: Entry) -> None:
        self._spend(entry)
        self.holdings.unit(entry.unit).spent -= entry.points

    def _hold(self, entry: Entry) -> None:
        if entry.account != HANDED:
            self._spend(entry)
        elif self._take_named(entry) != -entry.points:
            self._fault(entry, "holds other points than it names")
        self._reserve(entry, -entry.points)
        self.held_lots[entry.unit, entry.cause or 0] = entry.taken

    def _spend(self, entry: Entry) -> None:
        """Take what the entry says was taken: all of it, and from those lots that end first of the purposes that it names."""
        taken = unpack(entry.taken)
        usable = {0, *(lot.restriction for lot in taken)}
        wanted, first = -entry.points, []
        for key in sorted(self.holdings.lots):
            unit, expires_on, restriction = key
            if unit == entry.unit and restriction in usable and wanted:
                part = min(wanted, self.holdings.lots[key])
                wanted -= part
                first.append(Lot(unit, restriction, expires_on, part))
        if wanted:
            self._fault(entry, f"spends {wanted} points more than were there")
        if first != taken:
            self._fault(entry, "took from other lots than those that expire first")
        for lot in first:
            self.holdings.take((lot.unit, lot.expires_on, lot.restriction), lot.remaining)

    def _reserve(self, entry: Entry, points: int) -> None:
        """Let the hold that the entry names reserve more points, or fewer."""
        key = (entry.unit, entry.cause or 0)
        there = self.held.pop(key, 0) + points
        if there < 0:
            self._fault(entry, f"ends a hold of {-points} points that reserved {there - points}")
        if there > 0:
            self.held[key] = there
        self.holdings.unit(entry.unit).held += points

    def _void(self, entry: Entry) -> None:
        self._reserve(entry, -entry.points)
        self._put_back(entry)

    def _confirm(self, entry: Entry) -> None:
        self._reserve(entry, entry.points)
        self.holdings.unit(entry.unit).spent -= entry.points

    def _restore(self, entry: Entry) -> None:
        """Give back what was redeemed, perhaps by a member who went into this one: then less was redeemed here than comes back."""
        self.holdings.unit(entry.unit).spent -= entry.points
        self._put_back(entry)

    def _revive(self, entry: Entry) -> None:
        pocket = self.holdings.unit(entry.unit)
        if pocket.lapsed < entry.points:
            self._fault(entry, f"revives {entry.points} points where {pocket.lapsed} had lapsed")
        pocket.lapsed -= entry.points
        self._put_back(entry)

    def _put_back(self, entry: Entry) -> None:
        self.holdings.put(entry.unit, entry.expires_on, entry.restriction, entry.points)

    def _extend(self, entry: Entry) -> None:
        """Move all that the entry names to one later last day."""
        if self._take_named(entry) != entry.points:
            self._fault(entry, "extends other points than it names")
        self.holdings.lay((entry.unit, entry.expires_on, entry.restriction), entry.points)

    def _adjust(self, entry: Entry) -> None:
        self.holdings.unit(entry.unit).adjusted += entry.points
        self._give_or_take(entry)

    def _transfer(self, entry: Entry) -> None:
        self.holdings.unit(entry.unit).transferred += entry.points
        self._give_or_take(entry)

    def _give_or_take(self, entry: Entry) -> None:
        if entry.points > 0:
            self._put_back(entry)
        else:
            self._take_or_owe(entry)

    def _reverse(self, entry: Entry) -> None:
        self.holdings.unit(entry.unit).reversed -= entry.points
        self._take_or_owe(entry)

    def _take_or_owe(self, entry: Entry) -> None:
        """Take from the lots that the entry names; what it names no lot for is owed."""
        owed = -entry.points - self._take_named(entry)
        if owed < 0:
            self._fault(entry, "takes more than it says")
        self.holdings.unit(entry.unit).debt += max(0, owed)

    def _take_named(self, entry: Entry) -> int:
        """Take from the lots that the entry names; return how many points they come to."""
        taken = unpack(entry.taken)
        if any(lot.unit != entry.unit for lot in taken):
            self._fault(entry, "takes points of another unit")
        for lot in taken:
            if not self.holdings.take((lot.unit, lot.expires_on, lot.restriction), lot.remaining):
                self._fault(entry, "takes from lots that do not hold as much")
        return sum(lot.remaining for lot in taken)

    _APPLY: ClassVar[dict[int, Callable[["Replay", Entry], None]]] = {
        EntryKind.EARN: _earn,
        EntryKind.REDEEM: _redeem,
        EntryKind.EXPIRE: _expire,
        EntryKind.PEND: _wait,
        EntryKind.CANCEL: _wait,
        EntryKind.RELEASE: _release,
        EntryKind.REVERSE: _reverse,
        EntryKind.FORGIVE: _end_debt,
        EntryKind.COLLECT: _end_debt,
        EntryKind.HOLD: _hold,
        EntryKind.VOID: _void,
        EntryKind.CONFIRM: _confirm,
        EntryKind.RESTORE: _restore,
        EntryKind.REVIVE: _revive,
        EntryKind.EXTEND: _extend,
        EntryKind.ADJUST: _adjust,
        EntryKind.TRANSFER: _transfer,
    }

    @property
    def lots(self) -> bytes:
        """The open lots, packed as the member's row keeps them."""
        return self.holdings.packed_lots

    @property
    def waiting(self) -> bytes:
        """What waits, packed as the member's row keeps it."""
        return self.holdings.packed_waiting

    @property
    def counters(self) -> Counters:
        """The first unit's counters for the books."""
        return self.holdings.unit(0).counters()

    @property
    def all_counters(self) -> tuple[Counters, ...]:
        """The counters of every unit that has any."""
        return self.holdings.counters

    def lapsed_by(self, day: int) -> int:
        """Points of the first unit in lots whose last day is before `day`: gone, though nothing has touched the account since."""
        return sum(points for (unit, last, _), points in self.holdings.lots.items() if unit == 0 and last < day)

    def touch(self, day: int) -> Touched:
        """Follow the passing of time to `day`."""
        return self.holdings.touch(day)


def replay(entries: Iterable[Entry]) -> Replay:
    """Replay a whole history."""
    run = Replay()
    for entry in entries:
        run.feed(entry)
    return run


def spendable(lots: bytes, day: int, unit: int = 0) -> list[Lot]:
    """Return the open lots of a unit that may be spent on `day`, soonest to expire first."""
    return [lot for lot in unpack(lots) if lot.expires_on >= day and lot.unit == unit]


def touched(account: Account, day: int) -> Touched:
    """Return what the passing of time has done to an account by `day`, though nothing has touched it since."""
    return Holdings.of(account).touch(day)


def as_of(account: Account, day: int) -> Account:
    """Return a member's row as it stands on `day`: what waits released, lots lapsed; the counters follow."""
    if not account.waiting and not any(lot.expires_on < day for lot in unpack(account.lots)):
        return account
    held = Holdings.of(account)
    held.touch(day)
    first, *further = held.counters
    return account._replace(counters=first, further=tuple(further), lots=held.packed_lots, waiting=held.packed_waiting)


def waits_for_event(release_on: int) -> bool:
    """Tell whether points with this release day wait for an event of their order, not for a day."""
    return release_on >= DAY_DELIVERED
