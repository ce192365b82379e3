"""What files are read into, whatever they hold: things that are posted in one order, each as one arrival or a refusal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from kizuna.connect.csv.rejects import Reject
from kizuna.connect.csv.summary import FileRead, Summary
from kizuna.core.errors import Problem
from kizuna.intake import Arrival, Outcome
from kizuna.runtime.db import Connection


@dataclass(slots=True)
class Told:
    """Some things as arrivals, each with its number among the things; `refused` are those that no arrival can be made of."""

    arrivals: list[Arrival] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    refused: list[tuple[int, Problem]] = field(default_factory=list)


class Tally(Protocol):
    """What became of the things posted so far."""

    refused: int

    def count(self, arrival: Arrival, outcome: Outcome) -> None:
        """Count a thing that is recorded."""

    @property
    def numbers(self) -> dict[str, Any]:
        """Return the counts by name, so that a later run can go on from them."""


class Book(Protocol):
    """Files as read. `rejected` things are wrong in the files; `len()` counts the others."""

    @property
    def files(self) -> list[FileRead]:
        """The files as they were read."""

    @property
    def rejected(self) -> int:
        """How many things are not posted."""

    @property
    def rejects(self) -> Sequence[Reject]:
        """What is wrong, row by row."""

    def __len__(self) -> int: ...

    def whose(self, start: int, stop: int) -> Sequence[int]:
        """Return of some things whom they concern, by number."""

    def tell(self, start: int, stop: int, now_ms: int) -> Told:
        """Return the things `start` to `stop` (exclusive) as arrivals."""

    def refusal(self, number: int, problem: Problem) -> Reject:
        """Return the reject of a thing that the road did not take, at its first row."""

    async def prepare(self, conn: Connection, run: str) -> None:
        """Look up what telling needs, in one transaction, before anything is posted."""

    def tally(self, today: int, earlier: Mapping[str, Any]) -> Tally:
        """Return a tally that goes on from the numbers of an earlier one."""

    def summary(self, run: str, tally: Any, skipped: int) -> Summary:
        """Return what came of it; `skipped` things were posted by an earlier run."""
