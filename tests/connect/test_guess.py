"""Which column is what, guessed from a file's head and first rows."""

from pathlib import Path

import pytest

from kizuna.connect.csv import guess, head_of, parse_mapping, read_history

EXAMPLES = Path(__file__).parents[2] / "examples"


def guessed(tmp_path: Path, text: str) -> tuple[dict[str, str], list[str]]:
    path = tmp_path / "orders.csv"
    path.write_text(text, encoding="utf-8")
    found = guess(head_of(path))
    return dict(found.columns), list(found.returned)


def test_the_columns_of_the_example_are_those_of_its_mapping() -> None:
    path = EXAMPLES / "backtest" / "orders.csv"
    mapping = parse_mapping((EXAMPLES / "backtest" / "mapping.yaml").read_text(encoding="utf-8"))
    found = guess(head_of(path))
    assert found.columns == mapping.columns.names
    assert mapping.columns.kind is not None
    assert (found.level, found.returned) == (mapping.level, mapping.columns.kind.returned)


def test_the_example_has_what_its_page_says() -> None:
    mapping = parse_mapping((EXAMPLES / "backtest" / "mapping.yaml").read_text(encoding="utf-8"))
    path = EXAMPLES / "backtest" / "orders.csv"
    found = read_history([path], mapping, currency="JPY", currency_digits=0, country="JP")
    members = found.history.table["member"].unique()
    assert (found.rows, found.orders, len(members), found.returns, found.rejects) == (115, 60, 8, 4, [])
    kept = [(row["exists"], row["items"]) for row in found.history.table.to_pylist() if row["of"] >= 0]
    assert kept[0] == (True, 2)
    assert [exists for exists, _ in kept].count(False) == 2
    page = (EXAMPLES / "backtest" / "README.md").read_text(encoding="utf-8")
    assert "Of 115 rows it reads 60 orders of 8 members and 4 returns" in page


@pytest.mark.parametrize(
    ("head", "row", "kind", "returned"),
    [
        ("注文番号,会員番号,日時,金額,返品区分", "1,1,2026/1/5,5,", "返品区分", ["返品", "return"]),
        ("注文番号,会員番号,日時,金額,区分", "1,1,2026/1/5,5,返品済", "区分", ["返品済"]),
        ("注文番号,会員番号,日時,金額,区分", "1,1,2026/1/5,5,一般", None, []),
        ("order id,customer,date,total,payment type", "1,1,2026/1/5,5,card", None, []),
        ("order id,customer,date,total,type", "1,1,2026/1/5,5,Refund", "type", ["Refund"]),
    ],
)
def test_a_column_tells_returns_where_its_name_or_a_row_says_so(
    tmp_path: Path, head: str, row: str, kind: str | None, returned: list[str]
) -> None:
    columns, words = guessed(tmp_path, f"{head}\n{row}\n")
    assert (columns.get("kind"), words) == (kind, returned)


def test_channels_currencies_and_goods_are_found(tmp_path: Path) -> None:
    columns, _ = guessed(
        tmp_path,
        "注文番号,会員番号,日時,金額,受注チャネル,通貨,品番,商品カテゴリ,メーカー\n1,1,2026/1/5,5,a,JPY,b,c,d\n",
    )
    assert (columns["channel"], columns["currency"], columns["category"], columns["brand"]) == (
        "受注チャネル", "通貨", "商品カテゴリ", "メーカー",
    )  # fmt: skip
    columns, _ = guessed(tmp_path, "注文番号,会員番号,日時,金額,カテゴリ\n1,1,2026/1/5,5,c\n")
    assert "category" not in columns
