"""The visitors, a process of their own: pages asked for at a fixed rate, whether or not the last one has come.

Reads a `Visits` as JSON from its standard input and prints a `Seen` as JSON. A request begins when it is due, so that a server that
falls behind is charged for the wait: latency counts from the due time.
"""

import asyncio
import gc
import json
import sys
import time
from dataclasses import asdict, dataclass, field

import uvloop


@dataclass(frozen=True, slots=True)
class Visits:
    """`rate` requests a second for `seconds`; the cookies in turn, each asking for `path`."""

    port: int
    path: str
    cookies: list[str]
    rate: float
    seconds: float
    lines: int = 32


@dataclass(slots=True)
class Seen:
    """What came back. `refused` counts answers other than 200."""

    answers: int = 0
    refused: int = 0
    body_bytes: int = 0
    latencies_ms: list[float] = field(default_factory=list)
    server_ms: list[float] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """Return the latency that `share` of the requests stay within."""
        return _percentile(self.latencies_ms, share)

    def server_percentile(self, share: float) -> float:
        """Return the same of what the server itself took, from having the request to handing its answer over."""
        return _percentile(self.server_ms, share)


def _percentile(found: list[float], share: float) -> float:
    ordered = sorted(found)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


async def _line(port: int, due: "asyncio.Queue[tuple[float, bytes] | None]", seen: Seen) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
    while (asked := await due.get()) is not None:
        at, request = asked
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        await reader.readexactly(length)
        seen.server_ms.append(float(head.lower().split(b"app;dur=", 1)[1].split(b"\r\n", 1)[0]))
        seen.latencies_ms.append((time.perf_counter() - at) * 1000)
        seen.answers += 1
        seen.refused += not head.startswith(b"HTTP/1.1 200")
        seen.body_bytes += length
    writer.close()


async def run(visits: Visits) -> Seen:
    """Make the visits and return what was seen."""
    seen, due = Seen(), asyncio.Queue[tuple[float, bytes] | None]()
    requests = [
        f"GET {visits.path} HTTP/1.1\r\nhost: localhost\r\naccept-encoding: gzip, br, zstd\r\ncookie: {cookie}\r\n\r\n".encode()
        for cookie in visits.cookies
    ]
    gc.freeze()
    gc.disable()
    lines = [asyncio.create_task(_line(visits.port, due, seen)) for _ in range(visits.lines)]
    began = time.perf_counter()
    for number in range(int(visits.rate * visits.seconds)):
        at = began + number / visits.rate
        if (wait := at - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        due.put_nowait((at, requests[number % len(requests)]))
    for _ in lines:
        due.put_nowait(None)
    await asyncio.gather(*lines)
    return seen


if __name__ == "__main__":
    print(json.dumps(asdict(uvloop.run(run(Visits(**json.load(sys.stdin)))))))
