"""A process that runs into a lock and is killed there with -9: the moment of the blow is chosen, not hit upon."""

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable, Sequence

import asyncpg

from kizuna.runtime.brands import Brand
from kizuna.runtime.server import Server
from road import Road


async def becomes(true: Callable[[], Awaitable[bool]]) -> None:
    """Wait until it is so."""
    async with asyncio.timeout(60):
        while True:
            if await true():
                return
            await asyncio.sleep(0.02)


async def somebody_waits(on: Road) -> bool:
    """Tell whether a process that works for the brand waits for a lock."""
    waiting = "SELECT 1 FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'"
    return bool(await on.sql(waiting, on.brand.schema))


async def struck(
    server: Server, brand: Brand, command: Sequence[str], blocker: str, until: Callable[[], Awaitable[bool]]
) -> None:
    """Let a command run into the locks that `blocker` takes, kill it there, and let them go."""
    env = os.environ | {"KIZUNA_HOME": str(server.embedded.home), "KIZUNA_BRAND": brand.slug}
    settings = {"search_path": brand.schema, "application_name": "blocker"}
    conn, process = await asyncpg.connect(server.locate(), server_settings=settings), None
    try:
        async with conn.transaction():
            await conn.execute(blocker)
            process = await asyncio.create_subprocess_exec(*command, env=env)
            await becomes(until)
            process.kill()
            await process.wait()
    finally:
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        await conn.close()


async def is_rolled_back(on: Road, table: str) -> bool:
    """Tell whether nobody writes into a table any more."""
    held = "SELECT 1 FROM pg_locks WHERE relation = $1::text::regclass AND mode = 'RowExclusiveLock'"
    return not await on.sql(held, f"{on.brand.schema}.{table}")
