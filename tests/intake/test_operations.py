"""What people and shops ask for, on the real road: each story is read from top to bottom, and the proof holds at its end."""

from datetime import UTC, datetime, timedelta

import pytest

from kizuna.core.errors import Problem
from kizuna.engine import EntryKind
from kizuna.intake import Outcome
from road import HANAKO, TARO, Road, event, order, redemption

PROGRAM = """
program: 1
name: {ja: 試し, en: Trial}
units:
  - {id: points, name: {ja: ポイント, en: points}, expiry: {after_days: 30}}
  - {id: miles, name: {ja: マイル, en: miles}, expiry: never, pending: {days: 5}}
  - {id: card, name: {ja: ギフトカード, en: gift card}, kind: money, expiry: never}
tiers:
  by: spend
  window: calendar_year
  levels:
    - {id: base, name: {ja: 一般, en: Base}, at: 0}
    - {id: gold, name: {ja: ゴールド, en: Gold}, at: 10000}
earning_rules:
  - {id: base, event: order.completed, unit: points, name: {ja: 買物, en: Purchases}, award: {points: 1, per: 10}}
  - {id: miles, event: order.completed, name: {ja: マイル, en: Miles}, unit: miles, award: {points: 1, per: 100}}
redemption: {minimum: 1, step: 1}
returns: {grace_days: 10}
holds: {minutes_max: 43200}
transfers: {minimum: 5, maximum: 500}
pools: {members_max: 4}
charities: [{id: forest, name: {ja: 森, en: Forest}}]
adjustments: {reasons: [{id: lost_card, name: {ja: 紛失, en: Lost card}}]}
"""
START = datetime.now(UTC) - timedelta(days=60)


def day(number: int) -> str:
    return (START + timedelta(days=number)).isoformat()


@pytest.fixture
def road(make_brand, road_of):
    return road_of(make_brand(PROGRAM))


async def prove(on: Road) -> None:
    """Nothing was lost or made: the proof holds."""
    await on.seal()
    proof = await on.verify()
    assert proof.ok, proof.faults


def done(result) -> Outcome:
    assert isinstance(result, Outcome), str(result)
    return result


def refused(result, code: str) -> Problem:
    assert isinstance(result, Problem), result
    assert result.code == code
    return result


def test_a_hold_is_confirmed_in_part_and_the_rest_comes_back(road):
    async def story(on: Road):
        await on.tell(order("1", 1000, at=day(0)), order("2", 2000, at=day(10)))
        held = done(await on.ask("hold.placed", {"points": 150, "minutes": 60}, who=HANAKO, at=day(20)))
        assert (held.points, held.balance, held.about["held"]) == (-150, 150, 150)
        id_ = held.about["hold"]
        confirmed = done(await on.ask("hold.confirmed", {"hold": id_, "points": 120}, at=day(20)))
        assert (confirmed.balance, confirmed.about["redeemed"]) == (180, 120)
        assert [(move.kind, move.points) for move in confirmed.moves] == [
            (EntryKind.CONFIRM, -120),
            (EntryKind.VOID, 30),
        ]
        refused(await on.ask("hold.confirmed", {"hold": id_}, at=day(20)), "hold_confirmed")
        refused(await on.ask("hold.voided", {"hold": id_}, at=day(20)), "hold_confirmed")
        back = done(await on.ask("redemption.voided", {"redemption": id_, "points": 20}, at=day(21)))
        assert (back.balance, back.about["left"]) == (200, 100)
        back = done(await on.ask("redemption.voided", {"redemption": id_}, at=day(35)))
        assert back.balance == 300  # the lots of day 0 and their ten days of grace
        refused(await on.ask("redemption.voided", {"redemption": id_}, at=day(35)), "redemption_voided")
        await prove(on)

    road.run(story)


def test_a_hold_runs_out_belongs_to_its_key_and_can_be_asked_for_again(road):
    async def story(on: Road):
        await on.tell(order("1", 1000, at=day(0)))
        first = done(await on.ask("hold.placed", {"points": 40, "minutes": 5}, who=HANAKO, id_="h", at=day(1)))
        again = done(await on.ask("hold.placed", {"points": 40, "minutes": 5}, who=HANAKO, id_="h", at=day(1)))
        assert again.replayed
        assert again.about == first.about
        refused(
            await on.ask("hold.placed", {"points": 41, "minutes": 5}, who=HANAKO, id_="h", at=day(1)), "event_conflict"
        )
        id_ = first.about["hold"]
        refused(await on.ask("hold.confirmed", {"hold": id_}, at=day(1), by="key:other"), "hold_of_another_key")
        refused(await on.ask("hold.confirmed", {"hold": id_}, at=day(2)), "hold_timed_out")
        refused(await on.ask("hold.confirmed", {"hold": id_, "points": 41}, at=day(1)), "hold_too_small")
        refused(await on.ask("hold.placed", {"points": 61}, who=HANAKO, at=day(1)), "insufficient_points")
        done(await on.ask("hold.voided", {"hold": id_}, at=day(1)))
        refused(await on.ask("hold.voided", {"hold": id_}, at=day(1)), "hold_voided")
        refused(await on.ask("hold.confirmed", {"hold": "0" * 32}, at=day(1)), "hold_unknown")
        await prove(on)

    road.run(story)


