"""A program in sentences: one tree, one sentence, as typed messages that every face puts into its language. Pure.

The same words stand in the studio, on the page for anybody, on My Page, in a difference and on the command line. What only
the marketer may know (budgets in money, who is left out to measure by) is left out for members.
"""

from collections.abc import Iterator
from enum import Enum

from kizuna.core.errors import N_
from kizuna.program.base import Times, Within
from kizuna.program.events import OCCASIONS, ORDER_COMPLETED
from kizuna.program.messages import Message, Money, Said, both, either, multiplier, n_, noted, say, sum_of, values
from kizuna.program.model import Program
from kizuna.program.rules import (
    AMOUNTS,
    Award,
    Basis,
    Budget,
    Campaign,
    CountGoal,
    Different,
    Each,
    EarningRule,
    Fixed,
    Goal,
    Goods,
    Keeps,
    Limit,
    Multiply,
    OnlyGoods,
    OnReturn,
    Per,
    Percent,
    Rate,
    Rounding,
    SpendGoal,
    Stamps,
    StreakGoal,
)
from kizuna.program.telling_conditions import audience, parts_of
from kizuna.program.telling_terms import expiry_short, purpose_name
from kizuna.program.units import LotTerms


class To(Enum):
    """Who is told."""

    MARKETER = "marketer"
    MEMBER = "member"


_FOR = {
    "member.enrolled": N_("for signing up"),
    "profile.completed": N_("for a completed profile"),
    "member.birthday": N_("for the birthday"),
    "review.posted": N_("for a review"),
    "content.shared": N_("for a share on social media"),
    "referral.qualified": N_("for a referral"),
    "member.anniversary": N_("for the membership anniversary"),
    "eco.action": N_("for an eco action"),
    "feedback.posted": N_("for feedback"),
    "feedback.adopted": N_("for feedback that was adopted"),
    "order.delivered": N_("when an order is delivered"),
    "order.return_window_closed": N_("when the return window is over"),
}
_EACH_LINE = {
    Each.LINE: (N_("{award} for each line"), N_("{award}, rounded line by line")),
    Each.ITEM: (N_("{award} for each item"), N_("{award} for each item")),
}
_BASIS = {
    "tax": ("excluded", N_("before tax")),
    "discount": ("before", N_("before discounts")),
    "shipping": ("included", N_("with shipping")),
    "gift_cards": ("excluded", N_("without gift cards")),
    "paid_with_points": ("excluded", N_("without the part paid with points")),
}
_ROUNDED = {Rounding.NEAREST: N_("rounded to the nearest"), Rounding.UP: N_("rounded up")}
_KINDS = {
    "sku": N_("item {values}"),
    "category": N_("category {values}"),
    "brand": N_("brand {values}"),
    "tag": N_("tag {values}"),
}
_DIFFERENT = {
    Different.SKU: N_("{n} different items within {days}"),
    Different.CATEGORY: N_("{n} different categories within {days}"),
    Different.BRAND: N_("{n} different brands within {days}"),
    Different.STORE: N_("{n} different stores within {days}"),
    Different.CHANNEL: N_("{n} different channels within {days}"),
}
_IN_ROW = {
    "day": (N_("{n} days in a row"), N_("every {n} days in a row")),
    "week": (N_("{n} weeks in a row"), N_("every {n} weeks in a row")),
    "month": (N_("{n} months in a row"), N_("every {n} months in a row")),
}
_WITHIN = {
    Within.DAY: N_("{what} in a day"),
    Within.WEEK: N_("{what} in a week"),
    Within.MONTH: N_("{what} in a month"),
    Within.QUARTER: N_("{what} in a quarter"),
    Within.YEAR: N_("{what} in a year"),
}
_LIMITS = {
    Per.EVENT: N_("up to {what} each time"),
    Per.MEMBER: N_("up to {what} for each member"),
    Per.STORE: N_("up to {what} for each store"),
    Per.ALL: N_("up to {what} for everybody together"),
}


def rule(program: Program, one: EarningRule, to: To = To.MARKETER) -> Message:
    """Return a rule or a campaign in one sentence: "On Fridays, Silver and up, coffee: double points (budget ¥300,000)"."""
    what, given = occasion(program, one), award(program, one, to)
    if one.goal is None:
        told = say(N_("{what}: {award}"), what=what, award=given)
    else:
        told = say(N_("{what}, {goal}: {award}"), what=what, goal=goal(one.goal), award=given)
    notes = list(_notes(program, one, to))
    return say(N_("{sentence} ({notes})"), sentence=told, notes=noted(notes)) if notes else told


