"""Taking over another program of 100,000 members: from its files to a ledger that reconciles to the point and is proved."""

import random
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import uvloop

from benchmarks.harness import BRAND, GROCER, Figure, Home, home
from kizuna.connect.csv import parse_balances, parse_members, reconcile, take_over
from kizuna.intake import terms_of
from kizuna.runtime.brands import get_brand
from kizuna.runtime.db import Database

MEMBERS = 100_000
_PEOPLE = """
mapping: 1
program: old
columns:
  {member: {column: who, kind: customer}, email: mail, name: name, birthday: born, joined_on: joined, tier: tier, tier_through: until}
"""
_LOTS = "mapping: 1\nprogram: old\ncolumns: {member: {column: who, kind: customer}, points: points, last_day: until}\n"


def measure() -> list[Figure]:
    """Measure the taking over of members and balances, its reconciliation and its proof."""
    with home() as here, TemporaryDirectory() as folder:
        here.brand(BRAND, GROCER / "program.yaml")
        files = _files(Path(folder))
        began = time.perf_counter()
        taken, checked = uvloop.run(_take_over(here, *files))
        seconds = time.perf_counter() - began
        if here.verify()["ok"] is not True:
            raise RuntimeError("the ledger does not hold")
    return [
        Figure("takeover_s", taken, "s"),
        Figure("takeover_members", MEMBERS / taken, "members/s"),
        Figure("takeover_reconcile_s", checked, "s"),
        Figure("takeover_verified_s", time.perf_counter() - began - seconds, "s"),
    ]


def _files(folder: Path) -> tuple[Path, Path]:
    rng, today = random.Random(1), datetime.now(UTC).date()  # noqa: S311 - made-up people
    tiers = ("member", "silver", "gold", "platinum")
    people = [
        (str(number), f"m{number}@example.com", f"会員 {number}", date(1950, 1, 1) + timedelta(days=number % 20_000),
         date(2015 + number % 10, 4, 1), rng.choice(tiers), today + timedelta(days=rng.randrange(1, 700)))
        for number in range(MEMBERS)
    ]  # fmt: skip
    lots = [
        (str(number), rng.randrange(1, 5000), today + timedelta(days=rng.randrange(700)))
        for number in range(MEMBERS)
        for _ in range(rng.randrange(4))
    ]
    members, balances = folder / "members.parquet", folder / "balances.parquet"
    _write(members, ("who", "mail", "name", "born", "joined", "tier", "until"), people)
    _write(balances, ("who", "points", "until"), lots)
    return members, balances


def _write(path: Path, names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    columns = zip(*rows, strict=True)
    pq.write_table(pa.table({name: pa.array(column) for name, column in zip(names, columns, strict=True)}), path)


async def _take_over(here: Home, members: Path, balances: Path) -> tuple[float, float]:
    """Return the seconds of taking over and of reconciling."""
    url = here.database
    db = await Database.open(lambda: url)
    try:
        brand = await get_brand(db, BRAND)
        began, runs = time.perf_counter(), []
        for file, mapping in ((members, parse_members(_PEOPLE)), (balances, parse_balances(_LOTS))):
            summary = await take_over(
                db, brand, terms_of(brand, 300), [file], mapping, progress=lambda _: None, rejects=None
            )
            runs.append(summary.run_id)
        taken = time.perf_counter() - began
        for run in runs:
            if not (await reconcile(db, brand, run)).ok:
                raise RuntimeError(f"the ledger differs from the files of {run}")
        return taken, time.perf_counter() - began - taken
    finally:
        await db.close()
