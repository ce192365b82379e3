"""The whole site as one ASGI application: the API, the faces, static files, and one answer for everything that goes wrong."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from kizuna.core.errors import N_, NotFound, Problem
from kizuna.web import look
from kizuna.web.api import (
    adjustments,
    balances,
    extensions,
    holds,
    members,
    merges,
    openapi,
    pools,
    problems,
    quotes,
    redemptions,
    statements,
    transfers,
)
from kizuna.web.api.auth import Gate
from kizuna.web.api.events import App, EventsRoute
from kizuna.web.api.operating import Operations
from kizuna.web.api.problems import Faulty, MethodNotAllowed, RequestInvalid
from kizuna.web.console import sign_in
from kizuna.web.console.approvals import bulk as console_bulk
from kizuna.web.console.approvals import routes as console_approvals
from kizuna.web.console.backtests import routes as console_backtests
from kizuna.web.console.deeds import routes as console_deeds
from kizuna.web.console.desk import routes as console_desk
from kizuna.web.console.frame import SignInNeeded, problem_answer
from kizuna.web.console.ledger import routes as console_ledger
from kizuna.web.console.member import routes as console_member
from kizuna.web.console.members import routes as console_members
from kizuna.web.console.overview import routes as console_overview
from kizuna.web.console.program import routes as console_program
from kizuna.web.console.settings import routes as console_settings
from kizuna.web.console.start import imports as console_imports
from kizuna.web.console.start import routes as console_start
from kizuna.web.console.style import routes as console_style
from kizuna.web.faces import STATIC, THEMES, Face
from kizuna.web.landing import routes as landing
from kizuna.web.member import families, give, screens
from kizuna.web.member import pages as member_pages
from kizuna.web.requests import THEME_COOKIE, YEAR_S, address, form_of, keep, language, own_path, page, see
from kizuna.web.services import Services
from kizuna.web.transport import Statics, Transport
from kizuna.web.words import COOKIE, LANGUAGES, negotiate

PAGES = ("/console", "/my", "/p/")
"""Where people read answers; programs read all others."""
ILL_FORMED = N_("it is not of the right form")
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def site(services: Services, lifespan: Lifespan) -> App:
    """Return the application. `lifespan` is entered before the first request and left after the last."""
    app = FastAPI(
        title="Kizuna", lifespan=lifespan, redirect_slashes=False, openapi_url=None, docs_url=None, redoc_url=None
    )
    gate = Gate(services.db)
    doors = Operations(services, gate)
    # before members, whose names may hold slashes
    for room in (holds, redemptions, transfers, extensions, merges, balances, pools, statements):
        app.include_router(room.router(doors))
    app.include_router(members.router(services, gate))
    app.include_router(quotes.router(services, gate))
    app.include_router(adjustments.router(services, gate))
    app.include_router(members.health(services))
    app.state.services = services
    for routes in (
        screens.routes,  # first: every route before it is tried for each page that a member opens
        give.routes,
        families.routes,
        sign_in.routes,
        console_members.routes,
        console_deeds.routes,
        console_member.routes,
        console_approvals.routes,
        console_bulk.routes,
        console_overview.routes,
        console_overview.live_routes,
        console_style.routes,
        console_desk.routes,
        console_ledger.routes,
        landing.routes,
        console_start.routes,
        console_imports.routes,
        console_settings.routes,
        console_program.routes,
        console_backtests.routes,
        look.routes,
    ):
        app.include_router(routes)
    app.mount("/static", Statics(directory=STATIC, check_dir=False), name="static")

    @app.get("/openapi.json", include_in_schema=False)
    async def describe() -> Response:
        return JSONResponse(openapi.document())

    @app.post("/lang", include_in_schema=False)
    async def choose_language(request: Request) -> Response:
        return await _kept(request, "lang", LANGUAGES, COOKIE)

    @app.post("/theme", include_in_schema=False)
    async def choose_theme(request: Request) -> Response:
        return await _kept(request, "theme", THEMES, THEME_COOKIE)

    app.add_middleware(Transport, fault=_fault)
    _answer_faults(app)
    return EventsRoute(app, services, gate)


async def _kept(request: Request, name: str, offered: tuple[str, ...], cookie: str) -> Response:
    """Keep a choice of somebody who is not signed in, in a cookie, and go back."""
    form = await form_of(request)
    answer = see(own_path(form.get("next"), "/"))
    chosen = form.get(name)
    if chosen in offered:
        keep(answer, cookie, str(chosen), request=request, seconds=YEAR_S)
    return answer


def _answer_faults(app: FastAPI) -> None:
    @app.exception_handler(Problem)
    async def problem(request: Request, fault: Problem) -> Response:
        return await _problem(request, fault)

    @app.exception_handler(SignInNeeded)
    async def go_to_sign_in(request: Request, fault: SignInNeeded) -> Response:
        return await sign_in.needed(request, fault)

    @app.exception_handler(RequestValidationError)
    async def parameter(request: Request, fault: RequestValidationError) -> Response:
        first = fault.errors()[0]
        place, name = first["loc"][0], str(first["loc"][-1])
        path = request.url.path
        if not path.startswith(PAGES):
            return await _problem(request, RequestInvalid(field=name, parameter=name, reason=first["msg"]))
        if place == "path":
            return await _problem(request, NotFound(what="page", key=path))
        return await _problem(request, RequestInvalid(field=name, parameter=name, reason=ILL_FORMED))

    @app.exception_handler(HTTPException)
    async def http(request: Request, fault: HTTPException) -> Response:
        if fault.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = (fault.headers or {}).get("Allow", "GET")
            return await _problem(request, MethodNotAllowed(method=request.method, allowed=allowed))
        if fault.status_code == HTTPStatus.NOT_FOUND:
            return await _problem(request, NotFound(what="page", key=request.url.path))
        return await _problem(request, RequestInvalid(field="request", parameter="request", reason=str(fault.detail)))


async def _fault(request: Request, error: Exception) -> Response:
    """Answer a mistake of ours; it is in the log, whole, under the trace that the person is given."""
    return await _problem(request, Faulty(trace=problems.log_fault(error)))


async def _problem(request: Request, fault: Problem) -> Response:
    """Return a problem as the asker reads it: a page for a person, problem details for a program."""
    status, path = problems.status(fault), request.url.path
    if path.startswith("/console"):
        response: Response = await problem_answer(request, fault)
    elif path.startswith(("/my", "/p/")):
        face = Face(None, language(request), path=address(request))
        response = page(member_pages.problem_page(face, fault, status), status)
    else:
        lang = negotiate(None, None, request.headers.get("accept-language"), ("en", "ja"))
        body = msgspec.json.encode(problems.answer(fault, lang))
        response = Response(body, status, media_type=problems.MEDIA_TYPE)
    response.headers.update(problems.headers(fault))
    return response
