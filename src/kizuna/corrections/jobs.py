"""What the worker does for corrections: files of them, row by row, and whatever may go and was left lying."""

import asyncio
import csv
import io
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import PurePath
from typing import Any

from asyncpg.pgproto.pgproto import UUID

from kizuna.core.days import instant_ms
from kizuna.core.errors import N_, Kind, Problem
from kizuna.core.ids import digest
from kizuna.core.kept import facts_of, problem_of
from kizuna.corrections import store
from kizuna.corrections.bulk import BULK, content_of, find_bulk
from kizuna.corrections.decide import row_id
from kizuna.corrections.model import Bulk, BulkState, Faulty, Row, State
from kizuna.corrections.reading import Table, arrival_of, rows_of
from kizuna.corrections.service import carry_out, left
from kizuna.intake import Outcome, Result, Writer, canonical_json, terms_of
from kizuna.runtime import uploads
from kizuna.runtime.brands import Brand
from kizuna.runtime.clock import now
from kizuna.runtime.db import Database
from kizuna.runtime.jobs import Handler, Job, Tell
from kizuna.runtime.worker import Chore

REFUSED = "corrections refused"
"""The purpose of a file that holds the rows that were not carried out."""
CORRECTING = N_("Correcting points")
HEADS = (N_("row"), N_("reason refused"), N_("what to do"))
"""What stands above that which is told of a refused row."""
ROWS_AT_ONCE = 200
_LEFT_AT_ONCE = 50
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_SIGNED = re.compile(r"[-+][0-9,]+")
SayProblem = Callable[[Problem, str], tuple[str, str]]
"""Says a problem in a language: what it is, what to do."""
SayWord = Callable[[str, str], str]
"""Says, in a language, a word of ours."""


@asynccontextmanager
async def _writing(db: Database, brand: Brand) -> AsyncIterator[Writer]:
    """Run a writer of our own; at the end it finishes what it was given."""
    writer, stop = Writer(db.locate, brand), asyncio.Event()
    running = asyncio.create_task(writer.run(stop))
    try:
        yield writer
    finally:
        stop.set()
        await running


def handler(say: SayProblem, word: SayWord) -> Handler:
    """Return what carries files of corrections out; `say` and `word` tell why rows were refused, in the brand's first language."""

    async def run(db: Database, brand: Brand, job: Job, tell: Tell) -> Mapping[str, Any]:
        async with _writing(db, brand) as writer:
            return await _File(db, brand, writer, tell, say, word).carry_out(job)

    return Handler(BULK, run)


