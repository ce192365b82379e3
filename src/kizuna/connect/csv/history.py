"""Files of orders as a history to replay: read as an import reads them, with the same rejects, and nothing is posted.

Always true: only whole orders are in it, by time and then by order id, and what came back of them; amounts are minor units.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kizuna.connect.csv.columns import OrderColumns
from kizuna.connect.csv.grouping import group
from kizuna.connect.csv.laying import laid_out
from kizuna.connect.csv.mapping import Mapping
from kizuna.connect.csv.reading import gather, look_at
from kizuna.connect.csv.rejects import Phrase, Reject
from kizuna.connect.csv.returns import Returned, returns_of
from kizuna.connect.csv.summary import FileRead
from kizuna.core.days import instant_ms
from kizuna.core.errors import N_
from kizuna.runtime.clock import now
from kizuna.simulate import History


@dataclass(frozen=True, slots=True)
class HistoryRead:
    """A history, and what of the files is not in it: orders and returns by number, and what is wrong, row by row."""

    history: History
    files: Sequence[FileRead]
    rejects: Sequence[Reject]
    rows: int
    rows_rejected: int
    orders: int
    orders_rejected: int
    returns: int
    returns_rejected: int

    @property
    def notes(self) -> tuple[str, ...]:
        """What is left out, in sentences."""
        return self.history.notes


def read_history(
    paths: Sequence[Path],
    mapping: Mapping,
    *,
    currency: str,
    currency_digits: int,
    country: str,
    told: Callable[[int], None] = lambda _: None,
    careful: bool = False,
) -> HistoryRead:
    """Read files of orders. `told` hears how many more bytes were read; with `careful` nothing is read in bulk.

    Raises `FileUnreadable`, `FileEmpty`, `FileTwice`, `FileChanged`, `EncodingWrong`, `ColumnMissing`, `ColumnTwice`, `ZoneMissing`.
    """
    columns = OrderColumns(mapping, currency, currency_digits, country, careful=careful)
    sources = look_at(paths, mapping, hashed=len(paths) > 1)
    files = gather(sources, mapping, columns.add, told)
    latest_us = instant_ms(now()) * 1000
    grouped = group(columns, mapping.level, mapping.columns.names, latest_us)
    back = Returned()
    if grouped.returned is not None:
        back = returns_of(grouped.returned, grouped.orders, columns, mapping.columns.names, latest_us)
    files_at = {name: place for place, name in enumerate(columns.files)}
    rejects = sorted([*grouped.rejects, *back.rejects], key=lambda one: (files_at[one.file], one.row))
    table = laid_out(grouped.orders, columns, back.returns)
    name = ", ".join(source.path.name for source in sources)
    return HistoryRead(
        History(table, name, tuple(_left_out(grouped.rejected, back.rejected))),
        files,
        rejects,
        sum(file.rows for file in files),
        len({(reject.file, reject.row) for reject in rejects}),
        len(grouped.orders),
        grouped.rejected,
        len(back.returns),
        back.rejected,
    )


def _left_out(orders: int, returns: int) -> Iterator[str]:
    if orders:
        yield Phrase(N_("{orders} orders are left out: their rows have faults."), orders=orders)
    if returns:
        yield Phrase(
            N_("{returns} returns are left out: their rows have faults, or their orders are not there."),
            returns=returns,
        )
