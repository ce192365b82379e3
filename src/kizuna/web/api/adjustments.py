"""`POST /v1/adjustments` and `GET /v1/adjustments/{id}`: points added or taken by hand, the large ones after a second person."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Header, Request, Response

from kizuna import corrections
from kizuna.core.errors import Problem
from kizuna.core.ids import parse_member_id
from kizuna.corrections import Correction, State, Wish
from kizuna.runtime.access import Grant, Scope
from kizuna.web.api.auth import Gate
from kizuna.web.api.doors import body_of, key_of
from kizuna.web.api.problems import ProblemAnswer, answer
from kizuna.web.reads import uuid_text
from kizuna.web.services import Services
from kizuna.web.words import negotiate

CREATED, ACCEPTED = 201, 202
_JSON = msgspec.json.Encoder()


class AdjustmentAsked(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """Points to add, or to take (negative), and why. `member` is an id or any identity, such as `card:9000000000000001`.

    `reason` is one of Kizuna's own (apology, correction, goodwill, gift_card) or of the program's. `unit` left out is the program's first
    one; `expires_on` left out is the unit's own expiry. `may_owe`: where fewer points are there than are taken, the rest is owed.
    """

    member: str
    points: int
    reason: str = ""
    unit: str | None = None
    note: Annotated[str, msgspec.Meta(max_length=corrections.NOTE_MAX)] | None = None
    expires_on: date | None = None
    may_owe: bool = False


class AdjustmentAnswer(msgspec.Struct, omit_defaults=True):
    """An adjustment as it stands.

    `waiting`: a second person has to approve it first. `done`: the points have moved; `balance` is the first unit's right after it.
    `refused`: it could not be carried out, `problem` says why. `rejected`: a person decided against it.
    """

    id: str
    status: Literal["waiting", "done", "refused", "rejected"]
    member: str
    points: int
    reason: str
    asked_at: datetime
    unit: str | None = None
    note: str | None = None
    expires_on: date | None = None
    balance: int | None = None
    decided_at: datetime | None = None
    problem: ProblemAnswer | None = None


_ASKED = msgspec.json.Decoder(AdjustmentAsked)


def router(services: Services, gate: Gate) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/v1/adjustments")

    @routes.post("")
    async def adjust(
        request: Request,
        authorization: Annotated[str | None, Header()] = None,
        idempotency_key: Annotated[str | None, Header()] = None,
        accept_language: Annotated[str, Header()] = "en",
    ) -> Response:
        grant = await gate.admit(authorization, Scope.POINTS_ADJUST)
        key, asked = key_of(idempotency_key), await body_of(request, _ASKED)
        desk = await services.desk(grant.brand)
        try:
            found = await corrections.ask(services.db, desk.writer, desk.terms, _wish(asked), key=key, by=_by(grant))
        except Problem as problem:
            problem.field = _FIELDS.get(problem.field or "", problem.field)
            raise
        if found.problem is not None:
            raise found.problem
        return _answer(found, accept_language, ACCEPTED if found.state is State.WAITING else CREATED)

    @routes.get("/{adjustment}")
    async def look(
        adjustment: str,
        authorization: Annotated[str | None, Header()] = None,
        accept_language: Annotated[str, Header()] = "en",
    ) -> Response:
        grant = await gate.admit(authorization, Scope.POINTS_ADJUST)
        desk = await services.desk(grant.brand)
        async with services.db.lend(desk.brand.schema) as conn:
            found = await corrections.find(conn, adjustment)
        return _answer(found, accept_language)

    return routes


_FIELDS = {"subject": "member", "data.note": "note", "note": "note"}


def _wish(asked: AdjustmentAsked) -> Wish:
    subject = f"member:{asked.member}" if parse_member_id(asked.member) else asked.member
    return Wish(
        subject, asked.points, asked.reason.strip() or " ", asked.unit, asked.note, asked.expires_on, asked.may_owe
    )


def _by(grant: Grant) -> str:
    return f"key:{grant.key_id}"


def _answer(found: Correction, accept_language: str, code: int = 200) -> Response:
    wish, lang = found.wish, negotiate(None, None, accept_language, ("en", "ja"))
    status: Any = (
        "waiting" if found.state is State.APPROVED else found.state.value
    )  # approved: its points are about to move
    told = AdjustmentAnswer(
        id=found.id,
        status=status,
        member=uuid_text(found.member),
        points=wish.points,
        reason=wish.reason,
        asked_at=found.asked_at,
        unit=wish.unit,
        note=wish.note,
        expires_on=wish.expires_on,
        balance=found.balance,
        decided_at=found.decided_at,
        problem=answer(found.problem, lang) if found.problem else None,
    )
    return Response(_JSON.encode(told), code, media_type="application/json")
