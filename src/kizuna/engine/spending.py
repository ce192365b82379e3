"""Redemptions: granted whole from the lots that end first, or refused whole."""

from typing import TYPE_CHECKING

import numpy as np

from kizuna.engine.book import among
from kizuna.engine.events import Bools, EntryKind, Refusal
from kizuna.engine.state import DEBT, SPENT

if TYPE_CHECKING:
    from kizuna.engine.block import Block
    from kizuna.engine.turn import Turn


def spend(block: "Block", turn: "Turn") -> None:
    """Decide redemptions, at most one a member."""
    unit_of = block.events.unit[turn.at]
    for unit in np.unique(unit_of).tolist():
        _spend(block, turn.some(np.flatnonzero(unit_of == unit)), unit)


def _spend(block: "Block", turn: "Turn", unit: int) -> None:
    state, pocket = block.state, block.state.pockets[unit]
    points, policy = block.events.points[turn.at], turn.plan.program.redemption
    allowed = _allowed(block, turn)
    held = pocket.total[turn.rows] - state.counters[turn.rows, unit, DEBT]
    available = np.maximum(0, np.minimum(pocket.available(turn.rows, allowed), held))
    asks = None
    if block.events.wish is not None:
        points = np.where(points > 0, points, block.events.wish(turn.at, available))
        asks = points > 0
    refusal = np.select(
        [points < policy.minimum, points % policy.step != 0, points > available],
        [Refusal.BELOW_MINIMUM, Refusal.OFF_STEP, Refusal.SHORT],
        Refusal.NONE,
    )
    if asks is not None:
        refusal = np.where(asks, refusal, Refusal.NONE)
    block.answer.refusal[turn.pos] = refusal
    granted = np.flatnonzero(refusal == Refusal.NONE if asks is None else asks & (refusal == Refusal.NONE))
    if len(granted):
        some = turn.some(granted)
        taken = pocket.take(some.rows, points[granted], None if allowed is None else allowed[granted])
        state.counters[some.rows, unit, SPENT] += points[granted]
        block.out.move(some.at, EntryKind.REDEEM, unit, -points[granted], taken=taken)


def _allowed(block: "Block", turn: "Turn") -> Bools | None:
    """Tell which restrictions each redemption may touch; None where there are none."""
    places = turn.plan.names.purposes
    if not places:
        return None
    allowed = np.ones((len(turn.at), len(places) + 1), np.bool_)
    for number in range(1, len(places) + 1):
        channels, stores = turn.plan.allowed[number] if number < len(turn.plan.allowed) else (("\0",), ())
        for told, known in ((block.events.channel, channels), (block.events.store, stores)):
            if known:
                allowed[:, number] &= among(told, known)[turn.at]
    return allowed
