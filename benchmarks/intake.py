"""The whole road over HTTP, beside PostgreSQL's own one-event transactions.

Rounds of four windows in turn (lean SQL, same rows in SQL, batches over HTTP, single events over HTTP), so that whatever
else the machine does meets all four; each figure is the median of the rounds. The ledger is proved afterwards.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict
from statistics import median

from benchmarks.harness import BRAND, GROCER, Figure, Home, compared, home
from benchmarks.loadgen import Load, Measured
from benchmarks.orders import MEMBERS, WARM_DAYS
from benchmarks.postgres import LEAN, SAME_ROWS, Bench

ROUNDS = 3
SECONDS = 5.0


def measure() -> list[Figure]:
    """Measure intake."""
    with home() as here:
        bench = Bench(here)
        key = here.brand(BRAND, GROCER / "program.yaml")
        with here.serving():
            accepted = generate(here, Load("warm", here.port, key, callers=2, batch=500, seconds=0, warm=True)).accepted
            if accepted < MEMBERS * (WARM_DAYS - 1):
                raise RuntimeError(f"only {accepted} of the warming orders were accepted")
            rounds = [_round(here, bench, key, number) for number in range(ROUNDS)]
        if here.verify()["ok"] is not True:
            raise RuntimeError("the ledger does not verify after the load")
    middle = {name: median(one[name] for one in rounds) for name in rounds[0]}
    lean = Figure("pgbench_lean", middle["lean"], "tx/s")
    same = Figure("pgbench_same_rows", middle["same"], "tx/s")
    return [
        lean,
        same,
        compared("intake_http_batch", middle["batch"], "events/s", same),
        compared("intake_http_single", middle["single"], "events/s", same),
        Figure("intake_http_single_p50_ms", middle["p50_ms"], "ms"),
        Figure("intake_http_single_p99_ms", middle["p99_ms"], "ms"),
    ]


def _round(here: Home, bench: Bench, key: str, number: int) -> Mapping[str, float]:
    lean, same = bench.rate(LEAN), bench.rate(SAME_ROWS)
    batch = generate(here, Load(f"batch{number}", here.port, key, callers=3, batch=500, seconds=SECONDS))
    single = generate(here, Load(f"single{number}", here.port, key, callers=64, batch=0, seconds=SECONDS))
    return {
        "lean": lean,
        "same": same,
        "batch": batch.events / batch.seconds,
        "single": single.events / single.seconds,
        "p50_ms": single.percentile(0.5),
        "p99_ms": single.percentile(0.99),
    }


def generate(here: Home, load: Load) -> Measured:
    """Run the load generator once; every event must have been accepted."""
    told = subprocess.run(
        [sys.executable, "-m", "benchmarks.loadgen", json.dumps(asdict(load))],
        env=here.env,
        capture_output=True,
        text=True,
        check=False,
    )
    if told.returncode:
        raise RuntimeError(told.stderr)
    measured = Measured(**json.loads(told.stdout))
    if measured.accepted != measured.events:
        raise RuntimeError(f"{measured.events - measured.accepted} of {measured.events} events were not accepted")
    return measured