def occasion(program: Program, one: EarningRule) -> Message:
    """Return when, for whom and for what a rule speaks."""
    parts = parts_of(program, one.condition, one.event)
    who = [*parts.who, *(audience(program, one.audience) if isinstance(one, Campaign) else ())]
    what = _what(program, one)
    for limit in reversed(parts.order):
        inside = N_("{what} {order}") if one.goods is None else N_("{what} in a purchase {order}")
        what = say(inside, what=what, order=limit)
    if who:
        joined = who[0]
        for more in who[1:]:
            joined = say(N_("{one}, also {other}"), one=joined, other=more)
        what = say(N_("{who}, {what}"), who=joined, what=what)
    for when in reversed(parts.when):
        what = say(N_("{when}, {what}"), when=when, what=what)
    return what


def _what(program: Program, one: EarningRule) -> Message:
    if one.event != ORDER_COMPLETED:
        if one.event in _FOR:
            return say(_FOR[one.event])
        declared = next((known.name for known in program.event_types if known.type == one.event), None)
        return say(N_("for “{event}”"), event=declared or one.event)
    if one.goods is not None and (told := goods(one.goods)) is not None:
        return say(N_("for {goods}"), goods=told)
    return say(N_("for every purchase") if one.goal is None else N_("for purchases"))


def goods(only: OnlyGoods) -> Said | None:
    """Return which goods count, None where all do."""
    named, left_out = _named(only), _named(only.but_not)
    if left_out is None:
        return named
    if named is None:
        return say(N_("everything but {goods}"), goods=left_out)
    return say(N_("{goods} but not {others}"), goods=named, others=left_out)


def _named(only: Goods) -> Said | None:
    lists = [(field, getattr(only, field)) for field in _KINDS if getattr(only, field)]
    if not lists:
        return None
    if len(lists) == 1 and lists[0][0] == "category":
        return values(lists[0][1])
    told: Said = say(_KINDS[lists[0][0]], values=values(lists[0][1]))
    for field, words in lists[1:]:
        told = say(N_("{one} of {other}"), one=told, other=say(_KINDS[field], values=values(words)))
    return told


def award(program: Program, one: EarningRule, to: To = To.MARKETER) -> Message:
    """Return what a rule gives: "1 pt per ¥100", "5% back in points", "double points"."""
    given = one.award
    if given is None:
        return say(N_("counts only"))
    told = _given(program, one, given)
    each = getattr(given, "each", Each.ORDER)
    if each is not Each.ORDER:
        told = say(_EACH_LINE[each][isinstance(given, AMOUNTS)], award=told)
    notes: list[Said] = []
    if isinstance(given, AMOUNTS):
        notes += basis(given.basis)
        if given.rounding in _ROUNDED and to is To.MARKETER:
            notes.append(say(_ROUNDED[given.rounding]))
    if isinstance(given, Rate | Percent | Fixed):
        notes += by_tier(program, given.by_tier)
    return say(N_("{award}, {notes}"), award=told, notes=noted(notes)) if notes else told


def _given(program: Program, one: EarningRule, given: Award) -> Message:
    match given:
        case Rate():
            points = sum_of(program, given.points, one.unit)
            return say(N_("{points} per {amount}"), points=points, amount=Money(given.per))
        case Percent():
            return say(N_("{percent}% back in points"), percent=given.percent)
        case Fixed():
            return say(N_("{points}"), points=sum_of(program, given.fixed, one.unit))
        case Stamps():
            return say(N_("{points}"), points=sum_of(program, given.stamps, one.unit))
        case Multiply():
            return _multiplied(program, one, given)


def _multiplied(program: Program, one: EarningRule, given: Multiply) -> Message:
    by = multiplier(given.multiply)
    told = say({"2": N_("double points"), "3": N_("triple points")}.get(by, N_("{times} times the points")), times=by)
    rates = [rule for rule in program.rules if isinstance(rule.award, AMOUNTS) and rule.unit == one.unit]
    if len(rates) < 2:
        return told
    name = next((rule.name for rule in program.rules if rule.id == given.rule), given.rule)
    return say(N_("{award} of “{rule}”"), award=told, rule=name)


def basis(counts: Basis) -> list[Message]:
    """Return what of an amount counts, where it is not what was paid for the goods."""
    return [say(msgid) for field, (value, msgid) in _BASIS.items() if getattr(counts, field) == value]


