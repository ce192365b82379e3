"""The ledger without HTTP: commits in process, and opening members' pages beside nothing else."""

import asyncio
import time
from statistics import median

import uvloop

from benchmarks import proof
from benchmarks.harness import BRAND, GROCER, Figure, Home, compared, home
from benchmarks.orders import MEMBERS, live, warming
from benchmarks.postgres import SAME_ROWS, Bench
from kizuna import intake
from kizuna.core.days import instant_ms
from kizuna.core.errors import Problem
from kizuna.members import Identity, resolve
from kizuna.publishing import PlanBook
from kizuna.runtime.brands import Brand, get_brand
from kizuna.runtime.clock import now
from kizuna.runtime.db import Database
from kizuna.web.reads import PAGE_SIZE, Reader

BATCH, WINDOWS, WINDOW_EVENTS = 500, 5, 15_000
PAGES = 2_000


def measure() -> list[Figure]:
    """Measure posting and reading."""
    with home() as here:
        here.brand(BRAND, GROCER / "program.yaml")
        rate, open_ms = uvloop.run(_measure(here))
        if here.verify()["ok"] is not True:
            raise RuntimeError("the ledger does not verify after the load")
        bench = Bench(here)
        same = Figure("pgbench_same_rows", median(bench.rate(SAME_ROWS) for _ in range(3)), "tx/s")
    return [
        same,
        compared("ledger_posting", rate, "events/s", same),
        Figure("ledger_open_p50_ms", open_ms[len(open_ms) // 2], "ms"),
        Figure("ledger_open_p99_ms", open_ms[int(len(open_ms) * 0.99)], "ms"),
        *proof.measure(),
    ]


async def _measure(here: Home) -> tuple[float, list[float]]:
    url = here.database
    db = await Database.open(lambda: url)
    try:
        brand = await get_brand(db, BRAND)
        return await _posting(db, brand), await _opening(db, brand)
    finally:
        await db.close()


async def _posting(db: Database, brand: Brand) -> float:
    """Return events per second of a writer that is given batches one after another, read beforehand."""
    writer, stop = intake.Writer(db.locate, brand), asyncio.Event()
    work = asyncio.create_task(writer.run(stop))
    await _submit(writer, _read(brand, warming()))
    rates = []
    for window in range(WINDOWS):
        arrivals = _read(brand, live(f"window{window}", WINDOW_EVENTS))
        began = time.perf_counter()
        await _submit(writer, arrivals)
        rates.append(WINDOW_EVENTS / (time.perf_counter() - began))
    stop.set()
    await work
    return median(rates)


def _read(brand: Brand, events: list[bytes]) -> list[intake.Arrival]:
    terms, at_ms = intake.terms_of(brand, 300), instant_ms(now())
    return [intake.read(event, terms, at_ms) for event in events]


async def _submit(writer: intake.Writer, arrivals: list[intake.Arrival]) -> None:
    for start in range(0, len(arrivals), BATCH):
        for result in await writer.submit(arrivals[start : start + BATCH]):
            if isinstance(result, Problem):
                raise result


async def _opening(db: Database, brand: Brand) -> list[float]:
    """Return, sorted, the milliseconds that the data of each of `PAGES` members' pages take."""
    identities = [Identity("customer", f"{member:06}") for member in range(0, MEMBERS, MEMBERS // PAGES)]
    async with db.lend(brand.schema) as conn:
        known = await resolve(conn, identities)
    book, took = PlanBook(), []
    for member in known.values():
        began = time.perf_counter()
        async with db.transaction(brand.schema, readonly=True) as conn:
            reader = await Reader.open(conn, brand, book, now())
            await reader.member(conn, member)
            await reader.history(conn, member, None, PAGE_SIZE)
        took.append((time.perf_counter() - began) * 1000)
    return sorted(took)
