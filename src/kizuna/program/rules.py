"""Rules: what earns, how much, on which goods, how often at most, and which rule goes before which."""

import datetime as dt
from enum import StrEnum
from typing import Annotated

from pydantic import Discriminator, Field, StringConstraints, Tag

from kizuna.program.base import (
    ADay,
    Count,
    Id,
    Points,
    Strict,
    Text,
    Times,
    Within,
    Word,
    by_key,
    marked,
)
from kizuna.program.conditions import Condition
from kizuna.program.units import LotTerms

RATE_MAX = 100
EventName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$", max_length=60)]
Words = Annotated[list[Word], Field(max_length=2_000)]


class Rounding(StrEnum):
    """What becomes of the fraction of a point; with `nearest`, a half goes up."""

    DOWN = "down"
    NEAREST = "nearest"
    UP = "up"


class Basis(Strict):
    """Of which amount points are reckoned. An order's `amount` is what the goods cost after discounts, tax included.

    Left as it is, that amount counts. `tax: excluded` takes the tax off, `discount: before` adds the discount back,
    `shipping: included` adds the shipping. `gift_cards: excluded` leaves out lines that are gift cards. `paid_with_points:
    excluded` takes off the part paid with points (of a part of the goods: in proportion, the deduction rounded down).
    """

    tax: Annotated[str, Field(pattern="^(included|excluded)$")] = "included"
    discount: Annotated[str, Field(pattern="^(after|before)$")] = "after"
    shipping: Annotated[str, Field(pattern="^(included|excluded)$")] = "excluded"
    gift_cards: Annotated[str, Field(pattern="^(included|excluded)$")] = "included"
    paid_with_points: Annotated[str, Field(pattern="^(included|excluded)$")] = "included"


class Each(StrEnum):
    """What is rounded, or paid a fixed sum: the whole order (or event), each line that counts, or each item of such lines."""

    ORDER = "order"
    LINE = "line"
    ITEM = "item"


class Rate(Strict):
    """`points` for every `per` minor units of the basis, an exact fraction, rounded once per order, or once per line."""

    points: Annotated[int, Field(ge=1, le=1_000_000)]
    per: Annotated[int, Field(ge=1, le=1_000_000_000)]
    rounding: Rounding = Field(default=Rounding.DOWN, strict=False)
    basis: Basis = Basis()
    each: Each = Field(default=Each.ORDER, strict=False)
    by_tier: Annotated[dict[Id, Times], Field(max_length=20)] = {}
    """The tier's multiplier, by tier id; applied before rounding. A tier that is not named has ×1."""


class Percent(Strict):
    """`percent` of the basis comes back in points, reckoned by the unit's worth; an exact fraction, rounded once."""

    percent: Annotated[int, Field(ge=1, le=RATE_MAX)]
    rounding: Rounding = Field(default=Rounding.DOWN, strict=False)
    basis: Basis = Basis()
    each: Each = Field(default=Each.ORDER, strict=False)
    by_tier: Annotated[dict[Id, Times], Field(max_length=20)] = {}


class Fixed(Strict):
    """A fixed sum: per event, per line that counts, or per item."""

    fixed: Points
    each: Each = Field(default=Each.ORDER, strict=False)
    by_tier: Annotated[dict[Id, Times], Field(max_length=20)] = {}
    """Applied to the sum, rounded down."""


class Stamps(Strict):
    """So many stamps; the rule's unit is a stamp card."""

    stamps: Annotated[int, Field(ge=1, le=1_000)]
    each: Each = Field(default=Each.ORDER, strict=False)


class Multiply(Strict):
    """What another rule gives is multiplied: this rule adds (times − 1) × what `rule` gives for the goods that this one names.

    The other rule is reckoned on the goods that both name, by its own rate, rounding and tier multiplier; the product is rounded
    down. A rule that is multiplied must be a `rate` or a `percent` for the same event and unit.
    """

    multiply: Times
    rule: Id


Award = Annotated[
    Annotated[Rate, Tag(marked("rate"))]
    | Annotated[Percent, Tag(marked("percent"))]
    | Annotated[Fixed, Tag(marked("fixed"))]
    | Annotated[Stamps, Tag(marked("stamps"))]
    | Annotated[Multiply, Tag(marked("multiply"))],
    Discriminator(by_key("percent", "fixed", "stamps", "multiply", otherwise="rate")),
]


class Goods(Strict):
    """Which lines of an order count: any of the named values in each list that is not empty."""

    sku: Words = []
    category: Words = []
    brand: Words = []
    tag: Words = []


class OnlyGoods(Goods):
    """Lines that count, and lines that do not although they would: any value named in any list of `but_not`."""

    but_not: Goods = Goods()


class Per(StrEnum):
    """Whose sum is limited: one event's, one member's, one store's, or everybody's together."""

    EVENT = "event"
    MEMBER = "member"
    STORE = "store"
    ALL = "all"


