"""Approvals over HTTP: what waits, and the two decisions."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from kizuna import corrections
from kizuna.core.errors import N_, Problem
from kizuna.corrections import State
from kizuna.runtime.db import Connection
from kizuna.web.api.problems import status
from kizuna.web.console.approvals import pages, reads
from kizuna.web.console.deeds.routes import sent
from kizuna.web.console.frame import session_of, shown
from kizuna.web.faces import Face
from kizuna.web.reads import Reader
from kizuna.web.requests import flash, see, services

HOME = "/console/approvals"
routes = APIRouter(prefix=HOME, include_in_schema=False)


async def _page(request: Request, problem: Problem | None = None) -> Response:
    session = await session_of(request)

    async def show(reader: Reader, face: Face, conn: Connection) -> str:
        return pages.approvals_page(face, await reads.desk(conn, reader, f"user:{session.email}", face.lang), problem)

    answer = await shown(request, show)
    if problem is not None and answer.status_code == 200:
        answer.status_code = status(problem)
    return answer


@routes.get("")
async def approvals(request: Request) -> Response:
    """Show what waits for a second person."""
    return await _page(request)


@routes.post("/{correction}/approve")
async def approve(request: Request, correction: str) -> Response:
    """Let a correction go, and carry it out."""
    session, _ = await sent(request)
    desk = await services(request).desk(session.brand)
    try:
        done = await corrections.approve(
            services(request).db, desk.writer, desk.terms, correction, by=f"user:{session.email}"
        )
    except (corrections.SamePerson, corrections.CorrectionDecided) as problem:
        return await _page(request, problem)
    answer = see(HOME)
    if done.state is State.DONE:
        flash(answer, N_("Approved: the points have moved."))
    else:
        flash(answer, N_("It was approved, but could not be carried out. The list says why."), tone="loss")
    return answer


@routes.post("/{correction}/reject")
async def reject(request: Request, correction: str) -> Response:
    """Do not let a correction go; the asker may withdraw it so."""
    session, fields = await sent(request)
    desk = await services(request).desk(session.brand)
    note = fields.get("note", "").strip()[: corrections.NOTE_MAX] or None
    try:
        await corrections.reject(
            services(request).db, desk.brand.schema, correction, by=f"user:{session.email}", note=note
        )
    except corrections.CorrectionDecided as problem:
        return await _page(request, problem)
    answer = see(HOME)
    flash(answer, N_("Turned down; no points have moved."), tone="quiet")
    return answer
