"""Several processes at one port: the kernel shares visitors out, a sibling that dies comes back, all end together."""

import time
from pathlib import Path

import psutil
import pytest

from api.served import get, served
from kizuna.runtime.server import Server


def siblings(log: Path) -> list[psutil.Process]:
    """Those that serve beside the process whose log this is."""
    own = [child for child in psutil.Process().children() if _writes(child, log)]
    return [one for child in own for one in child.children() if _is_sibling(one)]


def _is_sibling(process: psutil.Process) -> bool:
    try:
        return "--sibling" in process.cmdline()
    except psutil.Error:  # it has just ended
        return False


def _writes(process: psutil.Process, log: Path) -> bool:
    return Path(f"/proc/{process.pid}/fd/1").resolve() == log.resolve()


def awaited(log: Path, other_than: int | None = None) -> psutil.Process:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        found = [one for one in siblings(log) if one.pid != other_than]
        if found:
            return found[0]
        time.sleep(0.1)
    raise AssertionError("there is no sibling")


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="the siblings are found by /proc")
def test_a_sibling_serves_comes_back_and_ends_with_the_first(server: Server, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("KIZUNA_PROCESSES", "2")
    with served(server, tmp_path) as site:
        first = awaited(site.log)
        first.kill()
        second = awaited(site.log, first.pid)
        assert all(get(f"{site.url}/healthz").status_code == 200 for _ in range(20))
    second.wait(10)
    assert not second.is_running()
