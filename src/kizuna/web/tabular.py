"""Tables as files: CSV for a spreadsheet, Parquet for a notebook. The same columns, in the same order.

A text that a spreadsheet would take for a formula is marked as text with an apostrophe; Parquet has it as it is.
"""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """Return a table as CSV in UTF-8 with a mark at its beginning, by which spreadsheets know it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([[_plain(cell) for cell in row] for row in rows])
    return text.getvalue().encode("utf-8-sig")


def as_parquet(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """Return a table as Parquet."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(header)
    file = io.BytesIO()
    pq.write_table(pa.table({name: list(column) for name, column in zip(header, columns, strict=True)}), file)
    return file.getvalue()


def save(
    header: Sequence[str], rows: Sequence[Sequence[Any]], csv_file: Path | None, parquet_file: Path | None
) -> None:
    """Write a table into the files that are named."""
    if csv_file is not None:
        csv_file.write_bytes(as_csv(header, rows))
    if parquet_file is not None:
        parquet_file.write_bytes(as_parquet(header, rows))


def _plain(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
