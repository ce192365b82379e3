"""My Page's screens. A member comes in by a signed link, which becomes a cookie at once, so that no token stays in sight.

The cookie also carries the number on the card: while the database is away, the card can still be shown at the till.
"""

import contextlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response

from kizuna.core.errors import N_, Kind, NotFound, Problem, Unavailable
from kizuna.core.ids import parse_member_id
from kizuna.publishing import NothingPublished
from kizuna.runtime import tokens
from kizuna.runtime.brands import LANGUAGES
from kizuna.runtime.clock import now
from kizuna.web.faces import THEMES, Face
from kizuna.web.member import pages
from kizuna.web.member.reads import Seen, card_number, see_member
from kizuna.web.reads import PAGE_SIZE, brand_view
from kizuna.web.requests import (
    MEMBER_LINK,
    THEME_COOKIE,
    YEAR_S,
    address,
    check_form,
    form_of,
    keep,
    language,
    page,
    see,
    services,
    theme,
)
from kizuna.web.services import Desk
from kizuna.web.views import BrandView
from kizuna.web.words import COOKIE

MEMBER_COOKIE = "kizuna_member"
MEMBER_SESSION = "member-session"
LIFETIME = timedelta(days=30)
Show = Callable[[Face, Seen], str]
routes = APIRouter(prefix="/my", include_in_schema=False)


class LinkNeeded(Problem):
    """Nobody is signed in to My Page, or the link is over."""

    code = pages.LINK_NEEDED
    kind = Kind.UNAUTHENTICATED
    title = N_("This link is no longer valid, or you are signed out.")
    remedy = N_("Ask the shop for a new link to My Page, and open it on this device.")


@dataclass(frozen=True, slots=True)
class Visit:
    """Who is here: the brand and the member of a good cookie, the card number it carries, and the token against forged forms."""

    brand: str
    member: bytes
    csrf_token: str
    card: str | None


def _visit(request: Request) -> Visit:
    secret, cookie = services(request).secret, request.cookies.get(MEMBER_COOKIE, "")
    facts = tokens.read(secret, MEMBER_SESSION, cookie, now())
    member = parse_member_id(facts["member"]) if facts else None
    if facts is None or member is None:
        raise LinkNeeded
    return Visit(facts["brand"], member, facts["csrf"], facts.get("card"))


async def _shown(request: Request, show: Show, *, entries: int = 0, cursor: str | None = None) -> Response:
    visit = _visit(request)
    desk: Desk | None = None
    try:
        desk = await services(request).desk(visit.brand)
        seen = await see_member(services(request).db, desk, visit.member, now(), entries=entries, cursor=cursor)
    except Unavailable as fault:
        return _away(request, visit, _known(desk), fault)
    lang = language(request, tuple(seen.brand.languages), seen.member.language)
    return page(show(_face(request, seen.brand, lang, visit), seen))


def _away(request: Request, visit: Visit, brand: BrandView | None, fault: Unavailable) -> Response:
    """Show what can be shown without a database: the way back, and the card."""
    lang = language(request, tuple(brand.languages) if brand else LANGUAGES)
    answer = page(pages.away_page(_face(request, brand, lang, visit), visit.card), 503)
    answer.headers["retry-after"] = str(fault.retry_after_s)
    return answer


def _known(desk: Desk | None) -> BrandView | None:
    if desk is None:
        return None
    with contextlib.suppress(NothingPublished):
        return brand_view(desk.brand, desk.book.at(now()))
    return None


def _face(request: Request, brand: BrandView | None, lang: str, visit: Visit) -> Face:
    return Face(brand, lang, csrf_token=visit.csrf_token, path=address(request), theme=theme(request))


async def enter(request: Request) -> Response:
    """Turn a good link into a cookie."""
    here = services(request)
    facts = tokens.read(here.secret, MEMBER_LINK, request.path_params["token"], now())
    if facts is None:
        raise LinkNeeded
    member = parse_member_id(facts["member"])
    with contextlib.suppress(NotFound, Unavailable):
        number = await card_number(here.db, await here.desk(facts["brand"]), member) if member else None
        facts |= {"card": number} if number else {}
    session = tokens.sign(here.secret, MEMBER_SESSION, {**facts, "csrf": secrets.token_urlsafe(24)}, now() + LIFETIME)
    answer = see("/my")
    keep(answer, MEMBER_COOKIE, session, request=request, seconds=int(LIFETIME.total_seconds()), path="/my")
    return answer


async def home(request: Request) -> Response:
    """Show the balance, what expires, the tier, the next best step and the newest entries."""
    return await _shown(request, pages.home_page, entries=pages.RECENT)


async def history(request: Request) -> Response:
    """Show a page of history."""
    cursor = request.query_params.get("cursor")

    def show(face: Face, seen: Seen) -> str:
        return pages.history_page(face, seen, cursor)

    return await _shown(request, show, entries=PAGE_SIZE, cursor=cursor)


async def card(request: Request) -> Response:
    """Show the card."""
    return await _shown(request, pages.card_page)


async def tier(request: Request) -> Response:
    """Show the ladder of tiers."""
    return await _shown(request, pages.tier_page)


async def points(request: Request) -> Response:
    """Show the open points by the day they expire."""
    return await _shown(request, pages.lots_page)


async def earn(request: Request) -> Response:
    """Show how points are earned, kept and redeemed."""
    return await _shown(request, pages.earn_page)


async def journey(request: Request) -> Response:
    """Show the way through the program's stages."""
    return await _shown(request, pages.journey_page)


async def settings(request: Request) -> Response:
    """Show the settings."""

    def show(face: Face, seen: Seen) -> str:
        return pages.settings_page(face, seen, saved="saved" in request.query_params)

    return await _shown(request, show)


@routes.post("/settings")
async def save_settings(request: Request) -> Response:
    """Keep the language and the theme chosen."""
    visit = _visit(request)
    form = await form_of(request)
    check_form(visit.csrf_token, form.get("csrf"))
    answer = see("/my/settings?saved=1")
    for name, offered, cookie in (("language", LANGUAGES, COOKIE), ("theme", THEMES, THEME_COOKIE)):
        if form.get(name) in offered:
            keep(answer, cookie, form[name], request=request, seconds=YEAR_S)
    return answer


@routes.post("/leave")
async def leave(request: Request) -> Response:
    """Sign this device out."""
    visit = _visit(request)
    form = await form_of(request)
    check_form(visit.csrf_token, form.get("csrf"))
    answer = see("/my")
    answer.delete_cookie(MEMBER_COOKIE, path="/my")
    return answer


# Plain routes: nothing of these requests is parsed by the framework, which would take as long as the page itself.
for _path, _page in {
    "": home, "/history": history, "/card": card, "/points": points, "/tier": tier, "/earn": earn, "/journey": journey,
     "/settings": settings, "/enter/{token}": enter,
}.items():  # fmt: skip
    routes.add_route(f"/my{_path}", _page, methods=["GET"], include_in_schema=False)
