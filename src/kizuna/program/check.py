"""Reading a program document: YAML or JSON in, a valid `Program` out, or every fault with its place and remedy.

First the shape is read (`shapes`), then what has to agree across the document (`findings`). A version that was published
once stays readable whatever is found in it later: `from_published` reads the shape alone.
"""

from dataclasses import dataclass, replace
from typing import Any

from kizuna.core.errors import N_
from kizuna.program.document import DocumentInvalid, load, shaped
from kizuna.program.faults import Fault
from kizuna.program.findings import findings
from kizuna.program.model import Program
from kizuna.program.where import where

BEGINS = "program: 1"


class ProgramInvalid(DocumentInvalid):
    """A program document cannot be used; `faults` lists everything that is wrong with it."""

    code = "program_invalid"
    title = N_("The program document has {count} fault(s). {summary}")
    remedy = N_("Correct the places named; “kizuna program schema” prints what is allowed.")


@dataclass(frozen=True, slots=True)
class Examined:
    """What became of a document: the program, None where an error refuses it, and everything found, in its order."""

    program: Program | None
    faults: tuple[Fault, ...]

    @property
    def errors(self) -> list[Fault]:
        """What refuses the document."""
        return [fault for fault in self.faults if fault.refuses]

    @property
    def warnings(self) -> list[Fault]:
        """What is worth a look and refuses nothing."""
        return [fault for fault in self.faults if not fault.refuses]


def examine(document: str | dict[str, Any] | Program) -> Examined:
    """Return a document's program and everything found in it: text as one writes it, plain data, or a program."""
    raw = load(document, BEGINS) if isinstance(document, str) else document
    if isinstance(raw, Fault):
        return Examined(None, (raw,))
    made = raw if isinstance(raw, Program) else shaped(raw, Program)
    found = made if isinstance(made, list) else findings(made)
    plain = raw.model_dump(mode="json") if isinstance(raw, Program) and found else raw
    faults = tuple(replace(fault, where=where(plain, fault.place)) for fault in found)
    if isinstance(made, list) or any(fault.refuses for fault in faults):
        return Examined(None, faults)
    return Examined(made, faults)


def parse(text: str) -> Program:
    """Read a document. Raises `ProgramInvalid` with every fault found."""
    return _taken(examine(text))


def from_data(raw: dict[str, Any]) -> Program:
    """Check plain data. Raises `ProgramInvalid` with every fault found."""
    return _taken(examine(raw))


def from_published(raw: dict[str, Any]) -> Program:
    """Read a version that was checked when it was published. Raises `ProgramInvalid` where even its shape is wrong."""
    made = shaped(raw, Program)
    if isinstance(made, list):
        raise ProgramInvalid(made)
    return made


def _taken(examined: Examined) -> Program:
    if examined.program is None:
        raise ProgramInvalid(examined.errors)
    return examined.program
