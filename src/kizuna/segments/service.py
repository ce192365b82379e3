"""Who is in a segment: one function each for the statement, the number and the list.

The answer is that of the engine's own reading of the same condition (`engine.holds`) for whatever the database already knows: a
fact that is not there makes its comparison false, whatever the comparison.
"""

from collections.abc import AsyncIterator
from datetime import date

from kizuna.program import Condition, Program
from kizuna.runtime.db import Connection, Fragment
from kizuna.segments import decide, store

PAGE = 5_000


def members_where(program: Program, condition: Condition, today: date) -> Fragment:
    """Return the fragment `segment` (bucket, member_id) of all who fulfil `condition` on that day. Raises `SegmentInvalid`.

    `program` is the version whose tiers, stages and segments the condition names.
    """
    where = decide.predicate(program, condition, today)
    return Fragment("segment", store.select(where.text), where.values)


async def count(conn: Connection, program: Program, condition: Condition, today: date) -> int:
    """Return how many members fulfil `condition` on that day. Raises `SegmentInvalid`."""
    return await store.count(conn, members_where(program, condition, today))


async def members(
    conn: Connection, program: Program, condition: Condition, today: date, *, size: int = PAGE
) -> AsyncIterator[list[bytes]]:
    """Walk all who fulfil `condition` on that day, up to `size` at a time, in the order of their keys. Raises `SegmentInvalid`."""
    segment = members_where(program, condition, today)
    async for page in store.pages(conn, segment, size):
        yield page
