"""What orders and actions earn: decided by the rules, given as lots or left waiting, and remembered."""

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kizuna.core.days import DAY_CLOSED, DAY_DELIVERED
from kizuna.engine import tiers
from kizuna.engine.calendar import Calendar
from kizuna.engine.events import Bools, EntryKind, Ints, Rows, picked
from kizuna.engine.facts import FEW, Facts, Frozen, Live, member_column
from kizuna.engine.goals import Add, Pursuit
from kizuna.engine.lots import open_lots
from kizuna.engine.out import Source
from kizuna.engine.periods import PLACE, last_day
from kizuna.engine.plan import LotPlan, TrackPlan
from kizuna.engine.pockets import key_of
from kizuna.engine.shared import Claim
from kizuna.engine.state import NO_DAY
from kizuna.engine.step import Result, decide_rules
from kizuna.engine.waiting import Key
from kizuna.program import ORDER_DELIVERED, PendingDays

if TYPE_CHECKING:
    from kizuna.engine.block import Block
    from kizuna.engine.turn import Turn


class Earning(NamedTuple):
    """Events that may earn, in their block."""

    block: "Block"
    turn: "Turn"


def earn(earning: Earning) -> None:
    """Decide the events, give what they earn, and remember them."""
    block, turn = earning
    facts = Live(turn.plan, block.state, block.events, turn.at, turn.lane, block.run.shared, block.run.calendar)
    kept = block.kept(turn)
    known: Facts = facts
    if len(kept):
        matrix = facts.freeze()
        block.frozen.update(zip(turn.at[kept].tolist(), matrix[kept], strict=True))
        known = Frozen(turn.plan, matrix) if len(kept) == len(turn.at) else facts
    result = decide_rules(turn.plan, turn.heard, turn.places, known)
    if turn.plan.qualifies is not None:
        _qualify(block, turn, known)
    pairs = result.pairs
    lots_of = turn.plan.table.lots[pairs.rules]
    numbers = sorted(set(lots_of.tolist()))
    for number in numbers:
        which = None if len(numbers) == 1 else (lots_of == number).repeat(pairs.length).nonzero()[0]
        _give(block, turn, turn.plan.lots[number], result, which)
    _remember(block, turn, result)


def terms(lots: LotPlan, day: Ints, order: np.ndarray, calendar: Calendar) -> tuple[Ints, Ints]:
    """Return for points earned on `day` by events of `order` when they are released (−1: at once) and the last day of their lot."""
    if lots.pending is None:
        return np.full(len(day), -1, np.int64), calendar.last_day(lots.expiry, lots.term, day)
    if isinstance(lots.pending, PendingDays):
        release_on = day + lots.pending.days
        return release_on, last_day(lots.expiry, release_on) if lots.from_release else calendar.last_day(
            lots.expiry, lots.term, day
        )
    until = DAY_DELIVERED if lots.pending.until == ORDER_DELIVERED else DAY_CLOSED
    waits = order != 0
    expires_on = calendar.last_day(lots.expiry, lots.term, day)
    if lots.from_release:
        expires_on = np.where(waits, -1, expires_on)
    return np.where(waits, until, -1), expires_on


def _give(block: "Block", turn: "Turn", lots: LotPlan, result: Result, which: Rows | None) -> None:
    """Give what rules with the same lot terms give: the pairs `which`, or all."""
    at, points, rule = result.pairs.at, result.points, result.pairs.each(np.arange(len(turn.plan.rules)))
    source = Source(turn.number, rule, result.basis, result.raw, result.cut)
    if which is not None:
        at, points, source = at[which], points[which], source.some(which)
    total = np.zeros(len(turn.at), np.int64)
    np.add.at(total, at, points)
    release_on, expires_on = terms(lots, turn.day, block.events.order[turn.at], block.run.calendar)
    put(block, turn, lots, total, release_on, expires_on)
    tell_given(block, turn.at[at], lots, points, release_on[at], expires_on[at], source)


def tell_given(
    block: "Block", event: Rows, lots: LotPlan, points: Ints, release_on: Ints, expires_on: Ints, source: Source
) -> None:
    """Note what is given by each of the events: EARN, or PEND where it waits."""
    kind: Ints | int = EntryKind.EARN
    cause: np.ndarray | int = 0
    if lots.pending is not None:
        waits = (release_on >= 0) & (points > 0)
        kind = np.where(waits, EntryKind.PEND, EntryKind.EARN)
        release_on, cause = np.where(waits, release_on, -1), np.where(waits, block.events.order[event], 0)
    block.out.move(
        event,
        kind,
        lots.unit,
        points,
        restriction=lots.restriction,
        expires_on=expires_on,
        release_on=release_on,
        cause=cause,
        source=source,
    )


def put(block: "Block", turn: "Turn", lots: LotPlan, points: Ints, release_on: Ints, expires_on: Ints) -> None:
    """Give `points` to each of the turn's members: as a lot, or waiting where `release_on` is a day."""
    waits = release_on >= 0
    now = ((points > 0) & ~waits).nonzero()[0]
    if len(now):
        open_lots(
            block.state, lots.unit, picked(turn.lane, now), key_of(expires_on[now], lots.restriction), points[now]
        )
    later = ((points > 0) & waits).nonzero()[0]
    if len(later):
        cause = block.events.order[turn.at[later]]
        key = Key(release_on[later], cause, lots.unit, lots.restriction, expires_on[later])
        block.state.waiting.add(picked(turn.lane, later), key, points[later])


