"""Short stories that say what a program means in figures worked out by hand; both evaluators must tell them so."""

import pytest

from engine.documents import text
from engine.generated import program
from engine.reference import Basket, Line
from engine.reference.facts import draw
from engine.tables import DAY, acted, changed, day, lots_of, order, redeemed, rule, tell, with_rules
from kizuna.core.days import DAY_CLOSED, DAY_DELIVERED, DAY_NEVER


def kinds(told):
    return [(move.kind, move.points) for move in told.moves]


def unit(**about):
    return {"id": "points", "name": text("points"), "expiry": "never"} | about


# What a version changes


def test_a_new_rate_changes_nothing_that_was():
    """Ten points at the old rate; then the rate is tripled; the return of a half takes back five, not fifteen."""
    old, new = program(awards=[{"points": 1, "per": 100}]), program(awards=[{"points": 3, "per": 100}])
    history = [order(0, 1000), order(1, 1000, DAY + 1, version=1), changed(2, 0, 500, DAY + 2, version=1)]
    (first, second, returned), _ = tell([old, new], history)
    assert (kinds(first), kinds(second), kinds(returned)) == ([("earn", 10)], [("earn", 30)], [("reverse", -5)])
    assert [told.balances for told in (first, second, returned)] == [(10,), (40,), (35,)]
    assert [(move.plan, move.rule, move.basis) for move in returned.moves] == [(0, 0, 500)]
    (other,), _ = tell([old], [order(0, 1000)])
    assert other == first


def test_a_new_expiry_is_for_new_lots_and_old_terms_for_a_dearer_old_order():
    old, new = program(expiry={"after_days": 10}), program(expiry={"after_days": 100})
    history = [order(0, 1000), order(1, 1000, version=1), changed(2, 0, 1500, DAY + 3, version=1)]
    _, rows = tell([old, new], history)
    assert lots_of(rows) == [(DAY + 9, 15), (DAY + 99, 10)]


def test_what_is_given_more_after_its_last_day_gets_the_day_that_today_gives():
    history = [order(0, 1000), changed(1, 0, 1500, DAY + 30)]
    (_, told), rows = tell(program(expiry={"after_days": 10}), history)
    assert kinds(told) == [("expire", -10), ("earn", 5)]
    assert lots_of(rows) == [(DAY + 39, 5)]


# Changes of orders


def test_item_by_item_and_back_again():
    lines = (Line(300, sku="a"), Line(500, sku="b"))
    basket = Basket(800, lines=lines)
    history = [
        order(0, basket=basket),
        changed(1, 0, Basket(500, lines=lines[1:])),
        changed(2, 0),
        changed(3, 0, basket),
    ]
    answers, _ = tell(program(), history)
    assert [kinds(told) for told in answers] == [[("earn", 8)], [("reverse", -3)], [("reverse", -5)], [("earn", 8)]]


def test_lapsed_points_are_forgiven_whatever_the_policy():
    for policy in ("debt", "other_points", "ask_for_payment", "write_off"):
        document = program(expiry={"after_days": 10}, returns={"spent": policy})
        (*_, told), _ = tell(document, [order(0, 1000), order(1, 100, DAY + 20), changed(2, 0, None, DAY + 20)])
        assert kinds(told) == [("reverse", -10), ("forgive", 10)]
        assert (told.balances, told.collect) == ((1,), 0)


def test_other_points_are_taken_before_anything_is_owed():
    document = program(expiry={"after_days": 10}, returns={"spent": "other_points"})
    history = [order(0, 1000), redeemed(1, 10), order(2, 400, DAY + 1), changed(3, 0, None, DAY + 2)]
    (*_, told), rows = tell(document, history)
    assert kinds(told) == [("reverse", -10)]
    assert told.taken == [(0, 0, DAY + 10, 4)]
    assert (told.balances, lots_of(rows)) == ((-6,), [])


