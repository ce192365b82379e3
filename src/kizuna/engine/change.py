"""Changes of orders: returns, cancellations, exchanges, corrections.

An order is decided twice by its own plan and its frozen facts, once with what was kept until now and once with what is kept from
now on; only the difference moves. So changes add up in any order, and a full return nets to zero.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kizuna.engine import tiers
from kizuna.engine.earning import contribution, put, terms
from kizuna.engine.events import EntryKind, Ints, Rows
from kizuna.engine.facts import Frozen
from kizuna.engine.heard import Heard
from kizuna.engine.periods import last_day, stretch_of
from kizuna.engine.plan import LotPlan, Of, Plan, Read, RulePlan, TrackPlan
from kizuna.engine.pockets import Parts, key_of
from kizuna.engine.shared import Claim
from kizuna.engine.state import DEBT, FORGIVEN, REVERSED
from kizuna.engine.step import Given, Result, decide_rules
from kizuna.program import DifferentGoal, PendingDays, TierOnReturn

if TYPE_CHECKING:
    from kizuna.engine.block import Block, Turn


@dataclass(slots=True)
class Twice:
    """Orders decided twice: by the plan `plan` (its number `number`), told by the rows `origin`."""

    number: int
    plan: Plan
    origin: Rows
    day: Ints
    facts: Frozen
    before: Result
    now: Result
    was: Ints
    """1 where something was kept until now."""
    is_: Ints
    """1 where something is kept from now on."""
    amount_before: Ints
    amount_now: Ints


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
            _increase(block, turn.some(on), twice, rule, (now, on), difference[on], twice.day[on])
    for rule, _, now, difference in pairs:
        on = np.flatnonzero(difference < 0)
        if len(on):
            _decrease(block, turn.some(on), twice, rule, (now, on), -difference[on], twice.day[on])
    _claim(block, turn, twice, pairs)
    _correct(block, turn, twice)
    for track in twice.plan.tracks:
        _correct_track(block, turn, twice, track)


def _decide_twice(block: "Block", turn: "Turn", number: int) -> Twice:
    events, run = block.events, block.run
    plan, origin = run.plans[number], events.origin[turn.at]
    before, content = events.before[turn.at], events.content
    kept = []
    for row in origin.tolist():
        facts = block.frozen.get(row)
        if facts is None:
            facts = run.frozen.get(row)
        kept.append(np.frombuffer(events.frozen[row], np.int64) if facts is None else facts)
    facts = Frozen(plan, np.stack(kept))
    every, keys = np.arange(len(origin)), block.state.keys[turn.rows]
    results = [
        decide_rules(plan, Heard(plan, run.book, origin, told, keys, run.calendar), every, facts)
        for told in (before, turn.at)
    ]
    was, is_ = content.exists[before].astype(np.int64), content.exists[turn.at].astype(np.int64)
    amounts = content.amount[before] * was, content.amount[turn.at] * is_
    return Twice(number, plan, origin, events.day[origin].astype(np.int64), facts, *results, was, is_, *amounts)


_Pair = tuple[RulePlan, Given | None, Given | None, Ints]


def _pairs(twice: Twice, size: int) -> list[_Pair]:
    """Return of each rule that a change moves what it gave, what it gives, and the difference by event."""
    before = {given.rule.number: given for given in twice.before.given}
    now = {given.rule.number: given for given in twice.now.given}
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


def _explained(given: tuple[Given | None, Rows], size: int) -> dict[str, Ints]:
    """Return basis, raw and cut of what a rule gives now, 0 where it does not speak any more."""
    told, on = given
    columns = {name: np.zeros(size, np.int64) for name in ("basis", "raw", "cut")}
    if told is not None:
        place = np.full(int(max(told.at.max(initial=0), on.max(initial=0))) + 1, -1, np.intp)
        place[told.at] = np.arange(len(told.at))
        found = place[on]
        there = np.flatnonzero(found >= 0)
        for name, column in columns.items():
            column[there] = getattr(told, name)[found[there]]
    return columns


def _increase(block: "Block", turn: "Turn", twice: Twice, rule: RulePlan, given: tuple[Given | None, Rows], points: Ints, day: Ints) -> None:  # fmt: skip
    """Give what the change adds, as the order's own day would have given it."""
    events, lots = block.events, twice.plan.lots[rule.lots]
    today, order = events.day[turn.at].astype(np.int64), events.order[turn.at]
    release_on, expires_on = terms(lots, day, order, block.run.calendar)
    if isinstance(lots.pending, PendingDays):
        release_on = np.where(release_on <= today, -1, release_on)
    over = (expires_on >= 0) & (expires_on < today)
    expires_on = np.where(over, last_day(lots.expiry, today), expires_on)
    put(block, turn, lots, points, release_on, expires_on)
    waits = release_on >= 0
    explained = _explained(given, len(points))
    for kind, which in ((EntryKind.EARN, np.flatnonzero(~waits)), (EntryKind.PEND, np.flatnonzero(waits))):
        pends = kind is EntryKind.PEND
        block.out.move(
            turn.at[which],
            kind,
            lots.unit,
            points[which],
            restriction=lots.restriction,
            expires_on=expires_on[which],
            release_on=release_on[which] if pends else -1,
            cause=order[which] if pends else 0,
            plan=twice.number,
            rule=rule.number,
            **{name: column[which] for name, column in explained.items()},
        )


