"""The first run over HTTP: each step has its own address, may be left and come back to, and keeps what was typed."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from kizuna.connect import csv
from kizuna.core.errors import N_, Problem
from kizuna.program import Program, Template, from_data, has_numbers, templates
from kizuna.publishing import DraftChanged, DraftMoved, NoDraft, NothingToPublish, publish_draft, save_draft
from kizuna.runtime.access import Session
from kizuna.runtime.db import Connection
from kizuna.web.api.problems import status
from kizuna.web.console.frame import session_of, shown
from kizuna.web.console.settings import look_form
from kizuna.web.console.start import numbers, pages
from kizuna.web.console.start.reads import stand
from kizuna.web.console.start.views import NumbersForm, Review, Standing, TemplateCard
from kizuna.web.entered import Entered
from kizuna.web.faces import Face
from kizuna.web.reads import Reader
from kizuna.web.requests import check_form, form_of, see, services
from kizuna.web.services import Desk
from kizuna.web.words import translate

START = "/console/start"
WRONG = 422
routes = APIRouter(prefix="/console/start", include_in_schema=False)


async def sent(request: Request) -> tuple[Session, dict[str, str]]:
    """Return who sent a form of ours, and its fields. Raises `SignInNeeded`, `FormExpired`."""
    session = await session_of(request)
    form = await form_of(request)
    check_form(session.csrf_token, form.get("csrf"))
    return session, form


async def told(request: Request, make: Any, code: int = 200) -> Response:
    """Return the page that `make(face)` writes, in the frame of whoever asks."""

    async def show(_reader: Reader, face: Face, _conn: Connection) -> str:
        text: str = make(face)
        return text

    answer = await shown(request, show)
    if code != 200 and answer.status_code == 200:
        answer.status_code = code
    return answer


@routes.get("")
async def start(request: Request) -> Response:
    """Go on where one left off."""
    return see((await stand(request))[2].next_path)


# Name and look


@routes.get("/look")
async def look(request: Request) -> Response:
    """Show the form of name and look."""
    _, desk, at = await stand(request)
    return await told(request, lambda face: pages.look_page(face, at, look_form.filled(desk.brand)))


@routes.post("/look")
async def take_look(request: Request) -> Response:
    """Keep name and look and go on; or show them, when that was asked for or something is wrong."""
    _, fields = await sent(request)
    _, desk, at = await stand(request)
    form, chosen = await look_form.take(request, desk.brand, fields, words=False)
    if form.entered.faults or "preview" in fields or "remove-logo" in fields:
        code = WRONG if form.entered.faults else 200
        return await told(request, lambda face: pages.look_page(face, at, form), code)
    await look_form.save(request, desk.brand, form, chosen)
    return see(f"{START}/program" if at.version is None else f"{START}/done")


# The program


@routes.get("/program")
async def program(request: Request) -> Response:
    """Offer the templates."""
    _, _, at = await stand(request)
    if at.version is not None:
        return see(f"{START}/done")
    chosen = at.draft.about.get("template") if at.draft else _offered()[0].id
    cards = [
        TemplateCard(one, numbers.example(one.document, [one.example]).rows[0][1], one.id == chosen)
        for one in _offered()
    ]
    return await told(request, lambda face: pages.templates_page(face, at, cards))


@routes.post("/program")
async def choose_program(request: Request) -> Response:
    """Begin with a template; numbers that were given to one before come back with it."""
    session, fields = await sent(request)
    _, desk, at = await stand(request)
    chosen = _template(fields.get("template", ""))
    if at.version is None and chosen is not None:
        draft = at.draft
        if draft is None or draft.about.get("template") != chosen.id:
            others = dict(draft.about.get("others", {})) if draft else {}
            if draft:
                others[str(draft.about.get("template"))] = draft.document.model_dump(mode="json")
            document = from_data(others[chosen.id]) if chosen.id in others else chosen.document
            about = {"template": chosen.id, "others": others}
            seen = draft.changed_at if draft else None
            try:
                await save_draft(services(request).db, desk.brand, document, by=session.email, seen=seen, about=about)
            except DraftChanged as changed:  # of two who choose at once: nothing was entered that could be compared
                raise DraftMoved(who=changed.facts["who"], clock=changed.facts["clock"]) from changed
    return see(f"{START}/numbers")


@routes.get("/numbers")
async def show_numbers(request: Request) -> Response:
    """Show the draft's numbers."""
    _, desk, at = await stand(request)
    if at.draft is None:
        return see(at.next_path)
    if not has_numbers(at.draft.document):
        return see("/console/program")
    entered = Entered(numbers.fields_of(at.draft.document, desk.brand))
    form = _numbers_form(entered, at.draft.document, desk, at, at.draft.changed_at)
    return await told(request, lambda face: pages.numbers_page(face, at, form))


