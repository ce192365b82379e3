"""What has to agree across a document whose shape is right. Pure: the same program gives the same faults, in its order.

Every check takes `Known` and yields faults; none of them stops at the first, none depends on another's answer.
"""

from collections.abc import Callable, Iterator

from kizuna.program.faults import Fault
from kizuna.program.findings import (
    awards,
    campaigns,
    conditions,
    journeys,
    money,
    names,
    never,
    operations,
    parts,
    rules,
    standings,
    together,
    worth,
)
from kizuna.program.findings.known import Known
from kizuna.program.model import Program

CHECKS: tuple[Callable[[Known], Iterator[Fault]], ...] = (
    names.check,
    parts.check,
    money.check,
    operations.check,
    standings.check,
    conditions.check,
    rules.check,
    awards.check,
    campaigns.check,
    together.check,
    worth.check,
    never.check,
    journeys.check,
)


def findings(program: Program) -> tuple[Fault, ...]:
    """Return everything found in a program whose shape is right, in the order of the document, errors first at a place."""
    known = Known(program)
    faults: dict[tuple[str, str], Fault] = {}
    for check in CHECKS:
        for fault in check(known):
            faults.setdefault((fault.place, fault.code), fault)
    return tuple(sorted(faults.values(), key=_in_order))


_PARTS = {name: number for number, name in enumerate(Program.model_fields)}


def _in_order(fault: Fault) -> tuple[int, tuple[tuple[int, str], ...], bool]:
    first, *rest = fault.place.split(".")
    inside = tuple((int(part), "") if part.isdigit() else (-1, part) for part in rest)
    return _PARTS.get(first, -1), inside, not fault.refuses
