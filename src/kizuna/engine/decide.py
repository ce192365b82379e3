"""What the program decides: a batch of events as columns in, decisions and ledger movements as columns out.

`decide` means exactly: take the events one at a time, in the order of the batch, each by its own plan, each member's state carried
from event to event (docs/program/meaning.md). It does so in two passes: what needs only the event, over a whole block; then
rounds, where round k decides every member's k-th event at once. Figures that members share are taken as they stood before the block;
where they would have run out within it, the block is cut there and decided again. `state` and `shared` are changed in place.

Pure: no clock, no randomness, no I/O. The day of each event is an argument.
"""

from collections.abc import Sequence

import numpy as np

from kizuna.engine.block import Block
from kizuna.engine.book import Book
from kizuna.engine.calendar import Calendar
from kizuna.engine.events import Decisions, EventKind, Events, Rows
from kizuna.engine.out import Out
from kizuna.engine.plan import Plan
from kizuna.engine.shared import Shared
from kizuna.engine.state import State
from kizuna.engine.turn import Answer

BLOCK = 1 << 17
"""How many events are decided together: enough to make a round's overhead small, few enough to stay near the processor."""
_SMALLEST = 64


class Run:
    """A batch under way: the columns being filled, and the blocks decided so far."""

    def __init__(
        self, plans: Sequence[Plan], state: State, events: Events, shared: Shared, *, freeze: bool, ordered: bool
    ) -> None:
        self.plans, self.state, self.events, self.shared = plans, state, events, shared
        self.ordered = ordered
        self.book = Book(events)
        self.calendar = Calendar.of(events.day)
        self.answer: Answer | None = None
        self.outs: list[Out] = []
        self.frozen: dict[int, np.ndarray] = {}
        self.wanted = np.zeros(len(events), np.bool_)
        """Orders whose facts are kept."""
        if freeze:
            self.wanted[events.kind == EventKind.ORDER] = True
        else:
            self.wanted[events.origin[events.origin >= 0]] = True
        self.keeps = bool(self.wanted.any())

    def by_member(self, which: Rows) -> None:
        """Decide events of programs in which members share nothing: block by block of members."""
        if len(which) <= BLOCK:
            Block(self, which).accept()
            return
        member = self.events.member[which]
        counts = np.bincount(member, minlength=self.state.size)
        ends = np.cumsum(counts)
        cuts = np.searchsorted(ends, np.arange(BLOCK, len(which), BLOCK))
        block_of = np.searchsorted(cuts, np.arange(self.state.size), side="left").astype(np.int16)[member]
        ordered = which[np.argsort(block_of, kind="stable")]
        for part in np.split(ordered, np.cumsum(np.bincount(block_of))[:-1]):
            if len(part):
                Block(self, part).accept()

    def in_order(self, which: Rows) -> None:
        """Decide events of programs in which members share figures: stretch by stretch in the order of arrival."""
        start, size = 0, BLOCK
        while start < len(which):
            part = self._before_own_changes(which[start : start + size])
            block = Block(self, part, shares=len(part) > 1)
            right = block.right()
            if right < len(part):  # a figure ran out at part[right]: what came before was decided rightly
                if right:
                    Block(self, part[:right]).accept()
                    start += right
                Block(self, which[start : start + 1]).accept()
                start += 1
                size = max(_SMALLEST, right)
            else:
                block.accept()
                start += len(part)
                size = min(BLOCK, size * 2)

    def _before_own_changes(self, part: Rows) -> Rows:
        """Cut a stretch before the first change of one of its own orders: shared figures are frozen when a block is accepted."""
        origin = self.events.origin[part]
        mine = (origin >= part[0]) & (self.events.kind[np.maximum(origin, 0)] == EventKind.ORDER)
        return part[: int(mine.argmax())] if mine.any() else part

    def told(self, order: Rows, answer: Answer) -> None:
        """Note what a block answers about its events."""
        if len(order) == len(self.events) == 1:
            self.answer = answer
            return
        if self.answer is None:
            self.answer = Answer.of(len(self.events), self.state.units)
        for mine, theirs in zip(self.answer, answer, strict=True):
            mine[order] = theirs

    def result(self) -> Decisions:
        """Gather the columns."""
        moves, taken = Out.join(self.outs, ordered=self.ordered)
        answer = self.answer or Answer.of(len(self.events), self.state.units)
        return Decisions(
            *answer,
            moves,
            taken,
            {row: facts.tobytes() for row, facts in self.frozen.items()},
        )


def decide(
    plans: Sequence[Plan],
    state: State,
    events: Events,
    shared: Shared | None = None,
    *,
    freeze: bool = True,
    ordered: bool = True,
) -> Decisions:
    """Decide a batch; see the module's first lines for what that means.

    Without `freeze`, the facts of an order are kept only where the batch itself holds a change of it. Without `ordered`, the
    movements stand in the order of their making for each member, not of the events: a long history is quicker so.
    """
    run = Run(plans, state, events, Shared() if shared is None else shared, freeze=freeze, ordered=ordered)
    which = np.flatnonzero(events.kind != EventKind.PAST)
    if any(plans[number].has_shared for number in np.bincount(events.plan[which]).nonzero()[0].tolist()):
        run.in_order(which)
    elif len(which):
        run.by_member(which)
    return run.result()
