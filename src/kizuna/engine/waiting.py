"""Points that wait, of all members, as one flat table: few programs have them, and then few lie open at a time.

A record has a member's row and the fields of `core.waiting`. Records with equal keys are one wherever they are looked at.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kizuna.core.days import DAY_DELIVERED
from kizuna.core.waiting import WAITING, WAITING_FIELDS
from kizuna.engine.events import Bools, Ints, Rows

PACKED = np.dtype(list(WAITING_FIELDS))
RECORD = np.dtype([("row", "<i8"), *WAITING_FIELDS])
_KEY = ("row", *(name for name, _ in WAITING_FIELDS[:-1]))
Records = NDArray[np.void]


class Key(NamedTuple):
    """What points that wait are known by."""

    release_on: Ints
    cause: NDArray[np.uint64]
    unit: int
    restriction: int
    expires_on: Ints


class Waiting:
    """The waiting points of `size` members."""

    def __init__(self, size: int, records: Records | None = None) -> None:
        self.size = size
        self.records = np.empty(0, RECORD) if records is None else records

    def __bool__(self) -> bool:
        return len(self.records) > 0

    @classmethod
    def unpack(cls, packed: list[bytes]) -> "Waiting":
        """Read one byte string a member."""
        return cls.filled(b"".join(packed), np.array([len(raw) // WAITING.size for raw in packed], np.int64))

    @classmethod
    def filled(cls, raw: bytes, counts: Ints) -> "Waiting":
        """Read the records of all members, one member's behind the other's; `counts` says how many each has."""
        found = np.frombuffer(raw, PACKED)
        records = np.empty(len(found), RECORD)
        records["row"] = np.repeat(np.arange(len(counts)), counts)
        for name, _ in WAITING_FIELDS:
            records[name] = found[name]
        return cls(len(counts), records)

    def pack(self) -> list[bytes]:
        """Write one byte string a member."""
        if not self:
            return [b""] * self.size
        records = merged(self.records)
        packed = np.empty(len(records), PACKED)
        for name, _ in WAITING_FIELDS:
            packed[name] = records[name]
        raw = packed.tobytes()
        ends = (np.cumsum(np.bincount(records["row"], minlength=self.size)) * WAITING.size).tolist()
        return [raw[start:end] for start, end in zip([0, *ends], ends, strict=False)]

    def gather(self, rows: Rows) -> "Waiting":
        """Return what waits of some members, as a copy with their places as rows."""
        if not self:
            return Waiting(len(rows))
        place = np.full(self.size, -1, np.int64)
        place[rows] = np.arange(len(rows))
        mine = self.records[place[self.records["row"]] >= 0].copy()
        mine["row"] = place[mine["row"]]
        return Waiting(len(rows), mine)

    def scatter(self, rows: Rows, some: "Waiting") -> None:
        """Write what waits of some members back."""
        if not self and not some:
            return
        theirs = np.zeros(self.size, np.bool_)
        theirs[rows] = True
        back = some.records.copy()
        back["row"] = rows[back["row"]]
        self.records = np.concatenate([self.records[~theirs[self.records["row"]]], back])

    def add(self, rows: Rows, key: Key, points: Ints) -> None:
        """Let points > 0 wait."""
        new = np.empty(len(rows), RECORD)
        new["row"], new["points"] = rows, points
        for name, column in key._asdict().items():
            new[name] = column
        self.records = np.concatenate([self.records, new])

    def due(self, rows: Rows, day: Ints) -> Records:
        """Remove and return what is to be released by `day` (one a row), in the order of release; `row` is the place in `rows`."""
        until = np.full(self.size, -1, np.int64)
        until[rows] = day
        return self._pull(rows, self.records["release_on"] <= until[self.records["row"]])

    def told(self, rows: Rows, cause: NDArray[np.uint64], first_day: Ints) -> Records:
        """Remove and return what waits for an event of the order `cause` (one a row), with a release day of at most `first_day`.

        Only release days of at least `DAY_DELIVERED` are meant; the caller gives `DAY_DELIVERED` or `DAY_CLOSED`.
        """
        named, until = np.zeros(self.size, np.uint64), np.full(self.size, -1, np.int64)
        named[rows], until[rows] = cause, first_day
        mine, day = self.records["row"], self.records["release_on"]
        return self._pull(rows, (day >= DAY_DELIVERED) & (day <= until[mine]) & (self.records["cause"] == named[mine]))

    def cancel(self, rows: Rows, key: Key, points: Ints) -> Ints:
        """Take up to `points` (one a row) from the record of that key; return how many were there."""
        taken = np.zeros(len(rows), np.int64)
        if not self:
            return taken
        self.records = merged(self.records)
        wanted = np.full(self.size, -1, np.int64)
        wanted[rows] = np.arange(len(rows))
        at = wanted[self.records["row"]]
        safe = np.maximum(at, 0)
        found = at >= 0
        for name, column in key._asdict().items():
            found &= self.records[name] == (column if isinstance(column, int) else column[safe])
        place = np.flatnonzero(found)
        part = np.minimum(self.records["points"][place], points[at[place]])
        self.records["points"][place] -= part
        taken[at[place]] = part
        self.records = self.records[self.records["points"] > 0]
        return taken

    def sums(self, rows: Rows, units: int) -> Ints:
        """Return how many points wait, a column per unit."""
        total = np.zeros((self.size, units), np.int64)
        np.add.at(total, (self.records["row"], self.records["unit"]), self.records["points"])
        some: Ints = total[rows]
        return some

    def _pull(self, rows: Rows, which: Bools) -> Records:
        if not which.any():
            return np.empty(0, RECORD)
        pulled, self.records = merged(self.records[which]), self.records[~which]
        place = np.full(self.size, -1, np.int64)
        place[rows] = np.arange(len(rows))
        pulled["row"] = place[pulled["row"]]
        return merged(pulled)


def merged(records: Records) -> Records:
    """Sort records by row and key, and make one of those that are equal."""
    if len(records) < 2:
        return records.copy()
    ordered = records[np.lexsort([records[name] for name in reversed(_KEY)])]
    new = np.ones(len(ordered), np.bool_)
    new[1:] = np.logical_or.reduce([ordered[name][1:] != ordered[name][:-1] for name in _KEY])
    starts = np.flatnonzero(new)
    one = ordered[starts].copy()
    one["points"] = np.add.reduceat(ordered["points"], starts)
    return one
