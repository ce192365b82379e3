"""What the engine remembers of each member, as columns, and how it lies in the member's row as bytes.

`spend*` are minor units. `year` is the latest calendar year with an order (`NO_YEAR` before the first); `spend_year` is
that year's spend, `spend_last_year` the spend of the year before it, `spend` the spend of a lifetime.
The ledger stores these bytes beside the lots and never reads them. A later format gets another first byte.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kizuna.core.lots import Counters
from kizuna.engine.plan import Days, Ints
from kizuna.engine.pockets import Pockets, Rows

FORMAT = 1
NO_YEAR = -(2**31)

STATE = np.dtype(
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
_FRESH = np.zeros(1, STATE)
_FRESH["format"] = FORMAT
_FRESH["year"] = NO_YEAR
_FRESH["last_day"] = NO_YEAR
FRESH = _FRESH.tobytes()
"""The state of a member to whom nothing has happened."""


@dataclass(slots=True)
class State:
    """`memory` (dtype `STATE`), `counters` (n × 4: earned, spent, lapsed, debt) and `pockets` share their row numbers."""

    memory: NDArray[np.void]
    counters: Ints
    pockets: Pockets

    @classmethod
    def unpack(cls, memories: list[bytes], counters: list[Counters], lots: list[bytes]) -> "State":
        """Read member rows."""
        memory = np.frombuffer(b"".join(memories), STATE).copy()
        if (memory["format"] != FORMAT).any():
            raise ValueError(f"a member's state has a format other than {FORMAT}: a newer Kizuna wrote it")
        return cls(memory, np.array(counters, np.int64).reshape(-1, 4), Pockets.unpack(lots))

    @classmethod
    def fresh(cls, members: int) -> "State":
        """Return the state of `members` newcomers."""
        return cls.unpack([FRESH] * members, [Counters()] * members, [b""] * members)

    def pack_memory(self) -> list[bytes]:
        """Write the opaque column, one byte string a member."""
        raw, size = self.memory.tobytes(), STATE.itemsize
        return [raw[start : start + size] for start in range(0, len(raw), size)]


def year_of(day: Days) -> Ints:
    """Return the calendar year of each day."""
    return day.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


def add_order(state: State, rows: Rows, day: Days, amount: Ints) -> None:
    """Count an order of `amount` on `day` for each of `rows` (each once), whichever year it falls in."""
    memory = state.memory[rows]
    year, known = year_of(day), memory["year"].astype(np.int64)
    begins = year > known
    memory["spend_last_year"] = np.where(
        begins, np.where(year == known + 1, memory["spend_year"], 0), memory["spend_last_year"]
    )
    memory["spend_year"] = np.where(begins, 0, memory["spend_year"])
    memory["year"] = np.maximum(year, known)
    memory["spend_year"] += np.where(year >= known, amount, 0)
    memory["spend_last_year"] += np.where(year == known - 1, amount, 0)
    memory["spend"] += amount
    memory["orders"] += 1
    state.memory[rows] = memory
