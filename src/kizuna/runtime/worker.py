"""The worker: walks every brand's outbox for every follower and does its chores, until told to stop.

An error of one follower is logged and tried again with growing pauses; it holds up neither the others nor the brand.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from kizuna.core.errors import Unavailable
from kizuna.runtime.brands import Brand, all_brands
from kizuna.runtime.db import Database
from kizuna.runtime.jobs import Handler, work_once
from kizuna.runtime.outbox import Follower, follow_once

PAUSE_S = 0.5
PAUSE_MAX_S = 30.0
JOBS_AT_ONCE = 2
CHORE_EVERY_S = 60.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Chore:
    """What passes with time rather than with news: run for each brand every so often, and again at once while `run` says more."""

    name: str
    run: Callable[[Database, Brand], Awaitable[bool]]
    every_s: float = CHORE_EVERY_S
    _due: dict[str, float] = field(default_factory=dict)

    async def if_due(self, db: Database, brand: Brand) -> int:
        """Run when it is time; return 1 when there is more to do at once."""
        if time.monotonic() < self._due.get(brand.slug, 0):
            return 0
        self._due[brand.slug] = time.monotonic() + self.every_s
        if await self.run(db, brand):
            self._due[brand.slug] = 0
            return 1
        return 0


async def work(db: Database, followers: Sequence[Follower], stop: asyncio.Event, chores: Sequence[Chore] = ()) -> None:
    """Follow until `stop`. A brand made meanwhile is found at the next turn."""
    pause = PAUSE_S
    while not stop.is_set():
        try:
            busy = await work_through(db, followers, chores)
            pause = PAUSE_S
        except Unavailable:
            busy, pause = 0, min(pause * 2, PAUSE_MAX_S)
            _log.warning("the database cannot be reached; next attempt in %.0f s", pause)
        except Exception:  # noqa: BLE001 - logged whole, then tried again: a worker that dies helps nobody
            busy, pause = 0, min(pause * 2, PAUSE_MAX_S)
            _log.exception("a follower failed; next attempt in %.0f s", pause)
        if not busy:
            await _rest(stop, pause)


async def work_through(db: Database, followers: Sequence[Follower], chores: Sequence[Chore] = ()) -> int:
    """Give every follower of every brand its next news once, then do what is due; return how much was handled."""
    handled, fault = 0, None
    for brand in await all_brands(db):
        following = [partial(follow_once, db, brand.schema, follower) for follower in followers]
        for do in [*following, *(partial(chore.if_due, db, brand) for chore in chores)]:
            try:
                handled += await do()
            except Unavailable:
                raise
            except Exception as error:  # noqa: BLE001 - one follower's fault must not hold up the others
                fault = error
    if fault is not None:
        raise fault
    return handled


async def work_jobs(db: Database, handlers: Sequence[Handler], stop: asyncio.Event) -> None:
    """Do the jobs of every brand, a few at a time, until `stop`; one under way then is given back."""
    by_kind = {handler.kind: handler for handler in handlers}
    lanes = [asyncio.create_task(_work_lane(db, by_kind, stop)) for _ in range(JOBS_AT_ONCE)]
    await stop.wait()
    for lane in lanes:
        lane.cancel()
    await asyncio.gather(*lanes, return_exceptions=True)


async def _work_lane(db: Database, handlers: Mapping[str, Handler], stop: asyncio.Event) -> None:
    pause = PAUSE_S
    while not stop.is_set():
        busy = False
        try:
            for brand in await all_brands(db):
                busy |= await work_once(db, brand, handlers)
            pause = PAUSE_S
        except Unavailable:
            pause = min(pause * 2, PAUSE_MAX_S)
        except Exception:  # noqa: BLE001 - logged whole, then tried again: a worker that dies helps nobody
            pause = min(pause * 2, PAUSE_MAX_S)
            _log.exception("a job could not be taken up; next attempt in %.0f s", pause)
        if not busy:
            await _rest(stop, pause)


async def _rest(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        pass
