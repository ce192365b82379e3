"""Ten files that people bring: each is read right, or answered with what is wrong and how to mend it, in both languages."""

import time
from pathlib import Path

import pytest

from kizuna.connect.csv import parse_mapping, read_history
from kizuna.core.errors import Problem
from kizuna.web.words import problem_text, reason

MAPPING = """
mapping: 1
shop: kissa
level: order
columns:
  order_id: 注文番号
  member: {column: 会員番号, kind: customer}
  time: {column: 注文日時, zone: Asia/Tokyo}
  amount: {column: 金額, unit: major}
"""
RETURNS = MAPPING + "  kind: {column: 区分, returned: [返品]}\n"
CURRENCY = MAPPING + "  currency: 通貨\n"
ZONELESS = MAPPING.replace(", zone: Asia/Tokyo", "")
HEAD = "注文番号,会員番号,注文日時,金額"
MEGABYTE = 1_000_000


def answered(path: Path, mapping: str, lang: str) -> list[str]:
    """Return what a person is told of a file: why it cannot be read or, of each order, who, when and how much; and what is rejected."""
    try:
        found = read_history([path], parse_mapping(mapping), currency="JPY", currency_digits=0, country="JP")
    except Problem as problem:
        text = problem_text(problem, lang)
        return [text.title, text.remedy]
    told = [f"{row['member']} {row['at']:%Y-%m-%d %H:%M} {row['amount']}" for row in found.history.table.to_pylist()]
    return told + [
        f"{one.row} {one.field} “{one.value}”: {reason(lang, one.reason)} → {reason(lang, one.remedy)}"
        for one in found.rejects
    ]


