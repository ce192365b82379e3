"""SQL and the engine read a condition alike: some hundred members with a history, many conditions, the same answer for each member."""

import asyncio
import json
import random
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from insight.figures import follow, pass_time
from kizuna.core.days import day_number
from kizuna.engine import State, holds
from kizuna.ledger import accounts, member_key
from kizuna.program import (
    COMPARISONS,
    All,
    AnyOf,
    Compare,
    FactType,
    Is,
    Not,
    Program,
    Segment,
    from_data,
    leaves,
    member_facts,
)
from kizuna.publishing import PlanBook
from kizuna.segments import SegmentInvalid, count, members, members_where
from kizuna.segments.store import FACTS
from road import event, order

MEMBERS = 300
TODAYS = [date(2026, 2, 28), date(2026, 7, 1), date(2028, 2, 29)]
"""A day on which those of the 29th keep their birthday, an ordinary one, and a 29 February."""


def name(word: str) -> dict[str, str]:
    return {"ja": word, "en": word}


PROGRAM = from_data(
    {
        "program": 1,
        "name": name("会員"),
        "units": [{"id": "points", "name": name("ポイント"), "expiry": "never"}],
        "tiers": {
            "by": "spend",
            "window": "calendar_year",
            "held": "window",
            "levels": [{"id": f"level-{at}", "name": name(str(at)), "at": at} for at in (0, 5_000, 20_000)],
        },
        "segments": [
            {"id": "again", "name": name("again"), "condition": {"fact": "member.orders", "is": "above", "value": 1}},
            {
                "id": "faithful",
                "name": name("faithful"),
                "condition": {"all": [{"segment": "again"}, {"fact": "member.spend", "is": "at_least", "value": 5_000}]},
            },
        ],
        "earning_rules": [
            {"id": "purchase", "name": name("購入"), "event": "order.completed", "unit": "points",
             "award": {"points": 1, "per": 100}},
            {"id": "profile", "name": name("登録"), "event": "profile.completed", "unit": "points"},
        ],
        "journey": {
            "stages": [
                {"id": "newcomer", "name": name("初"), "steps": [{"id": "a", "name": name("購入"), "rule": "purchase"}]},
                {"id": "customer", "name": name("客"), "steps": [{"id": "b", "name": name("登録"), "rule": "profile"}]},
                {"id": "fan", "name": name("ファン")},
            ]
        },
    }
)  # fmt: skip


