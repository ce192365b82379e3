"""The faces at a million members, over HTTP, with somebody signed in.

Measured: finding a member, walking the list, the whole list as a file, the overview while events flow, My Page for many.

The crowd (`crowd.py`) is laid down once into a home of its own (`KIZUNA_BENCH_HOME`, by default below `.home`) and kept; the
searches are drawn from it, each different, and asked one after the other on one connection.
"""

import asyncio
import contextlib
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode

import uvloop

from benchmarks.crowd import STORIED, lay_down, month_ago
from benchmarks.harness import GROCER, ROOT, Figure, Home, free_port
from benchmarks.orders import order
from benchmarks.visitors import Seen, Visits
from kizuna.core.errors import NotFound
from kizuna.program import parse
from kizuna.runtime import tokens
from kizuna.runtime.access import EmailTaken, Scope, create_key, create_owner, sign_in
from kizuna.runtime.brands import Brand, get_brand, migrate_all
from kizuna.runtime.clock import now
from kizuna.runtime.db import Database
from kizuna.runtime.migrate import migrate_platform
from kizuna.runtime.postgres import EmbeddedPostgres
from kizuna.runtime.settings import Settings
from kizuna.web.requests import MEMBER_LINK

SIZE: Final = int(os.environ.get("KIZUNA_BENCH_MEMBERS", "1000000"))
SEARCHES: Final = 300
DEEP_PAGES: Final = 12
EVENTS_RATE, OVERVIEW_S = 200, 20.0
VISITS_RATE, VISITS_S, VISITORS = 200, 15.0, 400
LINK_LIFETIME: Final = timedelta(minutes=10)
BRAND: Final = Brand(f"crowd{SIZE}", "百万マート", "JPY", "Asia/Tokyo", "JP", ("ja", "en"))
EMAIL, PASSWORD = "bench@example.com", "of the benchmark alone"
ORDERS: Final = ("kana", "balance", "active", "joined", "spend")
FILTERS: Final = (
    {"tier": 0}, {"tier": 1}, {"tier": 3}, {"active": 30}, {"active": 90}, {"active": 365}, {"sleeping": 90}, {"sleeping": 180},
    {"sleeping": 365}, {"expiring": 7}, {"expiring": 30}, {"joined": month_ago(1)}, {"joined": month_ago(14)},
    {"tier": 1, "sleeping": 90}, {"tier": 2, "expiring": 30}, {"joined": month_ago(3), "active": 30},
)  # fmt: skip


def measure() -> list[Figure]:
    """Measure the faces."""
    with _kept_home() as here:
        return uvloop.run(_measure(here))


@contextlib.contextmanager
def _kept_home() -> Iterator[Home]:
    """Yield the home that is kept from one run to the next, its server running meanwhile."""
    path = Path(os.environ.get("KIZUNA_BENCH_HOME", ROOT / ".home" / "faces"))
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KIZUNA_", "DATABASE_URL"))}
    port = free_port()
    env = kept | {
        "KIZUNA_HOME": str(path),
        "KIZUNA_PORT": str(port),
        "KIZUNA_LOG_LEVEL": "warning",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
    }
    server = EmbeddedPostgres(path)
    server.ensure_running()
    try:
        yield Home(path, port, env)
    finally:
        server.stop()


async def _measure(here: Home) -> list[Figure]:
    url = here.database
    db = await Database.open(lambda: url)
    try:
        made_s = await _prepare(db)
        drawn = await _drawn(db)
        with contextlib.suppress(EmailTaken):
            await create_owner(db, BRAND.slug, EMAIL, PASSWORD)
        cookie = f"kizuna_session={await sign_in(db, EMAIL, PASSWORD)}"
        key = await create_key(db, BRAND.slug, "bench", [Scope.EVENTS_WRITE])
        figures = [Figure("members", SIZE, "members"), Figure("made_in_s", made_s, "s")]
        with here.serving():
            tab = await Tab.open(here.port, cookie)
            figures += await _searches(tab, drawn)
            figures += await _lists(tab)
            figures += await _file(tab)
            figures += await _overview(here, tab, key)
            figures += await _my_page(here, drawn["members"])
        return figures
    finally:
        await db.close()


async def _prepare(db: Database) -> float:
    """Lay the crowd down unless it is there; return the seconds that it took."""
    began = time.perf_counter()
    await migrate_platform(db.locate)
    try:
        await get_brand(db, BRAND.slug)
        await migrate_all(db)
    except NotFound:
        await lay_down(db, BRAND, parse((GROCER / "program.yaml").read_text(encoding="utf-8")), SIZE)
    return time.perf_counter() - began


