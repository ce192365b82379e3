"""What the worker runs for the figures: a follower that counts each commit once, and the turn of the day.

Both hold the follower's lock while they work, so that of all processes one at a time changes the figures.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

from kizuna.core.days import day_date
from kizuna.core.ids import BUCKETS
from kizuna.insight import store
from kizuna.insight.decide import pieces
from kizuna.insight.model import FOLLOWER_NAME, Happened, Moment, Tally
from kizuna.insight.service import read, renew
from kizuna.ledger import POSTED
from kizuna.publishing import PlanBook
from kizuna.runtime.brands import Brand, brand_here
from kizuna.runtime.clock import now
from kizuna.runtime.db import Connection, Database
from kizuna.runtime.outbox import Follower, News, claim, follow_once, start_over, waiting
from kizuna.runtime.worker import Chore

ROWS_AT_ONCE = 20_000
"""So many events or entries are counted in one transaction, or one commit that has more."""
MEMBERS_AT_ONCE = 2000
PAUSE_S = 0.05
PIECES_AT_ONCE = 10
"""After so many the turn lets the worker look after others, and goes on when it is called again."""


async def follow(conn: Connection, news: list[News], at: datetime) -> int:
    """Count the commits that `news` names, as of `at`, as many as belong into one transaction; return how much news that was."""
    batches = [one.payload for one in news if one.topic == POSTED]
    if not batches:
        return len(news)
    moment = await _moment(conn, await brand_here(conn), at)
    await conn.execute(store.BY_KEY)
    tally = Tally()
    piece, *rest = pieces(await store.count_rows(conn, batches), ROWS_AT_ONCE)
    happened = await read(conn, moment, piece, tally)
    for share in happened.shared_out(MEMBERS_AT_ONCE):
        await renew(conn, moment, share, tally)
    await store.add(conn, tally)
    if not rest:
        return len(news)
    return next(place for place, one in enumerate(news) if one.topic == POSTED and one.payload == rest[0][0])


async def turn(db: Database, brand: Brand, at: datetime | None = None, *, at_once: int = PIECES_AT_ONCE) -> bool:
    """Follow the passing of time: rows whose points have lapsed, whose tier has ended or that an older version made.

    Return whether there is more to do; not while somebody else is at it. May be cut and called again at any time; a piece is
    one transaction.
    """
    for _ in range(at_once):
        async with db.transaction(brand.schema) as conn:
            if not await claim(conn, FOLLOWER_NAME):
                return False
            book = PlanBook()
            await book.refresh(conn)
            if not book.plans:
                return False
            moment = Moment.at(brand, book, at or now())
            found = await store.overdue(conn, moment.today, MEMBERS_AT_ONCE) or await _outdated(conn, moment)
            if not found:
                await conn.execute(store.PUT_CLOCK, day_date(moment.today), moment.version)
                return False
            tally = Tally()
            await conn.execute(store.BY_KEY)
            await renew(conn, moment, Happened(found), tally)
            await store.add(conn, tally)
    return True


async def rebuild(db: Database, brand: Brand, progress: Callable[[int, int], None] = lambda _done, _all: None) -> int:
    """Take every figure away and count all commits anew; return how many. Raises `Unavailable`.

    Meanwhile the figures grow from nothing. Cut off, it is finished by the worker, which goes on from the cursor.
    """
    async with db.transaction(brand.schema) as conn:
        await start_over(conn, FOLLOWER_NAME)
        await conn.execute(store.CLEAR)
    total, done = await waiting(db, brand.schema, FOLLOWER_NAME), 0
    while await waiting(db, brand.schema, FOLLOWER_NAME):
        handled = await follow_once(db, brand.schema, FOLLOWER)
        done += handled
        progress(min(done, total), total)
        if not handled:
            await asyncio.sleep(PAUSE_S)
    while await turn(db, brand):
        pass
    return total


async def _outdated(conn: Connection, moment: Moment) -> list[bytes]:
    """Return some members whose rows an older version made, unless all are known to be current."""
    clock = await conn.fetchrow(store.SELECT_CLOCK)
    if clock is not None and clock["version"] >= moment.version:
        return []
    for bucket in range(BUCKETS):
        found = await store.outdated(conn, bucket, moment.version, MEMBERS_AT_ONCE)
        if found:
            return found
    return []


async def _moment(conn: Connection, brand: Brand, at: datetime) -> Moment:
    book = PlanBook()
    await book.refresh(conn)
    return Moment.at(brand, book, at)


async def _follow(conn: Connection, news: list[News]) -> int:
    return await follow(conn, news, now())


async def _turn(db: Database, brand: Brand) -> bool:
    return await turn(db, brand)


FOLLOWER = Follower(FOLLOWER_NAME, _follow)
DAY_TURN = Chore("insight.turn", _turn)
