"""The history that a back-test replays: what a brand sold, as one Arrow table of events in the order of their time.

Always true of a `History`: rows stand in the order in which the live road would have taken them; an order is told once; a row that
changes an order comes after it and holds what is kept of the order from then on; amounts are minor units, never negative.
"""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kizuna.core.errors import N_, Kind, Problem
from kizuna.core.ids import member_id

WORD = pa.dictionary(pa.int32(), pa.string())
"""A text that repeats."""

LINE = pa.struct(
    [
        ("sku", WORD), ("category", WORD), ("brand", WORD), ("tags", pa.list_(pa.string())), ("amount", pa.int64()),
        ("quantity", pa.int64()), ("tax", pa.int64()), ("discount", pa.int64()), ("gift_card", pa.bool_()),
    ]
)  # fmt: skip
SCHEMA = pa.schema(
    [
        ("kind", pa.int8()), ("member", WORD), ("at", pa.timestamp("us", "UTC")), ("of", pa.int64()), ("amount", pa.int64()),
        ("tax", pa.int64()), ("discount", pa.int64()), ("shipping", pa.int64()), ("paid_with_points", pa.int64()),
        ("items", pa.int64()), ("exists", pa.bool_()), ("channel", WORD), ("store", WORD), ("points", pa.int64()),
        ("lines", pa.list_(LINE)),
    ]
)  # fmt: skip
"""What a row may tell. `kind` is an `EventKind` (ORDER, CHANGE or REDEMPTION), `member` an identity (`kind:value`), `of` the number of the
row (from 0) of the order that a change changes (−1), `points` those of a recorded redemption. `member`, `at` and `amount` are always
there; a column that nothing fills may be left out."""

_NEEDED = ("member", "at", "amount")


class HistoryEmpty(Problem):
    """There is nothing to replay."""

    code = "history_empty"
    kind = Kind.INVALID
    title = N_("There are no orders between {since} and {until}.")
    remedy = N_("Choose another period, or import orders first.")


class HistoryBlank(HistoryEmpty):
    """There is nothing to replay on any day."""

    title = N_("There are no orders to replay.")
    remedy = N_("Import orders, or tell of them, first.")


@dataclass(frozen=True, slots=True)
class History:
    """Events by `SCHEMA`. `name` says where they are from; `notes` are remarks about what was left out."""

    table: pa.Table
    name: str = ""
    notes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        """Hold the table against the schema."""
        for name in self.table.column_names:
            if self.table.schema.field(name).type != SCHEMA.field(name).type:
                raise TypeError(f"the column {name} is {self.table.schema.field(name).type}")
        if missing := [name for name in _NEEDED if name not in self.table.column_names]:
            raise TypeError(f"columns are missing: {', '.join(missing)}")

    def __len__(self) -> int:
        return int(self.table.num_rows)


@dataclass(frozen=True, slots=True)
class Shares:
    """A history in shares of members, each a contiguous part of `table`: share i is `table[starts[i] : starts[i + 1]]`.

    Rows tell further `n` (their place in the whole history), `day` and `minute` (local). Changes name their order by its `n`.
    `members` are the identities behind the codes of the column `member`; `keys` their numbers for drawing lots that stay, where asked.
    """

    table: pa.Table
    starts: tuple[int, ...]
    members: pa.Array
    keys: np.ndarray | None
    first_day: int
    last_day: int

    def __len__(self) -> int:
        return len(self.starts) - 1

    def share(self, number: int) -> pa.Table:
        """Return the rows of one share."""
        start, end = self.starts[number], self.starts[number + 1]
        return self.table.slice(start, end - start)


def divide(
    history: History,
    zone: ZoneInfo,
    shares: int,
    since: int | None = None,
    until: int | None = None,
    *,
    keys: bool = False,
) -> Shares:
    """Divide a history among `shares`, by member; only days `since`..`until` (inclusive). Raises `HistoryEmpty`.

    An order from before `since` is not there, and neither are changes of it.
    """
    table = history.table.combine_chunks()
    day, minute = _local(table["at"], zone)
    on = np.ones(len(day), np.bool_)
    if since is not None:
        on &= day >= since
    if until is not None:
        on &= day <= until
    if "of" in table.column_names:
        of = table["of"].to_numpy()
        on &= (of < 0) | on[np.maximum(of, 0)]
    if not on.any():
        if not len(table):
            raise HistoryBlank
        raise HistoryEmpty(since=_written(since), until=_written(until))
    member = _one(table["member"])
    code = member.indices.to_numpy(zero_copy_only=False)
    numbers = _keys(table, member) if keys else None
    which = np.flatnonzero(on)
    share = (code[which] % shares).astype(np.uint16)
    order = which[np.argsort(share, kind="stable")] if shares > 1 else which
    starts = np.concatenate([[0], np.cumsum(np.bincount(share, minlength=shares))])
    plain = table.drop_columns(["at", "member"]).append_column("member", pa.array(code))
    if len(order) < len(table) or shares > 1:
        plain = plain.take(pa.array(order)).combine_chunks()
    for name, column in (("n", order), ("day", day[order]), ("minute", minute[order])):
        plain = plain.append_column(name, pa.array(column))
    return Shares(
        plain, tuple(starts.tolist()), member.dictionary, numbers, int(day[which].min()), int(day[which].max())
    )


def days_of(history: History, zone: ZoneInfo) -> tuple[int, int]:
    """Return the first and the last day."""
    day, _ = _local(history.table["at"], zone)
    return int(day.min()), int(day.max())


def _local(at: pa.ChunkedArray, zone: ZoneInfo) -> tuple[np.ndarray, np.ndarray]:
    """Return the local days and minutes of instants."""
    placed = at if zone.key == "UTC" else pc.local_timestamp(at.cast(pa.timestamp("us", zone.key)))
    minutes = placed.cast(pa.int64()).to_numpy() // 60_000_000
    return (minutes // 1440).astype(np.int32), (minutes % 1440).astype(np.int16)


def _keys(table: pa.Table, member: pa.DictionaryArray) -> np.ndarray:
    """Return the last 8 bytes of members' ids: those that they have, or that they get who come by their first row."""
    code = member.indices.to_numpy(zero_copy_only=False)
    at_ms = table["at"].cast(pa.int64()).to_numpy() // 1000
    first = np.full(len(member.dictionary), -1, np.int64)
    first[code[::-1]] = at_ms[::-1]
    keys = np.zeros(len(first), np.uint64)
    for number, (since, subject) in enumerate(zip(first.tolist(), member.dictionary.to_pylist(), strict=True)):
        if since >= 0:
            kind, _, value = subject.partition(":")
            id_ = bytes.fromhex(value) if kind == "member" else member_id(since, kind, value)
            keys[number] = int.from_bytes(id_[8:], "big")
    return keys


def _one(column: pa.ChunkedArray) -> pa.DictionaryArray:
    column = column.unify_dictionaries()
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _written(day: int | None) -> str:
    return "…" if day is None else str(np.datetime64(day, "D"))
