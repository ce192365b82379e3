"""Fixtures of the road: one real PostgreSQL for the whole run, a new brand for each test.

All workers of a run share one server. Its home belongs to the process that the person started; that process stops it. A
run that was killed cannot: the next one stops what it left.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import psutil
import pytest

from kizuna.program import Program, parse
from kizuna.publishing import publish
from kizuna.runtime.brands import Brand, create_brand
from kizuna.runtime.db import Database
from kizuna.runtime.postgres import EmbeddedPostgres
from kizuna.runtime.server import Server, reach
from kizuna.runtime.settings import Settings
from road import GROCER, RoadRunner

HOME = pytest.StashKey[Path]()
PREFIX = "kizuna-tests-"


def pytest_configure(config: pytest.Config) -> None:
    worker = getattr(config, "workerinput", None)
    if worker is not None:
        config.stash[HOME] = Path(worker["kizuna_home"])
        return
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if not psutil.pid_exists(int(left.name.removeprefix(PREFIX).partition("-")[0])):
            _clear_away(left)
    home = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    home.chmod(0o755)  # the server runs as another user when root runs the tests
    config.stash[HOME] = home


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node) -> None:
    node.workerinput["kizuna_home"] = str(node.config.stash[HOME])


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and HOME in config.stash:
        _clear_away(config.stash[HOME])


def _clear_away(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.stop()
    shutil.rmtree(server.data.parent, ignore_errors=True)
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def server(pytestconfig: pytest.Config) -> Server:
    """The run's PostgreSQL, running: `server.locate()` says where."""
    return reach(Settings.load({"KIZUNA_HOME": str(pytestconfig.stash[HOME])}))


@pytest.fixture(scope="module")
def own_server(server: Server) -> Iterator[Server]:
    """A database of its own on the run's PostgreSQL, for a process that looks after every brand that it finds: nobody else's are there."""
    name = f"own_{uuid4().hex[:10]}"

    async def run(statement: str) -> None:
        conn = await asyncpg.connect(server.locate())
        try:
            await conn.execute(statement)
        finally:
            await conn.close()

    asyncio.run(run(f"CREATE DATABASE {name}"))
    yield Server(lambda: urlsplit(server.locate())._replace(path=f"/{name}").geturl(), None)
    asyncio.run(run(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def db(server: Server):
    """A pool for one event loop: `async with db() as database:` within `asyncio.run`."""

    @asynccontextmanager
    async def opened():
        database = await Database.open(server.locate)
        try:
            yield database
        finally:
            await database.close()

    return opened


@pytest.fixture
def make_brand(db) -> Callable[..., Brand]:
    """Make brands: `make_brand(program=…, currency=…)`; `program` is a document, a `Program`, or None for none yet."""

    def make(
        program: Program | str | None = GROCER, *, timezone: str = "UTC", currency: str = "JPY", country: str = "JP"
    ) -> Brand:
        brand = Brand(f"t{uuid4().hex[:16]}", "絆マート", currency, timezone, country, ("ja", "en"))

        async def create() -> None:
            async with db() as database:
                await create_brand(database, brand)
                if program is not None:
                    await publish(database, brand, parse(program) if isinstance(program, str) else program)

        asyncio.run(create())
        return brand

    return make


@pytest.fixture
def brand(make_brand) -> Brand:
    """A new brand in yen and UTC, which has published the grocer's program."""
    return make_brand()


@pytest.fixture
def road(server: Server, brand: Brand) -> RoadRunner:
    """The road of `brand`: `road.run(story)` opens it, runs `await story(on)` and closes it; see `road.Road`."""
    return RoadRunner(server, brand)


@pytest.fixture
def road_of(server: Server) -> Callable[[Brand], RoadRunner]:
    """The road of a brand that the test made itself."""
    return lambda brand: RoadRunner(server, brand)
