"""Past purchases from a file, over HTTP: in the first run, and at any time later. Nothing is posted before one says so."""

from collections.abc import AsyncIterator, Mapping
from pathlib import PurePath
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse
from starlette.datastructures import UploadFile

from kizuna.connect import csv
from kizuna.core.errors import NotFound, Problem
from kizuna.runtime import jobs, uploads
from kizuna.runtime.brands import Brand
from kizuna.web.api.problems import status
from kizuna.web.console.start import pages
from kizuna.web.console.start.reads import ORDERS, columns_form, stand
from kizuna.web.console.start.routes import START, WRONG, sent, told
from kizuna.web.requests import see, services

HOME = "/console/imports"
NAME_MAX = 120
routes = APIRouter(prefix="/console", include_in_schema=False)


@routes.get("/start/import")
async def offer(request: Request) -> Response:
    """Ask for a file, or show the one that is there."""
    _, _, at = await stand(request)
    return await told(request, lambda face: pages.file_page(face, at))


@routes.post("/start/import")
async def take(request: Request) -> Response:
    """Keep a file and go on to its columns."""
    return await _take(request, live=False)


@routes.get("/start/import/{number}")
async def show_columns(request: Request, number: int) -> Response:
    """Show which column is what, and what would be imported."""
    return await _columns(request, number, None, live=False)


@routes.post("/start/import/{number}")
async def take_columns(request: Request, number: int) -> Response:
    """Keep which column is what; go on, look again, or take the file away."""
    return await _take_columns(request, number, live=False)


@routes.get("/imports/new")
async def offer_live(request: Request) -> Response:
    """Ask for a file of a brand that is in operation."""
    _, _, at = await stand(request)
    if at.version is None:
        return see(f"{START}/import")
    return await told(request, lambda face: pages.file_page(face, at, live=True))


@routes.post("/imports/new")
async def take_live(request: Request) -> Response:
    """Keep a file and go on to its columns."""
    return await _take(request, live=True)


@routes.get("/imports/rejects/{number}")
async def rejects(request: Request, number: int) -> Response:
    """Return what an import did not take, as a CSV file."""
    _, desk, _ = await stand(request)
    db = services(request).db
    async with db.lend(desk.brand.schema) as conn:
        upload = await uploads.find_upload(conn, number)
    if upload.about.get("for") != csv.REJECTS:
        raise NotFound(what="file", key=str(number))
    named = upload.name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    return StreamingResponse(
        uploads.pieces_of(db, desk.brand.schema, number),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{named}"', "cache-control": "no-store"},
    )


@routes.get("/imports/{number}")
async def show_live(request: Request, number: int) -> Response:
    """Show what came of an import, or its columns before it began."""
    _, desk, at = await stand(request)
    async with services(request).db.lend(desk.brand.schema) as conn:
        upload = await uploads.find_upload(conn, number)
        asked = upload.about.get("job")
        job = await jobs.find(conn, int(asked)) if asked is not None else None
    if job is not None and job.state.is_open:
        return see(f"/console/jobs/{job.id}")
    if job is not None and job.state is jobs.JobState.DONE:
        found = job
        return await told(request, lambda face: pages.result_page(face, upload, found))
    return await _columns(request, number, None, live=at.version is not None)


@routes.post("/imports/{number}")
async def take_columns_live(request: Request, number: int) -> Response:
    """Keep which column is what; import, look again, or take the file away."""
    return await _take_columns(request, number, live=True)


async def take_orders(request: Request, brand: Brand, about: Mapping[str, Any], by: str) -> int:
    """Keep the file of orders that a form sent, with its columns guessed. Raises whatever keeps it from being read."""
    db, schema = services(request).db, brand.schema
    file = (await request.form()).get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise uploads.UploadMissing(field="file")
    number = await uploads.take_in(db, schema, file_name(file.filename), pieces(file), by=by, about=about)
    async with db.lend(schema) as conn:
        upload = await uploads.find_upload(conn, number)
    try:
        form, _ = await columns_form(db, brand, upload, None)
    except Exception:  # whatever it is: a file that cannot be shown would be met again at every visit
        async with db.lend(schema) as conn:
            await uploads.forget(conn, number)
        raise
    async with db.lend(schema) as conn:
        await uploads.remember(conn, number, {"fields": form.entered.fields})
    return number


