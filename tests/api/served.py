"""A real `kizuna serve` process, shops on it, and what every answer of it must be."""

import asyncio
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import httpx

from kizuna.program import parse
from kizuna.publishing import publish
from kizuna.runtime.access import Scope, create_key, create_owner
from kizuna.runtime.brands import Brand, create_brand
from kizuna.runtime.db import PLATFORM_SCHEMA, Database
from kizuna.runtime.server import Server
from road import GROCER

SECRET = "0123456789abcdef0123456789abcdef"  # noqa: S105 - of the test's own server
PASSWORD = "correct horse battery"  # noqa: S105 - of the test's own server
BODY_LIMIT_BYTES = 1_048_576
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
PLACEHOLDER = re.compile(r"\{[a-z_]+\}")
TLS = ssl.SSLContext(
    ssl.PROTOCOL_TLS_CLIENT
)  # nothing here speaks TLS, and each client would take 40 ms to make its own
get = partial(httpx.get, verify=TLS)
post = partial(httpx.post, verify=TLS)
T = TypeVar("T")


def run_on(server: Server, story: Callable[[Database], Awaitable[T]]) -> T:
    """Run `story(db)` in an event loop of its own."""

    async def run() -> T:
        db = await Database.open(server.locate)
        try:
            return await story(db)
        finally:
            await db.close()

    return asyncio.run(run())


@dataclass(frozen=True)
class Shop:
    """A brand on the site, with a key that may do everything; `client` carries it."""

    url: str
    server: Server
    brand: Brand
    key: str

    @cached_property
    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers={"authorization": f"Bearer {self.key}"}, timeout=20, verify=TLS)

    def post(self, body: Any, *, text: str | None = None, **headers: str) -> httpx.Response:
        """Send bytes as they are, or anything else as JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        params = {} if text is None else {"text": text}
        return self.client.post("/v1/events", content=content, headers=named, params=params)

    def told(self, *events: dict[str, Any]) -> list[dict[str, Any]]:
        """Send a batch that is taken, and return its answers."""
        answer = self.post(list(events))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def member(self, name: str) -> dict[str, Any]:
        answer = self.client.get(f"/v1/members/{name}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def new_key(self, *scopes: Scope) -> str:
        return run_on(self.server, lambda db: create_key(db, self.brand.slug, "till", scopes))

    def owner(self, email: str) -> None:
        run_on(self.server, lambda db: create_owner(db, self.brand.slug, email, PASSWORD))

    def publish(self, program: str) -> int:
        return run_on(self.server, lambda db: publish(db, self.brand, parse(program)))

    def sql(self, statement: str, *args: Any, schema: str | None = None) -> list[Any]:
        async def ask(db: Database) -> list[Any]:
            async with db.lend(schema or self.brand.schema) as conn:
                return await conn.fetch(statement, *args)

        return run_on(self.server, ask)

    def platform_sql(self, statement: str, *args: Any) -> list[Any]:
        return self.sql(statement, *args, schema=PLATFORM_SCHEMA)


@dataclass(frozen=True)
class Site:
    """The server process: its address and its log. `shop` is where most stories happen."""

    url: str
    server: Server
    log: Path
    shops: dict[str, Shop] = field(default_factory=dict)

    def open_shop(self, program: str | None = GROCER, *, timezone: str = "Asia/Tokyo", currency: str = "JPY") -> Shop:
        """Make a brand of its own on this site."""
        brand = Brand(f"t{uuid4().hex[:16]}", "絆マート", currency, timezone, "JP", ("ja", "en"))

        async def make(db: Database) -> str:
            await create_brand(db, brand)
            if program is not None:
                await publish(db, brand, parse(program))
            return await create_key(db, brand.slug, "till 1", list(Scope))

        return Shop(self.url, self.server, brand, run_on(self.server, make))

    @cached_property
    def shop(self) -> Shop:
        return self.open_shop()

    @cached_property
    def strict_shop(self) -> Shop:
        """A shop that enrols nobody by an order."""
        return self.open_shop(GROCER.replace("unknown_member: create", "unknown_member: refuse"))

    def faults(self) -> str:
        """Return what the server has logged as its own mistakes."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def raw(self, sent: bytes, *, end: bool = False, wait_s: float = 5) -> bytes:
        """Send bytes on a connection of their own and return all that comes back; `end` closes our side first."""
        host, port = self.url.removeprefix("http://").split(":")
        parts = []
        with socket.create_connection((host, int(port)), timeout=wait_s) as line:
            line.sendall(sent)
            if end:
                line.shutdown(socket.SHUT_WR)
            try:
                while part := line.recv(65_536):
                    parts.append(part)
            except (TimeoutError, ConnectionResetError):
                pass
        return b"".join(parts)


@contextmanager
def served(server: Server, home: Path) -> Iterator[Site]:
    """Run `kizuna serve` on a free port until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = home / f"serve-{port}.log"
    environment = os.environ | {
        "DATABASE_URL": server.locate(),
        "KIZUNA_HOME": str(home),
        "KIZUNA_PORT": str(port),
        "KIZUNA_SECRET": SECRET,
        "KIZUNA_BODY_LIMIT_BYTES": str(BODY_LIMIT_BYTES),
        "KIZUNA_LOG_LEVEL": "error",
    }
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, "-m", "kizuna", "serve"], env=environment, stdout=out, stderr=out)
        try:
            _await_health(f"http://127.0.0.1:{port}", process, log)
            yield Site(f"http://127.0.0.1:{port}", server, log)
        finally:
            process.terminate()
            assert process.wait(20) == 0


def _await_health(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if get(f"{url}/healthz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"kizuna serve did not start:\n{log.read_text(encoding='utf-8')}")


# What is sent


def somebody() -> str:
    """Return an identity that nobody has had before."""
    return f"customer:{uuid4().hex[:12]}"


def hours_ago(hours: float) -> str:
    """Return an instant as it is sent."""
    return (datetime.now(UTC) - timedelta(hours=hours)).isoformat(timespec="seconds").replace("+00:00", "Z")


def event(kind: str, who: str, data: dict[str, Any], **more: Any) -> dict[str, Any]:
    """One CloudEvent with an id of its own; `more` adds or replaces attributes."""
    return {
        "specversion": "1.0",
        "id": uuid4().hex,
        "source": "till-1",
        "type": kind,
        "time": hours_ago(1),
        "subject": who,
        "data": data,
    } | more


def order(amount: int, who: str | None = None, /, **more: Any) -> dict[str, Any]:
    """An order of `amount` yen."""
    told = {"order_id": uuid4().hex[:8], "amount": amount, "currency": "JPY"}
    return event("order.completed", who or somebody(), told, **more)


def redemption(points: int, who: str, /, **more: Any) -> dict[str, Any]:
    """A wish to spend points."""
    return event("redemption.requested", who, {"points": points, "reference": "R-1"}, **more)


# What comes back


def problem(answer: httpx.Response, status: int, code: str, field: str | None = None) -> dict[str, Any]:
    """Check a refusal against RFC 9457 and our own promises, and return it."""
    assert answer.status_code == status, f"{answer.status_code} {answer.text}"
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    check_problem(told, status, code, field)
    return told


def check_problem(told: dict[str, Any], status: int, code: str, field: str | None = None) -> None:
    """Check the members of a refusal."""
    assert (told["code"], told["status"], told.get("field")) == (code, status, field), told
    assert told["type"] == f"urn:kizuna:problem:{code}"
    assert told["title"]
    for words in (told["detail"], told["remedy"]):
        assert len(words) > 8
        assert not PLACEHOLDER.search(words), words
