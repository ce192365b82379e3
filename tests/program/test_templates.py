"""The programs to begin with: valid without a warning, and what the richer ones promise is what the engine gives."""

import pytest

from engine.tables import DAY, acted, day, order, tell
from kizuna.program import Rate, Stamps, UnitKind, examine, has_numbers, numbers_of, templates, with_numbers

BY_ID = {one.id: one for one in templates()}


@pytest.mark.parametrize("template", templates(), ids=lambda template: template.id)
def test_nothing_is_found_in_a_template(template):
    assert [(fault.place, fault.message) for fault in examine(template.document).faults] == []
    assert template.document.name.ja
    assert template.document.name.en
    assert template.document.units[0].kind is UnitKind.SPENDABLE
    assert template.document.units[0].worth is not None


def test_the_first_run_offers_those_that_a_few_numbers_make_one_s_own():
    assert [one.id for one in templates()] == ["simple", "tiers", "return", "stamps", "stars"]
    assert [one.id for one in templates() if one.has_numbers] == ["simple", "tiers", "return"]
    for one in templates():
        assert one.has_numbers == has_numbers(one.document)
        if one.has_numbers:
            assert with_numbers(one.document, numbers_of(one.document)) == one.document


def test_numbers_leave_what_they_do_not_hold():
    tiers = BY_ID["tiers"].document
    raw = tiers.model_dump(mode="json")
    raw["tiers"]["levels"][1]["benefits"] = [{"ja": "送料無料", "en": "Free delivery"}]
    rich = examine(raw).program
    assert with_numbers(rich, numbers_of(rich)) == rich


def test_a_program_without_a_rate_has_no_numbers():
    with pytest.raises(TypeError, match="studio"):
        numbers_of(BY_ID["stamps"].document)


def test_the_stamp_card_counts_visits_and_pays_at_the_tenth():
    visit, full = BY_ID["stamps"].document.earning_rules
    assert isinstance(visit.award, Stamps)
    assert (visit.condition, visit.event) == (full.condition, full.event), "a stamp and a visit are the same thing"
    assert (full.goal.count, full.goal.repeats, full.award.fixed) == (10, True, 500)


def test_the_stars_are_earned_by_amount_and_make_two_levels():
    stars = BY_ID["stars"].document
    assert (stars.tiers.by, stars.tiers.unit, [level.at for level in stars.tiers.levels]) == (
        "points",
        "stars",
        [0, 250],
    )
    assert isinstance(stars.earning_rules[0].award, Rate)
    assert {rule.event for rule in stars.earning_rules} == {"order.completed", "member.birthday"}


def test_ten_visits_fill_the_card():
    card = BY_ID["stamps"].document
    bought = [order(number, 400 if number == 3 else 800, DAY + number) for number in range(21)]
    told, _ = tell(card, bought)
    assert [one.balances for one in told] == [
        (500 * (visits // 10), visits) for visits in (number + (number < 3) for number in range(21))
    ]


def test_a_month_of_stars():
    """¥600 on the 1st pays twice, a mobile order two stars more, the third visit of a week twenty."""
    club = BY_ID["stars"].document
    first = day("2026-06-01")  # a Monday
    mobile = order(1, 650, first + 1, channel="mobile")
    told, _ = tell(
        club, [order(0, 600, first), mobile, order(2, 1_200, first + 2), acted(3, "member.birthday", first + 3)]
    )
    assert [one.balances for one in told] == [(20,), (32,), (72,), (102,)]
