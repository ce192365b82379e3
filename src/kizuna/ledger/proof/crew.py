"""Several processes that prove parts of one ledger side by side, all at the same moment of the database.

Always true: no process outlives the call. Each sees the leader's snapshot over a connection of its own, takes one part after the
other from standard input, and tells what it found on standard output; the address of the database never stands on a command line.
"""

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from kizuna.core.errors import N_, Kind, Problem, Unavailable
from kizuna.ledger.proof.model import Finding, Moment, Part

WORKER = "kizuna.ledger.proof.worker"
_LINE_MAX = 1 << 26
Proven = Callable[[Part, Finding], Awaitable[None]]


class ProofBrokenOff(Problem):
    """A process of the proof ended before its work was done."""

    code = "proof_broken_off"
    kind = Kind.UNAVAILABLE
    title = N_("A process of the check ended before its work was done.")
    remedy = N_(
        "Look whether the server has enough memory, then go on with “kizuna ledger verify --resume”. What was proven stays proven."
    )


async def work_together(
    url: str, schema: str, snapshot: str, moment: Moment, parts: Sequence[Part], processes: int, proven: Proven
) -> None:
    """Prove `parts` in so many processes, and tell `proven` of each. Raises what `proven` raises, `Unavailable`, `ProofBrokenOff`."""
    told = {"url": url, "schema": schema, "snapshot": snapshot, "moment": list(moment)}
    waiting = deque(parts)
    lanes = [asyncio.create_task(_lane(told, waiting, proven)) for _ in range(min(processes, len(parts)))]
    try:
        await asyncio.gather(*lanes)
    finally:
        for lane in lanes:
            lane.cancel()
        await asyncio.gather(*lanes, return_exceptions=True)


async def _lane(told: dict[str, Any], waiting: deque[Part], proven: Proven) -> None:
    """Give one process one part after the other, until none is left."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", WORKER, stdin=PIPE, stdout=PIPE, limit=_LINE_MAX, start_new_session=True
    )
    try:
        await _ask(process, told)
        while waiting:
            part = waiting.popleft()
            found = await _ask(process, {"part": [part.side.value, part.first, part.last]})
            await proven(part, Finding(found["figures"], found["faults"]))
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _ask(process: Process, told: dict[str, Any]) -> Any:
    """Tell a process something and return its answer. Raises `Unavailable`, `ProofBrokenOff`."""
    if process.stdin is None or process.stdout is None:
        raise ProofBrokenOff
    try:
        process.stdin.write(json.dumps(told).encode() + b"\n")
        await process.stdin.drain()
    except (BrokenPipeError, ConnectionResetError) as fault:
        raise ProofBrokenOff from fault
    line = await process.stdout.readline()
    if not line:
        raise ProofBrokenOff
    found = json.loads(line)
    if found.get("is_lost"):
        raise Unavailable
    return found
