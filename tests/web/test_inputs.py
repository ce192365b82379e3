"""What people type, as tables: what is read, and what is refused with the field's name."""

from datetime import date

import pytest

from kizuna.core.errors import Problem
from kizuna.web import inputs


def refusal(read, *args, **more) -> Problem:
    with pytest.raises(Problem) as caught:
        read(*args, **more)
    problem = caught.value
    assert problem.field == "x"
    assert problem.title.format(**problem.facts)
    assert problem.remedy.format(**problem.facts)
    return problem


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("100", 100),
        (" １００ ", 100),
        ("1,000", 1000),
        ("１，０００", 1000),
        ("1 000", 1000),
        ("1、000", 1000),
        ("12,345,678", 12_345_678),
        ("0", 0),
        ("007", 7),
    ],
)
def test_whole_numbers(typed, meant):
    assert inputs.whole(typed, "x", least=0, most=10**9) == meant


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "input_required"),
        ("  ", "input_required"),
        ("1.5", "input_no_number"),
        ("-1", "input_no_number"),
        ("1,00", "input_no_number"),
        ("百", "input_no_number"),
        ("1e3", "input_no_number"),
        ("²", "input_out_of_range"),  # NFKC reads a superscript two as 2
        ("0", "input_out_of_range"),
        ("99999999999999999999", "input_no_number"),
        ("1000001", "input_out_of_range"),
    ],
)
def test_what_is_no_whole_number(typed, code):
    assert refusal(inputs.whole, typed, "x", least=5, most=1_000_000).code == code


@pytest.mark.parametrize(
    ("typed", "digits", "minor"),
    [
        ("4980", 0, 4980),
        ("¥4,980", 0, 4980),
        ("￥４，９８０", 0, 4980),
        ("4,980円", 0, 4980),
        ("JPY 4980", 0, 4980),
        ("4980.00", 0, 4980),
        ("49.80", 2, 4980),
        ("$49.8", 2, 4980),
        ("49", 2, 4900),
        ("1,234.56 USD", 2, 123_456),
        (".5", 2, 50),
    ],
)
def test_amounts(typed, digits, minor):
    assert inputs.amount(typed, "x", digits=digits, least=0, most=10**9) == minor


@pytest.mark.parametrize(
    ("typed", "digits", "code"),
    [
        ("", 0, "input_required"),
        ("¥", 0, "input_no_amount"),
        ("49.8", 0, "input_no_amount"),
        ("49.801", 2, "input_no_amount"),
        ("1万", 0, "input_no_amount"),
        ("1,2", 0, "input_no_amount"),
        ("−5", 0, "input_no_amount"),
        ("1000001", 0, "input_out_of_range"),
    ],
)
def test_what_is_no_amount(typed, digits, code):
    assert refusal(inputs.amount, typed, "x", digits=digits, least=0, most=1_000_000).code == code


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2026-11-21", date(2026, 11, 21)),
        ("2026/11/21", date(2026, 11, 21)),
        ("2026.1.2", date(2026, 1, 2)),
        ("20261121", date(2026, 11, 21)),
        ("２０２６年１１月２１日", date(2026, 11, 21)),
        ("2026年11月21日(土)", date(2026, 11, 21)),
        ("令和8年11月21日", date(2026, 11, 21)),
        ("令和８年11月21日（土）", date(2026, 11, 21)),
        ("R8.11.21", date(2026, 11, 21)),
        ("r8/11/21", date(2026, 11, 21)),
        ("R08.01.02", date(2026, 1, 2)),
        ("㋿8年11月21日", date(2026, 11, 21)),
        ("令8.11.21", date(2026, 11, 21)),
        ("令和元年5月1日", date(2019, 5, 1)),
        ("平成31年4月30日", date(2019, 4, 30)),
        ("平成35年3月1日", date(2023, 3, 1)),
        ("H1.1.8", date(1989, 1, 8)),
        ("昭和64年1月7日", date(1989, 1, 7)),
        ("S元.12.25", date(1926, 12, 25)),
        ("大正15年12月24日", date(1926, 12, 24)),
        ("明治45年7月29日", date(1912, 7, 29)),
        ("2024-02-29", date(2024, 2, 29)),
    ],
)
def test_days(typed, meant):
    assert inputs.day(typed, "x") == meant


