"""Figures of everything that an engine may do: returns, waiting points, further units, debts; they follow the ledger exactly."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insight.figures import at, follow, kept, pass_time, prove
from intake.designs import PER_100, POINTS, design, named, rule
from kizuna.insight import rebuild
from kizuna.runtime.clock import now
from road import HANAKO, TARO, event, order, redemption

LEVELS = [
    {"id": id_, "name": named(id_), "at": reached}
    for id_, reached in (("basic", 0), ("silver", 50_000), ("gold", 150_000))
]
WAITING = design(
    rule("base", award=PER_100),
    rule("stamp", award={"stamps": 1}) | {"unit": "stamps"},
    rule("review", "review.posted", {"fixed": 15}, limits=[{"per": "member", "within": "month", "times": 2}]),
    rule("web", award={"fixed": 9}, lot={"only_for": "web", "expiry": {"after_days": 10}}),
    units=[
        POINTS | {"pending": {"days": 7, "expiry_runs_from": "earning"}},
        {"id": "stamps", "name": named("stamps"), "kind": "stamps", "expiry": "never"},
    ],
    purposes=[{"id": "web", "name": named("web"), "channels": ["web"]}],
    tiers={"by": "spend", "window": "calendar_quarter", "held": "window", "downgrade": "one_step", "levels": LEVELS},
    returns={"spent": "other_points", "days": 3_000},
)
AT_ONCE = design(
    rule("base", award=PER_100),
    rule("review", "review.posted", {"fixed": 15}),
    tiers={"by": "spend", "window": "calendar_year", "held": "next_window", "levels": LEVELS},
    returns={"spent": "debt", "days": 3_000},
)
DID = st.tuples(
    st.integers(0, 400),  # days ago
    st.integers(0, 3),  # who
    st.integers(0, 120_000),
    st.sampled_from(["order", "order", "order", "redeem", "return", "return", "amend", "review"]),
)
STEP = st.one_of(
    st.tuples(st.just("tell"), st.lists(DID, min_size=1, max_size=8)),
    st.tuples(st.just("follow"), st.none()),
    st.tuples(st.just("wait"), st.integers(1, 120)),
)


class Shop:
    """Says what happens: changes are of the orders of the same member told before."""

    def __init__(self) -> None:
        self.number = 0
        self.orders: dict[int, list[str]] = {}

    def says(self, day: date, who: int, amount: int, kind: str) -> bytes:
        self.number += 1
        id_, member = f"e{self.number}", f"customer:c{who}"
        when = datetime(day.year, day.month, day.day, 13, tzinfo=UTC).isoformat()
        mine = self.orders.setdefault(who, [])
        about = {"who": member, "at": when}
        if kind == "redeem":
            return redemption(id_, max(1, amount // 500), **about)
        if kind == "review":
            return event(id_, "review.posted", {}, **about)
        if kind == "return" and mine:
            part = {"amount": amount} if amount % 3 else {}
            return event(id_, "order.returned", {"order_id": mine[amount % len(mine)]} | part, **about)
        if kind == "amend" and mine:
            data = {"order_id": mine[amount % len(mine)], "amount": amount, "currency": "JPY"}
            return event(id_, "order.amended", data, **about)
        mine.append(id_)
        return order(id_, amount, channel="web" if amount % 2 else "till", **about)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(STEP, min_size=2, max_size=10), st.sampled_from([WAITING, AT_ONCE]))
def test_whatever_is_changed_the_ledger_is_true_and_the_figures_follow_it(make_brand, road_of, steps, program):
    brand = make_brand(program, timezone="Asia/Tokyo")

    async def story(on):
        clock, shop = at("2024-06-01T00:00:00+00:00"), Shop()
        for what, facts in steps:
            if what == "tell":
                for back, *did in facts:
                    await on.tell(shop.says(clock.date() - timedelta(days=back), *did))
            elif what == "wait":
                clock += timedelta(days=facts)
                await pass_time(on, clock)
            else:
                await follow(on, clock)
        await follow(on, clock)
        await pass_time(on, clock)
        await prove(on, clock)
        (sums,) = await on.sql(
            "SELECT coalesce(sum(points) FILTER (WHERE kind <> 4), 0)::bigint AS points FROM insight_points"
        )
        (rows,) = await on.sql("SELECT coalesce(sum(balance), 0)::bigint AS points FROM insight_member")
        assert sums["points"] == rows["points"]
        proof = await on.verify(clock.astimezone(brand.zone).date())
        assert proof.ok, proof.faults

    road_of(brand).run(story)


def test_points_that_wait_are_counted_apart_and_released_by_time_alone(make_brand, road_of):
    async def story(on):
        await on.tell(
            order("1", 10_000, at="2025-03-01T03:00:00Z"), order("2", 5_000, who=TARO, at="2025-03-01T03:00:00Z")
        )
        await on.tell(
            event("r", "order.returned", {"order_id": "2", "amount": 2_000}, who=TARO, at="2025-03-02T03:00:00Z")
        )
        counted = (
            "SELECT day, kind, sum(points)::bigint FROM insight_points WHERE points <> 0 GROUP BY 1, 2 ORDER BY 1, 2"
        )
        await follow(on, at("2025-03-02T12:00:00+09:00"))
        assert [tuple(row) for row in await on.sql(counted)] == [
            (date(2025, 3, 1), 4, 168), (date(2025, 3, 2), 4, -20),
        ]  # fmt: skip
        rows = "SELECT balance, waiting, release_on, orders, spend FROM insight_member ORDER BY spend DESC"
        assert [tuple(row) for row in await on.sql(rows)] == [
            (0, 109, date(2025, 3, 8), 1, 10_000), (0, 39, date(2025, 3, 8), 1, 3_000),
        ]  # fmt: skip
        sales = await on.sql("SELECT day, orders, sales FROM insight_day ORDER BY day")
        assert [tuple(row) for row in sales] == [(date(2025, 3, 1), 2, 15_000), (date(2025, 3, 2), 0, -2_000)]
        assert await pass_time(on, at("2025-03-08T00:00:01+09:00")) == 1
        assert [tuple(row) for row in await on.sql(rows)] == [(109, 0, None, 1, 10_000), (39, 0, None, 1, 3_000)]
        before = [tuple(row) for row in await on.sql(counted)]
        assert before[2:] == [(date(2025, 3, 8), 1, 148), (date(2025, 3, 8), 4, -148)]
        await on.tell(redemption("s", 50, at="2025-03-09T03:00:00Z"))
        await follow(on, at("2025-03-09T12:00:00+09:00"))
        after = [tuple(row) for row in await on.sql(counted)]
        assert after == [*before, (date(2025, 3, 9), 2, -50)]
        await prove(on, at("2025-03-09T12:00:00+09:00"))

    road_of(make_brand(WAITING, timezone="Asia/Tokyo")).run(story)


def test_a_tier_that_time_ended_is_counted_on_its_day_before_and_after_somebody_comes_back(make_brand, road_of):
    moves = "SELECT day, from_tier, to_tier, members FROM insight_tier_move WHERE members <> 0 ORDER BY day"

    async def story(on):
        await on.tell(order("1", 60_000, at="2025-02-01T03:00:00Z"))
        await follow(on, at("2025-02-02T12:00:00+09:00"))
        await pass_time(on, at("2025-05-01T12:00:00+09:00"))
        there = [(date(2025, 2, 1), 0, 1, 1), (date(2025, 4, 1), 1, 0, 1)]
        assert [tuple(row) for row in await on.sql(moves)] == there
        await on.tell(order("2", 60_000, at="2025-06-01T03:00:00Z", who=HANAKO))
        await follow(on, at("2025-06-02T12:00:00+09:00"))
        assert [tuple(row) for row in await on.sql(moves)] == [*there, (date(2025, 6, 1), 0, 1, 1)]
        await prove(on, at("2025-06-02T12:00:00+09:00"))
        before = await kept(on, of_rows="tier, tier_seen, balance, waiting, moves")
        await pass_time(on, now())
        await rebuild(on.db, on.brand)
        await prove(on, now())
        assert before["insight_day"] == (await kept(on))["insight_day"]

    road_of(make_brand(WAITING, timezone="Asia/Tokyo")).run(story)
