"""What the program in force offers, as the faces for members and for anybody read it: plain data and exact arithmetic. Pure.

Amounts are minor units of the brand's currency, points integers. What earns is told by `program.telling`; what any purchase earns at
once, by rules that ask for nothing else, is reckoned here, each rule rounded on its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache

from kizuna.engine import Plan
from kizuna.program import (
    AMOUNT_MAX,
    ORDER_COMPLETED,
    AfterDays,
    Between,
    Campaign,
    Each,
    EarningRule,
    Per,
    Percent,
    Program,
    Rate,
    Rounding,
    Said,
    Text,
    Tiers,
    Unit,
    UnitKind,
    Window,
    main_unit,
    telling,
    telling_terms,
)
from kizuna.web.reckoning import rounded
from kizuna.web.views import PurposeView, UnitView, Words


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule by which every purchase earns: `points` for every `per`, or `percent` of the amount by the unit's worth.

    The fraction is rounded "down", "nearest" or "up", once per order; `most` is its limit for one order, None without.
    """

    id: str
    name: Words
    points: int
    per: int
    rounding: str
    percent: int | None = None
    most: int | None = None

    def earns(self, amount: int) -> int:
        """Return the points of an order of `amount`."""
        points = rounded(Fraction(amount * self.points, self.per), Rounding(self.rounding))
        return points if self.most is None else min(points, self.most)


@dataclass(frozen=True, slots=True)
class WayView:
    """A way to earn, told for members; a campaign has its first and last day."""

    id: str
    name: Words
    says: Said
    starts: date | None = None
    ends: date | None = None
    unit: UnitView | None = None


@dataclass(frozen=True, slots=True)
class RungView:
    """One tier: reached when the figure that counts is at least `at`."""

    id: str
    name: Words
    rank: int
    at: int
    reached: Said = ""
    benefits: Sequence[Words] = ()


@dataclass(frozen=True, slots=True)
class LadderView:
    """A track of tiers: what counts, and how long a tier is kept. The program's own has no name."""

    rungs: Sequence[RungView]
    by: str = "spend"
    unit: UnitView | None = None
    counted: Said = ""
    held: Said = ""
    name: Words = field(default_factory=dict)
    window: str = Window.CALENDAR_YEAR.value


