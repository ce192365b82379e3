"""What the program's screens ask of the rooms."""

from datetime import datetime

from fastapi import Request

from kizuna.core.errors import NotFound
from kizuna.program import Program
from kizuna.publishing import Draft, Version, read_draft, versions
from kizuna.runtime.access import Session
from kizuna.runtime.clock import now
from kizuna.runtime.db import Connection
from kizuna.web.console.frame import face_of, session_of
from kizuna.web.console.program.forms.sheet import Bench
from kizuna.web.console.program.text import text_of
from kizuna.web.console.program.views import ProgramView, Standing, VersionLine
from kizuna.web.reads import Reader
from kizuna.web.requests import check_form, form_of, services
from kizuna.web.services import Desk


async def program_view(reader: Reader, conn: Connection, number: int | None = None) -> ProgramView:
    """Return the program in force, or the version `number`. Raises `NothingPublished`, `NotFound`."""
    in_force = reader.plan.version
    published = await versions(conn)
    wanted = in_force if number is None else number
    shown = next((one for one in published if one.number == wanted), None)
    if shown is None:
        raise NotFound(what="program", key=str(number))
    before = next((one.document for one in published if one.number == wanted - 1), None)
    lines = [_line(one, in_force) for one in published]
    return ProgramView(shown.document, shown.number, lines, text_of(shown.document), before, await read_draft(conn))


def _line(one: Version, in_force: int) -> VersionLine:
    state = "live" if one.number == in_force else "later" if one.number > in_force else "past"
    return VersionLine(one.number, one.effective_at, one.published_at, one.note, state, one.published_by)


async def standing(conn: Connection, draft: Draft) -> Standing:
    """Return the draft beside what it is to replace: the newest version, whether it has begun or not."""
    published = await versions(conn)
    newest = published[0] if published else None
    return Standing(
        draft, newest.document if newest else None, newest.number if newest else None, newest.number if newest else 0
    )


async def drafted(request: Request) -> tuple[Session, Desk, Standing | None]:
    """Return who asks, the brand's desk, and the draft, None where there is none. Raises `SignInNeeded`, `Unavailable`."""
    session = await session_of(request)
    desk = await services(request).desk(session.brand)
    async with services(request).db.transaction(desk.brand.schema, readonly=True) as conn:
        await desk.book.refresh(conn)
        draft = await read_draft(conn)
        return session, desk, await standing(conn, draft) if draft else None


async def sent(request: Request) -> tuple[Session, dict[str, str]]:
    """Return who sent a form of ours, and its fields. Raises `SignInNeeded`, `FormExpired`."""
    session = await session_of(request)
    form = await form_of(request)
    check_form(session.csrf_token, form.get("csrf"))
    return session, form


def bench_of(program: Program, desk: Desk, session: Session, request: Request) -> Bench:
    """Return what the forms have to know."""
    today = now().astimezone(desk.brand.zone).date()
    return Bench(program, desk.brand, face_of(request, session, desk).lang, today)


def instant(text: str) -> datetime | None:
    """Return an instant as a form carries it, None for anything else."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None
