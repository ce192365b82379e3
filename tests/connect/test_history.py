"""Files as a history to replay: what an import would post, in the same order, with the same rejects."""

import datetime as dt
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kizuna.connect.csv import HistoryRead, parse_mapping, read_history
from kizuna.connect.csv.problems import FileTwice, ZoneMissing
from kizuna.connect.csv.sorting import in_time
from kizuna.connect.csv.typed import distinct, instants
from kizuna.connect.csv.vocabulary import Vocabulary
from kizuna.engine import EventKind
from kizuna.simulate import SCHEMA

CHANGE = int(EventKind.CHANGE)

EXAMPLES = Path(__file__).parents[2] / "examples"
LINES = """
mapping: 1
shop: kissa
level: line
columns:
  order_id: order
  member: {column: who, kind: customer}
  time: {column: at, zone: Europe/Berlin}
  amount: {column: paid, unit: major}
  store: store
  channel: channel
  sku: sku
  quantity: count
  category: category
  brand: brand
"""
ORDERS = LINES[: LINES.index("  sku")].replace("level: line", "level: order")
HEAD = "order,who,at,paid,store,channel,sku,count,category,brand\n"


def read(paths: Sequence[Path], mapping: str, *, careful: bool = False) -> HistoryRead:
    return read_history(paths, parse_mapping(mapping), currency="JPY", currency_digits=0, country="JP", careful=careful)


def rows(found: HistoryRead) -> list[dict[str, Any]]:
    return [
        {name: value for name, value in row.items() if value is not None} for row in found.history.table.to_pylist()
    ]


def at(day: int, hour: int = 0) -> dt.datetime:
    return dt.datetime(2026, 1, day, hour, tzinfo=dt.UTC)


