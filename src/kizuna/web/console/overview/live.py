"""The live feed: what happens in the shop as it happens, as server-sent events (HTML Living Standard, section 9.2).

Of all listeners of a brand one task asks the database, once a second, only while somebody listens. A listener who comes back
with the id of what was heard last hears what was missed, at most the newest. A stream ends when its reader leaves, the
session is over or the server stops; a database that is away is told and waited for.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.types import Receive, Scope, Send

from kizuna import insight
from kizuna.core.days import day_date, day_of
from kizuna.core.errors import Unavailable
from kizuna.publishing import PlanBook
from kizuna.runtime import access
from kizuna.runtime.clock import now
from kizuna.runtime.db import Connection, Database
from kizuna.web.console.frame import SESSION_COOKIE, SignInNeeded, face_of, session_of
from kizuna.web.console.overview.reads import WAITING_MAX
from kizuna.web.console.overview.telling import Teller
from kizuna.web.console.overview.views import Freshness
from kizuna.web.requests import services
from kizuna.web.services import Desk, Services

LINES_MAX = 20
TICK_S = 1.0
HEARTBEAT_S = 15.0
SESSION_EVERY_S = 5.0
RETRY_MS = 3000
BACKLOG_MAX = 100
LISTENERS_MAX = 200
RATE_OVER_S = 10
HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}
routes = APIRouter(prefix="/console", include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Tick:
    """What one look at the database found, nothing while it was away. `rate` is events per second."""

    news: insight.News | None = None
    headline: insight.Headline | None = None
    rate: float = 0
    behind_s: int = 0


@dataclass(slots=True, eq=False)
class Listener:
    """Somebody's ear: ticks not yet told. Who reads too slowly loses the oldest."""

    ticks: deque[Tick] = field(default_factory=lambda: deque(maxlen=BACKLOG_MAX))
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, tick: Tick) -> None:
        """Take in one more."""
        self.ticks.append(tick)
        self.wake.set()


class Feed:
    """A brand's news for everyone who listens; asks the database only while somebody does."""

    def __init__(self, db: Database, desk: Desk) -> None:
        self.listeners: set[Listener] = set()
        self.book = PlanBook()
        self._db, self._desk = db, desk
        self._position: insight.Position | None = None
        self._counts: deque[tuple[float, int]] = deque()
        self._turn = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def join(self, listener: Listener, since: insight.Position | None) -> None:
        """Begin to listen, with what has happened since `since`. Raises `Unavailable`."""
        async with self._turn:
            if not self.listeners:
                self._position = None
                self._counts.clear()
            missed, tick = await self._look(since)
            self._tell(tick)
            if missed is not None:
                listener.hear(Tick(missed))
            listener.hear(replace(tick, news=None))
            self.listeners.add(listener)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name=f"live {self._desk.brand.slug}")

    def leave(self, listener: Listener) -> None:
        """Stop listening."""
        self.listeners.discard(listener)

    async def _run(self) -> None:
        while self.listeners:
            await asyncio.sleep(TICK_S)
            async with self._turn:
                try:
                    _, tick = await self._look(None)
                except Unavailable:
                    tick = Tick()
                self._tell(tick)

    def _tell(self, tick: Tick) -> None:
        for listener in self.listeners:
            listener.hear(tick)

    async def _look(self, since: insight.Position | None) -> tuple[insight.News | None, Tick]:
        """Return what is new for everyone, and before that what is new since `since`: both end at the same place."""
        async with self._db.transaction(self._desk.brand.schema, readonly=True) as conn:
            await self.book.refresh(conn)
            begin = self._position or await insight.newest(conn)
            news = await insight.since(conn, begin, LINES_MAX)
            behind = since is not None and since < news.position
            missed = await insight.since(conn, since, LINES_MAX) if since is not None and behind else None
            self._position = news.position
            self._counts.append((asyncio.get_running_loop().time(), news.events))
            return missed, await self._tick(conn, news)

    async def _tick(self, conn: Connection, news: insight.News | None) -> Tick:
        at = now()
        today = day_date(day_of(at, self._desk.brand.zone)) or date.max
        lag = await insight.behind(conn, WAITING_MAX)
        seconds = Freshness(lag.waiting, lag.waiting_since, lag.handled_at).seconds(at)
        return Tick(news, await insight.headline(conn, today), self._rate(), seconds)

    def _rate(self) -> float:
        """Return the events per second of the last seconds."""
        begin = asyncio.get_running_loop().time() - RATE_OVER_S
        while self._counts and self._counts[0][0] <= begin:
            self._counts.popleft()
        return sum(events for _, events in self._counts) / RATE_OVER_S


_FEEDS: WeakKeyDictionary[Services, dict[str, Feed]] = WeakKeyDictionary()


def feed_of(made: Services, desk: Desk) -> Feed:
    """Return the one feed of a brand in this process."""
    feeds = _FEEDS.setdefault(made, {})
    return feeds.setdefault(desk.brand.slug, Feed(made.db, desk))


