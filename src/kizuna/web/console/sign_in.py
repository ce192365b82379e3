"""Signing in to the console and out of it."""

import secrets

from fastapi import APIRouter, Request
from fastapi.responses import Response

from kizuna.core.errors import Problem
from kizuna.runtime import access
from kizuna.web.api.problems import status
from kizuna.web.console import pages
from kizuna.web.console.frame import HOME, SESSION_COOKIE, session_of
from kizuna.web.faces import Face
from kizuna.web.requests import address, check_form, form_of, keep, language, own_path, page, see, services

FORM_COOKIE = "kizuna_form"
FORM_S = 3600
routes = APIRouter(prefix="/console", include_in_schema=False)


def _form(request: Request, problem: Problem | None = None, email: str = "") -> Response:
    """Show the form with a token of its own, also in a cookie, so that no other site can fill it in."""
    token = secrets.token_urlsafe(24)
    face = Face(None, language(request), path=address(request))
    response = page(pages.sign_in_page(face, problem, email, token), status(problem) if problem else 200)
    keep(response, FORM_COOKIE, token, request=request, seconds=FORM_S, path="/console")
    return response


@routes.get("/sign-in")
async def show_form(request: Request) -> Response:
    """Show the form."""
    return _form(request)


@routes.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Check the form and go on to where the person wanted to be."""
    form = await form_of(request)
    email, password = form.get("email", ""), form.get("password", "")
    try:
        check_form(request.cookies.get(FORM_COOKIE, ""), form.get("csrf"))
        secret = await access.sign_in(services(request).db, email, password)
    except Problem as problem:
        return _form(request, problem, email)
    answer = see(own_path(request.query_params.get("next"), HOME))
    lifetime_s = int(access.SESSION_LIFETIME.total_seconds())
    keep(answer, SESSION_COOKIE, secret, request=request, seconds=lifetime_s, path="/console")
    return answer


@routes.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session."""
    session = await session_of(request)
    check_form(session.csrf_token, (await form_of(request)).get("csrf"))
    await access.sign_out(services(request).db, request.cookies[SESSION_COOKIE])
    answer = see("/console/sign-in")
    answer.delete_cookie(SESSION_COOKIE, path="/console")
    return answer
