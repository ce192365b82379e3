"""Following the figures within a test: at any instant, in any order, and what is kept afterwards as plain rows."""

import asyncio
from datetime import datetime

from kizuna.insight import FOLLOWER, audit, jobs, turn
from kizuna.runtime.outbox import Follower, follow_once, waiting

TABLES = {
    "insight_member": "*",
    "insight_points": "*",
    "insight_day": "*",
    "insight_active": "*",
    "insight_tier": "*",
    "insight_tier_move": "*",
    "insight_stage": "*",
}
SUMS = {
    "insight_points": "points",
    "insight_active": "delta",
    "insight_tier": "members",
    "insight_tier_move": "members",
    "insight_stage": "members",
}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def follow(on, when: datetime) -> None:
    """Count every commit as of `when`; what other tests' open transactions hold back is waited for."""
    one = Follower(FOLLOWER.name, lambda conn, news: jobs.follow(conn, news, when))
    async with asyncio.timeout(10):
        while await waiting(on.db, on.brand.schema, one.name):
            if not await follow_once(on.db, on.brand.schema, one):
                await asyncio.sleep(0.01)


async def pass_time(on, when: datetime) -> int:
    """Turn the day to the end; return how many times there was more."""
    turns = 0
    while await turn(on.db, on.brand, when, at_once=1):
        turns += 1
    return turns


async def prove(on, when: datetime):
    """Compare every figure with what it is made of."""
    found = await audit(on.db, on.brand, when)
    assert found.ok, "\n".join(found.differences)
    return found


async def kept(on, *, of_rows: str = "*") -> dict[str, list]:
    """Return every table as rows; a sum that has come to nothing is the same as none."""
    tables = {}
    for table in TABLES:
        rows = await on.sql(f"SELECT {of_rows if table == 'insight_member' else '*'} FROM {table} ORDER BY 1, 2")
        found = [tuple(row.values()) for row in rows if not (table in SUMS and row[SUMS[table]] == 0)]
        tables[table] = sorted(found, key=str)
    return tables