def _remember(block: "Block", turn: "Turn", result: Result) -> None:
    state, day = block.state, turn.day
    _count(block, turn, result.adds)
    for pursuit in result.pursuits:
        pursued(block, turn, pursuit)
    claim(block, turn, result)
    is_order, order, lane, amount = None, turn, turn.lane, block.amount[turn.pos]
    if not block.all_orders:
        is_order = block.is_order[turn.pos]
        order = turn.some(is_order.nonzero()[0])
        lane, day = order.lane, order.day
    head = state.head
    head["orders"][lane] += 1
    head["spend"][lane] += block.amount[order.pos]
    head["last_order"][lane] = np.maximum(head["last_order"][lane], day)
    for track in turn.plan.tracks:
        more = contribution(track, result, amount, is_order)
        some = more.nonzero()[0]
        if len(some) == len(more):
            tiers.count(track, state, turn.lane, turn.day, more, block.run.calendar)
        elif len(some):
            tiers.count(track, state, picked(turn.lane, some), turn.day[some], more[some], block.run.calendar)


def _count(block: "Block", turn: "Turn", adds: list[Add]) -> None:
    """Count what adds up: all at once where that is quicker."""
    memory, calendar, size = block.state.memory, block.run.calendar, len(turn.at)
    if sum(len(add[2]) for add in adds) <= FEW * len(adds) and len({add[0] for add in adds}) == len(adds):
        if not adds:
            return
        memory.grow()
        names, length = block.state.names, [len(add[2]) for add in adds]
        where = np.array([(names.starts[slot], names.cells[slot], PLACE[within]) for slot, within, *_ in adds])
        at, amount = np.concatenate([add[2] for add in adds]), np.concatenate([add[3] for add in adds])
        on = amount.nonzero()[0]
        start, count, within = np.repeat(where, length, axis=0)[on].T
        at = at[on]
        stretch = calendar.stretches(within, turn.day[at])
        memory.add(start, count, stretch, picked(turn.lane, at), amount[on])
        return
    for slot, within, at, amount, _ in adds:
        on = amount.nonzero()[0]
        if len(on) == size:
            memory[slot].add(turn.lane, calendar.stretch(within, turn.day), amount)
        elif len(on):
            some = at[on]
            memory[slot].add(picked(turn.lane, some), calendar.stretch(within, turn.day[some]), amount[on])


def pursued(block: "Block", turn: "Turn", pursuit: Pursuit) -> None:
    """Write the cells of a goal that is no sum."""
    assert pursuit.rule.aim is not None  # noqa: S101 - it was pursued
    on = pursuit.changed.nonzero()[0]
    if not len(on):
        return
    rows = picked(turn.lane, pursuit.at[on])
    cells = block.state.slot(pursuit.rule.aim.slot)
    cells.stretch[:, rows], cells.value[:, rows] = pursuit.days[on].T, pursuit.values[on].T


def contribution(track: TrackPlan, result: Result, amount: Ints, is_order: Bools | None) -> Ints:
    """Return what each event adds to a track's figure; `is_order` says which are orders that exist, None: all."""
    if track.tiers.by == "spend":
        return amount if is_order is None else np.where(is_order, amount, 0)
    if track.tiers.by == "visits":
        return np.ones(len(amount), np.int64) if is_order is None else is_order.astype(np.int64)
    total = np.zeros(len(amount), np.int64)
    mine = result.pairs.each(result.plan.table.unit) == track.unit
    np.add.at(total, result.pairs.at[mine], result.points[mine])
    return total


def claim(block: "Block", turn: "Turn", result: Result) -> None:
    """Note what was wanted and given of figures that members share."""
    events = block.events
    for number, place, told, wanted, part in result.wanted:
        on = wanted.nonzero()[0]
        if not len(on):
            continue
        counter, at = turn.plan.rules[number].counters[place], turn.at[told[on]]
        points = result.points[part][on]
        by_store = turn.plan.reads[counter.read].by_store
        block.claims.append(
            Claim(
                event=at,
                slot=counter.slot,
                store=events.store.codes[at].astype(np.int64) if by_store else np.full(len(at), -1, np.int64),
                stretch=block.run.calendar.stretch(counter.within, events.day[at]),
                most=np.full(len(at), counter.most, np.int64),
                wanted=wanted[on],
                given=(points > 0).astype(np.int64) if counter.is_times else points,
            )
        )


def _qualify(block: "Block", turn: "Turn", facts: Facts) -> None:
    """Find the event by which a referred member counts as brought."""
    assert turn.plan.qualifies is not None  # noqa: S101 - the caller asked
    name, now, later, days, slot = turn.plan.qualifies
    heard = turn.heard
    on = heard.of_type(name)
    if on is None:
        return
    cells, head = block.state.slot(slot), block.state.head
    joined = head["joined"][turn.lane].astype(np.int64)
    open_ = (head["referred"][turn.lane] > 0) & (cells.value[0, turn.lane] == 0) & (joined != NO_DAY)
    ready = on[turn.places] & open_ & (turn.day - joined < days)
    if not np.count_nonzero(ready):
        return
    asked = heard.asked(turn.places, partial(member_column, facts))
    for kernel in (now, later):
        if kernel is not None:
            ready = ready & kernel(asked)
    some = turn.some(ready.nonzero()[0])
    if len(some.at):
        block.answer.qualified[some.pos] = True
        cells.put_first(some.lane, np.zeros(len(some.at), np.int64), np.ones(len(some.at), np.int64))
