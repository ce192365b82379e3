"""A hand on one member's row: the operations that a person or a shop asks for move points here, one entry each.

Always true: after every call the row is what a replay of its entries gives; a call that raises has moved nothing; points are taken
from the lots that end soonest. What the program decides (earning, redeeming by event) is the engine's; both end in the same entries.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from kizuna.core.days import DAY_NEVER
from kizuna.core.ids import digest, entry_key, event_key
from kizuna.core.lots import Lot, pack
from kizuna.core.waiting import Waiting
from kizuna.engine import EntryKind
from kizuna.ledger.model import HANDED, NO_RULE, Account, AccountStatus, Entry
from kizuna.ledger.posting import lapse_entry, release_entry
from kizuna.ledger.problems import AmountTooLarge, PointsShort
from kizuna.ledger.replay import Holdings

POINTS_MAX = 2**53 - 1
"""The largest number that every reader of JSON can hold exactly; no pocket holds more."""
_LINES = 255
Usable = Callable[[int], bool]
"""Tells whether points of a restriction may be taken."""


def page_key(key: bytes, page: int) -> bytes:
    """Return the key under which an event's entries go on once its own key has no lines left; pages count from 1."""
    return event_key(int.from_bytes(key[:6], "big"), digest("page", key.hex(), str(page)))


def line_key(key: bytes, line: int) -> bytes:
    """Return the key of an event's `line`-th entry, counting from 1, however many there are."""
    page, place = divmod(line - 1, _LINES)
    return entry_key(page_key(key, page) if page else key, place + 1)


def everything(_restriction: int) -> bool:
    """Let points of any restriction be taken."""
    return True


