"""What every benchmark shares: a home of its own with a real server, processes of the product, and the report.

A benchmark is a module with `measure() -> list[Figure]`. Nothing it makes outlives it.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from kizuna.runtime.postgres import EmbeddedPostgres

ROOT = Path(__file__).parents[1]
OUT = Path(__file__).parent / "out"
GROCER = ROOT / "examples" / "grocer"
BRAND = "bench"
_READY_S = 60


@dataclass(frozen=True, slots=True)
class Figure:
    """One number. `ratio` says how it compares with the figure named `against`: 2.0 is twice that number."""

    name: str
    value: float
    unit: str
    against: str | None = None
    ratio: float | None = None


def compared(name: str, value: float, unit: str, against: Figure) -> Figure:
    """Return a figure beside another one."""
    return Figure(name, value, unit, against.name, round(value / against.value, 2))


def load() -> dict[str, object]:
    """Return how busy the machine is, and what it is."""
    cpu = Path("/proc/cpuinfo")
    models = [line.partition(":")[2].strip() for line in _lines(cpu) if line.startswith("model name")]
    return {
        "loadavg": [round(value, 2) for value in os.getloadavg()],
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "cpu_model": models[0] if models else "unknown",
    }


def report(name: str, before: dict[str, object], figures: list[Figure]) -> None:
    """Print a table and keep it as `out/NAME.json`."""
    OUT.mkdir(exist_ok=True)
    kept = {"load": before, "figures": [asdict(figure) for figure in figures]}
    (OUT / f"{name}.json").write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    print(f"\n{name}   load {before['loadavg']}   {before['cores']} x {before['cpu_model']}")
    for figure in figures:
        beside = f"{figure.ratio:>7.2f} x {figure.against}" if figure.against else ""
        print(f"  {figure.name:<28}{figure.value:>14,.2f} {figure.unit:<10}{beside}")


@dataclass(slots=True)
class Home:
    """A folder of its own with an embedded server, and how to run the product in it."""

    path: Path
    port: int
    env: dict[str, str] = field(repr=False)

    @property
    def database(self) -> str:
        """The address of the database, with its password."""
        return EmbeddedPostgres(self.path).url()

    def kizuna(self, *args: str | Path) -> str:
        """Run one command and return what it prints; a command that fails ends the benchmark with its words."""
        done = subprocess.run(
            [sys.executable, "-m", "kizuna", *args], env=self.env, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"kizuna {' '.join(map(str, args))}: {done.stdout}{done.stderr}")
        return done.stdout.strip()

    def brand(self, slug: str, program: Path | None = None) -> str:
        """Make a brand, with a published program and an API key if there is one; return the key."""
        self.kizuna("brand", "create", slug, "--name", "Bench")
        if program is None:
            return ""
        self.kizuna("program", "publish", program, "--brand", slug)
        return self.kizuna("key", "create", "--name", "bench", "--scope", "events:write", "--brand", slug)

    @contextlib.contextmanager
    def serving(self) -> Iterator[int]:
        """Run `kizuna serve` until the block ends; yields its process id once it is ready."""
        process = subprocess.Popen([sys.executable, "-m", "kizuna", "serve"], env=self.env)
        try:
            self._wait_ready(process)
            yield process.pid
        finally:
            process.terminate()
            process.wait(timeout=_READY_S)

    def _wait_ready(self, process: "subprocess.Popen[bytes]") -> None:
        until = time.monotonic() + _READY_S
        while time.monotonic() < until and process.poll() is None:
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2).close()
                return
            time.sleep(0.1)
        raise RuntimeError("kizuna serve did not become ready")

    def verify(self, slug: str = BRAND) -> dict[str, object]:
        """Prove the ledger; a fault ends the benchmark."""
        return json.loads(self.kizuna("ledger", "verify", "--brand", slug, "--json"))


@contextlib.contextmanager
def home() -> Iterator[Home]:
    """Yield a new home with its server running; stop the server and clear everything away afterwards."""
    path = Path(tempfile.mkdtemp(prefix="kizuna-bench-"))
    path.chmod(0o755)  # the server runs as another user when root measures
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KIZUNA_", "DATABASE_URL"))}
    env = kept | {
        "KIZUNA_HOME": str(path),
        "KIZUNA_PORT": str(port),
        "KIZUNA_LOG_LEVEL": "warning",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
    }
    server = EmbeddedPostgres(path)
    try:
        server.ensure_running()
        yield Home(path, port, env)
    finally:
        server.stop()
        shutil.rmtree(server.data.parent, ignore_errors=True)
        shutil.rmtree(path, ignore_errors=True)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []
