"""What the list of members shows, as plain data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kizuna.web.views import EntryView, MemberView, TierView, Words


@dataclass(frozen=True, slots=True)
class ListRow:
    """A member in the list. `expires_on` is the soonest day on which open points end, `expiring` how many end then."""

    id: str
    name: str | None
    name_kana: str | None
    card_number: str | None
    tier: TierView
    balance: int
    last_order_on: date | None
    joined_on: date
    orders: int
    spend: int
    expires_on: date | None
    expiring: int
    state: str = "open"
    """"open", "closed", or "merged": they are somebody else now."""


@dataclass(frozen=True, slots=True)
class MemberTable:
    """A page of the list. `total` counts all pages; with `is_more` there are more than that. `tiers` are by rank."""

    rows: Sequence[ListRow]
    total: int
    is_more: bool
    previous: str | None
    following: str | None
    tiers: Sequence[Words]


@dataclass(frozen=True, slots=True)
class Panel:
    """A member in short, beside the list: with the newest entries."""

    member: MemberView
    entries: Sequence[EntryView]


@dataclass(frozen=True, slots=True)
class SavedView:
    """A list that somebody keeps: the query of its address, under a name."""

    id: int
    name: str
    query: str


@dataclass(frozen=True, slots=True)
class Layout:
    """How somebody likes the table: which columns beside the name, and close together or not."""

    columns: tuple[str, ...]
    is_compact: bool = False
