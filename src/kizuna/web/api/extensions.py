"""`/v1/extensions`: a member's open points end later."""

import msgspec
from fastapi import APIRouter, Request, Response

from kizuna.intake import POINTS_EXTENDED
from kizuna.runtime.access import Scope
from kizuna.web.api import operation_structs as of
from kizuna.web.api.operating import (
    CREATED,
    AcceptLanguage,
    Authorization,
    IdempotencyKey,
    Operations,
    asked_of,
    data_of,
)

_ASKED = msgspec.json.Decoder(of.ExtensionAsked)


def router(doors: Operations) -> APIRouter:
    """Return the route."""
    routes = APIRouter(prefix="/v1/extensions")

    @routes.post("")
    async def extend(
        request: Request,
        authorization: Authorization = None,
        idempotency_key: IdempotencyKey = None,
        accept_language: AcceptLanguage = "en",
    ) -> Response:
        caller = await doors.caller(authorization, Scope.MEMBERS_WRITE, accept_language)
        key, asked = await asked_of(request, idempotency_key, _ASKED)
        member = caller.identity("member", asked.member)
        done = await doors.carry_out(caller, POINTS_EXTENDED, key, member, data_of(asked, "member"))
        return doors.answer(caller, done, of.ExtensionAnswer, CREATED)

    return routes
