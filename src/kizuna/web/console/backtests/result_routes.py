"""What a back-test came to over HTTP: results, one member's story, files, and the way of a candidate into the draft."""

import asyncio
import io
import zipfile
from collections.abc import Mapping
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response

from kizuna import simulate
from kizuna.core.errors import N_, Kind, NotFound, Problem
from kizuna.publishing import DraftChanged, DraftMoved, read_draft, save_draft
from kizuna.simulate import Study, StudyChanged
from kizuna.web import backtest, inputs
from kizuna.web.api.problems import status
from kizuna.web.console.backtests import pages, reads
from kizuna.web.console.backtests.views import PublishForm, ResultView, StoryForm
from kizuna.web.console.frame import seen_at
from kizuna.web.console.program.editing import UNDO
from kizuna.web.console.program.reads import instant
from kizuna.web.console.program.sections import HOME as DRAFT
from kizuna.web.console.start.routes import WRONG, sent, told
from kizuna.web.requests import flash, language, see, services
from kizuna.web.words import LANGUAGES

HOME = "/console/backtests"
TYPED_MAX = 200
ZIP = "application/zip"
routes = APIRouter(include_in_schema=False)


class NotRunYet(Problem):
    """Something is asked of results that are not there."""

    code = "backtest_not_run"
    kind = Kind.CONFLICT
    title = N_("This back-test has not been run yet.")
    remedy = N_("Run it first; then its report and tables can be downloaded.")


@routes.get("/{number}/result")
async def result(request: Request, number: str) -> Response:
    """Show what a back-test came to, or how far its run is."""
    return await _result(request, number)


async def _result(request: Request, number: str, problem: Problem | None = None) -> Response:
    session, desk, found = await reads.whole(request, number)
    async with services(request).db.lend(desk.brand.schema) as conn:
        job = await reads.job_of(conn, found, seen_at(session))
    view = ResultView(found, job, problem)
    return await told(request, lambda face: pages.result_page(face, view), status(problem) if problem else 200)


# One member


@routes.get("/{number}/member")
async def member(request: Request, number: str, of: str = "") -> Response:
    """Ask whose story is wanted, and show it where it is told."""
    session, desk, found = await reads.whole(request, number)
    async with services(request).db.lend(desk.brand.schema) as conn:
        job = await reads.story_job(conn, found, of, seen_at(session)) if of else None
    form = StoryForm(found, "", of, job)
    return await told(request, lambda face: pages.story_page(face, form, reads.candidates(found)))


@routes.post("/{number}/member")
async def take_member(request: Request, number: str) -> Response:
    """Have one member's story told; one that is told already is shown."""
    session, fields = await sent(request)
    _, desk, found = await reads.whole(request, number)
    typed = fields.get("member", "")
    try:
        wanted = inputs.line(typed, "member", most=TYPED_MAX, required=True)
    except Problem as refused:
        form = StoryForm(found, typed, problem=refused)
        return await told(request, lambda face: pages.story_page(face, form, reads.candidates(found)), WRONG)
    async with services(request).db.transaction(desk.brand.schema) as conn:
        identity = await reads.identity_of(conn, desk.brand, found, wanted)
        if identity not in found.stories or not found.is_fresh:
            await simulate.ask_for_story(conn, found.id, identity, by=session.email)
    return see(f"{HOME}/{found.id}/member{pages.of(identity)}")


# Files


@routes.get("/{number}/report")
async def report(request: Request, number: str) -> Response:
    """Return the report as one file."""
    _, desk, found = await reads.whole(request, number)
    told_result = _came_to(found)
    asked = request.query_params.get("lang")
    lang = asked if asked in LANGUAGES else language(request)
    text = await asyncio.to_thread(
        backtest.report, told_result["results"], told_result["winners"], told_result["variation"],
        lang=lang, currency=desk.brand.currency, standalone=True, brand=desk.brand.name,
    )  # fmt: skip
    return _file(text.encode(), "text/html; charset=utf-8", f"backtest-{found.id}-{lang}.html")


@routes.get("/{number}/tables")
async def tables(request: Request, number: str, form: Literal["csv", "parquet"] = "csv") -> Response:
    """Return every table, packed into one file."""
    _, _, found = await reads.whole(request, number)
    made = backtest.tables(_came_to(found)["results"])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in backtest.packed(made, form).items():
            archive.writestr(name, content)
    return _file(packed.getvalue(), ZIP, f"backtest-{found.id}-{form}.zip")


def _came_to(found: Study) -> Mapping[str, Any]:
    if found.result is None:
        raise NotRunYet
    return found.result


def _file(content: bytes, kind: str, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(content, media_type=kind, headers=headers)


# Into the draft


@routes.post("/{number}/publish")
async def publish(request: Request, number: str) -> Response:
    """Put a candidate into the draft and go on to its review; a draft that is there is replaced only when that is meant."""
    session, fields = await sent(request)
    _, desk, found = await reads.whole(request, number)
    place = inputs.place(fields.get("place", ""))
    if place is None or place >= len(found.asked.designs):
        raise NotFound(what="backtest", key=f"{number}/{fields.get('place', '')}")
    if found.changed_at != instant(fields.get("seen", "")):
        return await _result(request, number, StudyChanged())
    design = found.asked.designs[place]
    async with services(request).db.lend(desk.brand.schema) as conn:
        there = await read_draft(conn)
        await desk.book.refresh(conn)
    live = desk.book.plans[-1].version if desk.book.plans else None
    about: dict[str, object] = {} if live is None else {"from": live}
    if there is not None and there.document != design.program:
        seen = instant(fields.get("draft", ""))
        if seen != there.changed_at:
            problem = (
                None
                if seen is None
                else _moved(
                    DraftChanged(
                        who=there.changed_by, clock=there.changed_at.astimezone(desk.brand.zone).strftime("%H:%M")
                    )
                )
            )
            form = PublishForm(found, place, there, problem)
            return await told(request, lambda face: pages.publish_page(face, form), status(problem) if problem else 200)
        about[UNDO] = there.document.model_dump(mode="json")
    try:
        saved = await save_draft(
            services(request).db, desk.brand, design.program, by=session.email, about=about,
            seen=there.changed_at if there else None,
        )  # fmt: skip
    except DraftChanged as changed:  # of two who begin at once
        raise _moved(changed) from changed
    answer = see("/console/start/review" if live is None else f"{DRAFT}/review")
    undo = (f"{DRAFT}/undo", {"seen": saved.isoformat()}) if UNDO in about else None
    flash(answer, N_("“{name}” is the draft now. Look at what changes, then publish it."), undo=undo, name=design.name)
    return answer


def _moved(changed: DraftChanged) -> DraftMoved:
    return DraftMoved(who=changed.facts["who"], clock=changed.facts["clock"])
