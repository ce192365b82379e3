"""Posting a book in batches: while one batch is committed, the next is made ready. One batch at a time keeps their order.

Always true: a batch is submitted only after everything of the one before it has its answer, and holds at most as many
things of one member as one commit takes, so that a database that comes and goes cannot put a member's history out of order.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from kizuna.connect.csv.books import Book, Tally, Told
from kizuna.connect.csv.patience import Patience
from kizuna.core.days import instant_ms
from kizuna.core.errors import Problem, Unavailable
from kizuna.intake import BATCH_EVENTS_MAX, MEMBER_EVENTS_MAX, Arrival, Outcome, Result, Writer, of_run
from kizuna.publishing import NothingPublished
from kizuna.runtime.brands import Brand
from kizuna.runtime.clock import now
from kizuna.runtime.db import Locator

_STEP_ORDERS = 25
"""So many things are made ready at a stretch; then a commit whose answer has come gets its turn."""


@asynccontextmanager
async def writing(locate: Locator, brand: Brand, run: str) -> AsyncIterator[Writer]:
    """Run a writer of our own, whose commits are the run's; at the end it finishes what it was given."""
    writer, stop = Writer(locate, brand, [of_run(run)]), asyncio.Event()
    running = asyncio.create_task(writer.run(stop))
    try:
        yield writer
    finally:
        stop.set()
        await running


class Poster:
    """Posts a book from a number on. `refuse` hears of each thing that is not taken, and why."""

    def __init__(
        self, writer: Writer, book: Book, patience: Patience, refuse: Callable[[int, Problem], None], tally: Tally
    ) -> None:
        self.tally = tally
        self._writer, self._book, self._patience, self._refuse = writer, book, patience, refuse

    async def post(self, start: int) -> AsyncIterator[int]:
        """Post what stands from `start` on; yield how many are posted, from the first of all, after each batch.

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
        batch = Told()
        for step in range(start, stop, _STEP_ORDERS):
            await asyncio.sleep(0)
            told = self._book.tell(step, min(step + _STEP_ORDERS, stop), now_ms)
            batch.arrivals += told.arrivals
            batch.numbers += told.numbers
            batch.refused += told.refused
        return batch, stop

    def _end_of_batch(self, start: int) -> int:
        stop = min(start + BATCH_EVENTS_MAX, len(self._book))
        count: Counter[int] = Counter()
        for number, member in enumerate(self._book.whose(start, stop), start=start):
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
