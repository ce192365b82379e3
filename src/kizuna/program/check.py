"""Reading a program document: YAML or JSON in, a valid `Program` out, or every fault with its place and remedy."""

from typing import Any

from kizuna.core.errors import N_
from kizuna.program.document import DocumentInvalid, check, read
from kizuna.program.model import Program


class ProgramInvalid(DocumentInvalid):
    """A program document cannot be used; `faults` lists everything that is wrong with it."""

    code = "program_invalid"
    title = N_("The program document has {count} fault(s): {summary}.")
    remedy = N_("Correct the places named; “kizuna program schema” prints what is allowed.")


def parse(text: str) -> Program:
    """Read a document. Raises `ProgramInvalid` with every fault found."""
    return read(text, Program, ProgramInvalid, "program: 1")


def from_data(raw: dict[str, Any]) -> Program:
    """Check plain data. Raises `ProgramInvalid` with every fault found."""
    return check(raw, Program, ProgramInvalid)
