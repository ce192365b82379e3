"""What the member's screens show beside `web.views`, as plain data: integers, days, instants with a zone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from kizuna.core.errors import Problem
from kizuna.program import Said
from kizuna.web.console.deeds.views import Deeds
from kizuna.web.views import EntryView, MemberView, TierView, Words

KINDS = (
    "earn", "redeem", "expire", "pend", "release", "reverse", "cancel", "forgive", "collect",
    "hold", "void", "confirm", "restore", "revive", "extend", "adjust", "transfer",
)  # fmt: skip
"""Kinds of entries by which a history is narrowed; those beyond the third only where the member has any."""
TYPES = ("order", "redemption")
ALWAYS = ("earn", "redeem", "expire")
"""Kinds that every history may hold."""
BY_TIME = ("expire", "release")
APART = (*BY_TIME, "extend")
"""Kinds whose points an event neither gave nor took."""
Tab = Literal["history", "orders", "notes", "identities"]


@dataclass(frozen=True, slots=True)
class SpendView:
    """What the member bought, in minor units. `year` is the brand's current calendar year; `average` is per order, rounded down.

    `this_year` and `last_year` are None where the program does not count by calendar years.
    """

    orders: int
    year: int
    this_year: int | None
    last_year: int | None
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
    """A whole tier track: `tier` is the member's place on it, `counted` says what counts.

    `is_held`: what counts now would give a lower rung; an earlier period keeps this one.
    """

    tier: TierView
    rungs: Sequence[RungView]
    counted: Said
    is_held: bool


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
    further: Sequence[TrackView]
    identities: Sequence[KnownAs]
    notes: int
    newest_note: NoteView | None
    deeds: Deeds = field(default_factory=Deeds)
    kinds: Sequence[str] = ()
    """Kinds of entries that the member's history has, where it is shown."""


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
    """Something that happened, with the points that it moved. `type`: "order" | "redemption" | "change" | "action".

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
    title: str = ""
    """What a change or an action is called, as a message id or the event's type; `name` is the brand's own name for it."""
    name: Words | None = None
    told: Sequence[str] = ()
    """What an action told beside, as `field: value`."""

    @property
    def points(self) -> int:
        """What it gave or took of the main unit, signed; what still waits counts too."""
        mine = [entry for entry in self.entries if entry.unit is None and entry.kind not in APART]
        confirmed = [entry for entry in mine if entry.kind == "confirm"]  # what came back beside it was only held
        counted = confirmed or mine
        return sum(entry.points for entry in counted)


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
