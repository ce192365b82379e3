"""One back-test over HTTP: what it asks, its candidates as numbers and as text, and its end."""

import asyncio
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from kizuna import simulate
from kizuna.core.errors import N_, NotFound, Problem
from kizuna.program import ProgramInvalid, parse
from kizuna.runtime import jobs, uploads
from kizuna.simulate import DESIGNS_MAX, Asked, Study, StudyChanged, TooManyDesigns, change_study, forget_study
from kizuna.web import inputs
from kizuna.web.api.problems import status
from kizuna.web.console.backtests import forms, pages, reads
from kizuna.web.console.backtests.views import StudyForm, TextForm
from kizuna.web.console.frame import seen_at
from kizuna.web.console.program import faults
from kizuna.web.console.program.reads import instant
from kizuna.web.console.program.text import text_of
from kizuna.web.console.start.routes import WRONG, sent, told
from kizuna.web.entered import Entered
from kizuna.web.faces import Face
from kizuna.web.requests import flash, see, services
from kizuna.web.services import Desk

HOME = "/console/backtests"
routes = APIRouter(include_in_schema=False)


@routes.get("/{number}")
async def study(request: Request, number: str) -> Response:
    """Show what a back-test asks."""
    return await _study(request, number)


async def _study(
    request: Request, number: str, entered: Entered | None = None, problem: Problem | None = None, code: int = 200
) -> Response:
    session, desk, found = await reads.whole(request, number)
    async with services(request).db.lend(desk.brand.schema) as conn:
        there = await reads.beginnings(conn, desk)
        job = await reads.job_of(conn, found, seen_at(session))
    shown_fields = entered or Entered(forms.fields_of(found.name, found.asked, desk.brand))
    form = StudyForm(found, shown_fields, there, job, problem)
    return await told(request, lambda face: pages.study_page(face, form), status(problem) if problem else code)


@routes.post("/{number}")
async def take_study(request: Request, number: str) -> Response:
    """Keep what is asked; then run it, add a candidate, take one away, or go on to its text."""
    session, fields = await sent(request)
    _, desk, found = await reads.whole(request, number)
    if found.changed_at != instant(fields.get("seen", "")):
        return await _study(request, number, problem=StudyChanged())
    does, _, which = fields.get("do", "save").partition(":")
    place = inputs.place(which)
    lang = reads.lang_of(session, desk)
    entered = Entered(fields)
    made = forms.asked_of(entered, found.asked, desk.brand, lang)
    if made is None:
        return await _study(request, number, entered, code=WRONG)
    name, asked = made
    try:
        async with services(request).db.transaction(desk.brand.schema) as conn:
            if does == "add":
                asked = await _with_one_more(conn, desk, asked, fields.get("from", ""), lang)
            elif does == "drop":
                asked = _without(asked, place, number)
            if (name, asked) != (found.name, found.asked):
                await change_study(conn, found, name, asked)
            if does == "run":
                await simulate.ask_to_run(conn, found.id, by=session.email)
    except (StudyChanged, TooManyDesigns) as refused:
        return await _study(request, number, problem=refused)
    return _onwards(found, does, place)


def _onwards(found: Study, does: str, place: int | None) -> Response:
    path = f"{HOME}/{found.id}"
    if does == "run":
        return see(f"{path}/result")
    if does == "text" and place is not None:
        return see(f"{path}/text/{place}")
    answer = see(path)
    if does == "save":
        flash(answer, N_("Saved."))
    return answer


async def _with_one_more(conn: Any, desk: Desk, asked: Asked, begin: str, lang: str) -> Asked:
    if len(asked.designs) >= DESIGNS_MAX:
        raise TooManyDesigns(designs_max=DESIGNS_MAX)
    made = await reads.begun(conn, desk, begin, lang, asked)
    named = made._replace(name=forms.unlike(made.name, [one.name for one in asked.designs]))
    return replace(asked, designs=(*asked.designs, named))


def _without(asked: Asked, place: int | None, number: str) -> Asked:
    """Return what is asked without a candidate; the last one stays. Raises `NotFound`."""
    if place is None or place >= len(asked.designs):
        raise NotFound(what="backtest", key=f"{number}/{place}")
    left = tuple(one for at, one in enumerate(asked.designs) if at != place)
    return replace(asked, designs=left or asked.designs)


@routes.post("/{number}/run")
async def run(request: Request, number: str) -> Response:
    """Run what is asked; a run that is under way is not begun twice."""
    session, _ = await sent(request)
    _, desk, found = await reads.whole(request, number)
    async with services(request).db.transaction(desk.brand.schema) as conn:
        await simulate.ask_to_run(conn, found.id, by=session.email)
    return see(f"{HOME}/{found.id}/result")


@routes.post("/{number}/forget")
async def forget(request: Request, number: str) -> Response:
    """Delete a back-test with its results; a run that is under way is stopped, a file that is its own goes too."""
    await sent(request)
    _, desk, found = await reads.whole(request, number)
    async with services(request).db.transaction(desk.brand.schema) as conn:
        if found.job is not None:
            await jobs.ask_to_cancel(conn, found.job)
        await forget_study(conn, found.id)
        if found.asked.source.upload is not None:
            await uploads.release(conn, found.asked.source.upload)
            await uploads.forget(conn, found.asked.source.upload)
    answer = see(HOME)
    flash(answer, N_("“{name}” is deleted."), name=found.name)
    return answer


# A candidate as text


@routes.get("/{number}/text/{place}")
async def text(request: Request, number: str, place: str) -> Response:
    """Show a candidate's document."""
    _, _, found, at = await _candidate(request, number, place)
    form = TextForm(found, at, text_of(found.asked.designs[at].program))
    return await told(request, lambda face: pages.text_page(face, form))


@routes.post("/{number}/text/{place}")
async def take_text(request: Request, number: str, place: str) -> Response:
    """Keep a candidate's document; or show what is wrong with it, by place."""
    _, fields = await sent(request)
    _, desk, found, at = await _candidate(request, number, place)
    written = fields.get("document", "").replace("\r\n", "\n")
    try:
        document = await asyncio.to_thread(parse, written)  # a long text takes seconds; others are not kept waiting
        seen = replace(found, changed_at=instant(fields.get("seen", "")) or found.made_at)
        designs = list(found.asked.designs)
        designs[at] = designs[at]._replace(program=document)
        async with services(request).db.transaction(desk.brand.schema) as conn:
            await change_study(conn, seen, found.name, replace(found.asked, designs=tuple(designs)))
    except StudyChanged as changed:
        form = TextForm(found, at, written, problem=changed)
        return await told(request, lambda face: pages.text_page(face, form), status(changed))
    except ProgramInvalid as refused:
        wrong = refused.faults

        def make(face: Face) -> str:
            findings = faults.told(wrong, desk.brand.currency, face.lang)
            return pages.text_page(face, TextForm(found, at, written, findings))

        return await told(request, make, WRONG)
    answer = see(f"{HOME}/{found.id}")
    flash(answer, N_("Saved."))
    return answer


async def _candidate(request: Request, number: str, place: str) -> tuple[Any, Desk, Study, int]:
    """Return who asks, the desk, a study and the place of one of its candidates. Raises `NotFound`."""
    session, desk, found = await reads.whole(request, number)
    at = inputs.place(place)
    if at is None or at >= len(found.asked.designs):
        raise NotFound(what="backtest", key=f"{number}/{place}")
    return session, desk, found, at