async def _take(request: Request, *, live: bool) -> Response:
    session, _ = await sent(request)
    _, desk, at = await stand(request)
    db, schema = services(request).db, desk.brand.schema
    try:
        number = await take_orders(request, desk.brand, {"for": ORDERS}, session.email)
        async with db.lend(schema) as conn:
            if not live and at.upload is not None and at.job is None:
                await uploads.forget(conn, at.upload.id)
    except Problem as problem:
        refused = problem
        return await told(request, lambda face: pages.file_page(face, at, refused, live=live), status(problem))
    return see(f"{HOME if live else f'{START}/import'}/{number}")


async def _columns(request: Request, number: int, typed: dict[str, str] | None, *, live: bool) -> Response:
    _, desk, at = await stand(request)
    async with services(request).db.lend(desk.brand.schema) as conn:
        upload = await _orders(conn, number)
    form, _ = await columns_form(services(request).db, desk.brand, upload, typed)
    code = WRONG if typed is not None and (form.entered.faults or form.problem) else 200
    return await told(request, lambda face: pages.columns_page(face, at, form, live=live), code)


async def _take_columns(request: Request, number: int, *, live: bool) -> Response:
    session, fields = await sent(request)
    _, desk, at = await stand(request)
    db, schema = services(request).db, desk.brand.schema
    async with db.lend(schema) as conn:
        upload = await _orders(conn, number)
        if "remove" in fields:
            asked = upload.about.get("job")
            if asked is not None and (await jobs.find(conn, int(asked))).state.is_open:
                return see(f"/console/jobs/{asked}")  # it is being imported: whoever means that stops it there
            await uploads.forget(conn, number)
            return see(f"{HOME}/new" if live else f"{START}/import")
    form, mapping = await columns_form(db, desk.brand, upload, fields)
    kept: dict[str, Any] = {"fields": {name: text for name, text in fields.items() if name not in {"csrf", "preview"}}}
    if mapping is not None:
        kept["columns"] = mapping.model_dump(mode="json")
    async with db.transaction(schema) as conn:
        await uploads.remember(conn, number, kept)
        if mapping is not None and "preview" not in fields and at.version is not None:
            job = await csv.ask(conn, upload, mapping, by=session.email, lang=desk.brand.languages[0])
            return see(f"/console/jobs/{job}")
    if mapping is None or "preview" in fields:
        code = 200 if mapping is not None else WRONG
        return await told(request, lambda face: pages.columns_page(face, at, form, live=live), code)
    return see(f"{START}/review")


async def _orders(conn: Any, number: int) -> uploads.Upload:
    """Return a file of purchases. Raises `NotFound`."""
    upload = await uploads.find_upload(conn, number)
    if upload.about.get("for") != ORDERS:
        raise NotFound(what="file", key=str(number))
    return upload


async def pieces(file: UploadFile) -> AsyncIterator[bytes]:
    """Yield a file that was sent in, in pieces."""
    while piece := await file.read(uploads.PIECE_BYTES):
        yield piece


def file_name(told_name: str) -> str:
    """Return a file's name without its folders and without what no file system takes."""
    bare = PurePath(told_name.replace("\\", "/")).name
    clean = "".join(char if char.isprintable() and char not in '/\\:*?"<>|' else "_" for char in bare).strip(". ")
    stem, dot, suffix = clean.rpartition(".")
    short = f"{stem[: NAME_MAX - 10]}{dot}{suffix[:9]}" if dot else clean[:NAME_MAX]
    while len(short.encode()) > 200:
        short = short[1:]
    return short or "orders.csv"
