"""The examples of the documentation: a fragment of a program, as YAML, and a story of what it does.

A fragment's parts take the place of the same parts of the base, the small program at the head of `docs/program/README.md`. A second
fragment right after one is the next version, in force from the day in its first line (`# from 2026-07-01`); its parts take the place of
the first one's. A story after a story is another story of the same program. In `examples/programs` a story names its whole program.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from docs.outcome import BEFORE_ALL, Book, Outcome, Story
from docs.says import differences, words
from docs.story import Line, read
from kizuna.core.days import day_number
from kizuna.program import Program, from_data, parse
from kizuna.program.document import load

ROOT = Path(__file__).parents[2]
CHAPTERS = ROOT / "docs" / "program"
PROGRAMS = ROOT / "examples" / "programs"
_FENCE = re.compile(r"^```(?P<kind>\w+)(?: (?P<rest>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_FROM = re.compile(r"# from (\d{4}-\d\d-\d\d)")


@dataclass(frozen=True)
class Example:
    """A program in its versions, and a story; `place` says where it stands."""

    place: str
    fragments: tuple[str, ...]
    story: str
    whole: bool = False

    @property
    def versions(self) -> list[tuple[int, Program]]:
        """Each version with the day from which it is in force."""
        if self.whole:
            return [(BEFORE_ALL, parse(fragment)) for fragment in self.fragments]
        data, found = dict(base()), []
        for fragment in self.fragments:
            data |= _data(fragment)
            begins = _FROM.match(fragment)
            found.append((day_number(date.fromisoformat(begins[1])) if begins else BEFORE_ALL, from_data(data)))
        return found

    @property
    def lines(self) -> list[Line]:
        """What happens."""
        return read(self.story)

    def told(self) -> "Told":
        """Decide the story in both ways. Raises `AssertionError` where they differ."""
        return _told(self)


@dataclass(frozen=True)
class Told:
    """An example and what came out of it."""

    example: Example
    lines: Sequence[Line]
    outcomes: Sequence[Outcome]

    def wrong(self) -> str:
        """Return what the story says wrongly, each line with what it should say; nothing where all is right."""
        return "\n".join(
            f"{line.text}\n    wrong: {'; '.join(found)}\n    right: → {words(outcome)}"
            for line, outcome in zip(self.lines, self.outcomes, strict=True)
            if (found := differences(line, outcome))
        )


@cache
def _told(example: Example) -> Told:
    lines, book = example.lines, Book(example.versions)
    outcomes = Story(book, lines).one_by_one()
    together = Story(Book(example.versions), lines).whole()
    for line, alone, among in zip(lines, outcomes, together, strict=True):
        assert alone.entries == among, f"decided by itself, and among all: {line.text}\n{alone.entries}\n{among}"
    return Told(example, lines, outcomes)


@cache
def base() -> dict[str, object]:
    """The small program that every fragment is put upon."""
    first = next(
        found for found in _FENCE.finditer((CHAPTERS / "README.md").read_text("utf-8")) if found["kind"] == "yaml"
    )
    return _data(first["text"])


def _data(fragment: str) -> dict[str, object]:
    """Read a fragment as a document is read."""
    if not fragment.strip():
        return {}
    data = load(fragment, "program: 1")
    assert isinstance(data, dict), f"{data}\n{fragment}"
    return data


def found_in(page: Path) -> Iterator[Example]:
    """Find the examples of a page."""
    text = page.read_text(encoding="utf-8")
    fragments: list[str] = []
    is_told = True
    for fence in _FENCE.finditer(text):
        if fence["kind"] == "yaml":
            fragments = [fence["text"]] if is_told else [*fragments, fence["text"]]
            is_told = False
        elif fence["kind"] == "story":
            place = f"{page.relative_to(ROOT).as_posix()}:{text.count(chr(10), 0, fence.start()) + 1}"
            whole = fence["rest"]
            told = ((page.parent / whole).read_text("utf-8"),) if whole else tuple(fragments)
            yield Example(place, told, fence["text"], whole=whole is not None)
            is_told = True


def fragments_without_story(page: Path) -> list[str]:
    """Fragments that no story follows."""
    kinds = [
        fence["kind"]
        for fence in _FENCE.finditer(page.read_text(encoding="utf-8"))
        if fence["kind"] in ("yaml", "story")
    ]
    return ["the last one"] if kinds and kinds[-1] == "yaml" else []


def pages() -> list[Path]:
    """Every page that may hold examples."""
    return [ROOT / "README.md", *sorted(CHAPTERS.glob("*.md")), *sorted(PROGRAMS.glob("*.md"))]


def every_example() -> list[Example]:
    """Every example of every page."""
    return [example for page in pages() for example in found_in(page)]
