"""While the API process lives, its embedded server answers a real query every second or is being restarted."""

import asyncio
import contextlib
import logging
from typing import Any, Final

import asyncpg

from kizuna.core.errors import Problem
from kizuna.runtime.postgres import EmbeddedPostgres
from kizuna.runtime.postgres_query import connect, version_if_ours

_EVERY_S: Final = 1.0
_TIMEOUT_S: Final = 2.0

log = logging.getLogger(__name__)


class Supervisor:
    """Watches over one server on a connection of its own.

    A restart may move the server to another port: a pool that is to outlive restarts asks `EmbeddedPostgres.url` again.
    """

    def __init__(self, server: EmbeddedPostgres) -> None:
        self._server = server
        self._connection: Any = None

    async def run(self, stop: asyncio.Event) -> None:
        """Query every second until `stop` is set; after a query that failed, have the server restarted."""
        try:
            while not stop.is_set():
                if not await self._answers():
                    await self._restart()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), _EVERY_S)
        finally:
            self._hang_up()

    async def _answers(self) -> bool:
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                if self._connection is None:
                    self._connection = await connect(self._server.url())
                if await version_if_ours(self._connection, self._server.data):
                    return True
                reason = "another server answered"
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, Problem) as error:
            reason = str(error) or type(error).__name__
        log.warning("The embedded database did not answer: %s.", reason)
        self._hang_up()
        return False

    async def _restart(self) -> None:
        try:
            await asyncio.to_thread(self._server.ensure_running)
        except Problem as problem:
            log.error("%s", problem)  # noqa: TRY400 - the problem says what to do; a stack says nothing more
        else:
            log.info("The embedded database answers again.")

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None
