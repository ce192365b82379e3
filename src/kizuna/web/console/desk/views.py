"""What the desk shows, as plain data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from kizuna.runtime.jobs import Job


@dataclass(frozen=True, slots=True)
class JobView:
    """A job, seen at a moment. `rate` is things a second, `left_s` seconds to the end of the phase."""

    job: Job
    at: datetime
    rate: float | None
    left_s: int | None
    is_new: bool

    @property
    def waits_long(self) -> bool:
        """Tell whether nobody has taken the job up for longer than a worker that runs would need."""
        return self.job.state == "waiting" and (self.at - self.job.asked_at).total_seconds() > 20


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: a link, or a form of one button that sends `fields` to `href`."""

    words: str
    href: str
    sign: str
    note: str = ""
    fields: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Things of one sort that were found."""

    name: str
    hits: Sequence[Hit]


@dataclass(frozen=True, slots=True)
class Found:
    """All that a search found, in groups that hold something."""

    query: str
    groups: Sequence[Group] = field(default_factory=tuple)

    @property
    def count(self) -> int:
        """How many things."""
        return sum(len(group.hits) for group in self.groups)
