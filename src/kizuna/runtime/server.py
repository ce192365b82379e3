"""Where the database is: the one that `DATABASE_URL` names, or the embedded server, started when it is not running."""

from dataclasses import dataclass

from kizuna.runtime.brands import migrate_all
from kizuna.runtime.db import Database, Locator
from kizuna.runtime.postgres import EmbeddedPostgres, database_url, require_version
from kizuna.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Server:
    """How to reach the database. `embedded` is None where the database is somebody else's to keep running."""

    locate: Locator
    embedded: EmbeddedPostgres | None


def reach(settings: Settings) -> Server:
    """Return where the database is, starting the embedded server if need be. Raises `DatabaseStartFailed`. Blocks."""
    url = database_url(settings)
    if settings.database_url:
        return Server(lambda: url, None)
    embedded = EmbeddedPostgres(settings.home, settings.embedded_port)
    return Server(embedded.url, embedded)


async def prepare(settings: Settings, server: Server) -> Database:
    """Open the database, checked and migrated. Raises `Unavailable`, `DatabaseTooOld`."""
    db = await Database.open(server.locate, size=settings.pool_size)
    async with db.lend("public") as conn:
        await require_version(conn)
    await migrate_all(db)
    return db
