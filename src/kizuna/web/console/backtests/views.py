"""What the back-test studio shows, as plain data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kizuna.core.errors import Problem
from kizuna.publishing import Draft
from kizuna.simulate import Study
from kizuna.web.console.desk.views import JobView
from kizuna.web.console.program.faults import Finding
from kizuna.web.entered import Entered


@dataclass(frozen=True, slots=True)
class Line:
    """A study in the list; `told` is what its first candidate came to, None before it ran or where it is long ago."""

    study: Study
    told: Mapping[str, object] | None
    job: JobView | None


@dataclass(frozen=True, slots=True)
class Beginnings:
    """What a candidate may begin with: the program in force, the draft, and the templates. `live` is its version."""

    live: int | None
    has_draft: bool


@dataclass(frozen=True, slots=True)
class NewForm:
    """A new back-test as typed, and what is wrong with it."""

    entered: Entered
    beginnings: Beginnings
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class StudyForm:
    """A study with what is asked as typed; `job` is the newest run."""

    study: Study
    entered: Entered
    beginnings: Beginnings
    job: JobView | None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class TextForm:
    """A candidate's document as text, and what is wrong with it."""

    study: Study
    place: int
    text: str
    findings: Sequence[Finding] = ()
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class StoryForm:
    """One member under each candidate: whom was asked for, the story where it is told, the work where it is not yet."""

    study: Study
    typed: str
    member: str = ""
    job: JobView | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class PublishForm:
    """A candidate that is to become the draft in place of the one that is there."""

    study: Study
    place: int
    draft: Draft
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class ResultView:
    """What a study came to; `job` is the newest run."""

    study: Study
    job: JobView | None
    problem: Problem | None = None
