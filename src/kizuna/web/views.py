"""What the faces show, as plain data: the console, My Page and the API all render these and nothing else.

Points are integers in the program's unit, money is integer minor units of the brand's currency, days are dates in the
brand's time zone, instants carry a zone. `Words` maps a language ("ja", "en") to text written by the brand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class BrandView:
    """The brand whose program is shown. `languages` is never empty; its first is the brand's own."""

    slug: str
    name: str
    currency: str
    timezone: str
    languages: Sequence[str]
    program_name: Words
    unit_name: Words
    is_demo: bool


@dataclass(frozen=True, slots=True)
class TierView:
    """Where a member stands on the tier track. `next_*` are None on the highest tier; `share` is 0..1 of the way there."""

    id: str
    name: Words
    rank: int
    spend: int
    valid_through: date | None
    next_id: str | None
    next_name: Words | None
    next_at: int | None
    remaining: int | None
    share: float


@dataclass(frozen=True, slots=True)
class LotView:
    """Points that leave together: spendable through `expires_on` (that day included), None for never."""

    points: int
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class WhyView:
    """Why an entry has its number, as facts; `web.words` renders the sentence and the arithmetic in both languages.

    For an earning: `basis` is the amount that counted (minor units), and points = `basis` × `rate_points` / `rate_per`,
    rounded as `rounding` says ("down", "nearest", "up"), by rule `rule_id` of program version `version`.
    """

    kind: str
    version: int | None
    rule_id: str | None
    rule_name: Words | None
    basis: int | None
    rate_points: int | None
    rate_per: int | None
    rounding: str | None


@dataclass(frozen=True, slots=True)
class EntryView:
    """One line of history. `kind`: "earn" | "redeem" | "expire". `points` carries its sign.

    `reference` is the order's id, or what the redemption names.
    """

    key: str
    kind: str
    points: int
    at: datetime
    expires_on: date | None
    reference: str | None
    source: str | None
    why: WhyView


@dataclass(frozen=True, slots=True)
class Page:
    """One cursor page of entries, newest first; `next_cursor` is None on the last page."""

    entries: Sequence[EntryView]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class IdentityView:
    """One name the member is known by: kind "email" | "phone" | "card" | "customer" | "line" and so on."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member in a list."""

    id: str
    name: str | None
    name_kana: str | None
    card_number: str | None
    balance: int
    tier_id: str
    tier_name: Words
    last_active_on: date | None


@dataclass(frozen=True, slots=True)
class MemberList:
    """One page of a member search; `total` counts every match; `page` counts from 1."""

    rows: Sequence[MemberRow]
    total: int
    page: int
    page_size: int


@dataclass(frozen=True, slots=True)
class MemberView:
    """Everything a member page shows, as of `as_of`. `lots` are the open lots, soonest to expire first."""

    id: str
    name: str | None
    name_kana: str | None
    name_is_generated: bool
    language: str
    joined_on: date
    identities: Sequence[IdentityView]
    card_number: str | None
    balance: int
    lots: Sequence[LotView]
    earned: int
    spent: int
    lapsed: int
    tier: TierView
    orders: int
    as_of: datetime
