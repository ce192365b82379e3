"""Figures follow the ledger exactly: whatever the order of events, commits and days, they are what a recount gives."""

import asyncio
import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insight.figures import at, follow, kept, pass_time, prove
from kizuna.core.errors import Unavailable
from kizuna.insight import FOLLOWER, audit, jobs, rebuild
from kizuna.program import parse
from kizuna.publishing import publish
from kizuna.runtime.clock import now
from kizuna.runtime.outbox import Follower, follow_once, waiting
from road import GROCER, HANAKO, TARO, order, redemption

NOON = at("2025-03-01T12:00:00+00:00")


def told_on(day: date, number: int, who: int, amount: int, kind: str) -> bytes:
    when = datetime(day.year, day.month, day.day, 13, tzinfo=UTC).isoformat()
    if kind == "order":
        return order(f"o{number}", amount, who=f"customer:c{who}", at=when)
    return redemption(f"r{number}", max(1, amount // 500), who=f"customer:c{who}", at=when)


STEP = st.one_of(
    st.tuples(
        st.just("tell"),
        st.lists(
            st.tuples(
                st.integers(0, 500),
                st.integers(0, 5),
                st.integers(0, 300_000),
                st.sampled_from(["order", "order", "redeem"]),
            ),
            min_size=1,
            max_size=8,
        ),
    ),
    st.tuples(st.just("follow"), st.none()),
    st.tuples(st.just("wait"), st.integers(1, 200)),
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(STEP, min_size=2, max_size=10))
def test_whatever_happens_in_whatever_order_the_figures_are_what_a_recount_gives(make_brand, road_of, steps):
    brand = make_brand(timezone="Asia/Tokyo")

    async def story(on):
        clock, number = at("2024-06-01T00:00:00+00:00"), 0
        for what, facts in steps:
            if what == "tell":
                for back, who, amount, kind in facts:
                    number += 1
                    await on.tell(told_on(clock.date() - timedelta(days=back), number, who, amount, kind))
            elif what == "wait":
                clock += timedelta(days=facts)
                await pass_time(on, clock)
            else:
                await follow(on, clock)
        await follow(on, clock)
        await pass_time(on, clock)
        await prove(on, clock)

    road_of(brand).run(story)


def test_points_lapse_and_tiers_end_by_the_passing_of_time_alone(road):
    async def story(on):
        await on.tell(
            order("1", 120_050, at="2024-11-30T10:00:00Z"),
            order("2", 30_000, who=TARO, at="2025-02-20T10:00:00Z"),
            redemption("3", 200, at="2024-12-10T10:00:00Z"),
        )
        await follow(on, NOON)
        rows = "tier, tier_through, balance, expires_on"
        (hanako, taro) = await on.sql(f"SELECT {rows} FROM insight_member ORDER BY joined_on")
        assert tuple(hanako) == (1, date(2025, 12, 31), 0, None)
        assert tuple(taro) == (0, None, 300, date(2025, 5, 20))
        expired = await on.sql("SELECT day, points FROM insight_points WHERE kind = 3")
        assert [tuple(row) for row in expired] == [(date(2025, 2, 28), -1000)]
        assert await on.sql("SELECT * FROM entry WHERE kind = 3") == []

        assert await pass_time(on, at("2025-05-20T23:59:59+00:00")) == 0
        before = await kept(on)
        assert await pass_time(on, at("2025-05-20T23:59:59+00:00")) == 0
        assert await kept(on) == before

        assert await pass_time(on, at("2025-05-21T00:00:01+00:00")) == 1
        (sums,) = await on.sql("SELECT sum(points) AS points FROM insight_points")
        (balance,) = await on.sql("SELECT sum(balance) AS points FROM insight_member")
        assert sums["points"] == balance["points"] == 0

        assert await pass_time(on, at("2026-01-01T00:00:00+00:00")) == 1
        assert [tuple(row) for row in await on.sql("SELECT * FROM insight_tier WHERE members <> 0")] == [(0, 2)]
        moves = await on.sql("SELECT * FROM insight_tier_move WHERE members <> 0 ORDER BY day")
        assert [tuple(row) for row in moves] == [(date(2024, 11, 30), 0, 1, 1), (date(2026, 1, 1), 1, 0, 1)]
        await prove(on, at("2026-01-01T00:00:00+00:00"))
        proof = await on.verify(date(2026, 1, 1))
        assert (proof.issued, proof.redeemed, proof.expired) == (1500, 200, 1300)

    road.run(story)


def test_an_entry_of_points_that_were_counted_as_expired_is_not_counted_twice(road):
    async def story(on):
        await on.tell(order("1", 10_000, at="2024-01-10T10:00:00Z"))
        await follow(on, NOON)
        counted = "SELECT day, entries, points FROM insight_points WHERE kind = 3 AND entries <> 0"
        before = [tuple(row) for row in await on.sql(counted)]
        assert before == [(date(2024, 4, 9), 1, -100)]
        await on.tell(order("2", 500, at="2025-02-01T10:00:00Z"))
        assert len(await on.sql("SELECT * FROM entry WHERE kind = 3")) == 1
        await follow(on, NOON)
        assert [tuple(row) for row in await on.sql(counted)] == before
        await prove(on, NOON)

    road.run(story)


def test_a_late_order_joins_two_stretches_of_activity(road):
    async def story(on):
        await on.tell(order("1", 100, at="2024-01-01T10:00:00Z"), order("2", 100, at="2024-02-15T10:00:00Z"))
        await follow(on, NOON)
        steps = "SELECT day, delta FROM insight_active WHERE what = 1 AND days = 30 AND delta <> 0 ORDER BY day"
        assert [tuple(row) for row in await on.sql(steps)] == [
            (date(2024, 1, 1), 1), (date(2024, 1, 31), -1), (date(2024, 2, 15), 1), (date(2024, 3, 16), -1),
        ]  # fmt: skip
        await on.tell(order("3", 100, at="2024-01-20T10:00:00Z"))
        await follow(on, NOON)
        assert [tuple(row) for row in await on.sql(steps)] == [(date(2024, 1, 1), 1), (date(2024, 3, 16), -1)]
        (row,) = await on.sql("SELECT orders, spend, last_order_on FROM insight_member")
        assert tuple(row) == (3, 300, date(2024, 2, 15))

    road.run(story)


def test_the_brand_s_own_calendar_decides_the_day(make_brand, road_of):
    async def story(on):
        await on.tell(order("1", 1_000, at="2024-12-31T15:00:00Z"), order("2", 1_000, at="2024-12-31T14:59:59Z"))
        await follow(on, NOON)
        days = await on.sql("SELECT day, joined, orders, sales FROM insight_day ORDER BY day")
        assert [tuple(row) for row in days] == [(date(2024, 12, 31), 0, 1, 1_000), (date(2025, 1, 1), 1, 1, 1_000)]
        await prove(on, NOON)

    road_of(make_brand(timezone="Asia/Tokyo")).run(story)


def test_a_new_version_makes_every_row_anew_in_pieces_and_only_once(road, monkeypatch):
    monkeypatch.setattr(jobs, "MEMBERS_AT_ONCE", 2)

    async def story(on):
        await on.tell(*[order(f"{n}", 60_000, who=f"customer:c{n}") for n in range(5)])
        today = now()
        await follow(on, today)
        await pass_time(on, today)
        assert [tuple(row) for row in await on.sql("SELECT * FROM insight_tier")] == [(0, 5)]
        await publish(on.db, on.brand, parse(GROCER.replace("at: 100_000", "at: 50_000")))
        await on.tell(order("later", 60_000, who="customer:c1", at=now().isoformat()))
        today = now()
        await follow(on, today)
        assert await pass_time(on, today) >= 2
        tiers = await on.sql("SELECT * FROM insight_tier WHERE members <> 0")
        assert sorted(tuple(row) for row in tiers) == [(0, 4), (1, 1)]  # the others are raised by their own next events
        (move,) = await on.sql("SELECT * FROM insight_tier_move WHERE members <> 0")
        assert tuple(move) == (today.date(), 0, 1, 1)
        assert [row["version"] for row in await on.sql("SELECT DISTINCT version FROM insight_member")] == [2]
        assert await pass_time(on, today) == 0
        (clock,) = await on.sql("SELECT day, version FROM insight_clock")
        assert tuple(clock) == (today.date(), 2)
        await prove(on, today)

    road.run(story)


def test_what_is_made_anew_is_what_was_kept(road):
    async def story(on):
        for n in range(6):
            await on.tell(
                order(f"a{n}", 40_000 * n, at=f"2025-0{n + 1}-03T10:00:00Z"),
                order(f"b{n}", 5_000, who=f"customer:c{n}", at=f"2024-0{n + 1}-03T10:00:00Z"),
                redemption(f"r{n}", 30, who=f"customer:c{n}", at=f"2024-0{n + 1}-04T10:00:00Z"),
            )
            await follow(on, now())
        await pass_time(on, now())
        before = await kept(on)
        assert await rebuild(on.db, on.brand) == 6
        assert await kept(on) == before
        await prove(on, now())

    road.run(story)


def test_a_follower_that_is_killed_counts_nothing_twice_and_nothing_never(road):
    async def story(on):
        await on.tell(order("1", 10_000), order("2", 10_000, who=TARO))
        killed = asyncio.Event()

        async def half_way(conn, news):
            await jobs.follow(conn, news, NOON)
            killed.set()
            conn.terminate()

        async def until_killed():
            while True:
                await follow_once(on.db, on.brand.schema, Follower(FOLLOWER.name, half_way))
                await asyncio.sleep(0.01)

        with pytest.raises(Unavailable):
            await asyncio.wait_for(until_killed(), 10)
        assert killed.is_set()
        assert await on.sql("SELECT * FROM insight_member") == []
        assert await waiting(on.db, on.brand.schema, FOLLOWER.name)
        await follow(on, NOON)
        (sums,) = await on.sql("SELECT sum(points) AS points, sum(entries) AS entries FROM insight_points")
        assert tuple(sums) == (200, 2)
        await prove(on, NOON)

    road.run(story)


def test_two_workers_at_once_count_each_commit_once(road):
    async def story(on):
        for n in range(20):
            await on.tell(order(f"{n}", 1_000, who=(HANAKO, TARO)[n % 2]))

        async def one():
            while await waiting(on.db, on.brand.schema, FOLLOWER.name):
                await follow_once(on.db, on.brand.schema, FOLLOWER)
                await jobs.turn(on.db, on.brand)
                await asyncio.sleep(0.01)

        async with asyncio.timeout(20):
            await asyncio.gather(one(), one(), one())
        found = await prove(on, now())
        assert (found.members, found.orders) == (2, 20)

    road.run(story)


def test_the_audit_names_what_differs(road):
    async def story(on):
        await on.tell(order("1", 10_000))
        await follow(on, now())
        await on.sql("UPDATE insight_day SET sales = sales + 1")
        await on.sql("UPDATE insight_member SET balance = 7")
        found = await jobs_audit(on)
        assert not found.ok
        assert len(found.differences) == 2
        assert json.dumps(found.as_json())
        assert await rebuild(on.db, on.brand) == 1
        assert (await jobs_audit(on)).ok

    async def jobs_audit(on):
        return await audit(on.db, on.brand)

    road.run(story)


def test_a_brand_without_a_program_has_nothing_to_turn(make_brand, road_of):
    async def story(on):
        assert await pass_time(on, now()) == 0
        assert (await prove(on, now())).members == 0

    road_of(make_brand(program=None)).run(story)
