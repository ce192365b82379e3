"""The ledger statement over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from kizuna.runtime.clock import now
from kizuna.runtime.db import Connection
from kizuna.web.console.frame import session_of, shown
from kizuna.web.console.ledger import pages
from kizuna.web.console.ledger.reads import ledger_view, period_of
from kizuna.web.faces import Face
from kizuna.web.reads import Reader
from kizuna.web.requests import services
from kizuna.web.statements import ACCOUNTS_HEADER, accounts_of
from kizuna.web.tabular import as_csv, as_parquet

routes = APIRouter(prefix="/console", include_in_schema=False)
_FILES = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "parquet": (as_parquet, "application/vnd.apache.parquet"),
}
First = Annotated[str, Query(alias="from")]
Last = Annotated[str, Query(alias="to")]


@routes.get("/ledger")
async def show_ledger(request: Request, first: First = "", last: Last = "") -> Response:
    """Show the program accounts of a period."""

    async def show(reader: Reader, face: Face, conn: Connection) -> str:
        return pages.ledger_page(face, await ledger_view(conn, reader, first, last))

    return await shown(request, show)


@routes.get("/ledger.csv")
async def ledger_csv(request: Request, first: First = "", last: Last = "") -> Response:
    """Return the same as CSV."""
    return await _file(request, first, last, "csv")


@routes.get("/ledger.parquet")
async def ledger_parquet(request: Request, first: First = "", last: Last = "") -> Response:
    """Return the same as Parquet."""
    return await _file(request, first, last, "parquet")


async def _file(request: Request, first: str, last: str, kind: str) -> Response:
    session = await session_of(request)
    desk = await services(request).desk(session.brand)
    begin, end = period_of(first, last, now().astimezone(desk.brand.zone).date())
    _, rows = await accounts_of(services(request).db, desk.brand, begin, end)
    write, media_type = _FILES[kind]
    name = f"{desk.brand.slug}-ledger-{begin}-{end}.{kind}"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(write(ACCOUNTS_HEADER, rows), media_type=media_type, headers=headers)
