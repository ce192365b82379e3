"""The proof of a ledger of ten million entries: `kizuna ledger verify` from the command line, on a ledger that is laid down for it."""

import json
import os
import subprocess
import sys
import time
from typing import Final

import asyncpg
import psutil
import uvloop

from benchmarks.harness import Figure, Home, home
from benchmarks.ledger_crowd import lay_down

MEMBERS: Final = int(os.environ.get("KIZUNA_BENCH_MEMBERS", "1000000"))
BRAND: Final = "proof"
_SAMPLE_S = 0.25


def measure() -> list[Figure]:
    """Lay the ledger down and prove it, as it is and as of a day long before."""
    with home() as here:
        here.brand(BRAND)
        began = time.perf_counter()
        members, entries = uvloop.run(_lay_down(here))
        made_s = time.perf_counter() - began
        took_s, peak_mb, proof = _verify(here)
        if proof["ok"] is not True or proof["entries"] != entries:
            raise RuntimeError(f"the ledger does not verify: {proof}")
        return [
            Figure("proof_members", members, "members"),
            Figure("proof_entries", entries, "entries"),
            Figure("proof_made_in_s", made_s, "s"),
            Figure("proof_s", took_s, "s"),
            Figure("proof_rate", entries / took_s, "entries/s"),
            Figure("proof_peak_memory", peak_mb, "MB"),
            Figure("proof_load_after", os.getloadavg()[0], ""),
        ]


async def _lay_down(here: Home) -> tuple[int, int]:
    conn = await asyncpg.connect(here.database, server_settings={"search_path": f"brand_{BRAND}"}, command_timeout=3600)
    try:
        return await lay_down(conn, MEMBERS)
    finally:
        await conn.close()


def _verify(here: Home) -> tuple[float, float, dict[str, object]]:
    """Return the seconds that the proof takes, the most memory that its processes hold together, and what it says."""
    began, peak = time.perf_counter(), 0
    command = [sys.executable, "-m", "kizuna", "ledger", "verify", "--brand", BRAND, "--json"]
    process = subprocess.Popen(command, env=here.env, stdout=subprocess.PIPE, text=True)
    while process.poll() is None:
        peak = max(peak, _memory(process.pid))
        time.sleep(_SAMPLE_S)
    took_s = time.perf_counter() - began
    return took_s, peak / 2**20, json.loads(process.stdout.read() if process.stdout else "{}")


def _memory(pid: int) -> int:
    """Return the bytes that a process and its children hold."""
    try:
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        return sum(one.memory_info().rss for one in family)
    except psutil.NoSuchProcess:
        return 0
