"""`/v1/transfers`: points that one member gives to another."""

import msgspec
from fastapi import APIRouter, Request, Response

from kizuna.intake import POINTS_TRANSFERRED
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

_ASKED = msgspec.json.Decoder(of.TransferAsked)


def router(doors: Operations) -> APIRouter:
    """Return the route."""
    routes = APIRouter(prefix="/v1/transfers")

    @routes.post("")
    async def transfer(
        request: Request,
        authorization: Authorization = None,
        idempotency_key: IdempotencyKey = None,
        accept_language: AcceptLanguage = "en",
    ) -> Response:
        caller = await doors.caller(authorization, Scope.POINTS_WRITE, accept_language)
        key, asked = await asked_of(request, idempotency_key, _ASKED)
        giver, receiver = caller.identity("member", asked.member), caller.identity("to", asked.to)
        data = data_of(asked, "member") | {"to": receiver}
        done = await doors.carry_out(caller, POINTS_TRANSFERRED, key, giver, data)
        return doors.answer(caller, done, of.TransferAnswer, CREATED)

    return routes