@dataclass(frozen=True, slots=True)
class GivingView:
    """How members may give points to each other: so many at a time, perhaps only within a family or group."""

    minimum: int
    maximum: int | None = None
    within_pool: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """A program as a member meets it. `rules` are those by which every purchase earns the main unit; `ways` is all that earns.

    `days` is how long points can be used where it is so many days from the earning, else None; `expiry` says it in any case.
    """

    version: int
    name: Words
    unit: UnitView
    rules: Sequence[RuleView]
    ladder: LadderView
    days: int | None
    minimum: int
    step: int
    joins_by_buying: bool
    ways: Sequence[WayView] = ()
    expiry: Said = ""
    pending: Said | None = None
    units: Sequence[UnitView] = ()
    ladders: Sequence[LadderView] = ()
    purposes: Sequence[PurposeView] = ()
    returns: Said = ""
    referral: Said | None = None
    giving: GivingView | None = None
    pools_max: int | None = None
    """How many people a family or group may have, None where there are none."""

    @property
    def rungs(self) -> Sequence[RungView]:
        """The program's own tiers, lowest first."""
        return self.ladder.rungs

    @property
    def least(self) -> int:
        """The smallest sum that may be redeemed: at least the minimum, in whole steps."""
        return -(-self.minimum // self.step) * self.step

    @property
    def can_redeem(self) -> bool:
        """Whether the main unit may be spent at all."""
        return self.unit.kind == UnitKind.SPENDABLE

    def running(self, today: date) -> Sequence[WayView]:
        """Return what earns today: rules always, campaigns between their days."""
        return [way for way in self.ways if way.ends is None or (way.starts or today) <= today <= way.ends]

    def coming(self, today: date) -> Sequence[WayView]:
        """Return the campaigns that begin within the next weeks."""
        return [way for way in self.ways if way.starts is not None and today < way.starts <= today + timedelta(days=31)]

    def earns(self, amount: int) -> int:
        """Return the points of an order of `amount`."""
        return sum(rule.earns(amount) for rule in self.rules)

    def spend_for(self, points: int) -> int | None:
        """Return the smallest order that earns at least `points`, None when none does."""
        if points <= 0:
            return 0
        if self.earns(AMOUNT_MAX) < points:
            return None
        low, high = 0, AMOUNT_MAX
        while high - low > 1:  # `earns` never falls as the amount grows
            middle = (low + high) // 2
            low, high = (low, middle) if self.earns(middle) >= points else (middle, high)
        return high

    def redeemable(self, balance: int) -> int:
        """Return the largest sum that may be redeemed of `balance`, 0 when none may be."""
        if not self.can_redeem:
            return 0
        most = balance // self.step * self.step
        return most if most >= self.least else 0

    def example_amounts(self, digits: int) -> Sequence[int]:
        """Return two round amounts that earn a few and many points; empty where nothing is earned."""
        first = self.spend_for(10) or self.spend_for(1)
        if first is None:
            return ()
        few = round_up(first, digits)
        return (few, few * 3)

    def window_ends(self, today: date) -> date | None:
        """Return the last day of the calendar window that counts towards the tiers, None where it rolls or never ends."""
        return window_end(Window(self.ladder.window), today)


def round_up(amount: int, digits: int) -> int:
    """Return the next amount that one says easily: 1, 2, 3 or 5 with zeros behind, in whole units of the currency."""
    power: int = 10**digits
    while power * 10 <= amount:
        power *= 10
    return next(said for said in (power, 2 * power, 3 * power, 5 * power, 10 * power) if said >= amount)


def window_end(window: Window, today: date) -> date | None:
    """Return the last day of the calendar's window that holds today."""
    match window:
        case Window.CALENDAR_YEAR:
            return date(today.year, 12, 31)
        case Window.CALENDAR_QUARTER:
            return _month_end(today.year, (today.month + 2) // 3 * 3)
        case Window.CALENDAR_MONTH:
            return _month_end(today.year, today.month)
        case _:
            return None


def _month_end(year: int, month: int) -> date:
    following = date(year + month // 12, month % 12 + 1, 1)
    return following - timedelta(days=1)


def unit_view(program: Program, unit: Unit) -> UnitView:
    """Return a unit as shown."""
    return UnitView(unit.id, _words(unit.name), unit.kind.value, is_main=unit.id == main_unit(program).id)


@lru_cache(maxsize=64)
def offer_of(plan: Plan) -> Offer:
    """Return what a plan offers."""
    return offer(plan.program, plan.version)


def offer(program: Program, version: int = 1) -> Offer:
    """Return what a program offers."""
    main = main_unit(program)
    return Offer(
        version=version,
        name=_words(program.name),
        unit=unit_view(program, main),
        rules=[view for rule in program.earning_rules if (view := _plain(program, rule, main)) is not None],
        ladder=_ladder(program, program.tiers),
        days=main.expiry.after_days if isinstance(main.expiry, AfterDays) and main.pending is None else None,
        minimum=program.redemption.minimum,
        step=program.redemption.step,
        joins_by_buying=program.unknown_member == "create",
        ways=[_way(program, rule) for rule in program.rules if _is_told(rule)],
        expiry=telling_terms.expiry(main.expiry, main.pending),
        pending=telling_terms.pending(main.pending) if main.pending is not None else None,
        units=[unit_view(program, unit) for unit in program.units if unit.id != main.id],
        ladders=[_ladder(program, track, _words(track.name)) for track in program.tracks],
        purposes=[PurposeView(_words(one.name), tuple(one.stores), tuple(one.channels)) for one in program.purposes],
        returns=telling_terms.returns(program.returns, with_days=False),
        referral=telling_terms.referral(program, program.referral) if program.referral is not None else None,
        giving=_giving(program),
        pools_max=program.pools.members_max if program.pools is not None else None,
    )


def _giving(program: Program) -> GivingView | None:
    terms = program.transfers
    return None if terms is None else GivingView(terms.minimum, terms.maximum, terms.between is Between.POOL)


def _is_told(rule: EarningRule) -> bool:
    """Whether everybody may hear of a rule: not of what only counts, nor of a campaign for some."""
    return rule.award is not None and not (isinstance(rule, Campaign) and rule.audience is not None)


def _way(program: Program, rule: EarningRule) -> WayView:
    says = telling.rule(program, rule, telling.To.MEMBER)
    unit = next((unit_view(program, unit) for unit in program.units if unit.id == rule.unit), None)
    starts, ends = (rule.starts, rule.ends) if isinstance(rule, Campaign) else (None, None)
    return WayView(rule.id, _words(rule.name), says, starts, ends, unit)


def _plain(program: Program, rule: EarningRule, unit: Unit) -> RuleView | None:
    """Return a rule by which every purchase earns for everybody, None where it asks for more."""
    award = rule.award
    asks = rule.condition or rule.goods or rule.goal or rule.group or rule.exclusive
    if rule.event != ORDER_COMPLETED or rule.unit != unit.id or asks or not isinstance(award, Rate | Percent):
        return None
    if award.each is not Each.ORDER:
        return None
    lowest = award.by_tier.get(program.tiers.levels[0].id)
    points, per, percent = 0, 1, None
    if isinstance(award, Rate):
        points, per = award.points, award.per
    else:
        worth = (unit.worth.points, unit.worth.amount) if unit.worth else (1, 1)
        points, per, percent = award.percent * worth[0], 100 * max(1, worth[1]), award.percent
    if lowest is not None:
        points, per, percent = points * lowest.times, per * lowest.over, None
    limits = [limit.points for limit in rule.limits if limit.per is Per.EVENT and limit.points is not None]
    most = min(limits, default=None)
    return RuleView(rule.id, _words(rule.name), points, per, award.rounding.value, percent, most)


def _ladder(program: Program, track: Tiers, name: Words | None = None) -> LadderView:
    unit = next((unit_view(program, one) for one in program.units if one.id == track.unit), None)
    if track.by == "points" and unit is None:
        unit = unit_view(program, main_unit(program))
    return LadderView(
        rungs=[
            RungView(
                level.id,
                _words(level.name),
                rank,
                level.at,
                telling_terms.reached(program, track, level.at),
                [_words(one) for one in level.benefits],
            )
            for rank, level in enumerate(track.levels)
        ],
        by=track.by,
        unit=unit,
        counted=telling_terms.counted(program, track),
        held=telling_terms.held(track),
        name=name or {},
        window=track.window.value,
    )


def _words(text: Text) -> Words:
    return {"ja": text.ja, "en": text.en}
