"""Orders paid with points: what comes back gives the points back that paid for it, once, never more than were paid."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from kizuna.core.errors import Problem
from kizuna.intake import POINTS_GIVEN_BACK, Outcome
from kizuna.runtime.outbox import follow_once, waiting
from road import HANAKO, TARO, Road, event, order

START = datetime.now(UTC) - timedelta(days=3)
LINES = [{"sku": "mug", "amount": 600}, {"sku": "pot", "amount": 400}]


def hour(number: float) -> str:
    return (START + timedelta(hours=number)).isoformat()


def done(result) -> Outcome:
    assert isinstance(result, Outcome), str(result)
    return result


def changed(id_: str, what: str, at: float, *, who: str = HANAKO, order_id: str = "paid", **data) -> bytes:
    return event(id_, f"order.{what}", {"order_id": order_id} | data, who=who, at=hour(at))


async def follow(on: Road) -> None:
    async with asyncio.timeout(20):
        while await waiting(on.db, on.brand.schema, POINTS_GIVEN_BACK.name):
            if not await follow_once(on.db, on.brand.schema, POINTS_GIVEN_BACK):
                await asyncio.sleep(0.01)


async def paid(on: Road) -> list[str]:
    """300 points are earned, and an order of 1,000 is paid with 50 redeemed at once and 30 held and confirmed."""
    await on.tell(order("earned", 30_000, at=hour(0)))
    first = done(await on.ask("points.redeemed", {"points": 50}, who=HANAKO, at=hour(1)))
    held = done(await on.ask("hold.placed", {"points": 40, "minutes": 90}, who=HANAKO, at=hour(1)))
    done(await on.ask("hold.confirmed", {"hold": held.about["hold"], "points": 30}, at=hour(1.5)))
    ids = [first.about["redemption"], held.about["hold"]]
    (bought,) = await on.tell(order("paid", 1_000, at=hour(2), lines=LINES, paid_with_points=80, redemptions=ids))
    assert done(bought).balance == 230
    return ids


async def balance(on: Road, who: str = HANAKO) -> int:
    rows = await on.sql(
        "SELECT counters[1] + counters[6] + counters[8] + counters[9] - counters[2] - counters[3] - counters[5] - counters[7] AS points"
        " FROM account JOIN identity USING (bucket, member_id) WHERE value = $1",
        who.partition(":")[2],
    )
    return int(rows[0]["points"])


async def given_back(on: Road) -> dict[str, int]:
    return {str(row["key"].hex()): row["points"] for row in await on.sql("SELECT key, points FROM restoration")}


async def prove(on: Road) -> None:
    await follow(on)
    await on.seal()
    proof = await on.verify(datetime.now(UTC).date())
    assert proof.ok, proof.faults


def key(ref: str) -> str:
    return ref.replace("-", "")


def test_a_cancelled_order_gives_all_its_points_back_once(road):
    async def story(on: Road):
        first, held = await paid(on)
        await on.tell(changed("c", "cancelled", 3))
        await follow(on)
        assert await given_back(on) == {key(first): 50, key(held): 30}
        assert await balance(on) == 300
        (again,) = await on.tell(changed("c", "cancelled", 3))
        assert done(again).replayed
        await on.sql("DELETE FROM outbox_cursor WHERE follower = $1", POINTS_GIVEN_BACK.name)
        await follow(on)
        assert await balance(on) == 300
        await prove(on)

    road.run(story)


def test_item_by_item_is_the_same_as_at_once_and_a_part_says_how_many(road):
    async def story(on: Road):
        first, held = await paid(on)
        await on.tell(changed("r1", "returned", 3, lines=[{"sku": "mug"}], points_back=35))
        await follow(on)
        assert await given_back(on) == {key(held): 30, key(first): 5}
        await on.tell(changed("r2", "returned", 4, lines=[{"sku": "pot"}]))
        await follow(on)
        assert await given_back(on) == {key(first): 50, key(held): 30}
        assert await balance(on) == 300
        await prove(on)

    road.run(story)


def test_never_more_comes_back_than_was_paid_whoever_gave_it_back_before(road):
    async def story(on: Road):
        first, held = await paid(on)
        done(await on.ask("redemption.voided", {"redemption": first}, at=hour(2.5)))
        await on.tell(changed("r1", "returned", 3, amount=100, points_back=1_000))
        await follow(on)
        assert await given_back(on) == {key(first): 50, key(held): 30}
        await on.tell(changed("c", "cancelled", 4))
        await prove(on)
        assert await given_back(on) == {key(first): 50, key(held): 30}
        assert await balance(on) == 300

    road.run(story)


def test_what_nobody_redeemed_or_somebody_else_did_is_left_alone(road):
    async def story(on: Road):
        first, _ = await paid(on)
        await on.tell(order("t", 1_000, who=TARO, at=hour(2)))
        named = [first, "0" * 32]
        await on.tell(order("other", 500, who=TARO, at=hour(2), redemptions=named))
        await on.tell(changed("c", "cancelled", 3, who=TARO, order_id="other"))
        await prove(on)
        assert await given_back(on) == {}
        assert await balance(on, TARO) == 10

    road.run(story)


@pytest.mark.parametrize(
    ("data", "field"),
    [({"redemptions": ["no-id"]}, "data.redemptions[0]"), ({"redemptions": "x"}, "data.redemptions")],
)
def test_a_malformed_id_is_named(road, data, field):
    async def story(on: Road):
        (result,) = await on.tell(order("o", 100, **data))
        assert isinstance(result, Problem)
        assert (result.code, result.field) == ("event_invalid", field)

    road.run(story)


def test_points_back_belong_to_a_part(road):
    async def story(on: Road):
        await on.tell(order("paid", 100, at=hour(0)))
        (result,) = await on.tell(changed("r", "returned", 1, points_back=3))
        assert isinstance(result, Problem)
        assert (result.code, result.field) == ("event_invalid", "data.points_back")

    road.run(story)
