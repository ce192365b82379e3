"""One share of the members: their rows in, what the program makes of them out; Arrow on both sides.

Always true: `decide_share` is pure and knows nothing of other shares but what `Beside` tells, so that a process pool or a cluster's
map over Arrow may run it anywhere. The live engine decides; what is summed here are its movements, nothing is reckoned again.
"""

import json
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from kizuna.engine import (
    Beside,
    Claim,
    Decisions,
    EntryKind,
    Names,
    Plan,
    Shared,
    State,
    compile_plan,
    decide,
    holds,
    standing,
)
from kizuna.engine.shared import Key
from kizuna.engine.state import DEBT
from kizuna.program import from_published
from kizuna.simulate.rows import Rows, read
from kizuna.simulate.schema import CLAIM, ENTRY, MEMBER, OUT, Task, fields, row, struct
from kizuna.simulate.sums import GIVES, Sums, summed

_COUNTED = (GIVES, (EntryKind.REDEEM,), (EntryKind.EXPIRE,))


def decide_share(
    rows: pa.Table,
    task: Task,
    keys: np.ndarray | None = None,
    beside: pa.Array | None = None,
    compiled: Plan | None = None,
) -> pa.Table:
    """Replay a share (a part of `Shares.table`) and return its answer by `OUT`. `beside` holds other shares' claims (`CLAIM`)."""
    plan = compiled or compiled_plan(task)
    told = read(rows, task)
    state = State.fresh(plan.names, len(told.members), None if keys is None else keys[told.members])
    log: list[tuple[Claim, Sequence[str]]] = []
    shared = Shared(beside=_beside(beside, told.at), log=log) if plan.has_shared else None
    decided = decide([plan], state, told.events, shared, freeze=False, ordered=task.entries or task.only is not None)
    end = np.full(len(told.members), task.until, np.int32)
    sums = Sums(plan, told, decided)
    columns = [
        sums.table(), _members(plan, state, told, decided, end), _claims(log, told), _entries(told, decided, task),
    ]  # fmt: skip
    return pa.table([row(column) for column in columns], schema=OUT)


def _members(plan: Plan, state: State, told: Rows, decided: Decisions, end: np.ndarray) -> pa.StructArray:
    size, events, moves = len(told.members), told.events, decided.moves
    amount, order = Sums(plan, told, decided).sold()

    groups = np.full(len(EntryKind) + 1, len(_COUNTED), np.int64)
    for group, kinds in enumerate(_COUNTED):
        groups[list(kinds)] = group
    on = (
        np.flatnonzero(moves.points)
        if not moves.unit.any()
        else np.flatnonzero((moves.unit == 0) & (moves.points != 0))
    )
    place = groups.take(moves.kind[on]) * size + events.member.take(moves.event[on])
    kinds_of = len(_COUNTED) + 1
    issued, redeemed, expired, _ = summed(place, moves.points[on], size * kinds_of).reshape(kinds_of, size)
    touch = np.arange(len(events) - size, len(events))
    levels = standing(plan, state, np.arange(size), end).level
    bits = np.zeros(size, np.int64)
    for bit, segment in enumerate(plan.program.segments[:62]):
        bits |= holds(plan, state, np.arange(size), end, segment.condition).astype(np.int64) << bit
    debt = state.counters[:, 0, DEBT]
    return struct(
        MEMBER,
        [
            told.members, summed(events.member, order, size), summed(events.member, amount, size), issued, -redeemed, -expired,
            decided.balances[touch, 0] + debt, decided.pending[touch, 0], debt, levels, bits,
        ],
    )  # fmt: skip


def _claims(log: list[tuple[Claim, Sequence[str]]], told: Rows) -> pa.StructArray:
    parts: list[list[np.ndarray]] = [[] for _ in fields(CLAIM)]
    changed = np.zeros(len(told.events) + 1, np.bool_)
    changed[told.events.origin] = True
    changed[-1] = False
    for claim, words in log:
        size = len(claim.event)
        stores = np.array([*words, ""], object)
        columns = [
            np.full(size, claim.slot), stores[claim.store], claim.stretch, told.at[claim.event], claim.most,
            claim.wanted, claim.given, changed[claim.event],
        ]  # fmt: skip
        for part, column in zip(parts, columns, strict=True):
            part.append(column)
    return struct(CLAIM, [np.concatenate(part) if part else () for part in parts])


def _entries(told: Rows, decided: Decisions, task: Task) -> pa.StructArray:
    if not task.entries and task.only is None:
        return struct(ENTRY, [()] * len(ENTRY))
    moves, events = decided.moves, told.events
    on = np.flatnonzero(moves.points)
    member = told.members[events.member[moves.event]]
    if task.only is not None:
        on = on[member[on] == task.only]
    event = moves.event[on]
    return struct(
        ENTRY,
        [
            told.at[event], member[on], moves.kind[on], moves.unit[on], moves.restriction[on], moves.points[on], moves.expires_on[on],
            moves.release_on[on], moves.rule[on], moves.basis[on], moves.raw[on], moves.cut[on], events.day[event],
            decided.balances[event, 0], decided.level[event],
        ],
    )  # fmt: skip


def compiled_plan(task: Task) -> Plan:
    """Compile the program that a task asks about."""
    return compile_plan(from_published(json.loads(task.program)), 1, Names())


def _beside(claims: pa.Array | None, at: np.ndarray) -> dict[Key, Beside] | None:
    """Return what others use up, by figure, as the share's events meet it."""
    if claims is None or not len(claims):
        return None
    slot, stretch, place, given = (claims.field(name).to_numpy() for name in ("slot", "stretch", "at", "given"))
    store = claims.field("store").to_pylist()
    found: dict[Key, Beside] = {}
    by_key: dict[Key, list[int]] = {}
    for number, key in enumerate(zip(slot.tolist(), store, stretch.tolist(), strict=True)):
        by_key.setdefault(key, []).append(number)
    for key, numbers in by_key.items():
        mine = np.array(numbers)
        mine = mine[np.argsort(place[mine], kind="stable")]
        found[key] = Beside(np.searchsorted(at, place[mine]), np.cumsum(given[mine]))
    return found