def test_a_hold_that_is_over_says_so_when_its_member_was_merged_or_closed_since(road):
    async def story(on: Road):
        await on.tell(order("1", 1000, at=day(0)), order("2", 100, who=TARO, at=day(0)))
        held = done(await on.ask("hold.placed", {"points": 40}, who=HANAKO, at=day(1))).about["hold"]
        done(await on.ask("hold.confirmed", {"hold": held}, at=day(1)))
        done(await on.ask("member.merged", {"into": TARO}, who=HANAKO, at=day(2)))
        refused(await on.ask("hold.voided", {"hold": held}, at=day(2)), "hold_confirmed")
        refused(await on.ask("hold.confirmed", {"hold": held}, at=day(2), by="key:other"), "hold_of_another_key")
        done(await on.ask("member.closed", {}, who=TARO, at=day(3)))
        refused(await on.ask("hold.confirmed", {"hold": held}, at=day(3)), "member_closed")
        await prove(on)

    road.run(story)


def test_transfers_keep_last_days_and_repay_debts(road):
    async def story(on: Road):
        await on.tell(order("1", 1000, at=day(0)), order("2", 100, who=TARO, at=day(0)))
        sent = done(await on.ask("points.transferred", {"to": TARO, "points": 60}, who=HANAKO, at=day(5)))
        assert (sent.points, sent.balance) == (-60, 40)
        (taken,) = await on.tell(redemption("r", 70, who=TARO, at=day(6)))
        assert taken.balance == 0
        refused(
            await on.ask("points.transferred", {"to": HANAKO, "points": 60}, who=HANAKO, at=day(5)),
            "transfer_to_oneself",
        )
        refused(
            await on.ask("points.transferred", {"to": TARO, "points": 4}, who=HANAKO, at=day(5)),
            "transfer_out_of_range",
        )
        refused(
            await on.ask("points.transferred", {"to": TARO, "points": 41}, who=HANAKO, at=day(5)), "insufficient_points"
        )
        refused(
            await on.ask("points.transferred", {"to": "customer:x", "points": 5}, who=HANAKO, at=day(5)),
            "unknown_member",
        )
        done(await on.ask("member.closed", {}, who=TARO, at=day(7)))
        refused(await on.ask("points.transferred", {"to": TARO, "points": 5}, who=HANAKO, at=day(7)), "member_closed")
        (late,) = await on.tell(order("3", 100, who=TARO, at=day(8)))
        refused(late, "member_closed")
        await prove(on)

    road.run(story)


def test_corrections_by_hand(road):
    async def story(on: Road):
        await on.tell(order("1", 1000, at=day(0)))
        for data, code in (
            ({"points": 5, "reason": ""}, None),
            ({"points": 5, "reason": "nonsense"}, "reason_unknown"),
            ({"points": 0, "reason": "apology"}, "adjustment_zero"),
            ({"points": 2**53, "reason": "apology"}, "points_too_many"),
            ({"points": -101, "reason": "correction"}, "insufficient_points"),
            ({"points": 5, "reason": "apology", "only_for": "x"}, "purpose_unknown"),
            ({"points": 5, "reason": "apology", "unit": "x"}, "unit_unknown"),
            ({"points": 5, "reason": "apology", "expires_on": "2020-01-01"}, "date_in_the_past"),
        ):
            if code is None:
                with pytest.raises(Problem, match="reason"):
                    await on.ask("points.adjusted", data, who=HANAKO, at=day(1))
            else:
                refused(await on.ask("points.adjusted", data, who=HANAKO, at=day(1)), code)
        more = done(await on.ask("points.adjusted", {"points": 50, "reason": "lost_card"}, who=HANAKO, at=day(1)))
        assert (more.balance, more.about["reason"]) == (150, "lost_card")
        less = done(
            await on.ask(
                "points.adjusted", {"points": -160, "reason": "correction", "may_owe": True}, who=HANAKO, at=day(2)
            )
        )
        assert less.balance == -10
        bought = done(
            await on.ask(
                "points.adjusted", {"points": 3000, "reason": "gift_card", "unit": "card"}, who=HANAKO, at=day(2)
            )
        )
        assert bought.balances[2] == 3000
        spent = done(await on.ask("points.redeemed", {"points": 1200, "unit": "card"}, who=HANAKO, at=day(3)))
        assert spent.balances[2] == 1800
        await on.tell(order("2", 1000, at=day(4)))
        put_off = done(
            await on.ask(
                "points.extended",
                {"through": (START + timedelta(days=200)).date().isoformat(), "reason": "goodwill"},
                who=HANAKO, at=day(5),
            )
        )  # fmt: skip
        assert (put_off.about["extended"], put_off.points, put_off.balance) == (90, 0, 90)
        given = done(await on.ask("points.redeemed", {"points": 30, "charity": "forest"}, who=HANAKO, at=day(6)))
        assert given.balance == 60
        refused(
            await on.ask("points.redeemed", {"points": 30, "charity": "sea"}, who=HANAKO, at=day(6)), "charity_unknown"
        )
        await prove(on)

    road.run(story)