@routes.post("/numbers")
async def take_numbers(request: Request) -> Response:
    """Keep the numbers and go on; or show what they earn, or what is wrong with them."""
    session, fields = await sent(request)
    _, desk, at = await stand(request)
    if at.draft is None:
        return see(at.next_path)
    if not has_numbers(at.draft.document):
        return see("/console/program")
    draft, entered = at.draft, Entered(fields)
    made = numbers.program_of(entered, draft.document, desk.brand)
    problem: Problem | None = None
    seen = _instant(fields.get("seen", ""))
    if made is not None and "preview" not in fields:
        try:
            await save_draft(services(request).db, desk.brand, made, by=session.email, seen=seen, about=draft.about)
        except DraftChanged as changed:
            problem, seen = changed, draft.changed_at
        else:
            return see(f"{START}/import")
    form = _numbers_form(entered, draft.document, desk, at, seen)
    code = status(problem) if problem else WRONG if made is None else 200
    return await told(request, lambda face: pages.numbers_page(face, at, form, problem), code)


@routes.post("/numbers/example")
async def show_example(request: Request) -> Response:
    """Return what the numbers as they are typed would earn."""
    _, fields = await sent(request)
    _, desk, at = await stand(request)
    draft = at.draft.document if at.draft else None
    base = draft if draft is not None and has_numbers(draft) else _offered()[0].document
    example = numbers.example_of(Entered(fields), base, desk.brand)
    return await told(request, lambda face: pages.example_piece(face, example))


def _numbers_form(entered: Entered, base: Program, desk: Desk, at: Standing, seen: datetime | None) -> NumbersForm:
    example = numbers.example_of(entered, base, desk.brand)
    template = _template(str(at.draft.about.get("template", ""))) if at.draft else None
    return NumbersForm(entered, numbers.room_for(base), example, seen, template)


def _template(name: str) -> Template | None:
    return next((one for one in _offered() if one.id == name), None)


def _offered() -> list[Template]:
    """Return the templates that a few numbers make a brand's own; the studio offers all of them."""
    return [one for one in templates() if one.has_numbers]


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None


# Publishing


@routes.get("/review")
async def review(request: Request) -> Response:
    """Show what is about to be published."""
    return await _review(request)


@routes.post("/review")
async def publish(request: Request) -> Response:
    """Publish the draft as it was seen, then ask for the import; sent twice, it does so once."""
    session, fields = await sent(request)
    _, desk, at = await stand(request)
    note = translate(desk.brand.languages[0], N_("First version"))
    try:
        await publish_draft(
            services(request).db,
            desk.brand,
            seen=_instant(fields.get("seen", "")),
            note=note,
        )
    except (NoDraft, NothingToPublish) as nothing:
        if at.version is None and (await stand(request))[2].version is None:
            return await _review(request, nothing)
        return see(f"{START}/done")
    except DraftMoved as changed:
        return await _review(request, changed)
    await _ask_for_import(request, session, desk, at)
    return see(f"{START}/done")


async def _ask_for_import(request: Request, session: Session, desk: Desk, at: Standing) -> None:
    if at.upload is None or "columns" not in at.upload.about or at.job is not None:
        return
    chosen = csv.Mapping.model_validate(at.upload.about["columns"])
    lang = desk.brand.languages[0]
    async with services(request).db.transaction(desk.brand.schema) as conn:
        await csv.ask(conn, at.upload, chosen, by=session.email, lang=lang)


async def _review(request: Request, problem: Problem | None = None) -> Response:
    _, _, at = await stand(request)
    if at.draft is None:
        return see(at.next_path)
    shown_now = Review(at.draft.document, at.draft.changed_at, at.upload if at.is_done["import"] else None)
    code = status(problem) if problem else 200
    return await told(request, lambda face: pages.review_page(face, at, shown_now, problem), code)


@routes.get("/done")
async def done(request: Request) -> Response:
    """Show that the program is live."""
    _, _, at = await stand(request)
    if at.version is None:
        return see(at.next_path)
    return await told(request, lambda face: pages.done_page(face, at))
