"""What the faces say: figures, days, reasons, refusals, languages; and that the catalogues are complete."""

from datetime import date

import pytest
from babel.messages.catalog import Message

from kizuna.core.errors import NotFound, Unavailable
from kizuna.corrections import CorrectionDecided
from kizuna.web import words, words_check


def test_the_catalogues_are_complete_and_keep_to_the_glossary() -> None:
    assert words_check.check() == []


def test_people_and_keys_are_named_as_colleagues_know_them() -> None:
    assert words.person_text("user:anna@example.com", "ja") == "anna@example.com"
    assert words.person_text("key:k1", "en") == "API key k1"
    decided = words.problem_text(CorrectionDecided(who="key:k1"), "ja")
    assert decided.title == "すでに判断済みです（APIキー k1）。"


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (4_980, "JPY", "¥4,980"),
        (0, "JPY", "¥0"),
        (-300, "JPY", "−¥300"),
        (4_980, "USD", "$49.80"),
        (9_007_199_254_740_993, "JPY", "¥9,007,199,254,740,993"),
        (12_345, "KWD", "KWD12.345"),
    ],
)
def test_money_is_minor_units_until_it_is_text(amount: int, currency: str, text: str) -> None:
    assert words.money(amount, currency, "ja") == text
    assert words.money(amount, currency, "en") == text


@pytest.mark.parametrize(
    ("n", "plain", "signed"),
    [(12_300, "12,300\xa0pt", "+12,300\xa0pt"), (0, "0\xa0pt", "0\xa0pt"), (-300, "−300\xa0pt", "−300\xa0pt")],
)
def test_points_carry_separators_sign_and_unit(n: int, plain: str, signed: str) -> None:
    assert words.points(n, "ja") == plain
    assert words.signed_points(n, "en") == signed


def test_days_and_months() -> None:
    when = date(2026, 11, 21)
    assert (words.day(when, "ja"), words.day(when, "en")) == ("2026年11月21日(土)", "21 Nov 2026")
    assert (words.short_day(when, "ja"), words.short_day(when, "en")) == ("11月21日(土)", "Sat 21 Nov")
    assert (words.month(when, "ja"), words.month(when, "en")) == ("2026年11月", "November 2026")


def test_a_problem_reads_in_both_languages() -> None:
    problem = NotFound(what="member", key="m404")
    assert words.problem_text(problem, "ja").title == "「m404」という会員は見つかりません。"
    assert words.problem_text(problem, "en").title == "There is no member “m404”."
    assert "2秒後" in words.problem_text(Unavailable(retry_after_s=2), "ja").remedy


def test_what_a_person_typed_is_never_translated() -> None:
    assert "「member」" in words.problem_text(NotFound(what="page", key="member"), "ja").title


def test_a_fact_in_rich_text_is_escaped() -> None:
    assert "&lt;b&gt;" in words.rich("en", "{amount} more to {tier}", amount="¥1", tier="<b>")


@pytest.mark.parametrize(
    ("asked", "cookie", "accept", "offered", "lang"),
    [
        ("en", "ja", "ja", ("ja", "en"), "en"),
        (None, "en", "ja", ("ja", "en"), "en"),
        (None, None, "fr-FR, en-GB;q=0.8, ja;q=0.9", ("en", "ja"), "ja"),
        (None, None, "en;q=0, fr", ("ja", "en"), "ja"),
        ("xx", "../..", ";;q=x,,", ("ja", "en"), "ja"),
        ("en", None, "en", ("ja",), "ja"),
        (None, None, None, ("fr",), "ja"),
    ],
)
def test_the_language_shown(
    asked: str | None, cookie: str | None, accept: str | None, offered: tuple[str, ...], lang: str
) -> None:
    assert words.negotiate(asked, cookie, accept, offered) == lang


def test_counts_take_their_form() -> None:
    many = ("{n} member", "{n} members")
    assert words.translate_n("en", *many, 1) == "1 member"
    assert words.translate_n("en", *many, 10_000) == "10,000 members"
    assert words.translate_n("ja", *many, 10_000) == "会員10,000名"


@pytest.mark.parametrize(
    ("msgid", "text", "remark"),
    [
        ("Your reward", "リワード", "never used"),
        ("Your reward", "あなたの品物", "without 特典"),
        ("Hello {name}", "こんにちは", "must fill"),
        ("Hello", "", "has no Japanese"),
    ],
)
def test_the_check_sees(msgid: str, text: str, remark: str) -> None:
    terms = words_check.glossary(words_check.GLOSSARY.read_text(encoding="utf-8"))
    assert any(remark in found for found in words_check.check_message(Message(msgid, text), terms))
