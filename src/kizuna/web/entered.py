"""A form as it was filled in: every field is read, every refusal is kept under its field, and what was typed comes back."""

from collections.abc import Callable, Mapping
from typing import Concatenate, ParamSpec, TypeVar

from kizuna.core.errors import Problem
from kizuna.web.words import problem_text

T = TypeVar("T")
P = ParamSpec("P")


class Entered:
    """What somebody typed, and what is wrong with it, in the order of reading."""

    def __init__(self, fields: Mapping[str, str], faults: Mapping[str, Problem] | None = None) -> None:
        self.fields = dict(fields)
        self.faults = dict(faults or {})

    def read(
        self, reader: Callable[Concatenate[str, str, P], T], name: str, *args: P.args, **more: P.kwargs
    ) -> T | None:
        """Return what `reader(text, name, …)` makes of the field, None when it refuses."""
        try:
            return reader(self.fields.get(name, ""), name, *args, **more)
        except Problem as problem:
            self.refuse(name, problem)
            return None

    def refuse(self, name: str, problem: Problem) -> None:
        """Note what is wrong with a field; the first remark stays."""
        self.faults.setdefault(name, problem)

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")

    def errors(self, lang: str) -> Mapping[str, str]:
        """Return what is wrong by field, as one reads it below a label; "" where nothing is."""
        texts = {name: problem_text(problem, lang) for name, problem in self.faults.items()}
        between = "" if lang == "ja" else " "
        return _Errors({name: f"{text.title}{between}{text.remedy}" for name, text in texts.items()})


class _Errors(dict[str, str]):
    """Remarks by field; a field without one has an empty one."""

    def __missing__(self, _name: str) -> str:
        return ""
