"""The API's description, made from the very structs that are decoded and encoded; every route is in it."""

import json
import sys
from typing import Any

import msgspec

from kizuna.intake import (
    EVENTS_MAX,
    Event,
    OrderAmended,
    OrderCompleted,
    OrderNamed,
    OrderReturned,
    ProfileTold,
    RedemptionRequested,
)
from kizuna.program import OCCASIONS, ORDER_DELIVERED, RETURN_WINDOW_CLOSED, FieldType
from kizuna.web.api import openapi_operations, openapi_pools
from kizuna.web.api.adjustments import AdjustmentAnswer, AdjustmentAsked
from kizuna.web.api.doors import KEY_MAX
from kizuna.web.api.members import ENTRIES_MAX
from kizuna.web.api.problems import MEDIA_TYPE, ProblemAnswer
from kizuna.web.api.structs import EntriesAnswer, EventAnswer, MemberAnswer, QuoteAnswer

_STRUCTS = (
    Event,
    OrderCompleted,
    OrderReturned,
    OrderAmended,
    OrderNamed,
    RedemptionRequested,
    ProfileTold,
    EventAnswer,
    MemberAnswer,
    EntriesAnswer,
    QuoteAnswer,
    AdjustmentAsked,
    AdjustmentAnswer,
    *openapi_operations.STRUCTS,
    *openapi_pools.STRUCTS,
    ProblemAnswer,
)
_DATA_OF = {
    "order.completed": "OrderCompleted",
    "order.returned": "OrderReturned",
    "order.amended": "OrderAmended",
    "order.cancelled": "OrderNamed",
    ORDER_DELIVERED: "OrderNamed",
    RETURN_WINDOW_CLOSED: "OrderNamed",
    "redemption.requested": "RedemptionRequested",
    "member.enrolled": "ProfileTold",
    "profile.completed": "ProfileTold",
}
"""What `data` holds by type; other types carry the fields that the program declares for them."""
_JSON_TYPE = {FieldType.NUMBER: "integer", FieldType.TEXT: "string", FieldType.FLAG: "boolean"}
_REFUSALS = {
    "400": "The body is not JSON",
    "401": "No valid API key",
    "403": "The key lacks the scope",
    "404": "There is no such member, hold, redemption, merge, pool or adjustment",
    "409": "Known by this id or key with another content, or it cannot be done as things stand; `code` says why",
    "413": "The body or the batch is too large",
    "422": "A field cannot be used; `field` names it",
    "503": "The database cannot be reached; nothing was recorded; Retry-After says when to send again",
}


