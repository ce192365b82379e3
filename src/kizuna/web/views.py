"""What the faces show, as plain data: the console, My Page and the API all render these and nothing else.

Points are integers in the program's unit, money is integer minor units of the brand's currency, days are dates in the
brand's time zone, instants carry a zone. `Words` maps a language ("ja", "en") to text written by the brand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from kizuna.program import Said

Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class UnitView:
    """A kind of points. `kind`: "spendable" | "status" | "stamps" | "money". The main unit's points are written "pt"."""

    id: str
    name: Words
    kind: str = "spendable"
    is_main: bool = True


@dataclass(frozen=True, slots=True)
class PurposeView:
    """Where restricted points may be spent; an empty list means in all."""

    name: Words
    stores: Sequence[str] = ()
    channels: Sequence[str] = ()


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
    """Where a member stands on a track. `next_*` are None on the highest tier; `share` is 0..1 of the way there.

    `figure` is what counts in the window of today, by `by`: "spend" (minor units), "visits" (purchases) or "points" (of `unit`).
    `valid_through` is the last day on which the tier is kept, None for ever; `warns` where the review after it would lower it.
    """

    id: str
    name: Words
    rank: int
    figure: int
    valid_through: date | None
    next_id: str | None
    next_name: Words | None
    next_at: int | None
    remaining: int | None
    share: float
    by: str = "spend"
    unit: UnitView | None = None
    warns: bool = False
    keep: int | None = None
    """What is still missing to keep the tier beyond `valid_through`, None where nothing is or nothing helps."""
    track: Words = field(default_factory=dict)
    """The track's name; the program's own tiers have none."""


@dataclass(frozen=True, slots=True)
class LotView:
    """Points that leave together: spendable through `expires_on` (that day included), None for never; perhaps only somewhere.

    `when_idle`: they leave when the member has bought nothing for a while; `expires_on` is that day as it stands now.
    """

    points: int
    expires_on: date | None
    purpose: PurposeView | None = None
    when_idle: bool = False


@dataclass(frozen=True, slots=True)
class WaitingView:
    """Points that wait: until the start of `releases_on`, or for an event: "delivery" | "closing" (the end of the return window)."""

    points: int
    unit: UnitView
    releases_on: date | None = None
    awaits: str = ""
    purpose: PurposeView | None = None


@dataclass(frozen=True, slots=True)
class PocketView:
    """What a member has of a unit beside the main one: spendable points, status points, or stamps on a card."""

    unit: UnitView
    balance: int
    lots: Sequence[LotView] = ()
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class StepView:
    """A step of the journey: done so many of the `times` wanted; what its rule says, for members."""

    id: str
    name: Words
    done: int
    times: int
    says: Said
    earns: Said | None = None

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return self.done >= self.times


@dataclass(frozen=True, slots=True)
class StageView:
    """A stage of the journey: behind ("done"), where the member stands ("here"), or to come ("ahead")."""

    id: str
    name: Words
    state: str
    steps: Sequence[StepView] = ()
    needs: int = 0


@dataclass(frozen=True, slots=True)
class JourneyView:
    """The whole way, and the step that comes next; None where there is none to do."""

    stages: Sequence[StageView]
    next: StepView | None = None

    @property
    def here(self) -> StageView | None:
        """The stage on which the member stands."""
        return next((stage for stage in self.stages if stage.state == "here"), None)


@dataclass(frozen=True, slots=True)
class Reckoning:
    """How a rule came to its points: the award's numbers, exactly, as the arithmetic shows them.

    `kind`: "rate" | "percent" | "fixed" | "stamps" | "multiply" | "none". `rate` and `percent` reckon from an amount, `fixed` and
    `stamps` from how many times they counted. `worth_*` say what points cost, for a percentage. `tier` and `tier_times` are the
    multiplier that made the number; `goals` how many times a goal was reached. `exact` is the value before rounding; `adds_up` tells
    whether these numbers alone give what the rule gave (with rounding line by line they cannot).
    """

    kind: str
    points: int = 0
    per: int = 0
    percent: int = 0
    worth_points: int = 1
    worth_amount: int = 1
    rounding: str = ""
    each: str = "order"
    tier: Words | None = None
    tier_times: str = ""
    times: str = ""
    goals: int = 1
    exact: tuple[int, int] = (0, 1)
    adds_up: bool = True
    base: "Reckoning | None" = None
    base_id: str = ""
    base_name: Words | None = None


@dataclass(frozen=True, slots=True)
class WhyView:
    """Why an entry has its number, as facts; `web.why` renders the sentence and the arithmetic in both languages.

    For an earning: `basis` is the amount (minor units) or the number that counted, by rule `rule_id` of program version `version`;
    `raw` is what the rule alone would have given, and `cut` why it gave less ("event", "member", "store", "all", "budget",
    "group", "exclusive"). `rate_*` and `rounding` are those of a rate.
    """

    kind: str
    version: int | None
    rule_id: str | None
    rule_name: Words | None
    basis: int | None
    rate_points: int | None
    rate_per: int | None
    rounding: str | None
    reckoning: Reckoning | None = None
    goal: Said | None = None
    raw: int | None = None
    cut: str = ""


@dataclass(frozen=True, slots=True)
class MakingView:
    """How a lot that lapsed was made: by how many earnings, of how many points, on which days (the first and the last)."""

    earnings: int
    points: int
    first_on: date
    last_on: date


@dataclass(frozen=True, slots=True)
class AccountView:
    """What an operation's entry says beside its kind. `kind`: "reason" | "reward" | "charity" | "pool" | "merge".

    `name` is the brand's, None where the program has none: reasons that every brand has, and rewards that were only told.
    """

    kind: str
    id: str
    name: Words | None = None


@dataclass(frozen=True, slots=True)
class EntryView:
    """One line of history; `points` carries its sign. `kind` is a name of `web.why.KINDS`.

    `reference` is the order's id, or what the redemption names. `taken` are the lots that a redemption or a return took from.
    `releases_on` and `awaits` say when points that wait may be used (see `WaitingView`). `unit` is None for the main unit. Where
    they are known: `balance` is the balance right after the entry, `made` how the lot that lapsed was made. `event` is the type of
    what happened; of an operation, `note` is what was written with it, and `timed_out` says that only time had asked for it.
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
    unit: UnitView | None = None
    purpose: PurposeView | None = None
    releases_on: date | None = None
    awaits: str = ""
    when_idle: bool = False
    account: AccountView | None = None
    event: str = ""
    note: str | None = None
    timed_out: bool = False


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
    """Everything a member page shows, as of `as_of`. Figures are of the main unit; `pockets` hold the others.

    `lots` are the open lots, soonest to expire first; `waiting` what is still to come, the soonest first, of every unit. `debt` is
    what returns left to be repaid by the next earnings: `balance` is less it, and may be negative. `held` are points that
    open holds set aside: the balance is without them.
    """

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
    waiting: Sequence[WaitingView] = ()
    debt: int = 0
    reversed: int = 0
    forgiven: int = 0
    held: int = 0
    status: str = "open"
    """"open" | "closed" | "merged"."""
    pockets: Sequence[PocketView] = ()
    tracks: Sequence[TierView] = ()
    journey: JourneyView | None = None

    @property
    def pending(self) -> int:
        """Points of the main unit that wait."""
        return sum(one.points for one in self.waiting if one.unit.is_main)
