"""Families and groups: `/v1/pools`, what is in one, and `GET /v1/members/{member}/pool`.

Whoever holds the key speaks for its members: `head` names the member who asks for what only the head of a pool may do.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request, Response

from kizuna.core.errors import NotFound
from kizuna.core.ids import parse_member_id
from kizuna.intake import (
    POOL_ALLOWED,
    POOL_INVITED,
    POOL_JOINED,
    POOL_LEFT,
    POOL_MEMBER_REMOVED,
    POOL_OPENED,
    Outcome,
    pool_by_id,
    pool_of,
)
from kizuna.runtime.access import Scope
from kizuna.runtime.clock import now
from kizuna.runtime.db import Connection
from kizuna.web.api import pool_structs as of
from kizuna.web.api.doors import key_of
from kizuna.web.api.operating import (
    CREATED,
    MEMBER_ASKS,
    Authorization,
    Caller,
    IdempotencyKey,
    Operations,
    asked_of,
    json_answer,
    ref_in,
)
from kizuna.web.family import family_view
from kizuna.web.invitations import Invited, code_hash, new_code, read_code, sign_link
from kizuna.web.reads import Reader, find_member
from kizuna.web.services import Desk

_POOL, _INVITATION = msgspec.json.Decoder(of.PoolAsked), msgspec.json.Decoder(of.InvitationAsked)
_JOIN, _SPENDING = msgspec.json.Decoder(of.JoinAsked), msgspec.json.Decoder(of.MaySpendAsked)
_HEAD_ASKS: Mapping[str, str] = {"subject": "head"}
_JOINER_ASKS: Mapping[str, str] = {**MEMBER_ASKS, "invitation": "code"}


def router(doors: Operations) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/v1")
    _forming(routes, doors)
    _people(routes, doors)
    return routes


def _forming(routes: APIRouter, doors: Operations) -> None:
    """Add how a pool is formed and grows."""

    @routes.post("/pools")
    async def form(
        request: Request, authorization: Authorization = None, idempotency_key: IdempotencyKey = None
    ) -> Response:
        caller = await _caller(doors, authorization)
        key, asked = await asked_of(request, idempotency_key, _POOL)
        data = {"name": asked.name, "kind": asked.kind}
        head = caller.identity("head", asked.head)
        return await _answer(
            doors, caller, await doors.carry_out(caller, POOL_OPENED, key, head, data, _HEAD_ASKS), CREATED
        )

    @routes.post("/pools/{pool}/invitations")
    async def invite(
        request: Request, pool: str, authorization: Authorization = None, idempotency_key: IdempotencyKey = None
    ) -> Response:
        caller, services = await _caller(doors, authorization), doors.services
        key, asked = await asked_of(request, idempotency_key, _INVITATION)
        code = new_code(services.secret, caller.grant.brand, caller.name, key)
        data, head = {"invitation": code_hash(code), "pool": _id(pool)}, caller.identity("head", asked.head)
        told = await doors.carry_out(caller, POOL_INVITED, key, head, data, _HEAD_ASKS)
        ends_at = datetime.fromisoformat((told.about or {})["expires_at"])
        token = sign_link(services.secret, Invited(caller.grant.brand, code), ends_at)
        link = f"{services.settings.public_url}/my/family/join/{token}"
        return json_answer(of.InvitationAnswer(_id(pool), code, link, ends_at), CREATED)

    @routes.post("/pools/{pool}/members")
    async def join(
        request: Request, pool: str, authorization: Authorization = None, idempotency_key: IdempotencyKey = None
    ) -> Response:
        caller = await _caller(doors, authorization)
        key, asked = await asked_of(request, idempotency_key, _JOIN)
        data = {"invitation": code_hash(read_code(asked.code)), "pool": _id(pool)}
        member = caller.identity("member", asked.member)
        return await _answer(
            doors, caller, await doors.carry_out(caller, POOL_JOINED, key, member, data, _JOINER_ASKS), CREATED
        )


def _people(routes: APIRouter, doors: Operations) -> None:
    """Add what becomes of the people in a pool, and who they are."""

    @routes.patch("/pools/{pool}/members/{member:path}")
    async def allow(
        request: Request,
        pool: str,
        member: str,
        authorization: Authorization = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        caller = await _caller(doors, authorization)
        key, asked = await asked_of(request, idempotency_key, _SPENDING)
        data = {"member": caller.identity("member", member), "may_spend": asked.may_spend, "pool": _id(pool)}
        head = caller.identity("head", asked.head)
        return await _answer(doors, caller, await doors.carry_out(caller, POOL_ALLOWED, key, head, data, _HEAD_ASKS))

    @routes.delete("/pools/{pool}/members/{member:path}")
    async def leave(
        pool: str,
        member: str,
        head: Annotated[str | None, Query()] = None,
        authorization: Authorization = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        caller, key = await _caller(doors, authorization), key_of(idempotency_key)
        data: dict[str, Any] = {"pool": _id(pool)}
        who = caller.identity("member", member)
        if head is None:
            return await _answer(doors, caller, await doors.carry_out(caller, POOL_LEFT, key, who, data))
        by = caller.identity("head", head)
        done = await doors.carry_out(caller, POOL_MEMBER_REMOVED, key, by, data | {"member": who}, _HEAD_ASKS)
        return await _answer(doors, caller, done)

    @routes.get("/members/{member:path}/pool")
    async def look(member: str, authorization: Authorization = None) -> Response:
        caller = await doors.caller(authorization, Scope.MEMBERS_READ, "en")
        async with doors.services.db.lend(caller.desk.brand.schema) as conn:
            found = await find_member(conn, member, caller.desk.brand.country)
            pool = await pool_of(conn, found)
            shown = None if pool is None else await _shown(conn, caller.desk, pool.id, found)
        if shown is None:
            raise NotFound(what="pool", key=member)
        return json_answer(shown)


async def _caller(doors: Operations, authorization: str | None) -> Caller:
    return await doors.caller(authorization, Scope.MEMBERS_WRITE, "en")


async def _answer(doors: Operations, caller: Caller, told: Outcome, code: int = 200) -> Response:
    """Return the pool that an operation told of, as it is now; one that has ended has nobody."""
    about = told.about or {}
    async with doors.services.db.lend(caller.desk.brand.schema) as conn:
        shown = await _shown(conn, caller.desk, parse_member_id(about["pool"]) or b"", told.member)
    return json_answer(shown or of.PoolAnswer(about["pool"], about.get("name", ""), about.get("kind", ""), 0, []), code)


async def _shown(conn: Connection, desk: Desk, pool_id: bytes, member: bytes) -> of.PoolAnswer | None:
    pool = await pool_by_id(conn, pool_id)
    if pool is None:
        return None
    view = await family_view(conn, await Reader.open(conn, desk.brand, desk.book, now()), pool, member)
    members = [of.SharerAnswer(one.id, one.is_head, one.may_spend) for one in view.people]
    return of.PoolAnswer(view.id, view.name, view.kind, view.balance, members)


def _id(named: str) -> str:
    """Return a pool's id. Raises `NotFound`."""
    ref = ref_in(named)
    if ref is None:
        raise NotFound(what="pool", key=named[:80])
    return ref
