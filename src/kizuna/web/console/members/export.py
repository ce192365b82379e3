"""The list as a file for a spreadsheet. Pure.

UTF-8 with a mark at the front, so that Excel reads Japanese; a cell that a spreadsheet would take for a formula begins with an
apostrophe instead. Figures are plain digits without unit, days are ISO: a file is for counting, not for reading aloud.
"""

import csv
import io
from collections.abc import Iterable
from datetime import date

from kizuna.core.errors import N_
from kizuna.web.console.members.views import ListRow
from kizuna.web.faces import Face
from kizuna.web.words import brand_words, translate

BOM = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_HEADS = (
    N_("Member number"),
    N_("Name"),
    N_("Reading in kana"),
    N_("Card number"),
    N_("Tier"),
    N_("Balance"),
    N_("Soonest expiry"),
    N_("Points that expire then"),
    N_("Last order"),
    N_("Joined"),
    N_("Orders"),
    N_("Spent in all"),
)


def plain_cell(text: str) -> str:
    """Return a text that no spreadsheet runs."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def head(face: Face) -> str:
    """Return the first line, with the mark before it."""
    return BOM + _lines([[translate(face.lang, word) for word in _HEADS]])


def lines(face: Face, rows: Iterable[ListRow], digits: int) -> str:
    """Return rows as lines; money has `digits` digits behind the point."""
    return _lines(_cells(face, row, digits) for row in rows)


def _lines(rows: Iterable[list[str]]) -> str:
    kept = io.StringIO()
    csv.writer(kept).writerows(rows)
    return kept.getvalue()


def _cells(face: Face, row: ListRow, digits: int) -> list[str]:
    return [
        row.id,
        plain_cell(row.name or ""),
        plain_cell(row.name_kana or ""),
        plain_cell(row.card_number or ""),
        plain_cell(brand_words(row.tier.name, face.lang)),
        str(row.balance),
        _day(row.expires_on),
        str(row.expiring),
        _day(row.last_order_on),
        _day(row.joined_on),
        str(row.orders),
        _money(row.spend, digits),
    ]


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _money(amount: int, digits: int) -> str:
    whole, part = divmod(abs(amount), 10**digits)
    return f"{'-' if amount < 0 else ''}{whole}" + (f".{part:0{digits}}" if digits else "")
