"""Reading any document that a person writes: YAML or JSON in, a checked model out, or every fault with its place and remedy."""

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from kizuna.core.errors import Kind, Problem

Model = TypeVar("Model", bound=BaseModel)

TAG = "⟨"
"""Begins the marks that pydantic's unions put into places; they stand in no document and are taken out."""


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


class DocumentInvalid(Problem):
    """A document cannot be used; `faults` lists everything that is wrong with it. A subclass says which kind of document."""

    kind = Kind.INVALID

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        summary = "; ".join(f"{fault.place}: {fault.message}" for fault in faults)
        super().__init__(field=faults[0].place, count=len(faults), summary=summary)


def read(text: str, model: type[Model], invalid: type[DocumentInvalid], begins: str) -> Model:
    """Read a document that begins with `begins`. Raises `invalid` with every fault found."""
    try:
        raw = yaml.load(text, _Loader)  # noqa: S506 - the loader above is the safe one, stricter
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "document"
        raise invalid([Fault(place, f"this is not YAML or JSON ({fault.problem})")]) from fault
    except (yaml.YAMLError, ValueError, RecursionError) as fault:
        raise invalid([Fault("document", f"this is not YAML or JSON ({fault})")]) from fault
    if not isinstance(raw, dict):
        raise invalid([Fault("document", f"a document is a mapping that begins with “{begins}”")])
    return check(raw, model, invalid)


def check(raw: dict[str, Any], model: type[Model], invalid: type[DocumentInvalid]) -> Model:
    """Check plain data. Raises `invalid` with every fault found."""
    try:
        return model.model_validate(raw)
    except ValidationError as fault:
        raise invalid([_fault(error, model) for error in fault.errors()]) from fault


def _fault(error: Any, model: type[BaseModel]) -> Fault:
    place = ".".join(str(part) for part in error["loc"] if not str(part).startswith(TAG)) or "document"
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        name = str(error["loc"][-1])
        near = get_close_matches(name, _known_names(model) - {name}, n=1)
        message = "there is no such entry here" + (f"; did you mean “{near[0]}”?" if near else "")
    return Fault(place, message)


def _known_names(model: type[BaseModel]) -> set[str]:
    schema = model.model_json_schema()
    names = set(schema["properties"])
    for definition in schema.get("$defs", {}).values():
        names.update(definition.get("properties", {}))
    return names
