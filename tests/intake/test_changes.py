"""Orders that change, on the real database: returned in parts or whole, cancelled, exchanged, delivered."""

import asyncio
from datetime import date

import pytest

from intake.designs import PER_100, POINTS, design, rule
from kizuna.core.errors import Problem
from kizuna.core.waiting import unpack as waiting_of
from kizuna.engine import EntryKind
from kizuna.ledger import account
from road import HANAKO, LONG_AFTER, TARO, event, order, redemption

NOON = "2025-03-02T12:00:00Z"
LINES = [{"sku": "shirt", "amount": 1_000, "quantity": 2}, {"sku": "mug", "amount": 500}]


def returned(id_, order_id, *, who=HANAKO, at=NOON, **data):
    return event(id_, "order.returned", {"order_id": order_id} | data, who=who, at=at)


def of_order(id_, kind, order_id, *, who=HANAKO, at=NOON, **data):
    return event(id_, f"order.{kind}", {"order_id": order_id} | data, who=who, at=at)


def code(result) -> str:
    return result.code if isinstance(result, Problem) else "outcome"


async def proved(on, as_of=LONG_AFTER):
    proof = await on.verify(as_of)
    assert proof.ok, proof.faults
    return proof


async def row_of(on, member):
    async with on.db.lend(on.brand.schema) as conn:
        return await account(conn, member)


def story_of(make_brand, road_of, *rules, writers=1, **more):
    """Return what runs a story on a brand with this program."""
    road = road_of(make_brand(design(*rules, **more)))
    return lambda story: road.run(story, writers=writers)


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one after the other"])
def test_item_by_item_as_all_at_once(make_brand, road_of, together):
    sent = [
        order("o", 1_500, lines=LINES),
        returned("r1", "o", lines=[{"sku": "shirt"}]),
        returned("r2", "o", lines=[{"sku": "mug"}]),
        returned("r3", "o", lines=[{"sku": "shirt"}]),
        order("next", 300),
    ]

    async def story(on):
        results = await on.tell(*sent) if together else [(await on.tell(one))[0] for one in sent]
        assert [one.balance for one in results] == [15, 10, 5, 0, 3]
        assert [one.points for one in results] == [15, -5, -5, -5, 3]
        assert [move.kind for move in results[1].moves] == [EntryKind.REVERSE]
        row = await row_of(on, results[0].member)
        assert row.counters[:6] == (18, 0, 0, 0, 15, 0)
        assert row.counters.balance == 3
        proof = await proved(on, date(2025, 3, 2))
        assert (proof.issued, proof.outstanding, proof.reversed) == (3, 3, 15)

    story_of(make_brand, road_of)(story)


def test_a_return_of_everything_nets_to_zero_and_the_tier_goes_too(make_brand, road_of):
    async def story(on):
        first, back = await on.tell(order("o", 150_000), returned("r", "o"))
        assert (first.level, first.spend, back.level, back.spend, back.balance) == (1, 150_000, 0, 0, 0)
        (again,) = await on.tell(returned("r", "o"))
        assert (again.replayed, again.points) == (True, -1_500)
        (twice,) = await on.tell(returned("r2", "o"))
        assert code(twice) == "nothing_kept"
        await proved(on)

    story_of(make_brand, road_of)(story)


def test_points_that_were_spent_meanwhile_are_owed_and_repaid_by_the_next_earning(make_brand, road_of):
    async def story(on):
        results = await on.tell(
            order("o", 1_000), redemption("r", 8), returned("back", "o", at=NOON), order("n", 500, at=NOON)
        )
        assert [one.balance for one in results] == [10, 2, -8, -3]
        (short,) = await on.tell(redemption("more", 1, at=NOON))
        assert short.refusal
        (more,) = await on.tell(order("m", 700, at=NOON))
        assert more.balance == 4
        row = await row_of(on, more.member)
        assert (row.counters.debt, row.counters.balance) == (0, 4)
        await proved(on)

    story_of(make_brand, road_of)(story)