def histories(dice: random.Random) -> list[bytes]:
    """Sign-ups with and without a birthday and a friend, orders, some of them sent back."""
    told: list[tuple[datetime, bytes]] = []
    for number in range(MEMBERS):
        who = f"customer:{number:04}"
        joined = datetime(2025, 1, 1, 9, tzinfo=UTC) + timedelta(days=dice.randrange(420))
        profile = {}
        if dice.random() < 0.7:
            profile["birthday"] = dice.choice(["1992-02-29", "1990-02-28", "1988-03-01", "2000-07-01", "1975-11-20"])
        if number > 10 and dice.random() < 0.3:
            profile["referred_by"] = f"customer:{dice.randrange(10):04}"
            joined = max(joined, datetime(2026, 1, 2, 9, tzinfo=UTC))
        if number <= 10:
            joined = datetime(2025, 1, 1, 9, tzinfo=UTC)
        told.append(
            (joined, event(f"e{number}", "member.enrolled", {"profile": profile}, who=who, at=joined.isoformat()))
        )
        if dice.random() < 0.3:
            told.append((joined, event(f"p{number}", "profile.completed", {}, who=who, at=joined.isoformat())))
        at = joined
        for n in range(dice.choice([0, 0, 1, 2, 3, 5])):
            at += timedelta(days=dice.randrange(1, 60))
            if at.date() >= TODAYS[0]:
                break
            id_ = f"{number}-{n}"
            amount = dice.choice([500, 2_500, 5_000, 20_000])
            told.append((at, order(id_, amount, who=who, at=at.isoformat())))
            if dice.random() < 0.2:
                back = at + timedelta(hours=1)
                data = {"order_id": id_} | ({"amount": amount // 2} if dice.random() < 0.5 else {})
                told.append((back, event(f"r{id_}", "order.returned", data, who=who, at=back.isoformat())))
    return [one for _, one in sorted(told, key=lambda pair: pair[0])]


def conditions(dice: random.Random, program: Program, wanted: int):
    """Trees over every fact that the database knows, every comparison, values that members have."""
    facts = [fact for fact_name, fact in member_facts(program).items() if fact_name in FACTS]
    numbers = [0, 1, 2, 3, 30, 60, 120, 365, 500, 2_500, 5_000, 7_500, 20_000]

    def value(fact, is_):
        def one():
            if fact.type is FactType.RANK:
                return dice.choice(fact.choices)
            return dice.random() < 0.5 if fact.type is FactType.FLAG else dice.choice(numbers)

        return [one() for _ in range(dice.randrange(1, 4))] if is_ in (Is.ONE_OF, Is.NONE_OF) else one()

    def tree(depth: int):
        kind = dice.random()
        if depth and kind < 0.3:
            parts = [tree(depth - 1) for _ in range(dice.randrange(4))]
            return All(all=parts) if dice.random() < 0.5 else AnyOf(any=parts)
        if depth and kind < 0.45:
            return Not.model_validate({"not": tree(depth - 1)})
        if kind < 0.5:
            return Segment(segment=dice.choice(program.segments).id)
        fact = dice.choice(facts)
        is_ = dice.choice(COMPARISONS[fact.type])
        return Compare.model_validate({"fact": fact.name, "is": is_, "value": value(fact, is_)})

    alone = [
        Compare.model_validate({"fact": fact.name, "is": is_, "value": value(fact, is_)})
        for fact in facts
        for is_ in COMPARISONS[fact.type]
    ]
    return [*alone, *(tree(3) for _ in range(wanted))]


@pytest.mark.parametrize("seed", range(2))
def test_sql_and_the_engine_read_a_condition_alike(make_brand, road_of, seed):
    dice = random.Random(seed)
    brand = make_brand(PROGRAM)

    async def story(on):
        for result in await on.tell(*histories(dice)):
            assert not isinstance(result, Exception), result
        for today in TODAYS:
            when = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
            await follow(on, when)
            await pass_time(on, when)
            await compare(on, today, conditions(dice, PROGRAM, 150))

    async def compare(on, today, trees):
        async with on.db.lend(brand.schema) as conn:
            book = PlanBook()
            await book.refresh(conn)
            plan = book.plans[-1]
            everybody = [one["member_id"].bytes for one in await conn.fetch("SELECT member_id FROM member")]
            rows = await accounts(conn, everybody)
            assert len(rows) == len(everybody) == MEMBERS
            kept = [rows[one] for one in everybody]
            state = State.unpack(
                book.names,
                [one.memory for one in kept],
                [one.flat_counters for one in kept],
                [one.lots for one in kept],
                [one.waiting for one in kept],
                [member_key(one) for one in everybody],
            )
            days = np.full(MEMBERS, day_number(today), np.int32)
            answers = set()
            for tree in trees:
                wanted = holds(plan, state, np.arange(MEMBERS), days, tree)
                right = {one for one, is_in in zip(everybody, wanted, strict=True) if is_in}
                found = [one async for page in members(conn, PROGRAM, tree, today, size=97) for one in page]
                assert len(found) == len(set(found)) == await count(conn, PROGRAM, tree, today)
                assert set(found) == right, f"{today} {json.dumps(tree.model_dump(mode='json'))}"
                answers.add(len(right))
            assert len(answers) > 30, "the conditions hardly tell members apart"

    road_of(brand).run(story)


@pytest.mark.parametrize(
    ("condition", "field"),
    [
        ({"fact": "member.shoe_size", "is": "equals", "value": 40}, "fact"),
        ({"fact": "order.amount", "is": "equals", "value": 40}, "fact"),
        ({"fact": "member.tier", "is": "equals", "value": "diamond"}, "value"),
        ({"fact": "member.orders", "is": "equals", "value": "many"}, "value"),
        ({"fact": "member.orders", "is": "equals", "value": True}, "value"),
        ({"fact": "member.is_birthday", "is": "equals", "value": 1}, "value"),
        ({"fact": "member.is_birthday", "is": "one_of", "value": [1]}, "is"),
        ({"fact": "member.orders", "is": "one_of", "value": 3}, "is"),
        ({"fact": "member.orders", "is": "above", "value": [3]}, "is"),
    ],
)
def test_what_members_cannot_be_listed_by_is_refused_with_its_place(condition, field):
    tree = All(all=[Not.model_validate({"not": Compare.model_validate(condition)})])
    with pytest.raises(SegmentInvalid) as refused:
        members_where(PROGRAM, tree, TODAYS[0])
    assert refused.value.field == f"all.0.not.{field}"
    assert "member.orders" in str(refused.value)


def test_a_segment_that_the_document_does_not_name_is_refused():
    with pytest.raises(SegmentInvalid) as refused:
        members_where(PROGRAM, AnyOf(any=[Segment(segment="nobody")]), TODAYS[0])
    assert refused.value.field == "any.0.segment"


def test_every_value_is_a_parameter():
    tree = All(
        all=[
            Compare.model_validate({"fact": "member.orders", "is": "equals", "value": 4_711}),
            Segment(segment="faithful"),
        ]
    )
    fragment = members_where(PROGRAM, tree, TODAYS[0])
    assert "4711" not in fragment.sql
    assert fragment.args == [4_711, 1, 5_000]


def test_every_fact_of_members_is_known_to_the_database_but_further_tracks():
    assert set(member_facts(PROGRAM)) == set(FACTS)
    assert all(
        leaf.fact in FACTS
        for segment in PROGRAM.segments
        for _, leaf in leaves(segment.condition)
        if hasattr(leaf, "fact")
    )


def test_a_brand_without_members_has_nobody(make_brand, db):
    brand = make_brand(PROGRAM)

    async def ask():
        async with db() as database, database.lend(brand.schema) as conn:
            return await count(conn, PROGRAM, All(all=[]), TODAYS[0])

    assert asyncio.run(ask()) == 0
