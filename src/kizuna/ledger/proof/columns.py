"""Rows of the database as NumPy columns: binary COPY of columns that have one width and are never null is an array already.

Always true: nothing is converted row by row; where a row has a part of no fixed width, that part comes in a stream of its own and is
found by the row's key.
"""

import struct
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kizuna.runtime.db import Connection

Columns = NDArray[np.void]
"""A structured array: one element a row."""

COPY_TIMEOUT_S = 6 * 3600
"""The longest that reading one part may take."""
_HEAD = 19
"""PGCOPY, its flags and the length of its extension."""
_TAIL = 2
_LENGTH = struct.Struct(">i")
_ID = 16


class Column(NamedTuple):
    """A column: its name here, the SQL that it is read by, its NumPy type (big-endian)."""

    name: str
    sql: str
    type: str


class Table:
    """Columns of one width that are read together."""

    def __init__(self, sql: str, columns: Sequence[Column]) -> None:
        self._sql = sql
        fields: list[tuple[str, str]] = [("_fields", ">i2")]
        for column in columns:
            fields += [(f"_{column.name}", ">i4"), (column.name, column.type)]
        self._row = np.dtype(fields)
        self._names = [column.name for column in columns]

    async def read(self, conn: Connection, where: str) -> Columns:
        """Return the rows for which the condition `where` holds, in no order."""
        raw = await copied(conn, self._sql + where)
        count, rest = divmod(len(raw) - _HEAD - _TAIL, self._row.itemsize)
        rows = np.frombuffer(raw, self._row, count, _HEAD)
        if rest or (rows["_fields"] != len(self._names)).any():
            raise ValueError(f"a column has another width than it is read by: {self._sql}")
        return rows[self._names]


async def copied(conn: Connection, query: str) -> bytearray:
    """Return what a query gives, as binary COPY writes it."""
    raw = bytearray()

    async def keep(piece: bytes) -> None:
        raw.extend(piece)

    await conn.copy_from_query(query, output=keep, format="binary", timeout=COPY_TIMEOUT_S)
    return raw


def each_row(raw: bytes | bytearray, columns: int) -> Iterator[list[bytes]]:
    """Walk rows whose columns have widths of their own."""
    raw, at, width = bytes(raw), _HEAD, _LENGTH.size
    number = columns.to_bytes(2, "big")
    length_at = _LENGTH.unpack_from
    while raw[at : at + 2] == number:
        at += 2
        row = []
        for _ in range(columns):
            (length,) = length_at(raw, at)
            at += width
            row.append(raw[at : at + length])
            at += length
        yield row


def words(ids: NDArray[Any]) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return ids of 16 bytes as two numbers, which are in the order of the ids."""
    both = np.ascontiguousarray(ids).view(">u8").reshape(-1, 2).astype(np.uint64)
    return both[:, 0], both[:, 1]


def last_byte(ids: NDArray[Any]) -> NDArray[np.uint8]:
    """Return the last byte of ids of 16 bytes."""
    return np.ascontiguousarray(ids).view(np.uint8).reshape(-1, _ID)[:, _ID - 1]


def first_of_event(keys: NDArray[Any]) -> NDArray[Any]:
    """Return the keys of the events that entries' keys lead to: their line byte is 0."""
    raw = np.array(np.ascontiguousarray(keys).view(np.uint8).reshape(-1, _ID))
    raw[:, _ID - 1] = 0
    return raw.reshape(-1).view(f"V{_ID}")


_SALT = np.random.default_rng().integers(1, 2**63, 8, dtype=np.uint64) | np.uint64(1)


def marks(*parts: NDArray[Any]) -> NDArray[np.uint64]:
    """Return one number of 64 bits for each row's parts together: equal for equal rows, and by a salt of this process alone."""
    mark = np.zeros(len(parts[0]), np.uint64)
    for salt, part in zip(_SALT, parts, strict=False):
        mark = (mark ^ part.astype(np.uint64)) * salt
        mark ^= mark >> np.uint64(29)
    return mark


def is_among(asked: NDArray[np.uint64], there: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Tell of numbers whether they are among others; by sorting, which is several times faster here than `np.isin`."""
    if not len(there):
        return np.zeros(len(asked), np.bool_)
    there = np.sort(there)
    found: NDArray[np.bool_] = there[np.minimum(np.searchsorted(there, asked), len(there) - 1)] == asked
    return found


def distinct(numbers: NDArray[np.uint64]) -> int:
    """Return how many different numbers there are."""
    numbers = np.sort(numbers)
    return len(numbers) and 1 + int(np.count_nonzero(numbers[1:] != numbers[:-1]))


def names_of(rows: Columns) -> list[bytes]:
    """Return members and keys together, by which the parts without a fixed width are found."""
    parts = [np.ascontiguousarray(rows[name]).view(np.uint8).reshape(-1, _ID) for name in ("member", "key")]
    raw, width = np.hstack(parts).tobytes(), 2 * _ID
    return [raw[at : at + width] for at in range(0, len(raw), width)]


def starts_of(*keys: NDArray[Any]) -> NDArray[np.intp]:
    """Return where each run of equal keys begins; rows are in the order of their keys."""
    if not len(keys[0]):
        return np.zeros(0, np.intp)
    changes = np.zeros(len(keys[0]) - 1, np.bool_)
    for key in keys:
        changes |= key[1:] != key[:-1]
    return np.concatenate([[0], np.flatnonzero(changes) + 1]).astype(np.intp)


def ends_of(starts: NDArray[np.intp], size: int) -> NDArray[np.intp]:
    """Return where each run ends that begins at `starts`, of so many rows in all."""
    return np.append(starts, size).astype(np.intp)[1:]