@pytest.mark.parametrize(
    ("name", "text", "mapping", "en", "ja"),
    [
        (
            "wrong-column",
            "注文番号,会員No,注文日時,金額\n1,1,2026/1/5,100\n",
            MAPPING,
            [
                "The file wrong-column.csv has no column “会員番号” (did you mean “会員No”?). It has: 注文番号, 会員No, 注文日時, 金額.",
                "Correct “columns.member” in the mapping, or the head line of the file. Nothing was posted.",
            ],
            [
                "ファイル wrong-column.csv に列「会員番号」がありません(「会員No」でしょうか)。ある列: 注文番号, 会員No, 注文日時, 金額",
                "対応表の「columns.member」か、ファイルの見出し行を直してください。何も登録されていません。",
            ],
        ),
        (
            "mixed-currencies",
            f"{HEAD},通貨\n1,1,2026/1/5,100,JPY\n2,1,2026/1/6,12,USD\n3,1,2026/1/7,300,円\n4,1,2026/1/8,5,\n",
            CURRENCY,
            [
                "customer:1 2026-01-04 15:00 100",
                "customer:1 2026-01-06 15:00 300",
                "3 通貨 “USD”: it is not in JPY → A brand counts in one currency: convert the amount into JPY, or leave the order out.",
                "5 通貨 “”: it is empty → Fill it in; every row needs one.",
            ],
            [
                "customer:1 2026-01-04 15:00 100",
                "customer:1 2026-01-06 15:00 300",
                "3 通貨 “USD”: 通貨がJPYではありません → ブランドの通貨は1つです。金額をJPYに換算するか、その注文を除いてください。",
                "5 通貨 “”: 空です → どの行にも必要です。値を入れてください。",
            ],
        ),
        (
            "duplicated",
            f"{HEAD}\n1,1,2026/1/5,100\n2,1,2026/1/6,200\n1,1,2026/1/5,100\n",
            MAPPING,
            [
                "customer:1 2026-01-05 15:00 200",
                "2 注文番号 “1”: the order stands in more than one row → Keep one row per order, or say “level: line” in the mapping.",
                "4 注文番号 “1”: the order stands in more than one row → Keep one row per order, or say “level: line” in the mapping.",
            ],
            [
                "customer:1 2026-01-05 15:00 200",
                "2 注文番号 “1”: 同じ注文が複数の行にあります → 注文ごとに一行にするか、「一行が注文の明細一つ」を選んでください。",
                "4 注文番号 “1”: 同じ注文が複数の行にあります → 注文ごとに一行にするか、「一行が注文の明細一つ」を選んでください。",
            ],
        ),
        (
            "returns-without-orders",
            f"{HEAD},区分\n1,1,2026/1/5,100,売上\n2,1,2026/1/6,-200,返品\n",
            RETURNS,
            [
                "customer:1 2026-01-04 15:00 100",
                (
                    "3 注文番号 “2”: this order came back, and no row says that it was bought → "
                    "Read the file that has the order together with this one, or leave the return out."
                ),
            ],
            [
                "customer:1 2026-01-04 15:00 100",
                (
                    "3 注文番号 “2”: 返品の元になる注文の行がありません → "
                    "元の注文があるファイルも一緒に読み込むか、この返品を除いてください。"
                ),
            ],
        ),
        (
            "negative-without-a-kind",
            f"{HEAD}\n1,1,2026/1/5,100\n2,1,2026/1/6,△200\n",
            MAPPING,
            [
                "customer:1 2026-01-04 15:00 100",
                (
                    "3 金額 “-200”: the order’s lines add up to less than 0 → "
                    "A return is not an order of its own: say in the mapping which rows are returns (“kind”), or leave it out."
                ),
            ],
            [
                "customer:1 2026-01-04 15:00 100",
                (
                    "3 金額 “-200”: 注文の合計が0より小さくなります → "
                    "返品は独立した注文ではありません。どの行が返品かを対応表の「kind」に書くか、その行を除いてください。"
                ),
            ],
        ),
        (
            "times-without-a-zone",
            f"{HEAD}\n1,1,2026/1/5 10:00,100\n",
            ZONELESS,
            [
                "The times in the column “注文日時” of times-without-a-zone.csv carry no zone, for example 2026/1/5 10:00.",
                "Say in the mapping which zone they are in: “time: {column: 注文日時, zone: Asia/Tokyo}”.",
            ],
            [
                "times-without-a-zone.csv の列「注文日時」の日時にタイムゾーンがありません。例: 2026/1/5 10:00",
                "対応表でタイムゾーンを指定してください:「time: {column: 注文日時, zone: Asia/Tokyo}」",
            ],
        ),
        (
            "cp932",
            f'{HEAD}\n1,一郎,2026/1/5 10:00,"￥1,234"\n'.encode("cp932"),
            MAPPING,
            ["customer:一郎 2026-01-05 01:00 1234"],
            ["customer:一郎 2026-01-05 01:00 1234"],
        ),
        (
            "no-rows",
            f"{HEAD}\n",
            MAPPING,
            [
                "The file no-rows.csv has no rows.",
                "Export it again, with a head line and at least one row. Nothing was posted.",
            ],
            [
                "ファイル no-rows.csv にデータの行がありません。",
                "見出し行と1行以上のデータを付けて、書き出し直してください。何も登録されていません。",
            ],
        ),
        (
            "amounts-as-text",
            f'{HEAD}\n1,1,2026/1/5 10:00,"￥1,234"\n2,1,2026/1/5 11:00,"12,345円"\n3,1,2026/1/5 12:00,１２３\n4,1,2026/1/5 13:00,12千円\n',
            MAPPING,
            [
                "customer:1 2026-01-05 01:00 1234",
                "customer:1 2026-01-05 02:00 12345",
                "customer:1 2026-01-05 03:00 123",
                "5 金額 “12千円”: it is not an amount → Write digits, such as 1234, 1,234 or -50.",
            ],
            [
                "customer:1 2026-01-05 01:00 1234",
                "customer:1 2026-01-05 02:00 12345",
                "customer:1 2026-01-05 03:00 123",
                "5 金額 “12千円”: 金額ではありません → 1234、1,234、-50 のように数字で書いてください。",
            ],
        ),
        (
            "eras",
            (
                f"{HEAD}\n1,1,令和7年11月30日,1\n2,1,R7.11.29 10:05,2\n3,1,R07-11-28,3\n"
                "4,1,平成元年1月8日,4\n5,1,H31/4/30,5\n6,1,昭和45年1月2日,6\n7,1,令和7年2月30日,7\n"
            ),
            MAPPING,
            [
                "customer:1 1970-01-01 15:00 6",
                "customer:1 1989-01-07 15:00 4",
                "customer:1 2019-04-29 15:00 5",
                "customer:1 2025-11-27 15:00 3",
                "customer:1 2025-11-29 01:05 2",
                "customer:1 2025-11-29 15:00 1",
                (
                    "8 注文日時 “令和7年2月30日”: it is not a time → "
                    "Write it as 2026-01-31 14:05 or 2026/01/31 14:05:00, or say its “format” in the mapping."
                ),
            ],
            [
                "customer:1 1970-01-01 15:00 6",
                "customer:1 1989-01-07 15:00 4",
                "customer:1 2019-04-29 15:00 5",
                "customer:1 2025-11-27 15:00 3",
                "customer:1 2025-11-29 01:05 2",
                "customer:1 2025-11-29 15:00 1",
                (
                    "8 注文日時 “令和7年2月30日”: 日時ではありません → "
                    "2026-01-31 14:05 や 2026/01/31 14:05:00 のように書くか、日時の書き方を選んでください。"
                ),
            ],
        ),
    ],
)
def test_a_file_is_read_right_or_answered(
    tmp_path: Path, name: str, text: str | bytes, mapping: str, en: list[str], ja: list[str]
) -> None:
    path = tmp_path / f"{name}.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert answered(path, mapping, "en") == en
    assert answered(path, mapping, "ja") == ja


