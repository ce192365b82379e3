"""What the API answers, as msgspec structs: the same shapes are encoded, documented and tested."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

import msgspec

from kizuna.web.api.problems import ProblemAnswer

Words = Mapping[str, str]
EntryKindName = Literal[
    "earn", "redeem", "expire", "pend", "release", "reverse", "cancel", "forgive", "collect", "hold", "void", "confirm", "restore",
    "revive", "extend", "adjust", "transfer",
]  # fmt: skip
Status = Literal["accepted", "refused", "invalid", "conflict", "unavailable"]


class WhyAnswer(msgspec.Struct, omit_defaults=True):
    """Why an entry has its number, by this rule of this version. `text` says it in words.

    `award` is what the rule gives, and which numbers say it: "rate" (points = basis × `rate`, rounded), "percent" (`percent` of the
    basis), "fixed" and "stamps" (`each` × basis, which says how often), "multiply" (`times` what the rule `of` gives). `tier` is the
    multiplier of the member's tier where it made the number. `raw` is what the rule alone would have given where that was
    cut, and `cut` what cut it.
    """

    version: int | None = None
    rule: str | None = None
    name: Words | None = None
    basis: int | None = None
    rate: str | None = None
    rounding: str | None = None
    text: Words | None = None
    award: Literal["rate", "percent", "fixed", "stamps", "multiply"] | None = None
    percent: int | None = None
    each: int | None = None
    times: str | None = None
    of: str | None = None
    tier: str | None = None
    raw: int | None = None
    cut: Literal["event", "member", "store", "all", "budget", "group", "exclusive"] | None = None


NO_WHY = WhyAnswer()


class EntryAnswer(msgspec.Struct, omit_defaults=True):
    """One movement of points. `expires_on` is the last day on which the points may be spent (or might have been).

    `pend` and `cancel` move points that wait: from `releases_on`, or for what they wait for (`awaits`). `release` makes them
    spendable. `reverse` takes back what a change of an order undid; `forgive` and `collect` end the debt that it left. `unit` is
    left out for the main unit; `only_for` names where restricted points may be spent.

    `hold` sets points aside; `confirm` redeems them where they are held, `void` gives them back. `restore` gives back what a redemption
    took, `revive` what had expired; `extend` moves points to a later last day; `adjust` is a correction by hand, `transfer` passes between
    members. `confirm`, `extend`, `pend` and `cancel` leave the balance as it is. `account` says beside: the reward (`reward:…`), the
    cause (`charity:…`), the reason of a correction, `pool`, or `merge`.
    """

    kind: EntryKindName
    points: int
    why: WhyAnswer
    key: str | None = None
    at: datetime | None = None
    expires_on: date | None = None
    reference: str | None = None
    source: str | None = None
    unit: str | None = None
    only_for: Words | None = None
    releases_on: date | None = None
    awaits: Literal["delivery", "closing"] | None = None
    account: str | None = None


class TierAnswer(msgspec.Struct, omit_defaults=True):
    """A rung of the tier track; `changed` is true when this event moved the member to it."""

    id: str
    name: Words
    changed: bool = False
    valid_through: date | None = None


class ProgressAnswer(msgspec.Struct, omit_defaults=True):
    """The way to the next rung, by what counts: "spend" (minor units of the brand's currency), "visits" or "points".

    `spend` is that figure, whatever it counts.
    """

    next_tier: str
    name: Words
    at: int
    spend: int
    remaining: int
    by: Literal["spend", "visits", "points"] = "spend"


class EventAnswer(msgspec.Struct, omit_defaults=True):
    """What became of one event. `points` is what it moved, signed; `balance` is the member's right after it.

    Both are of the first unit; `balances` has every unit, `pending` what still waits of each. `collect` is how many points a change
    of an order asks to be paid for, `stage` where the member stands in the journey. `redemption` is the id by which points that the event
    redeemed can be given back.

    `accepted`: recorded. `refused`: recorded, nothing moved, `problem` says why. `invalid` and `conflict`: not recorded,
    `problem` says why. `unavailable`: not recorded, send it again. `replayed`: this is the first answer once more.
    """

    status: Status
    id: str | None = None
    source: str | None = None
    replayed: bool = False
    member: str | None = None
    points: int | None = None
    balance: int | None = None
    tier: TierAnswer | None = None
    progress: ProgressAnswer | None = None
    entries: list[EntryAnswer] | None = None
    problem: ProblemAnswer | None = None
    balances: dict[str, int] | None = None
    pending: dict[str, int] | None = None
    collect: int = 0
    stage: str | None = None
    redemption: str | None = None


class MissAnswer(msgspec.Struct, omit_defaults=True):
    """A comparison that does not hold: what the rule asks of a fact, and what is so (left out where the fact is not there)."""

    fact: str
    is_: str = msgspec.field(name="is")
    value: bool | int | str | list[int | str]
    actual: int | str | None = None


class RuleAnswer(msgspec.Struct, omit_defaults=True):
    """A rule that is for such events: whether it applies, what it gives (`raw` before limits), and in `text` why or why not.

    `progress` of `reach` is how far its goal has come with this event.
    """

    rule: str
    name: Words
    applies: bool
    why: Literal["speaks", "cut", "not_yet", "over", "held_out", "audience", "goods", "condition", "goal"]
    text: Words
    points: int = 0
    unit: str = ""
    raw: int | None = None
    progress: int | None = None
    reach: int | None = None
    misses: list[MissAnswer] = []


class NextAnswer(msgspec.Struct):
    """What an order of `amount` would bring: `more` points than now, `points` in all."""

    amount: int
    more: int
    points: int


class QuoteAnswer(msgspec.Struct, omit_defaults=True):
    """What an event would come to if it were told now; nothing is recorded. `problem`: it would be refused, for that reason.

    `balance`, `tier`, `progress` and `stage` are those after it.
    """

    points: int
    balance: int
    version: int
    entries: list[EntryAnswer]
    rules: list[RuleAnswer]
    next: list[NextAnswer]
    tier: TierAnswer | None = None
    progress: ProgressAnswer | None = None
    problem: ProblemAnswer | None = None
    balances: dict[str, int] | None = None
    pending: dict[str, int] | None = None
    stage: str | None = None


class LotAnswer(msgspec.Struct, omit_defaults=True):
    """Points that expire together; null for never, or when there is no purchase for a while (`when_idle`)."""

    points: int
    expires_on: date | None
    only_for: Words | None = None
    when_idle: bool = False


class WaitingAnswer(msgspec.Struct, omit_defaults=True):
    """Points that wait: until a day, or for an event of their order."""

    points: int
    unit: str
    releases_on: date | None = None
    awaits: Literal["delivery", "closing"] | None = None
    only_for: Words | None = None


class PocketAnswer(msgspec.Struct):
    """What a member has of a further unit."""

    unit: str
    name: Words
    kind: Literal["spendable", "status", "stamps", "money"]
    balance: int
    pending: int
    lots: list[LotAnswer]


class StepAnswer(msgspec.Struct):
    """A step of the journey."""

    id: str
    name: Words
    done: int
    times: int


class StageAnswer(msgspec.Struct):
    """A stage of the journey: behind, where the member stands, or to come."""

    id: str
    name: Words
    state: Literal["done", "here", "ahead"]
    steps: list[StepAnswer]


class IdentityAnswer(msgspec.Struct):
    """A name that the member is known by."""

    kind: str
    value: str


class MemberAnswer(msgspec.Struct):
    """A member, as of `as_of`."""

    id: str
    name: str | None
    name_kana: str | None
    language: str
    joined_on: date
    identities: list[IdentityAnswer]
    balance: int
    lots: list[LotAnswer]
    earned: int
    spent: int
    lapsed: int
    tier: TierAnswer
    progress: ProgressAnswer | None
    orders: int
    as_of: datetime
    status: Literal["open", "closed", "merged"] = "open"
    pending: int = 0
    debt: int = 0
    waiting: list[WaitingAnswer] = []
    units: list[PocketAnswer] = []
    tracks: list[TierAnswer] = []
    journey: list[StageAnswer] = []


class EntriesAnswer(msgspec.Struct):
    """One page of history, newest first. Pass `next_cursor` as `cursor` for the next; null on the last page."""

    entries: list[EntryAnswer]
    next_cursor: str | None
