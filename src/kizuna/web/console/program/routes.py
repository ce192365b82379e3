"""The program over HTTP."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from kizuna.core.errors import NotFound
from kizuna.runtime.db import Connection
from kizuna.web.console.frame import shown
from kizuna.web.console.program import pages
from kizuna.web.console.program.reads import program_view
from kizuna.web.faces import Face
from kizuna.web.reads import Reader

routes = APIRouter(prefix="/console", include_in_schema=False)


@routes.get("/program")
async def program(request: Request, version: str | None = None) -> Response:
    """Show the program in force, or an older version."""

    async def show(reader: Reader, face: Face, conn: Connection) -> str:
        if version is not None and not version[:9].isdecimal():
            raise NotFound(what="program", key=version)
        number = None if version is None else int(version[:9])
        return pages.program_page(face, await program_view(reader, conn, number))

    return await shown(request, show)
