"""What the member's screens show beside `web.views`, as plain data: integers, days, instants with a zone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from kizuna.core.errors import Problem
from kizuna.web.views import EntryView, MemberView, Words

KINDS = ("earn", "redeem", "expire")
TYPES = ("order", "redemption")
Tab = Literal["history", "orders", "notes", "identities"]


@dataclass(frozen=True, slots=True)
class SpendView:
    """What the member bought, in minor units. `year` is the brand's current calendar year; `average` is per order, rounded down."""

    orders: int
    year: int
    this_year: int
    last_year: int
    lifetime: int
    average: int | None
    last_order_at: datetime | None


@dataclass(frozen=True, slots=True)
class RungView:
    """One rung of the tier track. `share` is 0..100 of the way from it to the next by the spend that counts, None on the last."""

    id: str
    name: Words
    rank: int
    at: int
    is_here: bool
    share: int | None


@dataclass(frozen=True, slots=True)
class TrackView:
    """The whole tier track. `year` is the calendar year whose spend counts, None when a whole life's does.

    `is_held`: this year's spend would give a lower rung; last year's keeps this one. `keep` is what is still to be spent
    this year to keep the rung through the next, None when nothing is or nothing helps.
    """

    rungs: Sequence[RungView]
    year: int | None
    is_held: bool
    keep: int | None


@dataclass(frozen=True, slots=True)
class NoteView:
    """A note of the staff; `removed_at` is None while it stands."""

    id: int
    author: str
    body: str
    written_at: datetime
    removed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class KnownAs:
    """One name that the member is known by, since a day where that is known."""

    kind: str
    value: str
    since: date | None


@dataclass(frozen=True, slots=True)
class WholeView:
    """What stands above every tab of a member."""

    member: MemberView
    last_active_on: date | None
    spend: SpendView
    track: TrackView
    identities: Sequence[KnownAs]
    notes: int
    newest_note: NoteView | None


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of the brand's calendar, both days included; None means open. `value` names it in an address."""

    value: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What of a history is asked for: one kind or all (""), a period, and from which cursor on."""

    kind: str = ""
    period: Period = Period()
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class LineView:
    """One item of an order; `amount` is for the whole line."""

    sku: str
    quantity: int
    amount: int


@dataclass(frozen=True, slots=True)
class OrderView:
    """Something that happened, with the points that it moved. `type`: "order" | "redemption".

    `amount` is an order's in minor units, or a redemption's in points. `refusal` says why a redemption moved nothing.
    """

    key: str
    type: str
    reference: str | None
    source: str
    shop: str | None
    channel: str | None
    at: datetime
    amount: int
    lines: Sequence[LineView]
    entries: Sequence[EntryView]
    refusal: Problem | None = None

    @property
    def points(self) -> int:
        """What it moved, signed."""
        return sum(entry.points for entry in self.entries)


@dataclass(frozen=True, slots=True)
class OrderPage:
    """One page of what happened, newest first; `type` is the one asked for or ""."""

    orders: Sequence[OrderView]
    type: str
    next_cursor: str | None
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class AnswerView:
    """What was answered when an event was recorded: the balance right after it and the tier before and after."""

    balance: int
    tier_before: Words
    tier: Words


@dataclass(frozen=True, slots=True)
class OrderWhole:
    """One order or redemption on its own page. `id` is what its source calls the event."""

    order: OrderView
    id: str
    recorded_at: datetime
    answer: AnswerView | None


@dataclass(frozen=True, slots=True)
class NotePage:
    """The notes of a member, newest first; `removed` can still be brought back."""

    notes: Sequence[NoteView]
    removed: Sequence[NoteView]
    next_cursor: str | None
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class NoteDraft:
    """The form of a new note: `form` is the same however often it is sent; what was typed stays when it is refused."""

    form: str
    text: str = ""
    problem: Problem | None = None
