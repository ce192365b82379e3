"""A block: some events of a batch decided in rounds, on a copy of their members' state that is written back when it is accepted.

Members are put in the order of how many events they have, so that round k concerns the first n of them, and their k-th events lie
side by side.
"""

from typing import TYPE_CHECKING

import numpy as np

from kizuna.core.days import DAY_CLOSED, DAY_DELIVERED
from kizuna.engine import tiers
from kizuna.engine.change import change
from kizuna.engine.earning import Earning, earn
from kizuna.engine.events import Coded, EntryKind, EventKind, Ints, Refusal, Rows, picked
from kizuna.engine.facts import stage
from kizuna.engine.heard import Heard
from kizuna.engine.lots import open_lots
from kizuna.engine.out import Out
from kizuna.engine.periods import last_day, stretch_of
from kizuna.engine.plan import Of
from kizuna.engine.pockets import key_of
from kizuna.engine.shared import Claim
from kizuna.engine.spending import spend
from kizuna.engine.state import DEBT, LAPSED, NO_DAY
from kizuna.engine.turn import Answer, Turn
from kizuna.program import ORDER_DELIVERED, RETURN_WINDOW_CLOSED, Expiry

if TYPE_CHECKING:
    from kizuna.engine.decide import Run


_NONE = np.empty(0, np.intp)


def _short(numbers: np.ndarray) -> np.ndarray:
    """Return small numbers in two bytes, which sort in one pass."""
    return numbers.astype(np.uint16) if len(numbers) and numbers.max() < 1 << 16 else numbers


