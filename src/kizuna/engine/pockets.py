"""Members' point lots as columns: one row a member, one column a lot, soonest to expire first.

Always true, row by row: lots with points come first and strictly rise by `expires_on`; behind them stand empty cells
(`_EMPTY`, 0). So whatever lapses or is spent is a prefix, and every movement is a shift of the row.
All methods work on many members at once and take each member at most once per call.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kizuna.core.days import DAY_NEVER
from kizuna.core.lots import LOT, LOT_FIELDS
from kizuna.engine.plan import Days, Ints

_EMPTY = DAY_NEVER + 1
_LOT = np.dtype(list(LOT_FIELDS))
Rows = NDArray[np.intp]


@dataclass(slots=True)
class Taken:
    """Lots or parts of lots that left a pocket: which of the rows asked for, when it would have expired, how many points."""

    which: Rows
    expires_on: Ints
    points: Ints


class Pockets:
    """Open lots of `size` members."""

    def __init__(self, expires_on: Ints, left: Ints) -> None:
        self._expires_on = expires_on
        self._left = left

    @classmethod
    def unpack(cls, packed: list[bytes]) -> "Pockets":
        """Read one byte string a member (`core.lots`)."""
        counts = np.fromiter((len(raw) // LOT.size for raw in packed), np.intp, len(packed))
        width = int(counts.max(initial=0)) + 1
        expires_on = np.full((len(packed), width), _EMPTY, np.int64)
        left = np.zeros((len(packed), width), np.int64)
        lots = np.frombuffer(b"".join(packed), _LOT)
        filled = np.arange(width) < counts[:, None]
        expires_on[filled] = lots["expires_on"]
        left[filled] = lots["remaining"]
        return cls(expires_on, left)

    def pack(self) -> list[bytes]:
        """Write one byte string a member."""
        filled = self._left > 0
        lots = np.zeros(int(filled.sum()), _LOT)
        lots["expires_on"] = self._expires_on[filled]
        lots["remaining"] = self._left[filled]
        raw = lots.tobytes()
        ends = (np.cumsum(filled.sum(axis=1)) * LOT.size).tolist()
        return [raw[start:end] for start, end in zip([0, *ends], ends, strict=False)]

    def balance(self, rows: Rows) -> Ints:
        """Return the points in each of `rows`."""
        balance: Ints = self._left[rows].sum(axis=1)
        return balance

    def lapse(self, rows: Rows, day: Days) -> Taken:
        """Remove every lot whose last day is before `day` (one a row)."""
        if not (self._expires_on[rows, 0] < day).any():
            none = np.empty(0, np.int64)
            return Taken(none.astype(np.intp), none, none)
        expires_on, left = self._expires_on[rows], self._left[rows]
        gone = expires_on < day[:, None]
        which, lot = np.nonzero(gone)
        taken = Taken(which, expires_on[which, lot], left[which, lot])
        self._shift(rows, expires_on, left, gone.sum(axis=1))
        return taken

    def take(self, rows: Rows, points: Ints) -> Taken:
        """Take `points` (one a row, at most its balance) from the front of each of `rows`."""
        expires_on, left = self._expires_on[rows], self._left[rows]
        behind = np.cumsum(left, axis=1)
        parts = np.clip(points[:, None] - (behind - left), 0, left)
        which, lot = np.nonzero(parts)
        taken = Taken(which, expires_on[which, lot], parts[which, lot])
        self._shift(rows, expires_on, left - parts, ((left > 0) & (behind <= points[:, None])).sum(axis=1))
        return taken

    def put(self, rows: Rows, expires_on: Ints, points: Ints) -> None:
        """Add a lot of `points` > 0 to each of `rows`, merged with the lot of the same last day where there is one."""
        if (self._left[rows, -1] > 0).any():
            self._widen()
        mine = self._expires_on[rows]
        place = (mine < expires_on[:, None]).sum(axis=1)
        lane = np.arange(len(rows))
        same = mine[lane, place] == expires_on
        self._left[rows[same], place[same]] += points[same]
        new = ~same
        if new.any():
            rows, place, lane = rows[new], place[new, None], lane[new]
            cells = np.arange(mine.shape[1])
            source = cells - (cells > place)
            days = np.take_along_axis(mine[lane], source, axis=1)
            left = np.take_along_axis(self._left[rows], source, axis=1)
            here = cells == place
            days[here], left[here] = expires_on[new], points[new]
            self._expires_on[rows], self._left[rows] = days, left

    def _shift(self, rows: Rows, expires_on: Ints, left: Ints, by: NDArray[np.intp]) -> None:
        """Write `rows` back with their first `by` cells dropped."""
        width = left.shape[1]
        source = np.arange(width) + by[:, None]
        inside = source < width
        source[~inside] = 0
        self._expires_on[rows] = np.where(inside, np.take_along_axis(expires_on, source, axis=1), _EMPTY)
        self._left[rows] = np.where(inside, np.take_along_axis(left, source, axis=1), 0)

    def _widen(self) -> None:
        more = max(4, self._left.shape[1] // 2)
        self._expires_on = np.pad(self._expires_on, ((0, 0), (0, more)), constant_values=_EMPTY)
        self._left = np.pad(self._left, ((0, 0), (0, more)))
