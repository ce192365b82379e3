"""What people and shops may do with points: limits that agree, a pool where one is named, reasons that are the brand's own."""

from collections.abc import Iterator

from kizuna.core.errors import N_
from kizuna.program.faults import Fault, Sort, number, warning
from kizuna.program.findings.known import Known
from kizuna.program.operations import RESERVED_REASONS, Between, Holds
from kizuna.program.telling_operations import stretch
from kizuna.program.units import UnitKind

HELD_TOO_LONG = Sort(
    "hold_above_its_most",
    N_("Points are held for {time} unless a checkout says otherwise, and no hold is longer than {most}."),
    N_("Let the usual time (minutes) be {most} or less, or raise the longest one (minutes_max)."),
)
NONE_BETWEEN = Sort(
    "transfer_of_no_sum",
    N_("At least {least} points and at most {most} can be transferred: no sum is both."),
    N_("Write {least} or more as the maximum, or lower the minimum."),
)
NO_POOLS = Sort(
    "transfer_within_no_pool",
    N_("Points are transferred only within a family or group (a pool), and the program has no pools."),
    N_("Add “pools”, or write between: anybody."),
)
RESERVED = Sort(
    "reason_reserved",
    N_("The reason “{id}” is one that Kizuna itself writes into the books."),
    N_("Give your reason another id; its name may stay."),
)
NOTHING_SPENT = warning(
    "nothing_to_spend",
    N_("No kind of points can be spent, so that this does nothing."),
    N_("Make a kind of points that can be spent, or take this part away."),
)
NOTHING_ENDS = warning(
    "grace_without_expiry",
    N_("No points expire, so that none come back after their last day."),
    N_("Take “grace_days” away, or let points expire."),
)
_SPENT = {UnitKind.SPENDABLE, UnitKind.MONEY}


def check(known: Known) -> Iterator[Fault]:
    """Find what contradicts itself in how points are held, transferred, pooled and adjusted, and what does nothing."""
    program = known.program
    holds, transfers = program.holds, program.transfers
    if holds.minutes > holds.minutes_max:
        yield HELD_TOO_LONG.at("holds.minutes", time=stretch(holds.minutes), most=stretch(holds.minutes_max))
    if transfers is not None:
        if transfers.maximum is not None and transfers.maximum < transfers.minimum:
            facts = {"least": number(transfers.minimum), "most": number(transfers.maximum)}
            yield NONE_BETWEEN.at("transfers.maximum", **facts)
        if transfers.between is Between.POOL and program.pools is None:
            yield NO_POOLS.at("transfers.between")
    for at, reason in enumerate(program.adjustments.reasons):
        if reason.id in RESERVED_REASONS:
            yield RESERVED.at(f"adjustments.reasons.{at}.id", id=reason.id)
    if not any(unit.kind in _SPENT for unit in program.units):
        said = {"holds": holds != Holds(), "transfers": transfers, "charities": program.charities}
        yield from (NOTHING_SPENT.at(part) for part, is_said in (said | {"pools": program.pools}).items() if is_said)
    expiries = [unit.expiry for unit in program.units] + [rule.lot.expiry for _, rule in known.rules]
    if program.returns.grace_days and all(expiry in (None, "never") for expiry in expiries):
        yield NOTHING_ENDS.at("returns.grace_days")
