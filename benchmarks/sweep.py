"""The sweep: a million members with two lots each, of which a million lots are over; then nights on which one lot in a hundred is due.

The crowd is laid down by one statement a table, on the server, each member with the entries that made the lots. The sweeps are the
worker's own, with durable commits.
"""

import time
from statistics import median

import uvloop

from benchmarks.harness import BRAND, GROCER, Figure, Home, home
from kizuna.core.days import day_date, day_number, day_start_ms
from kizuna.core.lots import Lot, pack
from kizuna.engine import FRESH
from kizuna.ledger import Swept, sweep
from kizuna.runtime.brands import Brand, get_brand
from kizuna.runtime.clock import now
from kizuna.runtime.db import Database, connect

MEMBERS = 1_000_000
NIGHTS = 5
"""On each, one member's second lot in a hundred lapses."""
SHARES = 100
FIRST, SECOND = 30, 70
"""Points of the two lots."""
_LIFE = 90

_FAST = "SET synchronous_commit = off; SET maintenance_work_mem = '512MB'; SET work_mem = '256MB'"
_MEMBERS = """
CREATE TEMP TABLE crowd AS
SELECT n, get_byte(uuid_send(id), 15) % 64 AS bucket, id FROM (
    SELECT n, (left(md5('m' || n), 12) || '7' || substr(md5('m' || n), 14, 3) || '8' || substr(md5('m' || n), 18))::uuid AS id
    FROM generate_series(1, $1::integer) AS n
) AS made
"""
_ACCOUNTS = """
INSERT INTO account (bucket, member_id, entry_count, counters, lots, memory)
SELECT bucket, id, 2, ARRAY[$3::bigint, 0, 0, 0, 0, 0, 0, 0, 0]::bigint[], ($1::bytea[])[n % 100 + 1], $2::bytea FROM crowd ORDER BY n
"""
_ENTRIES = """
INSERT INTO entry (bucket, member_id, event_key, n, batch_id, kind, unit, points, expires_on, version, rule, basis, taken)
SELECT bucket, id, (lpad(to_hex(($3::bigint[])[n % 100 + 1] + n % 80000000), 12, '0') || '7' || substr(md5($1 || n::text), 14, 3) || '8'
    || substr(md5($1 || n::text), 18))::uuid, $4::bigint, 1, 1, 0, $5::bigint, ($2::integer[])[n % 100 + 1], 1, 0, $5::bigint * 100, ''
FROM crowd ORDER BY n
"""


def measure() -> list[Figure]:
    """Measure a sweep of everybody and a night's."""
    with home() as here:
        here.brand(BRAND, GROCER / "program.yaml")
        return uvloop.run(_measure(here))


async def _measure(here: Home) -> list[Figure]:
    url = here.database
    db = await Database.open(lambda: url)
    try:
        brand = await get_brand(db, BRAND)
        today = day_number(now().astimezone(brand.zone).date())
        began = time.perf_counter()
        await lay_down(db, brand, MEMBERS, today)
        laid_s = time.perf_counter() - began
        everybody, first_s = await _timed(db, brand, today - NIGHTS)
        if everybody.entries != MEMBERS:
            raise RuntimeError(f"{everybody.entries} of {MEMBERS} lots were swept")
        nights = [await _timed(db, brand, today - NIGHTS + night) for night in range(1, NIGHTS + 1)]
        if any(done.entries != MEMBERS // 100 for done, _ in nights):
            raise RuntimeError(f"a night swept {[done.entries for done, _ in nights]} lots")
        _, idle_s = await _timed(db, brand, today)
        night_s = median(took for _, took in nights)
        return [
            Figure("crowd_laid_down", laid_s, "s"),
            Figure("sweep_everybody", first_s, "s"),
            Figure("sweep_everybody_rate", MEMBERS / first_s, "entries/s"),
            Figure("sweep_night", night_s, "s"),
            Figure("sweep_night_rate", MEMBERS // 100 / night_s, "entries/s"),
            Figure("sweep_nothing_due", idle_s, "s"),
        ]
    finally:
        await db.close()


async def lay_down(db: Database, brand: Brand, members: int, today: int) -> None:
    """Give the brand members whose first lots are over by the first sweep, and a hundredth of whose second ones by each night after it."""
    first = [today - NIGHTS - 10] * SHARES
    second = [today - NIGHTS + share if share < NIGHTS else today + share for share in range(SHARES)]
    lots = [pack([Lot(0, 0, one, FIRST), Lot(0, 0, other, SECOND)]) for one, other in zip(first, second, strict=True)]
    conn = await connect(db.locate, brand.schema)
    try:
        await conn.execute(_FAST)
        await conn.execute(_MEMBERS, members, timeout=900)
        await conn.execute(_ACCOUNTS, lots, FRESH, FIRST + SECOND, timeout=900)
        for number, (name, days, points) in enumerate((("a", first, FIRST), ("b", second, SECOND)), start=1):
            began_ms = [day_start_ms(day - _LIFE, brand.zone) for day in days]
            await conn.execute(_ENTRIES, name, days, began_ms, number, points, timeout=900)
        for table in ("account", "entry"):
            await conn.execute(f"VACUUM ANALYZE {table}", timeout=900)
    finally:
        await conn.close()


async def _timed(db: Database, brand: Brand, as_of: int) -> tuple[Swept, float]:
    began = time.perf_counter()
    done = await sweep(db, brand, day_date(as_of))
    return done, time.perf_counter() - began
