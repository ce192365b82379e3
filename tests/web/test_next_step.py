"""What My Page suggests, as a table; and that its arithmetic is the engine's own."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from kizuna.engine import EventKind, Events, Names, State, compile_plan, decide
from kizuna.program import Program, from_published
from kizuna.web.member.step import Step, next_step
from kizuna.web.offer import Offer, RuleView, offer, offer_of, round_up
from kizuna.web.standings import journey_view, stage_of
from kizuna.web.views import LotView
from road import GROCER
from samples.base import MEMBER, NEW, OFFER, PROGRAM, TIER, TOP
from samples.journey import DONE
from samples.journey import PROGRAM as WHOLE

TODAY = date(2026, 11, 21)
FAR = replace(TIER, figure=20_000, remaining=80_000, share=0.2)
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
        (member(320, tier=TIER), Step("tier", amount=12_300, tier=TIER, day=date(2026, 12, 31))),
        (member(1_200, tier=TIER), Step("tier", amount=12_300, tier=TIER, day=date(2026, 12, 31))),
        (
            member(0, tier=replace(TIER, remaining=25_000)),
            Step("tier", amount=25_000, tier=replace(TIER, remaining=25_000), day=date(2026, 12, 31)),
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
    step = next_step(replace(OFFER, ladder=replace(OFFER.ladder, window="lifetime")), member(320, tier=TIER), TODAY)
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


def engine_gives(plan, amount: int) -> int:
    """Return what a newcomer's first order of `amount` gives, by the engine."""
    one = np.zeros(1, np.intp)
    events = Events.plain(
        one,
        one.astype(np.int16),
        np.array([EventKind.ORDER], np.int8),
        np.array([20_000], np.int32),
        np.array([amount]),
    )
    return int(decide([plan], State.fresh(plan.names, 1), events).moves.points.sum())


@settings(deadline=None)  # documents are read anew for each
@given(RULES, st.integers(0, 10_000_000))
def test_a_face_counts_as_the_engine_does(rules, amount):
    plan = compile_plan(from_published(yaml.safe_load(_program(rules))), 1, Names())
    assert offer_of(plan).earns(amount) == engine_gives(plan, amount)


@pytest.mark.parametrize(
    ("award", "more", "amount", "points"),
    [
        ({"percent": 3}, {}, 4_980, 149),
        ({"percent": 3, "by_tier": {"regular": {"times": 2}}}, {}, 4_980, 298),
        ({"points": 1, "per": 100}, {"limits": [{"per": "event", "points": 20}]}, 4_980, 20),
        ({"points": 1, "per": 100}, {"goal": {"count": 2}}, 4_980, 0),
        ({"points": 1, "per": 100}, {"goods": {"category": ["coffee"]}}, 4_980, 0),
        ({"fixed": 50}, {}, 4_980, 0),
    ],
)
def test_examples_count_what_every_purchase_earns_and_nothing_that_asks_for_more(award, more, amount, points):
    raw = PROGRAM.model_dump(mode="json", by_alias=True, exclude_defaults=True) | {"program": 1}
    raw["units"][0]["worth"] = {"points": 1, "amount": 1}
    raw["earning_rules"][0] = {**raw["earning_rules"][0], "award": award, **more}
    assert offer(Program.model_validate(raw)).earns(amount) == points


def test_a_tier_about_to_fall_comes_before_the_journey_and_the_journey_before_the_rest():
    falls = replace(TIER, warns=True, keep=5_000, valid_through=date(2026, 12, 31))
    going = replace(member(1_200), journey=journey_view(WHOLE, DONE))
    assert next_step(OFFER, replace(going, tier=falls), TODAY) == Step(
        "keep", amount=5_000, tier=falls, day=date(2026, 12, 31), days_left=40
    )
    step = next_step(OFFER, going, TODAY)
    assert (step.kind, step.todo.id, step.todo.done, step.todo.times) == ("journey", "review", 1, 3)


def test_the_journey_says_what_is_behind_where_one_is_and_what_is_next():
    view = journey_view(WHOLE, DONE)
    assert [stage.state for stage in view.stages] == ["done", "here", "ahead"]
    assert view.next.id == "review"  # one of two is enough, and neither is done
    coffee = [*DONE[:-1], ("fan", "coffee", 10, 10)]
    assert journey_view(WHOLE, coffee).here.id == "ambassador"
    everything = [*coffee, ("ambassador", "friend", 1, 1)]
    assert (journey_view(WHOLE, everything).here, journey_view(WHOLE, everything).next) == (None, None)
    assert [stage_of(WHOLE, done) for done in ([], DONE, coffee, everything)] == [0, 1, 2, 2]


@given(RULES, st.integers(1, 100_000))
def test_the_smallest_order_that_earns_enough(rules, points):
    offer: Offer = replace(OFFER, rules=rules)
    amount = offer.spend_for(points)
    assert amount is not None
    assert offer.earns(amount) >= points > offer.earns(amount - 1)