@pytest.mark.parametrize(
    "typed",
    [
        "2026-02-29",
        "2026-13-01",
        "26-11-21",
        "令和元年4月30日",
        "平成元年1月7日",
        "令和0年5月1日",
        "X8.11.21",
        "11/21/2026",
        "昨日",
    ],
)
def test_what_is_no_day(typed):
    assert refusal(inputs.day, typed, "x").code == "input_no_day"


@pytest.mark.parametrize(
    "typed", ["150-0001", "〒150-0001", "〒１５０−０００１", "1500001", "１５０ー０００１", "150 0001", " 150‐0001 "]
)
def test_postal_codes(typed):
    assert inputs.postal_code(typed, "x") == "150-0001"


@pytest.mark.parametrize("typed", ["150-001", "15-00001", "150-00012", "abc-defg", "〒"])
def test_what_is_no_postal_code(typed):
    assert refusal(inputs.postal_code, typed, "x").code in {"input_no_postal_code", "input_required"}


@pytest.mark.parametrize(
    ("typed", "katakana", "hiragana"),
    [
        ("やまだ　はなこ", "ヤマダ ハナコ", "やまだ はなこ"),
        ("ﾔﾏﾀﾞ ﾊﾅｺ", "ヤマダ ハナコ", "やまだ はなこ"),
        ("ヴィクトリア", "ヴィクトリア", "ゔぃくとりあ"),
        ("おーた", "オータ", "おーた"),
        ("マリア・デル＝カルメン", "マリア・デル=カルメン", "まりあ・でる=かるめん"),
        ("", "", ""),
    ],
)
def test_kana(typed, katakana, hiragana):
    assert inputs.katakana(typed, "x") == katakana
    assert inputs.hiragana(typed, "x") == hiragana


@pytest.mark.parametrize("typed", ["山田", "Yamada", "やまだ1"])
def test_what_is_no_kana(typed):
    assert refusal(inputs.katakana, typed, "x").code == "input_no_kana"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("#1C4C7D", "#1c4c7d"), ("1c4c7d", "#1c4c7d"), ("＃１Ｃ４Ｃ７Ｄ", "#1c4c7d"), ("#abc", "#aabbcc"), ("", None)],
)
def test_colours(typed, meant):
    assert inputs.colour(typed, "x") == meant


@pytest.mark.parametrize("typed", ["blue", "#12345", "#1c4c7d80", "rgb(1,2,3)", "red;}"])
def test_what_is_no_colour(typed):
    assert refusal(inputs.colour, typed, "x").code == "input_no_colour"


@pytest.mark.parametrize(
    "typed", ["https://example.co.jp/規約", "http://example.com/a?b=c", "ｈｔｔｐｓ：//example.com"]
)
def test_addresses(typed):
    assert inputs.address(typed, "x").startswith("http")
    assert inputs.address("care@example.jp", "x", mail=True) == "care@example.jp"
    assert inputs.address("", "x") == ""


@pytest.mark.parametrize(
    "typed",
    ["javascript:alert(1)", "example.com", "https://", "https://a b.com", "data:text/html,x", "me@example.jp"],
)
def test_what_is_no_address(typed):
    assert refusal(inputs.address, typed, "x").code == "input_no_address"


def test_a_line_is_one_line():
    assert inputs.line(" 絆\tマート\u2028 渋谷\x00店 ", "x") == "絆 マート 渋谷 店"
    assert refusal(inputs.line, " ", "x", required=True).code == "input_required"
    assert refusal(inputs.line, "あ" * 201, "x").code == "input_too_long"
