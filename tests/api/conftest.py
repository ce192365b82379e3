"""One `kizuna serve` for all tests of the API and of the faces over HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.served import Shop, Site, served
from kizuna.runtime.server import Server


@pytest.fixture(scope="session")
def site(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The server process; see `Site`."""
    home: Path = tmp_path_factory.mktemp("site")
    with served(server, home) as running:
        yield running


@pytest.fixture
def shop(site: Site) -> Shop:
    """The shop where most stories happen; a story brings members of its own."""
    return site.shop


@pytest.fixture(autouse=True)
def no_fault(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever is sent, the server logs no mistake of its own."""
    if "site" not in request.fixturenames:
        yield
        return
    site = request.getfixturevalue("site")
    before = len(site.faults())
    yield
    logged = site.faults()[before:]
    assert not logged, f"the server logged:\n{logged[-2000:]}"
