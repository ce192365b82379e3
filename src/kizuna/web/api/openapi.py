"""The API's description, made from the very structs that are decoded and encoded; every route is in it."""

import json
import sys
from typing import Any

import msgspec

from kizuna.intake import EVENTS_MAX, Event, OrderCompleted, RedemptionRequested
from kizuna.web.api.members import ENTRIES_MAX
from kizuna.web.api.problems import MEDIA_TYPE, ProblemAnswer
from kizuna.web.api.structs import EntriesAnswer, EventAnswer, MemberAnswer

_STRUCTS = (Event, OrderCompleted, RedemptionRequested, EventAnswer, MemberAnswer, EntriesAnswer, ProblemAnswer)
_REFUSALS = {
    "400": "The body is not JSON",
    "401": "No valid API key",
    "403": "The key lacks the scope",
    "404": "There is no such member",
    "409": "The id was used before with another content, or nothing is published",
    "413": "The body or the batch is too large",
    "422": "A field cannot be used; `field` names it",
    "503": "The database cannot be reached; nothing was recorded; Retry-After says when to send again",
}


def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document."""
    schemas, components = msgspec.json.schema_components(_STRUCTS, ref_template="#/components/schemas/{name}")
    ref = {struct.__name__: schema for struct, schema in zip(_STRUCTS, schemas, strict=True)}
    event = components["Event"]
    event["properties"]["data"] = {"anyOf": [ref["OrderCompleted"], ref["RedemptionRequested"]]}
    event["properties"]["type"]["enum"] = ["order.completed", "redemption.requested"]
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
