"""Taking events in, on the real database: said once or often, alone or beside others, an event counts once and exactly."""

import asyncio
import re
from datetime import UTC, date, datetime, timedelta

import pytest

from engine.generated import document, program
from kizuna.core.errors import Problem
from kizuna.engine import EntryKind, Refusal
from kizuna.intake import Move, Outcome, PayloadDiffers
from kizuna.intake.writer import MEMBER_EVENTS_MAX
from kizuna.members import UnknownMember
from kizuna.program import from_data
from kizuna.publishing import BackDated, NothingPublished, publish
from road import HANAKO, MORNING, TARO, event, order, redemption


def code(result) -> str:
    return result.code if isinstance(result, Problem) else "outcome"


async def counts(on, *tables) -> list[int]:
    return [(await on.sql(f"SELECT count(*) FROM {table}"))[0][0] for table in tables]


def test_an_order_earns_and_the_answer_says_why(road):
    async def story(on):
        (told,) = await on.tell(order("a", 12_345))
        assert (told.points, told.balance, told.spend, told.version) == (123, 123, 12_345, 1)
        assert (told.refusal, told.level_before, told.level) == (Refusal.NONE, 0, 0)
        last_day = told.day + 89
        assert told.moves == [Move(EntryKind.EARN, 123, last_day, 0, 12_345, raw=123, version=1)]
        assert not told.replayed

    road.run(story)


def test_the_same_event_again_gets_the_first_answer_again(road):
    async def story(on):
        (first,) = await on.tell(order("a", 500))
        await on.tell(order("b", 900))
        before = await counts(on, "entry", "event", "seen", "batch", "outbox")
        (again,) = await on.tell(order("a", 500))
        assert again.replayed
        assert again == Outcome(**{name: getattr(first, name) for name in first.__struct_fields__} | {"replayed": True})
        assert await counts(on, "entry", "event", "seen", "batch", "outbox") == before
        assert (await on.verify()).issued == 14

    road.run(story)


def test_a_refused_redemption_again_gets_its_refusal_again(road):
    async def story(on):
        await on.tell(order("a", 500))
        (first,) = await on.tell(redemption("r", 9))
        await on.tell(order("b", 10_000))
        (again,) = await on.tell(redemption("r", 9))
        assert first.refusal == again.refusal == Refusal.SHORT
        assert (again.replayed, again.balance) == (True, 5)

    road.run(story)


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one after the other"])
def test_the_same_id_with_another_content_is_a_conflict(road, together):
    async def story(on):
        sent = [order("a", 500), order("a", 900), order("a", 500, who=TARO), order("a", 500)]
        results = await on.tell(*sent) if together else [(await on.tell(one))[0] for one in sent]
        assert [code(result) for result in results] == ["outcome", "event_conflict", "event_conflict", "outcome"]
        assert isinstance(results[1], PayloadDiffers)
        assert [results[0].replayed, results[3].replayed] == [False, True]
        assert await counts(on, "entry", "event", "member") == [1, 1, 1]

    road.run(story)


def test_the_same_id_of_another_source_is_another_event(road):
    async def story(on):
        there = event("a", "order.completed", {"order_id": "a", "amount": 500, "currency": "JPY"}, source="shop")
        results = await on.tell(order("a", 500), there)
        assert [result.balance for result in results] == [5, 10]

    road.run(story)


def test_results_stand_where_their_events_stood(road):
    async def story(on):
        results = await on.tell(
            order("a", 100), b"{", order("b", 200, currency="USD"), order("a", 100), redemption("r", 1, who=TARO),
            order("c", 300), order("a", 1),
        )  # fmt: skip
        assert [code(result) for result in results] == [
            "outcome",
            "event_malformed",
            "currency_wrong",
            "outcome",
            "unknown_member",
            "outcome",
            "event_conflict",
        ]
        assert [results[place].balance for place in (0, 3, 5)] == [1, 1, 4]

    road.run(story)


