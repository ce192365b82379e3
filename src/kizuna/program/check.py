"""Reading a program document: YAML or JSON in, a valid `Program` out, or every fault with its place and remedy."""

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import yaml
from pydantic import ValidationError

from kizuna.core.errors import N_, Kind, Problem
from kizuna.program.model import NEVER, PERIOD, Program


class _Loader(yaml.SafeLoader):
    """YAML's safe loader; a key that stands twice is a fault, not a silent overwrite."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - yaml's
        """Build a mapping whose keys differ."""
        keys = [key.value for key, _ in node.value]
        for place, (key, _) in enumerate(node.value):
            if key.value in keys[:place]:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key “{key.value}” stands twice", key.start_mark
                )
        return super().construct_mapping(node, deep)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a document: where (a path such as `tiers.levels.1.at`), what, and what to do."""

    place: str
    message: str


class ProgramInvalid(Problem):
    """A program document cannot be used; `faults` lists everything that is wrong with it."""

    code = "program_invalid"
    kind = Kind.INVALID
    title = N_("The program document has {count} fault(s): {summary}.")
    remedy = N_("Correct the places named; “kizuna program schema” prints what is allowed.")

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        summary = "; ".join(f"{fault.place}: {fault.message}" for fault in faults)
        super().__init__(field=faults[0].place, count=len(faults), summary=summary)


def parse(text: str) -> Program:
    """Read a document. Raises `ProgramInvalid` with every fault found."""
    try:
        raw = yaml.load(text, _Loader)  # noqa: S506 - the loader below is the safe one, stricter
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "document"
        raise ProgramInvalid([Fault(place, f"this is not YAML or JSON ({fault.problem})")]) from fault
    except (yaml.YAMLError, ValueError, RecursionError) as fault:
        raise ProgramInvalid([Fault("document", f"this is not YAML or JSON ({fault})")]) from fault
    if not isinstance(raw, dict):
        raise ProgramInvalid([Fault("document", "a program is a mapping that begins with “program: 1”")])
    return from_data(raw)


def from_data(raw: dict[str, Any]) -> Program:
    """Check plain data. Raises `ProgramInvalid` with every fault found."""
    try:
        return Program.model_validate(raw)
    except ValidationError as fault:
        raise ProgramInvalid([_fault(error) for error in fault.errors()]) from fault


def _fault(error: Any) -> Fault:
    place = ".".join(str(part) for part in error["loc"] if part not in {PERIOD, NEVER}) or "document"
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        name = str(error["loc"][-1])
        near = get_close_matches(name, [known for known in _known_names() if known != name], n=1)
        hint = f"; did you mean “{near[0]}”?" if near else ""
        message = f"there is no such entry here{hint}"
    return Fault(place, message)


def _known_names() -> list[str]:
    schema = Program.model_json_schema()
    names = set(schema["properties"])
    for definition in schema["$defs"].values():
        names.update(definition.get("properties", {}))
    return sorted(names)