class _File:
    """One file under way. Rows are kept after they are posted; those that were not kept are asked for again, and answered as before."""

    def __init__(self, db: Database, brand: Brand, writer: Writer, tell: Tell, say: SayProblem, word: SayWord) -> None:
        self._db, self._brand, self._writer, self._tell, self._say, self._word = db, brand, writer, tell, say, word
        self._terms = terms_of(brand, 0)

    async def carry_out(self, job: Job) -> Mapping[str, Any]:
        """Carry out what is left of the file. Raises `Cancelled`, `Unavailable`."""
        async with self._db.lend(self._brand.schema) as conn:
            bulk = await find_bulk(conn, str(job.about["bulk"]))
            await self._writer.book.refresh(conn)
            done_to = await conn.fetchval(store.SELECT_LAST_ROW, UUID(bulk.id))
        raw = await content_of(self._db, self._brand.schema, bulk.upload)
        program = self._writer.book.at(bulk.asked_at).program
        table = await asyncio.to_thread(Table, raw)
        asked_ms = instant_ms(bulk.asked_at)
        rows, faulty = await asyncio.to_thread(rows_of, table, bulk.kind, program, self._terms, asked_ms)
        if bulk.state is BulkState.APPROVED:
            await self._rows(bulk, [row for row in rows if row.number > done_to], len(rows))
            await self._end(bulk, table, rows, faulty)
        async with self._db.lend(self._brand.schema) as conn:
            bulk = await find_bulk(conn, bulk.id)
        return {"file": bulk.file, "carried": bulk.carried, "refused": bulk.refused + len(faulty), "bulk": bulk.id}

    async def _rows(self, bulk: Bulk, rows: Sequence[Row], total: int) -> None:
        before = total - len(rows)
        self._tell(CORRECTING, before, total)
        for start in range(0, len(rows), ROWS_AT_ONCE):
            self._tell.stop_if_asked()
            some = rows[start : start + ROWS_AT_ONCE]
            at = now()
            told = [
                arrival_of(row.wish, row_id(bulk.id, row.number), bulk.asked_by, self._terms, instant_ms(at))
                for row in some
            ]
            results = await self._writer.submit(told)
            away = next((one for one in results if isinstance(one, Problem) and one.kind is Kind.UNAVAILABLE), None)
            if away is not None:
                raise away
            kept = [_kept(bulk, row, result) for row, result in zip(some, results, strict=True)]
            async with self._db.transaction(self._brand.schema) as conn:
                await store.insert_rows(conn, bulk, at, kept)
                await conn.execute(store.COUNT_ROWS, UUID(bulk.id))
            self._tell(CORRECTING, before + start + len(some), total)

    async def _end(self, bulk: Bulk, table: Table, rows: Sequence[Row], faulty: Sequence[Faulty]) -> None:
        """Keep the rows that were not carried out as a file of their own, and end."""
        cells = {row.number: row.cells for row in rows}
        async with self._db.lend(self._brand.schema) as conn:
            refused = [
                Faulty(row["row"], cells[row["row"]], problem_of(json.loads(row["problem"])))
                for row in await conn.fetch(store.SELECT_REFUSED, UUID(bulk.id))
            ]
        number = None
        if refused or faulty:
            text = self._refused_text(table, sorted([*refused, *faulty], key=lambda one: one.number))
            number = await uploads.take_in(
                self._db, self._brand.schema, f"{PurePath(bulk.file).stem}-refused.csv", _once(text.encode("utf-8-sig")),
                by=bulk.asked_by, about={"for": REFUSED},
            )  # fmt: skip
        async with self._db.transaction(self._brand.schema) as conn:
            await conn.execute(store.END_BULK, UUID(bulk.id), number)
            await uploads.release(conn, bulk.upload)

    def _refused_text(self, table: Table, refused: Sequence[Faulty]) -> str:
        out = io.StringIO()
        sheet = csv.writer(out)
        lang = self._brand.languages[0]
        sheet.writerow([*(_plain(cell) for cell in table.head), *(self._word(lang, head) for head in HEADS)])
        for one in refused:
            said = self._say(one.problem, lang)
            cells = [_plain(cell) for cell in one.cells]
            cells += [""] * (len(table.head) - len(cells))
            sheet.writerow([*cells, one.number, *said])
        return out.getvalue()


def _kept(bulk: Bulk, row: Row, result: Result) -> tuple[Any, ...]:
    """Return a row as the store keeps it."""
    wish, is_done = row.wish, isinstance(result, Outcome)
    return (
        UUID(digest("correction row", bulk.id, str(row.number))), row.number, wish.subject,
        UUID(result.member) if isinstance(result, Outcome) else None, wish.unit, wish.points, wish.reason, wish.note, wish.expires_on,
        State.DONE.value if is_done else State.REFUSED.value, result.balance if isinstance(result, Outcome) else None,
        canonical_json(facts_of(result)).decode() if isinstance(result, Problem) else None,
    )  # fmt: skip


def _plain(cell: str) -> str:
    """Return a cell that no sheet takes for a formula; a number may begin with a sign."""
    return f"'{cell}" if cell.startswith(_FORMULA) and not _SIGNED.fullmatch(cell) else cell


async def _once(raw: bytes) -> AsyncIterator[bytes]:
    yield raw


async def carry_left(db: Database, brand: Brand) -> bool:
    """Carry out what may go and was left lying; return whether there may be more."""
    async with db.lend(brand.schema) as conn:
        found = await left(conn, now(), limit=_LEFT_AT_ONCE)
    if not found:
        return False
    async with _writing(db, brand) as writer:
        for one in found:
            await carry_out(db, writer, terms_of(brand, 0), one)
    return len(found) == _LEFT_AT_ONCE


CORRECTIONS_CARRIED = Chore("corrections.left", carry_left)
