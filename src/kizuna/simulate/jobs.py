"""What the worker does for back-tests: the history is fetched, a process of its own replays it, and what it came to is kept.

It may be killed, taken over and stopped at any point: nothing is kept before the end, and running it again gives the same.
"""

import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from kizuna.core.days import day_number
from kizuna.core.errors import N_
from kizuna.core.kept import problem_of
from kizuna.publishing import PlanBook
from kizuna.runtime.brands import Brand
from kizuna.runtime.db import Database
from kizuna.runtime.jobs import Cancelled, Handler, Job, Tell
from kizuna.simulate.history import History
from kizuna.simulate.pool import BacktestBrokenOff
from kizuna.simulate.records import recorded
from kizuna.simulate.schema import HISTORY, PROBLEM, REQUEST, RESULT
from kizuna.simulate.study import KIND, STORY, Asked, Source, find_study, keep_result, keep_story

READING = N_("Reading the history")
REPLAYING = N_("Replaying the purchases")
_CHILD = "kizuna.simulate.child"
_LOOK_EVERY_S = 0.25
Reader = Callable[[Database, Brand, Source], Awaitable[History]]
"""Reads a file that was sent in; which vendor's it is, only the outside world knows."""


def handlers(read_file: Reader) -> tuple[Handler, ...]:
    """Return what runs studies, and what tells one member's story."""

    async def run(db: Database, brand: Brand, job: Job, tell: Tell) -> Mapping[str, Any]:
        number = int(job.about["backtest"])
        async with db.lend(brand.schema) as conn:
            asked = (await find_study(conn, number)).asked
        result = await _play(db, brand, asked, tell, read_file)
        async with db.transaction(brand.schema) as conn:
            await keep_result(conn, number, asked, result)
        return {
            "backtest": number,
            "orders": result["results"][0]["sales"]["orders"],
            "members": result["results"][0]["members"],
        }

    async def story(db: Database, brand: Brand, job: Job, tell: Tell) -> Mapping[str, Any]:
        number, member = int(job.about["backtest"]), str(job.about["member"])
        async with db.lend(brand.schema) as conn:
            asked = (await find_study(conn, number)).asked
        result = await _play(db, brand, asked, tell, read_file, member)
        async with db.transaction(brand.schema) as conn:
            await keep_story(conn, number, member, result["story"])
        return {"backtest": number, "member": member}

    return Handler(KIND, run), Handler(STORY, story)


async def _play(
    db: Database, brand: Brand, asked: Asked, tell: Tell, read_file: Reader, member: str | None = None
) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="kizuna-backtest-") as name:
        folder = Path(name)
        history, live = await _history(db, brand, asked, tell, read_file)
        tell.stop_if_asked()
        await asyncio.to_thread(_write, folder, history, _request(brand, asked, history, live, member))
        await _wait(folder, tell)
        if (folder / PROBLEM).exists():
            raise problem_of(json.loads((folder / PROBLEM).read_text(encoding="utf-8")))
        result: dict[str, Any] = json.loads((folder / RESULT).read_text(encoding="utf-8"))
    return result


async def _history(
    db: Database, brand: Brand, asked: Asked, tell: Tell, read_file: Reader
) -> tuple[History, dict[str, Any] | None]:
    """Return the history, and the live program's document."""
    tell(READING, 0)
    book = PlanBook()
    async with db.transaction(brand.schema) as conn:
        await book.refresh(conn)
        if not asked.source.is_file:

            def told(done: int, of: int) -> None:
                tell(READING, done, of)
                tell.stop_if_asked()

            history = await recorded(conn, brand, told)
    if asked.source.is_file:
        history = await read_file(db, brand, asked.source)
    return history, book.plans[-1].program.model_dump(mode="json") if book.plans else None


def _request(
    brand: Brand, asked: Asked, history: History, live: dict[str, Any] | None, member: str | None
) -> dict[str, Any]:
    since, until = (None if day is None else day_number(day) for day in (asked.since, asked.until))
    more = {
        "name": history.name,
        "zone": brand.zone.key,
        "live": live,
        "member": member,
        "since": since,
        "until": until,
    }
    return asked.as_json() | more


def _write(folder: Path, history: History, request: dict[str, Any]) -> None:
    with pa.OSFile(str(folder / HISTORY), "wb") as sink, pa.ipc.new_file(sink, history.table.schema) as file:
        file.write_table(history.table.unify_dictionaries())
    (folder / REQUEST).write_text(json.dumps(request, ensure_ascii=False), encoding="utf-8")


async def _wait(folder: Path, tell: Tell) -> None:
    """Let the process work until it ends. Raises `Cancelled`, `BacktestBrokenOff`."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", _CHILD, str(folder), stdout=PIPE, start_new_session=True
    )
    following = asyncio.create_task(_follow(process, tell))
    try:
        while not following.done():
            tell.stop_if_asked()
            await asyncio.wait([following], timeout=_LOOK_EVERY_S)
        if await process.wait():
            raise BacktestBrokenOff
    except (Cancelled, asyncio.CancelledError):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # with it go the processes that it made
        await process.wait()
        raise
    finally:
        following.cancel()


async def _follow(process: asyncio.subprocess.Process, tell: Tell) -> None:
    """Pass on what the process tells."""
    if process.stdout is None:
        return
    while line := await process.stdout.readline():
        done, of = json.loads(line)
        tell(REPLAYING, done, of)
