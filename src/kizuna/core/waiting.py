"""How points that wait lie in bytes: the one agreement between the engine, which releases them, and the ledger, which keeps them.

A record is (release_on, cause, unit, restriction, expires_on, points): the day of the release (`DAY_DELIVERED` and `DAY_CLOSED` for an
event's), the order that it depends on (0 for none), the unit's and the purpose's number, the last day of the lot to be (−1
where it runs from a release still to come), and the points, always > 0. Sorted by that order, equal keys merged.
"""

import struct
from typing import NamedTuple

WAITING = struct.Struct("<iQHHiq")
WAITING_FIELDS = (
    ("release_on", "<i4"),
    ("cause", "<u8"),
    ("unit", "<u2"),
    ("restriction", "<u2"),
    ("expires_on", "<i4"),
    ("points", "<i8"),
)
"""The same layout as a NumPy dtype."""


class Waiting(NamedTuple):
    """Points that wait."""

    release_on: int
    cause: int
    unit: int
    restriction: int
    expires_on: int
    points: int


def unpack(raw: bytes) -> list[Waiting]:
    """Read records from bytes. A length that is no multiple of 28 raises struct.error."""
    return [Waiting(*fields) for fields in WAITING.iter_unpack(raw)]


def pack(waiting: list[Waiting]) -> bytes:
    """Write records to bytes."""
    return b"".join(WAITING.pack(*one) for one in waiting)
