"""An operation as it is told by its door: checked, in one form, with ids made from its cause. Pure; the present instant is an argument."""

from typing import Any

import msgspec

from kizuna.core.days import day_number, from_ms
from kizuna.core.ids import digest, event_key
from kizuna.engine import EventKind
from kizuna.intake.contents import invalid
from kizuna.intake.decide import Terms, canonical_json
from kizuna.intake.model import Arrival, Told
from kizuna.intake.operations.case import ref_of
from kizuna.intake.operations.model import TYPES
from kizuna.members import Identity, parse_subject

NOBODY = "operation"
"""The kind of identity of what is not asked of a member but of a hold, a redemption or a merge."""
_DECODERS = {type_: msgspec.json.Decoder(model) for type_, model in TYPES.items()}


def operate(
    type_: str, id_: str, source: str, subject: str | None, data: dict[str, Any], terms: Terms, now_ms: int
) -> Arrival:
    """Return an operation that may be carried out. Raises `EventInvalid`, `SubjectInvalid`.

    It is known by `source` and `id_`; the same with another subject or other data is another one, and a conflict. When it was asked
    for is no part of it, so that it can be asked again.
    """
    raw = canonical_json(data)
    try:
        asked = _DECODERS[type_].decode(raw)
    except msgspec.ValidationError as fault:
        invalid(str(fault), "")
    key = digest(source, id_)
    identity = Identity(NOBODY, ref_of(key)) if subject is None else parse_subject(subject, terms.country)
    local = from_ms(now_ms).astimezone(terms.zone)
    told = {"type": type_, "subject": subject, "data": data}
    body = {**told, "specversion": "1.0", "id": id_, "source": source, "time": local.isoformat(timespec="milliseconds")}
    return Arrival(
        key=key,
        payload_hash=digest(canonical_json(told).decode()),
        event_key=event_key(now_ms, key),
        kind=EventKind.TOUCH,
        type=type_,
        source=source,
        id=id_,
        at_ms=now_ms,
        day=day_number(local),
        amount=0,
        identity=identity,
        body=canonical_json(body).decode(),
        minute=local.hour * 60 + local.minute,
        told=Told(operation=asked),
    )
