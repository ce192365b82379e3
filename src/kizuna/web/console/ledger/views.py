"""The ledger statement as plain data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from kizuna.ledger import Book

Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LineView:
    """One line of an account: the rule (`href` leads to it), reward, cause or reason; without a name, all that has none."""

    name: Words | None
    opening: int
    points: int
    closing: int
    entries: int
    href: str | None = None


@dataclass(frozen=True, slots=True)
class BookView:
    """A program account with its lines."""

    book: Book
    opening: int
    points: int
    closing: int
    entries: int
    lines: Sequence[LineView]


@dataclass(frozen=True, slots=True)
class UnitView:
    """A unit's accounts, what members held before and after, and what that costs in minor units (None: nothing is said of it)."""

    id: str
    name: Words
    books: Sequence[BookView]
    opening: int
    closing: int
    cost: int | None = None
    liability: int | None = None


@dataclass(frozen=True, slots=True)
class LedgerView:
    """The statement of the days from `first` through `last`. `today` is the brand's."""

    first: date
    last: date
    today: date
    units: Sequence[UnitView]
