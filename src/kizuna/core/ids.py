"""Ids are derived from their cause, never drawn at random: the same cause gives the same id on every retry.

An event key is a UUIDv7 (RFC 9562): 48 bits of the event's own time, then a hash of what identifies it. Its last byte
is a line number: 0 names the event, 1..255 name the ledger entries that it caused, so that an entry leads to its event.
"""

import hashlib
from uuid import UUID

BUCKETS = 64
"""Every member-scoped key leads with `bucket`, so that rows can be spread over machines without a lookup."""

_LINES_MAX = 255
_MS_MAX = (1 << 48) - 1


def digest(*parts: str, size: int = 16) -> bytes:
    """Hash `parts` so that no two different lists of parts meet: each part is length-prefixed."""
    raws = [part.encode() for part in parts]
    return hashlib.blake2b(
        b"".join([piece for raw in raws for piece in (len(raw).to_bytes(4, "big"), raw)]), digest_size=size
    ).digest()


def uuid7(at_ms: int, seed: bytes) -> bytes:
    """Return 16 bytes of a version-7 UUID from a time in milliseconds since 1970 and at least 10 bytes of hash."""
    if not 0 <= at_ms <= _MS_MAX:
        raise ValueError(f"a UUIDv7 holds milliseconds from 1970 to 10889, not {at_ms}")
    head = at_ms.to_bytes(6, "big")
    return head + bytes((0x70 | (seed[0] & 0x0F), seed[1], 0x80 | (seed[2] & 0x3F))) + seed[3:10]


def event_key(at_ms: int, seed: bytes) -> bytes:
    """Return the key of an event: its line byte is 0."""
    return uuid7(at_ms, seed)[:15] + b"\x00"


def entry_key(key: bytes, line: int) -> bytes:
    """Return the key of the event's `line`-th ledger entry, counting from 1."""
    if not 1 <= line <= _LINES_MAX:
        raise ValueError(f"an event causes at most {_LINES_MAX} entries, not {line}")
    return key[:15] + bytes((line,))


def member_id(at_ms: int, kind: str, value: str) -> bytes:
    """Return the id of the member who first showed up at `at_ms` under this identity."""
    return uuid7(at_ms, digest("member", kind, value))


def bucket_of(member: bytes) -> int:
    """Return the bucket (0..63) of a member id."""
    return member[15] % BUCKETS


def parse_member_id(text: str) -> bytes | None:
    """Return the id that `text` spells, or None."""
    try:
        return UUID(text).bytes
    except ValueError:
        return None


def luhn_digit(digits: str) -> int:
    """Return the check digit of ISO/IEC 7812 (Luhn) for `digits`."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return -total % 10


def card_number(member: bytes, attempt: int = 0) -> str:
    """Return a 16-digit card number with a Luhn check digit; `attempt` gives the next candidate when one is taken."""
    seed = int.from_bytes(digest("card", member.hex(), str(attempt)), "big") % 10**14
    body = f"9{seed:014d}"
    return f"{body}{luhn_digit(body)}"
