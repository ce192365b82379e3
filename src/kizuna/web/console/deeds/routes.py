"""Deeds over HTTP. Each form carries a token, so that a double click, or sending it again, does it once."""

import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from kizuna import corrections, intake
from kizuna.core.days import instant_ms
from kizuna.core.errors import N_, Kind, Problem
from kizuna.corrections import State
from kizuna.ledger import AccountStatus
from kizuna.runtime.access import Session
from kizuna.runtime.clock import now
from kizuna.runtime.db import Connection
from kizuna.web.api.problems import status
from kizuna.web.console.deeds import forms, pages, reads
from kizuna.web.console.deeds.views import Form, Pair
from kizuna.web.console.frame import session_of, shown
from kizuna.web.console.member.reads import Subject, member_of
from kizuna.web.entered import Entered
from kizuna.web.faces import Face
from kizuna.web.reads import Reader, uuid_text
from kizuna.web.requests import check_form, flash, form_of, see, services
from kizuna.web.words import number

WRONG = 422
QUERY_MAX = 200
SOURCE = "console"
routes = APIRouter(prefix="/console/members", include_in_schema=False)
Make = Callable[[Subject, Face], Awaitable[str]]


class MergedAlready(Problem):
    """Somebody who is one with another member already."""

    code = "merged_already"
    kind = Kind.CONFLICT
    title = N_("{subject} was merged into another member already.")
    remedy = N_("Open their page to see into whom, or undo that merge first.")


async def sent(request: Request) -> tuple[Session, dict[str, str]]:
    """Return who sent a form of ours, and its fields. Raises `SignInNeeded`, `FormExpired`."""
    session = await session_of(request)
    form = await form_of(request)
    check_form(session.csrf_token, form.get("csrf"))
    return session, form


class _Gone(Exception):  # noqa: N818 - it leads on, nothing went wrong
    """Who was meant was merged into somebody else."""

    def __init__(self, into: bytes) -> None:
        self.into = into
        super().__init__(into)


async def _shown(request: Request, member: str, make: Make, code: int = 200) -> Response:
    """Show a deed of a member on whom something may still happen; of one who was merged lead to the survivor."""

    async def show(reader: Reader, face: Face, conn: Connection) -> str:
        subject = await Subject.open(reader, conn, member_of(member))
        if subject.account.status == AccountStatus.MERGED and subject.account.moved_to is not None:
            raise _Gone(subject.account.moved_to)
        if subject.account.status != AccountStatus.OPEN:
            raise intake.MemberIsClosed(field="subject", subject=subject.who.profile.name or uuid_text(subject.who.id))
        return await make(subject, face)

    try:
        answer = await shown(request, show)
    except _Gone as gone:
        return see(f"/console/members/{uuid_text(gone.into)}")
    if code != 200 and answer.status_code == 200:
        answer.status_code = code
    return answer


def _view(subject: Subject) -> Any:
    return subject.reader.member_view(subject.who, subject.account)


async def operate(
    request: Request, session: Session, type_: str, token: str, member: str | None, data: dict[str, Any]
) -> intake.Outcome:
    """Have an operation carried out that this person asks for. Raises what refuses it."""
    desk = await services(request).desk(session.brand)
    by = f"user:{session.email}"
    told = intake.operate(type_, token, SOURCE, member, {"by": by, **data}, desk.terms, instant_ms(now()))
    (result,) = await desk.writer.submit([told])
    if isinstance(result, Problem):
        raise result
    return result


def _token() -> str:
    return secrets.token_urlsafe(16)


# Points added or taken


async def _adjust(
    request: Request, member: str, fields: dict[str, str] | None, problem: Problem | None = None, *, again: bool = False
) -> Response:
    entered = Entered(fields or {"way": "add"})
    token = entered["form"] if fields and problem is None else _token()

    async def make(subject: Subject, face: Face) -> str:
        view, reader = _view(subject), subject.reader
        wish = forms.wish_of(entered, view.id, reader.plan.program, reader.today) if fields and not again else None
        after = reads.after_adjusting(reader, view, wish) if wish and problem is None else None
        form = Form(entered, token, after, problem)
        program = reader.plan.program
        reasons = reads.reason_names(program, face.lang)
        return pages.adjust_page(face, view, form, reasons, reads.units_of(reader), program.adjustments.approval_above)

    answer = await _shown(request, member, make, status(problem) if problem else 200)
    if entered.faults and answer.status_code == 200:
        answer.status_code = WRONG
    return answer


