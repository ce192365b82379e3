"""My Page's screens. A member comes in by a signed link, which becomes a cookie at once, so that no token stays in sight.

The cookie also carries the number on the card: while the database is away, the card can still be shown at the till.
"""

import contextlib
import secrets
from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response

from kizuna.core.errors import NotFound, Unavailable
from kizuna.core.ids import parse_member_id
from kizuna.runtime import tokens
from kizuna.runtime.brands import LANGUAGES
from kizuna.runtime.clock import now
from kizuna.web.faces import THEMES, Face
from kizuna.web.member import pages
from kizuna.web.member.reads import Seen, card_number
from kizuna.web.member.visiting import MEMBER_COOKIE, MEMBER_SESSION, LinkNeeded, form_from, shown
from kizuna.web.reads import PAGE_SIZE
from kizuna.web.requests import MEMBER_LINK, THEME_COOKIE, YEAR_S, keep, see, services
from kizuna.web.words import COOKIE

LIFETIME = timedelta(days=30)
routes = APIRouter(prefix="/my", include_in_schema=False)


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
    return await shown(request, pages.home_page, entries=pages.RECENT)


async def history(request: Request) -> Response:
    """Show a page of history."""
    cursor = request.query_params.get("cursor")

    def show(face: Face, seen: Seen) -> str:
        return pages.history_page(face, seen, cursor)

    return await shown(request, show, entries=PAGE_SIZE, cursor=cursor)


async def card(request: Request) -> Response:
    """Show the card."""
    return await shown(request, pages.card_page)


async def tier(request: Request) -> Response:
    """Show the ladder of tiers."""
    return await shown(request, pages.tier_page)


async def points(request: Request) -> Response:
    """Show the open points by the day they expire."""
    return await shown(request, pages.lots_page)


async def earn(request: Request) -> Response:
    """Show how points are earned, kept and redeemed."""
    return await shown(request, pages.earn_page)


async def journey(request: Request) -> Response:
    """Show the way through the program's stages."""
    return await shown(request, pages.journey_page)


async def settings(request: Request) -> Response:
    """Show the settings."""

    def show(face: Face, seen: Seen) -> str:
        return pages.settings_page(face, seen, saved="saved" in request.query_params)

    return await shown(request, show)


@routes.post("/settings")
async def save_settings(request: Request) -> Response:
    """Keep the language and the theme chosen."""
    _, form = await form_from(request)
    answer = see("/my/settings?saved=1")
    for name, offered, cookie in (("language", LANGUAGES, COOKIE), ("theme", THEMES, THEME_COOKIE)):
        if form.get(name) in offered:
            keep(answer, cookie, form[name], request=request, seconds=YEAR_S)
    return answer


@routes.post("/leave")
async def leave(request: Request) -> Response:
    """Sign this device out."""
    await form_from(request)
    answer = see("/my")
    answer.delete_cookie(MEMBER_COOKIE, path="/my")
    return answer


# Plain routes: nothing of these requests is parsed by the framework, which would take as long as the page itself.
for _path, _page in {
    "": home, "/history": history, "/card": card, "/points": points, "/tier": tier, "/earn": earn, "/journey": journey,
     "/settings": settings, "/enter/{token}": enter,
}.items():  # fmt: skip
    routes.add_route(f"/my{_path}", _page, methods=["GET"], include_in_schema=False)
