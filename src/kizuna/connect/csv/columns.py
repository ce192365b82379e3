"""From columns of values to columns of integers. Pure, and each different value is read once, however often it stands.

What is clean is read in bulk (`typed.py`), the rest with care (`cells.py`); both come to the same. The rows of all files stand one
under the other in `Rows`. A row with a bad value stays in its place, marked, so that the whole order falls with it.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kizuna.connect.csv.cells import (
    NOISE_DIGITS,
    NOTHING,
    NothingReadable,
    Reader,
    ZoneNeeded,
    amounts,
    currencies,
    kinds,
    plain,
    quantities,
    text_fault,
    texts,
    times,
)
from kizuna.connect.csv.mapping import Mapping as OrderMapping
from kizuna.connect.csv.problems import ColumnUnreadable, ZoneMissing
from kizuna.connect.csv.reading import Broken, Table
from kizuna.connect.csv.rejects import EMPTY, NOT_A_NUMBER, TOO_LARGE, VALUE_LENGTH_MAX, Fault, Phrase, Reject
from kizuna.connect.csv.typed import Bulk, Ints, Names, distinct, instants, plain_texts, subjects_of, whole_amounts
from kizuna.connect.csv.vocabulary import Vocabulary
from kizuna.core.errors import N_, Problem
from kizuna.members import parse_subject
from kizuna.program import AMOUNT_MAX

_AT_ONCE = 2
"""So many columns are read at the same time."""
MANY = 10_000
_PICKED = 1_000
"""Of so many different values so many are read first: a column of something else altogether is refused as a whole."""
_WHOLE_WITHIN = 10.0**-NOISE_DIGITS
"""How far a double may lie from a whole number of minor units, in major units."""


@dataclass(slots=True)
class Rows:
    """Rows of all files. Codes count in the vocabularies; −1 stands where a value is bad or, of store and sku, missing."""

    file: NDArray[np.int32]
    row: Ints
    bad: NDArray[np.bool_]
    columns: dict[str, Ints]

    def where(self, chosen: NDArray[np.bool_]) -> "Rows":
        """Return some of the rows."""
        columns = {what: column[chosen] for what, column in self.columns.items()}
        return Rows(self.file[chosen], self.row[chosen], self.bad[chosen], columns)


@dataclass(frozen=True, slots=True)
class Layout:
    """How mapped columns are read: their names in the files and a reader for each, by what they are.

    The values of the column `id` name the things that rows are about: `ids` are the texts behind their codes, shown as `call` says.
    `money` are the columns of amounts, each with the decimals of a major unit. `bulk` and `words` say of some how they are read in bulk.
    """

    names: dict[str, str]
    readers: dict[str, Reader]
    id: str
    ids: Vocabulary
    money: Mapping[str, int] = field(default_factory=dict)
    call: Callable[[str], str] = str
    bulk: Mapping[str, Bulk] = field(default_factory=dict)
    words: Mapping[str, Names] = field(default_factory=dict)


@dataclass(slots=True)
class Words:
    """The texts behind the codes: order ids, members (`kind:value`, in their one form), places and products."""

    order_id: Vocabulary = field(default_factory=Vocabulary)
    member: Vocabulary = field(default_factory=Vocabulary)
    store: Vocabulary = field(default_factory=Vocabulary)
    channel: Vocabulary = field(default_factory=Vocabulary)
    sku: Vocabulary = field(default_factory=Vocabulary)
    category: Vocabulary = field(default_factory=Vocabulary)
    brand: Vocabulary = field(default_factory=Vocabulary)


OPTIONAL = ("store", "channel", "sku", "category", "brand")
"""Texts that may be missing."""


Bad = tuple[int, str, Fault]
"""Position of a row, the value as it stands, what is wrong with it."""


class Columns:
    """Gathers tables into `Rows`: one `add` per file, then `rows`. `rejects` says what could not be read."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.rejects: list[Reject] = []
        self.broken: list[tuple[int, Broken]] = []
        self.files: list[str] = []
        self.widths: list[int] = []
        self.id_places: list[int] = []
        self._parts: list[Rows] = []

    def add(self, table: Table) -> None:
        """Read a file's values. Raises `ZoneMissing`."""
        file, size = len(self.files), len(table.rows)
        self.files.append(table.source.path.name)
        self.widths.append(table.source.width)
        self.id_places.append(table.source.places[self.layout.id])
        part = Rows(np.broadcast_to(np.int32(file), size), table.rows, np.zeros(size, np.bool_), {})
        faults: list[tuple[str, Bad]] = []
        with ThreadPoolExecutor(_AT_ONCE) as pool:  # NumPy and Arrow leave the other columns room
            read = pool.map(lambda one: self._read(table, *one), table.columns.items())
            for what, (integers, bad) in zip(table.columns, read, strict=True):
                part.columns[what] = integers
                faults += [(what, one) for one in bad]
        for what, (position, value, fault) in faults:
            part.bad[position] = True
            of = self.called(int(part.columns[self.layout.id][position]))
            self.rejects.append(
                Reject(self.files[file], int(part.row[position]), of, self.name_of(what), value, *fault)
            )
        self.broken += [(file, one) for one in table.broken]
        self._parts.append(part)

    def name_of(self, what: str) -> str:
        """Return the name in the file of the column that is `what`."""
        return self.layout.names[what]

    def called(self, code: int) -> str:
        """Return what a thing is called in the files, by its code; nothing where it has none."""
        return self.layout.call(self.layout.ids.word(code)) if code >= 0 else ""

    def rows(self) -> Rows:
        """Return the rows of all files added."""
        parts = self._parts
        if len(parts) == 1:
            return parts[0]
        return Rows(
            np.concatenate([part.file for part in parts]),
            np.concatenate([part.row for part in parts]),
            np.concatenate([part.bad for part in parts]),
            {what: np.concatenate([part.columns[what] for part in parts]) for what in self.layout.names},
        )

    def _read(self, table: Table, what: str, column: Any) -> tuple[Ints, list[Bad]]:
        try:
            return self._integers(what, column)
        except ZoneNeeded as needed:
            name = table.source.path.name
            raise ZoneMissing(
                field="columns.time", file=name, column=self.name_of(what), example=str(needed)
            ) from needed
        except NothingReadable as found:
            place = f"columns.{what}"
            raise ColumnUnreadable(
                field=place, file=table.source.path.name, column=self.name_of(what), place=place,
                value=found.value[:VALUE_LENGTH_MAX], reason=found.fault.reason,
            ) from found  # fmt: skip

    def _integers(self, what: str, column: Any) -> tuple[Ints, list[Bad]]:
        layout = self.layout
        if what in layout.money and pa.types.is_float64(column.type):
            return doubles_to_minor(column, layout.money[what])
        if what in layout.words:
            return read_names(column, layout.words[what])
        known = layout.bulk[what](column) if what in layout.bulk else None
        if known is None:
            return read_distinct(column, layout.readers[what])
        integers, is_read = known
        if is_read is None:
            return integers, []
        others = np.flatnonzero(~is_read)
        some, bad = read_distinct(column.take(pa.array(others)), layout.readers[what], are_all=not is_read.any())
        integers = integers.copy()
        integers[others] = some
        return integers, [(int(others[position]), value, fault) for position, value, fault in bad]


