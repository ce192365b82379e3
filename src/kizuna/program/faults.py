"""What is found in a document: a place, a severity, a stable code, the reason and the remedy, each in both languages.

A fault's words are message ids with facts, which the faces translate; `str()` of them is English. An error refuses the
document, a warning is shown and refuses nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum

from kizuna.core.errors import N_
from kizuna.program.messages import Message, Said, noted, say

SHOWN_LENGTH_MAX = 40
NEAR_MAX = 500
"""Among more names than these no nearest one is looked for: it would take longer than reading them."""
NAMES_MAX = 12


class Severity(StrEnum):
    """Whether what was found refuses the document."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing found. `place` is a path such as `tiers.levels.1.at`, `where` the same as a person calls it."""

    place: str
    code: str
    reason: Message
    remedy: Message
    severity: Severity = Severity.ERROR
    where: Message = field(default_factory=lambda: say(N_("The document")))

    @property
    def refuses(self) -> bool:
        """Whether the document cannot be used as it is."""
        return self.severity is Severity.ERROR

    @property
    def message(self) -> str:
        """Reason and remedy in English."""
        return f"{self.reason} {self.remedy}"


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of fault: its code, and the message ids of its reason and its remedy."""

    code: str
    reason: str
    remedy: str = ""
    severity: Severity = Severity.ERROR

    def at(self, place: str, remedy: Message | None = None, /, **facts: Said) -> Fault:
        """Return a fault of this sort; facts fill both sentences, a remedy that is given takes the place of its own."""
        return Fault(place, self.code, say(self.reason, **facts), remedy or say(self.remedy, **facts), self.severity)


def warning(code: str, reason: str, remedy: str) -> Sort:
    """Return a sort of fault that refuses nothing."""
    return Sort(code, reason, remedy, Severity.WARNING)


class Misuse(ValueError):  # noqa: N818 - pydantic takes a ValueError for a fault of the place that it validates
    """What a document's own validator refuses, in words of ours."""

    def __init__(self, sort: Sort, remedy: Message | None = None, /, **facts: Said) -> None:
        self.fault = sort.at("", remedy, **facts)
        super().__init__(self.fault.message)


def shown(value: object) -> str:
    """Return a value as one line of a message shows it, cut where it is long."""
    try:
        text = " ".join(str(value).split())
    except ValueError:  # a number of more digits than Python writes
        return "…"
    return text if len(text) <= SHOWN_LENGTH_MAX else text[: SHOWN_LENGTH_MAX - 1] + "…"


def number(value: float) -> str:
    """Return a number as both languages write it: 100,000."""
    return f"{value:,}"


def nearest(given: str, known: Iterable[str]) -> str | None:
    """Return the name that was probably meant: nearly the same letters, or the same after its last dot."""
    names = [name for name in known if name != given]
    if not given or len(given) > SHOWN_LENGTH_MAX * 2 or len(names) > NEAR_MAX:
        return None
    by_lower = {name.lower(): name for name in names}
    near = get_close_matches(given.lower(), by_lower, n=1)
    if near:
        return by_lower[near[0]]
    last = given.lower().rpartition(".")[2]
    ends = [name for name in names if name.lower().rpartition(".")[2] == last]
    return ends[0] if len(ends) == 1 else None


def use_one_of(given: object, known: Iterable[object]) -> Message:
    """Return the remedy for a name that is not known: the nearest one, or those that there are."""
    names = [str(one) for one in known]
    near = nearest(str(given), names)
    if near is not None:
        return say(N_("Did you mean “{near}”?"), near=near)
    if not names:
        return say(N_("There is none to choose from yet; make one first, or take this entry away."))
    if len(names) > NAMES_MAX:
        return say(N_("Use one of these: {names}, and others."), names=listed(names[:NAMES_MAX]))
    return say(N_("Use one of these: {names}."), names=listed(names))


def listed(names: Sequence[Said]) -> Said:
    """Return names one after the other."""
    return noted(names)
