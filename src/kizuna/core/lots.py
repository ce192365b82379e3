"""How a point lot lies in bytes: the one agreement between the engine, which moves lots, and the ledger, which keeps them.

A lot is (unit, restriction, expires_on, remaining): the unit's number in the program, 0 or the number of the purpose that
it is restricted to, the last day on which it may be spent (`DAY_NEVER` for always) and the points left, always > 0.
Lots lie sorted by (unit, expires_on, restriction), equal keys merged. Little-endian, 16 bytes each.
"""

import struct
from typing import NamedTuple

LOT = struct.Struct("<HHiq")
LOT_FIELDS = (("unit", "<u2"), ("restriction", "<u2"), ("expires_on", "<i4"), ("remaining", "<i8"))
"""The same layout as a NumPy dtype."""


class Lot(NamedTuple):
    """One point lot."""

    unit: int
    restriction: int
    expires_on: int
    remaining: int


def unpack(raw: bytes) -> list[Lot]:
    """Read lots from bytes. A length that is no multiple of 16 raises struct.error."""
    return [Lot(*fields) for fields in LOT.iter_unpack(raw)]


def pack(lots: list[Lot]) -> bytes:
    """Write lots to bytes."""
    return b"".join(LOT.pack(*lot) for lot in lots)


class Counters(NamedTuple):
    """What a member's row counts for the books, in points of one unit since joining.

    earned + forgiven + adjusted + transferred − spent − lapsed − reversed − held = the sum of the open lots − debt, at every commit.
    `forgiven` is debt that was written off or asked for in money; `held` is what open holds reserve; `adjusted` (by hand) and
    `transferred` (with other members) are net, so that they may be negative.
    """

    earned: int = 0
    spent: int = 0
    lapsed: int = 0
    debt: int = 0
    reversed: int = 0
    forgiven: int = 0
    held: int = 0
    adjusted: int = 0
    transferred: int = 0

    @property
    def balance(self) -> int:
        """Points in the pocket; negative when the member owes."""
        came = self.earned + self.forgiven + self.adjusted + self.transferred
        return came - self.spent - self.lapsed - self.reversed - self.held
