"""Small tables worked out by hand: fractions of a point, last days, windows of tiers, sums that may be redeemed."""

import pytest

from engine.documents import text
from engine.generated import program
from engine.reference.amounts import rounded
from engine.tables import DAY, NEW_YEAR, acted, changed, day, lots_of, order, redeemed, rule, tell, with_rules
from kizuna.core.days import DAY_IDLE, DAY_NEVER
from kizuna.program import AMOUNT_MAX, Rounding


@pytest.mark.parametrize(
    ("rate", "amount", "down", "nearest", "up"),
    [
        ((1, 100), 0, 0, 0, 0),
        ((1, 100), 1, 0, 0, 1),
        ((1, 100), 49, 0, 0, 1),
        ((1, 100), 50, 0, 1, 1),
        ((1, 100), 99, 0, 1, 1),
        ((1, 100), 100, 1, 1, 1),
        ((1, 100), 149, 1, 1, 2),
        ((1, 100), 150, 1, 2, 2),
        ((3, 7), 1, 0, 0, 1),  # 3/7
        ((3, 7), 2, 0, 1, 1),  # 6/7
        ((1, 3), 1, 0, 0, 1),  # an odd “per” has no half
        ((1, 3), 2, 0, 1, 1),
        ((5, 2), 1, 2, 3, 3),  # 2½
        ((1_000_000, 10_000), AMOUNT_MAX, 10**13, 10**13, 10**13),
        ((1_000_000, 999_999_999), AMOUNT_MAX - 1, 100_000_000, 100_000_000, 100_000_001),  # beyond a float's 53 bits
    ],
)
def test_the_fraction_of_a_point(rate, amount, down, nearest, up):
    points, per = rate
    for rounding, expected in (("down", down), ("nearest", nearest), ("up", up)):
        document = program(awards=[{"points": points, "per": per, "rounding": rounding}])
        (told,), _ = tell(document, [order(0, amount)])
        assert [(move.kind, move.points, move.basis) for move in told.moves] == [("earn", expected, amount)]
        assert told.balances == (expected,)


def test_the_reference_rounds_a_half_up():
    assert [rounded(half, Rounding.NEAREST) for half in (0.5, 1.5, 2.5)] == [1, 2, 3]


@pytest.mark.parametrize(
    ("expiry", "made", "last"),
    [
        ({"after_days": 1}, "2025-06-01", "2025-06-01"),
        ({"after_days": 90}, "2025-06-01", "2025-08-29"),
        ({"after_months": 1}, "2025-06-01", "2025-06-30"),
        (
            {"after_months": 1},
            "2025-01-31",
            "2025-02-27",
        ),  # there is no 31 February: its last day, and the day before that
        ({"after_months": 1}, "2024-01-30", "2024-02-28"),
        ({"after_months": 12}, "2024-02-29", "2025-02-27"),
        ({"after_months": 12}, "2025-03-01", "2026-02-28"),
        ({"end_of": "month"}, "2024-02-29", "2024-02-29"),
        ({"end_of": "month", "later": 1}, "2024-01-31", "2024-02-29"),
        ({"end_of": "quarter"}, "2025-03-31", "2025-03-31"),
        ({"end_of": "quarter", "later": 1}, "2025-12-01", "2026-03-31"),
        ({"end_of": "year", "later": 1}, "2025-01-01", "2026-12-31"),
        ({"on": "2025-09-30"}, "2025-06-01", "2025-09-30"),
    ],
)
def test_the_last_day_of_a_lot(expiry, made, last):
    history = [order(0, 500, day(made)), redeemed(1, 2, day(last)), acted(2, on=day(last) + 1)]
    (earned, spent, gone), _ = tell(program(expiry=expiry), history)
    assert [move.expires_on for move in earned.moves] == [day(last)]
    assert (spent.refusal, spent.balances) == ("none", (3,))
    assert [(move.kind, move.points, move.expires_on) for move in gone.moves] == [("expire", -3, day(last))]


def test_what_never_ends_and_what_ends_by_idleness_have_no_day():
    _, rows = tell(program(expiry="never"), [order(0, 500)])
    assert lots_of(rows) == [(DAY_NEVER, 5)]
    idle = program(expiry={"after_idle_days": 10})
    history = [
        order(0, 500),
        acted(1, on=DAY + 9),
        order(2, 100, DAY + 9),
        acted(3, on=DAY + 18),
        acted(4, on=DAY + 19),
    ]
    answers, rows = tell(idle, history)
    assert [told.balances for told in answers] == [(5,), (5,), (6,), (6,), (0,)]
    assert [(move.kind, move.points, move.expires_on) for move in answers[-1].moves] == [("expire", -6, DAY_IDLE)]


