"""Replay: an account rebuilt from its entries alone, one at a time, in plain Python.

This is the auditor. It shares no code with the engine that made the entries, so that a mistake in one shows in the other.
"""

from collections.abc import Iterable

from kizuna.core.lots import Counters, Lot, pack, unpack
from kizuna.engine import EntryKind
from kizuna.ledger.model import Entry


class Replay:
    """One member's lots and counters after the entries fed so far. `faults` says what no honest history contains."""

    def __init__(self) -> None:
        self.entry_count = 0
        self._lots: dict[int, int] = {}
        self._earned = self._spent = self._lapsed = 0
        self.faults: list[str] = []

    def feed(self, entry: Entry) -> None:
        """Apply the next entry."""
        self.entry_count += 1
        if entry.n != self.entry_count:
            self.faults.append(f"entry {self.entry_count} is missing or doubled: the next one found is {entry.n}")
            self.entry_count = entry.n
        if entry.unit != 0:
            self.faults.append(f"entry {entry.n} names the unit {entry.unit}, which no program has")
        match entry.kind:
            case EntryKind.EARN if entry.points > 0:
                self._lots[entry.expires_on] = self._lots.get(entry.expires_on, 0) + entry.points
                self._earned += entry.points
            case EntryKind.REDEEM if entry.points < 0:
                self._take(entry)
                self._spent -= entry.points
            case EntryKind.EXPIRE if entry.points < 0:
                if self._lots.pop(entry.expires_on, 0) != -entry.points:
                    self.faults.append(f"entry {entry.n} lapses {-entry.points} points of a lot that held another sum")
                self._lapsed -= entry.points
            case _:
                self.faults.append(f"entry {entry.n} moves {entry.points} points in a direction its kind does not have")

    def _take(self, entry: Entry) -> None:
        wanted = -entry.points
        took = []
        for expires_on in sorted(self._lots):
            if not wanted:
                break
            part = min(wanted, self._lots[expires_on])
            wanted -= part
            self._lots[expires_on] -= part
            if not self._lots[expires_on]:
                del self._lots[expires_on]
            took.append(Lot(0, 0, expires_on, part))
        if wanted:
            self.faults.append(f"entry {entry.n} spends {wanted} points more than were there")
        if pack(took) != entry.taken:
            self.faults.append(f"entry {entry.n} took from other lots than those that expire first")

    @property
    def lots(self) -> bytes:
        """The open lots, packed as the member's row keeps them."""
        return pack([Lot(0, 0, expires_on, self._lots[expires_on]) for expires_on in sorted(self._lots)])

    @property
    def counters(self) -> Counters:
        """The counters for the books."""
        return Counters(self._earned, self._spent, self._lapsed, 0)

    def lapsed_by(self, day: int) -> int:
        """Points in lots whose last day is before `day`: gone, though nothing has touched the account since."""
        return sum(points for expires_on, points in self._lots.items() if expires_on < day)


def replay(entries: Iterable[Entry]) -> Replay:
    """Replay a whole history."""
    run = Replay()
    for entry in entries:
        run.feed(entry)
    return run


def spendable(lots: bytes, day: int) -> list[Lot]:
    """Return the open lots that may be spent on `day`, soonest to expire first."""
    return [lot for lot in unpack(lots) if lot.expires_on >= day]


def lapsed(lots: bytes, day: int) -> list[Lot]:
    """Return the lots whose last day is before `day`: gone, though nothing has touched the account since."""
    return [lot for lot in unpack(lots) if lot.expires_on < day]
