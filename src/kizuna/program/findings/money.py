"""Money among the units: it is paid for and never earned, and one of it is one minor unit of the brand's currency."""

from collections.abc import Iterator

from kizuna.core.errors import N_
from kizuna.program.faults import Fault, Sort, warning
from kizuna.program.findings.known import Known
from kizuna.program.units import Unit, UnitKind

GIVEN = Sort(
    "rule_gives_money",
    N_("“{unit}” is money that is paid in, as on a gift card: no rule gives it."),
    N_("Let the rule give another kind of points."),
)
FIRST = Sort(
    "money_comes_first",
    N_("The first kind of points is the one whose balance is shown first, and it cannot be money."),
    N_("Put a kind of points before “{unit}” that members earn."),
)
ALONE = Sort(
    "money_without_points",
    N_("There are rules that give points, and nothing to redeem but money that was paid in."),
    N_("Add a kind of points that can be spent, or make one of them so."),
)
OTHER_WORTH = Sort(
    "money_of_another_worth",
    N_("One of “{unit}” is worth one smallest unit of your currency; nothing else can be said of it."),
    N_("Take “worth” away, or write points 1, amount 1."),
)
WAITS = Sort(
    "money_that_waits",
    N_("Money that was paid in can be used at once: “{unit}” does not wait."),
    N_("Take “pending” away."),
)
ENDS = warning(
    "money_expires",
    N_("“{unit}” is money that members paid in, and it expires."),
    N_("Check the law on prepaid balances, or write expiry: never."),
)


def check(known: Known) -> Iterator[Fault]:
    """Find what cannot be said of money, and rules that would give it."""
    kinds = [unit.kind for unit in known.program.units]
    if UnitKind.MONEY not in kinds:
        return
    if kinds[0] is UnitKind.MONEY:
        yield FIRST.at("units.0.kind", unit=known.program.units[0].name)
    elif known.rules and UnitKind.SPENDABLE not in kinds:
        yield ALONE.at("units")
    for at, unit in enumerate(known.program.units):
        if unit.kind is UnitKind.MONEY:
            yield from _money(f"units.{at}", unit)
    for place, rule in known.rules:
        given = known.units.get(rule.unit)
        if given is not None and given.kind is UnitKind.MONEY:
            yield GIVEN.at(f"{place}.unit", unit=given.name)


def _money(place: str, unit: Unit) -> Iterator[Fault]:
    if unit.worth is not None and unit.worth.points != unit.worth.amount:
        yield OTHER_WORTH.at(f"{place}.worth", unit=unit.name)
    if unit.pending is not None:
        yield WAITS.at(f"{place}.pending", unit=unit.name)
    if unit.expiry != "never":
        yield ENDS.at(f"{place}.expiry", unit=unit.name)
