"""Arranges history and open points for reading; both faces use it. Pure: the day is the member view's `as_of`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from kizuna.web.views import BrandView, EntryView, MemberView, PurposeView
from kizuna.web.words import local

SOON_DAYS = 30


@dataclass(frozen=True, slots=True)
class Month:
    """The entries of one month, newest first. `first` is the month's first day."""

    first: date
    entries: Sequence[EntryView]


@dataclass(frozen=True, slots=True)
class LotRow:
    """Points that leave together, and how soon. `days_left` 0 means that today is the last day.

    `purpose` is where alone they may be spent, None for everywhere; `when_idle`: the day moves on with every purchase.
    """

    points: int
    expires_on: date | None
    days_left: int | None
    is_soon: bool
    purpose: PurposeView | None = None
    when_idle: bool = False


def by_month(entries: Sequence[EntryView], brand: BrandView | None) -> Sequence[Month]:
    """Group entries, given newest first, by the month of the brand's own calendar."""

    def first(entry: EntryView) -> date:
        at = local(entry.at, brand) if brand else entry.at
        return at.date().replace(day=1)

    return [Month(month, list(group)) for month, group in groupby(entries, key=first)]


def lot_rows(member: MemberView, brand: BrandView | None) -> Sequence[LotRow]:
    """Return the member's open points with the days that are left on the brand's own calendar."""
    today = (local(member.as_of, brand) if brand else member.as_of).date()
    rows = []
    for lot in member.lots:
        left = (lot.expires_on - today).days if lot.expires_on else None
        is_soon = left is not None and left <= SOON_DAYS
        rows.append(LotRow(lot.points, lot.expires_on, left, is_soon, lot.purpose, lot.when_idle))
    return rows
