"""A file of corrections as rows: CSV as spreadsheets save it, in UTF-8 or CP932, every fault named by its row and cell. Pure.

The first row names the columns, in English or Japanese, in any order. A member is named by an identity such as `card:9000…`, or by a
bare value, which is then of the `kind` that the sender chose.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date

from kizuna.core.errors import Problem
from kizuna.corrections.decide import SOURCE, data_of
from kizuna.corrections.model import NOTE_MAX, Faulty, Row, Wish
from kizuna.corrections.problems import (
    BulkTooLong,
    BulkUnreadable,
    CellMissing,
    CellNoDay,
    CellNoNumber,
    CellTooLong,
    ColumnLacking,
    RowBroken,
)
from kizuna.intake import Arrival, Terms, operate, require_adjustment
from kizuna.members import KINDS
from kizuna.program import Program

ROWS_MAX = 50_000
COLUMNS = {
    "member": ("member", "会員", "会員番号"),
    "points": ("points", "ポイント", "ポイント数"),
    "reason": ("reason", "理由"),
    "note": ("note", "メモ", "備考"),
    "unit": ("unit", "単位", "ポイントの種類"),
    "expires_on": ("expires_on", "有効期限", "失効日"),
}
"""What a column is, and what it may be called."""
NEEDED = ("member", "points", "reason")
ADJUSTED = "points.adjusted"
_CODECS = ("utf-8-sig", "cp932")
_MINUS = re.compile("^[-‐‑–—−▲△]")
_NUMBER = re.compile(r"[0-9]{1,18}|[0-9]{1,3}(,[0-9]{3}){1,5}")
_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")


class Table:
    """A file's cells: `head` as it stands, `lines` as (number, cells)."""

    def __init__(self, raw: bytes) -> None:
        text = _decoded(raw)
        first = text.partition("\n")[0]
        delimiter = max(",\t;", key=first.count)
        try:
            lines = [
                line for line in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter), start=1) if any(line[1])
            ]
        except csv.Error as fault:
            raise BulkUnreadable(field="file") from fault
        self.head = [name.strip() for name in lines[0][1]] if lines else []
        self.lines = lines[1:]
        if len(self.lines) > ROWS_MAX:
            raise BulkTooLong(field="file", rows_max=f"{ROWS_MAX:,}")
        self.places = _places(self.head)


def rows_of(table: Table, kind: str, program: Program, terms: Terms, now_ms: int) -> tuple[list[Row], list[Faulty]]:
    """Return the rows that may be carried out as far as the file and the program tell, and the others."""
    rows: list[Row] = []
    faulty: list[Faulty] = []
    named = {name.casefold(): one.id for one in program.adjustments.reasons for name in (one.name.ja, one.name.en)}
    for number, cells in table.lines:
        try:
            wish = _wish(cells, table, kind, named)
            arrival = arrival_of(wish, str(number), SOURCE, terms, now_ms)
            require_adjustment(program, arrival.told.operation, arrival.day)
        except Problem as problem:
            faulty.append(Faulty(number, cells, problem))
        else:
            rows.append(Row(number, wish, cells))
    return rows, faulty


def arrival_of(wish: Wish, id_: str, by: str, terms: Terms, now_ms: int) -> Arrival:
    """Return a wish as the operation that carries it out. Raises `EventInvalid`, `SubjectInvalid`."""
    return operate(ADJUSTED, id_, SOURCE, wish.subject, data_of(wish, by), terms, now_ms)


def _wish(cells: Sequence[str], table: Table, kind: str, reasons: Mapping[str, str]) -> Wish:
    """Return what a row asks for; `reasons` are ids by names. Raises the problem of its first cell that cannot be read."""
    if len(cells) != len(table.head):
        raise RowBroken(found=len(cells), wanted=len(table.head))
    told = {name: cells[place].strip() for name, place in table.places.items()}
    for name in NEEDED[:2]:
        if not told[name]:
            raise CellMissing(field=name, column=table.head[table.places[name]])
    note = told.get("note", "")
    if len(note) > NOTE_MAX:
        raise CellTooLong(field="note", characters=len(note), characters_max=NOTE_MAX)
    return Wish(
        subject=_subject(told["member"], kind),
        points=_points(told["points"]),
        reason=reasons.get(told["reason"].casefold(), told["reason"]) or " ",
        unit=told.get("unit") or None,
        note=note or None,
        expires_on=_day(told["expires_on"]) if told.get("expires_on") else None,
    )


def _subject(value: str, kind: str) -> str:
    named, colon, _ = value.partition(":")
    return value if colon and named in KINDS else f"{kind}:{value}"


def _points(value: str) -> int:
    """Return points as a spreadsheet writes them: 1,200, +500, ▲300, full-width digits. Raises `CellNoNumber`."""
    read = unicodedata.normalize("NFKC", value).replace(" ", "")
    digits, taken = _MINUS.subn("", read.removeprefix("+"))
    if not _NUMBER.fullmatch(digits):
        raise CellNoNumber(field="points", value=value[:40])
    number = int(digits.replace(",", ""))
    return -number if taken else number


def _day(value: str) -> date:
    """Return a day. Raises `CellNoDay`."""
    found = _DAY.fullmatch(unicodedata.normalize("NFKC", value))
    try:
        day = date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        day = None
    if day is None:
        raise CellNoDay(field="expires_on", value=value[:40])
    return day


def _decoded(raw: bytes) -> str:
    """Return a file as text. Raises `BulkUnreadable`."""
    for codec in _CODECS:
        try:
            text = raw.decode(codec)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise BulkUnreadable(field="file")


def _places(head: Sequence[str]) -> dict[str, int]:
    """Return where each column stands. Raises `ColumnLacking`."""
    names = [unicodedata.normalize("NFKC", name).casefold() for name in head]
    places = {what: names.index(called) for what, names_of in COLUMNS.items() for called in names_of if called in names}
    for what in NEEDED:
        if what not in places:
            raise ColumnLacking(field="file", column=what, columns=", ".join(COLUMNS))
    return places