class EventStream(Response):
    """An answer without an end: what `tell(say)` says, until it returns, the reader leaves or `stop` is set."""

    media_type = "text/event-stream"

    def __init__(
        self, tell: Callable[[Callable[[bytes], Awaitable[None]]], Awaitable[None]], stop: asyncio.Event
    ) -> None:
        super().__init__(None, headers=HEADERS, media_type=self.media_type)
        del self.headers["content-length"]
        self._tell, self._stop = tell, stop

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Serve it."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})

        async def say(text: bytes) -> None:
            await send({"type": "http.response.body", "body": text, "more_body": True})

        async def until_left() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass

        ways = {asyncio.create_task(one) for one in (self._whole(say), until_left(), _set(self._stop))}
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            ended = await asyncio.gather(*ways, return_exceptions=True)
        with suppress(Exception):  # whoever left does not hear the end
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        for fault in ended:
            if isinstance(fault, Exception) and not isinstance(fault, OSError | RuntimeError):
                raise fault

    async def _whole(self, say: Callable[[bytes], Awaitable[None]]) -> None:
        await self._tell(say)


async def _set(event: asyncio.Event) -> None:
    await event.wait()


@routes.get("/live")
async def live(request: Request) -> Response:
    """Tell what happens, until nobody listens any more."""
    made = services(request)
    try:
        session = await session_of(request)
        desk = await made.desk(session.brand)
    except SignInNeeded:
        return Response(event("refused", {"sign_in": "/console/sign-in"}), 401, HEADERS, EventStream.media_type)
    except Unavailable:
        return Response(_BEGIN + event("away", {}), 200, HEADERS, EventStream.media_type)
    feed = feed_of(made, desk)
    if len(feed.listeners) >= LISTENERS_MAX:
        return Response(event("refused", {"listeners_max": LISTENERS_MAX}), 503, HEADERS, EventStream.media_type)
    face = face_of(request, session, desk)
    since = position(request.headers.get("last-event-id"))
    secret = request.cookies[SESSION_COOKIE]

    async def tell(say: Callable[[bytes], Awaitable[None]]) -> None:
        listener = Listener()
        await say(_BEGIN)
        try:
            await _joined(feed, listener, since, say)
            await _listen(listener, Teller(face, feed.book), lambda: _is_over(made.db, secret), say)
        finally:
            feed.leave(listener)

    return EventStream(tell, made.stopping)


async def _joined(
    feed: Feed, listener: Listener, since: insight.Position | None, say: Callable[[bytes], Awaitable[None]]
) -> None:
    """Join, as soon as the database is there."""
    while True:
        try:
            return await feed.join(listener, since)
        except Unavailable:
            await say(event("away", {}))
            await asyncio.sleep(RETRY_MS / 1000)


async def _listen(
    listener: Listener,
    teller: Teller,
    is_over: Callable[[], Awaitable[bool]],
    say: Callable[[bytes], Awaitable[None]],
) -> None:
    """Tell ticks as they come; look now and then whether the session is over, and say at least something."""
    loop = asyncio.get_running_loop()
    spoken = looked = loop.time()
    while True:
        listener.wake.clear()
        if not listener.ticks:
            with suppress(TimeoutError):
                await asyncio.wait_for(listener.wake.wait(), SESSION_EVERY_S)
        text = b"".join(_told(teller, listener.ticks.popleft()) for _ in range(len(listener.ticks)))
        if not text and loop.time() - spoken >= HEARTBEAT_S:
            text = b": still here\n\n"
        if text:
            spoken = loop.time()
            await say(text)
        if loop.time() - looked >= SESSION_EVERY_S:
            looked = loop.time()
            if await is_over():
                await say(event("over", {"sign_in": "/console/sign-in"}))
                return


async def _is_over(db: Database, secret: str) -> bool:
    try:
        return await access.find_session(db, secret) is None
    except Unavailable:
        return False


def _told(teller: Teller, tick: Tick) -> bytes:
    """Return a tick as events; nothing when there is nothing new. The last line carries the id to come back with."""
    parts: list[bytes] = []
    if tick.news is not None:
        lines = teller.lines(tick.news.happenings)
        place = "-".join(map(str, tick.news.position))
        parts += [event("line", line, place if line is lines[-1] else None) for line in lines]
    if tick.headline is not None:
        pulse = teller.pulse(tick.headline, tick.rate, tick.behind_s)
        parts += [event("pulse", pulse)] if pulse else []
    elif tick.news is None and teller.goes_away():
        parts.append(event("away", {}))
    return b"".join(parts)


def event(name: str, facts: dict[str, Any], id_: str | None = None) -> bytes:
    """Write one event; its data is JSON on one line."""
    head = f"id: {id_}\n".encode() if id_ else b""
    return head + f"event: {name}\ndata: ".encode() + msgspec.json.encode(facts) + b"\n\n"


def position(text: str | None) -> insight.Position | None:
    """Read the id that a listener comes back with; None for what is not ours."""
    parts = (text or "").split("-")
    if len(parts) == 2 and all(part.isascii() and part.isdecimal() and len(part) <= 18 for part in parts):
        return insight.Position(int(parts[0]), int(parts[1]))
    return None


_BEGIN = f"retry: {RETRY_MS}\n\n".encode()
