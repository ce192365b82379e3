"""All SQL of the program accounts by day: each statement named, with its purpose."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from kizuna.runtime.db import Connection

_BY_DAY = """
SELECT (timestamptz 'epoch' + ('x' || left(replace(event_key::text, '-', ''), 12))::bit(48)::bigint * interval '1 millisecond')
        AT TIME ZONE $1 AS at, unit, kind, version, rule, coalesce(account, '') AS account, points
FROM entry
"""

ADD = f"""
INSERT INTO ledger_day AS d (day, unit, kind, version, rule, account, entries, points)
SELECT at::date, unit, kind, version, rule, account, count(*), sum(points) FROM ({_BY_DAY} WHERE batch_id = ANY($2::bigint[])) AS e
GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
ON CONFLICT (day, unit, kind, version, rule, account)
DO UPDATE SET entries = d.entries + excluded.entries, points = d.points + excluded.points
"""
"""What some commits posted, each entry on its own day of the brand's calendar."""

CLEAR = "TRUNCATE ledger_day"
"""Take the books away, to make them again."""

SELECT_DIFFERENCES = f"""
WITH made AS (
    SELECT at::date AS day, unit, kind, version, rule, account, count(*) AS entries, sum(points) AS points FROM ({_BY_DAY}) AS e
    GROUP BY 1, 2, 3, 4, 5, 6
)
SELECT day, unit, kind, version, rule, account, d.entries AS kept_entries, d.points AS kept_points, made.entries, made.points
FROM ledger_day d FULL JOIN made USING (day, unit, kind, version, rule, account)
WHERE (d.entries, d.points) IS DISTINCT FROM (made.entries, made.points::bigint) ORDER BY 1, 2, 3, 4, 5, 6 LIMIT $2
"""
"""Where the books differ from the entries."""

SELECT_PERIOD = """
SELECT unit, kind, version, rule, account, coalesce(sum(points) FILTER (WHERE day < $1), 0)::bigint AS before,
    coalesce(sum(points) FILTER (WHERE day >= $1), 0)::bigint AS points, count(*) FILTER (WHERE day >= $1) > 0 AS has_moved,
    coalesce(sum(entries) FILTER (WHERE day >= $1), 0)::bigint AS entries
FROM ledger_day WHERE day <= $2 GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
"""
"""What each account had come to before a period, and what moved in it."""


async def add(conn: Connection, zone: str, batches: Sequence[int]) -> None:
    """Book some commits."""
    await conn.execute(ADD, zone, batches)


async def clear(conn: Connection) -> None:
    """Take the books away."""
    await conn.execute(CLEAR)


async def differences(conn: Connection, zone: str, limit: int) -> Sequence[Any]:
    """Return where the books differ from the entries."""
    found: Sequence[Any] = await conn.fetch(SELECT_DIFFERENCES, zone, limit)
    return found


async def period(conn: Connection, first: date, last: date) -> Sequence[Any]:
    """Return what each account had come to before `first`, and what moved through `last`."""
    found: Sequence[Any] = await conn.fetch(SELECT_PERIOD, first, last)
    return found
