"""Changes of orders: returns, cancellations, exchanges, corrections.

An order is decided twice by its own plan and its frozen facts, once with what was kept until now and once with what is kept from
now on; only the difference moves. So changes add up in any order, and a full return nets to zero.
"""

from typing import TYPE_CHECKING

import numpy as np

from kizuna.engine.correct import Twice, correct
from kizuna.engine.earning import put, tell_given, terms
from kizuna.engine.events import EntryKind, Ints, Rows, picked
from kizuna.engine.facts import Frozen
from kizuna.engine.heard import Heard
from kizuna.engine.out import Source
from kizuna.engine.periods import last_day, stretch_of
from kizuna.engine.plan import LotPlan, RulePlan
from kizuna.engine.pockets import Parts, key_of
from kizuna.engine.shared import Claim
from kizuna.engine.state import DEBT, FORGIVEN, REVERSED
from kizuna.engine.step import Given, decide_rules
from kizuna.engine.waiting import Key
from kizuna.program import PendingDays

if TYPE_CHECKING:
    from kizuna.engine.block import Block
    from kizuna.engine.turn import Turn


def change(block: "Block", turn: "Turn") -> None:
    """Decide changes, at most one a member."""
    plan_of = block.events.plan[block.events.origin[turn.at]]
    for number in np.unique(plan_of).tolist():
        _change(block, turn.some(np.flatnonzero(plan_of == number)), number)


def _change(block: "Block", turn: "Turn", number: int) -> None:
    twice = _decide_twice(block, turn, number)
    pairs = _pairs(twice, len(turn.at))
    for rule, _, now, difference in pairs:
        on = np.flatnonzero(difference > 0)
        if len(on):
            _increase(
                block,
                turn.some(on),
                twice.plan.lots[rule.lots],
                _source(twice, rule, now, on),
                difference[on],
                twice.day[on],
            )
    for rule, _, now, difference in pairs:
        on = np.flatnonzero(difference < 0)
        if len(on):
            _decrease(
                block,
                turn.some(on),
                twice.plan.lots[rule.lots],
                _source(twice, rule, now, on),
                -difference[on],
                twice.day[on],
            )
    _claim(block, turn, twice, pairs)
    correct(block, turn, twice)


def _decide_twice(block: "Block", turn: "Turn", number: int) -> Twice:
    events, run = block.events, block.run
    plan, origin = run.plans[number], events.origin[turn.at]
    before, content = events.before[turn.at], events.content
    kept = []
    for row in origin.tolist():
        known = block.frozen.get(row, run.frozen.get(row))
        kept.append(np.frombuffer(events.frozen[row], np.int64) if known is None else known)
    facts = Frozen(plan, np.stack(kept))
    every, keys = np.arange(len(origin)), block.state.keys[turn.rows]
    was_told, is_told = (
        decide_rules(plan, Heard(plan, run.book, origin, told, keys, run.calendar), every, facts)
        for told in (before, turn.at)
    )
    was, is_ = content.exists[before].astype(np.int64), content.exists[turn.at].astype(np.int64)
    return Twice(
        number=number,
        plan=plan,
        origin=origin,
        day=events.day[origin].astype(np.int64),
        facts=facts,
        before=was_told,
        now=is_told,
        was=was,
        is_=is_,
        amount_before=content.amount[before] * was,
        amount_now=content.amount[turn.at] * is_,
    )


_Pair = tuple[RulePlan, Given | None, Given | None, Ints]


def _pairs(twice: Twice, size: int) -> list[_Pair]:
    """Return of each rule that a change moves what it gave, what it gives, and the difference by event."""
    before = {given.rule.number: given for given in twice.before.by_rule()}
    now = {given.rule.number: given for given in twice.now.by_rule()}
    pairs: list[_Pair] = []
    for number in sorted({*before, *now}):
        rule = twice.plan.rules[number]
        if rule.keeps:
            continue
        difference = np.zeros(size, np.int64)
        for given, sign in ((before.get(number), -1), (now.get(number), 1)):
            if given is not None:
                difference[given.at] += sign * given.points
        pairs.append((rule, before.get(number), now.get(number), difference))
    return pairs


def _source(twice: Twice, rule: RulePlan, given: Given | None, on: Rows) -> Source:
    """Return what a rule gives now on the events `on` as the source of what moves; zeros where it does not speak any more."""
    columns = [np.zeros(len(twice.day), np.int64) for _ in range(3)]
    if given is not None:
        for column, told in zip(columns, (given.basis, given.raw, given.cut), strict=True):
            column[given.at] = told
    return Source(twice.number, rule.number, *columns).some(on)


