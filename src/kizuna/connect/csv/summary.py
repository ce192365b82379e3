"""What an import tells while it runs and when it is done."""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from kizuna.connect.csv.rejects import Reject


class Phase(StrEnum):
    """What is going on."""

    READING = "reading"
    POSTING = "posting"
    WAITING = "waiting"


class Progress(NamedTuple):
    """How far it is: bytes while reading, orders while posting; while waiting for the database, tries.

    `seconds_left` is None as long as nobody can tell.
    """

    phase: Phase
    done: int
    total: int
    rate_per_s: float = 0.0
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file as it was read: `encoding` is None for Parquet, `rows` counts rows of data."""

    name: str
    format: str
    encoding: str | None
    rows: int


@dataclass(slots=True)
class Summary:
    """What became of the files. `replayed` things were recorded before, by this run or in another way.

    `refused` ones were not taken by the program or the ledger; others are wrong in the files. Both kinds stand in the rejects
    file, and `first_rejects` are the first few. `rejected_rows` counts the rows named there.
    """

    run_id: str
    files: list[FileRead] = field(default_factory=list)
    lines: int = 0
    accepted: int = 0
    replayed: int = 0
    refused: int = 0
    rejected_rows: int = 0
    members_new: int = 0
    seconds: float = 0.0
    rejects: str | None = None
    first_rejects: list[Reject] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self) | {"first_rejects": [reject._asdict() for reject in self.first_rejects]}


@dataclass(slots=True)
class Orders(Summary):
    """What became of orders: accepted + replayed + refused + rejected_orders = orders.

    `rejected_orders` are wrong in the files. `points_lapsed` are those of `points_issued` whose time was over already when they
    were posted.
    """

    orders: int = 0
    rejected_orders: int = 0
    points_issued: int = 0
    points_lapsed: int = 0
