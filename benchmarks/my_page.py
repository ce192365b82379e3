"""My Page's home under visitors who come at a fixed rate, over HTTP, beside the load generator on the same machine."""

import json
import subprocess
import sys
from datetime import timedelta

import httpx
import psutil

from benchmarks.harness import BRAND, GROCER, ROOT, Figure, Home, home
from benchmarks.visitors import Seen
from kizuna.runtime import tokens
from kizuna.runtime.clock import now
from kizuna.runtime.settings import Settings
from kizuna.web.member.screens import MEMBER_COOKIE, MEMBER_SESSION

MEMBERS, ORDERS = 500, 20
PROCESSES = (1, 2)
RATE, SECONDS, WARM_S = 200, 15, 3


def measure() -> list[Figure]:
    """Measure the home."""
    with home() as here:
        key = here.brand(BRAND, GROCER / "program.yaml")
        with here.serving():
            cookies = _members(here, key)
        return [figure for count in PROCESSES for figure in _with(here, cookies, count)]


def _with(here: Home, cookies: list[str], processes: int) -> list[Figure]:
    """Measure with so many processes at the port."""
    here.env["KIZUNA_PROCESSES"] = str(processes)
    with here.serving() as pid:
        _visit(here, cookies, WARM_S)
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        before = _computed_s(family)
        seen = _visit(here, cookies, SECONDS)
        computed_s = _computed_s(family) - before
    if seen.refused:
        raise RuntimeError(f"{seen.refused} of {seen.answers} visits were refused")
    name = "my_page" if processes == 1 else f"my_page_{processes}_processes"
    return [
        Figure(f"{name}_p50_ms", seen.percentile(0.50), "ms"),
        Figure(f"{name}_p95_ms", seen.percentile(0.95), "ms"),
        Figure(f"{name}_server_p95_ms", seen.server_percentile(0.95), "ms"),
        Figure(f"{name}_cpu_ms", computed_s * 1000 / seen.answers, "ms"),
        Figure(f"{name}_bytes", seen.body_bytes / seen.answers, "bytes"),
    ]


def _computed_s(family: list[psutil.Process]) -> float:
    return sum(times.user + times.system for times in (process.cpu_times() for process in family))


def _members(here: Home, key: str) -> list[str]:
    """Enrol members by their orders of the last weeks, and return a session's cookie for each."""
    url, headers = f"http://127.0.0.1:{here.port}/v1/events", {"authorization": f"Bearer {key}"}
    members: set[str] = set()
    for number in range(ORDERS):
        at = (now() - timedelta(days=ORDERS - number)).isoformat()
        events = [
            {
                "specversion": "1.0", "id": f"{number}/{who}", "source": "bench", "type": "order.completed", "time": at,
                "subject": f"customer:{who}", "data": {"order_id": f"{number}-{who}", "amount": 1000 + who, "currency": "JPY"},
            }
            for who in range(MEMBERS)
        ]  # fmt: skip
        answer = httpx.post(url, json=events, headers=headers, timeout=60).raise_for_status()
        members |= {one["member"] for one in answer.json()}
    secret, until = Settings.load(here.env).secret(), now() + timedelta(hours=1)
    facts = [{"brand": BRAND, "member": member, "csrf": "bench"} for member in sorted(members)]
    return [f"{MEMBER_COOKIE}={tokens.sign(secret, MEMBER_SESSION, one, until)}" for one in facts]


def _visit(here: Home, cookies: list[str], seconds: float) -> Seen:
    visits = {"port": here.port, "path": "/my", "cookies": cookies, "rate": RATE, "seconds": seconds}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.visitors"], input=json.dumps(visits), env=here.env, cwd=ROOT,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return Seen(**json.loads(done.stdout))
