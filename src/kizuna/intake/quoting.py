"""A quote: what an event would come to, decided on what is known now, without a lock and without a trace."""

from collections.abc import Sequence
from dataclasses import dataclass

from kizuna.engine import EventKind, Verdict, decide, explain
from kizuna.intake.answers import outcomes_of
from kizuna.intake.loading import load
from kizuna.intake.model import Arrival, Outcome
from kizuna.publishing import PlanBook
from kizuna.runtime.brands import Brand
from kizuna.runtime.db import Connection

_EXPLAINED = (EventKind.ORDER, EventKind.ACTION)


@dataclass(frozen=True, slots=True)
class Quote:
    """What an event would be answered, and of each rule why it speaks or not (orders and actions; else nothing)."""

    outcome: Outcome
    verdicts: Sequence[Verdict]


async def quote(conn: Connection, brand: Brand, book: PlanBook, arrival: Arrival) -> Quote:
    """Return what `arrival` would come to; somebody whom nobody knows is taken for a newcomer. Nothing is written.

    `book` is current. Raises the problem that would keep the event from being recorded; that it was recorded before is none.
    """
    loaded = await load(conn, brand.zone, book, [arrival], for_look=True)
    for problem in loaded.refused.values():
        raise problem
    state = loaded.ledgers.state(book.names)
    verdicts: list[Verdict] = []
    if arrival.kind in _EXPLAINED:
        verdicts = explain(book.plans[loaded.causes[0].version - 1], state, loaded.events, loaded.shared)
    decisions = decide(book.plans, state, loaded.events, loaded.shared)
    (outcome,) = outcomes_of(loaded, decisions)
    return Quote(outcome, verdicts)
