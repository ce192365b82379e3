"""Why a rule speaks on an event, and why it does not, in words. Pure."""

from kizuna.core.errors import N_
from kizuna.engine import Cut, Miss, Verdict, Why
from kizuna.program import (
    Campaign,
    Compare,
    EarningRule,
    FactType,
    Money,
    Program,
    Said,
    SpendGoal,
    Sum,
    facts_of,
    say,
    telling,
    telling_conditions,
)
from kizuna.web.tell import Teller

_CUTS = {
    Cut.EVENT: N_("The limit for one time cut it."),
    Cut.MEMBER: N_("The member’s limit cut it."),
    Cut.STORE: N_("The store’s limit cut it."),
    Cut.ALL: N_("The limit for everybody cut it."),
    Cut.BUDGET: N_("The budget cut it."),
    Cut.GROUP: N_("Another rule of the group pays."),
    Cut.EXCLUSIVE: N_("Another rule pays alone."),
}


def why_words(program: Program, rule: EarningRule, verdict: Verdict, tell: Teller) -> list[str]:  # noqa: PLR0911 - one reason a return
    """Return the reasons why a rule speaks on an event of its type, or why it does not."""
    match verdict.why:
        case Why.SPEAKS | Why.CUT:
            said = [tell(telling.award(program, rule))]
            if verdict.cut and verdict.points < verdict.raw:
                alone = tell(_sum(program, rule.unit, verdict.raw))
                said.append(
                    tell.words(
                        N_("{cut} Alone it would give {points}."), cut=tell.words(_CUTS[verdict.cut]), points=alone
                    )
                )
            elif rule.award is not None and not verdict.points:
                said.append(tell.words(N_("It comes to less than one point.")))
            return said
        case Why.NOT_YET if isinstance(rule, Campaign):
            return [tell(say(N_("It begins on {day}."), day=rule.starts))]
        case Why.OVER if isinstance(rule, Campaign):
            return [tell(say(N_("It ended on {day}."), day=rule.ends))]
        case Why.HELD_OUT:
            return [tell.words(N_("The member is left out to measure by."))]
        case Why.GOODS if rule.goods is not None:
            goods = telling.goods(rule.goods)
            return [tell(say(N_("Nothing in the basket counts: it is for {goods}."), goods=goods or ""))]
        case Why.GOAL:
            return [_left(rule, verdict, tell)]
    return [
        _missed(program, miss, rule.event if verdict.why is Why.CONDITION else "", tell) for miss in verdict.misses
    ] or [tell.words(N_("Its condition does not hold."))]


def _left(rule: EarningRule, verdict: Verdict, tell: Teller) -> str:
    left = max(0, verdict.reach - verdict.progress)
    if isinstance(rule.goal, SpendGoal):
        return tell(say(N_("{amount} more to the goal."), amount=Money(left)))
    return tell(say(N_("{n} more to the goal ({done} of {all})."), n=left, done=verdict.progress, all=verdict.reach))


def _missed(program: Program, miss: Miss, event: str, tell: Teller) -> str:
    """Return a comparison that does not hold: what is missing, or what it asks for and what is so."""
    fact = facts_of(program, event or "order.completed").get(miss.fact)
    known = fact.type if fact else FactType.TEXT
    if (
        known is FactType.MONEY
        and miss.is_ == "at_least"
        and isinstance(miss.value, int)
        and isinstance(miss.actual, int)
    ):
        return tell(say(N_("{amount} more is needed."), amount=Money(miss.value - miss.actual)))
    compare = Compare.model_validate({"fact": miss.fact, "is": miss.is_, "value": miss.value})
    asked = telling_conditions.condition(program, compare, event or "order.completed")
    said = tell(say(N_("Only when {clause}."), clause=asked))
    actual = _actual(program, miss, known, tell)
    return f"{said} {actual}" if actual else said


def _actual(program: Program, miss: Miss, known: FactType, tell: Teller) -> str:
    """Return what is so, "" where it says nothing more."""
    if known is FactType.FLAG or miss.actual is None:
        return ""
    value: Said = miss.actual
    if isinstance(miss.actual, str):
        value = telling_conditions.one_value(program, miss.fact, miss.actual)
    elif known is FactType.MONEY:
        value = Money(miss.actual)
    elif known is FactType.DATE:
        return ""
    return tell(say(N_("Here it is {value}."), value=value))


def _sum(program: Program, unit: str, points: int) -> Sum:
    found = next(one for one in program.units if one.id == unit)
    return Sum(points, found.name, found.kind, is_main=found.id == program.units[0].id)
