"""`/v1/merges`, and `/v1/members/{member}/close`: two members who are one person, or are not after all; and the end of a membership."""

import msgspec
from fastapi import APIRouter, Request, Response

from kizuna.intake import MEMBER_CLOSED, MEMBER_MERGED, MEMBER_UNMERGED, MergeUnknown
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
    ref_in,
)
from kizuna.web.api.problems import MethodNotAllowed

_ASKED = msgspec.json.Decoder(of.MergeAsked)
_NOTED = msgspec.json.Decoder(of.NoteAsked)


def router(doors: Operations) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()

    @routes.post("/v1/merges")
    async def merge(
        request: Request,
        authorization: Authorization = None,
        idempotency_key: IdempotencyKey = None,
        accept_language: AcceptLanguage = "en",
    ) -> Response:
        caller = await doors.caller(authorization, Scope.MEMBERS_WRITE, accept_language)
        key, asked = await asked_of(request, idempotency_key, _ASKED)
        gone, kept = caller.identity("member", asked.member), caller.identity("into", asked.into)
        done = await doors.carry_out(caller, MEMBER_MERGED, key, gone, data_of(asked, "member") | {"into": kept})
        return doors.answer(caller, done, of.MergeAnswer, CREATED)

    @routes.post("/v1/merges/{merge}/undo")
    async def undo(
        request: Request,
        merge: str,
        authorization: Authorization = None,
        idempotency_key: IdempotencyKey = None,
        accept_language: AcceptLanguage = "en",
    ) -> Response:
        caller = await doors.caller(authorization, Scope.MEMBERS_WRITE, accept_language)
        key, asked = await asked_of(request, idempotency_key, _NOTED, may_be_empty=True)
        ref = ref_in(merge)
        if ref is None:
            raise MergeUnknown(field="merge", merge=merge[:80])
        done = await doors.carry_out(caller, MEMBER_UNMERGED, key, None, {"merge": ref, **data_of(asked)})
        return doors.answer(caller, done, of.MergeAnswer)

    @routes.post("/v1/members/{member}/close")
    async def close(
        request: Request,
        member: str,
        authorization: Authorization = None,
        idempotency_key: IdempotencyKey = None,
        accept_language: AcceptLanguage = "en",
    ) -> Response:
        caller = await doors.caller(authorization, Scope.MEMBERS_WRITE, accept_language)
        key, asked = await asked_of(request, idempotency_key, _NOTED, may_be_empty=True)
        done = await doors.carry_out(caller, MEMBER_CLOSED, key, caller.identity("member", member), data_of(asked))
        return doors.answer(caller, done, of.ClosedAnswer)

    @routes.get("/v1/members/{member}/close", include_in_schema=False)
    async def only_post(request: Request, member: str) -> Response:
        """Refuse it: members' names may hold slashes, so that this address would be read as one."""
        del member
        raise MethodNotAllowed(method=request.method, allowed="POST")

    return routes
