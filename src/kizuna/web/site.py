"""The whole site as one ASGI application: the API, the faces, static files, and one answer for everything that goes wrong."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus
from urllib.parse import quote

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from kizuna.core.errors import NotFound, Problem
from kizuna.web.api import members, openapi, problems
from kizuna.web.api.auth import Gate
from kizuna.web.api.events import App, EventsRoute
from kizuna.web.api.problems import Faulty, MethodNotAllowed, RequestInvalid
from kizuna.web.console import pages as console_pages
from kizuna.web.console import sign_in
from kizuna.web.console.frame import HOME, SignInNeeded
from kizuna.web.console.member import routes as console_member
from kizuna.web.console.members import routes as console_members
from kizuna.web.faces import CONTENT_SECURITY_POLICY, STATIC, Face
from kizuna.web.member import pages as member_pages
from kizuna.web.member import screens
from kizuna.web.requests import YEAR_S, address, form_of, keep, language, own_path, page, see
from kizuna.web.services import Services
from kizuna.web.words import COOKIE, LANGUAGES, negotiate

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
}


def site(services: Services, lifespan: Lifespan) -> App:
    """Return the application. `lifespan` is entered before the first request and left after the last."""
    app = FastAPI(
        title="Kizuna", lifespan=lifespan, redirect_slashes=False, openapi_url=None, docs_url=None, redoc_url=None
    )
    gate = Gate(services.db)
    app.include_router(members.router(services, gate))
    app.include_router(members.health(services))
    app.state.services = services
    for routes in (sign_in.routes, console_members.routes, console_member.routes, screens.routes):
        app.include_router(routes)
    app.mount("/static", StaticFiles(directory=STATIC, check_dir=False), name="static")

    @app.get("/openapi.json", include_in_schema=False)
    async def describe() -> Response:
        return JSONResponse(openapi.document())

    @app.get("/", include_in_schema=False)
    async def root() -> Response:
        return see(HOME)

    @app.post("/lang", include_in_schema=False)
    async def choose_language(request: Request) -> Response:
        form = await form_of(request)
        answer = see(own_path(form.get("next"), "/"))
        chosen = form.get("lang")
        if isinstance(chosen, str) and chosen in LANGUAGES:
            keep(answer, COOKIE, chosen, request=request, seconds=YEAR_S)
        return answer

    @app.middleware("http")
    async def guard(request: Request, proceed: Callable[[Request], Awaitable[Response]]) -> Response:
        try:
            response = await proceed(request)
        except Exception as fault:  # noqa: BLE001 - logged whole under the trace that the person is given
            response = _problem(request, Faulty(trace=problems.log_fault(fault)))
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        if request.url.path.startswith("/static/assets/") and response.status_code < HTTPStatus.BAD_REQUEST:
            response.headers["cache-control"] = f"public, max-age={YEAR_S}, immutable"
        return response

    _answer_faults(app)
    return EventsRoute(app, services, gate)


def _answer_faults(app: FastAPI) -> None:
    @app.exception_handler(Problem)
    async def problem(request: Request, fault: Problem) -> Response:
        return _problem(request, fault)

    @app.exception_handler(SignInNeeded)
    async def go_to_sign_in(_request: Request, fault: SignInNeeded) -> Response:
        return see(f"/console/sign-in?next={quote(fault.path, safe='')}")

    @app.exception_handler(RequestValidationError)
    async def parameter(request: Request, fault: RequestValidationError) -> Response:
        first = fault.errors()[0]
        name = str(first["loc"][-1])
        return _problem(request, RequestInvalid(field=name, parameter=name, reason=first["msg"]))

    @app.exception_handler(HTTPException)
    async def http(request: Request, fault: HTTPException) -> Response:
        if fault.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = (fault.headers or {}).get("Allow", "GET")
            return _problem(request, MethodNotAllowed(method=request.method, allowed=allowed))
        if fault.status_code == HTTPStatus.NOT_FOUND:
            return _problem(request, NotFound(what="page", key=request.url.path))
        return _problem(request, RequestInvalid(field="request", parameter="request", reason=str(fault.detail)))


def _problem(request: Request, fault: Problem) -> Response:
    """Return a problem as the asker reads it: a page for a person, problem details for a program."""
    status, path = problems.status(fault), request.url.path
    if path.startswith(("/console", "/my")):
        lang = language(request)
        show = console_pages.problem_page if path.startswith("/console") else member_pages.problem_page
        response: Response = page(show(Face(None, lang, path=address(request)), fault, status), status)
    else:
        lang = negotiate(None, None, request.headers.get("accept-language"), ("en", "ja"))
        body = msgspec.json.encode(problems.answer(fault, lang))
        response = Response(body, status, media_type=problems.MEDIA_TYPE)
    response.headers.update(problems.headers(fault))
    return response
