"""What the engine remembers of each member, as columns, and how it lies in the member's row as bytes.

A fixed head, then (slot, cell, stretch, value) for every cell that holds something; slots are numbers of the names, so that
all versions of a program share them. The ledger stores these bytes beside the lots and never reads them. Another format gets
another first byte; rows of format 1 (spend by calendar year, and of a lifetime) are read, and written in the present one.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kizuna.core.lots import Counters
from kizuna.engine.cells import EMPTY, Cells, Memory
from kizuna.engine.events import Ints, Rows
from kizuna.engine.names import LIFETIME_SPEND, YEAR_SPEND, Names
from kizuna.engine.pockets import LOT, Pockets
from kizuna.engine.waiting import Waiting

FORMAT = 2
NO_DAY = EMPTY
COUNTERS = len(Counters._fields)
EARNED, SPENT, LAPSED, DEBT, REVERSED, FORGIVEN, HELD, ADJUSTED, TRANSFERRED = range(COUNTERS)

HEAD = np.dtype(
    [
        ("format", "<u1"),
        ("referred", "<u1"),
        ("born", "<i2"),
        ("last_day", "<i4"),
        ("last_order", "<i4"),
        ("joined", "<i4"),
        ("orders", "<i8"),
        ("spend", "<i8"),
    ]
)
_CELL = np.dtype([("slot", "<u2"), ("cell", "<u2"), ("stretch", "<i4"), ("value", "<i8")])
_OLD = np.dtype(
    [
        ("format", "<u1"),
        ("year", "<i4"),
        ("spend_year", "<i8"),
        ("spend_last_year", "<i8"),
        ("spend", "<i8"),
        ("orders", "<i4"),
        ("last_day", "<i4"),
    ]
)


class Ragged(NamedTuple):
    """Packed records of many members, one member's behind the other's: `counts` says how many each has."""

    raw: bytes
    counts: Ints

    @property
    def rows(self) -> Rows:
        """The member of each record."""
        return np.repeat(np.arange(len(self.counts)), self.counts)


def _fresh_head(size: int) -> NDArray[np.void]:
    head = np.zeros(size, HEAD)
    head["format"] = FORMAT
    for name in ("last_day", "last_order", "joined"):
        head[name] = NO_DAY
    return head


FRESH = _fresh_head(1).tobytes()
"""The state of a member to whom nothing has happened."""


class State:
    """`head` (dtype `HEAD`), `counters` (members × units × `COUNTERS`), `memory` by slot, `pockets` by unit and `waiting` share their rows.

    `keys` are the members' own numbers (the last 8 bytes of their ids), for drawing lots that stay.
    """

    def __init__(self, names: Names, size: int) -> None:
        self.names = names
        self.size = size
        self.head = _fresh_head(size)
        self.keys = np.zeros(size, np.uint64)
        self.counters = np.zeros((size, max(1, len(names.units)), COUNTERS), np.int64)
        self.memory = Memory(names, size)
        self.pockets: list[Pockets] = [Pockets(size) for _ in range(self.units)]
        self.waiting = Waiting(size)

    @property
    def units(self) -> int:
        """How many units there are."""
        return self.counters.shape[1]

    @classmethod
    def fresh(cls, names: Names, members: int, keys: Sequence[int] | None = None) -> "State":
        """Return the state of `members` newcomers."""
        state = cls(names, members)
        if keys is not None:
            state.keys[:] = np.fromiter(keys, np.uint64, members)
        return state

    @classmethod
    def unpack(
        cls,
        names: Names,
        memories: Sequence[bytes],
        counters: Sequence[Sequence[int]],
        lots: Sequence[bytes],
        waiting: Sequence[bytes],
        keys: Sequence[int],
    ) -> "State":
        """Read member rows. An empty memory is a newcomer's."""
        state = cls.fresh(names, len(memories), keys)
        widths = set(map(len, counters))
        if len(widths) == 1:
            state.counters.reshape(state.size, -1)[:, : widths.pop()] = counters
        else:
            for row, told in enumerate(counters):
                state.counters[row].flat[: len(told)] = told
        state.read_memories([_renewed(raw) for raw in memories])
        state.read_lots(lots)
        state.waiting = Waiting.unpack(list(waiting))
        return state

    @classmethod
    def of_points(
        cls,
        names: Names,
        keys: NDArray[np.uint64],
        counters: Ints,
        lots: Ragged,
        waiting: Ragged,
        last_order: Ints | None = None,
    ) -> "State":
        """Return members of whom only the points are known: enough for a `TOUCH`, which reads and changes nothing else.

        `counters` has one row a member, the units' counters side by side. `last_order` matters where lots lapse by idleness.
        """
        state = cls(names, len(keys))
        state.keys = keys
        state.counters.reshape(state.size, -1)[:, : counters.shape[1]] = counters
        if last_order is not None:
            state.head["last_order"] = last_order
        state.fill_lots(lots)
        state.waiting = Waiting.filled(waiting.raw, waiting.counts)
        return state

    def read_memories(self, memories: list[bytes]) -> None:
        """Read the opaque columns, in the present format."""
        head = HEAD.itemsize
        self.head = np.frombuffer(b"".join(raw[:head] for raw in memories), HEAD).copy()
        counts = [(len(raw) - head) // _CELL.itemsize for raw in memories]
        found = np.frombuffer(b"".join(raw[head:] for raw in memories), _CELL)
        rows = np.repeat(np.arange(len(memories)), counts)
        if len(found):
            self.memory.fill(rows, found["slot"], found["cell"], found["stretch"], found["value"])

    def read_lots(self, lots: Sequence[bytes]) -> None:
        """Read the lots."""
        self.fill_lots(Ragged(b"".join(lots), np.array([len(raw) // LOT.itemsize for raw in lots], np.int64)))

    def fill_lots(self, lots: Ragged) -> None:
        """Read the lots of all members."""
        found, rows = np.frombuffer(lots.raw, LOT), lots.rows
        for unit in range(self.units):
            mine = found["unit"] == unit
            self.pockets[unit] = Pockets.filled(self.size, rows[mine], found[mine])

    def slot(self, number: int) -> Cells:
        """Return a slot's cells."""
        return self.memory[number]

    def gather(self, rows: Rows) -> "State":
        """Return the state of some members, as a copy."""
        some = State.__new__(State)
        some.names, some.size = self.names, len(rows)
        some.head, some.keys = self.head.take(rows), self.keys.take(rows)
        some.counters = self.counters.take(rows, axis=0)
        some.memory = self.memory.gather(rows)
        some.pockets = [pocket.gather(rows) for pocket in self.pockets]
        some.waiting = self.waiting.gather(rows)
        return some

    def scatter(self, rows: Rows, some: "State") -> None:
        """Write the state of some members back."""
        _plain(self.head)[rows], self.counters[rows] = _plain(some.head), some.counters
        self.memory.scatter(rows, some.memory)
        for mine, theirs in zip(self.pockets, some.pockets, strict=True):
            mine.scatter(rows, theirs)
        self.waiting.scatter(rows, some.waiting)

    def balances(self, rows: Rows) -> Ints:
        """Return spendable points less debt, a column per unit."""
        held = np.stack([pocket.total[rows] for pocket in self.pockets], axis=1)
        return held - self.counters[rows, :, DEBT]

    def pack_memory(self) -> list[bytes]:
        """Write the opaque column, one byte string a member."""
        row, *columns = self.memory.filled()
        found = np.empty(len(row), _CELL)
        for name, column in zip(("slot", "cell", "stretch", "value"), columns, strict=True):
            found[name] = column
        heads, size = self.head.tobytes(), HEAD.itemsize
        tails = _split(found, row, self.size)
        return [heads[place * size : (place + 1) * size] + tail for place, tail in enumerate(tails)]

    def pack_lots(self) -> list[bytes]:
        """Write the lots, one byte string a member."""
        parts, rows = [], []
        for unit, pocket in enumerate(self.pockets):
            row, key, left = pocket.open()
            part = np.empty(len(row), LOT)
            part["unit"], part["restriction"], part["expires_on"], part["remaining"] = (
                unit,
                key & 0xFFFF,
                key >> 16,
                left,
            )
            parts.append(part)
            rows.append(row)
        row = np.concatenate(rows)
        return _split(np.concatenate(parts)[np.argsort(row, kind="stable")], row, self.size)

    def pack_waiting(self) -> list[bytes]:
        """Write what waits, one byte string a member."""
        return self.waiting.pack()


def last_orders(memories: Sequence[bytes]) -> Ints:
    """Return the day of each member's last order, `NO_DAY` where there is none, from the opaque columns."""
    heads = b"".join(_renewed(raw)[: HEAD.itemsize] for raw in memories)
    return np.frombuffer(heads, HEAD)["last_order"].astype(np.int64)


def _plain(head: NDArray[np.void]) -> Ints:
    """Return heads as rows of numbers, which are copied more quickly than records."""
    rows: Ints = head.view(np.int64).reshape(len(head), -1)
    return rows


def _split(records: NDArray[np.void], row: Rows, size: int) -> list[bytes]:
    """Cut records, sorted by row, into one byte string a row; `row` holds the rows in any order."""
    raw = records.tobytes()
    ends = (np.cumsum(np.bincount(row, minlength=size)) * records.dtype.itemsize).tolist()
    return [raw[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def _renewed(raw: bytes) -> bytes:
    """Return a memory in the present format."""
    if not raw:
        return FRESH
    if raw[0] == FORMAT:
        return raw
    if raw[0] != 1:
        raise ValueError(f"a member's state has the format {raw[0]}: a newer Kizuna wrote it")
    old = np.frombuffer(raw, _OLD)[0]
    head = _fresh_head(1)
    head["last_day"], head["orders"], head["spend"] = old["last_day"], old["orders"], old["spend"]
    head["last_order"] = old["last_day"] if old["orders"] else NO_DAY
    head["joined"] = NO_DAY
    cells = []
    if old["year"] != NO_DAY:
        year = int(old["year"]) - 1970
        cells = [(YEAR_SPEND, year % 2, year, old["spend_year"]), (LIFETIME_SPEND, 0, 0, old["spend"])]
        if old["spend_last_year"]:
            cells.append((YEAR_SPEND, (year - 1) % 2, year - 1, old["spend_last_year"]))
    return head.tobytes() + np.array(sorted(cells), _CELL).tobytes()
