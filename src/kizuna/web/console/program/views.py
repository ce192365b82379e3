"""What the program's page shows, as plain data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kizuna.program import Program


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A published version: since when it decides, when it was published, and what was written about it."""

    number: int
    effective_at: datetime
    published_at: datetime
    note: str
    is_in_force: bool


@dataclass(frozen=True, slots=True)
class ProgramView:
    """The program in force, every version (newest first), and the document as text."""

    program: Program
    version: int
    versions: Sequence[VersionLine]
    text: str
