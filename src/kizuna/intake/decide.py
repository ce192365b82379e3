"""Reading what was sent: bytes in, an `Arrival` or a typed problem out. Pure; the present instant is an argument."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from kizuna.core.days import day_number, instant_ms
from kizuna.core.ids import digest, event_key
from kizuna.intake.contents import content_of, invalid
from kizuna.intake.model import Arrival, Event
from kizuna.intake.problems import EventInvalid, EventMalformed, TimeOutOfRange
from kizuna.members import parse_subject

EVENTS_MAX = 1000
_EVENT = msgspec.json.Decoder(Event)
_ANY = msgspec.json.Decoder()
_CANONICAL = msgspec.json.Encoder(order="sorted")
_PIECES = msgspec.json.Decoder(list[msgspec.Raw])
_SIGN = re.compile(rb'\\.|["\[\]{},]', re.DOTALL)
_NUL_TEXT = "\\u0000"
_NUL = re.compile(
    r"(?<!\\)(?:\\\\)*\\u0000"
)  # escaped as canonical JSON writes it, after an even number of backslashes


@dataclass(frozen=True, slots=True)
class Terms:
    """What a brand's events are checked against. `tolerance_ms` is how far a sender's clock may run ahead."""

    currency: str
    country: str
    zone: ZoneInfo
    tolerance_ms: int


def read(raw: bytes, terms: Terms, now_ms: int) -> Arrival:
    """Read one event. Raises a subclass of `Problem` that names the field."""
    try:
        event = _EVENT.decode(raw)
        tree = _ANY.decode(raw)
    except msgspec.ValidationError as fault:
        invalid(str(fault))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise EventMalformed(reason=str(fault)) from fault
    return arrive(event, _CANONICAL.encode(tree), terms, now_ms)


def named(raw: bytes) -> tuple[str | None, str | None]:
    """Return the id and source of an event that cannot be read whole, as far as they can."""
    try:
        tree = _ANY.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None, None
    told = tree if isinstance(tree, dict) else {}
    return tuple(told[name] if isinstance(told.get(name), str) else None for name in ("id", "source"))  # type: ignore[return-value]


def arrive(event: Event, canonical: bytes, terms: Terms, now_ms: int) -> Arrival:
    """Check a decoded event; `canonical` is the whole of it as canonical JSON. Raises a subclass of `Problem`."""
    at_ms = _moment(event.time, now_ms + terms.tolerance_ms)
    try:
        body = canonical.decode()
        if _NUL_TEXT in body and _NUL.search(body):
            raise EventInvalid(field="data", field_name="data", reason="text cannot hold the character U+0000")
    except UnicodeDecodeError as fault:
        raise EventMalformed(reason="the text is not UTF-8") from fault
    key, identity = digest(event.source, event.id), parse_subject(event.subject, terms.country)
    kind, amount, told = content_of(event, identity, terms.currency, terms.country)
    local = event.time.astimezone(terms.zone)
    return Arrival(
        key=key,
        payload_hash=digest(body),
        event_key=event_key(at_ms, key),
        kind=kind,
        type=event.type,
        source=event.source,
        id=event.id,
        at_ms=at_ms,
        day=day_number(local),
        amount=amount,
        identity=identity,
        body=body,
        minute=local.hour * 60 + local.minute,
        told=told,
    )


def _moment(time: datetime, latest_ms: int) -> int:
    if time.tzinfo is None:
        raise EventInvalid(
            field="time", field_name="time", reason="it has no zone; end it with Z or an offset such as +09:00"
        )
    at_ms = instant_ms(time)
    if at_ms < 0:
        raise TimeOutOfRange(field="time", time=time.isoformat(), where="before 1970")
    if at_ms > latest_ms:
        raise TimeOutOfRange(field="time", time=time.isoformat(), where="in the future")
    return at_ms


def split_array(body: bytes) -> list[bytes | EventMalformed]:
    """Split a JSON array into its elements. A broken element is a problem in its place; its neighbours are whole."""
    try:
        return [bytes(piece) for piece in _PIECES.decode(body)]
    except (msgspec.DecodeError, RecursionError):
        return _split_broken(body)


def split_lines(body: bytes) -> list[bytes | EventMalformed]:
    """Split newline-delimited JSON; empty lines carry nothing."""
    return [line for line in body.split(b"\n") if line.strip()]


def _split_broken(body: bytes) -> list[bytes | EventMalformed]:
    """Find the elements of an array that does not parse, by its brackets and quotes; what follows its end is a problem too."""
    pieces: list[bytes | EventMalformed] = []
    start = body.find(b"[") + 1
    depth, quoted = 0, False
    for match in _SIGN.finditer(body, start):
        sign = match[0]
        if sign == b'"':
            quoted = not quoted
        elif quoted or sign.startswith(b"\\"):
            continue
        elif sign in b"[{":
            depth += 1
        elif depth and sign in b"]}":
            depth -= 1
        elif not depth and sign in b",]":
            pieces.append(body[start : match.start()])
            start = match.end()
            if sign == b"]":
                if body[start:].strip():
                    pieces.append(EventMalformed(reason="something follows the end of the array"))
                return pieces
    pieces.append(EventMalformed(reason="the array does not end; from here on nothing can be read"))
    return pieces


def canonical_json(tree: Any) -> bytes:
    """Write plain data as canonical JSON: sorted keys, no space."""
    return _CANONICAL.encode(tree)