class OrderColumns(Columns):
    """The columns of orders; `words` are the texts behind the codes. With `careful` nothing is read in bulk."""

    def __init__(
        self, mapping: OrderMapping, currency: str, currency_digits: int, country: str, *, careful: bool = False
    ) -> None:
        self.words = Words()
        kind, amount, time = mapping.columns.member.kind, mapping.columns.amount, mapping.columns.time
        digits, zone = amount.decimals(currency_digits), ZoneInfo(time.zone) if time.zone else None
        names = {
            "order_id": Names(self.words.order_id, texts, plain_texts),
            "member": Names(self.words.member, partial(subjects, kind=kind, country=country), *subjects_of(kind)),
        }
        for what in OPTIONAL:
            names[what] = Names(getattr(self.words, what), partial(texts, optional=True), plain_texts)
        readers = {what: one.reader(one.vocabulary) for what, one in names.items()} | {
            "time": times(zone, time.format),
            "amount": amounts(currency, digits),
            "quantity": quantities(signed=mapping.columns.kind is not None),
            "currency": currencies(currency),
        }
        if mapping.columns.kind is not None:
            readers["kind"] = kinds(mapping.columns.kind.returned, mapping.columns.kind.bought)
        bulk = {
            "time": instants(zone, time.format),
            "amount": whole_amounts(digits, -AMOUNT_MAX, AMOUNT_MAX),
            "quantity": whole_amounts(0, 0, AMOUNT_MAX),
        }
        layout = Layout(mapping.columns.names, readers, "order_id", self.words.order_id, {"amount": digits})
        super().__init__(layout if careful else replace(layout, bulk=bulk, words=names))


def read_distinct(column: Any, reader: Reader, *, are_all: bool = True) -> tuple[Ints, list[Bad]]:
    """Read every different value once; return an integer per row, −1 where it is bad, and the bad rows.

    Raises `NothingReadable` where they `are_all` there are, and it makes no sense to say of each that it is bad.
    """
    places, values, has_missing = distinct(column)
    different = [*values.to_pylist(), None] if has_missing else values.to_pylist()
    if are_all:
        _require_sense(different, reader)
    known, faults = _each(different, reader)
    return known[places], _bad_rows(places, values, faults)


