"""The member's screens: history, orders, notes, identities; each an address that reads without script."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from kizuna import members
from kizuna.core.errors import N_
from kizuna.runtime import access, tokens
from kizuna.runtime.clock import now
from kizuna.runtime.db import Connection
from kizuna.web.api.problems import status
from kizuna.web.console.frame import session_of, shown
from kizuna.web.console.member import export, pages
from kizuna.web.console.member.periods import parse_period
from kizuna.web.console.member.reads import Subject, member_of, note_number
from kizuna.web.console.member.views import NoteDraft, Wish
from kizuna.web.faces import Face
from kizuna.web.reads import Reader, uuid_text
from kizuna.web.requests import MEMBER_LINK, address, check_form, flash, form_of, language, see, services
from kizuna.web.words import local

LINK_LIFETIME = timedelta(minutes=15)
FORM_LENGTH_MAX = 64
routes = APIRouter(prefix="/console", include_in_schema=False)

Make = Callable[[Subject, Face, str], Awaitable[str]]
"""Makes a tab of a subject for a face; the text is the address that opens the member's My Page."""


async def _tab(request: Request, member: str, make: Make) -> Response:
    async def show(reader: Reader, face: Face, conn: Connection) -> str:
        subject = await Subject.open(reader, conn, member_of(member))
        facts = {"brand": reader.brand.slug, "member": uuid_text(subject.who.id)}
        token = tokens.sign(services(request).secret, MEMBER_LINK, facts, now() + LINK_LIFETIME)
        return await make(subject, face, f"/my/enter/{quote(token)}")

    return await shown(request, show)


def _wish(reader: Reader, kind: str, period: str, cursor: str | None) -> Wish:
    return Wish(kind, parse_period(period, local(reader.at, reader.brand_view()).date()), cursor)


@routes.get("/members/{member}")
async def history(
    request: Request, member: str, kind: str = "", period: str = "", cursor: str | None = None
) -> Response:
    """Show one member and a page of history."""

    async def make(subject: Subject, face: Face, my_page: str) -> str:
        wish = _wish(subject.reader, kind, period, cursor)
        page, last_order_at = await subject.history(wish)
        whole = replace(await subject.whole(last_order_at), kinds=await subject.kinds())
        return pages.member_page(face, whole, page, wish, my_page)

    return await _tab(request, member, make)


@routes.get("/members/{member}/history.csv")
async def history_file(request: Request, member: str, kind: str = "", period: str = "") -> Response:
    """Send the whole history, narrowed as the page is, as a file. Refusals come before its first byte."""
    session = await session_of(request)
    desk = await services(request).desk(session.brand)
    at = now()

    @asynccontextmanager
    async def opened() -> AsyncIterator[tuple[Subject, Wish]]:
        async with services(request).db.transaction(desk.brand.schema, readonly=True) as conn:
            reader = await Reader.open(conn, desk.brand, desk.book, at)
            wish = _wish(reader, kind, period, None)
            yield await Subject.open(reader, conn, member_of(member)), wish

    async with opened() as (subject, wish):
        subject.ledger_wish(wish)
        brand, name = subject.reader.brand_view(), f"history-{member_of(member).hex()[:12]}-{at:%Y%m%d}.csv"
    face = Face(brand, language(request, desk.brand.languages), session.email, path=address(request))

    async def content() -> AsyncIterator[str]:
        yield export.head(face)
        async with opened() as (subject, wish):
            async for entries in subject.whole_history(wish):
                yield export.lines(face, brand, entries)

    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return StreamingResponse(content(), media_type="text/csv; charset=utf-8", headers=headers)


@routes.get("/members/{member}/orders")
async def orders(request: Request, member: str, type: str = "", cursor: str | None = None) -> Response:  # noqa: A002 - the word in the address
    """Show one member and a page of orders and redemptions."""

    async def make(subject: Subject, face: Face, my_page: str) -> str:
        page, last_order_at = await subject.orders(type, cursor)
        return pages.orders_page(face, await subject.whole(last_order_at), page, my_page)

    return await _tab(request, member, make)