def test_two_members_become_one_and_two_again(road):
    async def story(on: Road):
        await on.tell(
            order("1", 1000, at=day(0)), order("2", 2000, who=TARO, at=day(1)), order("3", 9000, who=TARO, at=day(2))
        )
        held = done(await on.ask("hold.placed", {"points": 300, "minutes": 40_000}, who=TARO, at=day(3)))
        before = await on.verify()
        one = done(await on.ask("member.merged", {"into": HANAKO}, who=TARO, at=day(4)))
        after = await on.verify()
        assert (before.issued, before.redeemed, before.outstanding, before.pending) == (
            after.issued, after.redeemed, after.outstanding, after.pending,
        )  # fmt: skip
        (more,) = await on.tell(order("4", 100, who=TARO, at=day(5)))
        assert (more.balance, more.level) == (100 + 200 + 900 - 300 + 10, 1)
        assert more.member != one.member
        refused(await on.ask("member.merged", {"into": HANAKO}, who=TARO, at=day(5)), "merge_into_oneself")
        (back,) = await on.tell(event_returned("5", "2", who=HANAKO, at=day(6)))
        assert back.points == -200
        two = done(await on.ask("member.unmerged", {"merge": one.about["merge"]}, at=day(7)))
        assert two.about["undone"]
        (his,) = await on.tell(order("6", 100, who=TARO, at=day(8)))
        assert his.member == one.member
        assert his.balance == 200 + 900 - 300 + 10
        done(await on.ask("hold.confirmed", {"hold": held.about["hold"]}, at=day(9)))
        refused(await on.ask("member.unmerged", {"merge": one.about["merge"]}, at=day(9)), "merge_undone")
        await prove(on)

    road.run(story)


def event_returned(id_: str, order_id: str, *, who: str, at: str) -> bytes:
    return event(id_, "order.returned", {"order_id": order_id}, who=who, at=at)


def test_a_closed_account_holds_nothing_whatever_was_owed_beside_its_lots(road):
    async def story(on: Road):
        await on.tell(order("1", 1000, at=day(0)), order("2", 300, at=day(1)))
        await on.tell(redemption("r", 100, at=day(2)), event_returned("b", "1", who=HANAKO, at=day(3)))
        closed = done(await on.ask("member.closed", {}, who=HANAKO, at=day(4)))
        assert closed.balance == 0
        assert [row["lots"] for row in await on.sql("SELECT lots FROM account")] == [b""]
        await prove(on)

    road.run(story)


def test_what_was_redeemed_before_a_merge_comes_back_after_it(road):
    async def story(on: Road):
        await on.tell(order("1", 1000, at=day(0)), order("2", 1000, who=TARO, at=day(0)))
        spent = done(await on.ask("points.redeemed", {"points": 100}, who=TARO, at=day(1)))
        done(await on.ask("member.merged", {"into": HANAKO}, who=TARO, at=day(2)))
        back = done(await on.ask("redemption.voided", {"redemption": spent.about["redemption"]}, at=day(3)))
        assert back.balance == 200
        await prove(on)

    road.run(story)


def test_what_a_hold_did_not_need_goes_back_with_the_member_who_placed_it(road):
    async def story(on: Road):
        await on.tell(order("1", 1000, who=TARO, at=day(0)), order("2", 100, at=day(0)))
        held = done(await on.ask("hold.placed", {"points": 100, "minutes": 10_000}, who=TARO, at=day(1)))
        merged = done(await on.ask("member.merged", {"into": HANAKO}, who=TARO, at=day(2)))
        done(await on.ask("hold.confirmed", {"hold": held.about["hold"], "points": 40}, at=day(3)))
        done(await on.ask("member.unmerged", {"merge": merged.about["merge"]}, at=day(4)))
        (his,) = await on.tell(redemption("r", 60, who=TARO, at=day(5)))
        assert (his.refusal, his.balance) == (0, 0)
        await prove(on)

    road.run(story)


def test_nobody_tells_events_in_the_name_of_kizuna(road):
    async def story(on: Road):
        for source in ("kizuna", "key:till", "takeover:old"):
            (result,) = await on.tell(
                event(
                    "timed_out/x",
                    "order.completed",
                    {"order_id": "1", "amount": 1, "currency": "JPY"},
                    at=day(0),
                    source=source,
                )
            )
            refused(result, "event_invalid")
            assert result.field == "source"

    road.run(story)
