"""What follows from what happened: a referral that qualified is told to both sides.

The two events have ids made from their cause, walk the same road as any other, and are recorded in the transaction that moves the
follower's cursor: each is told exactly once, however often the worker dies.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from kizuna.core.days import from_ms
from kizuna.core.errors import Problem
from kizuna.core.ids import digest
from kizuna.intake import store
from kizuna.intake.commit import Result, commit
from kizuna.intake.decide import Terms, arrive, canonical_json
from kizuna.intake.model import REFERRAL_QUALIFIED, Arrival, Event
from kizuna.intake.whereabouts import ChangedMeanwhile
from kizuna.ledger import POSTED
from kizuna.members import referrers
from kizuna.publishing import PlanBook
from kizuna.runtime.brands import Brand, brand_here
from kizuna.runtime.db import Connection
from kizuna.runtime.outbox import Follower, News

SOURCE = "kizuna"
"""Who tells the events that nobody sent: time, and what follows from others."""
SIDES = ("referrer", "friend")
AT_ONCE = 500
ATTEMPTS_MAX = 8
_BEATEN = (asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError, ChangedMeanwhile)
Commit = Callable[[Connection, Brand, PlanBook, Sequence[Arrival], int], Awaitable[list[Result]]]
"""How a batch is committed: `intake.commit.commit` for events, `intake.operations.commit_operations` for operations."""


def made(brand: Brand, type_: str, id_: str, member: bytes, at: datetime, data: dict[str, Any]) -> Arrival:
    """Return an event that nobody sent. The same cause makes the same event."""
    event = Event(
        id=id_,
        source=SOURCE,
        type=type_,
        time=at,
        subject=f"member:{member.hex()}",
        data=msgspec.Raw(canonical_json(data)),
    )
    terms = Terms(brand.currency, brand.country, brand.zone, 0)
    return arrive(event, canonical_json(event), terms, 2**52)


async def tell(
    conn: Connection, brand: Brand, book: PlanBook, arrivals: Sequence[Arrival], how: Commit = commit
) -> list[Result]:
    """Record events, or carry operations out, within the caller's transaction, again where another writer was first."""
    await conn.execute(store.BY_KEY_HERE)
    results: list[Result] = []
    for start in range(0, len(arrivals), AT_ONCE):
        some = arrivals[start : start + AT_ONCE]
        for attempt in range(ATTEMPTS_MAX):
            try:
                results += await how(conn, brand, book, some, attempt)
                break
            except _BEATEN:
                if attempt + 1 == ATTEMPTS_MAX:
                    raise
    return results


async def follow(conn: Connection, news: list[News]) -> None:
    """Tell both sides of each referral that qualified with the commits that `news` names; where nobody is known, there is nothing."""
    batches = [one.payload for one in news if one.topic == POSTED]
    qualified = await store.referrals(conn, batches) if batches else []
    if not qualified:
        return
    brought_by = await referrers(conn, [member for member, _ in qualified])
    brand, book = await brand_here(conn), PlanBook()
    await book.refresh(conn)
    arrivals = []
    for friend, cause in qualified:
        if friend not in brought_by:
            continue
        at = from_ms(int.from_bytes(cause[:6], "big"))
        for side, member in zip(SIDES, (brought_by[friend], friend), strict=True):
            name = f"referral/{digest('referral', cause.hex(), friend.hex()).hex()}/{side}"
            arrivals.append(made(brand, REFERRAL_QUALIFIED, name, member, at, {"side": side}))
    for problem in await tell(conn, brand, book, arrivals):
        if isinstance(problem, Problem):
            raise problem


REFERRALS = Follower("intake.referrals", follow)