@pytest.mark.parametrize("line", [b"x" * 100 * MEGABYTE, b"1," * 50 * MEGABYTE, b'"' + b"y" * 100 * MEGABYTE])
@pytest.mark.parametrize("head", [b"", f"{HEAD}\n1,1,2026/1/5,100\n".encode()])
def test_a_line_of_a_hundred_megabytes_is_refused_at_once(tmp_path: Path, line: bytes, head: bytes) -> None:
    path = tmp_path / "long.csv"
    path.write_bytes(head + line)
    began = time.perf_counter()
    place = 3 if head else 1
    assert answered(path, MAPPING, "en") == [
        f"Line {place} of the file long.csv is longer than 131072 bytes; no row of orders is.",
        "Look whether the line ends were lost when it was written, and export it again. Nothing was posted.",
    ]
    assert answered(path, MAPPING, "ja")[0] == (
        f"ファイルlong.csvの{place}行目が131072バイトを超えています。注文の行としては長すぎます。"
    )
    assert time.perf_counter() - began < 5


def test_a_long_column_of_something_else_is_refused_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    lines = [f"{n},{n},2025/1/5,花子{n}\n" for n in range(20_000)]
    path.write_text(f"{HEAD}\n{''.join(lines)}", encoding="utf-8")
    assert answered(path, MAPPING, "en") == [
        "Nothing in the column “金額” of names.csv can be read; “花子0”, for example: it is not an amount.",
        "Look at “columns.amount” in the mapping: another column may be meant, or another way of writing. Nothing was posted.",
    ]
    assert answered(path, MAPPING, "ja") == [
        "names.csvの列「金額」の値が1つも読めません(例: 「花子0」 — 金額ではありません)。",
        "対応表の「columns.amount」を確かめてください。別の列か、別の書き方かもしれません。何も登録されていません。",
    ]
    path.write_text(f"{HEAD}\n{''.join(lines).replace('花子', '')}", encoding="utf-8")
    phones = MAPPING.replace("kind: customer", "kind: email")
    assert answered(path, phones, "en")[0].startswith(
        "Nothing in the column “会員番号” of names.csv can be read; “0”, for example"
    )
    lines[::100] = [f"x{n},1,2025/1/5,{n}\n" for n in range(200)]
    path.write_text(f"{HEAD}\n{''.join(lines)}", encoding="utf-8")
    assert len(answered(path, MAPPING, "en")) == 20_000
