"""Posting orders in batches: while one batch is committed, the next is made ready. One batch at a time keeps their order.

Always true: a batch is submitted only after every order of the one before it has its answer, and holds at most as many
orders of one member as one commit takes, so that a database that comes and goes cannot put a member's orders out of order.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self

from kizuna.connect.csv.orders import Teller, Told
from kizuna.connect.csv.patience import Patience
from kizuna.core.days import instant_ms
from kizuna.core.errors import Problem, Unavailable
from kizuna.core.ids import member_id
from kizuna.engine import EntryKind
from kizuna.intake import BATCH_EVENTS_MAX, MEMBER_EVENTS_MAX, Arrival, Outcome, Result, Writer
from kizuna.members import Identity
from kizuna.publishing import NothingPublished
from kizuna.runtime.brands import Brand
from kizuna.runtime.clock import now
from kizuna.runtime.db import Locator

_GIVES = (EntryKind.EARN, EntryKind.PEND)
_STEP_ORDERS = 25
"""So many orders are made ready at a stretch; then a commit whose answer has come gets its turn."""


@dataclass(slots=True)
class Tally:
    """What became of the orders posted so far. `members` are the identities met.

    `points_issued` are the first unit's, with those that still wait; `points_lapsed` those of them whose last day lies before `today`
    (the brand's day).
    """

    today: int
    accepted: int = 0
    replayed: int = 0
    refused: int = 0
    members_new: int = 0
    points_issued: int = 0
    points_lapsed: int = 0
    members: set[Identity] = field(default_factory=set)

    def count(self, arrival: Arrival, outcome: Outcome) -> None:
        """Count an order that is recorded."""
        is_first = arrival.identity not in self.members
        self.members.add(arrival.identity)
        if outcome.replayed:
            self.replayed += 1
            return
        self.accepted += 1
        earned = [move for move in outcome.moves if move.kind in _GIVES and not move.unit]
        self.points_issued += sum(move.points for move in earned)
        self.points_lapsed += sum(move.points for move in earned if 0 <= move.expires_on < self.today)
        if is_first:
            named = member_id(arrival.at_ms, arrival.identity.kind, arrival.identity.value)
            self.members_new += outcome.member == named

    @classmethod
    def going_on(cls, today: int, numbers: Mapping[str, int]) -> Self:
        """Return a tally that goes on from the `numbers` of an earlier one."""
        made = cls(today)
        for name, number in numbers.items():
            setattr(made, name, number)
        return made

    @property
    def numbers(self) -> dict[str, int]:
        """Return the counts by name."""
        names = ("accepted", "replayed", "members_new", "points_issued", "points_lapsed")
        return {name: getattr(self, name) for name in names}


@asynccontextmanager
async def writing(locate: Locator, brand: Brand) -> AsyncIterator[Writer]:
    """Run a writer of our own; at the end it finishes what it was given."""
    writer, stop = Writer(locate, brand), asyncio.Event()
    running = asyncio.create_task(writer.run(stop))
    try:
        yield writer
    finally:
        stop.set()
        await running


class Poster:
    """Posts a file's orders from a number on. `refuse` hears of each order that is not taken, and why."""

    def __init__(
        self, writer: Writer, teller: Teller, patience: Patience, refuse: Callable[[int, Problem], None], tally: Tally
    ) -> None:
        self.tally = tally
        self._writer, self._teller, self._patience, self._refuse = writer, teller, patience, refuse

    async def post(self, start: int) -> AsyncIterator[int]:
        """Post the orders from `start` on; yield how many are posted, from the first of all, after each batch.

        Raises `NothingPublished`, `Unavailable`.
        """
        ahead, stop = await self._make_ready(start)
        while stop > start:
            posted = stop
            results, following = await asyncio.gather(self._send(ahead.arrivals), self._make_ready(stop))
            self._count(ahead, results)
            start, (ahead, stop) = posted, following
            yield posted

    async def _make_ready(self, start: int) -> tuple[Told, int]:
        """Return the next batch and where it ends."""
        stop = self._end_of_batch(start)
        now_ms = instant_ms(now())
        batch = Told([], [], [])
        for step in range(start, stop, _STEP_ORDERS):
            await asyncio.sleep(0)
            told = self._teller.tell(step, min(step + _STEP_ORDERS, stop), now_ms)
            batch.arrivals += told.arrivals
            batch.numbers += told.numbers
            batch.refused += told.refused
        return batch, stop

    def _end_of_batch(self, start: int) -> int:
        orders = self._teller.orders
        stop = min(start + BATCH_EVENTS_MAX, len(orders))
        count: Counter[int] = Counter()
        for number, member in enumerate(orders.rows.columns["member"][orders.firsts[start:stop]].tolist(), start=start):
            count[member] += 1
            if count[member] > MEMBER_EVENTS_MAX:
                return number
        return stop

    async def _send(self, arrivals: list[Arrival]) -> list[Result]:
        """Have a batch recorded, however often the database goes away meanwhile."""
        results: dict[int, Result] = {}

        async def submit() -> None:
            missing = [place for place in range(len(arrivals)) if place not in results]
            answers = await self._writer.submit([arrivals[place] for place in missing])
            given = zip(missing, answers, strict=True)
            results.update((place, answer) for place, answer in given if not isinstance(answer, Unavailable))
            if len(results) < len(arrivals):
                raise Unavailable

        await self._patience.call(submit)
        return [results[place] for place in range(len(arrivals))]

    def _count(self, batch: Told, results: list[Result]) -> None:
        refused = batch.refused
        for number, arrival, result in zip(batch.numbers, batch.arrivals, results, strict=True):
            if isinstance(result, Outcome):
                self.tally.count(arrival, result)
            elif isinstance(result, NothingPublished):
                raise result
            else:
                refused.append((number, result))
        self.tally.refused += len(refused)
        for number, problem in sorted(refused, key=lambda pair: pair[0]):
            self._refuse(number, problem)
