"""Every occasion, end to end on the real database: what a brand's events carry, what the calendar brings, who brought whom."""

import asyncio
from datetime import date

import pytest

from intake.designs import design, named, rule
from kizuna.core.errors import Problem, Unavailable
from kizuna.intake import REFERRALS, occasions
from kizuna.members import Profile, get
from kizuna.program import OCCASIONS
from kizuna.runtime.outbox import Follower, follow_once, waiting
from road import HANAKO, LONG_AFTER, TARO, event, order

FIXED = {"fixed": 5}
DATA = {
    "member.enrolled": {"channel": "web", "store": "ginza"},
    "review.posted": {"product": "mug", "rating": 5, "length": 120, "has_photo": True},
    "content.shared": {"network": "x"},
    "referral.qualified": {"side": "friend"},
    "member.anniversary": {"years": 2},
    "eco.action": {"action": "bag", "count": 3},
    "feedback.posted": {"kind": "idea"},
    "feedback.adopted": {"kind": "idea"},
    "order.delivered": {"order_id": "first"},
    "order.return_window_closed": {"order_id": "first"},
    "order.completed": {"order_id": "second", "amount": 900, "currency": "JPY"},
}
SURVEY = {
    "type": "survey.answered",
    "name": named("survey"),
    "fields": [
        {"id": "score", "name": named("score"), "type": "number", "required": True},
        {"id": "medium", "name": named("medium"), "type": "text", "one_of": ["app", "web"]},
        {"id": "complete", "name": named("complete"), "type": "flag"},
    ],
}


def code(result) -> str:
    return result.code if isinstance(result, Problem) else "outcome"


async def proved(on, as_of=LONG_AFTER):
    proof = await on.verify(as_of)
    assert proof.ok, proof.faults
    return proof


def test_every_occasion_earns(make_brand, road_of):
    program = design(
        *(rule(type_.replace(".", "-").replace("_", "-"), type_, FIXED) for type_ in OCCASIONS),
        referral={"event": "eco.action"},
    )

    async def story(on):
        await on.tell(order("first", 100))
        results = await on.tell(*(event(type_, type_, DATA.get(type_, {})) for type_ in OCCASIONS))
        assert {type_: code(one) for type_, one in zip(OCCASIONS, results, strict=True)} == dict.fromkeys(
            OCCASIONS, "outcome"
        )
        assert {type_: one.points for type_, one in zip(OCCASIONS, results, strict=True)} == dict.fromkeys(OCCASIONS, 5)
        assert results[-1].balance == 5 + 5 * len(OCCASIONS)
        await proved(on)

    road_of(make_brand(program)).run(story)


def test_what_a_brand_declares_is_checked_by_its_type(make_brand, road_of):
    program = design(
        rule("survey", "survey.answered", FIXED, condition={"fact": "event.score", "is": "at_least", "value": 4}),
        event_types=[SURVEY],
    )

    async def story(on):
        async def tell(id_, data, type_="survey.answered"):
            return (await on.tell(event(id_, type_, data)))[0]

        await on.tell(order("o", 100))
        assert [(await tell(f"s{score}", {"score": score, "complete": True})).points for score in (3, 4)] == [0, 5]
        for id_, data, problem, field in (
            ("a", {}, "event_invalid", "data.score"),
            ("b", {"score": "4"}, "event_invalid", "data.score"),
            ("c", {"score": True}, "event_invalid", "data.score"),
            ("d", {"score": 4.5}, "event_invalid", "data.score"),
            ("e", {"score": 4, "complete": 1}, "event_invalid", "data.complete"),
            ("f", {"score": 4, "medium": "apq"}, "event_invalid", "data.medium"),
            ("g", {"score": 4, "medum": "app"}, "field_unknown", "data.medum"),
            ("h", {"scor": 4}, "field_unknown", "data.scor"),
        ):
            found = await tell(id_, data)
            assert (code(found), found.field) == (problem, field), data
            assert str(found)
        assert "“medium”" in str(await tell("g", {"score": 4, "medum": "app"}))
        unknown = await tell("u", {"score": 4}, "survey.answerd")
        assert (code(unknown), unknown.field) == ("event_type_unknown", "type")
        assert {"survey.answered", "order.returned", "eco.action"} <= set(unknown.facts["known"].split(", "))
        assert (await on.sql("SELECT count(*) FROM event"))[0][0] == 3

    road_of(make_brand(program)).run(story)


def test_an_action_of_somebody_unknown_enrols_only_by_signing_up(make_brand, road_of):
    async def story(on):
        review, enrolled, again = await on.tell(
            event("r", "review.posted", {"rating": 5}),
            event("e", "member.enrolled", {}),
            event("r", "review.posted", {"rating": 5}),
        )
        assert [code(one) for one in (review, enrolled, again)] == ["unknown_member", "outcome", "unknown_member"]
        assert code((await on.tell(event("r", "review.posted", {"rating": 5})))[0]) == "outcome"

    road_of(make_brand(design())).run(story)


