"""Statements: what a member had at any past instant, and what moved between; and the program accounts that all of it adds up to."""

from datetime import datetime, timedelta

import pytest

from kizuna.core.days import day_number
from kizuna.core.errors import NotFound
from kizuna.engine import EntryKind
from kizuna.intake import Outcome
from kizuna.ledger import (
    BOOKKEEPER,
    SIGNS,
    Book,
    Standing,
    account,
    as_of,
    balance_at,
    books_differ,
    history,
    outstanding,
    program_accounts,
    rebuild_books,
    replay,
    statement,
    sweep,
)
from kizuna.runtime.clock import now
from kizuna.runtime.outbox import follow_once
from ledger.test_sweep import PROGRAM as SWEPT
from ledger.test_sweep import WHO, tell_a_story
from road import HANAKO, TARO, Road, order

PROGRAM = """
program: 1
name: {ja: 試し, en: Trial}
units:
  - {id: points, name: {ja: ポイント, en: points}, expiry: {after_days: 30}, worth: {points: 1, amount: 2}}
  - {id: miles, name: {ja: マイル, en: miles}, expiry: never, pending: {days: 5}}
tiers:
  by: spend
  window: calendar_year
  levels: [{id: base, name: {ja: 一般, en: Base}, at: 0}, {id: gold, name: {ja: ゴールド, en: Gold}, at: 10000}]
earning_rules:
  - {id: base, event: order.completed, unit: points, name: {ja: 買物, en: Purchases}, award: {points: 1, per: 10}}
  - {id: miles, event: order.completed, name: {ja: マイル, en: Miles}, unit: miles, award: {points: 1, per: 100}}
redemption: {minimum: 1, step: 1}
charities: [{id: forest, name: {ja: 森, en: Forest}}]
adjustments: {reasons: [{id: lost_card, name: {ja: 紛失, en: Lost card}}]}
"""
NOW = now()
START = (NOW - timedelta(days=60)).replace(hour=12)


def day(number: float) -> str:
    return (START + timedelta(days=number)).isoformat()


def at(number: float) -> datetime:
    return START + timedelta(days=number)


def done(result) -> Outcome:
    assert isinstance(result, Outcome), str(result)
    return result


async def member_of(on: Road, who: str = HANAKO) -> bytes:
    rows = await on.sql("SELECT member_id FROM identity WHERE value = $1", who.partition(":")[2])
    return rows[0]["member_id"].bytes


async def live(on: Road) -> bytes:
    """A life of two months: earnings, a hold, a gift, a correction, a redemption that comes back after its lots had ended."""
    await on.tell(order("1", 1000, at=day(0)), order("2", 2000, at=day(10)), order("t", 100, who=TARO, at=day(1)))
    held = done(await on.ask("hold.placed", {"points": 120, "minutes": 2000}, who=HANAKO, at=day(20)))
    done(await on.ask("hold.confirmed", {"hold": held.about["hold"], "points": 90}, at=day(21)))
    gift = {"points": 10, "charity": "forest"}
    done(await on.ask("points.redeemed", gift, who=HANAKO, at=day(22)))
    done(await on.ask("points.adjusted", {"points": 15, "reason": "lost_card"}, who=HANAKO, at=day(23)))
    done(await on.ask("redemption.voided", {"redemption": held.about["hold"], "points": 40}, at=day(36)))
    await on.tell(order("late", 500, at=day(12)))
    return await member_of(on)


def test_a_balance_at_any_instant_follows_the_member_s_life(make_brand, road_of):
    async def story(on: Road):
        member = await live(on)
        zone = on.brand.zone
        expected = {
            -0.1: (0, 0, 0), 0.1: (100, 0, 0), 10.5: (300, 0, 0), 12.5: (350, 0, 0), 20.1: (230, 120, 0), 21.1: (260, 0, 0),
            22.5: (250, 0, 0), 23.1: (265, 0, 0), 36.1: (265, 0, 0),
        }  # fmt: skip
        async with on.db.transaction(on.brand.schema, readonly=True) as conn:
            for number, stands in expected.items():
                assert (await balance_at(conn, member, at(number), zone))[0] == Standing(*stands), number
            assert (await balance_at(conn, member, at(3), zone))[1] == Standing(0, 0, 10)
            assert (await balance_at(conn, member, at(6), zone))[1] == Standing(10, 0, 0)
            today = as_of(await account(conn, member), day_number(NOW.date()))
            assert (await balance_at(conn, member, NOW, zone))[0] == Standing(
                today.counters.balance, today.counters.held, 0
            )
            with pytest.raises(NotFound):
                await balance_at(conn, bytes(16), NOW, zone)

    road_of(make_brand(PROGRAM)).run(story)


