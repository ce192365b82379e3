"""Files of corrections over HTTP: sent, looked through, confirmed, decided on, carried out by a job, told in the end."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse
from starlette.datastructures import UploadFile

from kizuna import corrections
from kizuna.core.errors import N_, NotFound, Problem
from kizuna.corrections import Bulk, BulkState
from kizuna.members import KINDS
from kizuna.runtime import uploads
from kizuna.runtime.clock import now
from kizuna.runtime.db import Connection
from kizuna.web.api.problems import status
from kizuna.web.console.approvals import pages, reads
from kizuna.web.console.deeds.reads import reason_names
from kizuna.web.console.deeds.routes import sent
from kizuna.web.console.frame import session_of, shown
from kizuna.web.console.start.imports import file_name, pieces
from kizuna.web.faces import Face
from kizuna.web.reads import Reader
from kizuna.web.requests import flash, see, services

HOME = "/console/corrections"
EXAMPLE = "\ufeffmember,points,reason,note,unit,expires_on\r\ncustomer:C0001,500,apology,,,\r\ncustomer:C0002,-300,correction,,,\r\n"
routes = APIRouter(prefix=HOME, include_in_schema=False)


@routes.get("/new")
async def offer(request: Request) -> Response:
    """Ask for a file."""
    return await _offer(request)


async def _offer(request: Request, problem: Problem | None = None) -> Response:
    async def show(reader: Reader, face: Face, _conn: Connection) -> str:
        return pages.send_page(face, reason_names(reader.plan.program, face.lang), problem)

    answer = await shown(request, show)
    if problem is not None and answer.status_code == 200:
        answer.status_code = status(problem)
    return answer


@routes.get("/example.csv")
async def example(request: Request) -> Response:
    """Return a file to begin with."""
    await session_of(request)
    headers = {"content-disposition": 'attachment; filename="adjustments.csv"'}
    return Response(EXAMPLE, media_type="text/csv; charset=utf-8", headers=headers)


@routes.post("/new")
async def take(request: Request) -> Response:
    """Keep a file and show what it would do."""
    session, fields = await sent(request)
    desk = await services(request).desk(session.brand)
    file = (await request.form()).get("file")
    kind = fields.get("kind", "")
    about = {"for": reads.PURPOSE, "kind": kind if kind in KINDS else "customer"}
    try:
        if not isinstance(file, UploadFile) or not file.filename:
            raise uploads.UploadMissing(field="file")
        number = await uploads.take_in(
            services(request).db,
            desk.brand.schema,
            file_name(file.filename),
            corrections.within_bounds(pieces(file)),
            by=session.email,
            about=about,
        )
    except Problem as problem:
        return await _offer(request, problem)
    return see(f"{HOME}/file/{number}")


async def _upload(conn: Connection, number: int) -> uploads.Upload:
    """Return a file of corrections. Raises `NotFound`."""
    upload = await uploads.find_upload(conn, number)
    if upload.about.get("for") != reads.PURPOSE:
        raise NotFound(what="file", key=str(number))
    return upload


async def _file(request: Request, number: int, problem: Problem | None = None) -> Response:
    session = await session_of(request)
    desk = await services(request).desk(session.brand)
    db, schema = services(request).db, desk.brand.schema
    async with db.lend(schema) as conn:
        bulk = await corrections.bulk_of(conn, desk.brand.slug, number)
        upload = await _upload(conn, number) if bulk is None else None
    if bulk is not None or upload is None:
        return see(f"{HOME}/{bulk.id}" if bulk else f"{HOME}/new")
    raw = await reads.content_of(db, schema, upload)

    async def show(reader: Reader, face: Face, conn: Connection) -> str:
        seen = await reads.look_through(conn, reader, desk.terms, upload, raw, face.lang)
        return pages.file_page(face, seen, problem)

    answer = await shown(request, show)
    if problem is not None and answer.status_code == 200:
        answer.status_code = status(problem)
    return answer


@routes.get("/file/{number}")
async def look(request: Request, number: int) -> Response:
    """Show what a file would do; nothing is posted yet."""
    return await _file(request, number)


@routes.post("/file/{number}")
async def confirm(request: Request, number: int) -> Response:
    """Have a file carried out, or let it wait for a second person; or take it away."""
    session, fields = await sent(request)
    desk = await services(request).desk(session.brand)
    db, schema = services(request).db, desk.brand.schema
    async with db.lend(schema) as conn:
        confirmed = await corrections.bulk_of(conn, desk.brand.slug, number)
        if confirmed is not None:
            return _onward(confirmed)
        upload = await _upload(conn, number)
        if "remove" in fields:
            await uploads.forget(conn, number)
            return see(f"{HOME}/new")
    try:
        raw = await corrections.content_of(db, schema, number)
        async with db.transaction(schema) as conn:
            kind = str(upload.about.get("kind", "customer"))
            reader = await Reader.open(conn, desk.brand, desk.book, now())
            seen = await corrections.preview(conn, raw, number, kind, reader.plan.program, desk.terms)
            bulk = await corrections.confirm_bulk(
                conn, desk.brand.slug, upload, seen, raw, kind, by=f"user:{session.email}"
            )
    except (corrections.BulkEmpty, corrections.BulkTooLarge) as problem:
        return await _file(request, number, problem)
    return _onward(bulk)


def _onward(bulk: Bulk) -> Response:
    answer = see(f"/console/jobs/{bulk.job}" if bulk.state is BulkState.APPROVED and bulk.job else f"{HOME}/{bulk.id}")
    if bulk.state is BulkState.WAITING:
        flash(answer, N_("Sent for approval. The points move as soon as somebody else approves it."), tone="quiet")
    return answer


async def _bulk(request: Request, id_: str, problem: Problem | None = None) -> Response:
    session = await session_of(request)
    desk = await services(request).desk(session.brand)

    db, schema = services(request).db, desk.brand.schema
    async with db.lend(schema) as conn:
        bulk = await corrections.find_bulk(conn, id_)
    raw = None if bulk.state is BulkState.DONE else await reads.content_of(db, schema, reads.upload_of(bulk))

    async def show(reader: Reader, face: Face, conn: Connection) -> str:
        card = reads.card(await corrections.find_bulk(conn, id_), f"user:{session.email}", face.lang)
        upload = reads.upload_of(card.bulk)
        file = await reads.look_through(conn, reader, desk.terms, upload, raw, face.lang, card)
        return pages.file_page(face, file, problem)

    answer = await shown(request, show)
    if problem is not None and answer.status_code == 200:
        answer.status_code = status(problem)
    return answer


@routes.get("/refused/{number}")
async def refused(request: Request, number: int) -> Response:
    """Return the rows that were not carried out, as a CSV file."""
    session = await session_of(request)
    desk = await services(request).desk(session.brand)
    db = services(request).db
    async with db.lend(desk.brand.schema) as conn:
        upload = await uploads.find_upload(conn, number)
    if upload.about.get("for") != corrections.REFUSED:
        raise NotFound(what="file", key=str(number))
    headers = {"content-disposition": f'attachment; filename="refused-{number}.csv"', "cache-control": "no-store"}
    content = uploads.pieces_of(db, desk.brand.schema, number)
    return StreamingResponse(content, media_type="text/csv; charset=utf-8", headers=headers)


@routes.get("/{bulk}")
async def show_bulk(request: Request, bulk: str) -> Response:
    """Show a file that waits, is carried out, or was."""
    return await _bulk(request, bulk)


Decide = Callable[[Connection, str], Awaitable[Bulk]]


async def _decide(request: Request, bulk: str, brand: str, do: Decide) -> Response:
    desk = await services(request).desk(brand)
    try:
        async with services(request).db.transaction(desk.brand.schema) as conn:
            done = await do(conn, bulk)
    except (corrections.SamePerson, corrections.CorrectionDecided) as problem:
        return await _bulk(request, bulk, problem)
    return _onward(done)


@routes.post("/{bulk}/approve")
async def approve(request: Request, bulk: str) -> Response:
    """Let a file go that another person confirmed."""
    session, _ = await sent(request)

    async def do(conn: Connection, id_: str) -> Bulk:
        return await corrections.approve_bulk(conn, id_, by=f"user:{session.email}")

    return await _decide(request, bulk, session.brand, do)


@routes.post("/{bulk}/reject")
async def reject(request: Request, bulk: str) -> Response:
    """Do not let a file go."""
    session, fields = await sent(request)
    note = fields.get("note", "").strip()[: corrections.NOTE_MAX] or None

    async def do(conn: Connection, id_: str) -> Bulk:
        return await corrections.reject_bulk(conn, id_, by=f"user:{session.email}", note=note)

    return await _decide(request, bulk, session.brand, do)


@routes.post("/{bulk}/go-on")
async def go_on(request: Request, bulk: str) -> Response:
    """Carry on with a file whose job was stopped."""
    session, _ = await sent(request)

    async def do(conn: Connection, id_: str) -> Bulk:
        return await corrections.go_on(conn, id_, by=f"user:{session.email}")

    return await _decide(request, bulk, session.brand, do)
