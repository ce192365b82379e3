"""How a door has an operation carried out: who asks, by which key, what of whom; and how the outcome is answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec
from fastapi import Header, Request, Response

from kizuna.core.days import instant_ms
from kizuna.core.errors import Problem
from kizuna.core.ids import parse_member_id
from kizuna.intake import Outcome, PayloadDiffers, operate
from kizuna.members import SubjectInvalid, parse_subject
from kizuna.runtime.access import Grant, Scope
from kizuna.runtime.clock import now
from kizuna.web.api.answers import Reading, by_unit
from kizuna.web.api.auth import Gate
from kizuna.web.api.doors import IdempotencyConflict, body_of, key_of
from kizuna.web.api.operation_structs import Asked, Done
from kizuna.web.reads import brand_view, uuid_text
from kizuna.web.services import Desk, Services
from kizuna.web.words import negotiate

CREATED = 201
Authorization = Annotated[str | None, Header()]
IdempotencyKey = Annotated[str | None, Header()]
AcceptLanguage = Annotated[str, Header()]
JSON = msgspec.json.Encoder()
MEMBER_ASKS: Mapping[str, str] = {"subject": "member"}
A = TypeVar("A", bound=Asked)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, at which brand, in which language."""

    grant: Grant
    desk: Desk
    lang: str

    @property
    def name(self) -> str:
        """By which name what the caller does is known."""
        return f"key:{self.grant.key_id}"

    def identity(self, field: str, name: str) -> str:
        """Return a member's id or identity as an operation is told of it. Raises `SubjectInvalid`."""
        member = parse_member_id(name)
        if member is not None:
            return f"member:{member.hex()}"
        try:
            parse_subject(name, self.desk.brand.country)
        except SubjectInvalid as fault:
            fault.field = field
            raise
        return name


@dataclass(frozen=True, slots=True)
class Operations:
    """The doors' way in: admits a caller, reads what is asked, has it carried out, and answers."""

    services: Services
    gate: Gate

    async def caller(self, authorization: str | None, scope: Scope, accept_language: str) -> Caller:
        """Return who asks. Raises `KeyMissing`, `ScopeMissing`."""
        grant = await self.gate.admit(authorization, scope)
        lang = negotiate(None, None, accept_language, ("en", "ja"))
        return Caller(grant, await self.services.desk(grant.brand), lang)

    async def carry_out(
        self,
        caller: Caller,
        type_: str,
        key: str,
        subject: str | None,
        data: dict[str, Any],
        fields: Mapping[str, str] = MEMBER_ASKS,
    ) -> Outcome:
        """Have an operation carried out once; `subject` None where it is asked of no member. Raises whatever refuses it.

        `fields` is what the canonical operation calls otherwise than the body of its door.
        """
        desk = caller.desk
        try:
            told = operate(type_, key, caller.name, subject, {**data, "by": caller.name}, desk.terms, instant_ms(now()))
            (result,) = await desk.writer.submit([told])
        except Problem as problem:
            result = problem
        if isinstance(result, PayloadDiffers):
            raise IdempotencyConflict(field="idempotency-key", key=key)
        if isinstance(result, Problem):
            result.field = fields.get(result.field or "", result.field)
            raise result
        return result

    def answer(self, caller: Caller, outcome: Outcome, shape: type[Done], code: int = 200, **more: Any) -> Response:
        """Return the outcome of an operation in the shape of its door."""
        desk = caller.desk
        units = desk.book.version(outcome.version).names.units
        reading = Reading(desk.book, brand_view(desk.brand, desk.book.plans[-1]), caller.lang, desk.brand.languages)
        told = shape(
            member=uuid_text(outcome.member),
            points=outcome.points,
            balance=outcome.balance,
            entries=reading.moves(outcome),
            balances=by_unit(units, outcome.balances) if len(units) > 1 else None,
            replayed=outcome.replayed,
            **_about(outcome, shape),
            **more,
        )
        return json_answer(told, code)


async def asked_of(
    request: Request, key: str | None, decoder: msgspec.json.Decoder[A], *, may_be_empty: bool = False
) -> tuple[str, A]:
    """Return the key of a request and what it asks for; where nothing has to be said the body may be left out (`may_be_empty`).

    Raises `IdempotencyKeyMissing`, `BodyTooLarge`, `BodyMalformed`, `FieldInvalid`.
    """
    return key_of(key), await body_of(request, decoder, may_be_empty=may_be_empty)


def _about(outcome: Outcome, shape: type[Done]) -> dict[str, Any]:
    """Return what an operation told beside its points, with instants read."""
    told = dict(outcome.about or {})
    if isinstance(told.get("expires_at"), str):
        told["expires_at"] = datetime.fromisoformat(told["expires_at"])
    return {name: value for name, value in told.items() if name in shape.__struct_fields__}


def data_of(asked: Asked, *apart: str) -> dict[str, Any]:
    """Return what is asked as an operation is told of it, without the fields that stand `apart`."""
    told: dict[str, Any] = msgspec.to_builtins(asked)
    return {name: value for name, value in told.items() if name not in apart}


def ref_in(path: str) -> str | None:
    """Return an id of an address in its one form, None where it is none."""
    raw = parse_member_id(path)
    return None if raw is None else uuid_text(raw)


def json_answer(told: msgspec.Struct, code: int = 200) -> Response:
    """Return an answer as JSON."""
    return Response(JSON.encode(told), code, media_type="application/json")