@routes.get("/{member}/adjust")
async def adjust(request: Request, member: str) -> Response:
    """Show the form of a correction."""
    return await _adjust(request, member, None)


@routes.post("/{member}/adjust/again")
async def change_adjustment(request: Request, member: str) -> Response:
    """Show the form again as it was filled in."""
    _, fields = await sent(request)
    return await _adjust(request, member, fields, again=True)


@routes.post("/{member}/adjust")
async def take_adjustment(request: Request, member: str) -> Response:
    """Show what a correction would do; then do it, or let it wait for a second person."""
    session, fields = await sent(request)
    if "sure" not in fields:
        return await _adjust(request, member, fields)
    desk = await services(request).desk(session.brand)
    async with services(request).db.lend(desk.brand.schema) as conn:
        reader = await Reader.open(conn, desk.brand, desk.book, now())
    entered = Entered(fields)
    id_ = uuid_text(member_of(member))
    wish = forms.wish_of(entered, id_, reader.plan.program, reader.today)
    if wish is None:
        return await _adjust(request, member, fields)
    try:
        done = await corrections.ask(
            services(request).db, desk.writer, desk.terms, wish, key=fields.get("form", ""), by=f"user:{session.email}"
        )
        if done.problem is not None:
            raise done.problem
    except Problem as problem:
        return await _adjust(request, member, fields, problem)
    answer = see(f"/console/members/{id_}")
    if done.state is State.WAITING:
        flash(answer, N_("Sent for approval. The points move as soon as somebody else approves it."), tone="quiet")
    elif wish.points > 0:
        flash(answer, N_("{points} points were added."), points=number(wish.points))
    else:
        flash(answer, N_("{points} points were taken."), points=number(-wish.points))
    return answer


# Last days


async def _extend(
    request: Request, member: str, fields: dict[str, str] | None, problem: Problem | None = None
) -> Response:
    entered = Entered(fields or {})
    token = entered["form"] if fields and problem is None else _token()

    async def make(subject: Subject, face: Face) -> str:
        view, reader = _view(subject), subject.reader
        asked = forms.extension_of(entered) if fields else None
        points = forms.put_off(view, asked) if asked else None
        reasons = reads.reason_names(reader.plan.program, face.lang)
        return pages.extend_page(face, view, Form(entered, token, problem=problem), reasons, points)

    answer = await _shown(request, member, make, status(problem) if problem else 200)
    if entered.faults and answer.status_code == 200:
        answer.status_code = WRONG
    return answer


@routes.get("/{member}/extend")
async def extend(request: Request, member: str) -> Response:
    """Show the form that puts last days off."""
    return await _extend(request, member, None)


@routes.post("/{member}/extend")
async def take_extension(request: Request, member: str) -> Response:
    """Show what would be put off; then do it."""
    session, fields = await sent(request)
    asked = forms.extension_of(Entered(fields))
    if "sure" not in fields or asked is None:
        return await _extend(request, member, fields)
    id_ = uuid_text(member_of(member))
    try:
        done = await operate(
            request, session, "points.extended", fields.get("form", ""), f"member:{id_}", forms.data_of(asked)
        )
    except Problem as problem:
        return await _extend(request, member, fields, problem)
    answer = see(f"/console/members/{id_}")
    flash(answer, N_("{points} points can be used longer now."), points=number((done.about or {}).get("extended", 0)))
    return answer


# Holds


@routes.post("/{member}/holds/{hold}/void")
async def void(request: Request, member: str, hold: str) -> Response:
    """Give back what a hold reserves."""
    session, _ = await sent(request)
    id_ = uuid_text(member_of(member))
    answer = see(f"/console/members/{id_}")
    await operate(request, session, "hold.voided", f"void {hold}", None, {"hold": hold})
    flash(answer, N_("The hold was released; its points are back in the balance."))
    return answer


# Closing


