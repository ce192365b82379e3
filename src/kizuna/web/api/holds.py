"""`/v1/holds`: points set aside for a payment, then redeemed or given back. Only the key that placed a hold may end it."""

from datetime import UTC, datetime

import msgspec
from fastapi import APIRouter, Request, Response

from kizuna.core.errors import N_
from kizuna.intake import HOLD_CONFIRMED, HOLD_PLACED, HOLD_VOIDED, HoldUnknown, key_of_ref
from kizuna.ledger import Hold, HoldState, holds
from kizuna.runtime.access import Scope
from kizuna.runtime.clock import now
from kizuna.web.api import operation_structs as of
from kizuna.web.api.doors import FieldInvalid
from kizuna.web.api.operating import (
    CREATED,
    AcceptLanguage,
    Authorization,
    IdempotencyKey,
    Operations,
    asked_of,
    data_of,
    json_answer,
    ref_in,
)
from kizuna.web.reads import uuid_text

_PLACED = msgspec.json.Decoder(of.HoldAsked)
_CONFIRMED = msgspec.json.Decoder(of.ConfirmAsked)
_VOIDED = msgspec.json.Decoder(of.VoidAsked)


def router(doors: Operations) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/v1/holds")

    @routes.post("")
    async def place(
        request: Request,
        authorization: Authorization = None,
        idempotency_key: IdempotencyKey = None,
        accept_language: AcceptLanguage = "en",
    ) -> Response:
        caller = await doors.caller(authorization, Scope.POINTS_WRITE, accept_language)
        key, asked = await asked_of(request, idempotency_key, _PLACED)
        require_one_purpose(asked)
        member = caller.identity("member", asked.member)
        done = await doors.carry_out(caller, HOLD_PLACED, key, member, data_of(asked, "member"))
        return doors.answer(caller, done, of.HoldAnswer, CREATED)

    @routes.get("/{hold}")
    async def look(hold: str, authorization: Authorization = None, accept_language: AcceptLanguage = "en") -> Response:
        caller = await doors.caller(authorization, Scope.POINTS_WRITE, accept_language)
        ref, desk = _ref(hold), caller.desk
        async with doors.services.db.transaction(desk.brand.schema, readonly=True) as conn:
            await desk.book.refresh(conn)
            found = (await holds(conn, [key_of_ref(ref)])).values()
        for one in found:
            return json_answer(hold_view(one, desk.book.names.units, now()))
        raise HoldUnknown(field="hold", hold=ref)

    @routes.post("/{hold}/confirm")
    async def confirm(
        request: Request,
        hold: str,
        authorization: Authorization = None,
        idempotency_key: IdempotencyKey = None,
        accept_language: AcceptLanguage = "en",
    ) -> Response:
        caller = await doors.caller(authorization, Scope.POINTS_WRITE, accept_language)
        key, asked = await asked_of(request, idempotency_key, _CONFIRMED, may_be_empty=True)
        ref = _ref(hold)
        done = await doors.carry_out(caller, HOLD_CONFIRMED, key, None, {"hold": ref, **data_of(asked)})
        return doors.answer(caller, done, of.HoldAnswer, redemption=ref)

    @routes.post("/{hold}/void")
    async def void(
        request: Request,
        hold: str,
        authorization: Authorization = None,
        idempotency_key: IdempotencyKey = None,
        accept_language: AcceptLanguage = "en",
    ) -> Response:
        caller = await doors.caller(authorization, Scope.POINTS_WRITE, accept_language)
        key, _ = await asked_of(request, idempotency_key, _VOIDED, may_be_empty=True)
        done = await doors.carry_out(caller, HOLD_VOIDED, key, None, {"hold": _ref(hold)})
        return doors.answer(caller, done, of.HoldAnswer)

    return routes


def require_one_purpose(asked: of.SpendingAsked) -> None:
    """Refuse points that are spent on a reward and donated at once. Raises `FieldInvalid`."""
    if asked.reward is not None and asked.charity is not None:
        raise FieldInvalid(
            field="charity", field_name="charity", reason=N_("points go to a reward or to a cause, not to both")
        )


def hold_view(hold: Hold, units: list[str], at: datetime) -> of.HoldView:
    """Return a hold as it stands at an instant."""
    state = hold.state
    if state is HoldState.OPEN and hold.expires_at <= at:
        state = HoldState.TIMED_OUT
    inside = sum(lot.remaining for lot in hold.lots)
    return of.HoldView(
        hold=uuid_text(hold.key),
        member=uuid_text(hold.member),
        state=state.name.lower(),  # type: ignore[arg-type]  # the names are these
        unit=units[hold.unit],
        points=hold.points,
        held=inside if hold.state is HoldState.OPEN else 0,
        redeemed=inside if hold.state is HoldState.CONFIRMED else 0,
        placed_at=hold.placed_at.astimezone(UTC),
        expires_at=hold.expires_at.astimezone(UTC),
        ended_at=hold.ended_at and hold.ended_at.astimezone(UTC),
        reference=hold.reference,
    )


def _ref(text: str) -> str:
    """Return a hold's id in its one form. Raises `HoldUnknown`."""
    ref = ref_in(text)
    if ref is None:
        raise HoldUnknown(field="hold", hold=text[:80])
    return ref
