"""The way to the database: a pool, a brand's own schema, transactions, and statements composed from rooms' fragments.

Always true: a connection lent for a brand sees that brand's schema and nothing of another's. Whatever means "the database
cannot be reached" leaves here as `Unavailable`, so that no caller needs to know the driver's errors.
"""

import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self, TypeAlias

import asyncpg

from kizuna.core.errors import N_, Kind, Problem, Unavailable

PLATFORM_SCHEMA = "kizuna"
COMMAND_TIMEOUT_S = 60

Connection: TypeAlias = asyncpg.Connection
"""One connection, its search path set."""

_LOST = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.OperatorInterventionError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)


def is_lost(fault: BaseException) -> bool:
    """Tell whether `fault` means that the database went away, so that the same call may be made again."""
    return isinstance(fault, _LOST) and not isinstance(fault, FileNotFoundError | PermissionError)


class DatabaseRefuses(Problem):
    """The server answers, but does not let us in."""

    code = "database_refuses"
    kind = Kind.UNAVAILABLE
    title = N_("The database does not let us in: {reason}.")
    remedy = N_("Correct user, password and database in DATABASE_URL.")


@asynccontextmanager
async def reaching() -> AsyncIterator[None]:
    """Turn every error that means "unreachable" into `Unavailable`, and a closed door into `DatabaseRefuses`."""
    try:
        yield
    except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError) as fault:
        raise DatabaseRefuses(reason=str(fault)) from fault
    except Exception as fault:
        if is_lost(fault):
            raise Unavailable from fault
        raise


Locator = Callable[[], str]
"""Says where the database is now: an embedded server may come back on another port."""


async def connect(locate: Locator, schema: str) -> Connection:
    """Open one connection to `schema`. Raises `Unavailable`."""
    async with reaching():
        return await asyncpg.connect(
            locate(),
            timeout=5,
            command_timeout=COMMAND_TIMEOUT_S,
            server_settings={"search_path": f'"{schema}"', "application_name": schema},
        )


class Database:
    """A pool whose connections are lent to one schema at a time."""

    def __init__(self, locate: Locator, pool: asyncpg.Pool) -> None:
        self.locate = locate
        self._pool = pool

    @classmethod
    async def open(cls, locate: Locator, *, size: int = 10) -> Self:
        """Open the pool without connecting yet: a database that is down is met by the first call, not here."""

        async def connect_there(*_dsn: Any, **options: Any) -> Connection:
            return await asyncpg.connect(locate(), **options)

        pool = asyncpg.create_pool(
            min_size=0,
            max_size=size,
            connect=connect_there,
            reset=_keep_session,
            timeout=5,
            command_timeout=COMMAND_TIMEOUT_S,
        )
        return cls(locate, await pool)

    async def close(self) -> None:
        """Close every connection."""
        self._pool.terminate()

    @asynccontextmanager
    async def lend(self, schema: str) -> AsyncIterator[Connection]:
        """Lend a connection that sees `schema`. Raises `Unavailable`."""
        async with reaching(), self._pool.acquire(timeout=5) as lent:
            conn: Any = lent
            if conn.get_settings().application_name != schema:
                await conn.execute(f"SET search_path TO \"{schema}\"; SET application_name TO '{schema}'")
            yield conn

    @asynccontextmanager
    async def transaction(self, schema: str, *, readonly: bool = False) -> AsyncIterator[Connection]:
        """Lend a connection inside one transaction; a read-only one sees a single moment. Raises `Unavailable`."""
        async with self.lend(schema) as conn:
            isolation = "repeatable_read" if readonly else None
            async with conn.transaction(isolation=isolation, readonly=readonly):
                yield conn


async def _keep_session(_conn: Connection) -> None:
    """Leave the search path as it is: `lend` sets it when another schema is wanted."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """One room's part of a composed write: a CTE named `name`, its SQL with `$1…$n` for its own `args`.

    A fragment may read the CTEs that stand before it. A room keeps its SQL in its own store and hands fragments to whoever
    owns the transaction, so that a whole commit is one round trip.
    """

    name: str
    sql: str
    args: Sequence[Any]


async def write(conn: Connection, fragments: Sequence[Fragment]) -> None:
    """Execute `fragments` as one statement, in one round trip."""
    text = _compose(tuple((part.name, part.sql, len(part.args)) for part in fragments))
    await conn.execute(text, *[arg for part in fragments for arg in part.args])


async def read(conn: Connection, fragments: Sequence[Fragment]) -> list[list[tuple[Any, ...]]]:
    """Return of each fragment its rows, columns by position: one statement, so all of one moment, in one round trip.

    A fragment's name must not be one of its own columns.
    """
    parts = tuple((part.name, part.sql, len(part.args)) for part in fragments)
    return list(await conn.fetchrow(_compose_read(parts), *[arg for part in fragments for arg in part.args]))


@lru_cache(maxsize=256)
def _compose_read(parts: tuple[tuple[str, str, int], ...]) -> str:
    columns = ", ".join(f"ARRAY(SELECT {name} FROM {name})" for name, _, _ in parts)
    return _compose(parts).removesuffix("1") + columns


@lru_cache(maxsize=256)
def _compose(parts: tuple[tuple[str, str, int], ...]) -> str:
    ctes, offset = [], 0
    for name, sql, count in parts:
        shifted = re.sub(r"\$(\d+)", lambda match, by=offset: f"${int(match[1]) + by}", sql)  # type: ignore[misc]
        ctes.append(f"{name} AS ({shifted})")
        offset += count
    return "WITH " + ",\n".join(ctes) + "\nSELECT 1"
