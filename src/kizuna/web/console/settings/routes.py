"""The settings over HTTP."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from kizuna.core.errors import N_
from kizuna.runtime.db import Connection
from kizuna.web.console.frame import session_of, shown
from kizuna.web.console.settings import look_form, pages
from kizuna.web.console.settings.look_form import LookForm
from kizuna.web.faces import Face
from kizuna.web.reads import Reader
from kizuna.web.requests import check_form, flash, form_of, see, services

PATH = "/console/settings"
WRONG = 422
routes = APIRouter(prefix="/console", include_in_schema=False)


@routes.get("/settings")
async def settings(request: Request) -> Response:
    """Show the settings."""
    session = await session_of(request)
    desk = await services(request).desk(session.brand)
    return await _shown(request, look_form.filled(desk.brand))


@routes.post("/settings")
async def save_settings(request: Request) -> Response:
    """Keep them; or show them, when that was asked for or something is wrong."""
    session = await session_of(request)
    fields = await form_of(request)
    check_form(session.csrf_token, fields.get("csrf"))
    desk = await services(request).desk(session.brand)
    form, look = await look_form.take(request, desk.brand, fields, words=True)
    if form.entered.faults or "preview" in fields or "remove-logo" in fields:
        return await _shown(request, form, WRONG if form.entered.faults else 200)
    await look_form.save(request, desk.brand, form, look)
    answer = see(PATH)
    flash(answer, N_("Saved. Members see it from now on."))
    return answer


async def _shown(request: Request, form: LookForm, code: int = 200) -> Response:
    async def show(_reader: Reader, face: Face, _conn: Connection) -> str:
        return pages.settings_page(face, form)

    answer = await shown(request, show)
    if code != 200 and answer.status_code == 200:
        answer.status_code = code
    return answer