def test_a_program_may_refuse_sign_ups_too(make_brand, road_of):
    async def story(on):
        assert code((await on.tell(event("e", "member.enrolled", {})))[0]) == "unknown_member"

    road_of(make_brand(design(unknown_member="refuse"))).run(story)


def profile(**told):
    return {"profile": told}


def test_a_sign_up_tells_who_somebody_is(make_brand, road_of):
    async def story(on):
        sent = profile(name="絆 花子", name_kana="キズナ ハナコ", birthday="1990-02-28", language="ja")
        (told,) = await on.tell(event("e", "member.enrolled", sent))
        async with on.db.lend(on.brand.schema) as conn:
            found = (await get(conn, told.member)).profile
        assert found == Profile("絆 花子", "キズナ ハナコ", False, "ja", date(1990, 2, 28))
        await on.tell(event("p", "profile.completed", profile(language="en", birthday="1990-03-01")))
        async with on.db.lend(on.brand.schema) as conn:
            found = (await get(conn, told.member)).profile
        assert found == Profile("絆 花子", "キズナ ハナコ", False, "en", date(1990, 3, 1))
        for data, field in (
            (profile(birthday="1990-02-30"), "data.profile.birthday"),
            (profile(birthday="2999-01-01"), "data.profile.birthday"),
            (profile(name=5), "data.profile.name"),
            (profile(referred_by="fax:1"), "data.profile.referred_by"),
            (profile(referred_by=HANAKO), "data.profile.referred_by"),
        ):
            (refused,) = await on.tell(event("x", "profile.completed", data))
            assert refused.field == field, data

    road_of(make_brand(design())).run(story)


ON_BIRTHDAYS = rule("birthday", "member.birthday", FIXED)


def test_birthdays_are_told_once_a_year_on_their_day(make_brand, road_of):
    async def story(on):
        for number, born in enumerate(("1990-02-28", "1992-02-29", "1990-03-01", "1990-03-02", None)):
            told = profile(birthday=born) if born else {}
            await on.tell(
                event(f"e{number}", "member.enrolled", told, who=f"customer:c{number}", at="2025-01-10T09:00:00Z")
            )

        async def told_on(*days):
            for day in days:
                while await occasions.turn(on.db, on.brand, day, at_once=1):
                    pass
            rows = await on.sql("SELECT points FROM entry WHERE kind = 1")
            assert {row["points"] for row in rows} <= {5}
            return len(rows)

        assert await told_on(date(2025, 2, 27)) == 0
        assert await told_on(date(2025, 2, 28), date(2025, 2, 28)) == 2
        assert await told_on(date(2025, 3, 2), date(2025, 3, 1)) == 4  # nobody worked on the 1st
        await on.tell(event("late", "profile.completed", profile(birthday="1980-03-02"), who="customer:c4"))
        assert await told_on(date(2025, 3, 2), date(2025, 3, 2)) == 5
        assert await told_on(date(2028, 2, 28), date(2028, 2, 29)) == 7
        assert len(await on.sql("SELECT FROM event WHERE type = 'member.birthday' AND source = 'kizuna'")) == 7
        await proved(on, date(2028, 3, 1))

    road_of(make_brand(design(ON_BIRTHDAYS), timezone="Asia/Tokyo")).run(story)


def test_two_workers_tell_each_birthday_once(make_brand, road_of, monkeypatch):
    monkeypatch.setattr(occasions, "AT_ONCE", 3)

    async def story(on):
        await on.tell(
            *(event(f"e{n}", "member.enrolled", profile(birthday="1990-05-05"), who=f"customer:{n}") for n in range(20))
        )
        today = date(2025, 5, 5)

        async def one():
            while await occasions.turn(on.db, on.brand, today, at_once=2):
                pass

        for _ in range(3):
            await asyncio.gather(one(), one(), one())
        assert (await on.sql("SELECT count(*) FROM entry"))[0][0] == 20
        assert (await on.sql("SELECT count(*) FROM event WHERE type = 'member.birthday'"))[0][0] == 20

    road_of(make_brand(design(ON_BIRTHDAYS))).run(story)


def test_anniversaries_count_the_years(make_brand, road_of):
    years_only = rule(
        "second", "member.anniversary", FIXED, condition={"fact": "event.years", "is": "equals", "value": 2}
    )

    async def story(on):
        await on.tell(order("a", 100, at="2024-02-29T09:00:00Z"), order("b", 100, who=TARO, at="2024-03-01T09:00:00Z"))
        for day in (date(2024, 2, 29), date(2025, 2, 28), date(2025, 3, 1), date(2026, 2, 28), date(2026, 3, 1)):
            assert not await occasions.turn(on.db, on.brand, day)
        rows = await on.sql("SELECT body #>> '{data,years}' AS years FROM event WHERE type = 'member.anniversary'")
        assert sorted(row["years"] for row in rows) == ["1", "1", "2", "2"]
        assert (await on.sql("SELECT sum(points) FROM entry"))[0][0] == 10

    road_of(make_brand(design(years_only))).run(story)