def test_whole_orders_stand_in_the_order_of_their_time(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(
        HEAD + "b,２,2026-01-03 10:00,300,east,app,A,2,tea,leaf\nb,2,2026-01-03 10:00,-50,east,app,,,,\n"
        "a,1,2026-01-03 10:00,10,,,A,1,tea,\na,1,2026-01-03 10:00,20,,,B,3,,leaf\n"
        "c,1,2026-01-02 10:00,x,,,B,1,,\nd,1,2026-01-01 10:00,7,,,,,,\n",
        encoding="utf-8",
    )
    found = read([path], LINES)
    assert rows(found) == [
        {"member": "customer:1", "at": at(1, 9), "amount": 7, "items": 1, "lines": []},
        {"member": "customer:1", "at": at(3, 9), "amount": 30, "items": 4, "lines": [
            line("A", 10, 1, category="tea"), line("B", 20, 3, brand="leaf")]},
        {"member": "customer:2", "at": at(3, 9), "amount": 250, "store": "east", "channel": "app", "items": 2, "lines": [
            line("A", 300, 2, category="tea", brand="leaf")]},
    ]  # fmt: skip
    assert [(one.row, one.order_id, one.field, one.value) for one in found.rejects] == [(6, "c", "paid", "x")]
    assert (found.rows, found.rows_rejected, found.orders, found.orders_rejected) == (6, 1, 3, 1)
    assert found.history.name == "orders.csv"


def line(sku: str, amount: int, quantity: int, category: str | None = None, brand: str | None = None) -> dict[str, Any]:
    return dict.fromkeys(("tags", "tax", "discount", "gift_card")) | {
        "sku": sku, "category": category, "brand": brand, "amount": amount, "quantity": quantity,
    }  # fmt: skip


KINDS = "  kind: {column: type, returned: [返品, return]}\n"
BACK = LINES.replace("Europe/Berlin", "UTC") + KINDS
BACK_HEAD = HEAD.replace("\n", ",type\n")
SOLD = (
    "a,1,2026-01-03 10:00,300,east,app,A,3,tea,leaf,\n"
    "a,1,2026-01-03 10:00,100,east,app,B,1,,,sale\n"
    "a,1,2026-01-03 10:00,-40,east,app,,,,,\n"
)
"""An order of three A and a B, with a discount of 40 on the whole."""


def back(tmp_path: Path, text: str, mapping: str = BACK, head: str = BACK_HEAD) -> HistoryRead:
    path = tmp_path / "orders.csv"
    path.write_text(head + text, encoding="utf-8")
    return read([path], mapping)


def kept(found: HistoryRead) -> list[Any]:
    """Every row: its kind, its order, day, amount, whether something is left, items and lines by SKU."""
    return [
        (row["kind"], row["of"], row["at"].day, row["amount"], row["exists"], row["items"],
         {one["sku"]: (one["amount"], one["quantity"]) for one in row["lines"]})
        for row in rows(found)
    ]  # fmt: skip


ORDER_A = (0, -1, 3, 360, True, 4, {"A": (300, 3), "B": (100, 1)})


@pytest.mark.parametrize(
    ("what", "after"),
    [
        ("a,1,2026-01-05 10:00,100,west,,A,1,,,返品\n", [(270, True, 3, {"A": (200, 2), "B": (100, 1)})]),
        ("a,1,2026-01-05 10:00,-100,west,,A,-1,,,Return\n", [(270, True, 3, {"A": (200, 2), "B": (100, 1)})]),
        ("a,1,2026-01-05 10:00,-90,,,A,-1,,,返品\n", [(279, True, 3, {"A": (210, 2), "B": (100, 1)})]),
        ("a,1,2026-01-05 10:00,-100,,,A,-1,,,返品\na,1,2026-01-05 10:00,-100,,,B,-1,,,返品\n",
         [(180, True, 2, {"A": (200, 2)})]),
        ("a,1,2026-01-05 10:00,-300,,,A,3,,,返品\na,1,2026-01-05 10:00,-100,,,B,1,,,返品\na,1,2026-01-05 10:00,40,,,,,,,返品\n",
         [(0, False, 0, {})]),
        ("a,1,2026-01-06 10:00,100,,,B,1,,,返品\na,1,2026-01-05 10:00,-300,,,A,3,,,返品\n",
         [(90, True, 1, {"B": (100, 1)}), (0, False, 0, {})]),
        ("a,1,2026-01-05 10:00,90,,,,,,,返品\n", [(270, True, 4, {"A": (225, 3), "B": (75, 1)})]),
        ("a,1,2026-01-05 10:00,-360,,,,,,,返品\n", [(0, False, 0, {})]),
    ],
)  # fmt: skip
def test_what_came_back_changes_its_order(tmp_path: Path, what: str, after: list[Any]) -> None:
    found = back(tmp_path, what + "b,2,2026-01-03 10:00,5,,,,,,,\n" + SOLD)
    assert found.rejects == []
    told = kept(found)
    assert told[:2] == [ORDER_A, (0, -1, 3, 5, True, 1, {})]
    assert [(kind, of, *row) for kind, of, _, *row in told[2:]] == [(CHANGE, 0, *row) for row in after]
    assert {(row.get("store"), row["member"]) for row in rows(found) if row["of"] == 0} == {("east", "customer:1")}
    assert (found.orders, found.returns, found.returns_rejected) == (2, len(after), 0)


@pytest.mark.parametrize(
    ("what", "row", "field", "reason"),
    [
        ("x,1,2026-01-05 10:00,1,,,A,1,,,返品", 5, "order", "no row says that it was bought"),
        ("a,1,2026-01-02 10:00,1,,,A,1,,,返品", 5, "at", "before it was bought (2026-01-03T10:00:00+00:00)"),
        ("a,2,2026-01-05 10:00,1,,,A,1,,,返品", 5, "who", "another member"),
        ("a,1,2026-01-05 10:00,1,,,A,0,,,返品", 5, "count", "a return of nothing"),
        ("a,1,2026-01-05 10:00,0,,,,,,,返品", 5, "paid", "a return of nothing"),
        ("a,1,2026-01-05 10:00,1,,,C,1,,,返品", 5, "sku", "no item C"),
        ("a,1,2026-01-05 10:00,400,,,A,4,,,返品", 5, "sku", "left of it"),
        ("a,1,2026-01-05 10:00,361,,,,,,,返品", 5, "paid", "361 cannot come back: 360 are left of it"),
        ("a,1,2999-01-05 10:00,1,,,A,1,,,返品", 5, "at", "in the future"),
        ("a,1,2026-01-05 10:00,?,,,A,1,,,返品\na,1,2026-01-06 10:00,1,,,A,1,,,返品", 5, "paid", "not an amount"),
        ("a,1,2026-01-05 10:00,-5,,,A,1,,,返品\na,1,2026-01-06 10:00,1,,,A,?,,,返品", 5, "order", "(row 6) is bad"),
        ("b,1,2026-01-05 10:00,-5,,,A,1,,,", 5, "paid", "less than 0"),
        ("b,1,2026-01-05 10:00,5,,,A,-1,,,", 5, "count", "not a whole number"),
    ],
)
def test_a_return_that_cannot_be_is_rejected_and_its_order_stays(
    tmp_path: Path, what: str, row: int, field: str, reason: str
) -> None:
    found = back(tmp_path, f"{SOLD}{what}\n")
    first = found.rejects[0]
    assert (first.row, first.field) == (row, field)
    assert reason in first.reason
    assert first.remedy
    assert (found.orders, found.returns) == (1, 0)
    assert found.returns_rejected + found.orders_rejected >= 1


def test_a_return_falls_with_its_order(tmp_path: Path) -> None:
    found = back(tmp_path, SOLD.replace("-40", "?") + "a,1,2026-01-05 10:00,1,,,A,1,,,返品\n")
    assert [(one.row, one.reason) for one in found.rejects] == [
        (4, "it is not an amount"), (5, "the order that came back is rejected itself"),
    ]  # fmt: skip
    assert (found.orders, found.orders_rejected, found.returns_rejected) == (0, 1, 1)
    assert [note.partition(" are")[0] for note in found.notes] == ["1 orders", "1 returns"]


def test_words_for_a_purchase_may_be_said_too(tmp_path: Path) -> None:
    mapping = BACK.replace("return]}", "return], bought: [sale]}")
    found = back(tmp_path, SOLD + "b,1,2026-01-03 10:00,5,,,,,,,取消\n", mapping)
    assert [(one.row, one.value, one.reason) for one in found.rejects] == [
        (5, "取消", "the mapping knows only 返品, return, sale")
    ]


def test_orders_without_lines_come_back_by_their_amount(tmp_path: Path) -> None:
    found = back(
        tmp_path,
        "a,1,2026-01-03 10:00,500,,,\na,1,2026-01-04 10:00,-200,,,return\na,1,2026-01-05 10:00,300,,,返品\n",
        ORDERS + KINDS,
        "order,who,at,paid,store,channel,type\n",
    )
    assert [(row["kind"], row["of"], row["amount"], row["exists"]) for row in rows(found)] == [
        (0, -1, 500, True), (CHANGE, 0, 300, True), (CHANGE, 0, 0, False),
    ]  # fmt: skip
    assert "items" not in found.history.table.column_names


def test_amounts_in_another_currency_are_rejected(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(
        "order,who,at,paid,store,channel,money\na,1,2026-01-03,5,,,JPY\nb,1,2026-01-03,5,,,円\nc,1,2026-01-03,5,,,usd\n"
    )
    found = read([path], ORDERS + "  currency: money\n")
    assert found.orders == 2
    assert [(one.row, one.field, one.value, one.reason) for one in found.rejects] == [
        (4, "money", "usd", "it is not in JPY")
    ]
    assert "into JPY" in found.rejects[0].remedy


def test_what_is_not_mapped_is_left_out(tmp_path: Path) -> None:
    found = read(
        [EXAMPLES / "orders" / "orders.csv"], (EXAMPLES / "orders" / "mapping.yaml").read_text(encoding="utf-8")
    )
    assert found.history.table.column_names == ["member", "at", "amount", "store"]
    assert (found.orders, found.rows, found.rejects) == (12, 12, [])


@pytest.mark.parametrize(("day", "where"), [("1969-12-31 12:00", "before 1970"), ("2999-01-01 00:00", "in the future")])
def test_what_the_road_would_not_take_is_rejected(tmp_path: Path, day: str, where: str) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(HEAD + f"a,1,{day},7,,,A,1,,\n" + "b,1,2026-01-01 10:00,7,,,A,1,,\n" * 1001)
    found = read([path], LINES)
    assert len(found.history) == 0
    assert [(one.row, one.field, one.remedy[:5]) for one in found.rejects] == [(2, "at", "Send "), (3, "sku", "Corre")]
    assert where in found.rejects[0].reason


def test_files_are_read_together(tmp_path: Path) -> None:
    table = pa.table({"order": [7, 8], "who": [1, 2], "at": [at(2), at(1)], "paid": [5, 6], "store": ["x", None],
                      "channel": [None, None]})  # fmt: skip
    pq.write_table(table, tmp_path / "b.parquet")
    (tmp_path / "a.csv").write_text("order,who,at,paid,store,channel\n9,１,2026-01-01T00:00Z,7,,\n")
    found = read([tmp_path / "b.parquet", tmp_path / "a.csv"], ORDERS)
    assert [(row["member"], row["amount"]) for row in rows(found)] == [
        ("customer:2", 6), ("customer:1", 7), ("customer:1", 5),
    ]  # fmt: skip
    with pytest.raises(FileTwice):
        read([tmp_path / "a.csv", tmp_path / "a.csv"], ORDERS)
    pq.write_table(table.set_column(2, "at", table["at"].cast(pa.timestamp("us"))), tmp_path / "c.parquet")
    with pytest.raises(ZoneMissing):
        read([tmp_path / "c.parquet"], ORDERS.replace(", zone: Europe/Berlin", ""))


WORDS = [
    "a",
    "b",
    "a ",
    "ａ",
    "1",
    "01",
    "",
    "é",
    "e\u0301",
    "x" * 191,
    "a\tb",
    "-1",
    "10",
    "9",
    "A@x.jp",
    "a@X.jp",
    "a-1",
]
NUMBERS = [*range(12), -1, 10**6, 2**40, 10**17, 10**18]


def column(draw: Any, size: int, *kinds: tuple[Any, Any]) -> pa.Array:
    """Draw a column of one of some types, some values of it missing."""
    values, kind = draw(st.sampled_from(kinds))
    with_missing = draw(st.sampled_from(["plain", "encoded"]))
    element = st.one_of(st.none(), st.sampled_from(values)) if with_missing else st.sampled_from(values)
    array = pa.array(draw(st.lists(element, min_size=size, max_size=size)), kind)
    if pa.types.is_string(kind) and draw(st.booleans()):
        return array.dictionary_encode()
    return array


CLOCKS = [
    dt.datetime(2026, 1, 5, 12),  # noqa: DTZ001 - the zone is the mapping's
    dt.datetime(2026, 1, 5, 12, 0, 0, 1000),  # noqa: DTZ001
    dt.datetime(2026, 3, 29, 2, 30),  # noqa: DTZ001 - skipped
    dt.datetime(2026, 3, 29, 1, 30),  # noqa: DTZ001
    dt.datetime(2025, 10, 26, 2, 30),  # noqa: DTZ001 - told twice
    dt.datetime(2025, 10, 26, 23, 30),  # noqa: DTZ001
    dt.datetime(1970, 1, 1),  # noqa: DTZ001 - before 1970 in Berlin
    dt.datetime(1, 1, 1),  # noqa: DTZ001
    dt.datetime(9999, 12, 31, 23),  # noqa: DTZ001
]
INSTANTS = [one.replace(tzinfo=dt.UTC, year=min(one.year, 9998)) for one in CLOCKS]
SPELLED = [
    "2026-01-05 12:00", "2026/01/05T12:00:01", "2026-01-05", "2026-03-29 02:30", "2026-01-05 12:00:01.250", "1969-12-31 23:00",
    "2025/10/26 02:30:00", "2026-02-30 10:00", "2026-01-05 24:00", "2026-01/05", "2026/01/05 12:00:01.250", "2026-01-05 12:00:01.5",
    "0000-01-01", "2026-01-05 12:00Z", "2026-01-05 12:00:60", "令和7年1月5日",
]  # fmt: skip
NAMES = ((WORDS, pa.string()), (NUMBERS, pa.int64()), ([*range(9)], pa.int8()), ([1.0, -0.0, 0.0, 2.5, 1e17, float("nan")], pa.float64()),
         ([2**64 - 1, 3], pa.uint64()), (WORDS, pa.large_string()))  # fmt: skip
TEXTS = (NAMES[0], NAMES[1], ([None], pa.null()))


@st.composite
def tables(draw: Any) -> pa.Table:
    size = draw(st.integers(1, 12))
    return pa.table(
        {
            "order": column(draw, size, *NAMES),
            "who": column(draw, size, *NAMES),
            "at": column(
                draw, size, (CLOCKS, pa.timestamp("us")), (CLOCKS, pa.timestamp("ms")), (INSTANTS, pa.timestamp("us", "UTC")),
                (INSTANTS, pa.timestamp("s", "Asia/Tokyo")), ([one.date() for one in CLOCKS], pa.date32()),
                (["2026-01-05 12:00", "x", "2026/3/29 2:30"], pa.string()), (SPELLED, pa.string()), (SPELLED[:7], pa.string()),
            ),
            "paid": column(
                draw, size, ([0, 5, -5, 10**11, 10**11 + 1, 2**62, -(2**63)], pa.int64()), ([1, 2], pa.int32()),
                ([1.0, 0.29, 0.125, -3.0, 2e11], pa.float64()), (["5", "¥1,000", "△3"], pa.string()), ([3, 2**63], pa.uint64()),
            ),
            "store": column(draw, size, *TEXTS),
            "channel": column(draw, size, *TEXTS),
            "sku": column(draw, size, *TEXTS),
            "count": column(draw, size, ([0, 1, 2, -1, 2**40], pa.int64()), ([1.0, 2.5], pa.float64()), (["3"], pa.string())),
            "category": column(draw, size, *TEXTS),
            "brand": column(draw, size, *TEXTS),
            "type": column(draw, size, (["返品", "return", "Return ", "sale", ""], pa.string())),
            "money": column(draw, size, (["JPY", "円", "USD", ""], pa.string()), (["JPY"], pa.string())),
        }
    )  # fmt: skip


@given(
    st.lists(tables(), min_size=1, max_size=2),
    st.sampled_from(["customer", "card", "email", "phone"]),
    st.sampled_from(["Europe/Berlin", "Asia/Tokyo", "UTC"]),
    st.sampled_from([LINES, ORDERS, LINES + KINDS, ORDERS + KINDS + "  currency: money\n"]),
    st.sampled_from([0, 2]),
)
@settings(max_examples=150, deadline=None)
def test_what_is_read_in_bulk_is_what_is_read_with_care(
    found: list[pa.Table], kind: str, zone: str, mapping: str, digits: int
) -> None:
    mapping = mapping.replace("kind: customer", f"kind: {kind}").replace("Europe/Berlin", zone)
    mapping = mapping.replace("unit: major", f"unit: major, digits: {digits}")
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.parquet" for number in range(len(found))]
        for path, table in zip(paths, found, strict=True):
            pq.write_table(table, path)
        if len({path.read_bytes() for path in paths}) < len(paths):
            return
        fast, careful = read(paths, mapping), read(paths, mapping, careful=True)
    assert rows(fast) == rows(careful)
    assert fast.rejects == careful.rejects
    assert (fast.orders, fast.orders_rejected) == (careful.orders, careful.orders_rejected)
    assert (fast.returns, fast.returns_rejected) == (careful.returns, careful.returns_rejected)
    for name in fast.history.table.column_names:
        assert fast.history.table.schema.field(name).type == SCHEMA.field(name).type


@given(
    st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1), st.integers(0, 40)), max_size=30),
    st.sampled_from(["plain", "encoded"]),
)
def test_a_column_is_its_different_values_at_their_places(values: list[int | None], how: str) -> None:
    column_ = pa.chunked_array([pa.array(values[:7], pa.int64()), pa.array(values[7:], pa.int64())])
    places, different, has_missing = distinct(column_.dictionary_encode() if how == "encoded" else column_)
    known = [*different.to_pylist(), None]
    assert [known[place] for place in places.tolist()] == values
    assert len(set(different.to_pylist())) == len(different)
    assert has_missing == (None in values)


