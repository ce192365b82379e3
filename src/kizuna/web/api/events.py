"""`POST /v1/events`: raw ASGI in front of FastAPI, because it is the road that everything takes.

One CloudEvent, an array of up to 1,000, or one a line. Each event has its own answer, in order; an answer comes only after
the commit that holds its event.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

import msgspec

from kizuna.core.errors import Problem, Unavailable
from kizuna.intake import EVENTS_MAX, BatchTooLarge, EventMalformed, split_array, split_lines, take_in
from kizuna.runtime.access import Scope
from kizuna.web.api import problems
from kizuna.web.api.answers import Reading
from kizuna.web.api.auth import Gate
from kizuna.web.api.problems import BodyTooLarge, Faulty, MethodNotAllowed
from kizuna.web.reads import brand_view
from kizuna.web.services import Desk, Services
from kizuna.web.words import LANGUAGES, negotiate

Scope_ = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope_, Receive, Send], Awaitable[None]]

PATH = "/v1/events"
BODY_S = 60
_JSON = msgspec.json.Encoder()
_NDJSON = b"application/x-ndjson"


class EventsRoute:
    """Answers `PATH` itself and hands everything else to `inner`."""

    def __init__(self, inner: App, services: Services, gate: Gate) -> None:
        self._inner, self._services, self._gate = inner, services, gate

    async def __call__(self, scope: Scope_, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] != PATH:
            await self._inner(scope, receive, send)
            return
        headers = dict(reversed(scope["headers"]))  # of a header that stands twice the first counts, as everywhere else
        lang = negotiate(None, None, headers.get(b"accept-language", b"en").decode("latin-1"), ("en", "ja"))
        try:
            status, kind, body, extra = await self._answer(scope, headers, lang, receive)
        except Problem as problem:
            status, kind, body, extra = _refusal(problem, lang)
        except Exception as fault:  # noqa: BLE001 - logged whole under the trace that the caller is given
            status, kind, body, extra = _refusal(Faulty(trace=problems.log_fault(fault)), lang)
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [
                    (b"content-type", kind),
                    (b"content-length", str(len(body)).encode()),
                    (b"x-content-type-options", b"nosniff"),
                    *((name.encode(), value.encode()) for name, value in extra.items()),
                ],
            }
        )
        await send({"type": "http.response.body", "body": body})

    async def _answer(
        self, scope: Scope_, headers: dict[bytes, bytes], lang: str, receive: Receive
    ) -> tuple[int, bytes, bytes, dict[str, str]]:
        if scope["method"] != "POST":
            raise MethodNotAllowed(method=scope["method"], allowed="POST")
        grant = await self._gate.admit(headers.get(b"authorization", b"").decode("latin-1"), Scope.EVENTS_WRITE)
        desk = await self._services.desk(grant.brand)
        body = await _read_in_time(headers, receive, self._services.settings.body_limit_bytes)
        lines = headers.get(b"content-type", b"").split(b";")[0].strip().lower() == _NDJSON
        alone = not lines and not body.lstrip().startswith(b"[")
        pieces = split_lines(body) if lines else [body] if alone else split_array(body)
        if len(pieces) > EVENTS_MAX:
            raise BatchTooLarge(count=len(pieces), count_max=EVENTS_MAX)
        results = await take_in(desk.writer, desk.terms, pieces)
        reading = _reading(desk, lang, _texts(scope["query_string"], desk, alone=alone))
        first = results[0].result if results else None
        if isinstance(first, Problem) and (alone or all(isinstance(one.result, Unavailable) for one in results)):
            raise first
        if alone:
            return 200, b"application/json", _JSON.encode(reading.event(results[0])), {}
        answers = [reading.event(one) for one in results]
        if lines:
            return 200, _NDJSON, _JSON.encode_lines(answers), {}
        return 200, b"application/json", _JSON.encode(answers), {}


def _reading(desk: Desk, lang: str, texts: tuple[str, ...]) -> Reading:
    plan = desk.book.plans[-1] if desk.book.plans else None
    return Reading(desk.book, brand_view(desk.brand, plan), lang, texts)


def _texts(query: bytes, desk: Desk, *, alone: bool) -> tuple[str, ...]:
    """Return the languages in which every why is also written out: `?text=ja,en`; by default the brand's for one event."""
    asked = parse_qs(query.decode("latin-1")).get("text")
    if asked is None:
        return desk.brand.languages if alone else ()
    return tuple(lang for lang in asked[0].split(",") if lang in LANGUAGES)


async def _read_in_time(headers: dict[bytes, bytes], receive: Receive, limit: int) -> bytes:
    """Return the body. Raises `BodyTooLarge`, and `EventMalformed` for one that trickles in too slowly."""
    try:
        async with asyncio.timeout(BODY_S):
            return await _read(headers, receive, limit)
    except TimeoutError as fault:
        raise EventMalformed(reason=f"the body did not arrive within {BODY_S} seconds") from fault


async def _read(headers: dict[bytes, bytes], receive: Receive, limit: int) -> bytes:
    """Return the body. Raises `BodyTooLarge` as soon as it is known to be."""
    length = headers.get(b"content-length", b"")
    if length.isdigit() and int(length) > limit:
        raise BodyTooLarge(limit_bytes=limit)
    chunks, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise EventMalformed(reason="the connection ended before the body did")
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise BodyTooLarge(limit_bytes=limit)
        chunks.append(chunk)
        if not message.get("more_body"):
            return b"".join(chunks)


def _refusal(problem: Problem, lang: str) -> tuple[int, bytes, bytes, dict[str, str]]:
    body = _JSON.encode(problems.answer(problem, lang))
    return problems.status(problem), problems.MEDIA_TYPE.encode(), body, problems.headers(problem)
