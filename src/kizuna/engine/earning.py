"""What orders and actions earn: decided by the rules, given as lots or left waiting, and remembered."""

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kizuna.core.days import DAY_CLOSED, DAY_DELIVERED
from kizuna.engine import tiers
from kizuna.engine.calendar import Calendar
from kizuna.engine.events import Bools, Days, EntryKind, EventKind, Ints, Rows
from kizuna.engine.facts import Facts, Frozen, Live, member_column
from kizuna.engine.goals import Pursuit
from kizuna.engine.heard import FEW
from kizuna.engine.lots import open_lots
from kizuna.engine.out import Source
from kizuna.engine.periods import last_day
from kizuna.engine.plan import LotPlan, RulePlan, TrackPlan
from kizuna.engine.pockets import key_of
from kizuna.engine.shared import Claim
from kizuna.engine.state import NO_DAY
from kizuna.engine.step import Given, Result, decide_rules
from kizuna.engine.waiting import Key
from kizuna.program import ORDER_DELIVERED, PendingDays

if TYPE_CHECKING:
    from kizuna.engine.block import Block, Turn


class Earning(NamedTuple):
    """Events that may earn, in their block."""

    block: "Block"
    turn: "Turn"


def earn(earning: Earning) -> None:
    """Decide the events, give what they earn, and remember them."""
    block, turn = earning
    facts = Live(turn.plan, block.state, block.events, turn.at, turn.rows, block.run.shared, block.run.calendar)
    kept = block.run.wanted[turn.at].nonzero()[0]
    known: Facts = facts
    if len(kept) or len(turn.at) <= FEW:  # quicker all at once than one by one
        matrix = facts.freeze()
        known = Frozen(turn.plan, matrix)
        block.frozen.update(zip(turn.at[kept].tolist(), matrix[kept], strict=True))
    result = decide_rules(turn.plan, turn.heard, turn.places, known)
    if turn.plan.qualifies is not None:
        _qualify(block, turn, known)
    for number, lots in enumerate(turn.plan.lots):
        mine = [given for given in result.given if given.rule.lots == number]
        if mine:
            _give(block, turn, lots, mine)
    _remember(block, turn, result)


def terms(lots: LotPlan, day: Days | Ints, order: np.ndarray, calendar: Calendar) -> tuple[Ints, Ints]:
    """Return for points earned on `day` by events of `order` when they are released (−1: at once) and the last day of their lot."""
    day = day.astype(np.int64)
    if lots.pending is None:
        return np.full(len(day), -1, np.int64), calendar.last_day(lots.expiry, day)
    if isinstance(lots.pending, PendingDays):
        release_on = day + lots.pending.days
        return release_on, last_day(lots.expiry, release_on) if lots.from_release else calendar.last_day(
            lots.expiry, day
        )
    until = DAY_DELIVERED if lots.pending.until == ORDER_DELIVERED else DAY_CLOSED
    waits = order != 0
    expires_on = calendar.last_day(lots.expiry, day)
    if lots.from_release:
        expires_on = np.where(waits, -1, expires_on)
    return np.where(waits, until, -1), expires_on


def _give(block: "Block", turn: "Turn", lots: LotPlan, mine: list[Given]) -> None:
    """Give what some rules with the same lot terms give."""
    day, order = block.events.day[turn.at], block.events.order[turn.at]
    total = np.zeros(len(turn.at), np.int64)
    for given in mine:
        total[given.at] += given.points
    release_on, expires_on = terms(lots, day, order, block.run.calendar)
    put(block, turn, lots, total, release_on, expires_on)
    for given in mine:
        at, source = given.at, Source(turn.number, given.rule.number, given.basis, given.raw, given.cut)
        tell_given(block, turn.some(at), lots, given.points, release_on[at], expires_on[at], source)


def tell_given(
    block: "Block", turn: "Turn", lots: LotPlan, points: Ints, release_on: Ints, expires_on: Ints, source: Source
) -> None:
    """Note what each of the turn's members is given: EARN, or PEND where it waits."""
    waits, order = (release_on >= 0) & (points > 0), block.events.order[turn.at]
    for kind, which in ((EntryKind.EARN, (~waits).nonzero()[0]), (EntryKind.PEND, waits.nonzero()[0])):
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
            source=source.some(which),
        )


