"""`/v1/redemptions`: points spent at once, and given back, in whole or in part."""

import msgspec
from fastapi import APIRouter, Request, Response

from kizuna.intake import POINTS_REDEEMED, REDEMPTION_VOIDED, RedemptionUnknown
from kizuna.runtime.access import Scope
from kizuna.web.api import operation_structs as of
from kizuna.web.api.holds import require_one_purpose
from kizuna.web.api.operating import (
    CREATED,
    AcceptLanguage,
    Authorization,
    IdempotencyKey,
    Operations,
    asked_of,
    data_of,
    ref_in,
)

_ASKED = msgspec.json.Decoder(of.RedemptionAsked)
_VOIDED = msgspec.json.Decoder(of.RedemptionVoidAsked)


def router(doors: Operations) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/v1/redemptions")

    @routes.post("")
    async def redeem(
        request: Request,
        authorization: Authorization = None,
        idempotency_key: IdempotencyKey = None,
        accept_language: AcceptLanguage = "en",
    ) -> Response:
        caller = await doors.caller(authorization, Scope.POINTS_WRITE, accept_language)
        key, asked = await asked_of(request, idempotency_key, _ASKED)
        require_one_purpose(asked)
        member = caller.identity("member", asked.member)
        done = await doors.carry_out(caller, POINTS_REDEEMED, key, member, data_of(asked, "member"))
        return doors.answer(caller, done, of.RedemptionAnswer, CREATED)

    @routes.post("/{redemption}/void")
    async def void(
        request: Request,
        redemption: str,
        authorization: Authorization = None,
        idempotency_key: IdempotencyKey = None,
        accept_language: AcceptLanguage = "en",
    ) -> Response:
        caller = await doors.caller(authorization, Scope.POINTS_WRITE, accept_language)
        key, asked = await asked_of(request, idempotency_key, _VOIDED, may_be_empty=True)
        ref = ref_in(redemption)
        if ref is None:
            raise RedemptionUnknown(field="redemption", redemption=redemption[:80])
        done = await doors.carry_out(caller, REDEMPTION_VOIDED, key, None, {"redemption": ref, **data_of(asked)})
        return doors.answer(caller, done, of.RedemptionVoidAnswer)

    return routes
