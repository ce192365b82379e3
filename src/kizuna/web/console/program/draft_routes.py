"""The draft over HTTP: part by part, as text, and its publication."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time

from fastapi import APIRouter, Request
from fastapi.responses import Response

from kizuna.core.errors import N_, NotFound, Problem
from kizuna.program import Program, ProgramInvalid, from_published, parse
from kizuna.publishing import (
    BackDated,
    DraftChanged,
    DraftMoved,
    NothingToPublish,
    PublishedMeanwhile,
    TooFarAhead,
    publish_draft,
)
from kizuna.runtime.access import Session
from kizuna.runtime.db import Connection
from kizuna.web import inputs
from kizuna.web.api.problems import status
from kizuna.web.console.frame import shown
from kizuna.web.console.program import faults, pages, part_page, parts
from kizuna.web.console.program.editing import (
    UNDO,
    conflict,
    form_of,
    keep,
    made_of,
    opened,
    reshaped,
    typed,
    unfolded,
    with_theirs,
)
from kizuna.web.console.program.forms.clock import minute_of_day
from kizuna.web.console.program.reads import bench_of, drafted, instant, sent
from kizuna.web.console.program.sections import HOME
from kizuna.web.console.program.text import text_of
from kizuna.web.console.program.views import ReviewForm, Standing, TextForm
from kizuna.web.entered import Entered
from kizuna.web.faces import Face
from kizuna.web.reads import Reader
from kizuna.web.requests import flash, see, services
from kizuna.web.services import Desk

PROGRAM = "/console/program"
WRONG = 422
Make = Callable[[Face], str]
routes = APIRouter(prefix="/program/draft", include_in_schema=False)


async def told(request: Request, make: Make, code: int = 200, *, is_piece: bool = False) -> Response:
    """Return the page that `make(face)` writes, in the frame of whoever asks."""

    async def show(_reader: Reader, face: Face, _conn: Connection) -> str:
        return make(face)

    answer = await shown(request, show, is_piece=is_piece)
    if code != 200 and answer.status_code == 200:
        answer.status_code = code
    return answer


async def at_draft(request: Request) -> tuple[Session, Desk, Standing] | None:
    """Return who asks, the desk and the draft, None where there is no draft."""
    session, desk, at = await drafted(request)
    return (session, desk, at) if at else None


@routes.get("")
async def design(request: Request) -> Response:
    """Show the draft part by part."""
    return await _design(request)


async def _design(request: Request, problem: Problem | None = None) -> Response:
    found = await at_draft(request)
    if found is None:
        return see(PROGRAM)
    session, desk, at = found
    day = bench_of(at.draft.document, desk, session, request).today
    code = status(problem) if problem else 200
    return await told(request, lambda face: pages.design_page(face, at, day, problem), code)


@routes.post("/undo")
async def undo(request: Request) -> Response:
    """Bring back the document as it was before the last thing that can be undone."""
    session, fields = await sent(request)
    found = await at_draft(request)
    if found is None:
        return see(PROGRAM)
    _, desk, at = found
    before = at.draft.about.get(UNDO)
    if before is None or at.draft.changed_at != instant(fields.get("seen", "")):
        return await _design(request, DraftMoved(who=at.draft.changed_by, clock=_clock(at, desk)))
    await keep(services(request).db, desk, session, at, lambda _program: from_published(before))
    answer = see(HOME)
    flash(answer, N_("It is as it was."))
    return answer


def _clock(at: Standing, desk: Desk) -> str:
    return at.draft.changed_at.astimezone(desk.brand.zone).strftime("%H:%M")


# As text


@routes.get("/text")
async def text(request: Request) -> Response:
    """Show the draft as text."""
    found = await at_draft(request)
    if found is None:
        return see(PROGRAM)
    at = found[2]
    return await told(
        request, lambda face: pages.text_page(face, at, TextForm(text_of(at.draft.document), at.draft.changed_at))
    )


@routes.post("/text")
async def take_text(request: Request) -> Response:
    """Keep the text as the draft; or show what is wrong with it."""
    session, fields = await sent(request)
    found = await at_draft(request)
    if found is None:
        return see(PROGRAM)
    _, desk, at = found
    written = fields.get("document", "").replace("\r\n", "\n")
    problem: Problem | None = None
    theirs = ""
    try:
        document = await asyncio.to_thread(parse, written)  # a long text takes seconds; others are not kept waiting
        if at.draft.changed_at != instant(fields.get("seen", "")) and document != at.draft.document:
            raise conflict(at, desk)
        await keep(services(request).db, desk, session, at, lambda _program: document)
    except DraftChanged as changed:
        problem, theirs = changed, text_of(at.draft.document)
    except ProgramInvalid as refused:
        wrong = refused.faults
        return await told(
            request,
            lambda face: pages.text_page(
                face,
                at,
                TextForm(written, instant(fields.get("seen", "")), faults.told(wrong, desk.brand.currency, face.lang)),
            ),
            WRONG,
        )
    else:
        answer = see(HOME)
        flash(answer, N_("Saved in the draft."))
        return answer
    form = TextForm(written, at.draft.changed_at, (), problem, theirs)
    return await told(request, lambda face: pages.text_page(face, at, form), status(problem))


# Publishing


@routes.get("/review")
async def review(request: Request) -> Response:
    """Show what is about to be published."""
    return await _review(request, ReviewForm({}))


@routes.post("/review")
async def publish(request: Request) -> Response:
    """Publish the draft as it was seen; sent twice, it does so once."""
    session, fields = await sent(request)
    found = await at_draft(request)
    if found is None:
        return see(PROGRAM)
    _, desk, _ = found
    entered = Entered(fields)
    note = entered.read(inputs.line, "note") or ""
    begins = _begins(entered, desk) if fields.get("begins") == "later" else None
    if entered.faults:
        return await _review(request, ReviewForm(fields), entered)
    try:
        version = await publish_draft(
            services(request).db,
            desk.brand,
            seen=instant(fields.get("seen", "")),
            note=note,
            effective_at=begins,
            by=session.email,
        )
    except (BackDated, TooFarAhead) as refused:
        entered.refuse("day", refused)
        return await _review(request, ReviewForm(fields), entered)
    except (DraftMoved, NothingToPublish, PublishedMeanwhile, ProgramInvalid) as refused:
        return await _review(request, ReviewForm(fields, problem=refused))
    answer = see(PROGRAM)
    if begins is None:
        flash(answer, N_("Version {n} is published and decides from now on."), n=version)
    else:
        at_local = begins.astimezone(desk.brand.zone)
        flash(
            answer,
            N_("Version {n} is published and begins on {day} at {clock}."),
            n=version,
            day=at_local.date(),
            clock=at_local.strftime("%H:%M"),
        )
    return answer


def _begins(entered: Entered, desk: Desk) -> datetime | None:
    day = entered.read(inputs.day, "day")
    minute = entered.read(minute_of_day, "time")
    return datetime.combine(day, time(*divmod(minute, 60)), desk.brand.zone) if day and minute is not None else None


async def _review(request: Request, form: ReviewForm, entered: Entered | None = None) -> Response:
    found = await at_draft(request)
    if found is None:
        return see(PROGRAM)
    at = found[2]
    code = status(form.problem) if form.problem else WRONG if entered and entered.faults else 200
    return await told(
        request,
        lambda face: pages.review_page(
            face,
            at,
            replace(form, errors=entered.errors(face.lang))
            if entered
            else replace(form, errors=Entered({}).errors(face.lang)),
        ),
        code,
    )


# Part by part


def _part(kind: str) -> parts.Part:
    if kind not in parts.PARTS:
        raise NotFound(what="page", key=kind)
    return parts.PARTS[kind]


@routes.get("/{kind}/{key}")
async def show_part(request: Request, kind: str, key: str) -> Response:
    """Show a part's form."""
    found = await at_draft(request)
    if found is None:
        return see(PROGRAM)
    session, desk, at = found
    _part(kind)
    sheet = opened(bench_of(at.draft.document, desk, session, request), kind, key)
    return await told(request, lambda face: part_page.part_page(face, form_of(sheet, kind, key)))