def test_an_order_enrols_a_newcomer_with_a_card(road):
    async def story(on):
        (told,) = await on.tell(order("a", 100, who="phone:03-1234-5678"))
        rows = await on.sql("SELECT kind, value FROM identity WHERE member_id = encode($1, 'hex')::uuid", told.member)
        known = {row["kind"]: row["value"] for row in rows}
        assert known["phone"] == "+81312345678"
        assert re.fullmatch(r"9\d{15}", known["card"])
        (by_card,) = await on.tell(order("b", 100, who=f"card:{known['card']}"))
        (by_id,) = await on.tell(order("c", 100, who=f"member:{told.member.hex()}"))
        assert by_card.member == by_id.member == told.member
        assert by_id.balance == 3
        joined = await on.sql("SELECT joined_on FROM member")
        assert [row["joined_on"].isoformat() for row in joined] == ["2025-03-01"]

    road.run(story)


@pytest.mark.parametrize("who", [HANAKO, "email:hanako@example.com", f"member:{'0' * 32}"])
def test_a_redemption_enrols_nobody(road, who):
    async def story(on):
        (told,) = await on.tell(redemption("r", 1, who=who))
        assert isinstance(told, UnknownMember)
        assert told.field == "subject"
        assert await counts(on, "member", "account", "identity", "seen", "event", "entry", "batch") == [0] * 7

    road.run(story)


def test_an_event_refused_for_want_of_a_member_may_come_again(road):
    async def story(on):
        assert isinstance((await on.tell(redemption("r", 1)))[0], UnknownMember)
        await on.tell(order("a", 100))
        (told,) = await on.tell(redemption("r", 1))
        assert (told.refusal, told.balance, told.replayed) == (Refusal.NONE, 0, False)

    road.run(story)


def test_a_redemption_before_the_order_that_enrols_is_refused_in_one_batch_as_in_two(road):
    async def story(on):
        apart = [(await on.tell(one))[0] for one in (redemption("r", 1), order("a", 100))]
        together = await on.tell(redemption("r2", 1, who=TARO), order("a2", 100, who=TARO))
        assert [code(one) for one in together] == [code(one) for one in apart] == ["unknown_member", "outcome"]

    road.run(story)


def test_what_was_not_recorded_claims_no_id_in_one_batch_as_in_two(road):
    async def story(on):
        apart = [(await on.tell(one))[0] for one in (redemption("r", 1), order("r", 100, who=TARO))]
        together = await on.tell(redemption("r2", 1), order("r2", 100, who=TARO))
        assert [code(one) for one in together] == [code(one) for one in apart] == ["unknown_member", "outcome"]

    road.run(story)


def test_a_program_may_refuse_those_it_does_not_know(make_brand, road_of):
    brand = make_brand(from_data(document(unknown_member="refuse")))

    async def story(on):
        results = await on.tell(order("a", 100), order("a", 100), order("b", 100, who="phone:03-1234-5678"))
        assert [code(result) for result in results] == ["unknown_member"] * 3
        assert await counts(on, "member", "seen", "batch", "outbox") == [0] * 4

    road_of(brand).run(story)


def test_a_redemption_that_is_refused_moves_nothing(make_brand, road_of):
    brand = make_brand(program(redemption={"minimum": 10, "step": 5}))

    async def story(on):
        await on.tell(order("a", 5_200))
        before = await on.sql("SELECT entry_count, counters, lots FROM account")
        results = await on.tell(redemption("r1", 5), redemption("r2", 12), redemption("r3", 55), redemption("r4", 50))
        assert [result.refusal for result in results] == [
            Refusal.BELOW_MINIMUM,
            Refusal.OFF_STEP,
            Refusal.SHORT,
            Refusal.NONE,
        ]
        assert [result.points for result in results] == [0, 0, 0, -50]
        assert [result.moves for result in results[:3]] == [[], [], []]
        assert await counts(on, "entry") == [2]
        after = await on.sql("SELECT entry_count, counters, lots FROM account")
        assert (before[0]["counters"], after[0]["counters"]) == ([52, *[0] * 8], [52, 50, *[0] * 7])
        assert (await on.verify()).ok

    road_of(brand).run(story)


def test_points_that_lapsed_are_written_down_when_the_member_is_next_seen(road):
    async def story(on):
        await on.tell(order("a", 1_000, at="2025-01-01T00:00:00Z"))
        (told,) = await on.tell(redemption("r", 1, at="2025-04-01T00:00:00Z"))
        assert (told.refusal, told.points, told.balance) == (Refusal.SHORT, 0, 0)
        assert [(move.kind, move.points) for move in told.moves] == [(EntryKind.EXPIRE, -10)]
        proof = await on.verify()
        assert (proof.issued, proof.expired, proof.outstanding) == (10, 10, 0)

    road.run(story)


