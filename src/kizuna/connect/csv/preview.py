"""What an import would do, without doing it: the first rows as they are understood, and what is wrong, by row.

It reads as the import itself reads, so that what is shown is what will be posted. Nothing is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kizuna.connect.csv.cells import moment
from kizuna.connect.csv.columns import OrderColumns
from kizuna.connect.csv.grouping import group
from kizuna.connect.csv.mapping import Mapping
from kizuna.connect.csv.reading import inspect, read
from kizuna.connect.csv.rejects import Reject
from kizuna.runtime.brands import Brand

ROWS_MAX = 20
REJECTS_MAX = 50


@dataclass(frozen=True, slots=True)
class RowRead:
    """A row as it is understood; None stands where a value cannot be read. `amount` is minor units."""

    row: int
    order_id: str | None
    member: str | None
    at: datetime | None
    amount: int | None
    store: str | None
    is_bad: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file holds. `orders` are whole ones, `members` different identities among them, `amount` their sum."""

    rows: Sequence[RowRead]
    rejects: Sequence[Reject]
    rows_all: int
    orders: int
    members: int
    amount: int
    first_at: datetime | None
    last_at: datetime | None
    orders_rejected: int
    rows_rejected: int


def preview(path: Path, mapping: Mapping, brand: Brand) -> Preview:
    """Return what a file holds. Raises what an import raises before anything is posted."""
    source = inspect(path, mapping)
    columns = OrderColumns(mapping, brand.currency, brand.currency_digits, brand.country)
    table = read(source, mapping, lambda _: None)
    columns.add(table)
    grouped = group(columns, mapping.level, mapping.columns.names)
    orders = grouped.orders
    times = orders.rows.columns["time"][orders.firsts]
    members = orders.rows.columns["member"][orders.firsts]
    return Preview(
        rows=_rows(columns),
        rejects=grouped.rejects[:REJECTS_MAX],
        rows_all=len(table.rows) + len(table.broken),
        orders=len(orders),
        members=len(set(members.tolist())),
        amount=int(orders.amounts.sum()),
        first_at=moment(int(times[0])) if len(times) else None,
        last_at=moment(int(times[-1])) if len(times) else None,
        orders_rejected=grouped.rejected,
        rows_rejected=len({reject.row for reject in grouped.rejects}),
    )


def _rows(columns: OrderColumns) -> list[RowRead]:
    rows, words = columns.rows(), columns.words
    bad = {(reject.row, reject.field) for reject in columns.rejects}

    def text(what: str, at: int) -> str | None:
        if what not in rows.columns:
            return None
        code = int(rows.columns[what][at])
        return getattr(words, what).word(code) if code >= 0 else None

    def value(what: str, at: int) -> int | None:
        is_bad = (int(rows.row[at]), columns.name_of(what)) in bad
        return None if is_bad else int(rows.columns[what][at])

    read_rows = []
    for at in range(min(ROWS_MAX, len(rows.row))):
        time, member = value("time", at), text("member", at)
        read_rows.append(
            RowRead(
                row=int(rows.row[at]),
                order_id=text("order_id", at),
                member=member.partition(":")[2] if member else None,
                at=moment(time) if time is not None else None,
                amount=value("amount", at),
                store=text("store", at),
                is_bad=bool(rows.bad[at]),
            )
        )
    return read_rows
