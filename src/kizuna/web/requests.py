"""What the two faces share about a request: its language, its address, its session, and forms that nobody else sent."""

import hmac
from typing import Any

from fastapi import HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from kizuna.core.errors import N_, Kind, Problem
from kizuna.runtime.brands import LANGUAGES
from kizuna.web.services import Services
from kizuna.web.words import COOKIE, negotiate

MEMBER_LINK = "member-link"
"""The purpose of a link that opens a member's My Page."""
YEAR_S = 365 * 24 * 3600


class FormExpired(Problem):
    """A form without its token: too old, or made by another site."""

    code = "form_expired"
    kind = Kind.FORBIDDEN
    title = N_("This form is no longer valid.")
    remedy = N_("Open the page again and send it once more; nothing was changed.")


def services(request: Request) -> Services:
    """Return what `site` was made with."""
    made: Services = request.app.state.services
    return made


def language(request: Request, offered: tuple[str, ...] = LANGUAGES, preferred: str | None = None) -> str:
    """Return the language to show: asked for, chosen before, `preferred`, the browser's, the first offered."""
    chosen = request.cookies.get(COOKIE) or preferred
    return negotiate(
        request.query_params.get("lang"), chosen, request.headers.get("accept-language"), offered or LANGUAGES
    )


def address(request: Request) -> str:
    """Return the address shown, with its query."""
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")


class FormUnreadable(Problem):
    """What was sent is no form."""

    code = "form_unreadable"
    kind = Kind.MALFORMED
    title = N_("This form could not be read.")
    remedy = N_("Open the page again and send it once more; nothing was changed.")


async def form_of(request: Request) -> dict[str, str]:
    """Return the fields of a form as text that can be kept. Raises `FormUnreadable`."""
    try:
        fields = (await request.form()).multi_items()
    except (ValueError, LookupError, HTTPException) as fault:
        raise FormUnreadable from fault
    return {
        name: value.replace("\x00", "\ufffd").encode(errors="replace").decode()
        for name, value in fields
        if isinstance(value, str)
    }


def check_form(expected: str, given: Any) -> None:
    """Raise `FormExpired` unless the form carries the token that its page was given."""
    if not expected or not isinstance(given, str) or not hmac.compare_digest(expected.encode(), given.encode()):
        raise FormExpired


def page(text: str, status: int = 200) -> HTMLResponse:
    """Return a page that no cache between us and the person keeps."""
    return HTMLResponse(text, status, headers={"cache-control": "no-store"})


def see(path: str) -> RedirectResponse:
    """Send on to `path` after a form."""
    return RedirectResponse(path, 303)


def keep(response: Response, name: str, value: str, *, request: Request, seconds: int, path: str = "/") -> None:
    """Set a cookie that scripts cannot read and other sites' forms do not carry."""
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path=path,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https"
        or request.headers.get("x-forwarded-proto", "").split(",")[0].strip() == "https",
    )


def own_path(value: Any, fallback: str) -> str:
    """Return `value` if it is a path of this site, else `fallback`: nobody is sent to another host."""
    if isinstance(value, str) and value.startswith("/") and not value.startswith(("//", "/\\")) and value.isprintable():
        return value
    return fallback
