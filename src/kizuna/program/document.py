"""Reading any document that a person writes: YAML or JSON in, a checked model out, or every fault with its place and remedy."""

import re
from dataclasses import replace
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from kizuna.core.errors import N_, Kind, Problem
from kizuna.program.faults import Fault, Sort, shown
from kizuna.program.messages import after, n_, say
from kizuna.program.shapes import DOCUMENT, faults_of

Model = TypeVar("Model", bound=BaseModel)

SUMMED_MAX = 5
"""So many faults are told in a problem's own sentence; `faults` has all of them."""

_CHECK_LINE = N_("Look at the indentation, the quotation marks and the brackets of this line and of the one before it.")
UNREADABLE = Sort("unreadable", N_("From here on this is not YAML or JSON."), _CHECK_LINE)
NOT_UTF8 = Sort("not_utf8", N_("The file is not UTF-8 (byte {byte})."), N_("Save it as UTF-8."))
NO_DOCUMENT = Sort("no_document", N_("This is not a document with entries."), N_("Begin it with “{begins}”."))
TWICE = Sort("key_twice", N_("“{key}” stands twice."), N_("Keep one of them."))
_GRAMMAR = (
    (r"mapping values are not allowed", Sort("colon", N_("A colon stands where there can be none."), _CHECK_LINE)),
    (
        r"cannot start any token",
        Sort("sign", N_("A line cannot begin with this sign."), N_("Indent with spaces, not with tabs; quote texts.")),
    ),
    (
        r"expected <block end>|did not find expected|expected the node content",
        Sort("indentation", N_("The indentation does not fit what stands before."), _CHECK_LINE),
    ),
    (
        r"could not find expected ':'",
        Sort("no_colon", N_("A colon is missing after a name."), N_("Write the name, a colon, a space and the value.")),
    ),
    (
        r"unexpected end of stream|expected ',' or '[\]}]'",
        Sort(
            "open_end", N_("A quotation mark or a bracket is not closed."), N_("Close it where its text or list ends.")
        ),
    ),
    (r"an alias", Sort("alias", N_("A reference (*name) cannot be used here."), N_("Write its contents out."))),
    (
        r"constructor for the tag",
        Sort("tag", N_("Tags (with !) cannot be used here."), N_("Take the tag away and write the value alone.")),
    ),
    (
        r"unhashable key|not a word",
        Sort(
            "key", N_("A name of an entry must be a word."), N_("Put the list or the numbers after a name and a colon.")
        ),
    ),
)


_MERGE, _TEXT = "tag:yaml.org,2002:merge", "tag:yaml.org,2002:str"


class _Twice(yaml.constructor.ConstructorError):
    """A key that stands twice."""

    def __init__(self, key: str, mark: yaml.Mark) -> None:
        self.key = key
        super().__init__(None, None, f"the key “{key}” stands twice", mark)


class _Loader(yaml.SafeLoader):
    """YAML's safe loader; a key that stands twice is a fault, not a silent overwrite, and a date is read where one is wanted."""

    yaml_implicit_resolvers = {
        first: [(tag, form) for tag, form in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Compose a node; a reference to another one is refused, because a few of them can stand for gigabytes."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "an alias", self.get_mark())
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - yaml's
        """Build a mapping whose keys are different words."""
        seen: set[object] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key is not a word", key.start_mark)
            if key.value in seen:
                raise _Twice(shown(key.value), key.start_mark)
            seen.add(key.value)
            if key.tag != _MERGE:
                key.tag = _TEXT  # a name is a word as it is written: YAML would read `on` as true
        return super().construct_mapping(node, deep)


class DocumentInvalid(Problem):
    """A document cannot be used; `faults` lists everything that is wrong with it. A subclass says which kind of document."""

    kind = Kind.INVALID

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        told = [say(N_("{place}: {reason} {remedy}"), **_said(fault)) for fault in faults[:SUMMED_MAX]]
        rest = len(faults) - len(told)
        more = [n_("And {n} more.", "And {n} more.", rest)] if rest else []
        super().__init__(field=faults[0].place, count=len(faults), summary=after([*told, *more]))


def _said(fault: Fault) -> dict[str, Any]:
    return {"place": fault.place, "reason": fault.reason, "remedy": fault.remedy}


def load(text: str, begins: str) -> dict[str, Any] | Fault:
    """Return the plain data of a document that begins with `begins`, or why it has none."""
    try:
        raw = yaml.load(text, _Loader)  # noqa: S506 - the loader above is the safe one, stricter
    except yaml.MarkedYAMLError as fault:
        return _unreadable(fault)
    except (yaml.YAMLError, ValueError, RecursionError):
        return UNREADABLE.at(DOCUMENT)
    return raw if isinstance(raw, dict) else NO_DOCUMENT.at(DOCUMENT, begins=begins)


def _unreadable(fault: yaml.MarkedYAMLError) -> Fault:
    mark, problem = fault.problem_mark, fault.problem or ""
    sort = next((sort for pattern, sort in _GRAMMAR if re.search(pattern, problem)), UNREADABLE)
    place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else DOCUMENT
    found = TWICE.at(place, key=fault.key) if isinstance(fault, _Twice) else sort.at(place)
    if mark is None:
        return found
    return replace(
        found, where=say(N_("Line {line}, column {column}"), line=str(mark.line + 1), column=str(mark.column + 1))
    )


def shaped(raw: dict[str, Any], model: type[Model]) -> Model | list[Fault]:
    """Return the model of plain data, or every fault of its shape."""
    try:
        return model.model_validate(raw)
    except ValidationError as fault:
        return faults_of(fault.errors(include_url=False), model)


def read(text: str, model: type[Model], invalid: type[DocumentInvalid], begins: str) -> Model:
    """Read a document that begins with `begins`. Raises `invalid` with every fault found."""
    raw = load(text, begins)
    if isinstance(raw, Fault):
        raise invalid([raw])
    made = shaped(raw, model)
    if isinstance(made, list):
        raise invalid(made)
    return made
