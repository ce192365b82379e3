"""The addresses for anybody: `/`, `/p/<brand>` in each language, `robots.txt` and `sitemap.xml`. Caches may keep them for minutes."""

import hashlib
import re
from datetime import datetime, timedelta
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from kizuna.core.errors import NotFound, Unavailable
from kizuna.publishing import NothingPublished
from kizuna.runtime.clock import now
from kizuna.web.console.frame import HOME
from kizuna.web.faces import Face
from kizuna.web.landing import pages, reads
from kizuna.web.landing.views import LandingView
from kizuna.web.requests import language, services
from kizuna.web.words import LANGUAGES

KEPT = {"cache-control": "public, max-age=300, stale-while-revalidate=3600"}
FRESH = timedelta(seconds=10)
KEPT_MAX = 64
_SLUG = re.compile(r"[a-z][a-z0-9_]{0,39}")
_made: dict[str, bytes] = {}
routes = APIRouter(include_in_schema=False)


class _Only:
    """Where `/` leads, looked up at most every ten seconds."""

    until: datetime | None = None
    path = HOME


_only = _Only()


@routes.get("/")
async def root(request: Request) -> Response:
    """Lead to the page of the only brand that has published a program, else to the console."""
    at = now()
    if _only.until is None or at > _only.until:
        try:
            found = await reads.published(services(request), at)
            _only.path = found[0].path(found[0].languages[0]) if len(found) == 1 else HOME
            _only.until = at + FRESH
        except Unavailable:
            return RedirectResponse(_only.path, HTTPStatus.FOUND)
    return RedirectResponse(_only.path, HTTPStatus.FOUND)


@routes.get("/p/{slug}")
async def own_language(request: Request, slug: str) -> Response:
    """Show a brand's page in its first language."""
    return await _shown(request, slug, None)


@routes.get("/p/{slug}/{lang}")
async def one_language(request: Request, slug: str, lang: str) -> Response:
    """Show a brand's page in a language; the brand's first has its address without one."""
    return await _shown(request, slug, lang)


@routes.get("/robots.txt")
async def robots(request: Request) -> Response:
    """Tell search engines what they may read."""
    return Response(pages.robots(services(request).settings.public_url), media_type="text/plain", headers=KEPT)


@routes.get("/sitemap.xml")
async def sitemap(request: Request) -> Response:
    """List every page for anybody."""
    found = await reads.published(services(request), now())
    return Response(pages.sitemap(found), media_type="application/xml", headers=KEPT)


async def _shown(request: Request, slug: str, asked: str | None) -> Response:
    if not _SLUG.fullmatch(slug):
        return _nothing(request)
    try:
        view = await reads.landing(services(request), slug, now())
    except (NotFound, NothingPublished):
        return _nothing(request)
    if asked is not None and asked not in view.languages:
        return _nothing(request)
    if asked == view.languages[0]:
        return RedirectResponse(view.path(asked), HTTPStatus.MOVED_PERMANENTLY)
    return _kept(request, view, asked or view.languages[0])


def _kept(request: Request, view: LandingView, lang: str) -> Response:
    """Return the page, made once for what it shows; a cache that has it already is told so."""
    face = Face(view.brand, lang, path=view.path(lang))
    shown = repr((view, lang, face.asset("landing.css"), request.app.version))
    tag = hashlib.blake2b(shown.encode(), digest_size=12).hexdigest()
    headers = KEPT | {"etag": f'W/"{tag}"', "content-language": lang}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    if tag not in _made:
        while len(_made) >= KEPT_MAX:
            del _made[next(iter(_made))]
        _made[tag] = pages.landing_page(face, view).encode()
    return HTMLResponse(_made[tag], headers=headers)


def _nothing(request: Request) -> Response:
    face = Face(None, language(request, LANGUAGES))
    return HTMLResponse(pages.nothing_page(face), HTTPStatus.NOT_FOUND, headers={"cache-control": "no-store"})
