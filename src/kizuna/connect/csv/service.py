"""Orders from files, CSV or Parquet, posted as if the shop had sent them live: same events, same engine, same ledger.

Always true: every file is read whole before anything is posted; orders are posted in order of time and then of order id;
an order that was recorded before is never recorded again, so an import may be stopped, killed, repeated or run twice at
once. A run is known by the content of its files and its mapping; how far it came is remembered, which only saves work.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from kizuna.connect.csv import store
from kizuna.connect.csv.columns import Columns
from kizuna.connect.csv.grouping import Grouped, group
from kizuna.connect.csv.mapping import Mapping
from kizuna.connect.csv.orders import Teller
from kizuna.connect.csv.patience import Patience, Revive
from kizuna.connect.csv.posting import Poster, Tally, writing
from kizuna.connect.csv.problems import FileTwice
from kizuna.connect.csv.reading import Source, inspect, read
from kizuna.connect.csv.rejects import Phrase, Reject, Rejects, Say
from kizuna.connect.csv.summary import FileRead, Phase, Progress, Summary
from kizuna.core.days import day_of
from kizuna.core.errors import Problem
from kizuna.intake import Terms
from kizuna.runtime.brands import Brand
from kizuna.runtime.clock import now
from kizuna.runtime.collector import calm_collector
from kizuna.runtime.db import Connection, Database

T = TypeVar("T")
Show = Callable[[Progress], None]

_FORMAT = b"1"
"""Part of a run's id: a release that would post the same files in another way takes another number."""

_REMEMBER_EVERY_S = 2.0
_COLUMN_OF = {
    "subject": "member",
    "time": "time",
    "data.amount": "amount",
    "data.store": "store",
    "data.lines": "sku",
    "id": "order_id",
}
"""Which column an event's field came from."""


@dataclass(slots=True)
class _Book:
    """The files as read."""

    files: list[FileRead]
    columns: Columns
    grouped: Grouped

    @property
    def orders(self) -> int:
        """How many orders the files name, whole and rejected."""
        return len(self.grouped.orders) + self.grouped.rejected


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
) -> Summary:
    """Import the orders of `files`. Rejected rows go to the file `rejects`; without one they are only counted.

    With `goes_on` a run that was broken off is told as one: what it had posted counts as it did then, not as replayed.

    While the database is away the import waits and calls `revive` before each new try. Raises `FileUnreadable`,
    `FileEmpty`, `FileTwice`, `FileChanged`, `EncodingWrong`, `ColumnMissing`, `ColumnTwice`, `ZoneMissing` and
    `RejectsUnwritable` before anything is posted; `NothingPublished`; `Unavailable` when waiting did not help.
    """
    clock = asyncio.get_running_loop().time
    started = clock()
    sources = await asyncio.to_thread(_inspect, files, mapping)
    run = _Run(db, brand, _run_id(sources, mapping, brand), progress, revive)
    about = {"shop": mapping.shop, "files": [source.path.name for source in sources]}
    with Rejects(rejects, files, say) as rejected, calm_collector():
        before = await run.call(lambda conn: store.begin(conn, run.id, about))
        if before.is_clean:
            summary = _again(run.id, before)
        else:
            book = await asyncio.to_thread(_read, sources, mapping, brand, _reading(progress, sources))
            rejected.add(book.grouped.rejects)
            skipped = 0 if before.refused else min(before.posted, len(book.grouped.orders))
            earlier = before.tally if goes_on and skipped and not before.finished else {}
            tally = await run.post(book, mapping, terms, rejected, skipped, earlier)
            summary = _summary(
                run.id, book, tally, skipped - sum(earlier.get(name, 0) for name in ("accepted", "replayed"))
            )
        summary.rejects, summary.first_rejects = str(rejects) if rejects else None, rejected.first
        summary.rejected_rows, summary.seconds = rejected.rows, round(clock() - started, 3)
        if not before.is_clean:
            after = store.Run(
                len(book.grouped.orders), summary.refused, summary.rejected_orders, True, summary.as_json()
            )
            await run.call(lambda conn: store.finish(conn, run.id, after))
    return summary


