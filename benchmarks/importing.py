"""A grocer's year from its Parquet file to a ledger that is proved, beside the least that anybody can do with the file."""

import asyncio
import time
from pathlib import Path
from statistics import median

import pyarrow.compute as pc
import pyarrow.parquet as pq
import uvloop

from benchmarks.harness import BRAND, GROCER, Figure, Home, compared, home
from kizuna.connect.csv import import_orders, parse_mapping
from kizuna.connect.csv.summary import Summary
from kizuna.demo.source import COLUMNS, transactions
from kizuna.intake import terms_of
from kizuna.runtime.brands import get_brand
from kizuna.runtime.db import Database


def measure() -> list[Figure]:
    """Measure the import of 1,469,307 lines."""
    file = transactions()
    floor = Figure("import_floor_s", median(_read_and_sum(file) for _ in range(3)), "s")
    with home() as here:
        here.brand(BRAND, GROCER / "program.yaml")
        began = time.perf_counter()
        summary = uvloop.run(_import(here, file))
        imported = time.perf_counter() - began
        if here.verify()["ok"] is not True or summary.accepted != summary.orders:
            raise RuntimeError(f"the import is not whole: {summary}")
        verified = time.perf_counter() - began
    return [
        floor,
        compared("import_grocer_s", verified, "s", floor),
        Figure("import_posting", summary.orders / imported, "orders/s"),
        Figure("import_verify_s", verified - imported, "s"),
    ]


def _read_and_sum(file: Path) -> float:
    """Return the seconds that it takes to read the columns that the import reads, and to sum the amounts."""
    began = time.perf_counter()
    pc.sum(pq.read_table(file, columns=COLUMNS)["sales_value"]).as_py()
    return time.perf_counter() - began


async def _import(here: Home, file: Path) -> Summary:
    url = here.database
    mapping = parse_mapping(await asyncio.to_thread((GROCER / "mapping.yaml").read_text, encoding="utf-8"))
    db = await Database.open(lambda: url)
    try:
        brand = await get_brand(db, BRAND)
        return await import_orders(
            db, brand, terms_of(brand, 300), [file], mapping, progress=lambda _: None, rejects=None
        )
    finally:
        await db.close()
