"""A real HTTP server that shows every sample page, with the headers that the real faces send."""

import asyncio
import mimetypes
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import sleep
from typing import Self
from urllib.parse import parse_qs, urlsplit

from kizuna.web import look
from kizuna.web.faces import CONTENT_SECURITY_POLICY, STATIC, Face
from kizuna.web.member import pages as member
from kizuna.web.views import IdentityView
from samples import CONSOLE_PAGES, MEMBER_PAGES
from samples.base import BRAND, FULL, MEMBER, seen
from samples.member import hostile
from samples.members import searched

STREAM_S = 60
_HOSTILE = replace(
    MEMBER, name="<script>alert(1)</script>", identities=(IdentityView("email", '"><script>alert(2)</script>'),)
)


def face(name: str, lang: str) -> Face:
    """Return the face that a page is shown with."""
    user = "mika.tanaka@komorebi.example" if name in CONSOLE_PAGES else None
    return Face(BRAND, lang, user, "token", f"/{name}?lang={lang}")


def page(name: str, lang: str) -> str:
    """Return the page `name` in `lang`."""
    if name == "hostile":
        shown = face("member", lang)
        return hostile(shown, _HOSTILE) + member.home_page(shown, seen(_HOSTILE, FULL))
    return {**CONSOLE_PAGES, **MEMBER_PAGES}[name](face(name, lang))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        self.send_header("Cache-Control", "no-store" if kind.startswith("text/html") else "max-age=3600")
        self.end_headers()
        self.wfile.write(body)

    def _stream(self) -> None:
        """Say once that all is well, and stay, as the real stream does."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(b"event: pulse\ndata: {}\n\n")
        self.wfile.flush()
        sleep(STREAM_S)
        self.close_connection = True

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        asked = parse_qs(url.query)
        if url.path.startswith("/static/"):
            file = STATIC / url.path.removeprefix("/static/")
            self._answer(200, mimetypes.guess_type(file.name)[0] or "font/woff2", file.read_bytes())
        elif url.path.startswith("/look/"):
            slug, _, name = url.path.removeprefix("/look/").removesuffix(".css").partition("/")
            self._answer(200, "text/css", bytes(asyncio.run(look.style(slug, name)).body))
        elif url.path == "/console/members":
            text = asked.get("q", [""])[0]
            shown = searched(face("members", "ja"), text)
            self._answer(200, "text/html; charset=utf-8", shown.encode())
        elif url.path == "/console/live":
            self._stream()
        else:
            shown = page(url.path.strip("/"), asked.get("lang", ["ja"])[0])
            self._answer(200, "text/html; charset=utf-8", shown.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class FaceServer(ThreadingHTTPServer):
    """Serves each page of the samples at /<name>?lang=…, with the headers that the real faces send."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.origin = f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()
