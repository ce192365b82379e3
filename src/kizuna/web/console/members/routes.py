"""The list of members: its pages, its file, and what somebody keeps about it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from urllib.parse import parse_qsl, urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from kizuna.core.errors import N_
from kizuna.runtime import saved_views
from kizuna.runtime.clock import now
from kizuna.runtime.db import Connection
from kizuna.runtime.preferences import prefer
from kizuna.web.console.frame import HOME, face_of, session_of, shown
from kizuna.web.console.members import export, pages, reads
from kizuna.web.console.members.asked import PATH, Asked
from kizuna.web.console.members.views import SavedView
from kizuna.web.faces import Face
from kizuna.web.reads import Reader
from kizuna.web.requests import check_form, flash, form_of, own_path, see, services

SCREEN = "members"
routes = APIRouter(prefix="/console", include_in_schema=False)


@routes.get("")
async def home() -> Response:
    """Begin where the console begins."""
    return see(HOME)


@routes.get("/members")
async def members(request: Request) -> Response:
    """Show the list that the address names, and the member that it opens."""
    session = await session_of(request)
    asked = Asked.read(request.query_params)
    kept = await saved_views.saved_views(services(request).db, session.email, SCREEN)

    async def show(reader: Reader, face: Face, conn: Connection) -> str:
        table = await reads.member_table(reader, conn, asked)
        panel = await reads.panel(reader, conn, asked.open) if asked.open else None
        views = [SavedView(*view) for view in kept]
        return pages.members_page(face, table, asked, pages.layout_of(session.preferences), views, panel)

    return await shown(request, show)


@routes.get("/members/{member}/panel")
async def panel(request: Request, member: str) -> Response:
    """Show a member in short, for the list that is open already; the address's query is the list's."""
    asked = Asked.read(request.query_params)

    async def show(reader: Reader, face: Face, conn: Connection) -> str:
        return pages.panel_part(face, await reads.panel(reader, conn, member), asked)

    return await shown(request, show)


@routes.get("/members.csv")
async def file(request: Request) -> Response:
    """Send the whole list as a file, as of one moment, a few rows at a time, however many there are."""
    session = await session_of(request)
    asked = Asked.read(request.query_params)
    desk = await services(request).desk(session.brand)
    stack = AsyncExitStack()
    try:
        conn = await stack.enter_async_context(services(request).db.transaction(desk.brand.schema, readonly=True))
        reader = await Reader.open(conn, desk.brand, desk.book, now())
        face = face_of(request, session, desk)
        reader.brand_view()  # a program is in force, or this is the place to say that there is none
    except BaseException:
        await stack.aclose()
        raise

    async def body() -> AsyncIterator[bytes]:
        async with stack:
            yield export.head(face).encode()
            async for rows in reads.every_row(reader, conn, asked):
                yield export.lines(face, rows, desk.brand.currency_digits).encode()

    name = f"members-{desk.brand.slug}-{reader.at.astimezone(desk.brand.zone):%Y%m%d-%H%M}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return StreamingResponse(body(), media_type="text/csv; charset=utf-8", headers=headers)


@routes.post("/members/layout")
async def lay_out(request: Request) -> Response:
    """Keep which columns somebody wants, or how close together; then the list again."""
    session = await session_of(request)
    form = await form_of(request)
    check_form(session.csrf_token, form.get("csrf"))
    changes: dict[str, object] = {}
    if "columns" in form:
        changes["members_columns"] = [key for key in pages.COLUMNS if f"column_{key}" in form]
    if form.get("density") in ("roomy", "compact"):
        changes["members_density"] = form["density"]
    await prefer(services(request).db, session.email, **changes)
    return see(_back(form))


@routes.post("/members/views")
async def save_view(request: Request) -> Response:
    """Keep the list under a name; sent twice, it is kept once."""
    session = await session_of(request)
    form = await form_of(request)
    check_form(session.csrf_token, form.get("csrf"))
    query = Asked.read(_fields(form.get("query", ""))).saved
    name = form.get("name", "")
    await saved_views.save_view(services(request).db, session.email, SCREEN, name, query)
    answer = see(f"{PATH}?{query}" if query else PATH)
    flash(answer, N_("The view “{name}” is saved."), name=" ".join(name.split()))
    return answer


@routes.post("/members/views/{view}")
async def rename_view(request: Request, view: int) -> Response:
    """Give a view another name."""
    session = await session_of(request)
    form = await form_of(request)
    check_form(session.csrf_token, form.get("csrf"))
    await saved_views.rename_view(services(request).db, session.email, SCREEN, view, form.get("name", ""))
    answer = see(_back(form))
    flash(answer, N_("The view is now named “{name}”."), name=" ".join(form.get("name", "").split()))
    return answer


@routes.post("/members/views/{view}/delete")
async def delete_view(request: Request, view: int) -> Response:
    """Take a view away; what was said then has the way back."""
    session = await session_of(request)
    form = await form_of(request)
    check_form(session.csrf_token, form.get("csrf"))
    gone = await saved_views.delete_view(services(request).db, session.email, SCREEN, view)
    answer = see(_back(form))
    undo = ("/console/members/views", {"name": gone.name, "query": gone.query})
    flash(answer, N_("The view “{name}” was deleted."), undo=undo, name=gone.name)
    return answer


def _fields(text: str) -> dict[str, str]:
    """Return the fields of a query, the last of each name."""
    return dict(parse_qsl(text))


def _back(form: dict[str, str]) -> str:
    """Return where a form came from: a list of members, or the whole list."""
    path = own_path(form.get("next"), PATH)
    return path if urlsplit(path).path == PATH else PATH