def test_a_statement_s_opening_and_lines_come_to_its_closing(make_brand, road_of):
    async def story(on: Road):
        member = await live(on)
        zone = on.brand.zone
        for swept in (False, True):
            if swept:
                await sweep(on.db, on.brand)
            async with on.db.transaction(on.brand.schema, readonly=True) as conn:
                for first in range(0, 60, 7):
                    begin, end = at(first).date(), at(first + 12).date()
                    told = await statement(conn, member, begin, end, zone)
                    evening = datetime.combine(end, datetime.max.time(), zone)
                    before = datetime.combine(begin, datetime.min.time(), zone) - timedelta(milliseconds=1)
                    assert told.opening == await balance_at(conn, member, before, zone)
                    closing = await balance_at(conn, member, min(evening, NOW + timedelta(days=30)), zone)
                    assert {u: s for u, s in told.closing.items() if any(s)} == {
                        u: s for u, s in closing.items() if any(s)
                    }
                    assert sum(one.entries for one in told.sums) == len(told.entries)
                whole = await statement(conn, member, at(-1).date(), NOW.date(), zone)
                assert {(one.kind, one.account): one.points for one in whole.sums if one.unit == 0} == {
                    (EntryKind.EARN, None): 350, (EntryKind.REDEEM, "charity:forest"): -10, (EntryKind.HOLD, None): -120,
                    (EntryKind.VOID, None): 30, (EntryKind.CONFIRM, None): -90, (EntryKind.RESTORE, None): 40,
                    (EntryKind.ADJUST, "lost_card"): 15,
                    (EntryKind.EXPIRE, None): -305,
                }  # fmt: skip

    road_of(make_brand(PROGRAM)).run(story)


def test_everybody_s_balances_at_every_day_are_what_a_replay_gives(make_brand, road_of):
    async def story(on: Road):
        await tell_a_story(on)
        members = [row["member_id"].bytes for row in await on.sql("SELECT member_id FROM account")]
        assert len(members) == len(WHO)
        zone = on.brand.zone
        async with on.db.transaction(on.brand.schema, readonly=True) as conn:
            for member in members[::6]:
                entries = (await history(conn, member, limit=500))[0]
                for ago in range(0, 50, 7):
                    then = NOW - timedelta(days=ago)
                    until_ms = int(then.timestamp() * 1000)
                    pure = [one for one in sorted(entries, key=lambda one: one.n) if one.at_ms <= until_ms]
                    run = replay([one._replace(n=n) for n, one in enumerate(pure, start=1)])
                    run.touch(day_number(then.date()))
                    told = await balance_at(conn, member, then, zone)
                    assert told[0].balance == run.counters.balance

    road_of(make_brand(SWEPT)).run(story)


def test_the_books_are_the_entries_by_day_and_can_be_made_again(make_brand, road_of):
    async def story(on: Road):
        await live(on)
        assert await books_differ(on.db, on.brand) == []
        await sweep(on.db, on.brand)
        assert await books_differ(on.db, on.brand) == []
        async with on.db.transaction(on.brand.schema, readonly=True) as conn:
            lines = await program_accounts(conn, at(15).date(), NOW.date())
            rows = await on.sql(
                "SELECT sum(counters[1] + counters[6] + counters[8] - counters[2] - counters[3] - counters[5]) AS sum FROM account"
            )
        totals = {
            book: sum(line.closing for line in lines if line.unit == 0 and line.book is book)
            for book in (*SIGNS, Book.HELD)
        }
        assert totals[Book.ISSUED] == 360
        assert totals[Book.REDEEMED] == 60
        assert totals[Book.HELD] == 0
        assert totals[Book.ADJUSTED] == 15
        assert {line.account: line.points for line in lines if line.book is Book.REDEEMED} == {
            "": 50,
            "charity:forest": 10,
        }
        assert [line.opening for line in lines if line.unit == 0 and line.book is Book.ISSUED] == [360]
        assert outstanding(lines, 0)[1] == rows[0]["sum"]
        kept = await on.sql("SELECT * FROM ledger_day ORDER BY 1, 2, 3, 4, 5, 6")
        await rebuild_books(on.db, on.brand)
        assert await on.sql("SELECT * FROM ledger_day ORDER BY 1, 2, 3, 4, 5, 6") == kept
        await on.sql("UPDATE ledger_day SET points = points + 1 WHERE kind = 16")
        (wrong,) = await books_differ(on.db, on.brand)
        assert "kept 16 in 1, the entries are 15 in 1" in wrong
        assert not await follow_once(on.db, on.brand.schema, BOOKKEEPER)

    road_of(make_brand(PROGRAM, timezone="Asia/Tokyo")).run(story)
