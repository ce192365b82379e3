"""What a back-test costs from a file to its report: a grocer's year, a grid of 25 variants, ten million orders of a million members.

Each is the command `kizuna backtest` as anybody runs it, in a process of its own, from Parquet. Beside it DuckDB reads the same file
and only sums it up: less than that nobody can do.
"""

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.engine_program import FIRST_DAY, program
from benchmarks.harness import GROCER, ROOT, Figure, compared
from kizuna.demo.source import transactions

LARGE, SMALL, PER_MEMBER = 10_000_000, 1_000_000, 10
TRIES = 3
_DAY_US = 86_400_000_000
_MAPPING = """
mapping: 1
shop: bench
level: order
columns:
  order_id: order
  member: {column: member, kind: customer}
  time: {column: at, zone: UTC}
  amount: {column: amount, unit: minor}
  store: store
  channel: channel
"""
_YEAR = ("--zone", "UTC", "--mapping", str(ROOT / "examples" / "grocer" / "mapping.yaml"))


def measure() -> list[Figure]:
    """Measure back-tests."""
    with tempfile.TemporaryDirectory(prefix="kizuna-bench-") as name:
        folder = Path(name)
        rules = folder / "rules.json"
        rules.write_text(program().model_dump_json(), encoding="utf-8")
        mapping = folder / "mapping.yaml"
        mapping.write_text(_MAPPING, encoding="utf-8")
        grocer = [
            _backtest([str(ROOT / "examples" / "programs" / "grocer.yaml"), *_YEAR], transactions(), folder)
            for _ in range(TRIES)
        ]
        grid = _backtest([*_grid(), *_YEAR], transactions(), folder)
        figures = [
            Figure("backtest_grocer_year_s", median(one.seconds for one in grocer), "s"),
            Figure("backtest_grid_of_25_s", grid.seconds, "s"),
        ]
        cost = {}
        for size in (SMALL, LARGE):
            file = folder / f"{size}.parquet"
            _write(file, size)
            scan = Figure(f"duckdb_scan_{size}", size / _scan(file), "orders/s")
            run = _backtest([str(rules), "--mapping", str(mapping), "--zone", "UTC"], file, folder)
            cost[size] = run.seconds / size
            figures += [
                scan,
                compared(f"backtest_orders_{size}", size / run.seconds, "orders/s", scan),
                Figure(f"backtest_memory_{size}", run.memory / 1e9, "GB"),
            ]
            if size == LARGE:
                plain = _backtest(
                    [str(GROCER / "program.yaml"), "--mapping", str(mapping), "--zone", "UTC"], file, folder
                )
                figures.append(compared(f"backtest_orders_{size}_by_one_rule", size / plain.seconds, "orders/s", scan))
            file.unlink()
        return [*figures, Figure("backtest_cost_of_an_order_grows", cost[LARGE] / cost[SMALL], "x")]


class Run:
    """What a run took: seconds on the wall, and the memory of all its processes together at its highest (shared pages count once)."""

    def __init__(self, seconds: float, memory: int) -> None:
        self.seconds, self.memory = seconds, memory


def _backtest(arguments: Sequence[str], file: Path, folder: Path) -> Run:
    command = [
        sys.executable,
        "-m",
        "kizuna",
        "backtest",
        *arguments,
        "--orders",
        str(file),
        "--report",
        str(folder / "report.html"),
        "--json",
    ]
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    watch = _Watch(process.pid)
    watch.start()
    told, _ = process.communicate()
    took = time.perf_counter() - began
    watch.done.set()
    watch.join()
    found: dict[str, Any] = json.loads(told)
    if not found["issued"]:
        raise RuntimeError("the back-test issued nothing")
    return Run(took, watch.most)


class _Watch(threading.Thread):
    """Looks at the memory of a process and its children, twice a second."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.done, self.most, self._process = threading.Event(), 0, psutil.Process(pid)

    def run(self) -> None:
        """Look until it is done."""
        while not self.done.wait(0.5):
            try:
                family = [self._process, *self._process.children(recursive=True)]
                self.most = max(self.most, sum(one.memory_full_info().pss for one in family))
            except psutil.Error:
                continue


def _grid() -> list[str]:
    rates = "--grid", "earning_rules.purchase.award.per=80,90,100,110,120"
    tiers = "--grid", "tiers.levels.silver.at=60000,80000,100000,120000,140000"
    return [str(ROOT / "examples" / "programs" / "grocer.yaml"), *rates, *tiers]


def _write(file: Path, size: int) -> None:
    """Write orders of one year by so many members, in the order of their time."""
    draw = np.random.default_rng(size)
    at = np.sort(draw.integers(FIRST_DAY * _DAY_US, (FIRST_DAY + 330) * _DAY_US, size))
    words = {"store": [f"s{number}" for number in range(20)], "channel": ["shop", "online"]}
    columns = {
        "order": pa.array(np.arange(size)),
        "member": pa.array(draw.integers(0, size // PER_MEMBER, size)),
        "at": pa.array(at).cast(pa.timestamp("us")),
        "amount": pa.array(draw.integers(100, 10_000, size)),
    }
    for name, some in words.items():
        columns[name] = pa.array(np.array(some, object)[draw.integers(0, len(some), size)])
    pq.write_table(pa.table(columns), file)


def _scan(file: Path) -> float:
    """Return the seconds in which DuckDB sums what each member bought."""
    began = time.perf_counter()
    each = f"SELECT member, sum(amount) AS spent, count(DISTINCT store) FROM '{file}' GROUP BY member"
    duckdb.sql(f"SELECT count(*), sum(spent) FROM ({each})").fetchall()
    return time.perf_counter() - began
