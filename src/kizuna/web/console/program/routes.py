"""The program over HTTP: what is live, its versions, and the beginning and the end of a draft."""

from collections.abc import Sequence
from datetime import date, datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response

from kizuna.core.days import day_date
from kizuna.core.errors import N_, NotFound
from kizuna.program import Program, Template, templates
from kizuna.publishing import DraftChanged, DraftMoved, Version, discard_draft, read_draft, save_draft, versions
from kizuna.runtime.db import Connection
from kizuna.web.console.frame import shown
from kizuna.web.console.program import draft_routes, pages
from kizuna.web.console.program.editing import UNDO
from kizuna.web.console.program.reads import drafted, instant, program_view, sent
from kizuna.web.console.program.sections import HOME
from kizuna.web.console.program.tester import routes as tester
from kizuna.web.faces import Face
from kizuna.web.reads import Reader
from kizuna.web.requests import flash, see, services

PROGRAM = "/console/program"
routes = APIRouter(prefix="/console", include_in_schema=False)


@routes.get("/program")
async def program(request: Request, version: str | None = None) -> Response:
    """Show the program in force, or another version."""

    async def show(reader: Reader, face: Face, conn: Connection) -> str:
        if version is not None and not version[:9].isdecimal():
            raise NotFound(what="program", key=version)
        number = None if version is None else int(version[:9])
        return pages.program_page(face, await program_view(reader, conn, number), _date(reader))

    return await shown(request, show)


def _date(reader: Reader) -> date:
    day = day_date(reader.today)
    if day is None:
        raise ValueError("today is a day")
    return day


@routes.post("/program/draft")
async def begin(request: Request) -> Response:
    """Begin a draft: from the newest version, from an older one (to go back to it), or from a template.

    Where there is a draft already, only a template or an older version takes its place, and that can be undone.
    """
    session, fields = await sent(request)
    _, desk, at = await drafted(request)
    template, version = _template(fields.get("template", "")), fields.get("version", "")
    if at is not None and template is None and not version:
        return see(HOME)
    async with services(request).db.transaction(desk.brand.schema, readonly=True) as conn:
        published = await versions(conn)
    found = _begun(published, template, version)
    about: dict[str, object] = {"from": found[1]} if found[1] else {}
    if template is not None:
        about |= {"template": template.id}
    if at is not None:
        about |= {UNDO: at.draft.document.model_dump(mode="json")}
    seen = at.draft.changed_at if at else None
    try:
        saved = await save_draft(services(request).db, desk.brand, found[0], by=session.email, seen=seen, about=about)
    except DraftChanged as changed:  # of two who begin at once: nothing was entered that could be compared
        raise DraftMoved(who=changed.facts["who"], clock=changed.facts["clock"]) from changed
    answer = see(f"{HOME}/review" if version else HOME)
    if at is not None:
        _undoable(answer, N_("The draft begins anew."), saved)
    return answer


def _begun(published: Sequence[Version], template: Template | None, version: str) -> tuple[Program, int | None]:
    """Return the document that a draft begins with, and the version it is from. Raises `NotFound`."""
    by_number = {one.number: one.document for one in published}
    if template is not None:
        return template.document, max(by_number, default=None)
    number = int(version[:9]) if version[:9].isdecimal() else max(by_number, default=0)
    if number not in by_number:
        raise NotFound(what="program", key=version)
    return by_number[number], number


def _template(name: str) -> Template | None:
    return next((one for one in templates() if one.id == name), None)


def _undoable(answer: Response, words: str, saved: datetime) -> None:
    flash(answer, words, undo=(f"{HOME}/undo", {"seen": saved.isoformat()}))


@routes.post("/program/draft/discard")
async def discard(request: Request) -> Response:
    """Leave off designing; what is published stays."""
    _, fields = await sent(request)
    _, desk, at = await drafted(request)
    if at is None or at.live is None:
        return see(PROGRAM)
    await discard_draft(services(request).db, desk.brand, seen=instant(fields.get("seen", "")))
    answer = see(PROGRAM)
    flash(answer, N_("The draft is gone; the program in force is as it was."))
    return answer


@routes.get("/program/draft/templates")
async def offer_templates(request: Request) -> Response:
    """Offer the templates to begin with."""

    async def show(_reader: Reader, face: Face, conn: Connection) -> str:
        return pages.templates_page(face, templates(), await read_draft(conn))

    return await shown(request, show)


routes.include_router(tester.routes)
routes.include_router(draft_routes.routes)
