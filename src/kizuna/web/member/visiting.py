"""Who visits My Page: the brand and the member of a good cookie, and how a page is shown to them, also while the database is away."""

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from kizuna.core.days import instant_ms
from kizuna.core.errors import N_, Kind, Problem, Unavailable
from kizuna.core.ids import parse_member_id
from kizuna.intake import MEMBER, Outcome, operate, pool_of
from kizuna.publishing import NothingPublished
from kizuna.runtime import tokens
from kizuna.runtime.brands import LANGUAGES
from kizuna.runtime.clock import now
from kizuna.web.faces import Face
from kizuna.web.family import FamilyView, family_view
from kizuna.web.member import pages
from kizuna.web.member.reads import Seen, see_member
from kizuna.web.reads import Reader, brand_view
from kizuna.web.requests import address, check_form, form_of, language, page, services, theme
from kizuna.web.services import Desk, Services
from kizuna.web.views import BrandView

MEMBER_COOKIE = "kizuna_member"
MEMBER_SESSION = "member-session"
MY_PAGE = "my-page"
"""The source of what members ask for here."""
Show = Callable[[Face, Seen], str]


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


def visit_of(request: Request) -> Visit:
    """Return who is here. Raises `LinkNeeded`."""
    secret, cookie = services(request).secret, request.cookies.get(MEMBER_COOKIE, "")
    facts = tokens.read(secret, MEMBER_SESSION, cookie, now())
    member = parse_member_id(facts["member"]) if facts else None
    if facts is None or member is None:
        raise LinkNeeded
    return Visit(facts["brand"], member, facts["csrf"], facts.get("card"))


async def form_from(request: Request) -> tuple[Visit, dict[str, str]]:
    """Return who is here and the form that they sent. Raises `LinkNeeded`, `FormUnreadable`, `FormExpired`."""
    visit, form = visit_of(request), await form_of(request)
    check_form(visit.csrf_token, form.get("csrf"))
    return visit, form


@dataclass(frozen=True, slots=True)
class Here:
    """A member at a screen that reads or does more than My Page's own: what they see, and the face that it is shown with."""

    services: Services
    desk: Desk
    visit: Visit
    seen: Seen
    face: Face
    at: datetime

    async def ask(self, type_: str, id_: str, data: dict[str, Any]) -> Outcome:
        """Have an operation carried out for the member who is here; the same id does it once. Raises what refuses it."""
        told = {"by": MEMBER} | data
        subject = f"member:{self.visit.member.hex()}"
        unique = f"{self.visit.member.hex()}/{id_}"
        asked = operate(type_, unique, MY_PAGE, subject, told, self.desk.terms, instant_ms(self.at))
        (result,) = await self.desk.writer.submit([asked])
        if isinstance(result, Problem):
            raise result
        return result


async def family_of(here: Here) -> FamilyView | None:
    """Return the family or group of the member who is here."""
    async with here.services.db.lend(here.desk.brand.schema) as conn:
        pool = await pool_of(conn, here.visit.member)
        if pool is None:
            return None
        return await family_view(conn, Reader(here.desk.brand, here.desk.book, here.at), pool, here.visit.member)


async def shown_here(request: Request, show: Callable[[Here], Awaitable[Response]]) -> Response:
    """Answer by `show`; while the database is away, by what can be shown without it."""
    visit = visit_of(request)
    desk: Desk | None = None
    try:
        here = services(request)
        desk, at = await here.desk(visit.brand), now()
        seen = await see_member(here.db, desk, visit.member, at)
        return await show(Here(here, desk, visit, seen, face_of(request, seen, visit), at))
    except Unavailable as fault:
        return _away(request, visit, _known(desk), fault)


async def shown(request: Request, show: Show, *, entries: int = 0, cursor: str | None = None) -> Response:
    """Show a page of the member who is here, with up to `entries` entries before `cursor`."""
    visit = visit_of(request)
    desk: Desk | None = None
    try:
        desk = await services(request).desk(visit.brand)
        seen = await see_member(services(request).db, desk, visit.member, now(), entries=entries, cursor=cursor)
    except Unavailable as fault:
        return _away(request, visit, _known(desk), fault)
    return page(show(face_of(request, seen, visit), seen))


def face_of(request: Request, seen: Seen, visit: Visit) -> Face:
    """Return the face that a member sees."""
    return _face(request, seen.brand, language(request, tuple(seen.brand.languages), seen.member.language), visit)


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
