"""The load generator, a process of its own: callers that keep one connection each and wait for every answer.

Reads a `Load` as JSON from its first argument, encodes every request before the clock starts, prints a `Measured` as JSON.
A small HTTP/1.1 client of our own: a general one would cost more than the server that it measures.
"""

import asyncio
import gc
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

import uvloop

from benchmarks.orders import live, warming

_RATE_MAX = 30_000  # events encoded per second of window; more is not expected of two cores


@dataclass(frozen=True, slots=True)
class Load:
    """`callers` that send requests of `batch` events (0: single events) for `seconds`, or all warming orders once."""

    name: str
    port: int
    key: str
    callers: int
    batch: int
    seconds: float
    warm: bool = False


@dataclass(slots=True)
class Measured:
    """What was answered, and how long each request took."""

    events: int = 0
    accepted: int = 0
    seconds: float = 0.0
    latencies_ms: list[float] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """Return the latency that `share` of the requests stay within."""
        ordered = sorted(self.latencies_ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _requests(load: Load) -> list[tuple[bytes, int]]:
    rate = _RATE_MAX if load.batch else _RATE_MAX // 2
    events = warming() if load.warm else live(load.name, int(load.seconds * rate))
    size = load.batch or 1
    groups = [events[start : start + size] for start in range(0, len(events), size)]
    bodies = [b"[" + b",".join(group) + b"]" if load.batch else group[0] for group in groups]
    return [(_request(load, body), len(group)) for body, group in zip(bodies, groups, strict=True)]


def _request(load: Load, body: bytes) -> bytes:
    head = (
        f"POST /v1/events HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {load.key}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _call(port: int, requests: Iterator[tuple[bytes, int]], until: float, measured: Measured) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
    for request, size in requests:
        began = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        answer = await reader.readexactly(length)
        ended = time.perf_counter()
        measured.events += size
        measured.accepted += answer.count(b'"status":"accepted"')
        measured.latencies_ms.append((ended - began) * 1000)
        if ended > until:
            break
    writer.close()


async def _run(load: Load) -> Measured:
    requests = iter(_requests(load))
    gc.freeze()
    gc.disable()
    await asyncio.gather(*(_call(load.port, requests, 0.0, Measured()) for _ in range(load.callers)))
    measured, began = Measured(), time.perf_counter()
    until = float("inf") if load.warm else began + load.seconds
    await asyncio.gather(*(_call(load.port, requests, until, measured) for _ in range(load.callers)))
    measured.seconds = time.perf_counter() - began
    return measured


if __name__ == "__main__":
    print(json.dumps(asdict(uvloop.run(_run(Load(**json.loads(sys.argv[1])))))))
