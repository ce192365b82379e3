"""Members' histories as columns, and the rows that they should lead to.

Always true: entries lie by member, and by their number within each, whatever order they came in.
"""

import struct
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from kizuna.core.lots import Counters
from kizuna.ledger.model import NO_RULE, NO_VERSION, Entry
from kizuna.ledger.proof.columns import Columns, ends_of, names_of, starts_of, words
from kizuna.ledger.proof.model import Moment
from kizuna.ledger.proof.walk import Step, Texts, is_short

_ARRAY = struct.Struct(">5i")
"""How an array begins in binary: its dimensions, whether it holds nulls, its elements' type, how many they are, the first's index."""
_BIGINT = 20
_WIDTH = len(Counters._fields)


class Histories:
    """Some members' entries in the order of their making, member after member. `ids` are the members, `starts` where each begins."""

    def __init__(self, rows: Columns, texts: dict[bytes, tuple[bytes, str]]) -> None:
        high, low = words(rows["member"])
        order = np.lexsort((rows["n"], low, high))
        rows, high, low = rows[order], high[order], low[order]
        self.rows, self._texts = rows, texts
        self.starts = starts_of(high, low)
        self.ids = [one.tobytes() for one in rows["member"][self.starts]]
        self.ends = ends_of(self.starts, len(rows))
        self.place = {member: number for number, member in enumerate(self.ids)}
        self.kind, self.unit, self.points = (rows[name].astype(np.int64) for name in ("kind", "unit", "points"))
        self.at_ms = (words(rows["key"])[0] >> np.uint64(16)).astype(np.int64)
        self.n = rows["n"].astype(np.int64)

    def steps(self) -> Iterator[Step]:
        """Walk all entries as the short way reads them."""
        rows = self.rows
        texts: list[Texts] = [None] * len(rows)
        having = np.flatnonzero(rows["has_texts"])
        for place, name in zip(having.tolist(), names_of(rows[having]), strict=True):
            texts[place] = self._texts.get(name)
        cause = rows["cause"].astype(np.int64).view(np.uint64)
        plain = (rows[name].tolist() for name in ("expires_on", "restriction", "release_on"))
        return zip(
            self.kind.tolist(), self.unit.tolist(), self.points.tolist(), *plain, cause.tolist(), texts, strict=True
        )

    def entries(self, member: bytes) -> list[Entry]:
        """Return one member's entries, as far as a replay reads them."""
        number = self.place.get(member)
        if number is None:
            return []
        made = []
        for row in self.rows[self.starts[number] : self.ends[number]]:
            key = row["key"].tobytes()
            taken, account = self._texts.get(member + key, (b"", ""))
            made.append(
                Entry(
                    member, key, int(row["n"]), int(row["kind"]), int(row["unit"]), int(row["points"]), int(row["expires_on"]),
                    NO_VERSION, NO_RULE, 0, taken, int(row["restriction"]), int(row["release_on"]), int(row["cause"]) % 2**64,
                    None, None, account or None,
                )
            )  # fmt: skip
        return made

    def are_short(self, moment: Moment) -> NDArray[np.bool_]:
        """Tell of each member whether the short way may be tried: nothing is missing or doubled, and nothing lies after the moment."""
        if not self.ids:
            return np.zeros(0, np.bool_)
        ordinal = np.arange(len(self.n)) - np.repeat(self.starts, self.ends - self.starts) + 1
        fine = (self.n == ordinal) & (self.at_ms < moment.ends_ms) & is_short(self.kind, self.unit, self.points)
        return np.logical_and.reduceat(fine, self.starts)


def packed_counters(counted: NDArray[np.int64]) -> list[bytes]:
    """Return counters (by member, unit and counter) as the database sends them: of each unit up to the last that has any."""
    members, units, width = counted.shape
    cells = np.empty((members, units * width), np.dtype([("length", ">i4"), ("value", ">i8")]))
    cells["length"], cells["value"] = 8, counted.reshape(members, -1)
    whole, size = cells.tobytes(), cells.itemsize * units * width
    used = np.where(counted.any(axis=2), np.arange(units), 0).max(axis=1).tolist() if units > 1 else [0] * members
    heads = [_ARRAY.pack(1, 0, _BIGINT, (last + 1) * width, 1) for last in range(units)]
    ends = [cells.itemsize * (last + 1) * width for last in range(units)]
    return [
        heads[last] + whole[at : at + ends[last]] for at, last in zip(range(0, members * size, size), used, strict=True)
    ]


NO_COUNTERS = packed_counters(np.zeros((1, 1, _WIDTH), np.int64))[0]
"""The counters of a member to whom nothing happened."""
