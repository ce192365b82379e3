"""Why an entry has its number, in words and as arithmetic, for every kind of entry and every award; and that the arithmetic is right."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kizuna.engine import EventKind, Events, Names, State, compile_plan, decide
from kizuna.program import Program, Rounding
from kizuna.web.reckoning import reckon, rounded
from kizuna.web.why import KINDS, STILL, kind_name, tone, why_arithmetic, why_sentence
from samples.base import BRAND, ENTRIES, PLAIN, bought, entry
from samples.journey import CAFE, PROGRAM, UNITS
from samples.journey import ENTRIES as WHOLE
from samples.journey import _why as why_of
from samples.operations import ENTRIES as DONE
from samples.operations import FOREST, LOST_CARD


@pytest.mark.parametrize(
    ("nth", "japanese", "english"),
    [
        (
            0,
            "通常ポイント：¥4,980のお買い物で、¥200ごとに1\xa0ptが付きました。",
            "Base points: ¥4,980 spent earns 1\xa0pt per ¥200.",
        ),
        (1, "ポイントを「RDM-6998」と交換しました。", "Points were redeemed for “RDM-6998”."),
        (
            3,
            "2026年10月31日(土)の有効期限を過ぎたため、ポイントが失効しました。",
            "The points expired: they could be used through 31 Oct 2026.",
        ),
        (6, "入会ありがとうポイント: 500\xa0pt。", "Welcome points: 500\xa0pt."),
    ],
)
def test_why_in_one_sentence(nth, japanese, english):
    assert why_sentence(ENTRIES[nth], BRAND, "ja") == japanese
    assert why_sentence(ENTRIES[nth], BRAND, "en") == english


@pytest.mark.parametrize(
    ("nth", "english"),
    [
        (0, "Purchases: ¥4,000 spent earns 3% back in points. They can be used from 28 Nov 2026."),
        (1, "Double Friday: double points. They can be used when the order has been delivered."),
        (
            2,
            "Coffee stamps: Coffee stamps ×1 for each item. Less than by the rule alone: the limit for one member is reached.",
        ),
        (4, "Points that waited can be used now."),
        (5, "The order was changed: points of “Purchases” were taken back."),
        (6, "Points of “Purchases” that were spent or expired already are not asked back."),
        (7, "The order was changed: pending points of “Purchases” will not come."),
        (8, "First purchase: 500\xa0pt, the first time."),
        (9, "Points that were spent already are to be paid in money."),
    ],
)
def test_what_waits_comes_back_or_is_forgiven_says_so(nth, english):
    assert why_sentence(WHOLE[nth], BRAND, "en") == english
    assert why_sentence(WHOLE[nth], BRAND, "ja") != english


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_word_a_sentence_and_a_sum_in_both_languages(kind):
    one = replace(entry(1, kind, 20, 0, PLAIN), purpose=CAFE)
    for lang in ("ja", "en"):
        assert kind_name(kind, lang) != kind
        assert why_sentence(one, BRAND, lang)
        assert why_arithmetic(one, BRAND, lang)[-1][1] == ("20\xa0pt" if kind in STILL else "+20\xa0pt")


@pytest.mark.parametrize(
    ("nth", "japanese", "english"),
    [
        (1, "「ORD-90210」のために500\xa0ptを確保しました。", "500\xa0pt were set aside for “ORD-90210”."),
        (
            2,
            "確保していた300\xa0ptを「ORD-90209」と交換しました。",
            "300\xa0pt of those set aside were redeemed for “ORD-90209”.",
        ),
        (
            3,
            "確保したうち、使わなかったポイント(200\xa0pt)が残高に戻りました。",
            "The payment needed fewer points: 200\xa0pt are back in the balance.",
        ),
        (
            4,
            "確保が時間切れになり、30\xa0ptが残高に戻りました。",
            "The hold ran out of time: 30\xa0pt are back in the balance.",
        ),
        (5, "「こもれびの森」に1,000\xa0ptを寄付しました。", "1,000\xa0pt were donated to “Komorebi Forest”."),
        (
            6,
            "交換が取り消され、400\xa0ptが残高に戻りました。",
            "A redemption was undone: 400\xa0pt are back in the balance.",
        ),
        (7, "お詫びとして50\xa0ptを差し上げました。", "50\xa0pt as an apology."),
        (8, "カードの紛失: 120\xa0ptを差し引きました。", "Lost card: 120\xa0pt were taken."),
        (
            9,
            "ほかの会員から250\xa0ptが贈られました。「お誕生日おめでとう」",
            "250\xa0pt came from another member. “お誕生日おめでとう”",
        ),
        (10, "ほかの会員に80\xa0ptを贈りました。", "80\xa0pt were given to another member."),
        (
            11,
            "家族・グループのお支払いに60\xa0ptを使いました。",
            "60\xa0pt went into a payment of the family or group.",
        ),
        (
            12,
            "お詫び: 900\xa0ptの期限が延び、2027年10月31日(日)まで使えます。",
            "Apology: 900\xa0pt can be used longer, through 31 Oct 2027.",
        ),
        (
            13,
            "会員の統合により、2,000\xa0ptを引き継ぎました。",
            "Two accounts became one: 2,000\xa0pt came along.",
        ),
        (
            14,
            "取り込みを取り消したため、それによって失効していた70\xa0ptが戻りました。",
            "An import was undone: 70\xa0pt that had expired because of it came back.",
        ),
        (15, "退会により、10\xa0ptがなくなりました。", "The account was closed: 10\xa0pt were given up."),
    ],
)
def test_what_an_operation_did_in_one_sentence(nth, japanese, english):
    assert why_sentence(DONE[nth - 1], BRAND, "ja") == japanese
    assert why_sentence(DONE[nth - 1], BRAND, "en") == english


@pytest.mark.parametrize(
    ("kind", "points", "event", "english"),
    [
        ("transfer", 5, "member.unmerged", "Two accounts are two again: 5\xa0pt came back."),
        ("transfer", -5, "member.unmerged", "Two accounts are two again: 5\xa0pt went back."),
        ("pend", 5, "member.merged", "Two accounts became one: 5\xa0pt that wait came along."),
        ("cancel", -5, "member.unmerged", "Two accounts are two again: 5\xa0pt that wait went back."),
        ("hold", -5, "member.merged", "Two accounts became one: 5\xa0pt that a payment holds came along."),
        ("void", 5, "hold.voided", "The hold was called off: 5\xa0pt are back in the balance."),
        ("adjust", 5, "", "5\xa0pt were added by hand."),
    ],
)
def test_the_cause_of_an_operation_is_in_its_sentence(kind, points, event, english):
    one = replace(entry(1, kind, points, 0, PLAIN), event=event, reference=None)
    assert why_sentence(one, BRAND, "en") == english
    assert why_sentence(one, BRAND, "ja") != english


def test_the_arithmetic_of_an_operation_names_its_reason_and_leaves_the_balance_where_nothing_moved():
    lines = dict(why_arithmetic(DONE[7], BRAND, "en"))
    assert (lines["Reason"], lines["Owed from now on"], lines["Points"]) == ("Lost card", "−20\xa0pt", "−120\xa0pt")
    assert dict(why_arithmetic(DONE[4], BRAND, "ja"))["寄付先"] == FOREST.name["ja"]
    confirmed = dict(why_arithmetic(DONE[1], BRAND, "en"))
    assert (confirmed["Balance"], confirmed["Points"]) == ("12,300\xa0pt → 12,300\xa0pt", "300\xa0pt")
    assert LOST_CARD.name["ja"] in why_sentence(DONE[7], BRAND, "ja")
    assert [tone(one) for one in DONE[:4]] == ["waits", "even", "gain", "gain"]


@pytest.mark.parametrize(
    ("basis", "points", "per", "calculation"),
    [
        (4_980, 1, 200, "¥4,980 ÷ ¥200 × 1\xa0pt = 24.9\xa0pt, rounded down"),
        (5_000, 1, 200, "¥5,000 ÷ ¥200 × 1\xa0pt = 25\xa0pt"),
        (1_000, 2, 300, "¥1,000 ÷ ¥300 × 2\xa0pt = 6.66…\xa0pt, rounded down"),
    ],
)
def test_the_arithmetic_is_exact(basis, points, per, calculation):
    lines = dict(why_arithmetic(entry(1, "earn", basis * points // per, 0, bought(basis, points, per)), BRAND, "en"))
    assert lines["Calculation"] == calculation


@pytest.mark.parametrize(
    ("rule", "basis", "raw", "calculation"),
    [
        ("buy", 4_980, 149, "¥4,980 × 3% = 149.4\xa0pt, rounded down"),
        ("buy", 4_980, 224, "¥4,980 × 3% × 1.5 = 224.1\xa0pt, rounded down"),
        ("friday", 4_980, 149, "149\xa0pt × (2 − 1) = 149\xa0pt"),
        ("friday", 4_980, 224, "224\xa0pt × (2 − 1) = 224\xa0pt"),
        ("first", 1, 500, None),
        ("buy", 4_980, 7_000, None),  # numbers that do not add up are not shown as if they did
    ],
)
def test_every_award_shows_its_own_arithmetic(rule, basis, raw, calculation):
    lines = dict(why_arithmetic(entry(1, "earn", raw, 0, why_of(rule, basis, raw)), BRAND, "en"))
    assert lines.get("Calculation") == calculation


def test_a_tier_and_a_cut_stand_in_the_arithmetic():
    why = why_of("buy", 4_980, 224, cut="budget")
    lines = dict(why_arithmetic(entry(1, "earn", 100, 0, why), BRAND, "en"))
    assert (lines["Tier"], lines["By the rule alone"], lines["Cut"]) == ("Gold ×1.5", "+224\xa0pt", "−124\xa0pt")


def test_stamps_are_counted_and_not_points():
    lines = dict(why_arithmetic(WHOLE[2], BRAND, "en"))
    assert lines["Number that counted"] == "4"
    assert lines["Calculation"] == "Coffee stamps ×1 × 4 = 4"
    assert lines["Points"] == "+Coffee stamps ×3"


def test_waiting_points_change_no_balance():
    waits = replace(WHOLE[0], balance=2_480)
    assert dict(why_arithmetic(waits, BRAND, "en"))["Balance"] == "2,480\xa0pt → 2,480\xa0pt"


def test_a_reversal_says_what_it_found_and_what_was_gone():
    lines = dict(why_arithmetic(WHOLE[5], BRAND, "en"))
    assert lines["From points usable through 31 Dec 2027"] == "−160\xa0pt"
    assert lines["Not there any more"] == "−20\xa0pt"
    assert lines["Order number"] == "ORD-89950"


def test_the_arithmetic_says_only_what_is_known():
    assert why_arithmetic(entry(1, "earn", 24, 0, PLAIN), BRAND, "en") == [
        ("Usable through", "Never"),
        ("Order number", "ORD-89999"),
        ("Points", "+24\xa0pt"),
    ]
    assert "Usable through" not in dict(why_arithmetic(WHOLE[0], BRAND, "en"))


def test_points_that_idleness_ends_have_no_day():
    lines = dict(why_arithmetic(replace(entry(1, "earn", 24, 0, PLAIN), when_idle=True), BRAND, "en"))
    assert lines["Usable through"] == "until there is no purchase for a while"


AWARDS = st.one_of(
    st.builds(lambda p, per, way: {"points": p, "per": per, "rounding": way}, st.integers(1, 9), st.integers(1, 999),
              st.sampled_from(["down", "nearest", "up"])),
    st.builds(lambda p, way: {"percent": p, "rounding": way}, st.integers(1, 100), st.sampled_from(["down", "nearest", "up"])),
    st.builds(lambda n: {"fixed": n}, st.integers(1, 999)),
    st.builds(lambda n: {"stamps": n}, st.integers(1, 9)),
)  # fmt: skip
TIMES = st.builds(lambda t, o: {"times": t, "over": o}, st.integers(0, 20), st.integers(1, 20))


@settings(deadline=None, max_examples=60)
@given(AWARDS, TIMES, TIMES, st.integers(1, 10_000_000))
def test_what_the_engine_gave_adds_up(award, tier, times, amount):
    """Whatever the award, the tier's multiplier and the amount: the numbers shown give what the engine gave."""
    rated = "fixed" not in award and "stamps" not in award
    raw = PROGRAM.model_dump(mode="json", by_alias=True, exclude_defaults=True) | {"program": 1, "campaigns": []}
    raw["units"][0] |= {"worth": {"points": 3, "amount": 2}, "pending": None}
    unit = "stamps" if "stamps" in award else "points"
    more = {} if "stamps" in award else {"by_tier": {"regular": tier}}
    base = {
        "id": "base",
        "name": {"ja": "x", "en": "x"},
        "event": "order.completed",
        "unit": unit,
        "award": award | more,
    }
    raw["earning_rules"] = [base]
    if rated:
        raw["earning_rules"].append(base | {"id": "again", "award": {"multiply": times, "rule": "base"}})
    raw.pop("journey"), raw.pop("referral")
    program = Program.model_validate(raw)
    plan = compile_plan(program, 1, Names())
    one = np.zeros(1, np.intp)
    events = Events.plain(
        one,
        one.astype(np.int16),
        np.array([EventKind.ORDER], np.int8),
        np.array([20_000], np.int32),
        np.array([amount]),
    )
    moves = decide([plan], State.fresh(plan.names, 1), events).moves
    for rule, basis, points in zip(moves.rule.tolist(), moves.basis.tolist(), moves.raw.tolist(), strict=True):
        made = reckon(program, program.rules[rule], basis, points)
        assert made.adds_up
        if made.kind != "multiply":
            exact = Fraction(*made.exact)
            assert rounded(exact, getattr(program.rules[rule].award, "rounding", Rounding.DOWN)) == points


def test_a_day_that_is_not_known_yet_is_not_told():
    assert UNITS["points"].is_main
    assert why_sentence(replace(WHOLE[1], expires_on=None), BRAND, "en").endswith("has been delivered.")
    assert date(2026, 11, 28) == WHOLE[0].releases_on
