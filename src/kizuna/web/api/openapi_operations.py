"""The part of the API's description that tells of operations: holds, redemptions, transfers, extensions, merges, balances."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from kizuna.web.api import operation_structs as of

STRUCTS = (
    of.HoldAsked,
    of.ConfirmAsked,
    of.VoidAsked,
    of.RedemptionAsked,
    of.RedemptionVoidAsked,
    of.TransferAsked,
    of.ExtensionAsked,
    of.MergeAsked,
    of.NoteAsked,
    of.HoldAnswer,
    of.RedemptionAnswer,
    of.RedemptionVoidAnswer,
    of.TransferAnswer,
    of.ExtensionAnswer,
    of.MergeAnswer,
    of.ClosedAnswer,
    of.HoldView,
    of.BalancesAnswer,
    of.PastBalancesAnswer,
    of.StatementAnswer,
)
HANAKO, TARO = "card:9000000000000001", "email:taro@example.com"
Refusals = Callable[..., dict[str, Any]]


class Door(NamedTuple):
    """An address that operations are asked for at. `says` goes before what is told of every one; `refuses` are its own codes beside."""

    path: str
    scope: str
    summary: str
    says: str
    asked: type[of.Asked]
    answer: type[of.Done]
    example: Mapping[str, Any]
    status: str = "200"
    refuses: tuple[str, ...] = ()


DOORS = (
    Door(
        "/v1/holds", "points:write", "Set points aside for a payment",
        "The points leave the balance at once and come back when the hold is voided or runs out. Refused whole where there are fewer.",
        of.HoldAsked, of.HoldAnswer, {"member": HANAKO, "points": 300, "minutes": 15, "reference": "order 1001"}, "201", ("404",),
    ),
    Door(
        "/v1/holds/{hold}/confirm", "points:write", "Redeem what is held",
        "All of it, or `points` of it; the rest goes back. Only the key that placed the hold may confirm it, once, in time.",
        of.ConfirmAsked, of.HoldAnswer, {"points": 250, "order_id": "1001"}, "200", ("404",),
    ),
    Door(
        "/v1/holds/{hold}/void", "points:write", "Give back what is held",
        "With the last days that the points had. Only the key that placed the hold may void it.",
        of.VoidAsked, of.HoldAnswer, {}, "200", ("404",),
    ),
    Door(
        "/v1/redemptions", "points:write", "Spend points at once",
        "On a reward, on a cause, or on whatever `reference` says. Takes what ends first; refused whole where there are fewer.",
        of.RedemptionAsked, of.RedemptionAnswer, {"member": HANAKO, "points": 100, "reference": "coffee"}, "201", ("404",),
    ),
    Door(
        "/v1/redemptions/{redemption}/void", "points:write", "Give back what was redeemed",
        "All of it, or `points` of it, with the last days that the points had. The id is the one that the redemption was answered with: "
        "here, by a confirmed hold, or by /v1/events.",
        of.RedemptionVoidAsked, of.RedemptionVoidAnswer, {"points": 40, "note": "cancelled at the till"}, "200", ("404",),
    ),
    Door(
        "/v1/transfers", "points:write", "Give points to another member",
        "As the program allows. They keep their last days.",
        of.TransferAsked, of.TransferAnswer, {"member": HANAKO, "to": TARO, "points": 50, "note": "お誕生日おめでとう"}, "201", ("404",),
    ),
    Door(
        "/v1/extensions", "members:write", "Let points end later",
        "Open points only; none ends earlier for it.",
        of.ExtensionAsked, of.ExtensionAnswer, {"member": HANAKO, "through": "2099-12-31", "reason": "goodwill"}, "201", ("404",),
    ),
    Door(
        "/v1/merges", "members:write", "Make two members one",
        "Points, what is pending or held, debts, tier progress and identities go over to the one who stays; the other's id leads there.",
        of.MergeAsked, of.MergeAnswer, {"member": TARO, "into": HANAKO, "note": "same person"}, "201", ("404",),
    ),
    Door(
        "/v1/merges/{merge}/undo", "members:write", "Make one member two again",
        "Each has again what they brought; what happened since stays with the one who stayed.",
        of.NoteAsked, of.MergeAnswer, {"note": "two people after all"}, "200", ("404",),
    ),
    Door(
        "/v1/members/{member}/close", "members:write", "Close an account",
        "What it holds is given up, what it owes written off; nothing happens on it any more. Refused while holds are open.",
        of.NoteAsked, of.ClosedAnswer, {"note": "asked to leave"}, "200", ("404",),
    ),
)  # fmt: skip
_PATHS = {
    "hold": "The id that placing the hold answered",
    "redemption": "The id that the redemption was answered with",
    "merge": "The id that the merge was answered with",
    "member": "The member's id, or any identity, such as card:9000000000000001 or email:hanako@example.com",
}
_ONCE = "Sent again with the same Idempotency-Key and content, it gives the first answer (`replayed`); with another content, 409."


_AT = {
    "name": "at",
    "in": "query",
    "description": "A past instant with its zone, such as 2026-11-20T18:05:00+09:00",
    "schema": {"type": "string", "format": "date-time"},
}


def _day(name: str, says: str) -> dict[str, Any]:
    schema = {"type": "string", "format": "date"}
    return {"name": name, "in": "query", "required": True, "description": says, "schema": schema}


def paths(ref: Mapping[str, Any], key: Mapping[str, Any], refusals: Refusals) -> dict[str, Any]:
    """Return the addresses of operations. `ref` are the schemas by name, `key` is the header that each asks for."""
    told: dict[str, Any] = {door.path: {"post": _door(door, ref, key, refusals)} for door in DOORS}
    told["/v1/holds/{hold}"] = {
        "get": _look("Look at a hold", "points:write", "hold", ref["HoldView"], refusals("401", "403", "404", "503"))
    }
    told["/v1/members/{member}/balances"] = {
        "get": _look(
            "See what a member has: balance, free, pending, held, owed, and what ends next; or had at a past instant",
            "members:read",
            "member",
            {"oneOf": [ref["BalancesAnswer"], ref["PastBalancesAnswer"]]},
            refusals("401", "403", "404", "422", "503"),
        )
    }
    told["/v1/members/{member}/balances"]["get"]["parameters"].append(_AT)
    statement = _look(
        "Read a statement of account: what was there, every movement oldest first, what is there",
        "members:read",
        "member",
        ref["StatementAnswer"],
        refusals("401", "403", "404", "422", "503"),
    )
    statement["responses"]["200"]["content"]["text/csv"] = {"schema": {"type": "string"}}
    statement["parameters"] += [_day("from", "The first day, of the brand's calendar"), _day("to", "The last day")]
    told["/v1/members/{member}/statement"] = {"get": statement}
    return told


def _door(door: Door, ref: Mapping[str, Any], key: Mapping[str, Any], refusals: Refusals) -> dict[str, Any]:
    named = [name for name in _PATHS if f"{{{name}}}" in door.path]
    body = {"schema": ref[door.asked.__name__], "example": dict(door.example)}
    done = {"application/json": {"schema": ref[door.answer.__name__]}}
    return {
        "summary": door.summary,
        "description": f"{door.says} {_ONCE} Scope: {door.scope}.",
        "parameters": [*(_in_path(name) for name in named), dict(key)],
        "requestBody": {"required": not named, "content": {"application/json": body}},
        "responses": {
            door.status: {"description": "Done, and durable", "content": done},
            **refusals("400", "401", "403", *door.refuses, "409", "413", "422", "503"),
        },
    }


def _look(summary: str, scope: str, name: str, schema: Any, refused: Mapping[str, Any]) -> dict[str, Any]:
    found = {"200": {"description": "Found", "content": {"application/json": {"schema": schema}}}}
    return {
        "summary": summary,
        "description": f"Scope: {scope}.",
        "parameters": [_in_path(name)],
        "responses": found | dict(refused),
    }


def _in_path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "description": _PATHS[name], "schema": {"type": "string"}}