def test_many_events_of_one_member_keep_their_order(road):
    async def story(on):
        events = [order(f"a{number}", 100 * number) for number in range(1, 3 * MEMBER_EVENTS_MAX)]
        events.insert(40, redemption("all", 820))  # 1 + 2 + … + 40, and not a point more
        events.insert(40, redemption("more", 821))
        results = await on.tell(*events)
        assert [results[40].refusal, results[41].refusal, results[41].balance] == [Refusal.SHORT, Refusal.NONE, 0]
        balance = 0
        for told in results:
            balance += told.points
            assert told.balance == balance
        entries = await on.sql("SELECT basis FROM entry WHERE kind = 1 ORDER BY n")
        assert [row["basis"] for row in entries] == [100 * number for number in range(1, 3 * MEMBER_EVENTS_MAX)]

    road.run(story)


def test_events_of_one_member_keep_their_order_under_all_of_her_names(road):
    async def story(on):
        (first,) = await on.tell(order("first", 0))
        many = [order(f"a{number}", 100) for number in range(MEMBER_EVENTS_MAX + 8)]
        results = await on.tell(*many, order("last", 100, who=f"member:{first.member.hex()}"))
        assert [told.balance for told in results] == list(range(1, MEMBER_EVENTS_MAX + 10))

    road.run(story)


def test_two_submissions_of_one_member_are_decided_in_their_order(road):
    async def story(on):
        answers = await asyncio.gather(*(on.tell(order(f"a{number}", 100)) for number in range(100)))
        assert [told.balance for (told,) in answers] == list(range(1, 101))

    road.run(story)


def test_writers_that_race_for_the_same_newcomers_and_events_never_double(road):
    async def story(on):
        for turn in range(5):
            events = [order(f"{turn}/{number}", 100, who=f"customer:{turn}/{number % 7}") for number in range(60)]
            answers = await asyncio.gather(
                *(on.tell(*(events if writer % 2 else events[::-1]), writer=writer) for writer in range(3))
            )
            by_id = [answer if writer % 2 else answer[::-1] for writer, answer in enumerate(answers)]
            for tellings in zip(*by_id, strict=True):
                assert sorted(told.replayed for told in tellings) == [False, True, True]
                assert len({(told.event_key, told.member, told.balance) for told in tellings}) == 1
        assert await counts(on, "member", "account", "event", "seen", "entry") == [35, 35, 300, 300, 300]
        assert await counts(on, "identity") == [70]
        proof = await on.verify()
        assert (proof.ok, proof.issued, proof.accounts) == (True, 300, 35)

    road.run(story, writers=3)


def test_writers_that_race_for_one_members_points_never_spend_them_twice(road):
    async def story(on):
        await on.tell(order("a", 10_000))
        answers = await asyncio.gather(
            *(
                on.tell(redemption(f"r{writer}/{number}", 9), writer=writer)
                for number in range(10)
                for writer in range(3)
            )
        )
        granted = [told for (told,) in answers if told.refusal == Refusal.NONE]
        assert sorted(told.balance for told in granted) == [100 - 9 * number for number in range(11, 0, -1)]
        assert {told.balance for (told,) in answers if told.refusal} == {1}
        assert (await on.verify(date(2025, 3, 1))).outstanding == 1

    road.run(story, writers=3)


def test_a_locked_row_is_waited_for_and_then_read_afresh(road):
    async def story(on):
        await on.tell(order("a", 10_000))
        async with on.db.transaction(on.brand.schema) as conn:
            await conn.execute("SELECT FROM account FOR UPDATE")
            waiting = asyncio.create_task(on.tell(redemption("r", 100)))
            await asyncio.sleep(0.3)
            assert not waiting.done()
        ((told,), (too_late,)) = await waiting, await on.tell(redemption("r2", 1))
        assert (told.balance, too_late.refusal) == (0, Refusal.SHORT)

    road.run(story)


def test_nothing_is_decided_before_a_program_is_published(make_brand, road_of):
    brand = make_brand(None)

    async def story(on):
        results = await on.tell(order("a", 100), redemption("r", 1))
        assert all(isinstance(result, NothingPublished) for result in results)
        assert await counts(on, "member", "seen", "batch") == [0, 0, 0]
        await publish(on.db, on.brand, program())
        (told,) = await on.tell(order("a", 100))
        assert (told.balance, told.replayed) == (1, False)

    road_of(brand).run(story)


