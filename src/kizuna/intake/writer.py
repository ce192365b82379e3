"""Group commit: events queue while a commit is in flight, then all go into the next one. No timer, nothing lingers.

Always true: whoever submits gets one result per event, in order, and gets it only after the commit that holds them is
durable; or `Unavailable`, and may submit the same events again. Events of one member are decided in the order in which they
were submitted.
"""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import asyncpg

from kizuna.core.errors import Problem, Unavailable
from kizuna.intake import store
from kizuna.intake.commit import Result, commit
from kizuna.intake.model import Arrival
from kizuna.intake.operations import commit_operations
from kizuna.intake.problems import EventInvalid, EventUnrecordable
from kizuna.intake.whereabouts import ChangedMeanwhile
from kizuna.members import Identity
from kizuna.publishing import PlanBook
from kizuna.runtime.brands import Brand
from kizuna.runtime.db import Connection, Fragment, Locator, connect, is_lost

BATCH_EVENTS_MAX = 500  # so that one caller's events are read and answered while another's are being written
MEMBER_EVENTS_MAX = 32
QUEUE_EVENTS_MAX = 50_000
ATTEMPTS_MAX = 8
_BEATEN = (asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError, asyncpg.SerializationError, ChangedMeanwhile)
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Ticket:
    """One submission: results as they come, and who waits for them."""

    results: list[Result | None]
    missing: int
    done: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def settle(self, place: int, result: Result) -> None:
        """Note the result of the event at `place`."""
        if self.results[place] is None:
            self.results[place] = result
            self.missing -= 1
            if not self.missing and not self.done.done():
                self.done.set_result(None)


_Queued = tuple[Arrival, _Ticket, int]


class Writer:
    """The one writer of a process for one brand. `run` does the work; `submit` may be called from many tasks.

    `beside` is written with every commit.
    """

    def __init__(self, locate: Locator, brand: Brand, beside: Sequence[Fragment] = ()) -> None:
        self.brand = brand
        self.book = PlanBook()
        self._beside = beside
        self._locate = locate
        self._queue: deque[_Queued] = deque()
        self._wake = asyncio.Event()
        self._conn: Connection | None = None
        self._ended = False

    async def submit(self, arrivals: Sequence[Arrival]) -> list[Result]:
        """Have `arrivals` decided and recorded; return one result each, in order."""
        if not arrivals:
            return []
        ticket = _Ticket([None] * len(arrivals), len(arrivals))
        if self._ended or len(self._queue) + len(arrivals) > QUEUE_EVENTS_MAX:
            return [Unavailable() for _ in arrivals]
        self._queue.extend((arrival, ticket, place) for place, arrival in enumerate(arrivals))
        self._wake.set()
        await ticket.done
        return [result for result in ticket.results if result is not None]

    async def run(self, stop: asyncio.Event) -> None:
        """Commit what queues, until `stop` is set and the queue is empty."""
        stopping = asyncio.create_task(stop.wait())
        try:
            while self._queue or not stop.is_set():
                if not self._queue:
                    self._wake.clear()
                    waking = asyncio.create_task(self._wake.wait())
                    await asyncio.wait({waking, stopping}, return_when=asyncio.FIRST_COMPLETED)
                    waking.cancel()
                    continue
                await self._settle(self._take())
        finally:
            self._ended = True
            stopping.cancel()
            if self._conn is not None:
                self._conn.terminate()

    def _take(self) -> list[_Queued]:
        """Take the next batch: as many as may go together, in order, so that no event overtakes another.

        A name's events beyond the limit end the batch, and so does an id that stands in it already with another content:
        whether that is a conflict depends on what becomes of the first. Operations go by themselves.
        """
        batch: list[_Queued] = []
        count: Counter[Identity] = Counter()
        payload_of: dict[bytes, bytes] = {}
        asks = self._queue[0][0].told.operation is not None
        while self._queue and len(batch) < BATCH_EVENTS_MAX:
            arrival = self._queue[0][0]
            if (arrival.told.operation is not None) is not asks:
                break
            count[arrival.identity] += 1
            first = payload_of.setdefault(arrival.key, arrival.payload_hash)
            if count[arrival.identity] > MEMBER_EVENTS_MAX or first != arrival.payload_hash:
                break
            batch.append(self._queue.popleft())
        return batch

    async def _settle(self, batch: Sequence[_Queued]) -> None:
        """Commit `batch` and tell every ticket."""
        for (_, ticket, place), result in zip(batch, await self._commit([queued[0] for queued in batch]), strict=True):
            ticket.settle(place, result)

    async def _commit(self, arrivals: Sequence[Arrival]) -> list[Result]:
        """Commit with retries. One event that cannot be recorded fails alone, not its neighbours."""
        for attempt in range(ATTEMPTS_MAX):
            try:
                how = commit if arrivals[0].told.operation is None else commit_operations
                return await how(await self._connection(), self.brand, self.book, arrivals, attempt, self._beside)
            except _BEATEN:
                _log.info("another writer was first; deciding %d events again", len(arrivals))
            except Problem as problem:
                return [problem] * len(arrivals)
            except Exception as fault:  # noqa: BLE001 - whatever it is, every caller gets an answer
                if is_lost(fault):
                    self._drop()
                    _log.warning("the database went away during a commit: %s", fault)
                    return [Unavailable() for _ in arrivals]
                if len(arrivals) == 1:
                    return [_refused(arrivals[0], fault)]
                _log.warning("a batch of %d failed (%s); committing one by one", len(arrivals), fault)
                return [result for arrival in arrivals for result in await self._commit([arrival])]
        return [Unavailable() for _ in arrivals]

    async def _connection(self) -> Connection:
        if self._conn is None or self._conn.is_closed():
            self._conn = await connect(self._locate, self.brand.schema)
            await self._conn.execute(store.BY_KEY)
        return self._conn

    def _drop(self) -> None:
        if self._conn is not None:
            self._conn.terminate()
            self._conn = None


def _refused(arrival: Arrival, fault: Exception) -> Problem:
    """Answer for one event that the database would not take."""
    _log.error("event %s of %s cannot be recorded", arrival.id, arrival.source, exc_info=fault)
    if isinstance(fault, asyncpg.DataError | asyncpg.IntegrityConstraintViolationError):
        return EventInvalid(field="event", field_name="event", reason=str(fault))
    return EventUnrecordable()