@routes.post("/{kind}/{key}")
async def take_part(request: Request, kind: str, key: str) -> Response:
    """Keep a part in the draft; or show its form again, with a row more or less, or with what is wrong."""
    session, fields = await sent(request)
    found = await at_draft(request)
    if found is None:
        return see(PROGRAM)
    _, desk, at = found
    part, does = _part(kind), fields.get("do", "save")
    bench = bench_of(at.draft.document, desk, session, request)
    if does != "save":
        shaped, focus = reshaped(fields, does)
        sheet = typed(bench, kind, key, shaped)
        return await told(
            request,
            lambda face: part_page.part_page(
                face, replace(form_of(sheet, kind, key), focus=focus, open=unfolded(sheet, kind, does))
            ),
        )
    sheet = typed(bench, kind, key, fields)
    was = parts.state_of(at.draft.document, part, key)
    problem = None if was == fields.get("was", was) else conflict(at, desk)
    program, elsewhere = made_of(sheet, kind, key)
    if program is not None and problem is None:
        try:
            await keep(services(request).db, desk, session, at, lambda _program: program)
        except DraftChanged as changed:  # between reading the draft and writing it
            problem = changed
        else:
            answer = see(HOME)
            flash(answer, N_("Saved in the draft."))
            return answer
    form = replace(form_of(sheet, kind, key), elsewhere=elsewhere)
    shown_form = with_theirs(form, at, problem) if problem else form
    code = status(problem) if problem else WRONG
    return await told(request, lambda face: part_page.part_page(face, shown_form), code)


