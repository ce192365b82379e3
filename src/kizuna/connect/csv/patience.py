"""Waiting for a database that went away, instead of giving up in the middle of a file."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from kizuna.core.errors import Problem, Unavailable
from kizuna.runtime.db import is_lost

PAUSES_S = (1, 2, 4, 8, 16, 32, 60, 60, 60, 60)
"""How long to wait before each new try: about five minutes in all."""

Revive = Callable[[], Awaitable[None]]
T = TypeVar("T")
_log = logging.getLogger(__name__)


class Patience:
    """Makes a call again while the database is away; `told` hears of every new try (its number, of how many)."""

    def __init__(self, revive: Revive | None, told: Callable[[int, int], None]) -> None:
        self._revive = revive
        self._told = told

    async def call(self, work: Callable[[], Awaitable[T]]) -> T:
        """Return what `work` returns. Raises `Unavailable` when the last try fails too."""
        for number, pause_s in enumerate(PAUSES_S, start=1):
            try:
                return await work()
            except Unavailable:
                self._told(number, len(PAUSES_S))
            await asyncio.sleep(pause_s)
            await self._wake()
        return await work()

    async def _wake(self) -> None:
        """Start the database again, if we know how; that this fails too is one more reason to wait."""
        if self._revive is None:
            return
        try:
            await self._revive()
        except Problem as problem:
            _log.warning("the database could not be started again: %s", problem)
        except Exception as fault:
            if not is_lost(fault):
                raise
            _log.warning("the database could not be started again: %s", fault)