IDS = st.integers(0, 10**18 - 1) | st.integers(0, 120) | st.integers(100, 120)


@given(
    st.lists(st.tuples(st.integers(0, 3), IDS), unique_by=lambda one: one[1]),
    st.sampled_from([1, 1000, 10**6]),
    st.sampled_from(["text", "number"]),
)
@example([(0, 9), (0, 10), (0, 1), (0, 100)], 1, "number")
def test_orders_go_by_time_and_then_by_the_text_of_their_id(found: list[tuple[int, int]], unit: int, how: str) -> None:
    times, ids = [one * unit for one, _ in found], [number for _, number in found]
    words = Vocabulary()
    texts = pa.array(ids, pa.int64())
    codes = words.add(texts.cast(pa.string()) if how == "text" else texts, distinct=True)
    order, sorted_times = in_time(np.array(times, np.int64), words, codes)
    assert [found[place] for place in order.tolist()] == sorted(found, key=lambda one: (one[0], str(one[1])))
    assert sorted_times.tolist() == sorted(times)


def test_times_as_most_programs_write_them_need_no_care() -> None:
    column_ = pa.array(["2026-01-05 12:00", "2026/01/05 12:00:01", "2026-01-05", "2026-01-05T12:00:01.250"])
    found = instants(ZoneInfo("Asia/Tokyo"), None)(column_)
    assert found is not None
    assert found[1] is None
    assert instants(None, None)(column_) is None
    assert instants(ZoneInfo("Asia/Tokyo"), "%Y")(column_) is None
