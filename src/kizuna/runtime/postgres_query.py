"""A server is known by its answer to a real query, never by a file or an open port.

`ask` tells our server from one that is not ready, from silence, from a stranger on the same port, and from nobody.
"""

import asyncio
from enum import Enum, auto
from pathlib import Path
from typing import Any

import asyncpg


class Answer(Enum):
    """What a port replied."""

    OURS = auto()
    NOT_YET = auto()  # a PostgreSQL that starts, recovers, stops or is full
    SILENT = auto()  # something listens and does not reply in time
    STRANGER = auto()  # another server
    NOBODY = auto()  # nothing listens


async def connect(url: str) -> Any:
    """Return a fresh asyncpg connection. The embedded server is on this machine and speaks without TLS."""
    return await asyncpg.connect(url, ssl=False)


async def version_if_ours(connection: Any, data: Path) -> str | None:
    """Return the version of the server whose data folder is `data`, or None if another server answers."""
    folder, version = await connection.fetchrow(
        "select current_setting('data_directory'), current_setting('server_version')"
    )
    return str(version) if folder == str(data) else None


def ask(url: str, data: Path, timeout_s: float = 2.0) -> tuple[Answer, str | None]:
    """Connect, query and say what answered, with its version if it is ours. Not for use inside an event loop."""
    return asyncio.run(_ask(url, data, timeout_s))


async def _ask(url: str, data: Path, timeout_s: float) -> tuple[Answer, str | None]:
    try:
        async with asyncio.timeout(timeout_s):
            connection = await connect(url)
            try:
                version = await version_if_ours(connection, data)
            finally:
                await connection.close()
    except ConnectionRefusedError:
        return Answer.NOBODY, None
    except (asyncpg.OperatorInterventionError, asyncpg.TooManyConnectionsError):
        return Answer.NOT_YET, None
    except (OSError, asyncpg.PostgresConnectionError):  # a timeout is an OSError; so is a connection cut half way
        return Answer.SILENT, None
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
        return Answer.STRANGER, None
    return (Answer.OURS, version) if version else (Answer.STRANGER, None)
