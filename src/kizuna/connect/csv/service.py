"""Importing files: orders posted as if the shop had sent them live, members and balances of another program taken over.

Always true: every file is read whole before anything is posted; things are posted in one order, whatever the split into files (orders
by time and then by order id); what was recorded before is never recorded again, so an import may be stopped, killed, repeated or run
twice at once. A run is known by the content of its files and its mapping; how far it came is remembered, which only saves work.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from kizuna.connect.csv import store
from kizuna.connect.csv.books import Book, Tally
from kizuna.connect.csv.mapping import Mapping
from kizuna.connect.csv.orders import OrderBook
from kizuna.connect.csv.patience import Patience, Revive
from kizuna.connect.csv.posting import Poster, writing
from kizuna.connect.csv.problems import ReturnsNotImported
from kizuna.connect.csv.reading import Mapping as Columns
from kizuna.connect.csv.reading import Source, look_at
from kizuna.connect.csv.rejects import Rejects, Say
from kizuna.connect.csv.summary import FileRead, Orders, Phase, Progress, Summary
from kizuna.core.days import day_of
from kizuna.core.errors import Problem
from kizuna.intake import Terms
from kizuna.runtime.brands import Brand
from kizuna.runtime.clock import now
from kizuna.runtime.collector import calm_collector
from kizuna.runtime.db import Connection, Database

T = TypeVar("T")
S_co = TypeVar("S_co", bound=Summary, covariant=True)
Show = Callable[[Progress], None]

_FORMAT = b"1"
"""Part of a run's id: a release that would post the same files in another way takes another number."""

_REMEMBER_EVERY_S = 2.0


class Matter(Protocol[S_co]):
    """What is imported."""

    @property
    def kind(self) -> str:
        """Its name."""

    @property
    def of(self) -> str:
        """What rows are about, as the file of rejects calls it."""

    @property
    def mapping(self) -> Columns:
        """Which column is what."""

    @property
    def mapped(self) -> str:
        """The whole mapping as JSON."""

    @property
    def about(self) -> dict[str, Any]:
        """What is noted of a run."""

    def read(self, sources: Sequence[Source], told: Callable[[int], None]) -> Book:
        """Read the files."""

    def again(self, run: str, told: dict[str, Any]) -> S_co:
        """Return the summary of a run that was done before, whole: nothing is added."""


@dataclass(frozen=True, slots=True)
class OrderMatter:
    """Orders of a shop."""

    mapping: Mapping
    brand: Brand
    terms: Terms
    kind: str = "orders"
    of: str = "order_id"

    @property
    def mapped(self) -> str:
        """The whole mapping as JSON."""
        return self.mapping.model_dump_json()

    @property
    def about(self) -> dict[str, Any]:
        """What is noted of a run."""
        return {"shop": self.mapping.shop}

    def read(self, sources: Sequence[Source], told: Callable[[int], None]) -> OrderBook:
        """Read the files."""
        return OrderBook.read(sources, self.mapping, self.brand, self.terms, told)

    def again(self, run: str, told: dict[str, Any]) -> Orders:
        """Return the summary of a run that was done before, whole: nothing is added."""
        files = [FileRead(**file) for file in told["files"]]
        return Orders(run, files, told["lines"], replayed=told["orders"], orders=told["orders"])


async def import_orders(
    db: Database,
    brand: Brand,
    terms: Terms,
    files: Sequence[Path],
    mapping: Mapping,
    *,
    progress: Show,
    rejects: Path | None,
    revive: Revive | None = None,
    say: Say = str,
    goes_on: bool = False,
) -> Orders:
    """Import the orders of `files`. Raises `ReturnsNotImported` and what `run_import` raises."""
    if mapping.columns.kind is not None:
        raise ReturnsNotImported(field="columns.kind")
    matter: Matter[Orders] = OrderMatter(mapping, brand, terms)
    return await run_import(
        db, brand, files, matter, progress=progress, rejects=rejects, revive=revive, say=say, goes_on=goes_on
    )


