"""A mapping is refused as a whole, with every fault named at its place."""

from pathlib import Path

import pytest

from kizuna.connect.csv.mapping import Mapping, MappingInvalid, parse_mapping

EXAMPLES = Path(__file__).parents[2] / "examples"
GOOD = """
mapping: 1
shop: grocer
level: line
columns:
  order_id: basket
  member: {column: who, kind: customer}
  time: {column: at, zone: UTC}
  amount: {column: paid, unit: major, digits: 2}
  sku: product
  quantity: count
"""


@pytest.mark.parametrize("name", ["backtest", "grocer", "orders"])
def test_the_examples_are_mappings(name: str) -> None:
    assert isinstance(parse_mapping((EXAMPLES / name / "mapping.yaml").read_text(encoding="utf-8")), Mapping)


def test_it_knows_its_columns() -> None:
    assert parse_mapping(GOOD).columns.names == {
        "order_id": "basket",
        "member": "who",
        "time": "at",
        "amount": "paid",
        "sku": "product",
        "quantity": "count",
    }


@pytest.mark.parametrize(
    ("old", "new", "place", "says"),
    [
        ("shop: grocer", "shop: Grocer!", "shop", "must match"),
        ("shop: grocer", "shopp: grocer", "shopp", "Did you mean “shop”?"),
        ("level: line", "level: lines", "level", "“line”"),
        ("kind: customer", "kind: client", "columns.member.kind", "customer"),
        ("zone: UTC", "zone: Asia/Tokio", "columns.time.zone", "Did you mean “Asia/Tokyo”?"),
        ("zone: UTC", "format: '%H:%M'", "columns.time.format", "lacks the year"),
        ("zone: UTC", "format: '%Q'", "columns.time.format", "not a format"),
        ("unit: major, digits: 2", "unit: minor, digits: 2", "columns.amount", "belongs to “unit: major”"),
        ("unit: major, digits: 2", "unit: yen", "columns.amount.unit", "major, minor"),
        ("level: line", "level: order", "document", "“level: line”"),
        ("  sku: product\n", "", "document", "map “sku” too"),
        ("  quantity: count\n", "  kind: {column: type, returned: []}\n", "columns.kind.returned", ""),
        ("  order_id: basket\n", "", "columns.order_id", "missing"),
        ("mapping: 1", "mapping: 2", "mapping", "1"),
        ("mapping: 1", "mapping: 1\nmapping: 1", "line 3, column 1", "stands twice"),
        ("mapping: 1", "mapping: [", "line 4", ""),
        ("level: line", 'level: line\ncsv: {delimiter: ",,"}', "csv.delimiter", "must match"),
        ("level: line", "level: line\ncsv: {encoding: latin-1}", "csv.encoding", "cp932"),
    ],
)
def test_a_fault_is_named_at_its_place(old: str, new: str, place: str, says: str) -> None:
    with pytest.raises(MappingInvalid) as caught:
        parse_mapping(GOOD.replace(old, new, 1))
    assert any(fault.place.startswith(place) and says in fault.message for fault in caught.value.faults)


@pytest.mark.parametrize("text", ["", "- 1", "hello"])
def test_what_is_no_mapping_is_refused(text: str) -> None:
    with pytest.raises(MappingInvalid):
        parse_mapping(text)
