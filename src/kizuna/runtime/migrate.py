"""Schemas and their migrations: Alembic keeps the order, the SQL lies in plain sight beside each revision.

Two tracks: `platform` (one schema, shared) and `brand` (one schema a brand). Running a track twice changes nothing; two
processes that migrate at once wait for each other.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import asyncpg

from kizuna.runtime.db import PLATFORM_SCHEMA, Locator, reaching

if TYPE_CHECKING:
    from sqlalchemy import Connection

Track = Literal["platform", "brand"]
_HERE = Path(__file__).parent / "migrations"
_LOCK = 0x4B495A55  # "KIZU": one advisory lock for all migrations of a database

SELECT_REVISION = "SELECT version_num FROM schema_version"
"""Where a schema stands; the search path says which."""


def head(track: Track) -> str:
    """Return the newest revision: files are named r<revision>_<what>.sql."""
    return max(file.name[1:5] for file in (_HERE / track).glob("r*.sql"))


async def migrate(locate: Locator, schema: str, track: Track, *, to: str = "head") -> None:
    """Bring `schema` to revision `to`, creating it first if it is new. Raises `Unavailable`.

    A schema that is there already costs one query; Alembic is only loaded for one that is not.
    """

    async def connect() -> Any:
        return await asyncpg.connect(locate(), timeout=5, server_settings={"search_path": f'"{schema}"'})

    wanted = head(track) if to == "head" else to
    async with reaching():
        if await _revision(await connect()) != wanted:
            await _migrate(connect, schema, track, to)


async def migrate_platform(locate: Locator) -> None:
    """Bring the platform's schema to its newest revision."""
    await migrate(locate, PLATFORM_SCHEMA, "platform")


async def _revision(conn: Any) -> str | None:
    try:
        return str(await conn.fetchval(SELECT_REVISION))
    except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError):
        return None
    finally:
        await conn.close()


async def _migrate(connect: Any, schema: str, track: Track, to: str) -> None:
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import NullPool

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    try:
        async with engine.begin() as conn:
            await conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            await conn.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'))
            await conn.run_sync(_upgrade, schema, track, to)
    finally:
        await engine.dispose()


def _upgrade(connection: "Connection", schema: str, track: Track, to: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.set_main_option("version_locations", str(_HERE / track))
    config.set_main_option("path_separator", "newline")
    config.attributes["connection"] = connection
    config.attributes["schema"] = schema
    command.upgrade(config, to)


def run_sql(bind: "Connection", revision_file: str) -> None:
    """Run the `.sql` file that lies beside a revision, as one script."""
    from sqlalchemy.util import await_only

    script = Path(revision_file).with_suffix(".sql").read_text(encoding="utf-8")
    driver: Any = bind.connection.driver_connection
    await_only(driver.execute(script))