@routes.get("/members/{member}/orders/{key}")
async def order(request: Request, member: str, key: str) -> Response:
    """Show one order or redemption of a member."""

    async def make(subject: Subject, face: Face, my_page: str) -> str:
        found, last_order_at = await subject.order(key)
        return pages.order_page(face, await subject.whole(last_order_at), found, my_page)

    return await _tab(request, member, make)


@routes.get("/members/{member}/identities")
async def identities(request: Request, member: str) -> Response:
    """Show one member and every name that they are known by."""

    async def make(subject: Subject, face: Face, my_page: str) -> str:
        return pages.identities_page(face, await subject.whole(await subject.last_order_at()), my_page)

    return await _tab(request, member, make)


async def _notes(request: Request, member: str, draft: NoteDraft, cursor: str | None = None) -> Response:
    async def make(subject: Subject, face: Face, my_page: str) -> str:
        page = await subject.notes(cursor)
        return pages.notes_page(face, await subject.whole(await subject.last_order_at()), page, draft, my_page)

    return await _tab(request, member, make)


@routes.get("/members/{member}/notes")
async def notes(request: Request, member: str, cursor: str | None = None) -> Response:
    """Show one member, the staff's notes and the form of a new one."""
    return await _notes(request, member, NoteDraft(secrets.token_urlsafe(16)), cursor)


async def _sent(request: Request) -> tuple[access.Session, dict[str, str]]:
    """Return who sent a form of their own, and its fields. Raises `SignInNeeded`, `FormExpired`."""
    session = await session_of(request)
    form = await form_of(request)
    check_form(session.csrf_token, form.get("csrf"))
    return session, form


@asynccontextmanager
async def _writing(request: Request, session: access.Session) -> AsyncIterator[Connection]:
    desk = await services(request).desk(session.brand)
    async with services(request).db.transaction(desk.brand.schema) as conn:
        yield conn


@routes.post("/members/{member}/notes")
async def write_note(request: Request, member: str) -> Response:
    """Write a note; what was typed stays in the form when it is refused, and the same form twice makes one note."""
    session, sent = await _sent(request)
    form, text = sent.get("form", "")[:FORM_LENGTH_MAX] or secrets.token_urlsafe(16), sent.get("body", "")
    try:
        async with _writing(request, session) as conn:
            await members.write_note(conn, member_of(member), text=text, author=session.email, form=form, at=now())
    except (members.NoteEmpty, members.NoteTooLong) as problem:
        answer = await _notes(request, member, NoteDraft(form, text, problem))
        answer.status_code = status(problem) if answer.status_code < 400 else answer.status_code
        return answer
    answer = see(f"/console/members/{quote(member, safe='')}/notes")
    flash(answer, N_("The note was saved."))
    return answer


@routes.post("/members/{member}/notes/{note}/remove")
async def remove_note(request: Request, member: str, note: str) -> Response:
    """Take a note away; the next page offers to bring it back."""
    session, _ = await _sent(request)
    number = _note_of(note)
    async with _writing(request, session) as conn:
        await members.remove_note(conn, member_of(member), number, by=session.email, at=now())
    path = f"/console/members/{quote(member, safe='')}/notes"
    answer = see(path)
    flash(answer, N_("The note was removed."), undo=(f"{path}/{number}/restore", {}))
    return answer


@routes.post("/members/{member}/notes/{note}/restore")
async def restore_note(request: Request, member: str, note: str) -> Response:
    """Bring a note back."""
    session, _ = await _sent(request)
    async with _writing(request, session) as conn:
        await members.restore_note(conn, member_of(member), _note_of(note), at=now())
    answer = see(f"/console/members/{quote(member, safe='')}/notes")
    flash(answer, N_("The note is back."))
    return answer


def _note_of(text: str) -> int:
    number = note_number(text)
    if number is None:
        raise members.NoteUnknown
    return number
