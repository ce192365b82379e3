"""Signing in to the console and out of it; what somebody typed before the session ended is carried along and not lost.

A form is carried only when the browser says that it comes from a page of this site: else another site could have somebody
sign in and send what it wrote. It waits for the person who typed it: whoever else signs in there does not see it.
"""

import json
import secrets
from datetime import timedelta
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from kizuna.core.errors import Problem
from kizuna.runtime import access, tokens
from kizuna.runtime.clock import now
from kizuna.web.api.problems import status
from kizuna.web.console import pages
from kizuna.web.console.frame import HOME, SESSION_COOKIE, Entry, SignInNeeded, face_of, session_of
from kizuna.web.faces import Face
from kizuna.web.requests import (
    address,
    check_form,
    form_of,
    is_own,
    keep,
    language,
    own_path,
    page,
    see,
    services,
    theme,
)

FORM_COOKIE = "kizuna_form"
FORM_S = 3600
SIGN_IN = "/console/sign-in"
KEPT = "kept-entry"
KEPT_FOR = timedelta(hours=12)
WHO_COOKIE = "kizuna_who"
"""Who signed in last in this browser, as a mark; it outlives the session, and admits to nothing."""
WHO_S = 30 * 24 * 3600
routes = APIRouter(prefix="/console", include_in_schema=False)


def _form(request: Request, problem: Problem | None = None, email: str = "", kept: str = "", at: str = "") -> Response:
    """Show the form with a token of its own, also in a cookie, so that no other site can fill it in."""
    token = secrets.token_urlsafe(24)
    face = Face(None, language(request), path=at or address(request), theme=theme(request))
    shown = pages.sign_in_page(face, problem, email, token, kept)
    response = page(shown, status(problem) if problem else 401 if at else 200)
    keep(response, FORM_COOKIE, token, request=request, seconds=FORM_S, path="/console")
    return response


async def needed(request: Request, fault: SignInNeeded) -> Response:
    """Answer somebody whose session is over: a page to sign in and come back, or what a script needs to say so."""
    way = f"{SIGN_IN}?next={quote(fault.path, safe='')}"
    if request.headers.get("hx-request") or request.headers.get("sec-fetch-mode") in ("cors", "same-origin"):
        return JSONResponse({"sign_in": way}, 401, headers={"cache-control": "no-store", "x-sign-in": way})
    if fault.entry is None or not is_own(request) or not request.cookies.get(WHO_COOKIE):
        return see(way)
    return _form(request, kept=_packed(request, fault.entry), at=way)


@routes.get("/sign-in")
async def show_form(request: Request) -> Response:
    """Show the form."""
    return _form(request)


@routes.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Check the form and go on to where the person wanted to be, or to what was typed before."""
    form = await form_of(request)
    email, password = form.get("email", ""), form.get("password", "")
    who = tokens.mark(services(request).secret, WHO_COOKIE, email.strip().lower())
    entry = _unpacked(request, form.get("kept", ""), who)
    try:
        check_form(request.cookies.get(FORM_COOKIE, ""), form.get("csrf"))
        secret = await access.sign_in(services(request).db, email, password)
        answer = await _kept_page(request, secret, entry) if entry else None
    except Problem as problem:
        return _form(request, problem, email, form.get("kept", ""))
    if answer is None:
        answer = see(own_path(request.query_params.get("next"), HOME))
    lifetime_s = int(access.SESSION_LIFETIME.total_seconds())
    keep(answer, SESSION_COOKIE, secret, request=request, seconds=lifetime_s, path="/console")
    keep(answer, WHO_COOKIE, who, request=request, seconds=WHO_S, path="/console")
    return answer


@routes.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session."""
    session = await session_of(request)
    check_form(session.csrf_token, (await form_of(request)).get("csrf"))
    await access.sign_out(services(request).db, request.cookies[SESSION_COOKIE])
    answer = see(SIGN_IN)
    answer.delete_cookie(SESSION_COOKIE, path="/console")
    return answer


@routes.get("/alive")
async def alive(request: Request) -> Response:
    """Tell a script that the server is there and the person signed in, with the token that forms need now."""
    session = await session_of(request)
    return JSONResponse({"csrf": session.csrf_token}, headers={"cache-control": "no-store"})


async def _kept_page(request: Request, secret: str, entry: Entry) -> Response | None:
    """Return the page on which what was typed waits for one more press, with the new session's token."""
    session = await access.find_session(services(request).db, secret)
    if session is None:
        return None
    desk = await services(request).desk(session.brand)
    return page(pages.kept_page(face_of(request, session, desk), entry))


def _packed(request: Request, entry: Entry) -> str:
    facts = {
        "path": entry.path,
        "origin": entry.origin,
        "fields": json.dumps(entry.fields, ensure_ascii=False),
        "who": request.cookies.get(WHO_COOKIE, ""),
    }
    return tokens.sign(services(request).secret, KEPT, facts, now() + KEPT_FOR)


def _unpacked(request: Request, token: str, who: str) -> Entry | None:
    facts = tokens.read(services(request).secret, KEPT, token, now()) if token else None
    if facts is None or facts.get("who") != who:
        return None
    fields = tuple((str(name), str(value)) for name, value in json.loads(facts["fields"]))
    return Entry(own_path(facts["path"], HOME), fields, own_path(facts["origin"], HOME))