@routes.post("/{kind}/{key}/words")
async def words(request: Request, kind: str, key: str) -> Response:
    """Return what a part says as it is typed."""
    _, fields = await sent(request)
    found = await at_draft(request)
    if found is None:
        return see(PROGRAM)
    session, desk, at = found
    _part(kind)
    sheet = typed(bench_of(at.draft.document, desk, session, request), kind, key, fields)
    return await told(request, lambda face: part_page.words_piece(face, form_of(sheet, kind, key)), is_piece=True)


@routes.post("/{kind}/{key}/{does}")
async def change_part(request: Request, kind: str, key: str, does: str) -> Response:
    """Duplicate, move or delete a part."""
    session, _ = await sent(request)
    found = await at_draft(request)
    if found is None:
        return see(PROGRAM)
    _, desk, at = found
    part = _part(kind)
    if part.once or does not in {"copy", "up", "down", "delete"}:
        raise NotFound(what="page", key=does)
    raw = parts.find(at.draft.document, part, key)
    name = raw["name"].get(session.preferences.get("language", "ja"), raw["name"]["ja"])
    changes: dict[str, Callable[[Program], Program]] = {
        "copy": lambda program: parts.doubled(program, part, key, {"ja": "{name}（コピー）", "en": "{name} (copy)"})[0],
        "up": lambda program: parts.moved(program, part, key, -1),
        "down": lambda program: parts.moved(program, part, key, 1),
        "delete": lambda program: parts.without(program, part, key),
    }
    try:
        saved = await keep(services(request).db, desk, session, at, changes[does], undo=does == "delete")
    except ProgramInvalid as refused:
        reason = faults.told(
            refused.faults, desk.brand.currency, bench_of(at.draft.document, desk, session, request).lang
        )[0]
        return await _design(request, parts.CannotGo(name=name, reason=f"{reason.where}: {reason.reason}"))
    except DraftChanged as changed:
        return await _design(request, DraftMoved(who=changed.facts["who"], clock=changed.facts["clock"]))
    answer = see(f"{HOME}#{kind}-{key}" if does != "delete" else HOME)
    if does == "delete":
        flash(answer, N_("“{name}” is deleted from the draft."), undo=(f"{HOME}/undo", {"seen": saved}), name=name)
    return answer