RUNGS = [0, 1000, 5000]


@pytest.mark.parametrize(
    ("window", "held", "spent", "asked_on", "level"),
    [
        ("calendar_year", "window", [(DAY, 999)], DAY, 0),
        ("calendar_year", "window", [(DAY, 1000)], DAY, 1),
        ("calendar_year", "window", [(DAY, 4999), (DAY, 1)], DAY, 2),
        ("calendar_year", "window", [(DAY, 5000)], NEW_YEAR - 1, 2),
        ("calendar_year", "window", [(DAY, 5000)], NEW_YEAR, 0),
        ("calendar_year", "next_window", [(DAY, 5000)], NEW_YEAR, 2),
        ("calendar_year", "next_window", [(DAY, 5000)], NEW_YEAR + 364, 2),
        ("calendar_year", "next_window", [(DAY, 5000)], NEW_YEAR + 365, 0),
        ("calendar_year", "next_window", [(DAY, 5000), (NEW_YEAR, 1000)], NEW_YEAR + 365, 1),
        ("calendar_year", "next_window", [(NEW_YEAR, 1), (NEW_YEAR - 1, 5000)], NEW_YEAR, 2),  # told late
        ("calendar_year", "window", [(NEW_YEAR, 1), (NEW_YEAR - 1, 5000)], NEW_YEAR, 0),  # told too late to be held
        ("calendar_year", "next_window", [(NEW_YEAR, 1), (NEW_YEAR - 400, 5000)], NEW_YEAR, 0),  # too late: forgotten
        ("calendar_quarter", "window", [(DAY, 5000)], day("2025-06-30"), 2),
        ("calendar_quarter", "window", [(DAY, 5000)], day("2025-07-01"), 0),
        ("calendar_quarter", "next_window", [(DAY, 5000)], day("2025-09-30"), 2),
        ("calendar_quarter", "next_window", [(DAY, 5000)], day("2025-10-01"), 0),
        ("calendar_month", "window", [(DAY, 5000)], day("2025-06-30"), 2),
        ("calendar_month", "window", [(DAY, 5000)], day("2025-07-01"), 0),
        ("calendar_month", "next_window", [(DAY, 5000)], day("2025-07-31"), 2),
        ("calendar_month", "next_window", [(DAY, 5000)], day("2025-08-01"), 0),
        ("rolling", "window", [(DAY, 5000)], day("2026-05-31"), 2),  # twelve months, June the first of them
        ("rolling", "window", [(DAY, 5000)], day("2026-06-01"), 0),
        ("rolling", "next_window", [(DAY, 5000)], day("2026-06-30"), 2),
        ("rolling", "next_window", [(DAY, 5000)], day("2026-07-01"), 0),
        ("lifetime", "window", [(DAY, 4000), (NEW_YEAR, 1000)], NEW_YEAR + 9999, 2),
        ("lifetime", "next_window", [(NEW_YEAR, 1), (NEW_YEAR - 400, 4999)], NEW_YEAR, 2),
    ],
)
def test_where_a_member_stands(window, held, spent, asked_on, level):
    document = program(levels=RUNGS, window=window, held=held)
    history = [order(number, amount, on) for number, (on, amount) in enumerate(spent)]
    (*_, told), _ = tell(document, [*history, redeemed(9, 10**6, asked_on)])
    assert (told.refusal, told.level_before, told.level) == ("short", level, level)


TIERS = {
    "by": "visits",
    "window": "calendar_month",
    "held": "window",
    "levels": [{"id": name, "name": text(name), "at": at} for name, at in (("base", 0), ("silver", 1), ("gold", 2))],
}


@pytest.mark.parametrize(
    ("parts", "asked_on", "level"),
    [
        ({}, "2025-06-30", 2),
        ({}, "2025-07-01", 0),
        ({"grace_days": 10}, "2025-07-10", 2),
        ({"grace_days": 10}, "2025-07-11", 0),
        ({"downgrade": "one_step"}, "2025-07-01", 1),
        ({"downgrade": "one_step"}, "2025-07-31", 1),
        ({"downgrade": "one_step"}, "2025-08-01", 0),
        ({"downgrade": "one_step"}, "2026-08-01", 0),  # one review after the other, whenever the member comes back
        ({"window": "rolling", "months": 1}, "2025-07-01", 0),
        ({"window": "rolling", "months": 2}, "2025-07-31", 2),
    ],
)
def test_how_a_rung_is_lost(parts, asked_on, level):
    document = program(tiers=TIERS | parts)
    (*_, told), _ = tell(document, [order(0, 1), order(1, 1), acted(2, on=day(asked_on))])
    assert told.level_before == level


