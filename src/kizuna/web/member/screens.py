"""My Page's screens. A member comes in by a signed link, which becomes a cookie at once, so that no token stays in sight."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response

from kizuna.core.errors import N_, Kind, Problem
from kizuna.core.ids import parse_member_id
from kizuna.runtime import tokens
from kizuna.runtime.clock import now
from kizuna.runtime.db import Connection
from kizuna.web.faces import Face
from kizuna.web.member import pages
from kizuna.web.reads import PAGE_SIZE, Reader
from kizuna.web.requests import MEMBER_LINK, YEAR_S, address, check_form, form_of, keep, language, page, see, services
from kizuna.web.views import MemberView
from kizuna.web.words import COOKIE, LANGUAGES

MEMBER_COOKIE = "kizuna_member"
MEMBER_SESSION = "member-session"
LIFETIME = timedelta(days=30)
Show = Callable[[Reader, Face, MemberView, Connection], Awaitable[str]]
routes = APIRouter(prefix="/my", include_in_schema=False)


class LinkNeeded(Problem):
    """Nobody is signed in to My Page, or the link is over."""

    code = "member_link_needed"
    kind = Kind.UNAUTHENTICATED
    title = N_("This link is no longer valid, or you are signed out.")
    remedy = N_("Ask the shop for a new link to My Page, and open it on this device.")


@dataclass(frozen=True, slots=True)
class Visit:
    """Who is here: the brand and the member of a good cookie, and the token against forged forms."""

    brand: str
    member: bytes
    csrf_token: str


def _visit(request: Request) -> Visit:
    secret, cookie = services(request).secret, request.cookies.get(MEMBER_COOKIE, "")
    facts = tokens.read(secret, MEMBER_SESSION, cookie, now())
    member = parse_member_id(facts["member"]) if facts else None
    if facts is None or member is None:
        raise LinkNeeded
    return Visit(facts["brand"], member, facts["csrf"])


async def _shown(request: Request, show: Show) -> Response:
    visit = _visit(request)
    desk = await services(request).desk(visit.brand)
    async with services(request).db.transaction(desk.brand.schema, readonly=True) as conn:
        reader = await Reader.open(conn, desk.brand, desk.book, now())
        view = await reader.member(conn, visit.member)
        lang = language(request, desk.brand.languages, view.language)
        face = Face(reader.brand_view(), lang, csrf_token=visit.csrf_token, path=address(request))
        return page(await show(reader, face, view, conn))


@routes.get("/enter/{token}")
async def enter(request: Request, token: str) -> Response:
    """Turn a good link into a cookie."""
    secret = services(request).secret
    facts = tokens.read(secret, MEMBER_LINK, token, now())
    if facts is None:
        raise LinkNeeded
    session = tokens.sign(secret, MEMBER_SESSION, {**facts, "csrf": secrets.token_urlsafe(24)}, now() + LIFETIME)
    answer = see("/my")
    keep(answer, MEMBER_COOKIE, session, request=request, seconds=int(LIFETIME.total_seconds()), path="/my")
    return answer


@routes.get("")
async def home(request: Request) -> Response:
    """Show the balance, what expires, the tier and the newest entries."""

    async def show(reader: Reader, face: Face, view: MemberView, conn: Connection) -> str:
        return pages.home_page(face, view, await reader.history(conn, _id(view), None, pages.RECENT))

    return await _shown(request, show)


@routes.get("/history")
async def history(request: Request, cursor: str | None = None) -> Response:
    """Show a page of history."""

    async def show(reader: Reader, face: Face, view: MemberView, conn: Connection) -> str:
        return pages.history_page(face, view, await reader.history(conn, _id(view), cursor, PAGE_SIZE), cursor)

    return await _shown(request, show)


@routes.get("/card")
async def card(request: Request) -> Response:
    """Show the card."""

    async def show(_reader: Reader, face: Face, view: MemberView, _conn: Connection) -> str:
        return pages.card_page(face, view)

    return await _shown(request, show)


@routes.get("/settings")
async def settings(request: Request) -> Response:
    """Show the settings."""

    async def show(_reader: Reader, face: Face, view: MemberView, _conn: Connection) -> str:
        return pages.settings_page(face, view, saved="saved" in request.query_params)

    return await _shown(request, show)


@routes.post("/settings")
async def save_settings(request: Request) -> Response:
    """Keep the language chosen."""
    visit = _visit(request)
    form = await form_of(request)
    check_form(visit.csrf_token, form.get("csrf"))
    answer = see("/my/settings?saved=1")
    chosen = form.get("language")
    if isinstance(chosen, str) and chosen in LANGUAGES:
        keep(answer, COOKIE, chosen, request=request, seconds=YEAR_S)
    return answer


def _id(view: MemberView) -> bytes:
    return bytes.fromhex(view.id.replace("-", ""))
