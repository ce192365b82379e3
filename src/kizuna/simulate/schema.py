"""What passes in and out of a share, as Arrow types: the task, and the columns of its answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from kizuna.simulate.behaviour import NEVER, Behaviour

HISTORY, REQUEST, RESULT, PROBLEM = "history.arrow", "request.json", "result.json", "problem.json"
"""The files by which a back-test in a process of its own is asked, and tells."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is asked of every share: the program (a checked document as JSON), the last day, who redeems when, and in which draw.

    `entries` asks for the movements too; `only` for those of one member.
    """

    program: str
    until: int
    behaviour: Behaviour = NEVER
    draw: int = 0
    entries: bool = False
    only: int | None = None


SUM = pa.struct(
    [
        ("what", pa.string()), ("month", pa.int32()), ("unit", pa.int16()), ("key", pa.string()), ("points", pa.int64()),
        ("amount", pa.int64()), ("times", pa.int64()),
    ]
)  # fmt: skip
"""A sum of movements or events: `month` counts from January 1970 (−1: of the whole period), `unit` is −1 where none is meant."""
MEMBER = pa.struct(
    [
        ("member", pa.int32()), ("orders", pa.int64()), ("amount", pa.int64()), ("issued", pa.int64()), ("redeemed", pa.int64()),
        ("expired", pa.int64()), ("outstanding", pa.int64()), ("pending", pa.int64()), ("debt", pa.int64()), ("level", pa.int16()),
        ("segments", pa.int64()),
    ]
)  # fmt: skip
"""A member at the end: points of the first unit, the rung of the program's tiers, and which segments hold (a bit each)."""
CLAIM = pa.struct(
    [
        ("slot", pa.int32()), ("store", pa.string()), ("stretch", pa.int64()), ("at", pa.int64()), ("most", pa.int64()),
        ("wanted", pa.int64()), ("given", pa.int64()), ("exact", pa.bool_()),
    ]
)  # fmt: skip
"""What an event wanted of a figure that members share, and got; `at` is its place in the whole history. With `exact` it must be told to
the point what had been used up before it, because a change of the order will ask again."""
ENTRY = pa.struct(
    [
        ("at", pa.int64()), ("member", pa.int32()), ("kind", pa.int8()), ("unit", pa.int16()), ("restriction", pa.int16()),
        ("points", pa.int64()), ("expires_on", pa.int64()), ("release_on", pa.int64()), ("rule", pa.int16()), ("basis", pa.int64()),
        ("raw", pa.int64()), ("cut", pa.int8()), ("day", pa.int32()), ("balance", pa.int64()), ("level", pa.int16()),
    ]
)  # fmt: skip
"""A movement, with the balance and the rung right after its event."""
OUT = pa.schema(
    [("sums", pa.list_(SUM)), ("members", pa.list_(MEMBER)), ("claims", pa.list_(CLAIM)), ("entries", pa.list_(ENTRY))]
)
"""A share's answer: one row."""


def fields(of: pa.StructType) -> list[tuple[str, pa.DataType]]:
    """Return the names and types of a struct's fields."""
    return [(field.name, field.type) for field in of]


def struct(of: pa.StructType, columns: Sequence[Sequence[Any] | np.ndarray]) -> pa.StructArray:
    """Return columns as one array of structs."""
    arrays = [
        pa.array(column, kind) if len(column) else pa.array([], kind)
        for column, (_, kind) in zip(columns, fields(of), strict=True)
    ]
    return pa.StructArray.from_arrays(arrays, fields=list(of))


def row(structs: pa.StructArray) -> pa.Array:
    """Return structs as the list of one row."""
    return pa.ListArray.from_arrays(pa.array([0, len(structs)], pa.int32()), structs)
