"""How every answer leaves: with the headers that keep it in its frame, smaller where that pays, and never as a bare fault.

`Transport` is plain ASGI around the application: it says how long the answer took (Server-Timing) and holds nothing back, so
that server-sent events flow as they are made and end when their maker ends. `Statics` serves the built files in the smallest
form that the browser reads, made at build.

What holds a form's token is padded at random before it is packed (in the gzip header, where nobody reads it), so that the
length of an answer does not tell its secrets to somebody who can make a browser ask again and again (the BREACH attack).
"""

import os
import secrets
import zlib
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from os import PathLike, stat_result
from time import perf_counter

import anyio
from fastapi import Request
from fastapi.responses import Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kizuna.web.faces import CONTENT_SECURITY_POLICY

YEAR_S = 365 * 24 * 3600
DAY_S = 24 * 3600
PACKED_MIN_BYTES = 1_000
LEVEL = 1
"""A member's page of 40 KB leaves as 9.7 KB at 1, as 8.3 KB at 6, which takes twice the time: a page is packed at each request."""
PADDING_MAX_BYTES = 64
NAME_BYTES_MAX = 200
PERMISSIONS = (
    "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()"
)
HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "permissions-policy": PERMISSIONS,
}
_TEXTS = ("text/html", "text/css", "text/csv", "text/plain", "text/javascript", "application/json")
_MORE_TEXTS = ("application/problem+json", "application/javascript", "application/xml", "image/svg+xml")
_PACKED_FORMS = (("br", ".br"), ("gzip", ".gz"))
Answer = Callable[[Request, Exception], Awaitable[Response]]


class Transport:
    """Around the application: headers, packing, and `fault(request, error)` as the answer to a mistake of ours."""

    def __init__(self, app: ASGIApp, fault: Answer) -> None:
        self._app, self._fault = app, fault

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sender = _Sender(scope, send)
        try:
            await self._app(scope, receive, sender)
        except Exception as error:
            if sender.has_begun:
                raise
            answer = await self._fault(Request(scope), error)
            await answer(scope, receive, sender)


class _Sender:
    """Sends one answer on: adds what every answer carries, and packs it if that is worth it."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.has_begun = False
        self._scope, self._send = scope, send
        self._came_at = perf_counter()
        self._start: Message | None = None
        self._packer: _Gzip | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.has_begun = True
            headers = MutableHeaders(raw=message["headers"])
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers["server-timing"] = f"app;dur={(perf_counter() - self._came_at) * 1000:.1f}"
            if self._may_pack(message["status"], headers):
                self._start = message
                return
        elif self._start is not None:
            message = await self._first(self._start, message)
        elif self._packer is not None and message["type"] == "http.response.body":
            message = _packed(self._packer, message)
        await self._send(message)

    def _may_pack(self, status: int, headers: MutableHeaders) -> bool:
        kind = headers.get("content-type", "").partition(";")[0]
        if kind not in _TEXTS and kind not in _MORE_TEXTS:
            return False
        headers.add_vary_header("accept-encoding")
        return (
            self._scope["method"] != "HEAD"
            and status not in (HTTPStatus.NO_CONTENT, HTTPStatus.PARTIAL_CONTENT, HTTPStatus.NOT_MODIFIED)
            and "content-encoding" not in headers
            and _reads(Headers(scope=self._scope).get("accept-encoding", ""), "gzip")
        )

    async def _first(self, start: Message, body: Message) -> Message:
        """Decide by the first piece; send the head, and return that piece as it goes out."""
        self._start = None
        headers = MutableHeaders(raw=start["headers"])
        is_body = body["type"] == "http.response.body"  # a file may be handed to the server by its path
        if is_body and (body.get("more_body") or len(body.get("body", b"")) >= PACKED_MIN_BYTES):
            secret = headers.get("content-type", "").startswith("text/html")
            self._packer = _Gzip(secrets.randbelow(PADDING_MAX_BYTES) if secret else 0)
            body = _packed(self._packer, body)
            headers["content-encoding"] = "gzip"
            if body.get("more_body"):
                del headers["content-length"]
            else:
                headers["content-length"] = str(len(body["body"]))
        await self._send(start)
        return body


def _packed(packer: "_Gzip", message: Message) -> Message:
    return {**message, "body": packer.pack(message.get("body", b""), is_last=not message.get("more_body", False))}


class _Gzip:
    """One gzip stream (RFC 1952) whose head carries a file name of random length: `padding` letters that mean nothing."""

    def __init__(self, padding: int) -> None:
        self._deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        self._crc, self._size = 0, 0
        self._head = b"\x1f\x8b\x08" + (b"\x08" if padding else b"\x00") + b"\x00" * 4 + b"\x00\xff"
        self._head += b"k" * padding + b"\x00" if padding else b""

    def pack(self, piece: bytes, *, is_last: bool) -> bytes:
        """Return the packed form of the next piece, whole up to here, so that the reader is not kept waiting."""
        self._crc, self._size = zlib.crc32(piece, self._crc), self._size + len(piece)
        packed = self._head + self._deflate.compress(piece)
        self._head = b""
        if not is_last:
            return packed + self._deflate.flush(zlib.Z_SYNC_FLUSH)
        end = self._crc.to_bytes(4, "little") + (self._size & 0xFFFFFFFF).to_bytes(4, "little")
        return packed + self._deflate.flush() + end


def _reads(accepted: str, coding: str) -> bool:
    """Tell whether a browser reads a coding: named, and not with a quality of 0."""
    for part in accepted.lower().split(","):
        name, _, quality = part.strip().partition(";")
        if name.strip() == coding:
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


class Statics(StaticFiles):
    """The built files. Those under assets/ carry a hash in their name, and are kept by the browser for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file, in the smallest form that the browser reads."""
        if "\x00" in path or any(len(os.fsencode(part)) > NAME_BYTES_MAX for part in path.split("/")):
            raise HTTPException(HTTPStatus.NOT_FOUND)  # no file system holds such a name, nor may it be asked for one
        accepted = Headers(scope=scope).get("accept-encoding", "")
        answer, packed = await self._smallest(path, scope, accepted)
        if answer is None:
            return await super().get_response(path, scope)
        if packed is not None:
            answer.headers["content-encoding"] = packed
        answer.headers.add_vary_header("accept-encoding")
        return answer

    async def _smallest(self, path: str, scope: Scope, accepted: str) -> tuple[Response | None, str | None]:
        if scope["method"] not in ("GET", "HEAD"):
            return None, None
        for coding, ending in _PACKED_FORMS:
            if _reads(accepted, coding):
                full, stat = await anyio.to_thread.run_sync(self.lookup_path, path + ending)
                if stat is not None:
                    return self.file_response(full, stat, scope), coding
        return None, None

    def file_response(
        self, full_path: str | PathLike[str], stat_result: stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Return a file as an answer that says how long it may be kept."""
        answer = super().file_response(full_path, stat_result, scope, status_code)
        lasting = scope["path"].startswith("/static/assets/")
        kept = f"public, max-age={YEAR_S}, immutable" if lasting else f"public, max-age={DAY_S}"
        answer.headers["cache-control"] = kept
        return answer