def by_tier(program: Program, multipliers: dict[str, Times]) -> list[Message]:
    """Return the tiers' multipliers in the order of the tiers: "Gold ×2"."""
    names = {level.id: level.name for level in program.tiers.levels}
    known = sorted(multipliers.items(), key=lambda one: list(names).index(one[0]) if one[0] in names else len(names))
    return [say(N_("{tier} ×{times}"), tier=names.get(id_, id_), times=multiplier(by)) for id_, by in known]


def goal(one: Goal) -> Message:
    """Return what has to come together first: "every 10th time", "¥30,000 spent in a month"."""
    match one:
        case CountGoal():
            if one.repeats:
                told = say(N_("every time")) if one.count == 1 else say(N_("every {n}th time"), n=one.count)
            elif one.count == 1:
                told = say(N_("the first time"))
            else:
                told = say(N_("the {n}th time"), n=one.count)
            return within(told, one.within)
        case SpendGoal():
            told = say(
                N_("for every {amount} spent") if one.repeats else N_("when {amount} are spent"),
                amount=Money(one.spend),
            )
            return within(told, one.within)
        case StreakGoal():
            return say(_IN_ROW[one.of][one.repeats], n=one.streak)
        case _:
            days = n_("{n} day", "{n} days", one.days)
            told = say(_DIFFERENT[one.of], n=one.different, days=days)
            return say(N_("again and again with {what}"), what=told) if one.repeats else told


def within(what: Message, stretch: Within) -> Message:
    """Return something counted within a stretch of the calendar."""
    return say(_WITHIN[stretch], what=what) if stretch in _WITHIN else what


def limit(program: Program, one: EarningRule, cut: Limit) -> Message:
    """Return a limit: "up to 100 pt in a month for each member"."""
    parts: list[Message] = []
    if cut.points is not None:
        parts.append(say(N_("{points}"), points=sum_of(program, cut.points, one.unit)))
    if cut.times is not None:
        parts.append(n_("{n} time", "{n} times", cut.times))
    return say(_LIMITS[cut.per], what=within(say(N_("{points}"), points=both(parts)), cut.within))


def budget(program: Program, one: EarningRule, most: Budget) -> Message:
    """Return a budget: "budget ¥300,000"."""
    return say(N_("budget {most}"), most=budget_sum(program, one, most))


def budget_sum(program: Program, one: EarningRule, most: Budget) -> Said:
    """Return what a budget comes to: money, points, or both."""
    parts: list[Said] = []
    if most.amount is not None:
        parts.append(Money(most.amount))
    if most.points is not None:
        parts.append(sum_of(program, most.points, one.unit))
    return both(parts)


def lot(program: Program, terms: LotTerms) -> list[Message]:
    """Return what makes a rule's points other than the unit's ordinary ones."""
    told = []
    if terms.expiry is not None:
        told.append(expiry_short(terms.expiry))
    if terms.only_for is not None:
        told.append(say(N_("only for {purpose}"), purpose=purpose_name(program, terms.only_for)))
    return told


def stacking(program: Program, one: EarningRule) -> list[Message]:
    """Return which rule goes before which."""
    if one.exclusive:
        return [say(N_("not together with others"))]
    group = next((group for group in program.groups if group.id == one.group), None)
    if group is None:
        return []
    keeps = N_("only the best of “{group}”") if group.keeps is Keeps.BEST else N_("only the first of “{group}”")
    return [say(keeps, group=group.name)]


def _notes(program: Program, one: EarningRule, to: To) -> Iterator[Message]:
    if isinstance(one, Campaign):
        yield say(N_("{first} – {last}"), first=one.starts, last=one.ends)
    yield from (limit(program, one, cut) for cut in one.limits)
    if isinstance(one, Campaign) and one.budget is not None:
        if to is To.MARKETER:
            yield budget(program, one, one.budget)
        yield say(N_("first come, first served"))
    yield from lot(program, one.lot)
    yield from stacking(program, one)
    if to is To.MARKETER:
        if isinstance(one, Campaign) and one.holdout_percent:
            yield say(N_("{percent}% of the members left out to measure by"), percent=one.holdout_percent)
        if one.goal is not None and one.on_return is OnReturn.KEEP:
            yield say(N_("kept after a return"))


def event_title(event: str) -> Said:
    """Return what an event is called that every program knows; another one by its type."""
    return say(OCCASIONS[event].title) if event in OCCASIONS else event


def names_of(program: Program, rules: list[str]) -> Said:
    """Return rules by their names."""
    known = {one.id: one.name for one in program.rules}
    return either(known.get(one, one) for one in rules)