def read_names(column: Any, names: Names) -> tuple[Ints, list[Bad]]:
    """Read a column of names as `read_distinct` does, the clean ones among the different values in bulk."""
    places, values, has_missing = distinct(column)
    clean, found = names.form(values)
    is_one_form = names.is_one_form and not (pa.types.is_floating(values.type) or pa.types.is_dictionary(column.type))
    if not has_missing and clean.all():
        is_first = is_one_form and not len(names.vocabulary)
        codes = names.vocabulary.add(found, distinct=is_one_form)
        return places if is_first else codes[places], []
    known = np.full(len(values) + 1, NOTHING, np.int32)
    cared = np.flatnonzero(~np.append(clean, not has_missing))
    known[np.flatnonzero(clean)] = names.vocabulary.add(found.filter(pa.array(clean)), distinct=is_one_form)
    apart = Vocabulary()
    different = [values[at].as_py() if at < len(values) else None for at in cared]
    if not clean.any():
        _require_sense(different, names.reader(Vocabulary()))
    read, faults = _each(different, names.reader(apart))
    codes = names.vocabulary.add_words(apart.words)
    known[cared] = np.where(read >= 0, codes[read] if len(codes) else NOTHING, NOTHING)
    return known[places], _bad_rows(places, values, {int(cared[at]): fault for at, fault in faults.items()})


def _require_sense(values: Sequence[object], reader: Reader) -> None:
    """Raise `NothingReadable` if there are many values and none of those picked from all of them can be read."""
    if len(values) < MANY:
        return
    answers = [(value, reader(value)) for value in values[:: len(values) // _PICKED]]
    if all(isinstance(answer, Fault) for _, answer in answers):
        value, fault = next((value, answer) for value, answer in answers if value is not None)
        assert isinstance(fault, Fault)  # noqa: S101 - all of them are
        raise NothingReadable(plain(value), fault)


def _each(values: Sequence[object], reader: Reader) -> tuple[Ints, dict[int, Fault]]:
    known = np.full(len(values), NOTHING, np.int64)
    faults: dict[int, Fault] = {}
    for place, value in enumerate(values):
        answer = reader(value)
        if isinstance(answer, Fault):
            faults[place] = answer
        else:
            known[place] = answer
    return known, faults


def _bad_rows(places: Ints, values: Any, faults: Mapping[int, Fault]) -> list[Bad]:
    if not faults:
        return []
    is_bad = np.zeros(len(values) + 1, np.bool_)
    is_bad[list(faults)] = True
    shown = {place: plain(values[place].as_py()) if place < len(values) else "" for place in faults}
    rows = np.flatnonzero(is_bad[places])
    return [(row, shown[place], faults[place]) for row, place in zip(rows.tolist(), places[rows].tolist(), strict=True)]


def doubles_to_minor(column: Any, digits: int) -> tuple[Ints, list[Bad]]:
    """Turn doubles into whole minor units, each rounded half to even; what is no whole number of them is bad."""
    doubles = column.to_numpy(zero_copy_only=False) if isinstance(column, pa.Array) else column.to_numpy()
    with np.errstate(invalid="ignore", over="ignore"):
        scaled = np.rint(doubles * 10.0**digits)
        missing = np.isnan(doubles)
        large = np.abs(scaled) > AMOUNT_MAX
        fraction = np.abs(doubles - scaled / 10.0**digits) > _WHOLE_WITHIN
    is_bad = missing | large | fraction
    minor = np.where(is_bad, 0, scaled).astype(np.int64)
    bad = []
    for position in np.flatnonzero(is_bad).tolist():
        fault = EMPTY if missing[position] else TOO_LARGE if large[position] else _fraction_fault(digits)
        bad.append((position, "" if missing[position] else repr(float(doubles[position])), fault))
    return minor, bad


def _fraction_fault(digits: int) -> Fault:
    return Fault(Phrase(N_("it has more than {digits} decimals"), digits=digits), NOT_A_NUMBER.remedy)


def subjects(vocabulary: Vocabulary, kind: str, country: str, *, optional: bool = False) -> Reader:
    """Return a reader of members: two spellings of one identity are one member."""

    def read(value: object) -> int | Fault:
        text = plain(value)
        if not text:
            return NOTHING if optional else EMPTY
        fault = text_fault(text)
        if fault:
            return fault
        try:
            return vocabulary.code(str(parse_subject(f"{kind}:{text}", country)))
        except Problem as problem:
            return Fault(Phrase(problem.title, **problem.facts), Phrase(problem.remedy, **problem.facts))

    return read
