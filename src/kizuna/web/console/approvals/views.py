"""What the screens of approvals show, as plain data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from kizuna.core.errors import Problem
from kizuna.corrections import Bulk, Faulty, Preview
from kizuna.runtime.uploads import Upload
from kizuna.web.console.deeds.views import Named
from kizuna.web.views import UnitView


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """A correction as shown. `is_own`: the person who looks asked for it. `balance` is what there is now, or right after it."""

    id: str
    who: Named
    points: int
    unit: UnitView
    reason: str
    note: str | None
    expires_on: date | None
    state: str
    asked_by: str
    asked_at: datetime
    is_own: bool = False
    is_by_key: bool = False
    balance: int | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    decision: str | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class BulkCard:
    """A file of corrections as a list shows it."""

    bulk: Bulk
    asked_by: str
    is_own: bool
    decided_by: str | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that waits, and what was decided lately."""

    waiting: Sequence[CorrectionView] = ()
    bulks: Sequence[BulkCard] = ()
    decided: Sequence[CorrectionView] = ()
    carried: Sequence[BulkCard] = ()
    limit: int | None = None

    @property
    def count(self) -> int:
        """How much waits."""
        return len(self.waiting) + len(self.bulks)


@dataclass(frozen=True, slots=True)
class RowView:
    """One of the first rows of a file, as it is understood."""

    number: int
    who: Named
    points: int
    unit: UnitView
    reason: str
    note: str | None
    expires_on: date | None
    is_above: bool


@dataclass(frozen=True, slots=True)
class FileView:
    """A file of corrections looked through. `seen` is None where it cannot be read; `problem` then says why."""

    upload: Upload
    kind: str
    seen: Preview | None = None
    rows: Sequence[RowView] = ()
    sums: Sequence[tuple[UnitView, int, int]] = ()
    faulty: Sequence[Faulty] = ()
    problem: Problem | None = None
    limit: int | None = None
    card: BulkCard | None = None
    job_is_open: bool = False