def _increase(block: "Block", turn: "Turn", lots: LotPlan, source: Source, points: Ints, day: Ints) -> None:
    """Give what the change adds, as the order's own day would have given it."""
    events = block.events
    today, order = events.day[turn.at].astype(np.int64), events.order[turn.at]
    release_on, expires_on = terms(lots, day, order, block.run.calendar)
    if isinstance(lots.pending, PendingDays):
        release_on = np.where(release_on <= today, -1, release_on)
    over = (expires_on >= 0) & (expires_on < today)
    expires_on = np.where(over, last_day(lots.expiry, today), expires_on)
    put(block, turn, lots, points, release_on, expires_on)
    tell_given(block, turn.at, lots, points, release_on, expires_on, source)


def _decrease(block: "Block", turn: "Turn", lots: LotPlan, source: Source, points: Ints, day: Ints) -> None:
    """Take back what the change undoes: from what waits, from the lot that it made, and then as the program says."""
    state, order = block.state, block.events.order[turn.at]
    release_on, expires_on = terms(lots, day, order, block.run.calendar)
    cancelled = np.zeros(len(points), np.int64)
    if state.waiting and lots.pending is not None:
        key = Key(release_on, order, lots.unit, lots.restriction, expires_on)
        cancelled = state.waiting.cancel(turn.rows, key, points)
        some = np.flatnonzero(cancelled)
        block.out.move(
            turn.at[some],
            EntryKind.CANCEL,
            lots.unit,
            -cancelled[some],
            restriction=lots.restriction,
            expires_on=expires_on[some],
            release_on=release_on[some],
            cause=order[some],
            source=source.some(some),
        )
    rest = points - cancelled
    on = np.flatnonzero(rest)
    if len(on):
        _reverse(block, turn.some(on), lots, source.some(on), rest[on], expires_on[on])


def _reverse(block: "Block", turn: "Turn", lots: LotPlan, source: Source, points: Ints, expires_on: Ints) -> None:
    state, pocket, rows, unit = block.state, block.state.pockets[lots.unit], turn.rows, lots.unit
    today, policy = block.events.day[turn.at].astype(np.int64), turn.plan.program.returns.spent
    known = expires_on >= 0
    parts: list[Parts] = []
    missing = points.copy()

    def took(which: Rows, part: Parts) -> None:
        part.which = which[part.which]
        np.subtract.at(missing, part.which, part.points)
        parts.append(part)

    which = np.flatnonzero(known)
    if len(which):
        took(which, pocket.take_lot(rows[which], key_of(expires_on[which], lots.restriction), points[which]))
    which = np.flatnonzero(~known)
    if len(which):
        same = np.zeros((1, max(lots.restriction, len(turn.plan.names.purposes)) + 1), np.bool_)
        same[0, lots.restriction] = True
        took(which, pocket.take(rows[which], points[which], same))
    lapsed = known & (expires_on < today)
    if policy == "other_points":
        which = np.flatnonzero((missing > 0) & ~lapsed)
        if len(which):
            took(which, pocket.take(rows[which], missing[which]))
    taken = Parts(
        np.concatenate([part.which for part in parts]),
        np.concatenate([part.key for part in parts]),
        np.concatenate([part.points for part in parts]),
    )
    state.counters[rows, unit, REVERSED] += points
    block.out.move(
        turn.at,
        EntryKind.REVERSE,
        unit,
        -points,
        restriction=lots.restriction,
        expires_on=expires_on,
        taken=taken,
        source=source,
    )
    forgiven = lapsed | (policy == "write_off")
    asked = ~forgiven & (policy == "ask_for_payment")
    for kind, who in ((EntryKind.FORGIVE, forgiven), (EntryKind.COLLECT, asked)):
        which = np.flatnonzero(who & (missing > 0))
        state.counters[rows[which], unit, FORGIVEN] += missing[which]
        block.out.move(
            turn.at[which],
            kind,
            unit,
            missing[which],
            source=source.some(which),
        )
        if kind is EntryKind.COLLECT:
            block.answer.collect[picked(turn.pos, which)] += missing[which]
    state.counters[rows, unit, DEBT] += np.where(forgiven | asked, 0, missing)


def _claim(block: "Block", turn: "Turn", twice: Twice, pairs: list[_Pair]) -> None:
    """Count what a change adds to figures that members share."""
    events = block.events
    for rule, before, now, difference in pairs:
        for counter in rule.counters:
            if not counter.is_shared:
                continue
            more = difference
            if counter.is_times:
                more = np.zeros(len(difference), np.int64)
                for given, sign in ((before, -1), (now, 1)):
                    if given is not None:
                        more[given.at] += sign * (given.points > 0)
            on = np.flatnonzero(more > 0)
            by_store = twice.plan.reads[counter.read].by_store
            told = twice.origin[on]
            block.claims.append(
                Claim(
                    event=turn.at[on],
                    slot=counter.slot,
                    store=events.store.codes[told].astype(np.int64) if by_store else np.full(len(on), -1, np.int64),
                    stretch=stretch_of(counter.within, twice.day[on]),
                    most=np.full(len(on), counter.most, np.int64),
                    wanted=np.zeros(len(on), np.int64),
                    given=more[on],
                )
            )
