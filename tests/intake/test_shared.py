"""Figures that members share, further units and quotes, on the real database: exact beside other writers, and proved."""

import asyncio
from datetime import date

import pytest

from intake.designs import PER_100, POINTS, design, named, rule
from intake.test_changes import code, proved, returned
from kizuna.core.days import instant_ms
from kizuna.core.errors import Problem
from kizuna.core.lots import Counters, unpack
from kizuna.engine import Cut, EntryKind, Refusal, Why
from kizuna.intake import quote, read
from kizuna.ledger import account, history
from kizuna.publishing import PlanBook
from kizuna.runtime.clock import now
from road import HANAKO, TARO, event, order

CAMPAIGN = rule("spring", award={"fixed": 30}, starts="2025-01-01", ends="2025-12-31", budget={"points": 1_000})


def test_a_budget_is_never_overdrawn_by_writers_at_once(make_brand, road_of):
    async def story(on):
        answers = await asyncio.gather(
            *(
                on.tell(*(order(f"{writer}/{n}/{k}", 0, who=f"customer:{writer}{n}") for k in range(3)), writer=writer)
                for n in range(10)
                for writer in range(2)
            )
        )
        points = [told.points for tellings in answers for told in tellings]
        assert sum(points) == 1_000
        assert sorted(set(points)) == [0, 10, 30]
        (row,) = await on.sql("SELECT slot, store, stretch, used FROM program_counter")
        assert row["used"] == 1_000
        cuts = [move.cut for tellings in answers for told in tellings for move in told.moves if move.points == 10]
        assert cuts == [Cut.BUDGET]
        assert (await on.sql("SELECT raw, cut FROM entry WHERE points = 10"))[0] == (30, Cut.BUDGET)
        await proved(on)

    road_of(make_brand(design(campaigns=[CAMPAIGN]))).run(story, writers=2)


def test_a_limit_by_store_and_day(make_brand, road_of):
    limited = rule("store", award={"fixed": 4}, limits=[{"per": "store", "within": "day", "points": 10}])

    async def story(on):
        told = await on.tell(
            *(order(f"a{n}", 100, store="ginza") for n in range(4)),
            *(order(f"b{n}", 100, store="umeda", who=TARO) for n in range(2)),
            order("c", 100, store="ginza", at="2025-03-02T09:00:00Z"),
        )
        assert [one.points for one in told] == [4, 4, 2, 0, 4, 4, 4]
        (first, back) = await on.tell(order("d", 100, store="umeda"), returned("r", "a0"))
        assert (first.points, back.points) == (2, -4)
        rows = await on.sql("SELECT store, used FROM program_counter ORDER BY store, stretch")
        assert [tuple(row) for row in rows] == [("ginza", 10), ("ginza", 4), ("umeda", 10)]
        await proved(on)

    road_of(make_brand(design(limited))).run(story)


STAMPS = {"id": "stamps", "name": named("stamps"), "kind": "stamps", "expiry": "never"}
MILES = {"id": "miles", "name": named("miles"), "expiry": {"after_days": 30}}
CARD = rule("card", award={"stamps": 1}) | {"unit": "stamps"}
FLY = rule("fly", award=PER_100) | {"unit": "miles"}
ONLY_WEB = rule("web", award={"fixed": 7}, lot={"only_for": "web"})


def mixed(**more):
    return design(
        rule("base", award=PER_100), CARD, FLY, ONLY_WEB, units=[POINTS, STAMPS, MILES],
        purposes=[{"id": "web", "name": named("web"), "channels": ["web"]}], **more,
    )  # fmt: skip


def redeem(id_, points, **data):
    return event(id_, "redemption.requested", {"points": points} | data)


def test_further_units_and_restricted_points(make_brand, road_of):
    async def story(on):
        first, till, web, miles, stamps, unknown = await on.tell(
            order("o", 1_000), redeem("r1", 12), redeem("r2", 12, channel="web"), redeem("r3", 4, unit="miles"),
            redeem("r4", 1, unit="stamps"), redeem("r5", 1, unit="kilometres"),
        )  # fmt: skip
        assert (first.points, first.balances) == (17, [17, 1, 10])
        assert (till.refusal, web.refusal, web.balances) == (Refusal.SHORT, Refusal.NONE, [5, 1, 10])
        assert (miles.refusal, miles.points, miles.balances) == (Refusal.NONE, 0, [5, 1, 6])
        assert (code(stamps), code(unknown), unknown.field) == ("unit_unknown", "unit_unknown", "data.unit")
        async with on.db.lend(on.brand.schema) as conn:
            row = await account(conn, first.member)
            entries, _ = await history(conn, first.member, limit=20)
        assert row.counters == Counters(17, 12)
        assert row.further == (Counters(1), Counters(10, 4))
        assert [(lot.unit, lot.restriction, lot.remaining) for lot in unpack(row.lots)] == [
            (0, 1, 5),
            (1, 0, 1),
            (2, 0, 6),
        ]
        assert {(entry.unit, entry.restriction) for entry in entries if entry.kind == EntryKind.EARN} == {
            (0, 0), (0, 1), (1, 0), (2, 0),
        }  # fmt: skip
        proof = await proved(on, date(2025, 3, 2))
        assert (proof.issued, proof.redeemed, proof.outstanding) == (17, 12, 5)
        await proved(on)

    road_of(make_brand(mixed())).run(story)


@pytest.mark.parametrize("who", [HANAKO, "customer:nobody"])
def test_a_quote_says_what_would_be_answered_and_leaves_no_trace(make_brand, road_of, who):
    async def story(on):
        await on.tell(order("o", 90_000, at="2025-02-01T09:00:00Z"))
        tables = ("event", "entry", "member", "seen", "program_counter", "purchase")
        before = [await on.sql(f"SELECT * FROM {table} ORDER BY 1") for table in tables]
        book = PlanBook()
        sent = order("q", 10_000, who=who, store="ginza")
        async with on.db.lend(on.brand.schema) as conn:
            await book.refresh(conn)
            told = await quote(conn, on.brand, book, read(sent, on.terms, instant_ms(now())))
        assert [await on.sql(f"SELECT * FROM {table} ORDER BY 1") for table in tables] == before
        (answer,) = await on.tell(sent)
        assert told.outcome == answer
        assert told.outcome.level == int(who == HANAKO)
        assert [verdict.why for verdict in told.verdicts] == [Why.SPEAKS, Why.GOAL, Why.SPEAKS]

    rules = rule("base", award=PER_100), rule("third", award={"fixed": 1}, goal={"count": 3})
    road_of(make_brand(design(*rules, campaigns=[CAMPAIGN]))).run(story)


def test_a_quote_of_a_return_and_of_what_cannot_be(make_brand, road_of):
    async def story(on):
        await on.tell(order("o", 1_000))
        book = PlanBook()
        async with on.db.lend(on.brand.schema) as conn:
            await book.refresh(conn)

            async def quoted(sent):
                return await quote(conn, on.brand, book, read(sent, on.terms, instant_ms(now())))

            back = await quoted(returned("r", "o", amount=300))
            assert (back.outcome.points, back.outcome.balance, list(back.verdicts)) == (-3, 7, [])
            for sent, problem in (
                (returned("r", "x"), "order_unknown"),
                (event("again", "order.completed", {"order_id": "o", "amount": 5, "currency": "JPY"}), "order_known"),
                (event("e", "eaten.up", {}), "event_type_unknown"),
            ):
                with pytest.raises(Problem) as caught:
                    await quoted(sent)
                assert caught.value.code == problem

    road_of(make_brand(design())).run(story)
