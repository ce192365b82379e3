"""Where the database is: the one that `DATABASE_URL` names, or the embedded server, started when it is not running."""

from dataclasses import dataclass

from kizuna.runtime.db import Locator
from kizuna.runtime.postgres import EmbeddedPostgres, database_url
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
