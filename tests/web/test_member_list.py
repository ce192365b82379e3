"""The list of members as text: what an address means, heads and filters in words, and the file."""

import csv
import io
from dataclasses import replace
from datetime import date
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kizuna.web.console.members import export, pages
from kizuna.web.console.members.asked import ACTIVE_DAYS, EXPIRING_DAYS, SLEEPING_DAYS, Asked, FilterInvalid
from kizuna.web.faces import Face
from samples.base import BRAND
from samples.members import EMPTY, LAYOUT, MANY, ROWS

FACE = Face(BRAND, "en", "mika@example.jp", "token", "/console/members")
TODAY = date(2026, 11, 21)

# What an address means

ASKED = st.builds(
    Asked,
    q=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
    tier=st.none() | st.integers(0, 9),
    active=st.none() | st.sampled_from(ACTIVE_DAYS),
    sleeping=st.none() | st.sampled_from(SLEEPING_DAYS),
    joined=st.just("") | st.sampled_from(["2024-02", "1999-12"]),
    expiring=st.none() | st.sampled_from(EXPIRING_DAYS),
    sort=st.sampled_from(["kana", "-kana", "balance", "-balance", "active", "joined", "-spend"]),
)


@given(ASKED)
def test_an_address_says_what_it_was_made_from(asked):
    assert Asked.read(dict(parse_qsl(asked.query.removeprefix("?"), keep_blank_values=True))) == asked
    assert Asked.read(dict(parse_qsl(asked.saved))) == asked


@pytest.mark.parametrize(
    ("asked", "which"),
    [
        (Asked(active=30), {"ordered_from": date(2026, 10, 23)}),
        (Asked(sleeping=90), {"quiet_from": date(2026, 8, 24)}),
        (Asked(expiring=30), {"expires_from": TODAY, "expires_before": date(2026, 12, 22)}),
        (Asked(joined="2024-02"), {"joined_from": date(2024, 2, 1), "joined_before": date(2024, 3, 1)}),
        (Asked(joined="2024-12"), {"joined_from": date(2024, 12, 1), "joined_before": date(2025, 1, 1)}),
    ],
)
def test_days_are_counted_with_today(asked, which):
    assert asked.listing(TODAY, 3).which.asked() == which


@pytest.mark.parametrize(
    "params",
    [
        {"tier": "x"},
        {"tier": "²"},
        {"active": "31"},
        {"joined": "2026-00"},
        {"joined": "9999-01"},
        {"sort": "--kana"},
        {"sort": "card"},
    ],
)
def test_what_means_nothing_is_named(params):
    with pytest.raises(FilterInvalid) as refused:
        Asked.read(params)
    assert refused.value.field == next(iter(params))


# The table as text


def test_a_head_sorts_one_way_and_then_the_other():
    by_name = pages.heads(FACE, Asked(), LAYOUT)[0]
    assert (by_name.sorted, by_name.href) == ("ascending", "/console/members?sort=-kana")
    balance = pages.heads(FACE, Asked(tier=2, cursor="x"), LAYOUT)[-1]
    assert (balance.sorted, balance.href) == ("", "/console/members?tier=2&sort=-balance")
    again = pages.heads(FACE, Asked(sort="-balance"), LAYOUT)[-1]
    assert (again.sorted, again.href) == ("descending", "/console/members?sort=balance")
    assert all(not head.href and not head.sorted for head in pages.heads(FACE, Asked(q="x"), LAYOUT))


def test_a_chip_takes_its_own_filter_off():
    chips = pages.chips(FACE, Asked(tier=3, sleeping=90, joined="2026-04"), MANY.tiers)
    assert [(chip.words, chip.href) for chip in chips] == [
        ("Gold", "/console/members?sleeping=90&joined=2026-04"),
        ("No order for 90 days", "/console/members?tier=3&joined=2026-04"),
        ("Joined in April 2026", "/console/members?tier=3&sleeping=90"),
    ]
    assert pages.chips(FACE, Asked(tier=7), MANY.tiers)[0].words == "7"


@pytest.mark.parametrize("kept", [None, "x", ["nothing"], ["balance", 7, None], []])
def test_columns_of_one_s_own_are_only_columns(kept):
    layout = pages.layout_of({"members_columns": kept})
    assert set(layout.columns) <= set(pages.COLUMNS)
    shown = pages.members_page(FACE, MANY, Asked(), layout)
    assert shown.count('<th scope="col"') == 1 + len(layout.columns)


def test_each_kind_of_nothing_has_its_own_words():
    searched = pages.members_page(FACE, EMPTY, Asked(q="x"), LAYOUT)
    narrowed = pages.members_page(FACE, EMPTY, Asked(tier=1), LAYOUT)
    sorted_ = pages.members_page(FACE, EMPTY, Asked(sort="-spend"), LAYOUT)
    new = pages.members_page(FACE, EMPTY, Asked(), LAYOUT)
    assert "does not look inside words" in searched
    assert "Nobody meets all of these filters" in narrowed
    assert "still being made" in sorted_
    assert "No members yet." in new


def test_more_than_are_counted_is_said_so():
    shown = pages.members_page(FACE, replace(MANY, total=1000, is_more=True), Asked(q="さ"), LAYOUT)
    assert "More than 1,000 members match “さ”" in shown


# The file


@given(st.text(max_size=12))
def test_no_cell_is_a_formula(text):
    cell = export.plain_cell(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert cell in (text, f"'{text}")


def test_a_file_reads_back_as_it_was():
    hostile = replace(ROWS[1], name='=HYPERLINK("http://x","y"), "q"\nz', name_kana="@SUM(A1)", card_number="-1")
    text = export.head(FACE) + export.lines(FACE, [hostile], 0)
    assert text.startswith("\ufeff")
    head, row = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    assert len(head) == len(row) == 12
    assert row[1:4] == ['\'=HYPERLINK("http://x","y"), "q"\nz', "'@SUM(A1)", "'-1"]
    assert export.lines(FACE, [replace(ROWS[1], spend=123_456)], 2).rstrip().endswith(",1234.56")
