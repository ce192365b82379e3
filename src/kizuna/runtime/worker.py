"""The worker: walks every brand's outbox for every follower, until told to stop.

An error of one follower is logged and tried again with growing pauses; it holds up neither the others nor the brand.
"""

import asyncio
import logging
from collections.abc import Sequence

from kizuna.core.errors import Unavailable
from kizuna.runtime.brands import all_brands
from kizuna.runtime.db import Database
from kizuna.runtime.outbox import Follower, follow_once

PAUSE_S = 0.5
PAUSE_MAX_S = 30.0
_log = logging.getLogger(__name__)


async def work(db: Database, followers: Sequence[Follower], stop: asyncio.Event) -> None:
    """Follow until `stop`. A brand made meanwhile is found at the next turn."""
    pause = PAUSE_S
    while not stop.is_set():
        try:
            busy = await work_through(db, followers)
            pause = PAUSE_S
        except Unavailable:
            busy, pause = 0, min(pause * 2, PAUSE_MAX_S)
            _log.warning("the database cannot be reached; next attempt in %.0f s", pause)
        except Exception:  # noqa: BLE001 - logged whole, then tried again: a worker that dies helps nobody
            busy, pause = 0, min(pause * 2, PAUSE_MAX_S)
            _log.exception("a follower failed; next attempt in %.0f s", pause)
        if not busy:
            await _rest(stop, pause)


async def work_through(db: Database, followers: Sequence[Follower]) -> int:
    """Give every follower of every brand its next news once; return how many rows were handled."""
    handled, fault = 0, None
    for brand in await all_brands(db):
        for follower in followers:
            try:
                handled += await follow_once(db, brand.schema, follower)
            except Unavailable:
                raise
            except Exception as error:  # noqa: BLE001 - one follower's fault must not hold up the others
                fault = error
    if fault is not None:
        raise fault
    return handled


async def _rest(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        pass
