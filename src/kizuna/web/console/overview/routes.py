"""The overview."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from kizuna.runtime.db import Connection
from kizuna.web.console.frame import shown
from kizuna.web.console.overview import pages
from kizuna.web.console.overview.live import routes as live_routes
from kizuna.web.console.overview.reads import overview
from kizuna.web.faces import Face
from kizuna.web.reads import Reader

routes = APIRouter(prefix="/console", include_in_schema=False)


@routes.get("/overview")
async def show_overview(request: Request, days: str = "") -> Response:
    """Show how the program goes."""

    async def show(reader: Reader, face: Face, conn: Connection) -> str:
        # Before anything is published `shown` leads to where a program is chosen.
        return pages.overview_page(face, await overview(conn, reader, days))

    return await shown(request, show)


__all__ = ["live_routes", "routes"]
