"""The part of the API's description that tells of families and groups."""

from collections.abc import Mapping
from typing import Any

from kizuna.web.api import pool_structs as of
from kizuna.web.api.openapi_operations import Refusals

STRUCTS = (of.PoolAsked, of.PoolAnswer, of.InvitationAsked, of.InvitationAnswer, of.JoinAsked, of.MaySpendAsked)
_CODES = ("400", "401", "403", "404", "409", "413", "422", "503")
_POOL = {
    "name": "pool",
    "in": "path",
    "required": True,
    "description": "The id that forming the pool answered",
    "schema": {"type": "string"},
}
_MEMBER = {
    "name": "member",
    "in": "path",
    "required": True,
    "description": "The member's id, or any identity, such as card:9000000000000001 or email:hanako@example.com",
    "schema": {"type": "string"},
}
_HEAD = {
    "name": "head",
    "in": "query",
    "description": "Whoever leads the pool, where they take the member out; left out: the member leaves",
    "schema": {"type": "string"},
}


def paths(ref: Mapping[str, Any], key: Mapping[str, Any], refusals: Refusals) -> dict[str, Any]:
    """Return the addresses of pools. `ref` are the schemas by name, `key` is the header that each change asks for."""

    def change(summary: str, code: str, answer: str, asked: str | None, *places: Mapping[str, Any]) -> dict[str, Any]:
        body = {"content": {"application/json": {"schema": ref[asked]}}, "required": True} if asked else None
        return {
            "summary": summary,
            "description": "No points move. Sent again with the same Idempotency-Key it is done once. Scope: members:write.",
            "parameters": [dict(key), *places],
            **({"requestBody": body} if body else {}),
            "responses": {code: _answer(ref[answer]), **refusals(*_CODES)},
        }

    return {
        "/v1/pools": {"post": change("Form a family or group", "201", "PoolAnswer", "PoolAsked")},
        "/v1/pools/{pool}/invitations": {
            "post": change("Invite somebody", "201", "InvitationAnswer", "InvitationAsked", _POOL)
        },
        "/v1/pools/{pool}/members": {"post": change("Join by an invitation", "201", "PoolAnswer", "JoinAsked", _POOL)},
        "/v1/pools/{pool}/members/{member}": {
            "patch": change("Let a member spend, or not", "200", "PoolAnswer", "MaySpendAsked", _POOL, _MEMBER),
            "delete": change("Leave, or take a member out", "200", "PoolAnswer", None, _POOL, _MEMBER, _HEAD),
        },
        "/v1/members/{member}/pool": {
            "get": {
                "summary": "Look at a member's family or group",
                "description": "Scope: members:read.",
                "parameters": [_MEMBER],
                "responses": {"200": _answer(ref["PoolAnswer"]), **refusals("401", "403", "404", "422", "503")},
            }
        },
    }


def _answer(schema: Any) -> dict[str, Any]:
    return {"description": "As it is now", "content": {"application/json": {"schema": schema}}}
