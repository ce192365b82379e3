"""`GET /v1/members/{member}` and its entries. A member is named by id or by any identity, such as `card:9000…`."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Header, Query, Request, Response

from kizuna.runtime.access import Scope
from kizuna.runtime.clock import now
from kizuna.runtime.db import Connection
from kizuna.web.api.answers import Reading
from kizuna.web.api.auth import Gate
from kizuna.web.reads import Reader, find_member
from kizuna.web.services import Desk, Services
from kizuna.web.words import negotiate

ENTRIES_MAX = 200
_JSON = msgspec.json.Encoder()
Authorization = Annotated[str | None, Header()]
AcceptLanguage = Annotated[str, Header()]


def router(services: Services, gate: Gate) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/v1/members")

    async def desk_of(authorization: str | None) -> Desk:
        grant = await gate.admit(authorization, Scope.MEMBERS_READ)
        return await services.desk(grant.brand)

    async def reader_of(conn: Connection, desk: Desk) -> Reader:
        return await Reader.open(conn, desk.brand, desk.book, now())

    def reading(reader: Reader, accept_language: str) -> Reading:
        lang = negotiate(None, None, accept_language, ("en", "ja"))
        return Reading(reader.book, reader.brand_view(), lang, reader.brand.languages)

    @routes.get("/{member:path}/entries")
    async def entries(
        member: str,
        cursor: str | None = None,
        limit: Annotated[int, Query(ge=1, le=ENTRIES_MAX)] = 50,
        authorization: Authorization = None,
        accept_language: AcceptLanguage = "en",
    ) -> Response:
        desk = await desk_of(authorization)
        async with services.db.transaction(desk.brand.schema, readonly=True) as conn:
            reader = await reader_of(conn, desk)
            found = await find_member(conn, member, desk.brand.country)
            page = await reader.history(conn, found, cursor, limit)
        return _json(reading(reader, accept_language).page(page))

    @routes.get("/{member:path}")
    async def member(
        member: str, authorization: Authorization = None, accept_language: AcceptLanguage = "en"
    ) -> Response:
        desk = await desk_of(authorization)
        async with services.db.transaction(desk.brand.schema, readonly=True) as conn:
            reader = await reader_of(conn, desk)
            view = await reader.member(conn, await find_member(conn, member, desk.brand.country))
        return _json(reading(reader, accept_language).member(view))

    return routes


def _json(answer: msgspec.Struct) -> Response:
    return Response(_JSON.encode(answer), media_type="application/json")


def health(services: Services) -> APIRouter:
    """Return the two routes that an operator's probes ask: alive, and ready to work."""
    routes = APIRouter()

    @routes.get("/healthz")
    async def alive(_request: Request) -> Response:
        return Response("ok", media_type="text/plain")

    @routes.get("/readyz")
    async def ready(_request: Request) -> Response:
        async with services.db.lend("kizuna") as conn:
            await conn.fetchval("SELECT 1")
        return Response("ready", media_type="text/plain")

    return routes