def _decrease(block: "Block", turn: "Turn", twice: Twice, rule: RulePlan, given: tuple[Given | None, Rows], points: Ints, day: Ints) -> None:  # fmt: skip
    """Take back what the change undoes: from what waits, from the lot that it made, and then as the program says."""
    events, state, lots = block.events, block.state, twice.plan.lots[rule.lots]
    order = events.order[turn.at]
    release_on, expires_on = terms(lots, day, order, block.run.calendar)
    explained = _explained(given, len(points)) | {"plan": twice.number, "rule": rule.number}
    cancelled = np.zeros(len(points), np.int64)
    if state.waiting and lots.pending is not None:
        cancelled = state.waiting.cancel(
            turn.rows, release_on, order, lots.unit, lots.restriction, expires_on, points
        )
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
            **{name: value[some] if isinstance(value, np.ndarray) else value for name, value in explained.items()},
        )
    rest = points - cancelled
    on = np.flatnonzero(rest)
    if len(on):
        columns = {name: value[on] if isinstance(value, np.ndarray) else value for name, value in explained.items()}
        _reverse(block, turn.some(on), lots, rest[on], expires_on[on], columns)


def _reverse(block: "Block", turn: "Turn", lots: LotPlan, points: Ints, expires_on: Ints, explained: dict[str, object]) -> None:  # fmt: skip
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
        **explained,  # type: ignore[arg-type] - basis, raw, cut, plan and rule
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
            **{name: value[which] if isinstance(value, np.ndarray) else value for name, value in explained.items()},  # type: ignore[arg-type] - as above
        )
        if kind is EntryKind.COLLECT:
            block.run.collect[turn.at[which]] += missing[which]
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


def _correct(block: "Block", turn: "Turn", twice: Twice) -> None:
    """Correct what is remembered of the order."""
    state, rows, size = block.state, turn.rows, len(turn.at)
    sums: dict[tuple[int, object], Ints] = {}
    for result, sign in ((twice.before, -1), (twice.now, 1)):
        for slot, within, at, amount, rule in result.adds:
            if not rule.keeps:
                total = sums.setdefault((slot, within), np.zeros(size, np.int64))
                np.add.at(total, at, sign * amount)
    for (slot, within), difference in sums.items():
        state.slot(slot).correct(rows, stretch_of(within, twice.day), difference)  # type: ignore[arg-type] - Within
    head = state.head
    head["orders"][rows] = np.maximum(0, head["orders"][rows] + twice.is_ - twice.was)
    head["spend"][rows] = np.maximum(0, head["spend"][rows] + twice.amount_now - twice.amount_before)
    last = twice.facts.column(twice.plan.read_of[Read(Of.HEAD, "last_order")])
    made = np.maximum(last, twice.day)
    had, has = np.where(twice.was, made, last), np.where(twice.is_, made, last)
    head["last_order"][rows] = np.where(head["last_order"][rows] == had, has, head["last_order"][rows])
    for rule in twice.plan.rules:
        if rule.aim is not None and rule.aim.paid_slot < 0 and not rule.keeps:
            _correct_goal(block, turn, twice, rule)


