"""A member's points: lots, what waits, what is owed, and what the books count (2, 3)."""

from dataclasses import dataclass, field

from engine.reference.calendar import last_day
from engine.reference.words import Decided, Happening, Movement
from kizuna.core.days import DAY_CLOSED, DAY_DELIVERED, DAY_IDLE, DAY_NEVER
from kizuna.core.lots import Counters
from kizuna.program import AfterIdle, Program


@dataclass
class Names:
    """The numbers of units and purposes: in the order in which the versions first name them; 0 is no purpose."""

    units: list[str]
    purposes: list[str]

    @classmethod
    def of(cls, documents: list[Program]) -> "Names":
        units = [unit.id for document in documents for unit in document.units]
        purposes = [purpose.id for document in documents for purpose in document.purposes]
        return cls(list(dict.fromkeys(units)), list(dict.fromkeys(purposes)))

    def unit(self, id_: str) -> int:
        return self.units.index(id_)

    def restriction(self, purpose: str | None) -> int:
        return 0 if purpose is None else 1 + self.purposes.index(purpose)


Lot = tuple[int, int, int]
"""Unit, last day, restriction: also the order in which lots lapse and are spent."""

Wait = tuple[int, int, int, int, int]
"""Release day, cause, unit, restriction, last day: also the order of releases."""


@dataclass
class Pocket:
    names: Names
    lots: dict[Lot, int] = field(default_factory=dict)
    waiting: dict[Wait, int] = field(default_factory=dict)
    books: dict[int, dict[str, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.books = {unit: dict.fromkeys(Counters._fields, 0) for unit in range(len(self.names.units))}

    def balance(self, unit: int) -> int:
        return sum(points for lot, points in self.lots.items() if lot[0] == unit) - self.books[unit]["debt"]

    def pending(self, unit: int) -> int:
        return sum(points for wait, points in self.waiting.items() if wait[2] == unit)

    def put(self, lot: Lot, points: int) -> None:
        """Make points spendable: what is owed is repaid first."""
        book = self.books[lot[0]]
        book["earned"] += points
        repaid = min(points, book["debt"])
        book["debt"] -= repaid
        if points > repaid:
            self.lots[lot] = self.lots.get(lot, 0) + points - repaid

    def take(self, lots: list[Lot], points: int, told: Decided) -> int:
        """Take at most `points` from `lots`, one after the other, for the movement told last; return what was taken."""
        taken = 0
        for lot in lots:
            part = min(points - taken, self.lots.get(lot, 0))
            if part:
                told.taken.append((len(told.moves) - 1, lot[2], lot[1], part))
                self.lots[lot] -= part
                taken += part
                if not self.lots[lot]:
                    del self.lots[lot]
        return taken

    def wait(self, wait: Wait, points: int) -> None:
        self.waiting[wait] = self.waiting.get(wait, 0) + points

    def cancel(self, wait: Wait, points: int) -> int:
        """Let at most `points` wait no more; return how many that were."""
        waits = min(points, self.waiting.get(wait, 0))
        if waits:
            self.waiting[wait] -= waits
            if not self.waiting[wait]:
                del self.waiting[wait]
        return waits

    def touch(self, program: Program, day: int, last_order: int | None, told: Decided) -> None:
        """Release what has waited long enough; let lapse what is over."""
        for wait in sorted(self.waiting):
            if wait[0] <= day:
                self.release(wait, wait[4], told)
        for lot in sorted(self.lots):
            unit, last, restriction = lot
            over = self.idle(program, unit, day, last_order) if last == DAY_IDLE else last < day
            if over:
                points = self.lots.pop(lot)
                self.books[unit]["lapsed"] += points
                told.moves.append(Movement("expire", unit, restriction, -points, last))

    def idle(self, program: Program, unit: int, day: int, last_order: int | None) -> bool:
        """Whether the member has had no order for as long as the unit says."""
        for one in program.units:
            if one.id == self.names.units[unit] and isinstance(one.expiry, AfterIdle):
                return last_order is not None and day > last_order + one.expiry.after_idle_days - 1
        return False

    def release(self, wait: Wait, last: int, told: Decided) -> None:
        release_on, cause, unit, restriction, _ = wait
        points = self.waiting.pop(wait)
        self.put((unit, last, restriction), points)
        told.moves.append(Movement("release", unit, restriction, points, last, release_on, cause))

    def delivered(self, program: Program, event: Happening, told: Decided) -> None:
        """Release what waits for this event of this order."""
        days = {"order.delivered": [DAY_DELIVERED], "order.return_window_closed": [DAY_DELIVERED, DAY_CLOSED]}
        for wait in sorted(self.waiting):
            if event.order and wait[1] == event.order and wait[0] in days.get(event.type, []):
                last = wait[4]
                if last == -1:
                    expiry = [unit.expiry for unit in program.units if unit.id == self.names.units[wait[2]]]
                    last = last_day(expiry[0], event.day) if expiry else DAY_NEVER
                self.release(wait, last, told)

    def redeem(self, program: Program, event: Happening, told: Decided) -> None:
        """Spend points, or refuse to."""
        points, unit = event.points, event.unit
        open_lots = [lot for lot in sorted(self.lots) if lot[0] == unit and self.allows(program, lot[2], event)]
        available = max(0, sum(self.lots[lot] for lot in open_lots) - self.books[unit]["debt"])
        if points < program.redemption.minimum:
            told.refusal = "below_minimum"
        elif points % program.redemption.step:
            told.refusal = "off_step"
        elif points > available:
            told.refusal = "short"
        else:
            told.moves.append(Movement("redeem", unit, 0, -points))
            self.take(open_lots, points, told)
            self.books[unit]["spent"] += points

    def allows(self, program: Program, restriction: int, event: Happening) -> bool:
        """Whether lots of this restriction may be spent on this event."""
        if restriction == 0:
            return True
        for purpose in program.purposes:
            if self.names.restriction(purpose.id) == restriction:
                channel = not purpose.channels or event.channel in purpose.channels
                return channel and (not purpose.stores or event.store in purpose.stores)
        return False
