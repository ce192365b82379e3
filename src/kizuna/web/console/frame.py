"""What every screen of the console does: know who asks, see one moment of the brand, show a page."""

from collections.abc import Awaitable, Callable

from fastapi import Request
from fastapi.responses import Response

from kizuna.core.errors import Problem
from kizuna.runtime import access
from kizuna.runtime.clock import now
from kizuna.runtime.db import Connection
from kizuna.web.api.problems import status
from kizuna.web.console import pages
from kizuna.web.faces import Face
from kizuna.web.reads import Reader
from kizuna.web.requests import address, language, page, services

SESSION_COOKIE = "kizuna_session"
HOME = "/console/members"
Show = Callable[[Reader, Face, Connection], Awaitable[str]]


class SignInNeeded(Exception):  # noqa: N818 - not an error: the way to the sign-in
    """Nobody is signed in, or the session is over; the person comes back to `path` afterwards."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(path)


async def session_of(request: Request) -> access.Session:
    """Return who is signed in. Raises `SignInNeeded`, `Unavailable`."""
    secret = request.cookies.get(SESSION_COOKIE)
    session = await access.find_session(services(request).db, secret) if secret else None
    if session is None:
        raise SignInNeeded(address(request) if request.method == "GET" else HOME)
    return session


async def shown(request: Request, show: Show) -> Response:
    """Return the page that `show` makes; a problem of its subject is shown in the same frame."""
    session = await session_of(request)
    desk = await services(request).desk(session.brand)
    async with services(request).db.transaction(desk.brand.schema, readonly=True) as conn:
        reader = await Reader.open(conn, desk.brand, desk.book, now())
        face = Face(
            brand=reader.brand_view(),
            lang=language(request, desk.brand.languages),
            user_email=session.email,
            csrf_token=session.csrf_token,
            path=address(request),
        )
        try:
            return page(await show(reader, face, conn))
        except Problem as problem:
            return page(pages.problem_page(face, problem, status(problem)), status(problem))
