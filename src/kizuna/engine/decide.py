"""What the program decides: a batch of events as columns in, decisions and ledger movements as columns out.

`decide` means exactly: take the events one at a time, in the order of the batch, each by its own plan, each member's
state carried from event to event. It does so in two passes: amounts that need only the event, over the whole batch;
then rounds, where round k decides every member's k-th event at once. `state` is changed in place.

Pure: no clock, no randomness, no I/O. The day of each event is an argument.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from kizuna.core.days import DAY_NEVER
from kizuna.engine.plan import Bools, Days, Ints, Plan, awarded
from kizuna.engine.pockets import Rows, Taken
from kizuna.engine.state import State, add_order
from kizuna.engine.tiers import standing


class EventKind(IntEnum):
    """What the engine can decide about."""

    ORDER = 0
    REDEMPTION = 1


class Refusal(IntEnum):
    """Why an event moved nothing."""

    NONE = 0
    SHORT = 1
    BELOW_MINIMUM = 2
    OFF_STEP = 3


class EntryKind(IntEnum):
    """What an entry did, and so which program account stands on its other side."""

    EARN = 1
    REDEEM = 2
    EXPIRE = 3


@dataclass(frozen=True, slots=True)
class Events:
    """One element per event. `member` is a row of the state, `plan` an index into the plans, `day` the brand's local day.

    `amount` is minor units of an order (0..AMOUNT_MAX), or the points of a redemption (1..AMOUNT_MAX).
    """

    member: Rows
    plan: NDArray[np.int16]
    kind: NDArray[np.int8]
    day: Days
    amount: Ints

    def __len__(self) -> int:
        return len(self.member)


@dataclass(frozen=True, slots=True)
class Moves:
    """Ledger movements, one element each, in the order in which they happened to each member.

    `points` carries its sign. `rule` is the earning rule's index, −1 where none. `basis` is the amount that counted.
    An earning of 0 points stands here too, because it explains itself, but moves nothing.
    `expires_on` is the last day of the lot that an earning made or that lapsed, `DAY_NEVER` otherwise.
    """

    event: Rows
    kind: NDArray[np.int8]
    points: Ints
    expires_on: Ints
    rule: NDArray[np.int16]
    basis: Ints


@dataclass(frozen=True, slots=True)
class Decisions:
    """One element per event, and the movements. `balance`, `level` and `spend` are those right after the event.

    `taken` says from which lots each redemption took (`which` is the event).
    """

    refusal: NDArray[np.int8]
    balance: Ints
    level_before: NDArray[np.int16]
    level: NDArray[np.int16]
    spend: Ints
    moves: Moves
    taken: Taken


def decide(plans: list[Plan], state: State, events: Events) -> Decisions:
    """Decide a batch; see the module's first lines for what that means."""
    run = _Run(plans, state, events)
    for members_events in _rounds(events.member):
        plan_of = events.plan[members_events]
        for plan in np.flatnonzero(np.bincount(plan_of)).tolist():
            run.round(plan, members_events[plan_of == plan])
    return run.result()


