"""A redemption behaviour from a brand's own records: its history replayed by its program, with a look before each purchase."""

from zoneinfo import ZoneInfo

import numpy as np

from kizuna.engine import Decisions, EntryKind, EventKind, Names, State, compile_plan, decide
from kizuna.program import Program
from kizuna.simulate.behaviour import Hazard, fitted
from kizuna.simulate.history import History, divide
from kizuna.simulate.rows import read
from kizuna.simulate.schema import Task


def fit(history: History, program: Program, zone: ZoneInfo) -> Hazard:
    """Return the hazard that a history with recorded redemptions shows under `program`; without any, nobody redeems.

    A redemption counts for the purchase that follows it (or, behind the last, for none). Raises `HistoryEmpty`.
    """
    shares = divide(history, zone, 1)
    task = Task(program.model_dump_json(), shares.last_day)
    plan = compile_plan(program, 1, Names())
    rows = read(shares.share(0), task)
    events, size = rows.events, len(rows.members)
    decided = decide([plan], State.fresh(plan.names, size), events, freeze=False, ordered=False)
    order = np.argsort(events.member, kind="stable")
    member, is_purchase = events.member[order], events.kind[order] == EventKind.ORDER
    redeemed, earned = (_moved(decided, kind)[order] for kind in (EntryKind.REDEEM, EntryKind.EARN))
    purchases = np.flatnonzero(is_purchase)
    first = np.searchsorted(member, member[purchases])
    since = np.maximum(np.concatenate([[0], purchases[:-1] + 1]), first)  # right behind the purchase before
    running = np.concatenate([[0], np.cumsum(-redeemed)])
    before = running[purchases] - running[since]
    there = decided.balance[order][purchases] - earned[purchases] + before
    return fitted(there, before, program.redemption.step)


def _moved(decided: Decisions, kind: EntryKind) -> np.ndarray:
    """Return by event the points of the first unit that it moved so."""
    moves = decided.moves
    on = np.flatnonzero((moves.kind == kind) & (moves.unit == 0))
    found = np.zeros(len(decided.refusal), np.int64)
    np.add.at(found, moves.event[on], moves.points[on])
    return found