class Block:
    """Events decided together. Where members share figures (`shares`), nothing outside changes before `accept`.

    The columns of the answer stand here in the order of the block.
    """

    def __init__(self, run: "Run", which: Rows, *, shares: bool = False) -> None:
        self.run, self.events, self.shares = run, run.events, shares
        self.out = Out()
        self.claims: list[Claim] = []
        self.frozen: dict[int, np.ndarray] = {}
        self._arrange(which)
        self._open()
        self._decide()

    def _arrange(self, which: Rows) -> None:
        """Put members in the order of their numbers of events, and events in that of their rounds."""
        member = self.events.member[which]
        if len(which) == 1:
            self.members, self.order, self.starts, self.sizes = member, which, [0], [1]
            return
        low = int(member.min())
        counts = np.bincount(member - low)
        present = counts.nonzero()[0]
        fewest = counts[present].max() - counts[present]
        ranked = present[np.argsort(_short(fewest), kind="stable")]
        self.members = ranked + low
        local = np.empty(len(counts), np.intp)
        local[ranked] = np.arange(len(ranked))
        mine = local[member - low]
        counts = counts[ranked]
        sizes = np.bincount(counts)[::-1].cumsum()[::-1][1:]  # how many members have more than k events
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        if len(sizes) == 1:
            place = mine
        else:
            by_member = np.argsort(_short(mine), kind="stable")
            firsts = np.cumsum(counts) - counts
            rank = np.arange(len(which)) - np.repeat(firsts, counts)
            place = np.empty(len(which), np.intp)
            place[by_member] = starts[rank] + mine[by_member]
        self.order = np.empty(len(which), np.intp)
        self.order[place] = which
        self.starts, self.sizes = starts.tolist(), sizes.tolist()

    def _open(self) -> None:
        """Take the members' state, and lay the columns out."""
        state, events, order = self.run.state, self.events, self.order
        self._in_place = not self.shares and np.array_equal(self.members, np.arange(state.size))
        self.state = state if self._in_place else state.gather(self.members)
        self.day, self.kind = events.day[order].astype(np.int64), events.kind[order]
        self.amount = events.content.amount[order]
        self.is_order = (self.kind == EventKind.ORDER) & events.content.exists[order]
        self.all_orders = np.count_nonzero(self.is_order) == len(order)
        self._born = events.born[order] if np.count_nonzero(events.born) else None
        self._referred = events.referred[order] if np.count_nonzero(events.referred) else None
        self.answer = Answer.of(len(order), state.units)

    def _decide(self) -> None:
        events, order, run = self.events, self.order, self.run
        plan_of = events.plan[order]
        numbers = np.unique(plan_of).tolist() if np.count_nonzero(plan_of != plan_of[0]) else [int(plan_of[0])]
        heard: dict[int, tuple[Heard, Rows | None]] = {}
        for number in numbers:
            at = order if len(numbers) == 1 else order[plan_of == number]
            place_of = None
            if len(numbers) > 1:
                place_of = np.full(len(order), -1, np.intp)
                place_of[plan_of == number] = np.arange(len(at))
            keys = run.state.keys[events.member[at]]
            heard[number] = Heard(run.plans[number], run.book, at, at, keys, run.calendar), place_of
        for start, size in zip(self.starts, self.sizes, strict=True):
            pos = slice(start, start + size)
            for number in numbers:
                hears, place_of = heard[number]
                turn = Turn(number, run.plans[number], hears, order[pos], pos, slice(0, size), pos, self.day[pos])
                if place_of is not None:
                    on = (plan_of[pos] == number).nonzero()[0]
                    if not len(on):
                        continue
                    turn = turn.some(on)._replace(places=place_of[start + on])
                self._round(turn)

    def kept(self, turn: Turn) -> Rows:
        """Return which of a turn's events are orders whose facts are kept."""
        return self.run.wanted[turn.at].nonzero()[0] if self.run.keeps else _NONE

    def _round(self, turn: Turn) -> None:
        """Decide events of which each member has at most one."""
        self._touch(turn)
        if not self.all_orders:
            touching = self.kind[turn.pos] == EventKind.TOUCH
            if np.count_nonzero(touching):
                self._answer_touch(turn.some(touching.nonzero()[0]))
                turn = turn.some((~touching).nonzero()[0])
                if not len(turn.at):
                    return
        for track in turn.plan.tracks:
            tiers.review(track, self.state, turn.lane, turn.day)
        self.answer.level_before[turn.pos] = tiers.level_of(turn.plan.tracks[0], self.state, turn.lane)
        if self.all_orders:
            self._note(turn)
            self._earn(turn)
        else:
            self._by_kind(turn)
        self._settle(turn)
        seen = self.state.head["last_day"]
        seen[turn.lane] = np.maximum(seen[turn.lane], turn.day)
        self._answer(turn)

    def _by_kind(self, turn: Turn) -> None:
        """Decide events of several kinds."""
        kind = self.kind[turn.pos]
        self._note(turn.some((kind != EventKind.REDEMPTION).nonzero()[0]))
        earning = np.flatnonzero((kind == EventKind.ORDER) | (kind == EventKind.ACTION))
        if len(earning):
            self._earn(turn.some(earning))
        spending = (kind == EventKind.REDEMPTION).nonzero()[0]
        if len(spending):
            spend(self, turn.some(spending))
        changing = (kind == EventKind.CHANGE).nonzero()[0]
        if len(changing):
            change(self, turn.some(changing))

    def _settle(self, turn: Turn) -> None:
        """Raise standings; an event that is refused touches, and changes nothing else."""
        state, calendar = self.state, self.run.calendar
        granted = turn
        refused = self.answer.refusal[turn.pos] != Refusal.NONE if not self.all_orders else None
        if refused is not None and np.count_nonzero(refused):
            granted, late = turn.some((~refused).nonzero()[0]), turn.some(refused.nonzero()[0])
            self.answer.figure[late.pos] = tiers.figure(
                turn.plan.tracks[0], state, late.lane, late.day, calendar=calendar
            )
        for track in turn.plan.tracks:
            value = tiers.settle(track, state, granted.lane, granted.day, calendar)
            if track.number == 0:
                self.answer.figure[granted.pos] = value

    def _touch(self, turn: Turn) -> None:
        """Release what is due, let lapse what is over."""
        state, lane = self.state, turn.lane
        if state.waiting:
            self.release(turn, state.waiting.due(turn.rows, turn.day), turn.day)
        for unit, pocket in enumerate(state.pockets):
            parts = pocket.lapse(lane, turn.day)
            idle = turn.plan.idle_days[unit] if unit < len(turn.plan.idle_days) else 0  # a later version's unit
            if idle:
                last = state.head["last_order"][lane].astype(np.int64)
                over = np.flatnonzero((last != NO_DAY) & (turn.day > last + idle - 1))
                if len(over):
                    late = pocket.lapse_idle(picked(lane, over))
                    parts.which = np.concatenate([parts.which, over[late.which]])
                    parts.key = np.concatenate([parts.key, late.key])
                    parts.points = np.concatenate([parts.points, late.points])
            if len(parts.which):
                np.add.at(state.counters[:, unit, LAPSED], picked(lane, parts.which), parts.points)
                self.out.move(
                    turn.at[parts.which],
                    EntryKind.EXPIRE,
                    unit,
                    -parts.points,
                    restriction=parts.restriction,
                    expires_on=parts.expires_on,
                )

    def release(self, turn: Turn, due: np.ndarray, day: np.ndarray) -> None:
        """Make points spendable that waited; `due` has places among the turn's events as rows."""
        if not len(due):
            return
        lane = np.arange(len(due)) - np.searchsorted(due["row"], due["row"])  # one of each member at a time
        for number in range(int(lane.max()) + 1):
            one = due[lane == number]
            place = one["row"]
            made = np.where(one["release_on"] >= DAY_DELIVERED, day[place], one["release_on"]).astype(np.int64)
            expires_on = one["expires_on"].astype(np.int64)
            unit = one["unit"].astype(np.int64)
            for kind in np.unique(unit).tolist():
                unknown = (expires_on < 0) & (unit == kind)
                expiry: Expiry = "never"  # of a later version’s unit
                if kind < len(turn.plan.expiries):
                    expiry = turn.plan.expiries[kind]
                expires_on[unknown] = last_day(expiry, made[unknown])
                on = unit == kind
                keys = key_of(expires_on[on], one["restriction"][on].astype(np.int64))
                open_lots(self.state, kind, picked(turn.lane, place[on]), keys, one["points"][on].astype(np.int64))
            self.out.move(
                turn.at[place],
                EntryKind.RELEASE,
                unit,
                one["points"].astype(np.int64),
                restriction=one["restriction"],
                expires_on=expires_on,
                release_on=one["release_on"],
                cause=one["cause"],
            )

    def _note(self, turn: Turn) -> None:
        """Note what the events tell of their members."""
        head, lane = self.state.head, turn.lane
        joined = head["joined"][lane]
        new = (joined == NO_DAY).nonzero()[0]
        if len(new):
            head["joined"][picked(lane, new)] = turn.day[new]
        if self._born is not None:
            born = self._born[turn.pos]
            head["born"][lane] = np.where(born > 0, born, head["born"][lane])
        if self._referred is not None:
            head["referred"][lane] |= self._referred[turn.pos]

    def _earn(self, turn: Turn) -> None:
        if self.state.waiting:
            self._deliver(turn)
        earn(Earning(self, turn))

    def _deliver(self, turn: Turn) -> None:
        """Release what waits for these events."""
        events = self.events
        for name, until in ((ORDER_DELIVERED, DAY_DELIVERED), (RETURN_WINDOW_CLOSED, DAY_CLOSED)):
            on = turn.heard.of_type(name)
            if on is None:
                continue
            which = (on[turn.places] & (events.order[turn.at] != 0)).nonzero()[0]
            if len(which):
                some = turn.some(which)
                due = self.state.waiting.told(some.rows, events.order[some.at], np.full(len(which), until))
                self.release(some, due, some.day)

    def _answer_touch(self, turn: Turn) -> None:
        """Fill the columns of the answer for rows that are no events: the tier is the one that stands, reviewed or not."""
        main = turn.plan.tracks[0]
        self.answer.level_before[turn.pos] = tiers.level_of(main, self.state, turn.lane)
        self.answer.figure[turn.pos] = tiers.figure(main, self.state, turn.lane, turn.day)
        self._answer(turn)

    def _answer(self, turn: Turn) -> None:
        """Fill the columns of the answer."""
        state, pos, lane = self.state, turn.pos, turn.lane
        for unit, pocket in enumerate(state.pockets):
            self.answer.balances[pos, unit] = pocket.total[lane] - state.counters[lane, unit, DEBT]
        if state.waiting:
            self.answer.pending[pos] = state.waiting.sums(turn.rows, state.units)
        self.answer.level[pos] = tiers.level_of(turn.plan.tracks[0], state, lane)
        if turn.plan.steps:
            done = {step.read: state.slot(step.slot).value[0, lane] for step in turn.plan.steps}
            self.answer.stage[pos] = stage(turn.plan, done, len(turn.at))

    def right(self) -> int:
        """Return how many of the events, in the order of arrival, were decided rightly.

        That is all of them, or those before the first that would have found less of a shared figure than it was shown.
        """
        wrong = len(self.events)
        for claim, before in self._claims_in_order():
            left = np.maximum(0, claim.most - before[0])
            truly = np.maximum(0, claim.most - before[1])
            bad = np.minimum(claim.wanted, left) != np.minimum(claim.wanted, truly)
            if np.count_nonzero(bad):
                wrong = min(wrong, int(claim.event[bad].min()))
        return int(np.searchsorted(np.sort(self.order), wrong))

    def _claims_in_order(self) -> list[tuple[Claim, tuple[Ints, Ints]]]:
        """Return the claims on each shared figure in the order of events, with what was used before the block and before each."""
        found = []
        for claim in self._joined_claims():
            told = Coded(claim.store.astype(np.int32), self.events.store.words)
            shown = self.run.shared.read(claim.slot, told, claim.stretch, claim.event)
            _, place = np.unique(np.stack([claim.store, claim.stretch]), axis=1, return_inverse=True)
            place = place.ravel()
            order = np.lexsort((claim.event, place))
            given = claim.given[order]
            running = np.cumsum(given) - given
            first = np.searchsorted(place[order], place[order])
            before = np.empty(len(order), np.int64)
            before[order] = running - running[first]
            found.append((claim, (shown, shown + before)))
        return found

    def _joined_claims(self) -> list[Claim]:
        by_slot: dict[int, list[Claim]] = {}
        for claim in self.claims:
            by_slot.setdefault(claim.slot, []).append(claim)
        joined = []
        for slot, claims in by_slot.items():
            joined.append(
                Claim(
                    np.concatenate([claim.event for claim in claims]),
                    slot,
                    np.concatenate([claim.store for claim in claims]),
                    np.concatenate([claim.stretch for claim in claims]),
                    np.concatenate([claim.most for claim in claims]),
                    np.concatenate([claim.wanted for claim in claims]),
                    np.concatenate([claim.given for claim in claims]),
                )
            )
        return joined

    def accept(self) -> None:
        """Write the members' state back, and let what was decided stand."""
        run, words = self.run, self.events.store.words
        claims = self._joined_claims()
        self._freeze_shared(claims)
        if run.shared.log is not None:
            run.shared.log += [(claim, words) for claim in claims]
        for claim in claims:
            for code, stretch, given in zip(
                claim.store.tolist(), claim.stretch.tolist(), claim.given.tolist(), strict=True
            ):
                if given:
                    run.shared.add((claim.slot, words[code] if code >= 0 else "", stretch), given)
        run.told(self.order, self.answer)
        if not self._in_place:
            run.state.scatter(self.members, self.state)
        run.outs.append(self.out)
        run.frozen.update(self.frozen)

    def _freeze_shared(self, claims: list[Claim]) -> None:
        """Freeze of shared figures what had been used up just before each order, not before the block."""
        by_slot = {claim.slot: claim for claim in claims}
        for event, facts in self.frozen.items():
            plan = self.run.plans[int(self.events.plan[event])]
            if not plan.has_shared:
                continue
            for place, read in enumerate(plan.reads):
                claim = by_slot.get(read.number) if read.of is Of.SHARED else None
                if claim is not None:
                    code = int(self.events.store.codes[event]) if read.by_store else -1
                    stretch = stretch_of(read.within, self.events.day[event : event + 1])[0]
                    before = (claim.event < event) & (claim.store == code) & (claim.stretch == stretch)
                    facts[place] += int(claim.given[before].sum())