def _rounds(member: Rows) -> list[Rows]:
    """Split event indices into rounds: the k-th holds each member's k-th event, in the order of the batch."""
    if len(member) == 0:
        return []
    order = np.argsort(member, kind="stable")
    ordered = member[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    if len(starts) == len(member):
        return [np.arange(len(member))]
    lengths = np.diff(starts, append=len(member))
    rank = np.arange(len(member)) - np.repeat(starts, lengths)
    by_rank = order[np.lexsort((order, rank))]
    return np.split(by_rank, np.cumsum(np.bincount(rank))[:-1])


class _Run:
    """One batch under way: the stateless amounts, the columns being filled, the movements so far."""

    def __init__(self, plans: list[Plan], state: State, events: Events) -> None:
        self._plans, self._state, self._events = plans, state, events
        size = len(events)
        self._refusal = np.zeros(size, np.int8)
        self._balance = np.zeros(size, np.int64)
        self._level_before = np.zeros(size, np.int16)
        self._level = np.zeros(size, np.int16)
        self._spend = np.zeros(size, np.int64)
        self._moves: list[tuple[Rows, Ints, Ints, Ints, Ints, Ints]] = []
        self._taken: list[Taken] = []
        self._awards = [self._amounts(number, plan) for number, plan in enumerate(plans)]

    def _amounts(self, number: int, plan: Plan) -> Ints:
        """Pass one: every rule's points (a row each) for every event of the plan; 0 where the rule does not speak."""
        events = self._events
        concerned = (events.plan == number) & (events.kind == EventKind.ORDER)
        amounts = np.where(concerned, events.amount, 0)
        return awarded(plan, amounts)

    def round(self, number: int, which: Rows) -> None:
        """Pass two: the events `which`, at most one a member, all by plan `number`."""
        plan, state, events = self._plans[number], self._state, self._events
        rows, day = events.member[which], events.day[which]
        self._level_before[which] = standing(plan, state, rows, day).level

        gone = state.pockets.lapse(rows, day)
        if len(gone.which):
            np.add.at(state.counters[:, 2], rows[gone.which], gone.points)
            self._move(which[gone.which], EntryKind.EXPIRE, -gone.points, gone.expires_on)

        orders = events.kind[which] == EventKind.ORDER
        if orders.any():
            self._earn(number, plan, which[orders])
        if not orders.all():
            self._redeem(plan, which[~orders])

        after = standing(plan, state, rows, day)
        self._level[which], self._spend[which] = after.level, after.spend
        self._balance[which] = state.pockets.balance(rows)
        known = state.memory["last_day"]
        known[rows] = np.maximum(known[rows], day)

    def _earn(self, number: int, plan: Plan, which: Rows) -> None:
        rows, day, amount = self._events.member[which], self._events.day[which], self._events.amount[which]
        add_order(self._state, rows, day, amount)
        expires_on = np.minimum(day.astype(np.int64) + plan.lot_days - 1, DAY_NEVER)
        points = self._awards[number][:, which]
        together = points.sum(axis=0)
        some = together > 0
        if some.any():
            self._state.pockets.put(rows[some], expires_on[some], together[some])
            self._state.counters[rows, 0] += together
        rules = len(points)
        rule = np.repeat(np.arange(rules), len(which))
        repeated = [np.tile(column, rules) for column in (which, expires_on, amount)]
        self._move(repeated[0], EntryKind.EARN, points.ravel(), repeated[1], rule, repeated[2])

    def _redeem(self, plan: Plan, which: Rows) -> None:
        rows, points = self._events.member[which], self._events.amount[which]
        refusal = np.select(
            [points < plan.redeem_minimum, points % plan.redeem_step != 0, points > self._state.pockets.balance(rows)],
            [Refusal.BELOW_MINIMUM, Refusal.OFF_STEP, Refusal.SHORT],
            Refusal.NONE,
        )
        self._refusal[which] = refusal
        granted: Bools = refusal == Refusal.NONE
        if granted.any():
            which, rows, points = which[granted], rows[granted], points[granted]
            taken = self._state.pockets.take(rows, points)
            self._taken.append(Taken(which[taken.which], taken.expires_on, taken.points))
            self._state.counters[rows, 1] += points
            self._move(which, EntryKind.REDEEM, -points, np.full(len(which), DAY_NEVER, np.int64))

    def _move(
        self,
        event: Rows,
        kind: EntryKind,
        points: Ints,
        expires_on: Ints,
        rule: Ints | None = None,
        basis: Ints | None = None,
    ) -> None:
        size = len(event)
        rule = np.full(size, -1, np.int64) if rule is None else rule
        basis = np.zeros(size, np.int64) if basis is None else basis
        self._moves.append((event, np.full(size, kind, np.int64), points, expires_on, rule, basis))

    def result(self) -> Decisions:
        """Gather the columns; movements in the order of their events, and within one in the order of their making."""
        event, kind, points, expires_on, rule, basis = _joined(self._moves, 6)
        order = np.argsort(event, kind="stable")
        moves = Moves(
            event=event[order],
            kind=kind[order].astype(np.int8),
            points=points[order],
            expires_on=expires_on[order],
            rule=rule[order].astype(np.int16),
            basis=basis[order],
        )
        which, expires_on, points = _joined([(part.which, part.expires_on, part.points) for part in self._taken], 3)
        order = np.argsort(which, kind="stable")
        taken = Taken(which[order], expires_on[order], points[order])
        return Decisions(self._refusal, self._balance, self._level_before, self._level, self._spend, moves, taken)


def _joined(parts: Sequence[tuple[Ints, ...]], width: int) -> Sequence[Ints]:
    """Join the parts of each of `width` columns."""
    if len(parts) == 1:
        return parts[0]
    return [np.concatenate(column) for column in zip(*parts, strict=True)] or [np.empty(0, np.int64)] * width