def put(block: "Block", turn: "Turn", lots: LotPlan, points: Ints, release_on: Ints, expires_on: Ints) -> None:
    """Give `points` to each of the turn's members: as a lot, or waiting where `release_on` is a day."""
    waits = release_on >= 0
    now = ((points > 0) & ~waits).nonzero()[0]
    if len(now):
        open_lots(block.state, lots.unit, turn.rows[now], key_of(expires_on[now], lots.restriction), points[now])
    later = ((points > 0) & waits).nonzero()[0]
    if len(later):
        cause = block.events.order[turn.at[later]]
        key = Key(release_on[later], cause, lots.unit, lots.restriction, expires_on[later])
        block.state.waiting.add(turn.rows[later], key, points[later])


def _remember(block: "Block", turn: "Turn", result: Result) -> None:
    events, state, rows, calendar = block.events, block.state, turn.rows, block.run.calendar
    day = events.day[turn.at].astype(np.int64)
    for slot, within, at, amount, _ in result.adds:
        state.slot(slot).add(rows[at], calendar.stretch(within, day[at]), amount)
    for rule, at, pursuit in result.pursuits:
        pursued(block, rows[at], rule, pursuit)
    claim(block, turn, result)
    is_order = (events.kind[turn.at] == EventKind.ORDER) & events.content.exists[turn.at]
    order = is_order.nonzero()[0]
    amount = events.content.amount[turn.at[order]]
    head = state.head
    head["orders"][rows[order]] += 1
    head["spend"][rows[order]] += amount
    head["last_order"][rows[order]] = np.maximum(head["last_order"][rows[order]], day[order])
    for track in turn.plan.tracks:
        more = contribution(
            track,
            result,
            events.content.amount[turn.at],
            is_order,
        )
        some = more.nonzero()[0]
        if len(some):
            tiers.count(track, state, rows[some], day[some], more[some], calendar)


def pursued(block: "Block", rows: Rows, rule: RulePlan, pursuit: Pursuit) -> None:
    """Write the cells of a goal that is no sum."""
    if pursuit.days is None or pursuit.values is None or pursuit.changed is None or rule.aim is None:
        return
    on = pursuit.changed.nonzero()[0]
    cells = block.state.slot(rule.aim.slot)
    cells.stretch[:, rows[on]], cells.value[:, rows[on]] = pursuit.days[on].T, pursuit.values[on].T


def contribution(track: TrackPlan, result: Result, amount: Ints, is_order: Bools) -> Ints:
    """Return what each event adds to a track's figure."""
    if track.tiers.by == "spend":
        return np.where(is_order, amount, 0)
    if track.tiers.by == "visits":
        return is_order.astype(np.int64)
    total = np.zeros(len(amount), np.int64)
    for given in result.given:
        if given.rule.unit == track.unit:
            total[given.at] += given.points
    return total


def claim(block: "Block", turn: "Turn", result: Result) -> None:
    """Note what was wanted and given of figures that members share."""
    events = block.events
    for given in result.given:
        for place, wanted in given.wanted.items():
            on = wanted.nonzero()[0]
            if not len(on):
                continue
            counter, at = given.rule.counters[place], turn.at[given.at[on]]
            points = given.points[on]
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
    day = block.events.day[turn.at].astype(np.int64)
    joined = head["joined"][turn.rows].astype(np.int64)
    open_ = (head["referred"][turn.rows] > 0) & (cells.value[0, turn.rows] == 0) & (joined != NO_DAY)
    which = (on[turn.places] & open_ & (day - joined < days)).nonzero()[0]
    for kernel in (now, later):
        if kernel is not None and len(which):
            asked = heard.asked(turn.places[which])
            some = facts.some(which)
            asked.know(partial(member_column, some))
            which = which[kernel(asked)]
    if len(which):
        block.run.qualified[turn.at[which]] = True
        cells.put_first(turn.rows[which], np.zeros(len(which), np.int64), np.ones(len(which), np.int64))
