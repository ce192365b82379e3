"""The address of the style page."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from kizuna.runtime.db import Connection
from kizuna.web.console.frame import shown
from kizuna.web.console.style import pages
from kizuna.web.faces import Face
from kizuna.web.reads import Reader

routes = APIRouter(prefix="/console", include_in_schema=False)


@routes.get("/style")
async def style(request: Request) -> Response:
    """Show the parts that every screen is made of."""

    async def show(_reader: Reader, face: Face, _conn: Connection) -> str:
        return pages.style_page(face)

    return await shown(request, show)
