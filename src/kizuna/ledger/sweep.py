"""The sweep: writes down what time alone has done by a day, for everybody who is due.

Always true: it makes the entries that the next event of a member would make first, with the same keys, so that whoever comes second
finds nothing to do. A piece is one transaction; a sweep may be cut anywhere and begun again, and a bucket that was swept of a day
is swept of it once. Rows that a writer holds are waited for, none is passed over.
"""

import asyncio
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import NamedTuple

import numpy as np

from kizuna.core.days import day_number, day_start_ms
from kizuna.core.ids import BUCKETS
from kizuna.engine.events import Ints
from kizuna.engine.state import last_orders
from kizuna.ledger import columns
from kizuna.ledger import sweep_store as store
from kizuna.ledger.columns import Changed, Entries, Holders, Ids
from kizuna.ledger.problems import SweepAhead
from kizuna.ledger.proof.books import POSTED
from kizuna.publishing import PlanBook
from kizuna.runtime.brands import Brand
from kizuna.runtime.clock import now
from kizuna.runtime.db import Connection, Database
from kizuna.runtime.outbox import claim
from kizuna.runtime.worker import Chore

MEMBERS_AT_ONCE = 16_384
"""So many rows are locked together, for a fraction of a second."""
LANES = 2
"""While the database writes one bucket the next is decided."""
BUCKETS_AT_ONCE = 4
"""After so many the worker looks after others, and goes on when it is called again."""
AFTER_MIDNIGHT = timedelta(hours=3)
"""The day is swept so long after it began: what shops tell late of the day before still finds its points."""
_NAME = "ledger.sweep"


class Swept(NamedTuple):
    """What a sweep wrote down: of how many members, how many entries, and the first unit's points."""

    members: int = 0
    entries: int = 0
    lapsed: int = 0
    released: int = 0

    def plus(self, more: "Swept") -> "Swept":
        """Return both together."""
        return Swept(*(mine + theirs for mine, theirs in zip(self, more, strict=True)))


async def sweep(
    db: Database,
    brand: Brand,
    as_of: date | None = None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Swept:
    """Sweep every bucket by the day `as_of` (today), whether or not it was swept before. `progress` is told (buckets done, of how many).

    Raises `SweepAhead` for a day to come, `NothingPublished`, `Unavailable`.
    """
    today = now().astimezone(brand.zone).date()
    day = today if as_of is None else as_of
    if day > today:
        raise SweepAhead(field="as_of", as_of=day.isoformat(), today=today.isoformat())
    waiting, done = list(range(BUCKETS)), Swept()

    async def lane() -> Swept:
        mine, book = Swept(), PlanBook()
        while waiting:
            mine = mine.plus(await _bucket(db, brand, book, waiting.pop(0), day))
            progress(BUCKETS - len(waiting), BUCKETS)
        return mine

    for mine in await asyncio.gather(*(lane() for _ in range(LANES))):
        done = done.plus(mine)
    return done


async def turn(db: Database, brand: Brand, at: datetime | None = None, *, at_once: int = BUCKETS_AT_ONCE) -> bool:
    """Sweep some of the buckets that are still to be swept of the day; return whether there are more.

    What somebody else is sweeping is left to them. May be cut and called again at any time.
    """
    day = ((at or now()).astimezone(brand.zone) - AFTER_MIDNIGHT).date()
    book = PlanBook()
    async with db.lend(brand.schema) as conn:
        await book.refresh(conn)
        left = await store.left(conn, day) if book.plans else []
    for bucket in left[:at_once]:
        async with db.transaction(brand.schema) as conn:
            if await claim(conn, f"{_NAME}/{bucket}"):
                await _bucket(db, brand, book, bucket, day)
    return len(left) > at_once


async def _bucket(db: Database, brand: Brand, book: PlanBook, bucket: int, day: date) -> Swept:
    """Sweep one bucket, piece by piece, then remember that it was."""
    number, done = day_number(day), Swept()
    async with db.lend(brand.schema) as conn:
        await book.refresh(conn)
        due = await _due(conn, brand, book, bucket, number)
    for start in range(0, len(due), MEMBERS_AT_ONCE):
        async with db.transaction(brand.schema) as conn:
            done = done.plus(await _piece(conn, brand, book, due[start : start + MEMBERS_AT_ONCE], number))
    async with db.lend(brand.schema) as conn:
        await store.put_clock(conn, bucket, day)
    return done


async def _due(conn: Connection, brand: Brand, book: PlanBook, bucket: int, day: int) -> Ids:
    """Return the members of a bucket for whom time has done something by `day`."""
    found = await store.pockets(conn, bucket)
    if found is None:
        return np.empty(0, "V16")
    surely, perhaps = columns.due(found, day)
    plan = book.plans[_plan(brand, book, day)]
    if len(perhaps) and any(plan.idle_days):
        told = last_orders(await store.memories(conn, found.members[perhaps]))
        surely = np.union1d(surely, perhaps[columns.idle(plan, told, day)])
    return found.members[surely]


async def _piece(conn: Connection, brand: Brand, book: PlanBook, members: Ids, day: int) -> Swept:
    """Lock, decide, post."""
    holders = await store.lock(conn, members)
    if holders is None:
        return Swept()
    await book.refresh(conn)  # after the lock: rows know no unit of a version that came later
    last_order = None
    if any(book.plans[_plan(brand, book, day)].idle_days):
        last_order = last_orders(await store.memories(conn, holders.pockets.members))
    entries, changed = await asyncio.to_thread(_decide, brand, book, holders, last_order, day)
    if not len(entries.n):
        return Swept()
    await store.post(conn, POSTED, entries, changed)
    amounts = columns.sums(entries)
    return Swept(len(changed.members), len(entries.n), amounts.expired, amounts.issued)


def _decide(
    brand: Brand, book: PlanBook, holders: Holders, last_order: Ints | None, day: int
) -> tuple[Entries, Changed]:
    return columns.touch(book.plans, book.names, _plan(brand, book, day), holders, last_order, day, brand.zone)


def _plan(brand: Brand, book: PlanBook, day: int) -> int:
    """Return the index of the plan in force when the day begins."""
    return book.index_at(day_start_ms(day, brand.zone))


async def _turn(db: Database, brand: Brand) -> bool:
    return await turn(db, brand)


SWEEP = Chore(_NAME, _turn)