def _correct_goal(block: "Block", turn: "Turn", twice: Twice, rule: RulePlan) -> None:
    """Set a streak, or the things that came together, to what the kept part makes of them, where nothing has happened since."""
    aim = rule.aim
    assert aim is not None  # noqa: S101 - the caller asked
    count = aim.goal.different if isinstance(aim.goal, DifferentGoal) else 1
    slot, read_of, facts = aim.slot, twice.plan.read_of, twice.facts
    if isinstance(aim.goal, DifferentGoal):
        reads = [(Read(Of.THING_DAY, str(cell), slot), Read(Of.THING, str(cell), slot)) for cell in range(count)]
    else:
        reads = [(Read(Of.FIRST_STRETCH, number=slot), Read(Of.FIRST_VALUE, number=slot))]
    made = []
    for result in (twice.before, twice.now):
        days = np.stack([facts.column(read_of[day]) for day, _ in reads], axis=1)
        values = np.stack([facts.column(read_of[value]) for _, value in reads], axis=1)
        for other, at, pursuit in result.pursuits:
            if other is rule and pursuit.days is not None and pursuit.values is not None and pursuit.changed is not None:
                on = np.flatnonzero(pursuit.changed)
                days[at[on]], values[at[on]] = pursuit.days[on], pursuit.values[on]
        made.append((days, values))
    (had_days, had), (has_days, has) = made
    cells, rows = block.state.slot(slot), turn.rows
    same = ((cells.stretch[:, rows].T == had_days) & (cells.value[:, rows].T == had)).all(axis=1)
    on = np.flatnonzero(same)
    cells.stretch[:, rows[on]], cells.value[:, rows[on]] = has_days[on].T, has[on].T


def _correct_track(block: "Block", turn: "Turn", twice: Twice, track: TrackPlan) -> None:
    state, rows, facts = block.state, turn.rows, twice.facts
    more = [
        contribution(track, result, amount, exists > 0)
        for result, amount, exists in (
            (twice.before, twice.amount_before, twice.was),
            (twice.now, twice.amount_now, twice.is_),
        )
    ]
    if track.tiers.by == "points":  # a goal that returns leave alone counts as before
        for given, sign in ((twice.before.given, 1), (twice.now.given, -1)):
            for one in given:
                if one.rule.keeps and one.rule.unit == track.unit:
                    more[1][one.at] += sign * one.points
    tiers.correct(track, state, rows, twice.day, more[1] - more[0])
    if track.tiers.on_return is TierOnReturn.KEEP:
        return
    level, until = track.level(facts.column(track.rung_read)), facts.column(track.until_read)
    value = facts.column(track.figure_read)
    last_day = facts.column(twice.plan.read_of[Read(Of.HEAD, "last_day")])
    made = []
    for amount, exists in zip(more, (twice.was, twice.is_), strict=True):
        new_level, new_until = tiers.raised(track, level, until, value + amount, twice.day, last_day)
        there = exists > 0
        made.append((np.where(there, new_level, level), np.where(there, new_until, until)))
    (had, had_until), (has, has_until) = made
    cells = state.slot(track.standing_slot)
    now_until, number = cells.first(rows)
    on = np.flatnonzero((now_until == had_until) & (number == track.name_of[had]))
    cells.put_first(rows[on], has_until[on], track.name_of[has[on]])