async def _close(
    request: Request, member: str, fields: dict[str, str] | None, problem: Problem | None = None
) -> Response:
    entered = Entered(fields or {})
    if fields is not None and problem is None:
        entered.read(forms.closing_word, "word")

    async def make(subject: Subject, face: Face) -> str:
        deeds = await reads.deeds_of(subject.conn, subject.reader, subject.who.id, subject.account)
        return pages.close_page(face, _view(subject), Form(entered, _token(), problem=problem), deeds)

    return await _shown(request, member, make, status(problem) if problem else WRONG if entered.faults else 200)


@routes.get("/{member}/close")
async def close(request: Request, member: str) -> Response:
    """Show what closing an account takes away."""
    return await _close(request, member, None)


@routes.post("/{member}/close")
async def take_closing(request: Request, member: str) -> Response:
    """Close an account, once the word is typed."""
    session, fields = await sent(request)
    entered = Entered(fields)
    entered.read(forms.closing_word, "word")
    if entered.faults:
        return await _close(request, member, fields)
    id_ = uuid_text(member_of(member))
    note = {"note": fields["note"][: corrections.NOTE_MAX]} if fields.get("note", "").strip() else {}
    try:
        await operate(request, session, "member.closed", fields.get("form", ""), f"member:{id_}", note)
    except Problem as problem:
        return await _close(request, member, fields, problem)
    answer = see(f"/console/members/{id_}")
    flash(answer, N_("The account was closed."), tone="quiet")
    return answer


# Two who are one person


@routes.get("/{member}/merge")
async def find(request: Request, member: str, q: str = "") -> Response:
    """Search for who is the same person."""
    query = q[:QUERY_MAX].replace("\x00", "").strip()

    async def make(subject: Subject, face: Face) -> str:
        found = await reads.candidates(subject.conn, subject.reader, query, subject.who.id) if query else None
        return pages.find_page(face, _view(subject), Form(Entered({}), ""), query, found)

    return await _shown(request, member, make)


async def _pair(request: Request, kept: str, gone: str, problem: Problem | None = None) -> Response:
    async def make(subject: Subject, face: Face) -> str:
        other = await Subject.open(subject.reader, subject.conn, member_of(gone))
        if other.account.status == AccountStatus.MERGED:
            raise MergedAlready(field="subject", subject=other.who.profile.name or gone)
        if other.account.status != AccountStatus.OPEN:
            raise intake.MemberIsClosed(field="subject", subject=other.who.profile.name or gone)
        sides = [await reads.side_of(subject.conn, subject.reader, one.who.id) for one in (subject, other)]
        return pages.pair_page(face, Pair(*sides), Form(Entered({}), _token(), problem=problem))

    return await _shown(request, kept, make, status(problem) if problem else 200)


@routes.get("/{member}/merge/{other}")
async def compare(request: Request, member: str, other: str) -> Response:
    """Show two members side by side: `other` would go into `member`."""
    return await _pair(request, member, other)


@routes.post("/{member}/merge/{other}")
async def take_merge(request: Request, member: str, other: str) -> Response:
    """Let `other` go into `member`; it can be undone."""
    session, fields = await sent(request)
    kept, gone = uuid_text(member_of(member)), uuid_text(member_of(other))
    try:
        done = await operate(
            request, session, "member.merged", fields.get("form", ""), f"member:{gone}", {"into": f"member:{kept}"}
        )
    except Problem as problem:
        return await _pair(request, member, other, problem)
    answer = see(f"/console/members/{kept}")
    merge = str((done.about or {}).get("merge", ""))
    flash(answer, N_("Both are one member now."), undo=("/console/members/unmerge", {"merge": merge}))
    return answer


@routes.post("/unmerge")
async def unmerge(request: Request) -> Response:
    """Undo a merge: both are as they were, and what happened since is the survivor's."""
    session, fields = await sent(request)
    merge = fields.get("merge", "")
    done = await operate(request, session, "member.unmerged", f"unmerge {merge}", None, {"merge": merge})
    answer = see(f"/console/members/{(done.about or {}).get('kept', '')}")
    flash(answer, N_("The merge was undone; both are members of their own again."), tone="quiet")
    return answer
