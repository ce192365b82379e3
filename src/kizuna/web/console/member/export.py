"""A member's history as a CSV file that Excel opens as it is: UTF-8 with its mark, one line an entry, newest first. Pure.

Figures stand without separators, so that a sheet adds them up. A text from outside that a sheet would take for a formula is
led by an apostrophe.
"""

import csv
import io
from collections.abc import Sequence

from kizuna.core.errors import N_
from kizuna.web import words
from kizuna.web.faces import Face
from kizuna.web.views import BrandView, EntryView
from kizuna.web.why import kind_name, why_sentence

MARK = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_COLUMNS = (
    N_("Date"),
    N_("Time"),
    N_("What happened"),
    N_("Points"),
    N_("Balance after it"),
    N_("Usable through"),
    N_("Order number or reward"),
    N_("Source"),
    N_("Rule"),
    N_("Amount that counted"),
    N_("Program version"),
    N_("Why"),
)


def head(face: Face) -> str:
    """Return the file's beginning: its mark and the names of the columns."""
    return MARK + _line([words.translate(face.lang, name) for name in _COLUMNS])


def lines(face: Face, brand: BrandView, entries: Sequence[EntryView]) -> str:
    """Return entries as lines."""
    return "".join(_line(_cells(face, brand, entry)) for entry in entries)


def _cells(face: Face, brand: BrandView, entry: EntryView) -> list[str]:
    at, why = words.local(entry.at, brand), entry.why
    return [
        at.date().isoformat(),
        words.clock(at),
        kind_name(entry.kind, face.lang),
        str(entry.points),
        "" if entry.balance is None else str(entry.balance),
        entry.expires_on.isoformat() if entry.expires_on else "",
        _text(entry.reference),
        _text(entry.source),
        _text(words.brand_words(why.rule_name, face.lang) if why.rule_name else ""),
        _basis(entry, brand),
        "" if why.version is None else str(why.version),
        _text(why_sentence(entry, brand, face.lang)),
    ]


def _basis(entry: EntryView, brand: BrandView) -> str:
    """Return what counted: money for a rate or a percentage, else how often."""
    why = entry.why
    if why.basis is None:
        return ""
    counts_money = why.reckoning is None or why.reckoning.kind in {"rate", "percent", "multiply"}
    return words.plain_money(why.basis, brand.currency) if counts_money else str(why.basis)


def _text(text: str | None) -> str:
    return f"'{text}" if text and text.startswith(_FORMULA) else text or ""


def _line(cells: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()
