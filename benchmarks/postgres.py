"""One-event transactions in plain SQL, driven by pgbench: what PostgreSQL itself does on this machine with the same settings."""

import os
import re
import subprocess
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from benchmarks.harness import Home
from benchmarks.orders import MEMBERS
from kizuna.runtime.postgres_user import Account, programs

HERE: Final = Path(__file__).parent
LEAN: Final = HERE / "lean.sql"
SAME_ROWS: Final = HERE / "same_rows.sql"
SCRATCH: Final = "scratch"
_CLIENTS: Final = (8, 16, 32, 64)
_SECONDS: Final = 4


class Bench:
    """pgbench on a scratch brand of a home."""

    def __init__(self, home: Home) -> None:
        home.brand(SCRATCH)
        url = urlsplit(home.database)
        self._env = os.environ | {
            "PGHOST": url.hostname or "",
            "PGPORT": str(url.port),
            "PGUSER": url.username or "",
            "PGPASSWORD": url.password or "",
            "PGDATABASE": url.path.lstrip("/"),
            "PGOPTIONS": f"-c search_path=brand_{SCRATCH}",
        }
        self._tools = programs(Account())
        self._clients: dict[Path, int] = {}
        self._run(
            "psql", "--quiet", f"--set=members={MEMBERS}", "--set=ON_ERROR_STOP=1", f"--file={HERE / 'prepare.sql'}"
        )

    def rate(self, script: Path) -> float:
        """Return transactions per second with the number of clients that is best, which the first call finds."""
        if script not in self._clients:
            rates = {clients: self._pgbench(script, clients) for clients in _CLIENTS}
            self._clients[script] = max(rates, key=lambda clients: rates[clients])
        return self._pgbench(script, self._clients[script])

    def _pgbench(self, script: Path, clients: int) -> float:
        told = self._run(
            "pgbench", "--no-vacuum", "--protocol=prepared", f"--client={clients}", "--jobs=2", f"--time={_SECONDS}",
            f"--define=members={MEMBERS}", f"--file={script}",
        )  # fmt: skip
        found = re.search(r"tps = ([\d.]+)", told)
        if found is None:
            raise RuntimeError(told)
        return float(found[1])

    def _run(self, tool: str, *args: str) -> str:
        done = subprocess.run([self._tools / tool, *args], env=self._env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{tool}: {done.stdout}{done.stderr}")
        return done.stdout
