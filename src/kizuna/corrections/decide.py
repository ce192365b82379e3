"""What needs a second person, and what a correction is as an operation. Pure."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any
from uuid import UUID

from kizuna.core.ids import digest
from kizuna.corrections.model import Row, Sums, Wish
from kizuna.intake import canonical_json
from kizuna.program import Adjustments

SOURCE = "corrections"
"""What the operations' events come from."""


def correction_id(by: str, key: str) -> str:
    """Return a correction's id: the same wish with the same key by the same hand is one correction."""
    return str(UUID(bytes=digest("correction", by, key)))


def bulk_id(brand: str, upload: int) -> str:
    """Return the id of a file of corrections: a file that was sent once is carried out once."""
    return str(UUID(bytes=digest("correction bulk", brand, str(upload))))


def row_id(bulk: str, number: int) -> str:
    """Return the id of the operation that a row of a file is."""
    return f"{bulk}:{number}"


def waits(points: int, terms: Adjustments) -> bool:
    """Tell whether so many points, added or taken, need a second person."""
    return terms.approval_above is not None and abs(points) > terms.approval_above


def data_of(wish: Wish, by: str) -> dict[str, Any]:
    """Return a correction as its operation's data; what was left out is left out."""
    told = {
        "unit": wish.unit,
        "note": wish.note,
        "expires_on": wish.expires_on.isoformat() if wish.expires_on else None,
        "may_owe": wish.may_owe or None,
    }
    kept = {name: fact for name, fact in told.items() if fact is not None}
    return {"by": by, "points": wish.points, "reason": wish.reason, **kept}


def hash_of(wish: Wish) -> bytes:
    """Return what tells whether two wishes are the same."""
    return digest(canonical_json({"subject": wish.subject, **data_of(wish, "")}).decode())


def content_hash(raw: bytes) -> bytes:
    """Return what a file's content is known by, whatever it is called."""
    return blake2b(raw, digest_size=16).digest()


def sums_of(rows: Sequence[Row], first_unit: str) -> dict[str, Sums]:
    """Return by unit what rows add and take."""
    sums: dict[str, Sums] = {}
    for row in rows:
        unit, points = row.wish.unit or first_unit, row.wish.points
        before = sums.get(unit, Sums(0, 0))
        sums[unit] = Sums(before.added + max(points, 0), before.taken + max(-points, 0))
    return sums


def again_of(members: Sequence[tuple[int, bytes]]) -> list[tuple[int, int]]:
    """Return the rows that name a member whom an earlier row names, each with the first such row."""
    first: dict[bytes, int] = {}
    return [(number, first[member]) for number, member in members if first.setdefault(member, number) != number]
