"""Where a page of a list ends, as an opaque word in an address. Pure.

A cursor is a place between two rows, not a row number: rows that come or go elsewhere never shift what one reads. It names
the list that it is of, so that another list refuses it.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from kizuna.core.errors import CursorInvalid

FIRST_ID = UUID(int=0)
LAST_ID = UUID(int=2**128 - 1)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """Beside the row with `key` and `member` in part `part` of a list: `is_back` asks for the rows before it."""

    part: int
    key: str | int
    member: UUID
    is_back: bool = False


@dataclass(frozen=True, slots=True)
class Rows(Generic[T]):
    """One page, and the cursors of its neighbours: None where there is none."""

    rows: Sequence[T]
    previous: str | None
    following: str | None


def write(name: str, place: Place) -> str:
    """Return `place` in the list `name` as a cursor."""
    facts = [name, int(place.is_back), place.part, place.key, place.member.hex]
    return base64.urlsafe_b64encode(json.dumps(facts, separators=(",", ":")).encode()).rstrip(b"=").decode()


def read(name: str, cursor: str, key: type[str] | type[int]) -> Place:
    """Return the place that a cursor of the list `name` means; its key is a `key`. Raises `CursorInvalid`."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        whose, is_back, part, at, member = json.loads(raw)
        if whose != name or type(at) is not key or type(part) is not int or is_back not in (0, 1):
            raise CursorInvalid(field="cursor", cursor=cursor)
        if isinstance(at, str):
            at.encode()
            if "\x00" in at:
                raise CursorInvalid(field="cursor", cursor=cursor)
        elif abs(at) >= 2**63:
            raise CursorInvalid(field="cursor", cursor=cursor)
        return Place(part, at, UUID(hex=member), bool(is_back))
    except (binascii.Error, ValueError, TypeError, AttributeError, RecursionError) as fault:
        raise CursorInvalid(field="cursor", cursor=cursor) from fault


def page(name: str, found: Sequence[tuple[Place, T]], limit: int, *, begun: bool, is_back: bool) -> Rows[T]:
    """Return the page of what was found: up to `limit` + 1 rows in the order of the walk, nearest to the cursor first.

    `begun` says whether the walk began at a cursor, so that there is something behind it.
    """
    is_more = len(found) > limit
    shown = list(found[:limit])
    if is_back:
        shown.reverse()
    before, after = (is_more, begun) if is_back else (begun, is_more)
    if not shown:
        return Rows([], None, None)
    first, last = shown[0][0], shown[-1][0]
    return Rows(
        [row for _, row in shown],
        write(name, Place(first.part, first.key, first.member, is_back=True)) if before else None,
        write(name, Place(last.part, last.key, last.member)) if after else None,
    )