def test_a_goal_that_keeps_leaves_its_award_and_one_that_takes_back_can_be_reached_again():
    def with_goal(on_return):
        return with_rules(rule(award={"fixed": 100}, goal={"count": 2}, on_return=on_return))

    history = [order(0), order(1), changed(2, 1), order(3)]
    answers, _ = tell(with_goal("take_back"), history)
    assert [kinds(told) for told in answers] == [[], [("earn", 100)], [("reverse", -100)], [("earn", 100)]]
    answers, _ = tell(with_goal("keep"), history)
    assert [kinds(told) for told in answers] == [[], [("earn", 100)], [], []]


def test_a_rung_is_taken_back_or_kept():
    def with_tiers(on_return):
        levels = [{"id": id_, "name": text(id_), "at": at} for id_, at in (("base", 0), ("silver", 1000))]
        tiers = {"by": "spend", "window": "calendar_year", "on_return": on_return, "levels": levels}
        return program(tiers=tiers)

    for on_return, level in (("take_back", 0), ("keep", 1)):
        (bought, told), _ = tell(with_tiers(on_return), [order(0, 1000), changed(1, 0, 900, DAY + 9)])
        assert (bought.level, told.level, told.figure) == (1, level, 900)


# Waiting, spending


def test_points_wait_for_days_and_their_expiry_runs_from_the_release():
    document = program(units=[unit(expiry={"after_days": 10}, pending={"days": 14})])
    (bought, short, freed, gone), _ = tell(
        document, [order(0, 500), redeemed(1, 1, DAY + 13), acted(2, on=DAY + 14), acted(3, on=DAY + 24)]
    )
    assert (kinds(bought), bought.balances, bought.pending) == ([("pend", 5)], (0,), (5,))
    assert short.refusal == "short"
    assert [(move.kind, move.expires_on, move.release_on) for move in freed.moves] == [("release", DAY + 23, DAY + 14)]
    assert kinds(gone) == [("expire", -5)]


def test_points_wait_for_the_parcel_and_a_returned_item_never_comes_free():
    pending = {"until": "order.return_window_closed"}
    document = program(units=[unit(expiry={"after_days": 10}, pending=pending)])
    history = [
        order(0, 500),
        acted(1, "order.delivered", DAY + 3, order=1),
        changed(2, 0, 300, DAY + 5),
        acted(3, "order.return_window_closed", DAY + 8, order=7),
        acted(4, "order.return_window_closed", DAY + 8, order=1),
        changed(5, 0, None, DAY + 9),
    ]
    (bought, delivered, part, other, closed, rest), _ = tell(document, history)
    assert [(move.kind, move.release_on, move.expires_on, move.cause) for move in bought.moves] == [
        ("pend", DAY_CLOSED, -1, 1)
    ]
    assert delivered.moves == other.moves == []
    assert kinds(part) == [("cancel", -2)]
    assert [(move.kind, move.points, move.expires_on) for move in closed.moves] == [("release", 3, DAY + 17)]
    assert kinds(rest) == [("reverse", -3)]
    assert (rest.balances, rest.pending) == ((0,), (0,))


def test_the_end_of_the_return_window_releases_what_waits_for_the_parcel_too():
    document = program(units=[unit(pending={"until": "order.delivered"})])
    history = [order(0, 500), acted(1, "order.return_window_closed", DAY + 8, order=1), order(2, 100, order=0)]
    (bought, closed, unnamed), _ = tell(document, history)
    assert bought.moves[0].release_on == DAY_DELIVERED
    assert kinds(closed) == [("release", 5)]
    assert kinds(unnamed) == [("earn", 1)]  # an order without a name can wait for nothing


def test_a_rules_own_expiry_runs_from_the_earning_even_where_the_units_is_the_same():
    ten = {"after_days": 10}
    document = with_rules(
        rule("own", {"fixed": 3}, lot={"expiry": ten}),
        rule("units", {"fixed": 4}),
        units=[unit(expiry=ten, pending={"days": 5, "expiry_runs_from": "release"})],
    )
    (told,), _ = tell(document, [order(0, 1)])
    assert [(move.points, move.expires_on) for move in told.moves] == [(3, DAY + 9), (4, DAY + 14)]