def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document."""
    schemas, components = msgspec.json.schema_components(_STRUCTS, ref_template="#/components/schemas/{name}")
    ref = {struct.__name__: schema for struct, schema in zip(_STRUCTS, schemas, strict=True)}
    event = components["Event"]
    _occasions(components)
    told = [*dict.fromkeys(_DATA_OF.values()), *(_named(type_) for type_ in _others())]
    event["properties"]["data"] = {
        "anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in told] + [{"type": "object"}]
    }
    event["properties"]["type"]["examples"] = [*_DATA_OF, *_others()]
    event["properties"]["type"]["description"] = (
        "What happened. Each type holds its own `data`: "
        + ", ".join(
            f"{type_} {name}" for type_, name in [*_DATA_OF.items(), *((one, _named(one)) for one in _others())]
        )
        + "; a type that the program declares holds the fields that it declares."
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Kizuna",
            "version": "1",
            "description": "Send what happened, get points, balance, tier and why. Every amount is an integer in the "
            "minor unit of the brand's currency.",
        },
        "security": [{"key": []}],
        "paths": {
            "/v1/events": {"post": _post_events(ref)},
            "/v1/quotes": {"post": _post_quotes(ref)},
            "/v1/members/{member}": {
                "get": _get("Look at a member", "members:read", ref["MemberAnswer"], [_MEMBER], ("404", "422"))
            },
            "/v1/members/{member}/entries": {
                "get": _get(
                    "Read a member's history, newest first",
                    "members:read",
                    ref["EntriesAnswer"],
                    [_MEMBER, _CURSOR, _LIMIT],
                    ("404", "422"),
                )
            },
            **openapi_operations.paths(ref, _KEY, _refusals),
            **openapi_pools.paths(ref, _KEY, _refusals),
            "/v1/adjustments": {"post": _post_adjustments(ref)},
            "/v1/adjustments/{adjustment}": {
                "get": _get("Look at an adjustment", "points:adjust", ref["AdjustmentAnswer"], [_ADJUSTMENT], ("404",))
            },
        },
        "components": {
            "schemas": components,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "kizuna key create"}},
        },
    }


_MEMBER = {
    "name": "member",
    "in": "path",
    "required": True,
    "description": "The member's id, or any identity, such as card:9000000000000001 or email:hanako@example.com",
    "schema": {"type": "string"},
}
_CURSOR = {
    "name": "cursor",
    "in": "query",
    "description": "next_cursor of the page before",
    "schema": {"type": "string"},
}
_LIMIT = {
    "name": "limit",
    "in": "query",
    "schema": {"type": "integer", "minimum": 1, "maximum": ENTRIES_MAX, "default": 50},
}
_ADJUSTMENT = {
    "name": "adjustment",
    "in": "path",
    "required": True,
    "description": "The id that asking for it answered",
    "schema": {"type": "string"},
}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "What the request is known by: sent again with the same content it gives the first answer, with another content 409",
    "schema": {"type": "string", "minLength": 1, "maxLength": KEY_MAX},
}


def _post_adjustments(ref: dict[str, Any]) -> dict[str, Any]:
    done = {"application/json": {"schema": ref["AdjustmentAnswer"]}}
    return {
        "summary": "Add or take points by hand",
        "description": "Carried out at once; or, where it is larger than the program lets one person decide "
        "(`adjustments.approval_above`), after somebody approved it in the console. Scope: points:adjust.",
        "parameters": [_KEY],
        "requestBody": {"required": True, "content": {"application/json": {"schema": ref["AdjustmentAsked"]}}},
        "responses": {
            "201": {"description": "The points have moved", "content": done},
            "202": {"description": "It waits for a second person; nothing has moved", "content": done},
            **_refusals("400", "401", "403", "409", "413", "422", "503"),
        },
    }


def _post_events(ref: dict[str, Any]) -> dict[str, Any]:
    many = {"type": "array", "items": ref["Event"], "maxItems": EVENTS_MAX}
    answers = {"type": "array", "items": ref["EventAnswer"]}
    return {
        "summary": "Tell what happened",
        "description": "One CloudEvent 1.0, an array of them, or one a line. Durable and idempotent: the same source and id "
        "with the same content gives the first answer again (`replayed`), with another content 409. A single event that "
        "cannot be taken is answered as a problem; in a batch each event has its own answer, in order. Scope: events:write.",
        "parameters": [
            {
                "name": "text",
                "in": "query",
                "description": "Languages in which every why is written out, such as ja,en. Default: the brand's "
                "languages for one event, none for a batch.",
                "schema": {"type": "string"},
            }
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/cloudevents+json": {"schema": ref["Event"]},
                "application/json": {"schema": {"oneOf": [ref["Event"], many]}},
                "application/cloudevents-batch+json": {"schema": many},
                "application/x-ndjson": {"schema": ref["Event"]},
            },
        },
        "responses": {
            "200": {
                "description": "Durable. `refused` means recorded with nothing moved.",
                "content": {
                    "application/json": {"schema": {"oneOf": [ref["EventAnswer"], answers]}},
                    "application/x-ndjson": {"schema": ref["EventAnswer"]},
                },
            },
            **_refusals("400", "401", "403", "409", "413", "422", "503"),
        },
    }


def _others() -> list[str]:
    return [type_ for type_ in OCCASIONS if type_ not in _DATA_OF]


def _named(type_: str) -> str:
    return "".join(part.capitalize() for part in type_.replace("_", ".").split("."))


def _occasions(components: dict[str, Any]) -> None:
    """Describe what the occasions carry that have no struct of their own."""
    for type_ in _others():
        fields = OCCASIONS[type_].fields
        components[_named(type_)] = {
            "title": _named(type_),
            "description": f"What {type_} carries.",
            "type": "object",
            "properties": {name: {"type": _JSON_TYPE[field]} for name, field in fields.items()},
        }


def _post_quotes(ref: dict[str, Any]) -> dict[str, Any]:
    return {
        "summary": "Ask what an event would come to",
        "description": "One event as it would be told to /v1/events; id, source, time, subject and an order's id may be left out. "
        "Decided like the event itself, rule by rule with why and why not, and nothing is recorded. `next` says what a larger order "
        "would bring. Somebody whom nobody knows is taken for a newcomer. Scope: events:write.",
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": ref["Event"]}},
        },
        "responses": {
            "200": {
                "description": "What it would come to. `problem` says why it would be refused.",
                "content": {"application/json": {"schema": ref["QuoteAnswer"]}},
            },
            **_refusals("400", "401", "403", "409", "413", "422", "503"),
        },
    }


def _get(
    summary: str, scope: str, answer: dict[str, Any], parameters: list[dict[str, Any]], codes: tuple[str, ...]
) -> dict[str, Any]:
    return {
        "summary": summary,
        "description": f"Scope: {scope}.",
        "parameters": parameters,
        "responses": {
            "200": {"description": "Found", "content": {"application/json": {"schema": answer}}},
            **_refusals("401", "403", *codes, "503"),
        },
    }


def _refusals(*codes: str) -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemAnswer"}}}
    return {code: {"description": _REFUSALS[code], "content": content} for code in codes}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(document(), indent=2, ensure_ascii=False) + "\n")
