"""What the two faces share about a request: its language, its address, its session, and forms that nobody else sent."""

import base64
import binascii
import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from kizuna.core.errors import N_, Kind, Problem
from kizuna.runtime.brands import LANGUAGES
from kizuna.web.faces import THEMES, Toast
from kizuna.web.services import Services
from kizuna.web.words import COOKIE, catalogues, negotiate

MEMBER_LINK = "member-link"
"""The purpose of a link that opens a member's My Page."""
YEAR_S = 365 * 24 * 3600
THEME_COOKIE = "kizuna_theme"
FLASH_COOKIE = "kizuna_flash"
FLASH_S = 60
ENTRY_BYTES_MAX = 64 * 1024
_NEVER_KEPT = ("csrf", "password", "secret", "token")


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


def theme(request: Request, preferred: object = None) -> str:
    """Return the theme to show: the person's own, chosen before on this browser, the system's."""
    return next((choice for choice in (preferred, request.cookies.get(THEME_COOKIE)) if choice in THEMES), THEMES[0])


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


async def entry_of(request: Request) -> tuple[tuple[str, str], ...]:
    """Return what was typed into a form, to be kept while it cannot be taken: no passwords, no files, nothing vast."""
    try:
        fields = (await request.form()).multi_items()
    except (ValueError, LookupError, HTTPException, RuntimeError):
        return ()
    kept = tuple(
        (name, value.replace("\x00", "").encode(errors="replace").decode())
        for name, value in fields
        if isinstance(value, str) and not any(word in name.lower() for word in _NEVER_KEPT)
    )
    return kept if sum(len(name) + len(value.encode()) for name, value in kept) <= ENTRY_BYTES_MAX else ()


def is_own(request: Request) -> bool:
    """Tell whether a form was sent from a page of this site, by what the browser itself says."""
    origin = urlsplit(request.headers.get("origin", ""))
    own = {request.headers.get("host"), urlsplit(services(request).settings.public_url).netloc}
    return bool(origin.netloc) and origin.netloc in own


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


def flash(
    response: Response,
    msgid: str,
    *,
    undo: tuple[str, Mapping[str, str]] | None = None,
    tone: str = "gain",
    **facts: object,
) -> None:
    """Say `msgid` on the next page of the console; `undo` is the address that takes it back, with what its form sends."""
    told = {"words": msgid, "tone": tone, "facts": {name: str(fact) for name, fact in facts.items()}, "undo": undo}
    value = base64.urlsafe_b64encode(json.dumps(told, ensure_ascii=False).encode()).decode()
    response.set_cookie(FLASH_COOKIE, value, max_age=FLASH_S, path="/console", httponly=True, samesite="lax")


def flashed(request: Request) -> Toast | None:
    """Return what the page before wanted said, as long as the words are ours."""
    try:
        told = json.loads(base64.urlsafe_b64decode(request.cookies.get(FLASH_COOKIE, "")))
        undo, fields = told["undo"] or ("", {})
        words, tone = str(told["words"]), str(told["tone"])
        toast = Toast(words, tone, _texts(told["facts"]), own_path(undo, ""), _texts(fields))
        words.format_map(toast.facts)
    except (binascii.Error, ValueError, LookupError, TypeError, AttributeError):
        return None
    return toast if any(toast.words in one for one in catalogues().values()) else None


def _texts(facts: Any) -> dict[str, str]:
    """Return facts as texts. Raises AttributeError for what is no mapping."""
    return {str(name): str(fact) for name, fact in facts.items()}


def own_path(value: Any, fallback: str) -> str:
    """Return `value` if it is a path of this site, else `fallback`: nobody is sent to another host."""
    if isinstance(value, str) and value.startswith("/") and not value.startswith(("//", "/\\")) and value.isprintable():
        return value
    return fallback