@pytest.mark.parametrize(
    ("spent", "balance", "collect", "forgiven"),
    [("debt", -5, 0, 0), ("other_points", -5, 0, 0), ("ask_for_payment", 3, 8, 8), ("write_off", 3, 0, 8)],
)
def test_what_becomes_of_points_that_were_spent(make_brand, road_of, spent, balance, collect, forgiven):
    async def story(on):
        results = await on.tell(
            order("o", 1_000), redemption("r", 10), order("n", 300, at=NOON), returned("b", "o", amount=800, at=NOON)
        )
        back = results[-1]
        assert (back.balance, back.collect) == (balance, collect)
        assert sum(m.points for m in back.moves if m.kind in (EntryKind.FORGIVE, EntryKind.COLLECT)) == forgiven
        proof = await proved(on, date(2025, 3, 2))
        assert (proof.forgiven, proof.reversed, proof.outstanding) == (forgiven, 8, back.balance)

    story_of(make_brand, road_of, returns={"spent": spent})(story)


def test_an_exchange_is_told_in_full(make_brand, road_of):
    async def story(on):
        results = await on.tell(
            order("o", 1_500, lines=LINES),
            of_order("x", "amended", "o", amount=2_000, currency="JPY", lines=[{"sku": "coat", "amount": 2_000}]),
            returned("r", "o", lines=[{"sku": "mug"}]),
            returned("r2", "o", amount=500),
            of_order("c", "cancelled", "o"),
            of_order("c2", "cancelled", "o"),
        )
        assert [code(one) for one in results] == [
            "outcome",
            "outcome",
            "item_unknown",
            "outcome",
            "outcome",
            "nothing_kept",
        ]
        assert [results[place].balance for place in (0, 1, 3, 4)] == [15, 20, 15, 0]
        rows = await on.sql("SELECT orders, amount FROM event ORDER BY batch_id, place")
        assert [tuple(row) for row in rows] == [(None, None), (0, 500), (0, -500), (-1, -1_500)]
        await proved(on)

    story_of(make_brand, road_of)(story)


def test_changes_of_an_order_that_is_not_known_are_refused_and_may_come_again(make_brand, road_of):
    async def story(on):
        await on.tell(order("t", 100, who=TARO), order("else", 100, shop="web"), order("h", 100))
        results = await on.tell(
            returned("r", "o"), returned("r2", "t"), returned("r3", "else"), returned("r4", "o", who="customer:nobody"),
            of_order("d", "delivered", "o"), returned("r5", "else", shop="web"),
        )  # fmt: skip
        assert [code(one) for one in results] == [
            "order_unknown", "order_of_another", "order_unknown", "unknown_member", "order_unknown", "outcome",
        ]  # fmt: skip
        assert [one.field for one in results[:3]] == ["data.order_id", "subject", "data.order_id"]
        assert (await on.sql("SELECT count(*) FROM event"))[0][0] == 4
        await on.tell(order("o", 900))
        (told,) = await on.tell(returned("r", "o"))
        assert (told.replayed, told.points) == (False, -9)

    story_of(make_brand, road_of)(story)


def test_an_order_is_one_order_whoever_tells_of_it(make_brand, road_of):
    async def story(on):
        first = event(
            "1", "order.completed", {"order_id": "7", "amount": 500, "currency": "JPY", "shop": "web"}, source="a"
        )
        again = event(
            "2", "order.completed", {"order_id": "7", "amount": 500, "currency": "JPY", "shop": "web"}, source="b"
        )
        till = event("3", "order.completed", {"order_id": "7", "amount": 500, "currency": "JPY"}, source="b")
        together = await on.tell(first, again, till)
        assert [code(one) for one in together] == ["outcome", "order_known", "outcome"]
        (later,) = await on.tell(again)
        assert (code(later), later.field) == ("order_known", "data.order_id")
        assert (await on.tell(first))[0].replayed
        stranger = event(
            "4", "order.completed", {"order_id": "7", "amount": 5, "currency": "JPY", "shop": "web"}, who=TARO
        )
        assert code((await on.tell(stranger, order("n", 100)))[0]) == "order_known"
        assert (await on.sql("SELECT count(*) FROM member"))[0][0] == 1
        back = event("5", "order.returned", {"order_id": "7", "shop": "web"}, source="c", at=NOON)
        assert (await on.tell(back))[0].points == -5
        await proved(on)

    story_of(make_brand, road_of)(story)


