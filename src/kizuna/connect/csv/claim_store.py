"""All SQL of what the files of a taking over say: each statement named, with its purpose."""

from collections.abc import Sequence
from typing import NamedTuple

from kizuna.runtime.db import Connection

LOCK_RUN = "SELECT run_id FROM import_run WHERE run_id = $1 FOR UPDATE"
"""Two processes at the same files write what they say one after the other."""

FORGET_CLAIMS = "DELETE FROM import_claim WHERE run_id = $1"
"""What a run's files say is read anew."""

SELECT_CLAIMS = """
SELECT place, key, subject, unit, points, lots, debt, over, tier, orders, spend FROM import_claim
WHERE run_id = $1 AND place > $2 ORDER BY place LIMIT $3
"""
"""Some of what a run's files say, in the order of their rows."""

_COLUMNS = ("run_id", "place", "key", "subject", "unit", "points", "lots", "debt", "over", "tier", "orders", "spend")


class Claim(NamedTuple):
    """What the files say of a member (`unit` None), of one unit of a member, or of a member's figures ('').

    `key` is what `seen` knows the operation by; None where the rows are wrong, so that none was asked for.
    """

    key: bytes | None
    subject: str
    unit: str | None = None
    points: int = 0
    lots: int = 0
    debt: int = 0
    over: int = 0
    tier: str | None = None
    orders: int = 0
    spend: int = 0


async def put_claims(conn: Connection, run: str, claims: Sequence[Claim]) -> None:
    """Keep what a run's files say, in place of what was kept before."""
    await conn.execute(LOCK_RUN, run)
    await conn.execute(FORGET_CLAIMS, run)
    records = [(run, place, *claim) for place, claim in enumerate(claims)]
    await conn.copy_records_to_table("import_claim", records=records, columns=_COLUMNS)


async def claims_after(conn: Connection, run: str, place: int, limit: int) -> list[tuple[int, Claim]]:
    """Return up to `limit` claims behind a place, each with its own."""
    rows = await conn.fetch(SELECT_CLAIMS, run, place, limit)
    return [(row["place"], Claim(*list(row)[1:])) for row in rows]
