"""Files as columns: CSV and Parquet in, the mapped columns out, with every row that cannot be split into fields set aside.

A file is looked at first (`inspect`: its content's hash, its format, its encoding, its columns), so that every file of an
import is known to fit before the first one is read.
"""

import csv
import hashlib
import io
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from kizuna.connect.csv.encoding import NOT_TEXT, encoding_of
from kizuna.connect.csv.mapping import CsvForm
from kizuna.connect.csv.problems import ColumnMissing, ColumnTwice, FileChanged, FileEmpty, FileTwice, FileUnreadable
from kizuna.connect.csv.rejects import Phrase
from kizuna.connect.csv.summary import FileRead
from kizuna.core.errors import N_

ROWS_AT_ONCE = 16_384
_BYTES_AT_ONCE = 1 << 20
_NAMES_SHOWN = 50
REPEATED = ("member", "store", "channel", "sku", "category", "brand", "kind", "currency")
"""Columns of texts that stand in many rows; they stay as a Parquet file keeps them, each different text once."""

Told = Callable[[int], None]
"""Is told how many more bytes were read."""


class Mapped(Protocol):
    """Which columns of a file are what, by what they are."""

    @property
    def names(self) -> dict[str, str]:
        """The mapped columns' names."""


class Mapping(Protocol):
    """What files are read by, whatever they hold: how they are written, and which column is what."""

    @property
    def csv(self) -> CsvForm:
        """How a CSV file is written."""

    @property
    def columns(self) -> Mapped:
        """Which column is what."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was looked at. `encoding` is None for Parquet; `places` are the mapped columns' positions."""

    path: Path
    format: str
    encoding: str | None
    digest: bytes
    size: int
    changed_ns: int
    width: int
    places: dict[str, int]


class Broken(NamedTuple):
    """A row that does not split into the head line's fields; `found` is None where a quote is to blame."""

    row: int
    fields: list[str]
    found: int | None


@dataclass(slots=True)
class Table:
    """The rows of a file: `rows` numbers them as a person counts, `columns` are the mapped ones by what they are."""

    source: Source
    rows: NDArray[np.signedinteger[Any]]
    columns: dict[str, Any]
    broken: list[Broken]


def inspect(path: Path, mapping: Mapping, *, hashed: bool = True) -> Source:
    """Look at a file; its content is hashed unless nobody needs to know it again.

    Raises `FileUnreadable`, `FileEmpty`, `EncodingWrong`, `ColumnMissing`, `ColumnTwice`.
    """
    try:
        stat = path.stat()
        digest, head = _hash(path) if hashed else (b"", _first(path))
        if not head:
            raise FileEmpty(file=path.name)
        if head.startswith(b"PAR1") or path.suffix.lower() in {".parquet", ".pq"}:
            kind, encoding, names = "parquet", None, _parquet_names(path)
        elif any(head.startswith(mark) for mark in NOT_TEXT):
            raise FileUnreadable(file=path.name, reason=N_("it is a workbook or an archive, not a CSV file"))
        else:
            kind, encoding = "csv", encoding_of(path, mapping.csv.encoding)
            names = _csv_names(path, encoding, mapping.csv.delimiter)
    except OSError as fault:
        raise FileUnreadable(file=path.name, reason=fault.strerror or str(fault)) from fault
    mapped = mapping.columns.names
    places = {what: _place(path, names, what, name, mapped.values()) for what, name in mapped.items()}
    return Source(path, kind, encoding, digest, stat.st_size, stat.st_mtime_ns, len(names), places)


def look_at(files: Sequence[Path], mapping: Mapping, *, hashed: bool = True) -> list[Source]:
    """Look at every file, and put them in an order that does not depend on how they were named. Raises `FileTwice` and more."""
    sources: dict[bytes, Source] = {}
    for path in files:
        source = inspect(path, mapping, hashed=hashed)
        if source.digest in sources:
            raise FileTwice(file=path.name, other=sources[source.digest].path.name)
        sources[source.digest] = source
    return [sources[digest] for digest in sorted(sources)]


def read(source: Source, mapping: Mapping, told: Told) -> Table:
    """Read the mapped columns of a file. Raises `FileUnreadable`, `FileEmpty`, `FileChanged`."""
    try:
        table = _read_parquet(source, told) if source.encoding is None else _read_csv(source, mapping, told)
        stat = source.path.stat()
    except OSError as fault:
        raise FileUnreadable(file=source.path.name, reason=fault.strerror or str(fault)) from fault
    if (stat.st_size, stat.st_mtime_ns) != (source.size, source.changed_ns):
        raise FileChanged(file=source.path.name)
    if not len(table.rows) and not table.broken:
        raise FileEmpty(file=source.path.name)
    return table


def gather(sources: Sequence[Source], mapping: Mapping, add: Callable[[Table], None], told: Told) -> list[FileRead]:
    """Read files one after the other, each handed to `add`; return what was read."""
    files = []
    for source in sources:
        table = read(source, mapping, told)
        add(table)
        encoding = {"utf-8-sig": "UTF-8", "cp932": "CP932"}.get(source.encoding or "")
        files.append(FileRead(source.path.name, source.format, encoding, len(table.rows) + len(table.broken)))
    return files


def _hash(path: Path) -> tuple[bytes, bytes]:
    """Return the hash of the content, and its first bytes."""
    state = hashlib.blake2b(digest_size=32)
    head = b""
    with path.open("rb") as file:
        while piece := file.read(_BYTES_AT_ONCE):
            head = head or piece[:8]
            state.update(piece)
    return state.digest(), head


