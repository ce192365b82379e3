"""What rules give back, by what points are worth: a program must not pay for itself.

Only points that can be spent and say their worth are reckoned. A share is points × worth ÷ amount, an exact fraction.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from fractions import Fraction

from kizuna.core.errors import N_
from kizuna.program.base import Times
from kizuna.program.events import ORDER_COMPLETED
from kizuna.program.faults import Fault, Sort, number, warning
from kizuna.program.findings.awards import factor, share
from kizuna.program.findings.known import Known
from kizuna.program.findings.together import bounded
from kizuna.program.rules import Campaign, EarningRule, Multiply, Per, Percent, Rate
from kizuna.program.units import Unit, UnitKind

PAYS_FOR_ITSELF = Sort(
    "pays_for_itself",
    N_(
        "This gives back {percent}% of a purchase, the part paid with points included: points buy themselves again for ever."
    ),
    N_("Give less than 100%, or write paid_with_points: excluded in the basis."),
)
GIVES_MORE = warning(
    "gives_more_than_paid",
    N_("With this rule and those that add to it, a purchase can give back up to {percent}% of its amount."),
    N_("Look whether that is meant; lower a multiplier, put the rules into a group, or add limits."),
)


def check(known: Known) -> Iterator[Fault]:
    """Find rules that give back everything, alone or together."""
    for place, rule in known.rules:
        given = _back(rule, known, least=True)
        if given >= 1 and rule.event == ORDER_COMPLETED and not _held(rule) and _counts_points(rule):
            yield PAYS_FOR_ITSELF.at(f"{place}.award", percent=_percent(given))
    for unit in known.program.units:
        yield from _stack(known, unit)


def _held(rule: EarningRule) -> bool:
    return rule.goal is not None or bounded(rule) or any(limit.per is Per.EVENT for limit in rule.limits)


def _counts_points(rule: EarningRule) -> bool:
    return isinstance(rule.award, Rate | Percent) and rule.award.basis.paid_with_points == "included"


def _back(rule: EarningRule, known: Known, *, least: bool = False) -> Fraction:
    """Return which share of the basis a rule gives back, by the tier that gets most (or least) of it."""
    unit, award = known.units.get(rule.unit), rule.award
    if (
        not isinstance(award, Rate | Percent)
        or unit is None
        or unit.kind is not UnitKind.SPENDABLE
        or unit.worth is None
    ):
        return Fraction(0)
    exact = share(award, unit)
    if exact is None:
        return Fraction(0)
    named = {level.id for level in known.program.tiers.levels} <= set(award.by_tier)
    factors = [factor(times) for times in (*award.by_tier.values(), *([] if named else [Times(times=1)]))]
    times = min(factors) if least else max(factors)
    return exact * times * Fraction(unit.worth.amount, unit.worth.points)


def _stack(known: Known, unit: Unit) -> Iterator[Fault]:
    """Find the first day on which rules together give back more than is paid."""
    rules = [(place, rule) for place, rule in known.rules if rule.unit == unit.id and rule.event == ORDER_COMPLETED]
    given = {rule.id: _back(rule, known) for _, rule in rules if not _held(rule)}
    for _, rule in rules:
        if isinstance(rule.award, Multiply) and not _held(rule):
            more = max(Fraction(0), factor(rule.award.multiply) - 1)
            given[rule.id] = given.get(rule.award.rule, Fraction(0)) * more
    adding = sorted(((place, rule) for place, rule in rules if given.get(rule.id)), key=lambda one: _begins(one[1]))
    if _sum((rule for _, rule in adding), given) <= 1:
        return
    for day in dict.fromkeys(_begins(rule) for _, rule in adding):
        there = [(place, rule) for place, rule in adding if _begins(rule) <= day <= _ends(rule)]
        total = _sum((rule for _, rule in there), given)
        if total <= 1:
            continue
        place, worst = max((one for one in there if _begins(one[1]) == day), key=lambda one: given[one[1].id])
        if given[worst.id] < total or not _counts_points(worst):  # alone it is an error already
            yield GIVES_MORE.at(f"{place}.award", percent=_percent(total))
        return


def _begins(rule: EarningRule) -> dt.date:
    return rule.starts if isinstance(rule, Campaign) else dt.date.min


def _ends(rule: EarningRule) -> dt.date:
    return rule.ends if isinstance(rule, Campaign) else dt.date.max


def _sum(rules: Iterable[EarningRule], given: dict[str, Fraction]) -> Fraction:
    """Return what rules give together: of a group the one that gives most, of different goods those that give most."""
    everywhere, of_goods = Fraction(0), defaultdict[str, Fraction](Fraction)
    groups: dict[str, Fraction] = {}
    for rule in rules:
        if rule.group is not None:
            groups[rule.group] = max(groups.get(rule.group, Fraction(0)), given[rule.id])
        elif rule.goods is None:
            everywhere += given[rule.id]
        else:
            of_goods[rule.goods.model_dump_json()] += given[rule.id]
    return everywhere + sum(groups.values(), Fraction(0)) + max(of_goods.values(), default=Fraction(0))


def _percent(of: Fraction) -> str:
    return number(-(-of.numerator * 100 // of.denominator))
