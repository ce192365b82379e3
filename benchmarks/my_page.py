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
RATE, SECONDS, WARM_S = 200, 15, 3


def measure() -> list[Figure]:
    """Measure the home."""
    with home() as here:
        key = here.brand(BRAND, GROCER / "program.yaml")
        with here.serving() as pid:
            cookies = _members(here, key)
            _visit(here, cookies, WARM_S)
            process = psutil.Process(pid)
            before = process.cpu_times()
            seen = _visit(here, cookies, SECONDS)
            after = process.cpu_times()
    if seen.refused:
        raise RuntimeError(f"{seen.refused} of {seen.answers} visits were refused")
    computed_s = after.user + after.system - before.user - before.system
    return [
        Figure("my_page_p50_ms", seen.percentile(0.50), "ms"),
        Figure("my_page_p95_ms", seen.percentile(0.95), "ms"),
        Figure("my_page_cpu_ms", computed_s * 1000 / seen.answers, "ms"),
        Figure("my_page_bytes", seen.body_bytes / seen.answers, "bytes"),
    ]


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