async def run_import(
    db: Database,
    brand: Brand,
    files: Sequence[Path],
    matter: Matter[S_co],
    *,
    progress: Show,
    rejects: Path | None,
    revive: Revive | None = None,
    say: Say = str,
    goes_on: bool = False,
) -> S_co:
    """Import what `files` hold. Rejected rows go to the file `rejects`; without one they are only counted.

    With `goes_on` a run that was broken off is told as one: what it had posted counts as it did then, not as replayed.

    While the database is away the import waits and calls `revive` before each new try. Raises `FileUnreadable`,
    `FileEmpty`, `FileTwice`, `FileChanged`, `EncodingWrong`, `ColumnMissing`, `ColumnTwice`, `ZoneMissing` and
    `RejectsUnwritable` before anything is posted; `NothingPublished`; `Unavailable` when waiting did not help.
    """
    clock = asyncio.get_running_loop().time
    started = clock()
    sources = await asyncio.to_thread(look_at, files, matter.mapping)
    run = _Run(db, brand, run_id(sources, matter.mapped, brand), progress, revive)
    about = {"kind": matter.kind, **matter.about, "files": [source.path.name for source in sources]}
    summary: Any
    with Rejects(rejects, files, say, matter.of) as rejected, calm_collector():
        before = await run.call(lambda conn: store.begin(conn, run.id, about))
        if before.is_clean:
            summary = matter.again(run.id, before.summary)
        else:
            book = await asyncio.to_thread(matter.read, sources, reading(progress, sources))
            rejected.add(book.rejects)
            skipped = 0 if before.refused else min(before.posted, len(book))
            earlier = before.tally if goes_on and skipped and not before.finished else {}
            await run.call(lambda conn: _prepare(conn, book, run.id))
            tally = await run.post(book, rejected, skipped, earlier)
            done = sum(earlier.get(name, 0) for name in ("accepted", "replayed"))
            summary = book.summary(run.id, tally, skipped - done)
        summary.rejects, summary.first_rejects = str(rejects) if rejects else None, rejected.first
        summary.rejected_rows, summary.seconds = rejected.rows, round(clock() - started, 3)
        if not before.is_clean:
            after = store.Run(len(book), summary.refused, book.rejected, True, summary.as_json())
            await run.call(lambda conn: store.finish(conn, run.id, after))
    return summary  # type: ignore[no-any-return]


async def _prepare(conn: Connection, book: Book, run: str) -> None:
    async with conn.transaction():
        await book.prepare(conn, run)


class _Run:
    """One import under way: where it is noted and who is told."""

    def __init__(self, db: Database, brand: Brand, run: str, progress: Show, revive: Revive | None) -> None:
        self.id = run
        self._db, self._brand, self._progress = db, brand, progress
        self._patience = Patience(revive, lambda tried, tries: progress(Progress(Phase.WAITING, tried, tries)))

    async def call(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Do `work` in the brand's schema, waiting for the database where need be."""

        async def once() -> T:
            async with self._db.lend(self._brand.schema) as conn:
                return await work(conn)

        return await self._patience.call(once)

    async def post(self, book: Book, rejected: Rejects, skipped: int, earlier: dict[str, int]) -> Tally:
        """Post what stands behind the first `skipped`, remembering every few seconds how far it came."""
        clock = asyncio.get_running_loop().time
        started = remembered = clock()

        def refuse(number: int, problem: Problem) -> None:
            rejected.add([book.refusal(number, problem)])

        async with writing(self._db.locate, self._brand, self.id) as writer:
            tally = book.tally(day_of(now(), self._brand.zone), earlier)
            poster = Poster(writer, book, self._patience, refuse, tally)
            async for posted in poster.post(skipped):
                self._progress(paced(Phase.POSTING, posted, len(book), posted - skipped, clock() - started))
                if clock() - remembered > _REMEMBER_EVERY_S:
                    await self.call(lambda conn, at=posted: store.move(conn, self.id, at, tally.refused, tally.numbers))  # type: ignore[misc]
                    remembered = clock()
        return tally


def run_id(sources: Sequence[Source], mapped: str, brand: Brand) -> str:
    """Return what a run is known by."""
    state = hashlib.blake2b(digest_size=16)
    for part in (_FORMAT, brand.slug.encode(), mapped.encode(), *(one.digest for one in sources)):
        state.update(len(part).to_bytes(8, "big"))
        state.update(part)
    return state.hexdigest()


def reading(progress: Show, sources: Sequence[Source]) -> Callable[[int], None]:
    """Return who counts bytes in the reading thread and shows them in ours."""
    loop = asyncio.get_running_loop()
    started, done, total = loop.time(), 0, sum(source.size for source in sources)

    def told(more: int) -> None:
        nonlocal done
        done += more
        loop.call_soon_threadsafe(progress, paced(Phase.READING, done, total, done, loop.time() - started))

    return told


def paced(phase: Phase, done: int, total: int, since: int, seconds: float) -> Progress:
    """Return progress with the pace of `since` units in `seconds`."""
    rate = since / seconds if seconds > 0 else 0.0
    return Progress(phase, done, total, rate, (total - done) / rate if rate else None)
