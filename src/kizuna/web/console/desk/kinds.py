"""How each kind of long work reads in the console. Whoever adds a kind of job adds a row here."""

from collections.abc import Mapping
from dataclasses import dataclass

from kizuna import corrections, simulate
from kizuna.connect import csv
from kizuna.core.errors import N_


@dataclass(frozen=True, slots=True)
class JobKind:
    """Message ids: `title` is filled from what was asked, `done` from what came of it; `way` leads on from there.

    The phases named in `in_bytes` count bytes; every other phase counts things.
    """

    title: str
    done: str = N_("Finished.")
    way: tuple[str, str] | None = None
    in_bytes: frozenset[str] = frozenset()


KINDS: Mapping[str, JobKind] = {
    csv.KIND: JobKind(
        N_("Import of {file}"),
        N_("{orders} orders imported, {replayed} recorded before, {rejected_orders} not taken."),
        ("/console/imports/{upload}", N_("See what came of it")),
        csv.IN_BYTES,
    ),
    corrections.BULK: JobKind(
        N_("Correction of points from {file}"),
        N_("{carried} rows carried out, {refused} not carried out."),
        ("/console/corrections/{bulk}", N_("See what came of it")),
    ),
    simulate.KIND: JobKind(
        N_("Back-test “{name}”"),
        N_("{orders} purchases of {members} members were replayed."),
        ("/console/backtests/{backtest}/result", N_("See what came of it")),
    ),
    simulate.STORY: JobKind(
        N_("One member in a back-test"),
        N_("Finished."),
        ("/console/backtests/{backtest}/member", N_("See what came of it")),
    ),
    "verify_ledger": JobKind(
        N_("Check of the ledger"),
        N_("Every balance follows from its history: {accounts} members, {entries} entries, {batches} commits."),
    ),
}


def kind_of(kind: str) -> JobKind:
    """Return how a kind reads; one without a row is shown by its code."""
    return KINDS.get(kind) or JobKind(kind)
