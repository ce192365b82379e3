"""The member page."""

from datetime import timedelta
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from kizuna.core.errors import NotFound
from kizuna.core.ids import parse_member_id
from kizuna.runtime import tokens
from kizuna.runtime.clock import now
from kizuna.runtime.db import Connection
from kizuna.web.console.frame import shown
from kizuna.web.console.member import pages
from kizuna.web.faces import Face
from kizuna.web.reads import PAGE_SIZE, Reader
from kizuna.web.requests import MEMBER_LINK, services

LINK_LIFETIME = timedelta(minutes=15)
routes = APIRouter(prefix="/console", include_in_schema=False)


@routes.get("/members/{member}")
async def member(request: Request, member: str, cursor: str | None = None) -> Response:
    """Show one member and a page of history."""

    async def show(reader: Reader, face: Face, conn: Connection) -> str:
        member_id = parse_member_id(member)
        if member_id is None:
            raise NotFound(what="member", key=member)
        view = await reader.member(conn, member_id)
        history = await reader.history(conn, member_id, cursor, PAGE_SIZE)
        facts = {"brand": reader.brand.slug, "member": view.id}
        token = tokens.sign(services(request).secret, MEMBER_LINK, facts, now() + LINK_LIFETIME)
        return pages.member_page(face, view, history, f"/my/enter/{quote(token)}", cursor)

    return await shown(request, show)
