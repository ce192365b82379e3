"""Checks the templates: each compiles, none has untranslated text, none has inline style or script.

Text in an element marked `translate="no"` is left alone. `python -m kizuna.web.template_check` lists what is wrong.
"""

import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from jinja2 import Environment, TemplateSyntaxError

from kizuna.web.faces import HERE, TEMPLATES, environment

_FILLED = "\N{OBJECT REPLACEMENT CHARACTER}"  # stands where Jinja writes
_READ_ALOUD = {"alt", "title", "placeholder", "aria-label", "aria-description"}
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_MARKER = 'translate="no"'


def template_files() -> Iterator[Path]:
    """Every template of both faces."""
    for folder in TEMPLATES:
        yield from sorted(folder.rglob("*.html"))


def _has_letters(text: str | None) -> bool:
    return any(letter.isalpha() for letter in text or "")


class _Reader(HTMLParser):
    """Collects the remarks on one template, whose Jinja parts were replaced by `_FILLED`."""

    def __init__(self, name: str) -> None:
        super().__init__(convert_charrefs=True)
        self.name = name
        self.remarks: list[str] = []
        self._marked: list[str] = []

    def _remark(self, text: str) -> None:
        self.remarks.append(f"{self.name}:{self.getpos()[0]}: {text}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag not in _VOID and (self._marked or named.get("translate") == "no"):
            self._marked.append(tag)
        if tag == "style" or (tag == "script" and "src" not in named):
            self._remark(f"<{tag}> inline is refused by the content security policy; put it in web/src/")
        for name, value in attrs:
            if name == "style" or name.startswith("on"):
                self._remark(
                    f"the attribute {name} is refused by the content security policy; use a class from web/src/"
                )
            if name in _READ_ALOUD and _has_letters(value):
                self._remark(f'untranslated {name} "{value}"; write {{{{ _("…") }}}}')

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if self._marked and self._marked[-1] == tag:
            self._marked.pop()

    def handle_endtag(self, tag: str) -> None:
        if self._marked and self._marked[-1] == tag:
            self._marked.pop()

    def handle_data(self, data: str) -> None:
        if not self._marked and _has_letters(data):
            self._remark(f'untranslated text "{" ".join(data.split())}"; write {{{{ _("…") }}}} or mark it {_MARKER}')


def _plain(jinja: Environment, source: str) -> str:
    """Return the template's own HTML with a mark where Jinja writes, line for line."""
    plain: list[str] = []
    for _, kind, text in jinja.lex(source):
        if kind == "data":
            plain.append(text)
            continue
        if kind == "variable_begin":
            plain.append(_FILLED)
        plain.append("\n" * text.count("\n"))
    return "".join(plain)


def check_source(name: str, source: str, jinja: Environment | None = None) -> list[str]:
    """Return the remarks on one template."""
    jinja = jinja or environment()
    try:
        jinja.compile(source, name)
    except TemplateSyntaxError as error:
        return [f"{name}:{error.lineno}: {error.message}"]
    reader = _Reader(name)
    reader.feed(_plain(jinja, source))
    reader.close()
    return reader.remarks


def check() -> list[str]:
    """Return the remarks on every template."""
    jinja = environment()
    remarks: list[str] = []
    for path in template_files():
        remarks += check_source(path.relative_to(HERE).as_posix(), path.read_text(encoding="utf-8"), jinja)
    return remarks


if __name__ == "__main__":
    found = check()
    sys.stderr.write("".join(f"{remark}\n" for remark in found))
    sys.exit(bool(found))