class _Run:
    """One import under way: where it is noted and who is told."""

    def __init__(self, db: Database, brand: Brand, run_id: str, progress: Show, revive: Revive | None) -> None:
        self.id = run_id
        self._db, self._brand, self._progress = db, brand, progress
        self._patience = Patience(revive, lambda tried, tries: progress(Progress(Phase.WAITING, tried, tries)))

    async def call(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Do `work` in the brand's schema, waiting for the database where need be."""

        async def once() -> T:
            async with self._db.lend(self._brand.schema) as conn:
                return await work(conn)

        return await self._patience.call(once)

    async def post(
        self, book: _Book, mapping: Mapping, terms: Terms, rejected: Rejects, skipped: int, earlier: dict[str, int]
    ) -> Tally:
        """Post the orders behind the first `skipped`, remembering every few seconds how far it came."""
        orders = book.grouped.orders
        clock = asyncio.get_running_loop().time
        started = remembered = clock()

        def refuse(number: int, problem: Problem) -> None:
            rejected.add([_refusal(book, mapping, number, problem)])

        async with writing(self._db.locate, self._brand) as writer:
            tally = Tally.going_on(day_of(now(), self._brand.zone), earlier)
            poster = Poster(writer, Teller(orders, book.columns.words, mapping, terms), self._patience, refuse, tally)
            async for posted in poster.post(skipped):
                self._progress(_paced(Phase.POSTING, posted, len(orders), posted - skipped, clock() - started))
                if clock() - remembered > _REMEMBER_EVERY_S:
                    await self.call(lambda conn, at=posted: store.move(conn, self.id, at, tally.refused, tally.numbers))  # type: ignore[misc]
                    remembered = clock()
        return tally


def _inspect(files: Sequence[Path], mapping: Mapping) -> list[Source]:
    """Look at every file, and put them in an order that does not depend on how they were named."""
    sources: dict[bytes, Source] = {}
    for path in files:
        source = inspect(path, mapping)
        if source.digest in sources:
            raise FileTwice(file=path.name, other=sources[source.digest].path.name)
        sources[source.digest] = source
    return [sources[digest] for digest in sorted(sources)]


def _run_id(sources: Sequence[Source], mapping: Mapping, brand: Brand) -> str:
    state = hashlib.blake2b(digest_size=16)
    for part in (_FORMAT, brand.slug.encode(), mapping.model_dump_json().encode(), *(one.digest for one in sources)):
        state.update(len(part).to_bytes(8, "big"))
        state.update(part)
    return state.hexdigest()


def _read(sources: Sequence[Source], mapping: Mapping, brand: Brand, told: Callable[[int], None]) -> _Book:
    columns = Columns(mapping, brand.currency, brand.currency_digits, brand.country)
    files = []
    for source in sources:
        table = read(source, mapping, told)
        columns.add(table)
        rows = len(table.rows) + len(table.broken)
        encoding = {"utf-8-sig": "UTF-8", "cp932": "CP932"}.get(source.encoding or "")
        files.append(FileRead(source.path.name, source.format, encoding, rows))
    return _Book(files, columns, group(columns, mapping.level, mapping.columns.names))


def _reading(progress: Show, sources: Sequence[Source]) -> Callable[[int], None]:
    """Return who counts bytes in the reading thread and shows them in ours."""
    loop = asyncio.get_running_loop()
    started, done, total = loop.time(), 0, sum(source.size for source in sources)

    def told(more: int) -> None:
        nonlocal done
        done += more
        loop.call_soon_threadsafe(progress, _paced(Phase.READING, done, total, done, loop.time() - started))

    return told


def _paced(phase: Phase, done: int, total: int, since: int, seconds: float) -> Progress:
    """Return progress with the pace of `since` units in `seconds`."""
    rate = since / seconds if seconds > 0 else 0.0
    return Progress(phase, done, total, rate, (total - done) / rate if rate else None)


def _refusal(book: _Book, mapping: Mapping, number: int, problem: Problem) -> Reject:
    """Return the reject of an order that the road did not take, at its first row."""
    orders, columns = book.grouped.orders, book.columns
    first = orders.firsts[number]
    order_id = columns.words.order_id.words[orders.rows.columns["order_id"][first]]
    place = (problem.field or "").partition("[")[0]
    what = _COLUMN_OF.get(place, "order_id")
    facts = problem.facts
    return Reject(
        file=columns.files[orders.rows.file[first]],
        row=int(orders.rows.row[first]),
        order_id=order_id,
        field=mapping.columns.names.get(what, ""),
        value=order_id if what == "order_id" else str(facts.get(place, "")),
        reason=Phrase(problem.title, **facts),
        remedy=Phrase(problem.remedy, **facts),
    )


def _summary(run_id: str, book: _Book, tally: Tally, skipped: int) -> Summary:
    return Summary(
        run_id=run_id,
        files=book.files,
        lines=sum(file.rows for file in book.files),
        orders=book.orders,
        accepted=tally.accepted,
        replayed=tally.replayed + skipped,
        refused=tally.refused,
        rejected_orders=book.grouped.rejected,
        members_new=tally.members_new,
        points_issued=tally.points_issued,
        points_lapsed=tally.points_lapsed,
    )


def _again(run_id: str, before: store.Run) -> Summary:
    """Return the summary of an import that was done before, whole: nothing is added."""
    told = before.summary
    files = [FileRead(**file) for file in told["files"]]
    return Summary(run_id, files, told["lines"], told["orders"], replayed=told["orders"])