def test_an_old_order_is_not_changed_any_more(make_brand, road_of):
    async def story(on):
        await on.tell(order("o", 900))
        in_time, late = await on.tell(
            returned("r", "o", amount=100, at="2025-03-31T12:00:00Z"), returned("r2", "o", at="2025-04-01T12:00:00Z")
        )
        assert (code(in_time), code(late)) == ("outcome", "change_too_late")
        assert late.facts["days"] == 31

    story_of(make_brand, road_of, returns={"days": 30})(story)


UNTIL_DELIVERED = POINTS | {"pending": {"until": "order.delivered"}}
FOR_A_WEEK = POINTS | {"pending": {"days": 7}}


def test_points_wait_for_the_delivery(make_brand, road_of):
    async def story(on):
        first, back, there = await on.tell(
            order("o", 1_500, lines=LINES),
            returned("r", "o", lines=[{"sku": "mug"}]),
            of_order("d", "delivered", "o", at="2025-03-10T12:00:00Z"),
        )
        assert (first.points, first.balance, first.pending) == (15, 0, [15])
        assert [move.kind for move in first.moves] == [EntryKind.PEND]
        assert (back.points, back.pending) == (-5, [10])
        assert [move.kind for move in back.moves] == [EntryKind.CANCEL]
        assert (there.points, there.balance, there.pending) == (0, 10, [0])
        (release,) = there.moves
        assert (release.kind, release.expires_on) == (EntryKind.RELEASE, there.day + 89)
        proof = await proved(on, date(2025, 3, 10))
        assert (proof.issued, proof.pending, proof.outstanding) == (10, 0, 10)
        assert code((await on.tell(of_order("d2", "delivered", "o")))[0]) == "order_told_already"

    story_of(make_brand, road_of, units=[UNTIL_DELIVERED])(story)


def test_points_that_wait_are_released_by_time_alone(make_brand, road_of):
    async def story(on):
        (first,) = await on.tell(order("o", 1_500))
        assert first.balance == 0
        before, after = await proved(on, date(2025, 3, 7)), await proved(on, date(2025, 3, 8))
        assert (before.issued, before.pending, after.issued, after.pending, after.outstanding) == (0, 15, 15, 0, 15)
        (spent,) = await on.tell(redemption("r", 15, at="2025-03-08T00:00:00Z"))
        assert (spent.refusal, spent.balance) == (0, 0)
        assert [move.by_time for move in spent.moves] == [True, False]
        proof = await proved(on)
        assert (proof.issued, proof.redeemed) == (15, 15)
        entries = await on.sql("SELECT kind, release_on FROM entry ORDER BY n")
        assert [row["kind"] for row in entries] == [EntryKind.PEND, EntryKind.RELEASE, EntryKind.REDEEM]
        assert waiting_of((await row_of(on, first.member)).waiting) == []

    story_of(make_brand, road_of, units=[FOR_A_WEEK])(story)


def test_a_change_that_is_sent_twice_at_once_counts_once(make_brand, road_of):
    async def story(on):
        for turn in range(6):
            sent = [
                order(f"o{turn}", 1_000, who=f"customer:{turn}"),
                returned(f"r{turn}", f"o{turn}", who=f"customer:{turn}"),
            ]
            answers = await asyncio.gather(*(on.tell(*sent, writer=writer) for writer in range(3)))
            for told, back in answers:
                assert (told.points, told.balance, back.points, back.balance) == (10, 10, -10, 0)
            assert sorted(back.replayed for _, back in answers) == [False, True, True]
        proof = await proved(on)
        assert (proof.issued, proof.reversed, proof.entries) == (0, 60, 12)

    story_of(make_brand, road_of, rule("base", award=PER_100), writers=3)(story)