@pytest.mark.parametrize(
    ("points", "refusal"),
    [(99, "below_minimum"), (100, "off_step"), (150, "none"), (200, "off_step"), (300, "none"), (450, "short")],
)
def test_which_sums_may_be_redeemed(points, refusal):
    document = program(redemption={"minimum": 100, "step": 150})
    (_, told), _ = tell(document, [order(0, 44_900), redeemed(1, points)])
    assert told.refusal == refusal
    assert told.balances == (449 - (points if refusal == "none" else 0),)


def test_what_expires_first_is_spent_first_whichever_came_first():
    long, short = program(expiry={"after_days": 30}), program(expiry={"after_days": 3})
    (*_, told), _ = tell([long, short], [order(0, 1000), order(1, 400, version=1), redeemed(2, 6)])
    assert told.taken == [(0, 0, DAY + 2, 4), (0, 0, DAY + 29, 2)]


def test_rules_add_up_and_an_award_of_nothing_still_explains_itself():
    document = program(awards=[{"points": 1, "per": 100}, {"points": 1, "per": 1000}])
    (told,), rows = tell(document, [order(0, 999)])
    assert [(move.points, move.rule, move.basis) for move in told.moves] == [(9, 0, 999), (0, 1, 999)]
    assert lots_of(rows) == [(DAY_NEVER, 9)]


@pytest.mark.parametrize(
    ("goal", "days", "reached"),
    [
        ({"count": 2}, [0, 1, 2, 3], [0, 1, 0, 0]),
        ({"count": 2, "repeats": True}, [0, 1, 2, 3], [0, 1, 0, 1]),
        ({"count": 2, "within": "month", "repeats": True}, [0, 30, 31, 32], [0, 0, 1, 0]),
        ({"spend": 25, "repeats": True}, [0, 0, 0, 0, 0], [0, 0, 1, 0, 1]),
        ({"streak": 2, "of": "day"}, [0, 0, 1, 2, 3], [0, 0, 1, 0, 0]),
        ({"streak": 2, "of": "day", "repeats": True}, [0, 1, 2, 3, 5, 6], [0, 1, 0, 1, 0, 1]),
        ({"streak": 2, "of": "week"}, [0, 1], [0, 1]),  # DAY is a Sunday
        ({"streak": 2, "of": "month", "repeats": True}, [0, 10, 40, 100], [0, 0, 1, 0]),
    ],
)
def test_when_a_goal_is_reached(goal, days, reached):
    document = with_rules(rule(award={"fixed": 7}, goal=goal))
    answers, _ = tell(document, [order(number, 10, DAY + on) for number, on in enumerate(days)])
    assert [sum(move.points for move in told.moves) // 7 for told in answers] == reached


@pytest.mark.parametrize(
    ("limit", "given"),
    [
        ({"per": "event", "points": 7}, [7, 7, 7, 7]),
        ({"per": "member", "points": 15}, [10, 5, 0, 0]),
        ({"per": "member", "within": "day", "points": 15}, [10, 5, 10, 5]),
        ({"per": "member", "within": "day", "times": 1}, [10, 0, 10, 0]),
        ({"per": "all", "within": "month", "times": 3}, [10, 10, 10, 0]),
        ({"per": "store", "points": 12}, [10, 10, 2, 2]),
    ],
)
def test_what_a_limit_leaves(limit, given):
    document = with_rules(rule(award={"fixed": 10}, limits=[limit]))
    stores = ("ginza", "umeda", "ginza", "umeda")
    history = [order(number, 1, DAY + number // 2, store=store) for number, store in enumerate(stores)]
    answers, _ = tell(document, history)
    assert [told.moves[0].points for told in answers] == given


@pytest.mark.parametrize(
    ("policy", "kinds", "collect", "balance"),
    [
        ("debt", ["reverse"], 0, -5),
        ("other_points", ["reverse"], 0, -5),
        ("ask_for_payment", ["reverse", "collect"], 5, 0),
        ("write_off", ["reverse", "forgive"], 0, 0),
    ],
)
def test_points_that_were_spent_already(policy, kinds, collect, balance):
    """Ten points, nine of them spent, six taken back: one is there, five are missing. Then one more is earned."""
    document = program(returns={"spent": policy}, awards=[{"points": 1, "per": 1}])
    (*_, told, later), _ = tell(document, [order(0, 10), redeemed(1, 9), changed(2, 0, 4), order(3, 1)])
    assert [move.kind for move in told.moves] == kinds
    assert (told.collect, told.balances, later.balances) == (collect, (balance,), (balance + 1,))