def test_what_no_rule_speaks_of_is_not_told(make_brand, road_of):
    async def story(on):
        await on.tell(event("e", "member.enrolled", profile(birthday="1990-05-05")))
        assert not await occasions.turn(on.db, on.brand, date(2025, 5, 5))
        assert (await on.sql("SELECT count(*) FROM event"))[0][0] == 1

    road_of(make_brand(design())).run(story)


BRINGING = {
    "referral": {"event": "order.completed", "within_days": 30},
    "earning_rules": [
        rule("base", award={"points": 1, "per": 100}),
        rule(
            "thanks",
            "referral.qualified",
            {"fixed": 50},
            condition={"fact": "event.side", "is": "equals", "value": "referrer"},
        ),
        rule(
            "welcome",
            "referral.qualified",
            {"fixed": 20},
            condition={"fact": "event.side", "is": "equals", "value": "friend"},
        ),
    ],
}


async def follow_referrals(on, follower=REFERRALS):
    async with asyncio.timeout(10):
        while await waiting(on.db, on.brand.schema, follower.name):
            if not await follow_once(on.db, on.brand.schema, follower):
                await asyncio.sleep(0.01)


async def balances(on):
    rows = await on.sql(
        "SELECT i.value, a.counters[1] AS earned FROM account a JOIN identity i USING (member_id) WHERE i.kind = 'customer'"
    )
    return {row["value"]: row["earned"] for row in rows}


def test_both_sides_of_a_referral_are_told_once(make_brand, road_of):
    async def story(on):
        (hanako,) = await on.tell(order("a", 100))
        card = (await on.sql("SELECT value FROM identity WHERE kind = 'card'"))[0]["value"]
        friends = {"c1": HANAKO, "c2": card, "c3": f"member:{hanako.member.hex()}", "c4": "customer:nobody"}
        for who, by in friends.items():
            await on.tell(event(f"e-{who}", "member.enrolled", profile(referred_by=by), who=f"customer:{who}"))
        await on.tell(*(order(f"o-{who}", 100, who=f"customer:{who}") for who in friends))
        await on.tell(*(order(f"p-{who}", 100, who=f"customer:{who}") for who in friends))
        await follow_referrals(on)
        told = await balances(on)
        assert told == {"hanako": 1 + 3 * 50, "c1": 22, "c2": 22, "c3": 22, "c4": 2}
        await on.sql("DELETE FROM outbox_cursor")  # and everything once more
        await follow_referrals(on)
        assert await balances(on) == told
        await proved(on)

    road_of(make_brand(design(**BRINGING))).run(story)


def test_a_follower_that_is_killed_tells_both_sides_once(make_brand, road_of):
    async def story(on):
        await on.tell(order("a", 100))
        await on.tell(event("e", "member.enrolled", profile(referred_by=HANAKO), who=TARO), order("o", 100, who=TARO))

        async def half_way(conn, news):
            await REFERRALS.handle(conn, news)
            conn.terminate()

        with pytest.raises(Unavailable):
            await follow_referrals(on, Follower(REFERRALS.name, half_way))
        assert await balances(on) == {"hanako": 1, "taro": 1}
        await asyncio.gather(follow_referrals(on), follow_referrals(on))
        assert await balances(on) == {"hanako": 51, "taro": 21}

    road_of(make_brand(design(**BRINGING))).run(story)


def test_nobody_is_brought_by_somebody_who_came_later(make_brand, road_of):
    async def story(on):
        await on.tell(order("a", 100), order("b", 100, who=TARO, at="2025-03-02T09:00:00Z"))
        (told,) = await on.tell(event("p", "profile.completed", profile(referred_by=TARO), at="2025-03-02T10:00:00Z"))
        assert code(told) == "outcome"
        await on.tell(order("c", 100, at="2025-03-02T11:00:00Z"))
        await follow_referrals(on)
        assert await balances(on) == {"hanako": 2, "taro": 1}

    road_of(make_brand(design(**BRINGING))).run(story)


def test_oneself_is_nobody_to_be_brought_by_under_any_name(make_brand, road_of):
    async def story(on):
        (told,) = await on.tell(order("a", 100))
        (other_name,) = await on.tell(
            event("p", "profile.completed", profile(referred_by=f"member:{told.member.hex()}"))
        )
        assert (code(other_name), other_name.field) == ("self_referral", "data.profile.referred_by")

    road_of(make_brand(design(**BRINGING))).run(story)