def _first(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(8)


def _parquet_names(path: Path) -> list[str]:
    try:
        return list(pq.read_schema(path).names)
    except (pa.ArrowException, OSError) as fault:
        raise FileUnreadable(
            file=path.name, reason=N_("it is no whole Parquet file; it may have been cut off")
        ) from fault


def _csv_names(path: Path, encoding: str, delimiter: str) -> list[str]:
    with path.open(encoding=encoding, newline="") as file:
        try:
            head = next(csv.reader(file, delimiter=delimiter, strict=True), [])
        except csv.Error as fault:
            raise FileUnreadable(
                file=path.name, reason=Phrase(N_("its head line is broken ({fault})"), fault=fault)
            ) from fault
    if not any(name.strip() for name in head):
        raise FileEmpty(file=path.name)
    return [name.strip() for name in head]


def _place(path: Path, names: Sequence[str], what: str, name: str, mapped: Collection[str]) -> int:
    if name not in names:
        near = get_close_matches(name, [one for one in names if one not in mapped], n=1, cutoff=0.5)
        raise ColumnMissing(
            field=f"columns.{what}",
            file=path.name,
            column=name,
            hint=Phrase(N_(" (did you mean “{near}”?)"), near=near[0]) if near else "",
            columns=", ".join([*names[:_NAMES_SHOWN], *["…"] * (len(names) > _NAMES_SHOWN)]),
            place=f"columns.{what}",
        )
    if names.count(name) > 1:
        raise ColumnTwice(field=f"columns.{what}", file=path.name, column=name, count=names.count(name))
    return names.index(name)


def _read_parquet(source: Source, told: Told) -> Table:
    try:
        names = pq.read_schema(source.path).names
        wanted = {what: names[place] for what, place in source.places.items()}
        repeated = {name for what, name in wanted.items() if what in REPEATED} - {wanted.get("order_id")}
        file = pq.ParquetFile(source.path, read_dictionary=sorted(repeated))
        table = file.read(columns=sorted(set(wanted.values())))
        table.validate(full=True)  # also that each text is one
        columns = {what: _settled(table[name]) for what, name in wanted.items()}
    except (pa.ArrowException, OSError) as fault:
        raise FileUnreadable(file=source.path.name, reason=N_("its data is damaged or cut off")) from fault
    except (ValueError, OverflowError) as fault:
        raise FileUnreadable(
            file=source.path.name, reason=N_("it holds a value that no text or calendar has")
        ) from fault
    for what, name in wanted.items():
        if pa.types.is_nested(columns[what].type):
            raise FileUnreadable(
                file=source.path.name, reason=Phrase(N_("the column “{name}” holds lists or records"), name=name)
            )
    told(source.size)
    return Table(source, np.arange(1, table.num_rows + 1, dtype=np.int32), columns, [])


def _settled(column: Any) -> Any:
    """Bring a Parquet column to one of the types that values are read from. Raises ValueError for an instant beyond the calendar."""
    if pa.types.is_dictionary(column.type) and not pa.types.is_string(column.type.value_type):
        column = column.cast(column.type.value_type)
    if pa.types.is_null(column.type) or pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        return column.cast(pa.string())
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        return column.cast(pa.timestamp("us", column.type.tz), safe=False)
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        pc.min_max(column).as_py()
    if pa.types.is_float16(column.type) or pa.types.is_float32(column.type):
        return column.cast(pa.string())  # the shortest text that names the number: 12.34, not 12.34000015
    return column


def _read_csv(source: Source, mapping: Mapping, told: Told) -> Table:
    whats = list(source.places)
    places = list(source.places.values())
    pick = itemgetter(*places, places[0])  # one more than there are, so that this gives tuples
    rows: list[NDArray[np.int64]] = []
    chunks: list[list[Any]] = []
    broken: list[Broken] = []
    with source.path.open("rb") as raw, io.TextIOWrapper(raw, source.encoding, newline="") as file:
        records = _records(file, mapping.csv.delimiter, source.width, broken)
        at = 0
        while some := list(islice(records, ROWS_AT_ONCE)):
            numbers, fields = zip(*some, strict=True)
            rows.append(np.array(numbers, np.int64))
            cells = zip(*map(pick, fields), strict=True)
            chunks.append([pa.array(column, pa.string()) for column in cells])
            told(raw.tell() - at)
            at = raw.tell()
    columns = {what: pa.chunked_array([chunk[k] for chunk in chunks], pa.string()) for k, what in enumerate(whats)}
    return Table(source, np.concatenate(rows or [np.empty(0, np.int64)]), columns, broken)


class _Lines:
    """Lines one by one; remembers those of the record being read, and takes back all but the first."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._back: list[str] = []
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._back.pop() if self._back else next(self._lines)
        self.taken.append(line)
        return line

    def take_back(self) -> str:
        """Return the record's first line; the others come again."""
        first, *others = self.taken
        self._back.extend(reversed(others))
        return first


def _records(lines: Iterable[str], delimiter: str, width: int, broken: list[Broken]) -> Iterator[tuple[int, list[str]]]:
    """Yield number and fields of every whole row below the head line; note the others in `broken`.

    A quote that is never closed would swallow the rows below it: when a broken record spans lines, only its first line is
    broken and the others are read again. Empty rows are counted and left out.
    """
    feed = _Lines(lines)
    reader = csv.reader(feed, delimiter=delimiter, strict=True)
    next(reader)
    number = 1
    while True:
        feed.taken.clear()
        found: int | None = None
        try:
            fields = next(reader)
            found = len(fields)
        except StopIteration:
            return
        except csv.Error:
            fields = []
        number += 1
        if found == width:
            yield number, fields
        elif found != 0:
            if found is None or len(feed.taken) > 1:
                fields, found = feed.take_back().rstrip("\r\n").split(delimiter), None
            broken.append(Broken(number, fields, found))