def test_points_for_a_purpose_are_spent_only_there():
    purposes = [{"id": "web", "name": text("web"), "channels": ["web"]}]
    award = rule("gift", {"fixed": 10}, lot={"only_for": "web", "expiry": {"after_days": 3}})
    document = with_rules(rule(), award, purposes=purposes)
    history = [
        order(0, 500),
        redeemed(1, 6),
        redeemed(2, 6, channel="shop"),
        redeemed(3, 12, channel="web"),
    ]
    (_, nowhere, shop, web), _ = tell(document, history)
    assert (nowhere.refusal, shop.refusal, web.refusal) == ("short", "short", "none")
    assert web.taken == [(0, 1, DAY + 2, 10), (0, 0, DAY_NEVER, 2)]


# Which rules, and how much


LINES = (
    Line(100, sku="tea-1", category="tea", tags=("new",)),
    Line(200, 2, sku="tea-2", category="tea"),
    Line(300, category="cake", gift_card=True),
)


@pytest.mark.parametrize(
    ("parts", "points"),
    [
        ({}, 650),
        ({"goods": {"category": ["tea"]}}, 300),
        ({"goods": {"category": ["tea"], "but_not": {"sku": ["tea-2"]}}}, 100),
        ({"goods": {"category": ["tea"], "tag": ["new"]}}, 100),
        ({"basis": {"gift_cards": "excluded"}}, 350),
        ({"basis": {"tax": "excluded"}}, 600),
        ({"basis": {"discount": "before"}}, 660),
        ({"basis": {"shipping": "included"}}, 657),
        ({"basis": {"paid_with_points": "excluded"}}, 520),
        ({"basis": {"paid_with_points": "excluded"}, "goods": {"category": ["tea"]}}, 300 - 130 * 300 // 650),
        ({"each": "line"}, 600),
        ({"award": {"fixed": 10}}, 10),
        ({"award": {"fixed": 10, "each": "line"}}, 30),
        ({"award": {"fixed": 10, "each": "item"}}, 40),
        ({"award": {"fixed": 10, "each": "item"}, "goods": {"sku": ["tea-2"]}}, 20),
    ],
)
def test_what_counts_of_an_order(parts, points):
    parts = dict(parts)
    award = parts.pop("award", None) or {"points": 1, "per": 1} | {
        name: parts.pop(name) for name in ("basis", "each") if name in parts
    }
    basket = Basket(650, tax=50, discount=10, shipping=7, paid_with_points=130, lines=LINES)
    (told,), _ = tell(with_rules(rule(award=award, **parts)), [order(0, basket=basket)])
    assert told.balances == (points,)


def test_a_multiplier_counts_the_goods_of_both_and_the_best_of_a_group_stays():
    document = with_rules(
        rule("base", {"points": 1, "per": 10}),
        rule("triple", {"multiply": {"times": 3}, "rule": "base"}, goods={"category": ["tea"]}),
        rule("small", {"fixed": 3}, group="one"),
        rule("large", {"fixed": 4}, group="one"),
        groups=[{"id": "one", "name": text("one"), "keeps": "best"}],
    )
    (told,), _ = tell(document, [order(0, basket=Basket(600, lines=LINES))])
    assert [(move.points, move.raw, move.cut) for move in told.moves] == [
        (60, 60, "none"),
        (60, 60, "none"),  # (3 − 1) × 300 ÷ 10
        (0, 3, "group"),
        (4, 4, "none"),
    ]


def test_an_exclusive_rule_stands_alone():
    document = with_rules(rule(), rule("only", {"fixed": 2}, exclusive=True))
    (told,), _ = tell(document, [order(0, 500)])
    assert [(move.points, move.cut) for move in told.moves] == [(0, "exclusive"), (2, "none")]


def test_a_budget_is_everybodys_and_is_not_filled_up_by_returns():
    about = {"starts": "2025-06-01", "ends": "2025-06-30", "budget": {"points": 25}}
    document = program(awards=[], campaigns=[rule("june", {"fixed": 10}, **about)])
    history = [
        order(0, 1),
        order(1, 1, member=1),
        changed(2, 0),
        order(3, 1, member=2),
        order(4, 1),
        order(5, 1, day("2025-07-01")),
    ]
    answers, _ = tell(document, history)
    assert [[(move.points, move.cut) for move in told.moves] for told in answers] == [
        [(10, "none")],
        [(10, "none")],
        [(-10, "none")],
        [(5, "budget")],
        [(0, "budget")],
        [],
    ]


def test_who_is_held_out_is_drawn_by_the_members_number():
    about = {"starts": "2025-06-01", "ends": "2025-06-30", "holdout_percent": 50}
    document = program(awards=[], campaigns=[rule("june", {"fixed": 10}, **about)])
    keys = tuple(range(3))
    answers, _ = tell(document, [order(number, 1, member=number) for number in keys], keys)
    assert [not told.moves for told in answers] == [draw(key, "june") < 50 for key in keys]


def test_the_finalizer_of_splitmix64():
    """Known outputs of the generator seeded with 1234567: it finalizes 1234567 + 0x9E3779B97F4A7C15."""
    from hashlib import blake2b  # noqa: PLC0415 - only here

    salt = int.from_bytes(blake2b(b"june", digest_size=8).digest(), "big")
    state = (1234567 + 0x9E3779B97F4A7C15) % 2**64
    assert draw(state ^ salt, "june") == 6457827717110365317 % 100


# Members


def test_a_birthday_on_the_29th_is_kept_on_the_28th():
    condition = {"fact": "member.is_birthday", "is": "equals", "value": True}
    document = with_rules(rule("gift", {"fixed": 10}, condition=condition))
    days = ("2025-02-27", "2025-02-28", "2025-03-01", "2028-02-28", "2028-02-29")
    answers, _ = tell(document, [order(number, 1, day(on), born=(2, 29)) for number, on in enumerate(days)])
    assert [bool(told.moves) for told in answers] == [False, True, False, False, True]


def test_who_was_brought_qualifies_once_and_soon_enough():
    referral = {
        "event": "order.completed",
        "within_days": 30,
        "condition": {"fact": "order.amount", "is": "at_least", "value": 1000},
    }
    document = program(referral=referral)
    history = [
        acted(0, referred=True),
        order(1, 999, DAY + 1),
        order(2, 1000, DAY + 29),
        order(3, 1000, DAY + 29),
        acted(4, member=1, referred=True),
        order(5, 1000, DAY + 30, member=1),
        order(6, 1000, member=2),
    ]
    answers, _ = tell(document, history)
    assert [told.qualified for told in answers] == [False, False, True, False, False, False, False]


def test_the_journey_goes_on_when_enough_is_done():
    def step(id_, of, times=1):
        return {"id": id_, "name": text(id_), "rule": of, "times": times}

    stages = [
        {"id": "new", "name": text("new"), "steps": [step("buy", "rule", 2), step("tell", "share")], "needs": 1},
        {"id": "fan", "name": text("fan"), "steps": [step("more", "share", 2)]},
        {"id": "friend", "name": text("friend")},
    ]
    document = with_rules(rule(), rule("share", {"fixed": 1}, event="content.shared"), journey={"stages": stages})
    history = [
        order(0, 100),
        acted(1, "content.shared"),
        acted(2, "content.shared"),
        changed(3, 0),
    ]
    answers, _ = tell(document, history)
    assert [told.stage for told in answers] == [0, 1, 2, 2]


def test_the_tier_before_the_order_multiplies():
    levels = [{"id": id_, "name": text(id_), "at": at} for id_, at in (("base", 0), ("gold", 1000))]
    award = {"points": 1, "per": 100, "by_tier": {"gold": {"times": 3, "over": 2}}}
    document = with_rules(rule(award=award), tiers={"by": "spend", "window": "calendar_year", "levels": levels})
    (first, second), _ = tell(document, [order(0, 1000), order(1, 1100)])
    assert [(told.level_before, told.level, kinds(told)) for told in (first, second)] == [
        (0, 1, [("earn", 10)]),
        (1, 1, [("earn", 16)]),
    ]