def iso(at: datetime) -> str:
    return at.isoformat()


def test_each_event_is_decided_by_the_version_in_force_at_its_own_time(make_brand, road_of):
    brand = make_brand(program(awards=[{"points": 1, "per": 100}]))

    async def story(on):
        begins = datetime.now(UTC) + timedelta(milliseconds=300)
        assert await publish(on.db, on.brand, program(awards=[{"points": 2, "per": 100}]), effective_at=begins) == 2
        before, after = begins - timedelta(milliseconds=1), begins + timedelta(milliseconds=1)
        results = await on.tell(
            order("a", 100, at=MORNING),
            order("b", 100, at=iso(after)),
            order("c", 100, at=iso(before)),
            order("d", 100, at=iso(begins)),
            order("e", 100, at=iso(after), who=TARO),
        )
        assert [(told.version, told.points) for told in results] == [(1, 1), (2, 2), (1, 1), (2, 2), (2, 2)]
        rows = await on.sql("SELECT version, points FROM entry ORDER BY member_id, n")
        assert sorted(tuple(row) for row in rows) == [(1, 1), (1, 1), (2, 2), (2, 2), (2, 2)]
        assert (await on.verify(datetime.now(UTC).date())).ok

    road_of(brand).run(story)


def test_the_first_version_is_in_force_for_all_time_before(road):
    async def story(on):
        (told,) = await on.tell(order("a", 100, at="1970-01-01T00:00:00Z"))
        assert told.version == 1

    road.run(story)


@pytest.mark.parametrize("ago", [timedelta(days=365), timedelta(seconds=1)])
def test_a_version_is_never_back_dated(road, ago):
    async def story(on):
        with pytest.raises(BackDated) as caught:
            await publish(on.db, on.brand, program(), effective_at=datetime.now(UTC) - ago)
        assert caught.value.field == "effective_at"
        assert await counts(on, "program_version") == [1]

    road.run(story)


def test_no_version_begins_before_the_one_that_is_announced(road):
    async def story(on):
        later = datetime.now(UTC) + timedelta(days=7)
        await publish(on.db, on.brand, program(), effective_at=later)
        with pytest.raises(BackDated):
            await publish(on.db, on.brand, program(), effective_at=later - timedelta(seconds=1))
        assert await publish(on.db, on.brand, program()) == 3
        rows = await on.sql("SELECT effective_at FROM program_version ORDER BY version")
        assert [row["effective_at"] for row in rows[1:]] == [later, later]

    road.run(story)


def test_a_version_that_is_published_meanwhile_is_followed_by_every_writer(road):
    async def story(on):
        await on.tell(order("a", 100), writer=0)
        await on.tell(order("b", 100), writer=1)
        await publish(on.db, on.brand, program(awards=[{"points": 7, "per": 100}]))
        now = iso(datetime.now(UTC))
        for writer in (0, 1):
            (told,) = await on.tell(order(f"c{writer}", 100, at=now), writer=writer)
            assert (told.version, told.points) == (2, 7)

    road.run(story, writers=2)


def test_one_event_that_cannot_be_recorded_fails_alone(road):
    async def story(on):
        await on.sql("ALTER TABLE event ADD CONSTRAINT no_thirteen CHECK (id <> '13')")
        results = await on.tell(order("12", 100), order("13", 100), order("14", 100))
        assert [code(result) for result in results] == ["outcome", "event_invalid", "outcome"]
        assert [results[0].balance, results[2].balance] == [1, 2]
        assert await counts(on, "seen", "entry") == [2, 2]

    road.run(story)


def test_a_brand_sees_nothing_of_another(make_brand, road_of):
    one, other = make_brand(), make_brand()

    async def story(on):
        return (await on.tell(order("a", 500)))[0]

    first, second = road_of(one).run(story), road_of(other).run(story)
    assert (first.balance, second.balance, second.replayed) == (5, 5, False)


def test_a_brands_day_begins_in_its_own_time_zone(make_brand, road_of):
    brand = make_brand(timezone="Asia/Tokyo")

    async def story(on):
        before, after = await on.tell(
            order("a", 100, at="2025-03-01T14:59:59.999Z"), order("b", 100, at="2025-03-01T15:00:00Z")
        )
        assert after.day == before.day + 1

    road_of(brand).run(story)
