"""Statements among ten million entries: a balance at a past instant, a month's statement, a member's last fifty entries.

The entries are laid down by one statement on the server: two hundred thousand members with fifty orders each.
"""

import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from random import Random
from statistics import median

import uvloop

from benchmarks.harness import BRAND, GROCER, Figure, Home, home
from kizuna.core.days import day_number, day_start_ms
from kizuna.core.lots import Lot, pack
from kizuna.engine import FRESH
from kizuna.ledger import balance_at, history, statement
from kizuna.runtime.brands import Brand, get_brand
from kizuna.runtime.clock import now
from kizuna.runtime.db import Connection, Database, connect

MEMBERS, EACH, ASKED = 200_000, 50, 1_000
_POINTS = 10
_FAST = "SET synchronous_commit = off; SET maintenance_work_mem = '512MB'; SET work_mem = '256MB'"
_CROWD = """
CREATE TEMP TABLE crowd AS
SELECT n, get_byte(uuid_send(id), 15) % 64 AS bucket, id FROM (
    SELECT n, (left(md5('m' || n), 12) || '7' || substr(md5('m' || n), 14, 3) || '8' || substr(md5('m' || n), 18))::uuid AS id
    FROM generate_series(1, $1::integer) AS n
) AS made
"""
_ACCOUNTS = """
INSERT INTO account (bucket, member_id, entry_count, counters, lots, memory)
SELECT bucket, id, $1, ARRAY[$2::bigint, 0, 0, 0, 0, 0, 0, 0, 0], $3, $4 FROM crowd ORDER BY n
"""
_ENTRIES = """
INSERT INTO entry (bucket, member_id, event_key, n, batch_id, kind, unit, points, expires_on, version, rule, basis, taken)
SELECT bucket, id, (lpad(to_hex($2::bigint + e::bigint * 86400000 + c.n % 80000000), 12, '0') || '7' || substr(id::text, 16, 3) || '8'
    || left(md5(e || id::text), 15))::uuid, e, 1, 1, 0, $3::bigint, $4::integer, 1, 0, $3::bigint * 100, ''
FROM crowd c, generate_series(1, $1::integer) AS e ORDER BY bucket, id, e
"""


def measure() -> list[Figure]:
    """Measure looking back."""
    with home() as here:
        here.brand(BRAND, GROCER / "program.yaml")
        return uvloop.run(_measure(here))


async def _measure(here: Home) -> list[Figure]:
    url = here.database
    db = await Database.open(lambda: url)
    try:
        brand = await get_brand(db, BRAND)
        members = await _lay_down(db, brand)
        zone, today = brand.zone, now()
        draw = Random(1)  # noqa: S311 - the same instants each time
        async with db.lend(brand.schema) as conn:

            async def past(member: bytes) -> object:
                return await balance_at(conn, member, today - timedelta(days=draw.randrange(EACH)), zone)

            async def month(member: bytes) -> object:
                return await statement(conn, member, (today - timedelta(days=30)).date(), today.date(), zone)

            async def last_fifty(member: bytes) -> object:
                return await history(conn, member, limit=50)

            figures = []
            for name, ask in (("balance_at", past), ("statement_month", month), ("last_50_entries", last_fifty)):
                took = await _timed(conn, ask, members)
                figures += [
                    Figure(f"{name}_p50", median(took), "ms"),
                    Figure(f"{name}_p99", took[int(len(took) * 0.99)], "ms"),
                ]
            return [Figure("entries", MEMBERS * EACH, "entries"), *figures]
    finally:
        await db.close()


async def _timed(_conn: Connection, ask: Callable[[bytes], Awaitable[object]], members: list[bytes]) -> list[float]:
    took = []
    for member in members:
        began = time.perf_counter()
        await ask(member)
        took.append((time.perf_counter() - began) * 1000)
    return sorted(took)


async def _lay_down(db: Database, brand: Brand) -> list[bytes]:
    """Lay the entries down and return some of the members."""
    today = day_number(now().astimezone(brand.zone).date())
    last, total = today + 365, EACH * _POINTS
    conn = await connect(db.locate, brand.schema)
    try:
        await conn.execute(_FAST)
        await conn.execute(_CROWD, MEMBERS, timeout=900)
        await conn.execute(_ACCOUNTS, EACH, total, pack([Lot(0, 0, last, total)]), FRESH, timeout=900)
        began_ms = day_start_ms(today - EACH - 1, brand.zone)
        await conn.execute(_ENTRIES, EACH, began_ms, _POINTS, last, timeout=900)
        for table in ("account", "entry"):
            await conn.execute(f"VACUUM ANALYZE {table}", timeout=900)
        rows = await conn.fetch("SELECT id FROM crowd WHERE n % ($1::integer / $2::integer) = 0", MEMBERS, ASKED)
        return [row["id"].bytes for row in rows]
    finally:
        await conn.close()
