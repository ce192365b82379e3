"""A house of its own for a test that kills: a home, its embedded PostgreSQL, and `kizuna serve` as a real process.

The test is the supervisor: what it kills, it starts again. Whatever the house started is gone when it closes.
"""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import psutil

from kizuna.program import parse
from kizuna.publishing import publish
from kizuna.runtime.access import Scope, create_key
from kizuna.runtime.brands import Brand, create_brand
from kizuna.runtime.db import Database
from kizuna.runtime.postgres import EmbeddedPostgres

ROOT = Path(__file__).parents[1]
PROGRAM = ROOT / "examples" / "grocer" / "program.yaml"
PATIENCE_S = 60


class House:
    """A home with one process that serves. `external` hides from it that the database is the embedded one."""

    def __init__(self, home: Path, *, external: bool = False) -> None:
        self.home = home
        self.database = EmbeddedPostgres(home)
        self.database.ensure_running()
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("KIZUNA_", "DATABASE_URL"))}
        self.env = kept | {"KIZUNA_HOME": str(home), "KIZUNA_PORT": str(self.port), "KIZUNA_LOG_LEVEL": "error"}
        if external:
            self.env["DATABASE_URL"] = self.database.url()
        self._serving: subprocess.Popen[bytes] | None = None

    def kizuna(self, *args: str | Path) -> str:
        """Run one command to its end and return what it prints."""
        done = subprocess.run([*KIZUNA, *args], env=self.env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def start(self, *args: str | Path) -> subprocess.Popen[bytes]:
        """Start a command in a process group of its own, so that a kill reaches all of it."""
        return subprocess.Popen([*KIZUNA, *args], env=self.env, start_new_session=True, stdout=subprocess.PIPE)

    def brand(self, slug: str) -> str:
        """Make a brand that has published the grocer's program, and return a key that may do everything."""
        brand = Brand(slug, "絆マート", "JPY", "Asia/Tokyo", "JP", ("ja", "en"))

        async def make() -> str:
            db = await Database.open(self.database.url)
            try:
                await create_brand(db, brand)
                await publish(db, brand, parse(PROGRAM.read_text(encoding="utf-8")))
                return await create_key(db, slug, "till", list(Scope))
            finally:
                await db.close()

        return asyncio.run(make())

    def serve(self) -> None:
        """Start the API unless it runs, and wait until it is ready."""
        if self._serving is None or self._serving.poll() is not None:
            self._serving = self.start("serve")
        wait_for(self._is_ready, "the API is ready")

    def kill_api(self) -> None:
        """Kill the API with -9 and start it again at once, as a supervisor would."""
        assert self._serving is not None
        kill(self._serving)
        self._serving = self.start("serve")

    def kill_database(self, *, whole: bool = False) -> None:
        """Kill PostgreSQL's first process with -9, or every process of it; the API is to bring it back."""
        postmaster = psutil.Process(self.database.status().pid)
        for process in (postmaster, *(postmaster.children(recursive=True) if whole else ())):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()

    def sql(self, slug: str, statement: str, *args: Any) -> list[Any]:
        """Ask a brand's schema. Raises the driver's errors while the database is away."""

        async def ask() -> list[Any]:
            settings = {"search_path": f"brand_{slug}"}
            conn = await asyncpg.connect(self.database.url(), ssl=False, timeout=5, server_settings=settings)
            try:
                return await conn.fetch(statement, *args)
            finally:
                await conn.close()

        return asyncio.run(ask())

    def verify(self, slug: str) -> dict[str, Any]:
        """Return the ledger's proof, by the command that an operator runs."""
        return json.loads(self.kizuna("ledger", "verify", "--brand", slug, "--json"))

    def close(self) -> None:
        """End everything that was started here."""
        if self._serving is not None:
            kill(self._serving)
        self.database.stop()
        shutil.rmtree(self.database.data.parent, ignore_errors=True)
        shutil.rmtree(self.home, ignore_errors=True)

    def _is_ready(self) -> bool:
        assert self._serving is not None
        assert self._serving.poll() is None, "kizuna serve has ended"
        try:
            return httpx.get(f"{self.url}/readyz", timeout=2).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False


KIZUNA = (sys.executable, "-m", "kizuna")


@contextlib.contextmanager
def house(*, external: bool = False) -> Iterator[House]:
    """Yield a new house; nothing of it is left afterwards."""
    home = Path(tempfile.mkdtemp(prefix="kizuna-house-"))
    home.chmod(0o755)  # the server runs as another user when root runs the tests
    built = House(home, external=external)
    try:
        yield built
    finally:
        built.close()


def kill(process: "subprocess.Popen[bytes]") -> None:
    """Kill a process and its group with -9, and wait until it is gone."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def wait_for(true: Callable[[], bool], what: str, *, pause_s: float = 0.05) -> None:
    """Wait until `true()`; a wait of a minute is a failure."""
    until = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < until, f"waited in vain: {what}"
        time.sleep(pause_s)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