@dataclass(slots=True)
class Hand:
    """One member's row under an operation of the event `key`, on `day`, by the program's `version`. `entries` are in their order."""

    member: bytes
    account: Account
    key: bytes
    day: int
    version: int
    zone: ZoneInfo
    entries: list[Entry] = field(default_factory=list)
    _held: Holdings | None = None
    _lines: int = 0

    @property
    def holdings(self) -> Holdings:
        """What the row holds now."""
        if self._held is None:
            self._held = Holdings.of(self.account)
        return self._held

    def balance(self, unit: int) -> int:
        """Return the unit's balance."""
        return self.holdings.unit(unit).counters().balance

    def lots(self, unit: int | None = None) -> list[Lot]:
        """Return the open lots, soonest to end first, of one unit or of all."""
        return [
            Lot(of, restriction, last, points)
            for (of, last, restriction), points in sorted(self.holdings.lots.items())
            if unit is None or of == unit
        ]

    def available(self, unit: int, usable: Usable = everything) -> int:
        """Return how many points may be taken: in usable lots, less the debt."""
        open_ = self.lots(unit)
        held = sum(lot.remaining for lot in open_) - self.holdings.unit(unit).debt
        return max(0, min(held, sum(lot.remaining for lot in open_ if usable(lot.restriction))))

    # Spending, at once or in two steps

    def redeem(self, unit: int, points: int, usable: Usable = everything, account: str | None = None) -> bytes:
        """Redeem points and return the lots that they came from. Raises `PointsShort`."""
        lots = self._take(unit, points, usable)
        self.holdings.unit(unit).spent += points
        self._note(EntryKind.REDEEM, unit, -points, taken=lots, account=account)
        return pack(lots)

    def hold(
        self, unit: int, points: int, cause: int, usable: Usable = everything, account: str | None = None
    ) -> bytes:
        """Reserve points under the number `cause` and return the lots that they came from. Raises `PointsShort`."""
        lots = self._take(unit, points, usable)
        self._hold(lots, cause, account)
        return pack(lots)

    def reserve(self, lots: Sequence[Lot], cause: int) -> None:
        """Reserve exactly `lots` (all of one unit, all there), as they were reserved for the member that this one was merged with."""
        self._remove(lots)
        self._hold(lots, cause, HANDED)

    def void(self, lots: Sequence[Lot], cause: int, grace_days: int = 0) -> None:
        """Give back what a hold reserved, with the last days that it had; what has ended meanwhile gets `grace_days` more."""
        for lot in lots:
            self.holdings.unit(lot.unit).held -= lot.remaining
            self._give_back(EntryKind.VOID, lot, grace_days, cause)

    def confirm(self, unit: int, points: int, cause: int, account: str | None = None) -> None:
        """Redeem what a hold reserved."""
        pocket = self.holdings.unit(unit)
        pocket.held -= points
        pocket.spent += points
        self._note(EntryKind.CONFIRM, unit, -points, cause=cause, account=account)

    def restore(self, lots: Sequence[Lot], cause: int, grace_days: int = 0, account: str | None = None) -> None:
        """Give back what a redemption took, with the last days that it had; what has ended meanwhile gets `grace_days` more."""
        for lot in lots:
            self.holdings.unit(lot.unit).spent -= lot.remaining
            self._give_back(EntryKind.RESTORE, lot, grace_days, cause, account)

    # Corrections

    def adjust(
        self,
        unit: int,
        points: int,
        reason: str,
        *,
        expires_on: int = DAY_NEVER,
        restriction: int = 0,
        owes: bool = False,
    ) -> None:
        """Add points as a lot, or take them (signed). Raises `PointsShort` unless what is missing may be owed."""
        if points > 0:
            self._note(EntryKind.ADJUST, unit, points, expires_on=expires_on, restriction=restriction, account=reason)
            self._put(unit, expires_on, restriction, points)
        else:
            lots = self._take(unit, -points, everything, owes=owes)
            self._note(EntryKind.ADJUST, unit, points, taken=lots, account=reason)
        self.holdings.unit(unit).adjusted += points

    def extend(self, unit: int, through: int, wanted: Callable[[Lot], bool]) -> int:
        """Let the open lots of a unit that are `wanted` and end before `through` end then; return how many points they hold."""
        extended = 0
        by_restriction: dict[int, list[Lot]] = {}
        for lot in self.lots(unit):
            if lot.expires_on < through and wanted(lot):
                by_restriction.setdefault(lot.restriction, []).append(lot)
        for restriction, lots in by_restriction.items():
            points = sum(lot.remaining for lot in lots)
            self._remove(lots)
            self._note(EntryKind.EXTEND, unit, points, taken=lots, expires_on=through, restriction=restriction)
            self.holdings.lay((unit, through, restriction), points)
            extended += points
        return extended

    def forgive(self, unit: int, reason: str) -> int:
        """Write a debt off; return how many points it was."""
        pocket = self.holdings.unit(unit)
        debt = pocket.debt
        if debt:
            pocket.debt, pocket.forgiven = 0, pocket.forgiven + debt
            self._note(EntryKind.FORGIVE, unit, debt, account=reason)
        return debt

    # Between members

    def give(self, unit: int, points: int, usable: Usable, cause: int, account: str | None = None) -> list[Lot]:
        """Give points to another member and return the lots that they come from. Raises `PointsShort`."""
        lots = self._take(unit, points, usable)
        self._transfer_out(unit, lots, points, cause, account)
        return lots

    def give_lots(self, lots: Sequence[Lot], cause: int, account: str | None = None) -> None:
        """Give whole lots, or parts of them, to another member; all of one unit, all there."""
        self._remove(lots)
        self._transfer_out(lots[0].unit, lots, sum(lot.remaining for lot in lots), cause, account)

    def owe(self, unit: int, points: int, first: Sequence[Lot], cause: int, account: str | None = None) -> list[Lot]:
        """Give points to another member whether they are there or not: from the lots `first`, then from any, then owed.

        Returns the lots that they come from.
        """
        named = [lot for lot in first if lot.remaining]
        self._remove(named)
        rest = points - sum(lot.remaining for lot in named)
        others = self._take(unit, rest, everything, owes=True) if rest else []
        lots = _merged([*named, *others])
        self._transfer_out(unit, lots, points, cause, account)
        return lots

    def receive(self, lots: Sequence[Lot], cause: int, account: str | None = None) -> None:
        """Take over lots that another member gave, with the last days that they have."""
        for lot in lots:
            self.holdings.unit(lot.unit).transferred += lot.remaining
            self._note(
                EntryKind.TRANSFER, lot.unit, lot.remaining, expires_on=lot.expires_on, restriction=lot.restriction,
                cause=cause, account=account,
            )  # fmt: skip
            self._put(lot.unit, lot.expires_on, lot.restriction, lot.remaining)

    def wait(self, one: Waiting, *, gone: bool = False, account: str | None = None) -> None:
        """Let points wait here, or no longer here (`gone`)."""
        points = -one.points if gone else one.points
        self.holdings.await_(one[:5], points)
        self._note(
            EntryKind.CANCEL if gone else EntryKind.PEND, one.unit, points, expires_on=one.expires_on,
            restriction=one.restriction, release_on=one.release_on, cause=one.cause, account=account,
        )  # fmt: skip

    # Undoing

    def take_back(self, unit: int, lots: Sequence[Lot], cause: int, account: str) -> None:
        """Take back what should never have been earned: exactly these lots, all there."""
        self._remove(lots)
        points = sum(lot.remaining for lot in lots)
        self.holdings.unit(unit).reversed += points
        self._note(EntryKind.REVERSE, unit, -points, taken=lots, cause=cause, account=account)

    def revive(self, lots: Sequence[Lot], cause: int, account: str) -> None:
        """Bring back what had lapsed, so that it can be taken back."""
        for lot in lots:
            self.holdings.unit(lot.unit).lapsed -= lot.remaining
            self._note(
                EntryKind.REVIVE, lot.unit, lot.remaining, expires_on=lot.expires_on, restriction=lot.restriction,
                cause=cause, account=account,
            )  # fmt: skip
            self._put(lot.unit, lot.expires_on, lot.restriction, lot.remaining)

    def undo_open(self, unit: int, lots: Sequence[Lot], cause: int, account: str, *, is_brought: bool) -> None:
        """Take exactly these lots, all there: what was earned, or what was brought by a correction."""
        if not is_brought:
            self.take_back(unit, lots, cause, account)
            return
        self._remove(lots)
        points = sum(lot.remaining for lot in lots)
        self.holdings.unit(unit).adjusted -= points
        self._note(EntryKind.ADJUST, unit, -points, taken=lots, account=account)

    def undo_lapsed(self, unit: int, lots: Sequence[Lot], cause: int, account: str, *, is_brought: bool) -> None:
        """Take what has lapsed: it is owed for a moment, and paid with what is brought back, so that it was never there."""
        pocket, points = self.holdings.unit(unit), sum(lot.remaining for lot in lots)
        pocket.debt += points
        if is_brought:
            pocket.adjusted -= points
            self._note(EntryKind.ADJUST, unit, -points, account=account)
        else:
            pocket.reversed += points
            self._note(EntryKind.REVERSE, unit, -points, cause=cause, account=account)
        self.revive(lots, cause, account)

    # The row

    def touch(self) -> None:
        """Let lapse what has ended: after points came back, say."""
        what = self.holdings.touch(self.day)
        for one in what.released:
            self._count(release_entry(self.member, self._next, one, self.zone))
        for lot in what.lapsed:
            self._count(lapse_entry(self.member, self._next, lot, self.day, self.zone))

    def note_touched(self, entries: Sequence[Entry]) -> None:
        """Note entries that time had made before the operation; the row has them already."""
        self.entries += entries

    def row(
        self, status: AccountStatus | None = None, moved_to: bytes | None = None, memory: bytes | None = None
    ) -> Account:
        """Return the member's row after the operation. Raises `AmountTooLarge` where a pocket could not hold it."""
        first, *further = self.holdings.counters
        for one in (first, *further):
            if max(map(abs, one)) > POINTS_MAX:
                raise AmountTooLarge(field="points", points=max(map(abs, one)), points_max=POINTS_MAX)
        return Account(
            self._next - 1,
            first,
            self.holdings.packed_lots,
            self.account.memory if memory is None else memory,
            self.holdings.packed_waiting,
            tuple(further),
            self.account.status if status is None else status,
            self.account.moved_to if status is None else moved_to,
        )

    @property
    def _next(self) -> int:
        """The number of the next entry."""
        return self.entries[-1].n + 1 if self.entries else self.account.entry_count + 1

    def _count(self, entry: Entry) -> None:
        self.entries.append(entry)

    def _note(
        self,
        kind: EntryKind,
        unit: int,
        points: int,
        *,
        expires_on: int = DAY_NEVER,
        restriction: int = 0,
        taken: Sequence[Lot] = (),
        release_on: int | None = None,
        cause: int | None = None,
        account: str | None = None,
    ) -> None:
        """Write one entry down; an event that makes more than a key's lines can number goes on under keys made from it."""
        self._lines += 1
        self._count(
            Entry(
                self.member, line_key(self.key, self._lines), self._next, kind, unit, points, expires_on, self.version, NO_RULE, 0,
                pack(list(taken)), restriction, release_on, cause, None, None, account,
            )
        )  # fmt: skip

    def _put(self, unit: int, expires_on: int, restriction: int, points: int) -> None:
        self.holdings.put(unit, expires_on, restriction, points)

    def _hold(self, lots: Sequence[Lot], cause: int, account: str | None) -> None:
        points = sum(lot.remaining for lot in lots)
        self.holdings.unit(lots[0].unit).held += points
        self._note(EntryKind.HOLD, lots[0].unit, -points, taken=lots, cause=cause, account=account)

    def _give_back(self, kind: EntryKind, lot: Lot, grace_days: int, cause: int, account: str | None = None) -> None:
        last = lot.expires_on
        if last < self.day and grace_days:
            last = self.day + grace_days - 1
        self._note(
            kind, lot.unit, lot.remaining, expires_on=last, restriction=lot.restriction, cause=cause, account=account
        )
        self._put(lot.unit, last, lot.restriction, lot.remaining)

    def _transfer_out(self, unit: int, lots: Sequence[Lot], points: int, cause: int, account: str | None) -> None:
        self.holdings.unit(unit).transferred -= points
        self._note(EntryKind.TRANSFER, unit, -points, taken=lots, cause=cause, account=account)

    def _remove(self, lots: Sequence[Lot]) -> None:
        for lot in lots:
            self.holdings.take((lot.unit, lot.expires_on, lot.restriction), lot.remaining)

    def _take(self, unit: int, points: int, usable: Usable, *, owes: bool = False) -> list[Lot]:
        """Take points from the usable lots that end soonest; what is missing is owed, or none are taken. Raises `PointsShort`."""
        available = self.available(unit, usable)
        if points > available and not owes:
            raise PointsShort(field="points", asked=points, available=available)
        lots, missing = [], points
        for lot in self.lots(unit):
            if missing and usable(lot.restriction):
                part = lot._replace(remaining=min(missing, lot.remaining))
                lots.append(part)
                missing -= part.remaining
        self._remove(lots)
        self.holdings.unit(unit).debt += missing
        return lots


def _merged(lots: Sequence[Lot]) -> list[Lot]:
    """Return lots in their order, those of one key as one."""
    sums: dict[tuple[int, int, int], int] = {}
    for lot in lots:
        key = (lot.unit, lot.expires_on, lot.restriction)
        sums[key] = sums.get(key, 0) + lot.remaining
    return [Lot(unit, restriction, last, points) for (unit, last, restriction), points in sorted(sums.items())]


def split(lots: Sequence[Lot], points: int) -> tuple[list[Lot], list[Lot]]:
    """Part lots, soonest to end first, into those that come to `points` and the rest."""
    first, rest, left = [], [], points
    for lot in lots:
        part = min(left, lot.remaining)
        left -= part
        if part:
            first.append(lot._replace(remaining=part))
        if part < lot.remaining:
            rest.append(lot._replace(remaining=lot.remaining - part))
    return first, rest
