"""The sweep writes down exactly what the next touch would, once, whatever happens meanwhile; proof and figures hold throughout."""

import asyncio
import os
from datetime import date, datetime, time, timedelta

import pytest

from blows import becomes, is_rolled_back, somebody_waits, struck
from house import KIZUNA
from insight.figures import follow, pass_time
from insight.figures import prove as prove_figures
from kizuna.core.days import day_number
from kizuna.engine import EntryKind
from kizuna.intake import Outcome
from kizuna.ledger import NEWEST, SweepAhead, account, due, history, sweep, turn_sweep
from kizuna.ledger.sweep import AFTER_MIDNIGHT
from kizuna.runtime.clock import now
from road import Road, order, redemption

PROGRAM = """
program: 1
name: {ja: 試し, en: Trial}
units:
  - {id: points, name: {ja: ポイント, en: points}, expiry: {after_days: 30}, pending: {days: 3}}
  - {id: miles, name: {ja: マイル, en: miles}, expiry: {after_days: 20}, pending: {days: 5}}
  - {id: stars, name: {ja: スター, en: stars}, expiry: {after_idle_days: 40}}
purposes: [{id: shop, name: {ja: 店舗, en: Shop}, channels: [store]}]
tiers:
  by: spend
  window: calendar_year
  levels: [{id: base, name: {ja: 一般, en: Base}, at: 0}, {id: gold, name: {ja: ゴールド, en: Gold}, at: 3000}]
earning_rules:
  - {id: base, event: order.completed, name: {ja: 買物, en: Purchases}, unit: points, award: {points: 1, per: 10}}
  - {id: shop, event: order.completed, name: {ja: 店舗, en: Shop}, unit: points, award: {fixed: 7}, lot: {only_for: shop}}
  - {id: miles, event: order.completed, name: {ja: マイル, en: Miles}, unit: miles, award: {points: 1, per: 100}}
  - {id: stars, event: order.completed, name: {ja: スター, en: Stars}, unit: stars, award: {fixed: 3}}
redemption: {minimum: 1, step: 1}
"""
NOW = now()
WHO = range(60)


def at(days_ago: int) -> str:
    return (NOW - timedelta(days=days_ago)).isoformat()


async def tell_a_story(on: Road) -> None:
    """Orders of seven weeks: some members come again and again, some have been away for long."""
    for ago in (45, 33, 25, 12, 4):
        who = [number for number in WHO if ago > 40 or number % 7]
        results = await on.tell(
            *(order(f"{ago}/{one}", 1000 + 10 * one, who=f"customer:c{one}", at=at(ago)) for one in who)
        )
        assert all(isinstance(result, Outcome) for result in results)
    await on.tell(redemption("r", 90, who="customer:c3", at=at(2)))


async def proved(on: Road) -> None:
    await on.seal()
    proof = await on.verify(NOW.date())
    assert proof.ok, proof.faults


async def entries(on: Road) -> list[tuple]:
    rows = await on.sql("SELECT * FROM entry ORDER BY member_id, n")
    return [tuple(value for name, value in row.items() if name != "batch_id") for row in rows]


async def accounts(on: Road) -> list[tuple]:
    return [tuple(row) for row in await on.sql("SELECT * FROM account ORDER BY member_id")]


def test_whoever_is_swept_has_the_history_that_a_touch_would_have_made(make_brand, road_of):
    told = []
    for swept in (True, False):

        async def story(on: Road, *, swept=swept):
            await tell_a_story(on)
            if swept:
                await proved(on)
                await follow(on, NOW)
                await pass_time(on, NOW)
                await prove_figures(on, NOW)
                done = await sweep(on.db, on.brand)
                assert (done.members, done.entries) == (len(WHO), len(await lapsed_and_released(on)))
                await proved(on)
                await prove_figures(on, NOW)
                before = await accounts(on)
                assert await sweep(on.db, on.brand) == (0, 0, 0, 0)
                assert await accounts(on) == before
            await on.tell(*(order(f"now/{one}", 500, who=f"customer:c{one}", at=at(0)) for one in WHO))
            await proved(on)
            await prove_figures(on, NOW)
            told.append((await entries(on), await accounts(on)))

        road_of(make_brand(PROGRAM)).run(story)
    assert told[0] == told[1]


async def lapsed_and_released(on: Road) -> list:
    return await on.sql("SELECT * FROM entry WHERE batch_id NOT IN (SELECT batch_id FROM event)")