class Limit(Strict):
    """At most so many points, or so many times, within a stretch of the calendar. What is over is cut, not refused.

    `per: event` limits points only, and has no `within`.
    """

    per: Per = Field(strict=False)
    within: Within = Field(default=Within.EVER, strict=False)
    points: Points | None = None
    times: Count | None = None


class Different(StrEnum):
    """What is told apart."""

    SKU = "sku"
    CATEGORY = "category"
    BRAND = "brand"
    STORE = "store"
    CHANNEL = "channel"


class CountGoal(Strict):
    """The rule pays when its events within the stretch come to `count`: the first purchase is 1, the n-th is n."""

    count: Count
    within: Within = Field(default=Within.EVER, strict=False)
    repeats: bool = False


class SpendGoal(Strict):
    """The rule pays when the amounts that count within the stretch come to `spend` minor units."""

    spend: Annotated[int, Field(ge=1, le=10**12)]
    within: Within = Field(default=Within.EVER, strict=False)
    repeats: bool = False


class StreakGoal(Strict):
    """The rule pays when its events have fallen in so many days, weeks or months one after the other."""

    streak: Annotated[int, Field(ge=2, le=1_000)]
    of: Annotated[str, Field(pattern="^(day|week|month)$")]
    repeats: bool = False


class DifferentGoal(Strict):
    """The rule pays when so many different things came together in the last `days` days, the event's day included."""

    different: Annotated[int, Field(ge=2, le=12)]
    of: Different = Field(strict=False)
    days: Annotated[int, Field(ge=1, le=3_660)]
    repeats: bool = False


Goal = Annotated[
    Annotated[CountGoal, Tag(marked("count"))]
    | Annotated[SpendGoal, Tag(marked("spend"))]
    | Annotated[StreakGoal, Tag(marked("streak"))]
    | Annotated[DifferentGoal, Tag(marked("different"))],
    Discriminator(by_key("spend", "streak", "different", otherwise="count")),
]


class OnReturn(StrEnum):
    """Whether a return takes back what a goal paid (and lets it be reached again), or leaves goal and award alone."""

    TAKE_BACK = "take_back"
    KEEP = "keep"


class EarningRule(Strict):
    """What earns. Rules add up unless a group or `exclusive` says otherwise. A rule without an award only counts."""

    id: Id
    name: Text
    event: EventName
    unit: Id
    award: Award | None = None
    goods: OnlyGoods | None = None
    condition: Condition | None = None
    goal: Goal | None = None
    limits: Annotated[list[Limit], Field(max_length=6)] = []
    lot: LotTerms = LotTerms()
    group: Id | None = None
    priority: Annotated[int, Field(ge=-1_000, le=1_000)] = 0
    exclusive: bool = False
    on_return: OnReturn = Field(default=OnReturn.TAKE_BACK, strict=False)


class Budget(Strict):
    """What a campaign may give in all: points, or what they cost by the unit's worth (minor units). It is cut when it ends."""

    points: Annotated[int, Field(ge=1, le=10**12)] | None = None
    amount: Annotated[int, Field(ge=1, le=10**12)] | None = None


class Campaign(EarningRule):
    """A rule with a beginning and an end, an audience, a budget and a group of members left out to measure it by."""

    starts: Annotated[dt.date, ADay]
    ends: Annotated[dt.date, ADay]
    """The last day, included."""
    audience: Condition | None = None
    budget: Budget | None = None
    holdout_percent: Annotated[int, Field(ge=0, le=90)] = 0


class Keeps(StrEnum):
    """Which of a group's rules pay: the one that gives most (the earlier in the document where equal), or the first by priority."""

    BEST = "best"
    FIRST = "first"


class Group(Strict):
    """Rules of which only one pays on one event (and unit)."""

    id: Id
    name: Text
    keeps: Keeps = Field(strict=False)


class ReferralOffer(Strict):
    """When a referred member counts as brought: the first event of this type that fulfils the condition, soon enough.

    Then two events `referral.qualified` are made, one for each side; rules for them say what each side gets.
    """

    event: EventName
    condition: Condition | None = None
    within_days: Annotated[int, Field(ge=1, le=3_650)] = 365


__all__ = [
    "AMOUNTS",
    "Award",
    "Basis",
    "Budget",
    "Campaign",
    "CountGoal",
    "Different",
    "DifferentGoal",
    "Each",
    "EarningRule",
    "Fixed",
    "Goal",
    "Goods",
    "Group",
    "Keeps",
    "Limit",
    "Multiply",
    "OnReturn",
    "OnlyGoods",
    "Per",
    "Percent",
    "Rate",
    "ReferralOffer",
    "Rounding",
    "SpendGoal",
    "Stamps",
    "StreakGoal",
]
AMOUNTS = (Rate, Percent)
"""Awards that are reckoned from an amount."""
