"""Keeps the catalogues true: `check` says what is wrong, `update` brings them in line with the sources.

Messages are the strings in `_`, `N_`, `n_` and `rich`, in Python and in templates. Japanese must translate each of them
and keep to docs/glossary.md; a translation must carry the same `{names}` as its message; no entry outlives its message.
"""

import re
import string
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import write_po

from kizuna.web import template_check
from kizuna.web.words import LANGUAGES, catalogues, locale_directory

_PACKAGE = Path(__file__).resolve().parents[1]
_ROOT = _PACKAGE.parents[1]
GLOSSARY = _ROOT / "docs" / "glossary.md"
_KEYWORDS = {"_": None, "N_": None, "rich": None, "n_": (1, 2)}
_USAGE = "python -m kizuna.web.words check | update\n"


def _python_files() -> Iterator[Path]:
    yield from sorted(_PACKAGE.rglob("*.py"))


def extract() -> Catalog:
    """Return every message of the sources, each with the files it is used in."""
    found = Catalog(project="Kizuna", charset="utf-8")
    for method, files in (("python", _python_files()), ("jinja2.ext:babel_extract", template_check.template_files())):
        for path in files:
            options = {"silent": "false", "trimmed": "true"} if method != "python" else {}
            place = path.relative_to(_ROOT).as_posix()
            for _, message, _, _ in extract_from_file(method, path, keywords=_KEYWORDS, options=options):
                found.add(message, locations=[(place, 0)])
    return found


@dataclass(frozen=True, slots=True)
class Term:
    """One line of the glossary."""

    name: str
    forms: Sequence[str]
    japanese: Sequence[str]
    never: Sequence[str]


def glossary(text: str) -> Sequence[Term]:
    """Read the glossary's table; a line that is not five cells is left alone."""
    terms = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|") or len(cells) != 5 or cells[0] == "Term" or set(cells[0]) <= {"-", ":"}:
            continue
        forms, japanese, never = ([word.strip() for word in cell.split(",") if word.strip()] for cell in cells[1:4])
        terms.append(Term(cells[0], forms, japanese, never))
    return terms


def _names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def _texts(message: Message) -> tuple[Sequence[str], Sequence[str]]:
    ids = [message.id] if isinstance(message.id, str) else list(message.id)
    said = [message.string] if isinstance(message.string, str) else list(message.string or ())
    return ids, said


def _prose(text: str) -> str:
    """Return a message without the names of its facts and the commands and paths it quotes."""
    return re.sub(r"\{[^}]*\}|“kizuna [^”]*”|\S+/\S+", "", text)


def check_message(message: Message, terms: Iterable[Term]) -> list[str]:
    """Return what is wrong with one Japanese translation."""
    ids, said = _texts(message)
    head = f"ja: “{ids[0]}”"
    if message.fuzzy or not all(said):
        return [f"{head} has no Japanese; write it in locale/ja/LC_MESSAGES/kizuna.po"]
    remarks = []
    needed = set.union(*(_names(text) for text in ids))
    for text in said:
        if _names(text) != needed:
            remarks.append(f"{head}: “{text}” must fill exactly {sorted(needed)}")
        for term in terms:
            never = [word for word in term.never if word in text]
            remarks += [f"{head}: “{word}” is never used; the glossary says {term.japanese}" for word in never]
            used = any(re.search(rf"\b{form}\b", _prose(one), re.IGNORECASE) for one in ids for form in term.forms)
            if used and not any(word in text for word in term.japanese):
                remarks.append(f"{head}: “{text}” says “{term.name}” without {' or '.join(term.japanese)}")
    return remarks


def check_catalogue(lang: str, kept: Catalog, wanted: Catalog, terms: Sequence[Term]) -> list[str]:
    """Return what is wrong with one language's catalogue."""
    remarks = []
    for message in wanted:
        if not message.id:
            continue
        have = kept.get(message.id if isinstance(message.id, str) else message.id[0])
        if have is None:
            remarks.append(f"{lang}: “{message.id}” is not in the catalogue; run: python -m kizuna.web.words update")
        elif lang == "ja":
            remarks += check_message(have, terms)
    known = {message.id if isinstance(message.id, str) else message.id[0] for message in wanted}
    for message in kept:
        first = message.id if isinstance(message.id, str) else message.id[0]
        if first and first not in known:
            remarks.append(f"{lang}: “{first}” is used nowhere; run: python -m kizuna.web.words update")
    return remarks


def check() -> list[str]:
    """Return everything that is wrong with words and templates."""
    wanted, terms = extract(), glossary(GLOSSARY.read_text(encoding="utf-8"))
    remarks = template_check.check()
    for lang, kept in catalogues().items():
        remarks += check_catalogue(lang, kept, wanted, terms)
    return remarks


def update(kept_by_lang: Mapping[str, Catalog]) -> None:
    """Write each catalogue with exactly the messages of the sources; translations that still apply are kept."""
    wanted = extract()
    for lang in LANGUAGES:
        kept = kept_by_lang.get(lang)
        fresh = Catalog(locale=lang, project="Kizuna", charset="utf-8", fuzzy=False)
        for message in wanted:
            if not message.id:
                continue
            have = kept.get(message.id if isinstance(message.id, str) else message.id[0]) if kept is not None else None
            same = have is not None and isinstance(have.string, str) == isinstance(message.id, str)
            places = sorted(set(message.locations))
            fresh.add(message.id, have.string if have is not None and same else "", locations=places)
        path = locale_directory() / lang / "LC_MESSAGES" / "kizuna.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, fresh, width=100, sort_output=True, omit_header=True, include_lineno=False)


def _read_catalogues() -> Mapping[str, Catalog]:
    try:
        return catalogues()
    except FileNotFoundError:
        return {}


def main(arguments: Sequence[str]) -> int:
    """Run `check` or `update`; leave with 1 when something is wrong, 2 when asked for something else."""
    if not GLOSSARY.exists():
        sys.stderr.write("The words are checked in a checkout of Kizuna; docs/glossary.md is not here.\n")
        return 2
    if list(arguments) == ["update"]:
        update(_read_catalogues())
        return 0
    if list(arguments) == ["check"]:
        remarks = check()
        sys.stderr.write("".join(f"{remark}\n" for remark in remarks))
        return 1 if remarks else 0
    sys.stderr.write(_USAGE)
    return 2
