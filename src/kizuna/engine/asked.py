"""Facts as columns: what a condition may ask of some events, whether the event tells it or the member's memory.

Every answer is (values, present): a fact that is not there makes its comparison false. `at` are the rows of the events that tell
time, channel and fields, `content_at` the rows that tell what was bought; of a changed order these differ.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from kizuna.engine.book import Book, line_has
from kizuna.engine.calendar import Calendar
from kizuna.engine.events import Bools, Coded, Ints, Rows
from kizuna.engine.periods import month_of, month_start
from kizuna.program import Within

Column = Callable[[str], Ints]
"""Facts of the member by name: `orders`, `spend`, `last_order`, `joined`, `born`, `referred`, `stage`, `tier`, `track.<id>`."""
_NONE = -(2**31)


class Asked:
    """Some events, and (where `member` is given) their members just before them."""

    def __init__(
        self,
        book: Book,
        at: Rows,
        content_at: Rows,
        member: Column | None = None,
        *,
        calendar: Calendar,
    ) -> None:
        self._book, self.events, self.at, self.content_at = book, book.events, at, content_at
        self._member, self._calendar = member, calendar
        self.day = self.events.day[at].astype(np.int64)
        self._numbers: dict[str, tuple[Ints, Bools | None]] = {}
        self._texts: dict[str, Coded] = {}

    @property
    def _month(self) -> Ints:
        return self._calendar.stretch(Within.MONTH, self.day)

    @property
    def _date(self) -> Ints:
        """Month × 100 + day of the month."""
        return self._calendar.look("date", _date, self.day)

    def number(self, fact: str) -> tuple[Ints, Bools | None]:
        """Return a number, an amount, a date, a flag or a rank."""
        known = self._numbers.get(fact)
        if known is None:
            known = self._numbers[fact] = self._number(fact)
        return known

    def _number(self, fact: str) -> tuple[Ints, Bools | None]:  # noqa: PLR0911 - one answer a fact
        content = self.events.content
        match fact.partition(".")[::2]:
            case "time", "date":
                return self.day, None
            case "time", "weekday":
                return self._calendar.look("weekday", lambda days: (days + 3) % 7, self.day), None
            case "time", "hour":
                return (self.events.minute[self.at] // np.int16(60)).astype(np.int64), None
            case "time", "day_of_month":
                return self._calendar.look("day of month", lambda days: _date(days) % 100, self.day), None
            case "time", "month":
                return self._month % 12 + 1, None
            case "order", "amount" | "discount" | "shipping" | "paid_with_points" | "items" as name:
                column: Ints = getattr(content, name)
                return column[self.content_at], None
            case "event", name:
                if name not in self.events.numbers:
                    return np.zeros(len(self.at), np.int64), np.zeros(len(self.at), np.bool_)
                values, there = self.events.numbers[name]
                return values[self.at], there[self.at]
            case _, name:
                return self._of_member(name)

    def _of_member(self, name: str) -> tuple[Ints, Bools | None]:
        assert self._member is not None, "facts of the member are asked in rounds"  # noqa: S101 - the compiler splits
        member = self._member
        match name:
            case "days_since_order" | "days_since_joining":
                since = member("last_order" if name == "days_since_order" else "joined")
                return np.maximum(0, self.day - since), since != _NONE
            case "is_birthday_month" | "is_birthday":
                born = member("born")
                if name == "is_birthday_month":
                    return (born // 100 == self._month % 12 + 1).astype(np.int64), born > 0
                kept = np.where((born == 229) & ~self._leap, 228, born)
                return (kept == self._date).astype(np.int64), born > 0
            case "is_referred":
                return member("referred"), None
            case _:
                return member(name), None

    @property
    def _leap(self) -> Bools:
        year = self._month // 12 + 1970
        leap: Bools = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
        return leap

    def text(self, fact: str) -> Coded:
        """Return the texts of an event's fact."""
        known = self._texts.get(fact)
        if known is None:
            known = self._texts[fact] = self._text(fact)
        return known

    def _text(self, fact: str) -> Coded:
        name = fact.partition(".")[2]
        if name in ("channel", "store"):
            column: Coded = getattr(self.events, name)
        else:
            column = self.events.texts.get(name, Coded.none(0))
        codes = column.codes[self.at] if len(column.codes) else np.full(len(self.at), -1, np.int32)
        return Coded(codes, column.words)

    def has_any(self, fact: str, wanted: Sequence[str]) -> Bools:
        """Tell where any line's word is among `wanted`."""
        name, lines = fact.partition(".")[2], self.events.content.lines
        found: Bools = (
            self._book.total(
                ("has any", name, *wanted), lambda: line_has(lines, name, wanted).astype(np.int64), self.content_at
            )
            > 0
        )
        return found


def _date(day: Ints) -> Ints:
    month = month_of(day)
    return (month % 12 + 1) * 100 + day - month_start(month) + 1


def holiday_mask(day: Ints, holidays: NDArray[np.int64]) -> Bools:
    """Tell which days are among the (rising) holidays."""
    if not len(holidays):
        return np.zeros(len(day), np.bool_)
    place = np.minimum(np.searchsorted(holidays, day), len(holidays) - 1)
    found: Bools = holidays[place] == day
    return found
