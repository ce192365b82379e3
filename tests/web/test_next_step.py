"""What My Page suggests, as a table; and that its arithmetic is the engine's own."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kizuna.engine import awarded, compile_plan
from kizuna.program import parse
from kizuna.web.member.step import Step, next_step
from kizuna.web.offer import Offer, RuleView, offer_of, round_up
from kizuna.web.views import LotView
from road import GROCER
from samples.base import GOLD, MEMBER, NEW, OFFER, TIER, TOP

TODAY = date(2026, 11, 21)
FAR = replace(TIER, spend=20_000, remaining=80_000, share=0.2)
SOON, LATER = date(2026, 12, 5), date(2027, 3, 31)


def member(balance: int, expires_on: date | None = LATER, tier=FAR, orders: int = 3):
    lots = (LotView(balance, expires_on),) if balance else ()
    return replace(MEMBER, balance=balance, lots=lots, tier=tier, orders=orders)


@pytest.mark.parametrize(
    ("who", "step"),
    [
        # points about to lapse come first, and say what to do with them
        (member(1_200, SOON), Step("use_soon", 1_000, soon=1_200, day=SOON, days_left=14)),
        (member(500, TODAY), Step("use_soon", 500, soon=500, day=TODAY, days_left=0)),
        (member(320, SOON), Step("save_soon", 180, 36_000, soon=320, day=SOON, days_left=14)),
        (member(1_200, SOON, TIER), Step("use_soon", 1_000, soon=1_200, day=SOON, days_left=14)),
        (member(499, date(2026, 12, 21)), Step("save_soon", 1, 200, soon=499, day=date(2026, 12, 21), days_left=30)),
        (member(499, date(2026, 12, 22)), Step("reach", 1, 200)),
        # then a tier within reach
        (member(320, tier=TIER), Step("tier", amount=12_300, tier=GOLD, day=date(2026, 12, 31))),
        (member(1_200, tier=TIER), Step("tier", amount=12_300, tier=GOLD, day=date(2026, 12, 31))),
        (
            member(0, tier=replace(TIER, remaining=25_000)),
            Step("tier", amount=25_000, tier=GOLD, day=date(2026, 12, 31)),
        ),
        (member(0, tier=replace(TIER, remaining=25_001)), Step("reach", 500, 100_000)),
        # then what can be redeemed, then the way there
        (member(1_200), Step("redeem", 1_000)),
        (member(1_200, None, TOP), Step("redeem", 1_000)),
        (member(320), Step("reach", 180, 36_000)),
        (member(0, orders=0), Step("first", 1, 200)),
        (NEW, Step("first", 1, 200)),
    ],
)
def test_the_next_step(who, step):
    assert next_step(OFFER, who, TODAY) == step


def test_a_life_long_track_has_no_last_day():
    step = next_step(replace(OFFER, window="lifetime"), member(320, tier=TIER), TODAY)
    assert (step.kind, step.day) == ("tier", None)


def test_where_nothing_earns_nothing_is_promised():
    idle = replace(OFFER, rules=())
    assert next_step(idle, member(0), TODAY) == Step("none")
    assert next_step(idle, member(320, SOON), TODAY).amount is None
    assert idle.example_amounts(0) == ()


@pytest.mark.parametrize(
    ("minimum", "step", "balance", "redeemable", "least"),
    [(1, 1, 0, 0, 1), (1, 1, 7, 7, 1), (500, 500, 499, 0, 500), (500, 100, 650, 600, 500),
     (250, 100, 299, 0, 300), (250, 100, 300, 300, 300)],
)  # fmt: skip
def test_what_can_be_redeemed(minimum, step, balance, redeemable, least):
    offer = replace(OFFER, minimum=minimum, step=step)
    assert (offer.redeemable(balance), offer.least) == (redeemable, least)


@pytest.mark.parametrize(
    ("amount", "digits", "said"),
    [
        (1, 0, 1),
        (1_400, 0, 2_000),
        (2_000, 0, 2_000),
        (2_001, 0, 3_000),
        (5_001, 0, 10_000),
        (140, 2, 200),
        (1, 2, 100),
    ],
)
def test_an_example_is_a_round_amount(amount, digits, said):
    assert round_up(amount, digits) == said


RULES = st.lists(
    st.builds(
        RuleView, st.just("r"), st.just({"ja": "x", "en": "x"}), st.integers(1, 50), st.integers(1, 5_000),
        st.sampled_from(["down", "nearest", "up"]),
    ),
    min_size=1, max_size=4,
)  # fmt: skip


def _program(rules) -> str:
    lines = "".join(
        f"  - {{id: r{n}, name: {{ja: x, en: x}}, event: order.completed, unit: points, "
        f"award: {{points: {rule.points}, per: {rule.per}, rounding: {rule.rounding}}}}}\n"
        for n, rule in enumerate(rules)
    )
    head, _, tail = GROCER.partition("earning_rules:\n")
    return f"{head}earning_rules:\n{lines}{tail[tail.index('redemption:') :] if 'redemption:' in tail else ''}"


@settings(deadline=None)  # documents are read anew for each
@given(RULES, st.integers(0, 10_000_000))
def test_a_face_counts_as_the_engine_does(rules, amount):
    plan = compile_plan(parse(_program(rules)), 1)
    assert offer_of(plan).earns(amount) == int(awarded(plan, np.array([amount])).sum())


@given(RULES, st.integers(1, 100_000))
def test_the_smallest_order_that_earns_enough(rules, points):
    offer: Offer = replace(OFFER, rules=rules)
    amount = offer.spend_for(points)
    assert amount is not None
    assert offer.earns(amount) >= points > offer.earns(amount - 1)
