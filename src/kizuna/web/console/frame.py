"""What every screen of the console does: know who asks, see one moment of the brand, show a page, and stay bearable when it cannot."""

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from fastapi import Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from kizuna.core.errors import Problem, Unavailable
from kizuna.corrections import count_waiting
from kizuna.publishing import NothingPublished
from kizuna.runtime import access, jobs
from kizuna.runtime.clock import now
from kizuna.runtime.db import Connection
from kizuna.web.api.problems import headers, status
from kizuna.web.console import pages
from kizuna.web.faces import Face
from kizuna.web.reads import Reader, brand_view
from kizuna.web.requests import FLASH_COOKIE, address, entry_of, flashed, language, page, see, services, theme
from kizuna.web.services import Desk
from kizuna.web.words import LANGUAGES, negotiate

SESSION_COOKIE = "kizuna_session"
START = "/console/start"
HOME = "/console/overview"
Show = Callable[[Reader, Face, Connection], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Entry:
    """A form that could not be taken: where it goes, what was typed, and the page that it was on."""

    path: str
    fields: tuple[tuple[str, str], ...]
    origin: str


class SignInNeeded(Exception):  # noqa: N818 - not an error: the way to the sign-in
    """Nobody is signed in, or the session is over; the person comes back to `path` afterwards, with what was typed."""

    def __init__(self, path: str, entry: Entry | None = None) -> None:
        self.path, self.entry = path, entry
        super().__init__(path)


async def session_of(request: Request) -> access.Session:
    """Return who is signed in. Raises `SignInNeeded`, `Unavailable`."""
    session = await _session(request)
    if session is not None:
        return session
    if request.method == "GET":
        raise SignInNeeded(address(request))
    entry = Entry(address(request), await entry_of(request), _origin(request))
    raise SignInNeeded(entry.origin, entry if entry.fields else None)


async def _session(request: Request) -> access.Session | None:
    secret = request.cookies.get(SESSION_COOKIE)
    return await access.find_session(services(request).db, secret) if secret else None


def _origin(request: Request) -> str:
    """Return the page of the console that a form was on, as the browser names it."""
    named = request.headers.get("hx-current-url") or request.headers.get("referer", "")
    _, _, path = named.partition("://")[2].partition("/")
    return f"/{path}" if path.startswith("console/") and path.isprintable() else HOME


def face_of(request: Request, session: access.Session, desk: Desk | None = None) -> Face:
    """Return the face of somebody who is signed in, in their own language and theme."""
    offered = desk.brand.languages if desk else LANGUAGES
    wish = session.preferences.get("language")
    asked = request.query_params.get("lang")
    plans = desk.book.plans if desk else ()
    return Face(
        brand=brand_view(desk.brand, desk.book.at(now()) if plans else None) if desk else None,
        lang=negotiate(asked, wish, None, offered) if wish or asked else language(request, offered),
        user_email=session.email,
        csrf_token=session.csrf_token,
        path=address(request),
        theme=theme(request, session.preferences.get("theme")),
    )


async def shown(request: Request, show: Show, *, is_piece: bool = False) -> Response:
    """Return the page that `show` makes; a problem of its subject is shown in the same frame.

    A piece of a page, asked for by a script, leaves what the next page is to say where it is.
    """
    session = await session_of(request)
    desk = await services(request).desk(session.brand)
    async with services(request).db.transaction(desk.brand.schema, readonly=True) as conn:
        reader = await Reader.open(conn, desk.brand, desk.book, now())
        open_jobs, unseen = await jobs.notices(conn, seen_at(session))
        toast = None if is_piece else flashed(request)
        approvals = await count_waiting(conn)
        face = replace(
            face_of(request, session, desk), open_jobs=open_jobs, unseen=unseen, approvals=approvals, toast=toast
        )
        try:
            answer = page(await show(reader, face, conn))
        except NothingPublished:  # a brand that begins: the page that needs a program leads to where one is chosen
            return see(START)
        except Problem as problem:
            answer = page(pages.problem_page(face, problem, status(problem)), status(problem))
            answer.headers.update(headers(problem))
    if FLASH_COOKIE in request.cookies and not is_piece:
        answer.delete_cookie(FLASH_COOKIE, path="/console")
    return answer


def seen_at(session: access.Session) -> datetime:
    """Return when the person last looked at the notices."""
    try:
        return datetime.fromisoformat(session.preferences["notices_seen_at"])
    except (KeyError, TypeError, ValueError):
        return datetime(2000, 1, 1, tzinfo=UTC)


async def problem_answer(request: Request, problem: Problem) -> Response:
    """Return a refusal with as much of the frame as can be had; what was typed stays while the database is away."""
    face = Face(None, language(request), path=address(request), theme=theme(request))
    entry: Entry | None = None
    if isinstance(problem, Unavailable):
        if request.method != "GET":
            entry = await _still_there(request)
    else:
        # A stranger, or nothing to read with: the page is shown without a name.
        with contextlib.suppress(Problem):
            session = await _session(request)
            if session is not None:
                face = face_of(request, session, await services(request).desk(session.brand))
    return page(pages.problem_page(face, problem, status(problem), entry), status(problem))


async def _still_there(request: Request) -> Entry | None:
    """Return a form that may be sent again as it was: its session is not over, so its token is kept too."""
    fields = await entry_of(request)
    try:
        form = await request.form()
    except (ValueError, LookupError, HTTPException, RuntimeError):
        return None
    if any(isinstance(value, UploadFile) and value.filename for value in form.values()):
        return None  # a file cannot be kept on a page: the person chooses it again
    token = form.get("csrf")
    kept = (*fields, ("csrf", token)) if isinstance(token, str) else fields
    return Entry(address(request), kept, _origin(request)) if kept else None
