"""What doors that move points have in common: a key that makes sending again harmless, and a body with fields that are read strictly."""

import re
from typing import TypeVar

import msgspec
from fastapi import Request

from kizuna.core.errors import N_, Kind, Problem
from kizuna.web.api.problems import BodyTooLarge

BODY_MAX = 1 << 16
KEY_MAX = 200
_PLACE = re.compile(r"(?P<reason>.*?)(?: - at `\$\.?(?P<path>.*)`)?$", re.DOTALL)
_MISSING = re.compile(r"(?:missing required|contains unknown) field `(?P<name>[^`]+)`")
T = TypeVar("T", bound=msgspec.Struct)


class IdempotencyKeyMissing(Problem):
    """A request that moves points without saying by what it is known again."""

    code = "idempotency_key_missing"
    kind = Kind.INVALID
    title = N_("The header Idempotency-Key is missing, or is not 1 to {characters_max} printable characters.")
    remedy = N_("Send one that you keep, such as the order’s id: with the same key nothing is moved twice.")


class IdempotencyConflict(Problem):
    """A key that another request had before."""

    code = "idempotency_conflict"
    kind = Kind.CONFLICT
    title = N_("The idempotency key “{key}” was used before for another request.")
    remedy = N_("Send a new key with a new request. What was done stays as it was, and nothing more was moved.")


class BodyMalformed(Problem):
    """A body that is no JSON object."""

    code = "body_malformed"
    kind = Kind.MALFORMED
    title = N_("This is not a JSON object: {reason}.")
    remedy = N_("Send one JSON object; /openapi.json describes its fields. Nothing was recorded.")


class FieldInvalid(Problem):
    """A field of a body is missing, unknown, of the wrong type or out of range."""

    code = "field_invalid"
    kind = Kind.INVALID
    title = N_("The field {field_name} cannot be used: {reason}.")
    remedy = N_("Correct it; /openapi.json describes every field. Nothing was recorded.")


def key_of(header: str | None) -> str:
    """Return the key by which a request is known again. Raises `IdempotencyKeyMissing`."""
    key = (header or "").strip()
    if not key or len(key) > KEY_MAX or not key.isprintable():
        raise IdempotencyKeyMissing(field="idempotency-key", characters_max=KEY_MAX)
    return key


async def body_of(request: Request, decoder: msgspec.json.Decoder[T], *, may_be_empty: bool = False) -> T:
    """Return a body as it is asked for; with `may_be_empty` none at all asks for nothing in particular.

    Raises `BodyTooLarge`, `BodyMalformed`, `FieldInvalid`.
    """
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > BODY_MAX:
            raise BodyTooLarge(limit_bytes=BODY_MAX)
        chunks.append(chunk)
    body = b"".join(chunks)
    try:
        asked = decoder.decode(b"{}" if may_be_empty and not body.strip() else body)
    except msgspec.ValidationError as fault:
        raise _field(str(fault)) from fault
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise BodyMalformed(reason=str(fault)) from fault
    for name in asked.__struct_fields__:
        value = getattr(asked, name)
        if isinstance(value, str) and "\x00" in value:
            raise FieldInvalid(field=name, field_name=name, reason=N_("text cannot hold the character U+0000"))
    return asked


def _field(message: str) -> FieldInvalid:
    match = _PLACE.match(message)
    reason, path = (match["reason"], match["path"] or "") if match else (message, "")
    named = _MISSING.search(reason)
    place = f"{path}.{named['name']}".strip(".") if named else path
    return FieldInvalid(field=place or "body", field_name=place or "body", reason=reason)
