"""Campaigns: dates, budgets, and lots that outlive them."""

from collections.abc import Iterator

from kizuna.core.errors import N_
from kizuna.program.base import Within
from kizuna.program.faults import Fault, Sort, warning
from kizuna.program.findings.known import Known
from kizuna.program.rules import Campaign, CountGoal, EarningRule, Per, SpendGoal
from kizuna.program.units import OnDate, Unit

ENDS_FIRST = Sort(
    "ends_before_it_starts",
    N_("The campaign ends on {ends}, before it starts on {starts}."),
    N_("Write a last day that is {starts} or later."),
)
GONE_AT_ONCE = Sort(
    "expires_before_it_starts",
    N_("The points would expire on {on}, before the campaign starts on {starts}."),
    N_("Write a date after the campaign’s end."),
)
GONE_EARLY = warning(
    "expires_before_it_ends",
    N_("The points expire on {on}, and the campaign goes on until {ends}: what is given after that is gone at once."),
    N_("Write a date after the campaign’s end."),
)
BUDGET_OF_WHAT = Sort(
    "budget_of_nothing",
    N_("The budget does not say how much: neither points nor an amount."),
    N_("Write points: or amount: with a number."),
)
BUDGET_OF_BOTH = Sort(
    "budget_of_both", N_("The budget says both points and an amount."), N_("Keep one of them; the other follows.")
)
BUDGET_WITHOUT_WORTH = Sort(
    "budget_without_worth",
    N_("A budget in money needs to know what a point is worth, and “{unit}” does not say it."),
    N_("Write the worth of “{unit}”, or a budget in points."),
)
BUDGET_WITHOUT_CAP = warning(
    "budget_without_cap",
    N_("There is a budget, but no limit per member: one member alone could use it up."),
    N_("Add a limit per: member."),
)


def check(known: Known) -> Iterator[Fault]:
    """Find what is wrong with each campaign."""
    for place, campaign in known.campaigns:
        if campaign.ends < campaign.starts:
            days = {"ends": campaign.ends.isoformat(), "starts": campaign.starts.isoformat()}
            yield ENDS_FIRST.at(f"{place}.ends", **days)
        else:
            yield from _outlived(place, campaign)
        if campaign.budget is not None:
            yield from _budget(place, campaign, known.units.get(campaign.unit))


def _outlived(place: str, campaign: Campaign) -> Iterator[Fault]:
    if isinstance(campaign.lot.expiry, OnDate):
        on = campaign.lot.expiry.on
        days = {"on": on.isoformat(), "starts": campaign.starts.isoformat(), "ends": campaign.ends.isoformat()}
        if on < campaign.starts:
            yield GONE_AT_ONCE.at(f"{place}.lot.expiry.on", **days)
        elif on < campaign.ends:
            yield GONE_EARLY.at(f"{place}.lot.expiry.on", **days)


def _budget(place: str, campaign: Campaign, unit: Unit | None) -> Iterator[Fault]:
    budget = campaign.budget
    assert budget is not None  # noqa: S101 - the caller's own condition
    if budget.points is None and budget.amount is None:
        yield BUDGET_OF_WHAT.at(f"{place}.budget")
    elif budget.points is not None and budget.amount is not None:
        yield BUDGET_OF_BOTH.at(f"{place}.budget")
    if budget.amount is not None and unit is not None and (unit.worth is None or not unit.worth.amount):
        yield BUDGET_WITHOUT_WORTH.at(f"{place}.budget.amount", unit=unit.name)
    if campaign.award is not None and not capped(campaign):
        yield BUDGET_WITHOUT_CAP.at(f"{place}.budget")


def capped(rule: EarningRule) -> bool:
    """Whether what one member can be given is limited: by a limit, or by a goal that is reached once."""
    if any(limit.per is Per.MEMBER for limit in rule.limits):
        return True
    if rule.goal is None or rule.goal.repeats:
        return False
    return not isinstance(rule.goal, CountGoal | SpendGoal) or rule.goal.within is Within.EVER
