"""What the first run shows, as plain data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kizuna.connect.csv import Head, Preview
from kizuna.core.errors import Problem
from kizuna.program import Program, Template
from kizuna.publishing import Draft
from kizuna.runtime.jobs import Job
from kizuna.runtime.uploads import Upload
from kizuna.web.entered import Entered

STEPS = ("look", "program", "import", "review")


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a brand has come. `version` is None before anything is published; `job` is the newest import's."""

    has_look: bool
    draft: Draft | None
    version: int | None
    upload: Upload | None
    job: Job | None

    @property
    def is_done(self) -> Mapping[str, bool]:
        """Tell of each step whether it is behind."""
        live = self.version is not None
        return {
            "look": self.has_look,
            "program": self.draft is not None or live,
            "import": self.upload is not None and "columns" in self.upload.about,
            "review": live,
        }

    @property
    def next_path(self) -> str:
        """The address at which to go on."""
        if self.version is not None:
            return "/console/start/done"
        if not self.has_look:
            return "/console/start/look"
        if self.draft is None:
            return "/console/start/program"
        return "/console/start/review" if self.is_done["import"] else "/console/start/numbers"


@dataclass(frozen=True, slots=True)
class Example:
    """What some purchases earn by a program: (minor units, points) each."""

    rows: Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class TemplateCard:
    """A template on offer, with what its example earns."""

    template: Template
    points: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class NumbersForm:
    """The program's few numbers as they were typed. `rungs` is how many tiers the form has room for, 0 for none."""

    entered: Entered
    rungs: int
    example: Example | None
    seen: datetime | None
    template: Template | None


@dataclass(frozen=True, slots=True)
class ColumnsForm:
    """Which column is what, as chosen; the preview that follows, or why there is none.

    `is_whole` is false where the preview read only the beginning of a large file.
    """

    upload: Upload
    head: Head
    entered: Entered
    preview: Preview | None
    problem: Problem | None = None
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Review:
    """What is about to be published."""

    program: Program
    seen: datetime
    upload: Upload | None
