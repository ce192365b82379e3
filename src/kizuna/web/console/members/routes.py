"""The member search."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from kizuna.runtime.db import Connection
from kizuna.web.console.frame import HOME, shown
from kizuna.web.console.members import pages
from kizuna.web.faces import Face
from kizuna.web.reads import PAGE_SIZE, Reader
from kizuna.web.requests import see

QUERY_MAX = 200
routes = APIRouter(prefix="/console", include_in_schema=False)


@routes.get("")
async def home() -> Response:
    """Begin with the members."""
    return see(HOME)


@routes.get("/members")
async def members(request: Request, q: str = "", page: str = "1") -> Response:
    """List the members that `q` finds; a page number beyond the last shows the last."""

    async def show(reader: Reader, face: Face, conn: Connection) -> str:
        query = q[:QUERY_MAX].replace("\x00", "")
        wanted = int(page[:6]) if page[:6].isdecimal() else 1
        found = await reader.member_list(conn, query, max(1, wanted))
        last = max(1, -(-found.total // PAGE_SIZE))
        if found.page > last:
            found = await reader.member_list(conn, query, last)
        return pages.members_page(face, found, query)

    return await shown(request, show)
