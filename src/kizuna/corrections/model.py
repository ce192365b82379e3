"""Corrections: what was asked for, by whom, who decided, what became of it.

Always true: a correction is carried out at most once, as one operation whose id is made from the correction's; whoever approves one is not
who asked for it. Points are signed from the member's side.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from kizuna.core.errors import Problem

NOTE_MAX = 500


class State(StrEnum):
    """Where a correction stands. `approved`: it may go, and is being carried out, by us or after us by the worker."""

    WAITING = "waiting"
    APPROVED = "approved"
    DONE = "done"
    REFUSED = "refused"
    REJECTED = "rejected"


class BulkState(StrEnum):
    """Where a file of corrections stands. `approved`: a job carries it out, or did for a part and was stopped."""

    WAITING = "waiting"
    APPROVED = "approved"
    DONE = "done"
    REJECTED = "rejected"


UNDER_WAY = (BulkState.WAITING, BulkState.APPROVED)
"""States in which a file's content is still needed."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A correction as it is asked for. `subject` is any identity; `unit` left out is the program's first one."""

    subject: str
    points: int
    reason: str
    unit: str | None = None
    note: str | None = None
    expires_on: date | None = None
    may_owe: bool = False


@dataclass(frozen=True, slots=True)
class Correction:
    """One correction as it stands. `decided_by` is None where its size needed nobody. `problem` says why it was refused."""

    id: str
    wish: Wish
    member: bytes
    state: State
    asked_by: str
    asked_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    decision: str | None = None
    balance: int | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Bulk:
    """A file of corrections that somebody confirmed. `carried` and `refused` count the rows that the job came to.

    `left_out` are rows that could not be read when it was confirmed; `points` is the sum of the sizes of all
    rows that could be read, whether or not they named somebody then.
    """

    id: str
    upload: int
    file: str
    kind: str
    state: BulkState
    rows: int
    left_out: int
    points: int
    asked_by: str
    asked_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    decision: str | None = None
    job: int | None = None
    refused_file: int | None = None
    carried: int = 0
    refused: int = 0


class Row(NamedTuple):
    """A row that can be carried out as far as the file tells; `number` counts as a person does, the head line being 1."""

    number: int
    wish: Wish
    cells: Sequence[str]


class Faulty(NamedTuple):
    """A row that cannot."""

    number: int
    cells: Sequence[str]
    problem: Problem


class Sums(NamedTuple):
    """What a file adds to and takes from one unit, both counted positive."""

    added: int
    taken: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would do now. `above` rows need a second person by themselves; `again` are (row, the earlier row of that member).

    `points` and `above` are of every row that could be read, also of those that name nobody now.
    `members` says by row whom it names. `carried_before` is the day on which a file of this very content was carried out.
    """

    head: Sequence[str]
    rows: Sequence[Row]
    faulty: Sequence[Faulty]
    sums: Mapping[str, Sums]
    points: int
    above: int
    needs_approval: bool
    not_found: int
    again: Sequence[tuple[int, int]]
    members: Mapping[int, bytes] = field(default_factory=dict)
    carried_before: datetime | None = None
