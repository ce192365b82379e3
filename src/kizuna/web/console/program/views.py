"""What the program's screens show, as plain data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from kizuna.core.errors import Problem
from kizuna.program import Program
from kizuna.publishing import Draft
from kizuna.web.console.program.faults import Finding
from kizuna.web.console.program.forms.sheet import Sheet


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A published version: since when it decides, when and by whom it was published, and what was written about it.

    `state` is "live", "later" (it has not begun) or "past".
    """

    number: int
    effective_at: datetime
    published_at: datetime
    note: str
    state: str
    published_by: str = ""

    @property
    def is_in_force(self) -> bool:
        """Whether it decides now."""
        return self.state == "live"


@dataclass(frozen=True, slots=True)
class ProgramView:
    """A version, every version (newest first), the document as text, and the draft if there is one.

    `before` is the version before the one that is shown, None for the first.
    """

    program: Program
    version: int
    versions: Sequence[VersionLine]
    text: str
    before: Program | None = None
    draft: Draft | None = None

    @property
    def line(self) -> VersionLine:
        """The version that is shown."""
        return next(one for one in self.versions if one.number == self.version)


@dataclass(frozen=True, slots=True)
class Standing:
    """The draft, and what it is to replace: the version in force (None before the first) and the newest one's number."""

    draft: Draft
    live: Program | None
    version: int | None
    newest: int

    @property
    def begun_from(self) -> int | None:
        """The version that the draft was begun from."""
        begun = self.draft.about.get("from")
        return int(begun) if begun is not None else None


@dataclass(frozen=True, slots=True)
class Row:
    """A part in the list of parts: its address, its name, what it says in a sentence, and a state."""

    key: str
    href: str
    name: str
    sentence: str
    badge: str = ""
    tone: str = "quiet"
    is_first: bool = False
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """The parts of one kind. `add` is where one more is made, "" where there is one such part."""

    key: str
    title: str
    about: str
    rows: Sequence[Row]
    add: str = ""
    add_words: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class PartForm:
    """A part's form: what was typed, what is wrong elsewhere in the document, what it says in words, and what it saw.

    `focus` is the field at which one goes on; `theirs` is what somebody else made of the part meanwhile.
    """

    kind: str
    key: str
    sheet: Sheet
    was: str
    seen: datetime | None
    sentence: str = ""
    warnings: Sequence[Finding] = ()
    elsewhere: Sequence[Finding] = ()
    problem: Problem | None = None
    theirs: str = ""
    focus: str = ""
    open: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TextForm:
    """The document as text, and what is wrong with it."""

    text: str
    seen: datetime | None
    findings: Sequence[Finding] = ()
    problem: Problem | None = None
    theirs: str = ""


@dataclass(frozen=True, slots=True)
class ReviewForm:
    """What is about to be published, what was typed about it, and why it was not taken."""

    fields: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)
    problem: Problem | None = None