def test_what_is_due_by_an_earlier_day_is_swept_and_a_day_to_come_is_refused(make_brand, road_of):
    async def story(on: Road):
        await tell_a_story(on)
        day = (NOW - timedelta(days=10)).date()
        rows = await on.sql("SELECT member_id FROM account")
        async with on.db.lend(on.brand.schema) as conn:
            members = [row["member_id"].bytes for row in rows]
            expected = [
                entry
                for member in members
                for entry in due(member, await account(conn, member), day_number(day), on.brand.zone)
                if entry.unit < 2
            ]
            await sweep(on.db, on.brand, day)
            after = [one for member in members for one in (await history(conn, member, before=NEWEST, limit=500))[0]]
        swept = {row["event_key"].bytes for row in await lapsed_and_released(on)}
        made = [one for one in after if one.key in swept and one.unit < 2]
        assert sorted(made) == sorted(expected)
        assert made
        await proved(on)
        with pytest.raises(SweepAhead) as refused:
            await sweep(on.db, on.brand, NOW.date() + timedelta(days=2))
        assert refused.value.field == "as_of"

    road_of(make_brand(PROGRAM)).run(story)


def test_the_worker_sweeps_each_day_once_when_late_news_of_the_day_before_is_in(make_brand, road_of):
    async def story(on: Road):
        await tell_a_story(on)
        midnight = datetime.combine(NOW.astimezone(on.brand.zone).date(), time(), tzinfo=on.brand.zone)
        assert not await turn_sweep(on.db, on.brand, midnight + AFTER_MIDNIGHT - timedelta(seconds=1), at_once=64)
        assert await days_swept(on) == {midnight.date() - timedelta(days=1): 64}
        assert await turn_sweep(on.db, on.brand, midnight + AFTER_MIDNIGHT, at_once=60)
        assert not await turn_sweep(on.db, on.brand, midnight + AFTER_MIDNIGHT, at_once=4)
        assert await days_swept(on) == {midnight.date(): 64}
        assert await sweep(on.db, on.brand, midnight.date()) == (0, 0, 0, 0)
        await on.tell(order("late", 1000, who="customer:c1", at=at(40)))
        assert not await turn_sweep(on.db, on.brand, midnight + timedelta(hours=20))
        done = await sweep(on.db, on.brand, midnight.date())
        assert done.members == 1
        await proved(on)

    road_of(make_brand(PROGRAM, timezone="Asia/Tokyo")).run(story)


async def days_swept(on: Road) -> dict[date, int]:
    return {
        row["day"]: row["buckets"] for row in await on.sql("SELECT day, count(*) AS buckets FROM sweep GROUP BY day")
    }


def test_a_brand_without_a_program_has_nothing_to_sweep(make_brand, road_of):
    async def story(on: Road):
        assert not await turn_sweep(on.db, on.brand)
        assert await sweep(on.db, on.brand) == (0, 0, 0, 0)

    road_of(make_brand(None)).run(story)


def test_writers_at_work_meanwhile_lose_and_double_nothing(make_brand, road_of):
    async def story(on: Road):
        await tell_a_story(on)

        async def sell(writer: int) -> None:
            for number in range(15):
                some = [order(f"{writer}/{number}/{one}", 100, who=f"customer:c{one}", at=at(0)) for one in WHO]
                for result in await on.tell(*some, writer=writer):
                    assert isinstance(result, Outcome), result

        async def sweep_often() -> int:
            return sum([(await sweep(on.db, on.brand)).entries for _ in range(4)])

        await asyncio.gather(sell(0), sell(1), sweep_often())
        await sweep(on.db, on.brand)
        await proved(on)
        await prove_figures(on, NOW)
        (doubled,) = await on.sql(
            "SELECT count(*) FROM (SELECT 1 FROM entry WHERE kind = 3 GROUP BY member_id, unit, restriction, expires_on"
            " HAVING count(*) > 1) AS twice"
        )
        assert doubled["count"] == 0

    road_of(make_brand(PROGRAM)).run(story, writers=2)


def test_killed_within_a_bucket_and_between_buckets_it_goes_on_where_it_was(make_brand, road_of, server):
    brand = make_brand(PROGRAM)
    command = (*KIZUNA, "ledger", "sweep", "--brand", brand.slug)

    async def story(on: Road):
        await tell_a_story(on)

        async def lapses() -> int:
            return (await on.sql("SELECT count(*) FROM entry WHERE kind = $1", int(EntryKind.EXPIRE)))[0]["count"]

        async def waits() -> bool:
            return await somebody_waits(on)

        before = await lapses()
        await struck(server, brand, command, "LOCK TABLE outbox IN EXCLUSIVE MODE", waits)
        await becomes(lambda: is_rolled_back(on, "entry"))
        assert await lapses() == before
        await proved(on)

        async def half_done() -> bool:
            return await waits() and await lapses() > before

        last = "SELECT bucket FROM account ORDER BY bucket DESC LIMIT 1 OFFSET 20"
        await struck(server, brand, command, f"SELECT * FROM account WHERE bucket = ({last}) FOR UPDATE", half_done)
        half = await lapses()
        await proved(on)
        await prove_figures(on, NOW)
        env = os.environ | {"KIZUNA_HOME": str(server.embedded.home)}
        process = await asyncio.create_subprocess_exec(*command, env=env)
        assert await process.wait() == 0
        assert await lapses() > half > before
        assert await sweep(on.db, on.brand) == (0, 0, 0, 0)
        await proved(on)
        await prove_figures(on, NOW)

    road_of(brand).run(story)
