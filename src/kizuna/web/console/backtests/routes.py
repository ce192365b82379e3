"""Back-tests over HTTP: the list, and a new one, of recorded purchases or of a file."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from kizuna.core.errors import N_, NotFound, Problem
from kizuna.program import templates
from kizuna.runtime import uploads
from kizuna.runtime.clock import now
from kizuna.runtime.db import Connection
from kizuna.simulate import Asked, Source, keep_study
from kizuna.web import inputs
from kizuna.web.api.problems import status
from kizuna.web.console.backtests import pages, reads, result_routes, study_routes
from kizuna.web.console.backtests.forms import NAME_MAX
from kizuna.web.console.backtests.views import NewForm
from kizuna.web.console.frame import seen_at, session_of, shown
from kizuna.web.console.start.imports import take_orders
from kizuna.web.console.start.reads import columns_form
from kizuna.web.console.start.routes import WRONG, sent, told
from kizuna.web.entered import Entered
from kizuna.web.faces import Face
from kizuna.web.reads import Reader
from kizuna.web.requests import see, services
from kizuna.web.services import Desk
from kizuna.web.words import day, translate

HOME = "/console/backtests"
PURPOSE = "backtest"
"""The purpose of a file of purchases that are replayed only."""
routes = APIRouter(prefix=HOME, include_in_schema=False)


@routes.get("")
async def studies(request: Request) -> Response:
    """Show the back-tests."""
    session = await session_of(request)

    async def show(_reader: Reader, face: Face, conn: Connection) -> str:
        return pages.list_page(face, await reads.lines(conn, seen_at(session)))

    return await shown(request, show)


@routes.get("/new")
async def new(request: Request) -> Response:
    """Ask what is to be replayed, and by what first."""
    session = await session_of(request)
    desk = await services(request).desk(session.brand)
    async with services(request).db.lend(desk.brand.schema) as conn:
        there = await reads.beginnings(conn, desk)

    def make(face: Face) -> str:
        today = day(now().astimezone(desk.brand.zone).date(), face.lang)
        begin = "live" if there.live is not None else "draft" if there.has_draft else f"template:{templates()[0].id}"
        name = translate(face.lang, N_("Back-test of {day}"), day=today)
        return pages.new_page(face, NewForm(Entered({"name": name, "begin": begin}), there))

    return await told(request, make)


@routes.post("/new")
async def take(request: Request) -> Response:
    """Begin a back-test of recorded purchases; or keep a file and go on to its columns."""
    session, fields = await sent(request)
    desk = await services(request).desk(session.brand)
    db, schema = services(request).db, desk.brand.schema
    lang = reads.lang_of(session, desk)
    entered = Entered(fields)
    name = entered.read(inputs.line, "name", most=NAME_MAX, required=True)
    problem: Problem | None = None
    async with db.transaction(schema) as conn:
        there = await reads.beginnings(conn, desk)
        try:
            design = await reads.begun(conn, desk, entered["begin"], lang)
        except NotFound as missing:
            entered.refuse("begin", missing)
        if name is not None and not entered.faults and entered["source"] != "file":
            number = await keep_study(conn, name, Asked(Source(), (design,)), session.email)
            return see(f"{HOME}/{number}")
    if not entered.faults:
        try:
            about = {"for": PURPOSE, "name": entered["name"], "begin": entered["begin"]}
            number = await take_orders(request, desk.brand, about, session.email)
            return see(f"{HOME}/files/{number}")
        except Problem as refused:
            problem = refused
            if refused.field == "file":
                entered.refuse("file", refused)
                problem = None
    code = status(problem) if problem else WRONG
    return await told(request, lambda face: pages.new_page(face, NewForm(entered, there, problem)), code)


@routes.get("/files/{number}")
async def show_columns(request: Request, number: str) -> Response:
    """Show which column is what, and what would be replayed."""
    _, desk, upload = await _file(request, number)
    form, _ = await columns_form(services(request).db, desk.brand, upload, None)
    return await told(request, lambda face: pages.columns_page(face, form))


@routes.post("/files/{number}")
async def take_columns(request: Request, number: str) -> Response:
    """Keep which column is what and begin the back-test; look again; or take the file away."""
    session, fields = await sent(request)
    _, desk, upload = await _file(request, number)
    db, schema = services(request).db, desk.brand.schema
    if "remove" in fields:
        async with db.lend(schema) as conn:
            await uploads.forget(conn, upload.id)
        return see(f"{HOME}/new")
    form, mapping = await columns_form(db, desk.brand, upload, fields)
    kept = {name: text for name, text in fields.items() if name not in {"csrf", "preview"}}
    async with db.transaction(schema) as conn:
        await uploads.remember(conn, upload.id, {"fields": kept})
        if mapping is not None and "preview" not in fields:
            design = await reads.begun(conn, desk, str(upload.about.get("begin", "")), reads.lang_of(session, desk))
            source = Source(upload.id, upload.name, mapping.model_dump(mode="json"))
            await uploads.keep(conn, upload.id)
            study = await keep_study(conn, str(upload.about["name"]), Asked(source, (design,)), session.email)
            return see(f"{HOME}/{study}")
    code = WRONG if form.entered.faults or form.problem or mapping is None else 200
    return await told(request, lambda face: pages.columns_page(face, form), code)


async def _file(request: Request, number: str) -> tuple[Any, Desk, uploads.Upload]:
    """Return who asks, the desk, and a file that was sent for a back-test. Raises `NotFound`."""
    session = await session_of(request)
    desk = await services(request).desk(session.brand)
    async with services(request).db.lend(desk.brand.schema) as conn:
        upload = await uploads.find_upload(conn, reads.number_of(number))
    if upload.about.get("for") != PURPOSE:
        raise NotFound(what="file", key=number)
    return session, desk, upload


routes.include_router(study_routes.routes)
routes.include_router(result_routes.routes)