async def _drawn(db: Database) -> dict[str, list[str]]:
    """Draw what will be typed from those who are there: each sort in its own way, no two alike."""
    draw = random.Random(11)  # noqa: S311 - the same searches each time
    async with db.lend(BRAND.schema) as conn:
        some = await conn.fetch(
            "SELECT name, name_kana FROM member TABLESAMPLE SYSTEM (2) REPEATABLE (3) WHERE name IS NOT NULL LIMIT 20000"
        )
        numbers = await conn.fetch(
            "SELECT kind, value FROM identity TABLESAMPLE SYSTEM (2) REPEATABLE (3) WHERE kind IN ('phone', 'card') LIMIT 40000"
        )
        storied = await conn.fetch("SELECT DISTINCT member_id FROM entry LIMIT $1", min(VISITORS, STORIED))
    names = {row["name"][: draw.randint(2, 6)] for row in some} | {row["name"].partition(" ")[2] for row in some}
    kana = {row["name_kana"][: draw.randint(2, 9)] for row in some}
    kana |= {_katakana(row["name_kana"])[: draw.randint(2, 9)] for row in some[:4000]}
    phones = [row["value"] for row in numbers if row["kind"] == "phone"]
    cards = [row["value"] for row in numbers if row["kind"] == "card"]
    signs = sorted({sign for row in some for sign in row["name"] + row["name_kana"] if sign != " "}) + list(
        "0123456789+am@"
    )
    return {
        "name": _some(draw, names),
        "kana": _some(draw, kana),
        "phone_tail": _some(draw, {phone[-draw.randint(4, 6) :] for phone in phones}),
        "phone": _some(draw, {f"0{phone[3:5]}-{phone[5:9]}-{phone[9:]}" for phone in phones}),
        "card": _some(draw, {card[: draw.choice((5, 8, 12, 16))] for card in cards}),
        "one_sign": signs[:SEARCHES],
        "nobody": [f"zz{n}" for n in range(SEARCHES)],
        "members": [str(row["member_id"]) for row in storied],
    }


def _some(draw: random.Random, words: set[str]) -> list[str]:
    kept = sorted(words - {""})
    return draw.sample(kept, min(len(kept), SEARCHES + 50))


def _katakana(words: str) -> str:
    return "".join(chr(ord(sign) + 0x60) if "ぁ" <= sign <= "ゖ" else sign for sign in words)


