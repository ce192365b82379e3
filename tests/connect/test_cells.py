"""Values as people and spreadsheets write them: exactly read, or refused with a reason."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from kizuna.connect.csv.cells import ZoneNeeded, amounts, moment, quantities, texts, times
from kizuna.connect.csv.columns import doubles_to_minor, read_distinct
from kizuna.connect.csv.rejects import (
    EMPTY,
    NO_SUCH_TIME,
    NOT_A_NUMBER,
    NOT_A_TIME,
    NOT_WHOLE_NUMBER,
    TOO_LARGE,
    TOO_LONG,
    UNPRINTABLE,
    Fault,
)
from kizuna.connect.csv.vocabulary import Vocabulary


@pytest.mark.parametrize(
    ("written", "yen"),
    [
        ("1234", 1234), ("1,234", 1234), ("１，２３４", 1234), ("¥1,234", 1234), ("￥１２３４", 1234), ("1,234円", 1234),
        ("\\1,234", 1234), (" 1234 ", 1234), ("1234.00", 1234), ("0", 0), ("JPY 500", 500), ("0012", 12),
        ("-50", -50), ("−50", -50), ("－５０", -50), ("△50", -50), ("▲1,050", -1050), ("(50)", -50), ("¥-50", -50),
        ("-¥50", -50), (1234, 1234), (Decimal("12.00"), 12), (Decimal("0E-8"), 0),
    ],
)  # fmt: skip
def test_amounts_in_yen(written: object, yen: int) -> None:
    assert amounts("JPY", 0)(written) == yen


@pytest.mark.parametrize(
    ("written", "cents"),
    [
        ("0.1", 10),
        ("0.29", 29),
        ("1.10", 110),
        (".5", 50),
        ("1,234.56", 123456),
        ("$3", 300),
        ("1.776357e-15", 0),
        ("1.5E+3", 150000),
        ("6.390000000000001", 639),
        ("13.379999999999999", 1338),
    ],
)
def test_amounts_in_dollars_are_exact(written: str, cents: int) -> None:
    assert amounts("USD", 2)(written) == cents


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("", EMPTY), (None, EMPTY), ("free", NOT_A_NUMBER), ("1.2.3", NOT_A_NUMBER), ("12,34", NOT_A_NUMBER),
        ("1,23,456", NOT_A_NUMBER), ("1e", NOT_A_NUMBER), ("1e99", NOT_A_NUMBER),
        ("--5", NOT_A_NUMBER), ("$5", NOT_A_NUMBER), (".", NOT_A_NUMBER),
        ("100000000001", TOO_LARGE), ("9" * 50, NOT_A_NUMBER), ("nan", NOT_A_NUMBER), ("1 2", NOT_A_NUMBER),
    ],
)  # fmt: skip
def test_what_is_no_amount_says_why(written: object, fault: Fault) -> None:
    assert amounts("JPY", 0)(written) == fault


def test_a_fraction_of_a_minor_unit_is_refused_and_never_rounded() -> None:
    for written, digits in (("12.5", 0), ("0.125", 2), ("6.39001", 2), ("6.389", 2), ("0.00001", 2)):
        answer = amounts("JPY", digits)(written)
        assert isinstance(answer, Fault)
        assert answer.reason == f"it has more than {digits} decimals"


def test_doubles_become_cents_one_by_one() -> None:
    column = pa.array([0.29, 1.10, 0.1 + 0.2, -0.5, 1e9, 0.125, 1.005001, None, float("inf"), 2e9, 0.0])
    minor, bad = doubles_to_minor(column, 2)
    assert minor.tolist() == [29, 110, 30, -50, 10**11, 0, 0, 0, 0, 0, 0]
    assert [(position, fault.reason) for position, _, fault in bad] == [
        (5, "it has more than 2 decimals"),
        (6, "it has more than 2 decimals"),
        (7, EMPTY.reason),
        (8, TOO_LARGE.reason),
        (9, TOO_LARGE.reason),
    ]
    assert minor.dtype == np.int64


UTC_NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2026-01-05 12:00", "2026-01-05T12:00:00", "2026-01-05T12:00:00Z", "2026-01-05T21:00:00+09:00", "2026/1/5 12:00",
        "2026/01/05 12:00:00", "2026年1月5日 12:00", "２０２６／０１／０５　１２：００", "2026.1.5 12:00",
        datetime(2026, 1, 5, 12, 0), datetime(2026, 1, 5, 12, 0, tzinfo=UTC),  # noqa: DTZ001 - a file's local time
    ],
)  # fmt: skip
def test_times(written: object) -> None:
    at_us = times(ZoneInfo("UTC"), None)(written)
    assert isinstance(at_us, int)
    assert moment(at_us) == UTC_NOON


def test_a_day_begins_at_midnight_of_its_zone_and_a_format_is_followed() -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    expected = (datetime(2026, 1, 5, tzinfo=tokyo) - datetime(1970, 1, 1, tzinfo=UTC)).days * 86_400_000_000
    assert times(tokyo, None)(date(2026, 1, 5)) == times(tokyo, None)("2026-01-05") == expected + 15 * 3_600_000_000
    assert times(tokyo, "%d.%m.%Y")("05.01.2026") == times(tokyo, None)("2026-01-05")
    assert times(tokyo, "%d.%m.%Y")("2026-01-05") == NOT_A_TIME


@pytest.mark.parametrize("written", ["yesterday", "2026-13-01", "2026/2/30", "12:00", "44931.5", "0001-01-01 00:00"])
def test_what_is_no_time_is_refused(written: str) -> None:
    assert times(ZoneInfo("Asia/Tokyo"), None)(written) == NOT_A_TIME


def test_hours_that_clocks_skip_or_repeat() -> None:
    berlin = times(ZoneInfo("Europe/Berlin"), None)
    assert berlin("2026-03-29 02:30") == NO_SUCH_TIME
    first = berlin("2026-10-25 02:30")
    assert isinstance(first, int)
    assert moment(first).hour == 0


def test_a_time_without_any_zone_is_not_guessed() -> None:
    with pytest.raises(ZoneNeeded):
        times(None, None)("2026-01-05 12:00")


def test_texts_and_quantities() -> None:
    words = Vocabulary()
    read = texts(words)
    assert [read("a"), read("b"), read(" a "), read(31198570044), read(7.0)] == [0, 1, 0, 2, 3]
    assert words.words == ["a", "b", "31198570044", "7"]
    assert (read(""), read("x" * 191), read("a\nb")) == (EMPTY, TOO_LONG, UNPRINTABLE)
    count = quantities()
    assert [count("3"), count("３"), count(None), count(2.0)] == [3, 3, 1, 2]
    assert [count("-1"), count("1.5")] == [NOT_WHOLE_NUMBER, NOT_WHOLE_NUMBER]


@pytest.mark.parametrize(
    "column",
    [
        pa.chunked_array([["1", "x"], ["1", None]]),
        pa.array(["1", "x", "1", None]),
        pa.chunked_array([pa.array(["1", "x"]), pa.array([], pa.string()), pa.array(["1", None])]),
    ],
)
def test_each_different_value_is_read_once(column: object) -> None:
    seen: list[object] = []

    def read(value: object) -> int | Fault:
        seen.append(value)
        return 1 if value == "1" else NOT_A_NUMBER if value else EMPTY

    values, bad = read_distinct(column, read)
    assert values.tolist() == [1, -1, 1, -1]
    assert bad == [(1, "x", NOT_A_NUMBER), (3, "", EMPTY)]
    assert seen == ["1", "x", None]


def test_an_empty_column_is_read() -> None:
    values, bad = read_distinct(pa.chunked_array([], pa.string()), texts(Vocabulary()))
    assert (values.tolist(), bad) == ([], [])
