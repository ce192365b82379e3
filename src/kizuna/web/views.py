"""What the faces show, as plain data: the console, My Page and the API all render these and nothing else.

Points are integers in the program's unit, money is integer minor units of the brand's currency, days are dates in the
brand's time zone, instants carry a zone. `Words` maps a language ("ja", "en") to text written by the brand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LookView:
    """How a brand looks: the addresses of its stylesheet and its logo (with its size), None where it chose none.

    `words` maps the names of `runtime.look.WORDS` to texts by language; one that the brand did not write is not there.
    """

    css: str | None = None
    logo: str | None = None
    logo_width: int = 0
    logo_height: int = 0
    colour: str | None = None
    words: Mapping[str, Words] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BrandView:
    """The brand whose program is shown. `languages` is never empty; its first is the brand's own.

    Before the first program is published `program_name` and `unit_name` are empty.
    """

    slug: str
    name: str
    currency: str
    timezone: str
    languages: Sequence[str]
    program_name: Words
    unit_name: Words
    is_demo: bool
    look: LookView = LookView()


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
class MakingView:
    """How a lot that lapsed was made: by how many earnings, of how many points, on which days (the first and the last)."""

    earnings: int
    points: int
    first_on: date
    last_on: date


@dataclass(frozen=True, slots=True)
class EntryView:
    """One line of history. `kind`: "earn" | "redeem" | "expire". `points` carries its sign.

    `reference` is the order's id, or what the redemption names. `taken` are the lots that a redemption took from. Where
    they are known: `balance` is the balance right after the entry, `made` how the lot that lapsed was made.
    """

    key: str
    kind: str
    points: int
    at: datetime
    expires_on: date | None
    reference: str | None
    source: str | None
    why: WhyView
    taken: Sequence[LotView] = ()
    balance: int | None = None
    made: MakingView | None = None


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