class Tab:
    """One connection that somebody signed in asks on, one page after the other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cookie: str) -> None:
        self._reader, self._writer, self._cookie = reader, writer, cookie

    @classmethod
    async def open(cls, port: int, cookie: str) -> "Tab":
        """Connect."""
        return cls(*await asyncio.open_connection("127.0.0.1", port, limit=2**24), cookie)

    async def get(self, path: str) -> tuple[float, bytes]:
        """Return how many milliseconds a page took, and the page; one that is no page ends the run."""
        began = time.perf_counter()
        self._writer.write(f"GET {path} HTTP/1.1\r\nhost: localhost\r\ncookie: {self._cookie}\r\n\r\n".encode())
        head = await self._reader.readuntil(b"\r\n\r\n")
        lines = head.lower()
        if b"content-length:" in lines:
            body = await self._reader.readexactly(int(lines.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0]))
        else:
            body = b"".join([part async for part in self._chunks()])
        took = (time.perf_counter() - began) * 1000
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"{path}: {head[:200]!r} {body[:500]!r}")
        return took, body

    async def count_lines(self, path: str) -> tuple[float, int]:
        """Return how many seconds a file took, and its lines; nothing of it is kept."""
        began, lines = time.perf_counter(), 0
        self._writer.write(f"GET {path} HTTP/1.1\r\nhost: localhost\r\ncookie: {self._cookie}\r\n\r\n".encode())
        await self._reader.readuntil(b"\r\n\r\n")
        async for part in self._chunks():
            lines += part.count(b"\n")
        return time.perf_counter() - began, lines

    async def _chunks(self) -> AsyncIterator[bytes]:
        while size := int((await self._reader.readline()).strip(), 16):
            yield await self._reader.readexactly(size)
            await self._reader.readexactly(2)
        await self._reader.readexactly(2)


def _percentiles(name: str, took: Sequence[float]) -> list[Figure]:
    ordered = sorted(took)
    at = {share: ordered[min(len(ordered) - 1, int(len(ordered) * share / 100))] for share in (50, 95)}
    return [Figure(f"{name}_p{share}_ms", value, "ms") for share, value in at.items()]


async def _searches(tab: Tab, drawn: dict[str, list[str]]) -> list[Figure]:
    figures = []
    for sort in ("name", "kana", "phone_tail", "phone", "card", "nobody"):  # the server plans its statements once
        await tab.get(f"/console/members?q={quote(drawn[sort][-1])}")
    for sort in ("name", "kana", "phone_tail", "phone", "card", "one_sign", "nobody"):
        took = [(await tab.get(f"/console/members?q={quote(query)}"))[0] for query in drawn[sort][:SEARCHES]]
        figures += _percentiles(f"search_{sort}", took)
    return figures


async def _lists(tab: Tab) -> list[Figure]:
    """Walk every order in both directions, alone and with each filter: first pages, and pages farther on."""
    plain, narrowed, deep, worst = [], [], [], (0.0, "")
    for sort in [*ORDERS, *(f"-{name}" for name in ORDERS)]:
        for asked in ({}, *FILTERS):
            query = urlencode({**asked, "sort": sort})
            await tab.get(f"/console/members?{query}")
            for _ in range(2):
                took, body = await tab.get(f"/console/members?{query}")
                (narrowed if asked else plain).append(took)
            worst = max(worst, (took, query))
            following = _next(body)
            for _ in range(DEEP_PAGES if not asked else 2):
                if following is None:
                    break
                took, body = await tab.get(following)
                deep.append(took)
                following = _next(body)
    print(f"  the slowest list: {worst[1]} {worst[0]:.0f} ms")
    return [
        *_percentiles("list_by_order", plain),
        *_percentiles("list_filtered", narrowed),
        *_percentiles("list_next_pages", deep),
    ]


def _next(body: bytes) -> str | None:
    place = body.find(b'rel="next" href="')
    if place < 0:
        return None
    return body[place + 17 : body.index(b'"', place + 17)].decode().replace("&amp;", "&")


async def _file(tab: Tab) -> list[Figure]:
    seconds, lines = await tab.count_lines("/console/members.csv")
    if lines != SIZE + 1:
        raise RuntimeError(f"the file has {lines} lines")
    return [Figure("csv_rows", SIZE / seconds, "rows/s"), Figure("csv_s", seconds, "s")]


async def _overview(here: Home, tab: Tab, key: str) -> list[Figure]:
    """Look at the overview again and again while events flow in and the worker follows them."""
    await tab.get("/console/overview?days=365")
    quiet = [(await tab.get("/console/overview?days=365"))[0] for _ in range(30)]
    worker = await asyncio.create_subprocess_exec(sys.executable, "-m", "kizuna", "worker", env=here.env)
    try:
        flow = asyncio.create_task(_events(here.port, key))
        await asyncio.sleep(2)
        took, until = [], time.perf_counter() + OVERVIEW_S - 4
        while time.perf_counter() < until:
            took.append((await tab.get("/console/overview?days=365"))[0])
            await asyncio.sleep(0.1)
        sent, seconds = await flow
    finally:
        worker.terminate()
        await worker.wait()
    return [
        *_percentiles("overview_quiet", quiet),
        Figure("events_flowing", sent / seconds, "events/s"),
        *_percentiles("overview_busy", took),
    ]


async def _events(port: int, key: str) -> tuple[int, float]:
    """Send single orders of the crowd at a fixed rate, some at once so that a slow answer holds nothing up."""
    draw, began = random.Random(time.time()), time.perf_counter()  # noqa: S311 - any orders
    due: asyncio.Queue[bytes | None] = asyncio.Queue()
    sent = 0

    async def line() -> None:
        nonlocal sent
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (body := await due.get()) is not None:
            head = f"POST /v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\ncontent-type: application/json\r\n"
            writer.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(answer.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0]))
            sent += answer.startswith(b"HTTP/1.1 2")
        writer.close()

    lines = [asyncio.create_task(line()) for _ in range(16)]
    for n in range(int(EVENTS_RATE * OVERVIEW_S)):
        wait = began + n / EVENTS_RATE - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
        body = order(f"faces-{began}-{n}", 0, now(), draw)
        due.put_nowait(body.replace(b"customer:000000", f"customer:C{draw.randrange(SIZE // 10) * 10:08}".encode()))
    for _ in lines:
        due.put_nowait(None)
    await asyncio.gather(*lines)
    return sent, time.perf_counter() - began


async def _my_page(here: Home, who: Sequence[str]) -> list[Figure]:
    """Let many members look at their My Page, as fast as they come."""
    secret = Settings.load({"KIZUNA_HOME": str(here.path)}).secret()
    cookies = []
    for member in who:
        link = tokens.sign(secret, MEMBER_LINK, {"brand": BRAND.slug, "member": member}, now() + LINK_LIFETIME)
        cookies.append(await _entered(here.port, link))
    visits = Visits(here.port, "/my", cookies, VISITS_RATE, VISITS_S)
    told = await asyncio.to_thread(_visit, here, visits)
    if told.refused:
        raise RuntimeError(f"{told.refused} of {told.answers} visits were refused")
    return [Figure("my_page_rate", told.answers / VISITS_S, "pages/s"), *_percentiles("my_page", told.latencies_ms)]


def _visit(here: Home, visits: Visits) -> Seen:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.visitors"],
        env=here.env, input=json.dumps(asdict(visits)), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr)
    return Seen(**json.loads(done.stdout))


async def _entered(port: int, link: str) -> str:
    """Open a member's link as a phone does, and return the cookie that it becomes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET /my/enter/{quote(link)} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n".encode())
    head = (await reader.read()).decode(errors="replace")
    writer.close()
    line = next(line for line in head.split("\r\n") if line.lower().startswith("set-cookie: kizuna_member="))
    return line.partition(": ")[2].partition(";")[0]
