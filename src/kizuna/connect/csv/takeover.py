"""Taking over another program: its members, and then what they bring. One function per use case."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kizuna.connect.csv.books import Book
from kizuna.connect.csv.patience import Revive
from kizuna.connect.csv.reading import Source, look_at
from kizuna.connect.csv.rejects import Rejects, Say
from kizuna.connect.csv.service import Matter, Show, paced, reading, run_id, run_import
from kizuna.connect.csv.summary import Phase
from kizuna.connect.csv.taken import Taken, TakenTally
from kizuna.connect.csv.taking_balances import BalancesBook
from kizuna.connect.csv.taking_mapping import BalancesMapping, MembersMapping
from kizuna.connect.csv.taking_members import MembersBook
from kizuna.core.days import instant_ms
from kizuna.core.errors import Problem
from kizuna.intake import BATCH_EVENTS_MAX, Outcome, Terms, commit_operations
from kizuna.publishing import PlanBook
from kizuna.runtime.brands import Brand
from kizuna.runtime.clock import now
from kizuna.runtime.collector import calm_collector
from kizuna.runtime.db import Database

Mapping = MembersMapping | BalancesMapping


@dataclass(frozen=True, slots=True)
class TakingMatter:
    """Members of another program, or what they bring."""

    mapping: Mapping
    brand: Brand
    terms: Terms
    of: str = "member"

    @property
    def kind(self) -> str:
        """Its name."""
        return "members" if isinstance(self.mapping, MembersMapping) else "balances"

    @property
    def mapped(self) -> str:
        """The whole mapping as JSON."""
        return f"{self.kind} {self.mapping.model_dump_json()}"

    @property
    def about(self) -> dict[str, Any]:
        """What is noted of a run."""
        return {"program": self.mapping.program}

    def read(self, sources: Sequence[Source], told: Callable[[int], None]) -> Book:
        """Read the files."""
        if isinstance(self.mapping, MembersMapping):
            return MembersBook.read(sources, self.mapping, self.brand, self.terms, told)
        return BalancesBook.read(sources, self.mapping, self.brand, self.terms, told)

    def again(self, run: str, told: dict[str, Any]) -> Taken:
        """Return the summary of a run that was done before, whole: nothing is added."""
        return Taken.again(run, told)


async def take_over(
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
) -> Taken:
    """Take over what `files` hold. Raises what `run_import` raises."""
    matter: Matter[Taken] = TakingMatter(mapping, brand, terms)
    return await run_import(
        db, brand, files, matter, progress=progress, rejects=rejects, revive=revive, say=say, goes_on=goes_on
    )


async def foresee(
    db: Database,
    brand: Brand,
    terms: Terms,
    files: Sequence[Path],
    mapping: Mapping,
    *,
    progress: Show,
    rejects: Path | None,
    say: Say = str,
) -> Taken:
    """Return what taking `files` over would come to, and write nothing but the file of rejects. Raises what `take_over` raises.

    Every row is decided as it would be; only what two rows of one run do to each other is not seen before they are posted.
    """
    matter = TakingMatter(mapping, brand, terms)
    sources = await asyncio.to_thread(look_at, files, mapping)
    with Rejects(rejects, files, say, matter.of) as rejected, calm_collector():
        book = await asyncio.to_thread(matter.read, sources, reading(progress, sources))
        rejected.add(book.rejects)
        tally = await _foresee(db, brand, book, rejected, progress)
        summary: Taken = book.summary(run_id(sources, matter.mapped, brand), tally, 0)  # type: ignore[assignment]
        summary.rejects, summary.first_rejects = str(rejects) if rejects else None, rejected.first
        summary.rejected_rows = rejected.rows
    return summary


async def _foresee(db: Database, brand: Brand, book: Book, rejected: Rejects, progress: Show) -> TakenTally:
    plans, tally, started = PlanBook(), TakenTally(), asyncio.get_running_loop().time()
    now_ms = instant_ms(now())
    if isinstance(book, BalancesBook):
        async with db.lend(brand.schema) as conn:
            await book.look_up(conn)
    for start in range(0, len(book), BATCH_EVENTS_MAX):
        stop = min(start + BATCH_EVENTS_MAX, len(book))
        told = book.tell(start, stop, now_ms)
        async with db.lend(brand.schema) as conn:
            results = await commit_operations(conn, brand, plans, told.arrivals, for_look=True)
        refused: list[tuple[int, Problem]] = told.refused
        for number, arrival, result in zip(told.numbers, told.arrivals, results, strict=True):
            if isinstance(result, Outcome):
                tally.count(arrival, result)
            else:
                refused.append((number, result))
        tally.refused += len(refused)
        rejected.add(book.refusal(number, problem) for number, problem in sorted(refused, key=lambda one: one[0]))
        progress(paced(Phase.POSTING, stop, len(book), stop, asyncio.get_running_loop().time() - started))
        await asyncio.sleep(0)
    return tally
