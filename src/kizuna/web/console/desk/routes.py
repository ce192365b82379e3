"""The desk over HTTP. What opens over a page by script is a page of its own without."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from kizuna.core.errors import N_
from kizuna.runtime import access, jobs
from kizuna.runtime.clock import now
from kizuna.runtime.db import Connection
from kizuna.runtime.preferences import prefer
from kizuna.web.console.desk import pages, reads
from kizuna.web.console.desk.search import find_commands, find_rules
from kizuna.web.console.desk.views import Found, Group, Hit
from kizuna.web.console.frame import seen_at, session_of, shown
from kizuna.web.faces import THEMES, Face
from kizuna.web.reads import Reader, uuid_text
from kizuna.web.requests import (
    THEME_COOKIE,
    YEAR_S,
    check_form,
    flash,
    form_of,
    keep,
    own_path,
    see,
    services,
)
from kizuna.web.words import COOKIE, LANGUAGES, day, local, translate

QUERY_MAX = 200
VERIFY = "verify_ledger"
routes = APIRouter(prefix="/console", include_in_schema=False)


async def _form(request: Request) -> tuple[access.Session, dict[str, str]]:
    """Return who sent a form of ours, and its fields. Raises `SignInNeeded`, `FormExpired`."""
    session = await session_of(request)
    form = await form_of(request)
    check_form(session.csrf_token, form.get("csrf"))
    return session, form


# Search and commands


async def _found(reader: Reader, face: Face, conn: Connection, asked: str) -> Found:
    query = asked[:QUERY_MAX].replace("\x00", "").strip()
    lang = face.lang
    places, deeds = find_commands(query, lang)
    people: list[Hit] = []
    orders: list[Hit] = []
    if query:
        for one in await reads.find_members(reader, conn, query):
            note = one.card_number or one.name_kana or ""
            name = one.name or translate(lang, N_("No name"))
            people.append(Hit(name, f"/console/members/{uuid_text(one.id)}", "customer", note))
        for told in await reads.find_orders(reader, conn, query):
            when = day(local(told.at, face.brand), lang) if face.brand else ""
            orders.append(Hit(told.id, told.href, "order", f"{when} · {told.source}"))
    rules = find_rules(query, reader.plan.program, lang) if query and reader.book.plans else ()
    groups = (
        Group(translate(lang, N_("Orders")), orders),
        Group(translate(lang, N_("Members")), people),
        Group(translate(lang, N_("Rules and tiers")), rules),
        Group(translate(lang, N_("Pages")), places),
        Group(translate(lang, N_("Commands")), deeds),
    )
    return Found(query, [group for group in groups if group.hits])


@routes.get("/search")
async def search(request: Request, q: str = "") -> Response:
    """Show everything that a word finds."""

    async def show(reader: Reader, face: Face, conn: Connection) -> str:
        return pages.search_page(face, await _found(reader, face, conn, q))

    return await shown(request, show)


@routes.get("/search/live")
async def search_live(request: Request, q: str = "") -> Response:
    """Return the palette's options."""

    async def show(reader: Reader, face: Face, conn: Connection) -> str:
        return pages.search_piece(face, await _found(reader, face, conn, q))

    return await shown(request, show, is_piece=True)


# Notices and long work


@routes.get("/notices")
async def notices(request: Request) -> Response:
    """Show the notices; they are seen by that."""
    session = await session_of(request)

    async def show(_reader: Reader, face: Face, conn: Connection) -> str:
        return pages.notices_page(face, await reads.job_list(conn, now(), seen_at(session)))

    answer = await shown(request, show)
    await prefer(services(request).db, session.email, notices_seen_at=now().isoformat())
    return answer


@routes.get("/notices/live")
async def notices_live(request: Request) -> Response:
    """Return what lies under the bell."""
    session = await session_of(request)

    async def show(_reader: Reader, face: Face, conn: Connection) -> str:
        return pages.notices_piece(face, await reads.job_list(conn, now(), seen_at(session)))

    return await shown(request, show, is_piece=True)


@routes.post("/notices/seen")
async def notices_seen(request: Request) -> Response:
    """Remember that the notices were looked at."""
    session, _ = await _form(request)
    await prefer(services(request).db, session.email, notices_seen_at=now().isoformat())
    return see("/console/notices")


@routes.get("/jobs")
async def job_list(request: Request) -> Response:
    """Show all long work."""
    session = await session_of(request)

    async def show(_reader: Reader, face: Face, conn: Connection) -> str:
        return pages.jobs_page(face, await reads.job_list(conn, now(), seen_at(session)))

    return await shown(request, show)


@routes.post("/jobs/verify")
async def verify(request: Request) -> Response:
    """Have the ledger checked; a check that is under way is not begun twice."""
    session, _ = await _form(request)
    desk = await services(request).desk(session.brand)
    async with services(request).db.transaction(desk.brand.schema) as conn:
        job_id = await jobs.enqueue(conn, VERIFY, {}, session.email, once=VERIFY)
    return see(f"/console/jobs/{job_id}")


@routes.get("/jobs/{job}")
async def job_page(request: Request, job: str) -> Response:
    """Show one job."""
    session = await session_of(request)

    async def show(_reader: Reader, face: Face, conn: Connection) -> str:
        found = await jobs.find(conn, int(job[:18]) if job[:18].isdecimal() and job.isascii() else 0)
        return pages.job_page(face, reads.job_view(found, now(), seen_at(session)))

    return await shown(request, show)


@routes.post("/jobs/{job}/cancel")
async def cancel(request: Request, job: str) -> Response:
    """Stop one job."""
    session, form = await _form(request)
    desk = await services(request).desk(session.brand)
    async with services(request).db.transaction(desk.brand.schema) as conn:
        found = await jobs.find(conn, int(job[:18]) if job[:18].isdecimal() and job.isascii() else 0)
        wished = await jobs.ask_to_cancel(conn, found.id)
    answer = see(own_path(form.get("next"), f"/console/jobs/{found.id}"))
    flash(
        answer,
        N_("It stops as soon as nothing is left half done.") if wished else N_("It had ended already."),
        tone="quiet",
    )
    return answer


# Preferences and help


@routes.post("/preferences")
async def preferences(request: Request) -> Response:
    """Keep how somebody likes to see the console: for the person, and on this browser for when nobody is signed in."""
    session, form = await _form(request)
    answer = see(own_path(form.get("next"), "/console"))
    changes = {}
    for name, offered, cookie in (("theme", THEMES, THEME_COOKIE), ("language", LANGUAGES, COOKIE)):
        chosen = form.get(name)
        if chosen in offered:
            changes[name] = str(chosen)
            keep(answer, cookie, str(chosen), request=request, seconds=YEAR_S)
    if changes:
        await prefer(services(request).db, session.email, **changes)
    return answer


@routes.get("/help")
@routes.get("/help/{section}")
async def help_page(request: Request, section: str = "") -> Response:
    """Show what a screen is for, and the keys."""

    async def show(_reader: Reader, face: Face, _conn: Connection) -> str:
        return pages.help_page(face, section)

    return await shown(request, show)
