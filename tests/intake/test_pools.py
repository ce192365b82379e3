"""Families and groups on the real road: who may do what, and what spending together takes, against a plain computation."""

import asyncio
import hashlib
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake.test_operations import done, prove, refused
from kizuna.core.days import day_date
from kizuna.core.lots import unpack
from kizuna.intake import Outcome
from kizuna.members import parse_subject, resolve
from road import HANAKO, TARO, Road, order

JIRO, KEN = "customer:jiro", "customer:ken"
PROGRAM = """
program: 1
name: {ja: 試し, en: Trial}
units: [{id: points, name: {ja: ポイント, en: points}, expiry: {after_days: 30}}]
tiers: {by: spend, window: calendar_year, levels: [{id: base, name: {ja: 一般, en: Base}, at: 0}]}
earning_rules:
  - {id: base, event: order.completed, unit: points, name: {ja: 買物, en: Purchases}, award: {points: 1, per: 10}}
redemption: {minimum: 1, step: 1}
returns: {grace_days: 10}
holds: {minutes_max: 43200}
transfers: {minimum: 5, maximum: 500, between: pool}
purposes: [{id: cafe, name: {ja: カフェ, en: Café}, channels: [cafe]}]
"""
TOGETHER = PROGRAM + "pools: {members_max: 3}\n"
TODAY = datetime.now(UTC)


@pytest.fixture
def road(make_brand, road_of):
    return road_of(make_brand(TOGETHER))


def code(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


async def enrol(on: Road, *people: str, amount: int = 100) -> None:
    for result in await on.tell(*(order(f"first-{who}", amount, who=who, at=TODAY.isoformat()) for who in people)):
        done(result)


async def invite(on: Road, head: str, who: str, name: str = "") -> Outcome:
    invitation = code(name or who)
    done(await on.ask("pool.invited", {"invitation": invitation}, who=head))
    return done(await on.ask("pool.joined", {"invitation": invitation}, who=who))


async def household(on: Road, head: str, *others: str, kind: str = "household") -> str:
    opened = done(await on.ask("pool.opened", {"name": "絆家", "kind": kind}, who=head))
    for who in others:
        await invite(on, head, who, f"{head} {who}")
    return opened.about["pool"]


async def in_pool(on: Road) -> dict[str, tuple[bool, bool]]:
    rows = await on.sql(
        "SELECT i.value, p.is_head, p.may_spend FROM pool_member p JOIN identity i USING (bucket, member_id) WHERE i.kind = 'customer'"
    )
    return {f"customer:{row['value']}": (row["is_head"], row["may_spend"]) for row in rows}


def test_a_household_is_formed_grows_and_ends(road):
    async def story(on: Road):
        await enrol(on, HANAKO, TARO, JIRO, KEN)
        before = await on.verify(TODAY.date())
        pool = await household(on, HANAKO, TARO)
        assert await in_pool(on) == {HANAKO: (True, True), TARO: (False, True)}
        refused(await on.ask("pool.opened", {"name": "二つ目"}, who=TARO), "in_pool_already")
        refused(await on.ask("pool.invited", {"invitation": code("x")}, who=TARO), "not_pool_head")
        refused(await on.ask("pool.joined", {"invitation": code("x")}, who=JIRO), "invitation_unknown")
        refused(await on.ask("pool.joined", {"invitation": code(f"{HANAKO} {TARO}")}, who=JIRO), "invitation_used")
        done(await on.ask("pool.invited", {"invitation": code("ken")}, who=HANAKO))
        joined = await invite(on, HANAKO, JIRO)
        assert (joined.about["pool"], joined.about["name"], joined.points, joined.moves) == (pool, "絆家", 0, [])
        refused(await on.ask("pool.joined", {"invitation": code("ken")}, who=KEN), "pool_full")
        refused(await on.ask("pool.invited", {"invitation": code("y")}, who=HANAKO), "pool_full")
        refused(await on.ask("pool.member_removed", {"member": HANAKO}, who=HANAKO), "pool_head_stays")
        refused(await on.ask("pool.member_removed", {"member": JIRO}, who=TARO), "not_pool_head")
        refused(await on.ask("pool.member_removed", {"member": KEN}, who=HANAKO), "not_in_pool")
        done(await on.ask("pool.member_removed", {"member": JIRO}, who=HANAKO))
        refused(await on.ask("pool.left", {}, who=JIRO), "not_in_pool")
        left = done(await on.ask("pool.left", {}, who=HANAKO))
        assert not left.about["ended"]
        assert await in_pool(on) == {TARO: (True, True)}
        refused(await on.ask("pool.joined", {"invitation": code("ken")}, who=KEN), "invitation_over")
        assert done(await on.ask("pool.left", {"pool": pool}, who=TARO)).about["ended"]
        assert [
            len(await on.sql(f"SELECT * FROM {table}")) for table in ("pool", "pool_member", "pool_invitation")
        ] == [0] * 3
        after = await on.verify(TODAY.date())
        assert before.outstanding == after.outstanding == 40
        told = await on.sql("SELECT type, count(*) AS n FROM event WHERE type LIKE 'pool.%' GROUP BY type")
        assert {row["type"]: row["n"] for row in told} == {
            "pool.opened": 1, "pool.invited": 3, "pool.joined": 2, "pool.member_removed": 1, "pool.left": 2,
        }  # fmt: skip
        await prove(on)

    road.run(story)


def test_the_head_says_who_spends_in_an_organisation(road):
    async def story(on: Road):
        await enrol(on, HANAKO, TARO)
        await household(on, HANAKO, TARO, kind="organisation")
        assert (await in_pool(on))[TARO] == (False, False)
        spend = {"points": 15, "from_pool": True}
        refused(await on.ask("points.redeemed", spend, who=TARO), "pool_not_allowed")
        refused(await on.ask("pool.allowed", {"member": TARO, "may_spend": True}, who=TARO), "not_pool_head")
        done(await on.ask("pool.allowed", {"member": TARO, "may_spend": True}, who=HANAKO))
        assert done(await on.ask("points.redeemed", spend, who=TARO)).balance == 0
        refused(await on.ask("points.redeemed", spend, who=TARO), "insufficient_points")
        done(await on.ask("pool.allowed", {"member": TARO, "may_spend": False}, who=HANAKO))
        refused(await on.ask("points.redeemed", {"points": 1, "from_pool": True}, who=TARO), "pool_not_allowed")
        await prove(on)

    road.run(story)


def test_an_invitation_ends_after_seven_days_and_is_answered_again(road):
    async def story(on: Road):
        await enrol(on, HANAKO, TARO, JIRO)
        await household(on, HANAKO)
        done(await on.ask("pool.invited", {"invitation": code("a")}, who=HANAKO))
        late = (datetime.now(UTC) + timedelta(days=7, minutes=1)).isoformat()
        refused(await on.ask("pool.joined", {"invitation": code("a")}, who=TARO, at=late), "invitation_over")
        first = done(await on.ask("pool.joined", {"invitation": code("a")}, who=TARO, id_="j"))
        again = done(await on.ask("pool.joined", {"invitation": code("a")}, who=TARO, id_="j"))
        assert again.replayed
        assert again.about == first.about
        refused(await on.ask("pool.joined", {"invitation": code("a")}, who=JIRO, id_="j"), "event_conflict")

    road.run(story)


def test_no_pools_without_the_program(make_brand, road_of):
    async def story(on: Road):
        await enrol(on, HANAKO)
        refused(await on.ask("pool.opened", {"name": "絆家"}, who=HANAKO), "pools_not_allowed")

    road_of(make_brand(PROGRAM.replace(", between: pool", ""))).run(story)


def test_who_closes_or_merges_leaves(road):
    async def story(on: Road):
        await enrol(on, HANAKO, TARO, JIRO, KEN)
        await household(on, HANAKO, TARO, JIRO)
        done(await on.ask("member.closed", {}, who=HANAKO))
        assert await in_pool(on) == {TARO: (True, True), JIRO: (False, True)}
        one = done(await on.ask("member.merged", {"into": KEN}, who=TARO))
        assert (await in_pool(on)) == {
            TARO: (True, True),
            KEN: (True, True),
            JIRO: (False, True),
        }  # both names are Ken's
        done(await on.ask("member.unmerged", {"merge": one.about["merge"]}))
        assert await in_pool(on) == {TARO: (True, True), JIRO: (False, True)}
        two = done(await on.ask("member.merged", {"into": JIRO}, who=TARO))
        rows = await on.sql("SELECT is_head FROM pool_member")
        assert [row["is_head"] for row in rows] == [True]
        done(await on.ask("member.unmerged", {"merge": two.about["merge"]}))
        assert await in_pool(on) == {TARO: (False, True), JIRO: (True, True)}
        done(await on.ask("member.merged", {"into": JIRO}, who=TARO))
        done(await on.ask("member.closed", {}, who=JIRO))
        assert not await on.sql("SELECT * FROM pool")
        await prove(on)

    road.run(story)


def test_points_pass_within_the_pool_only(road):
    async def story(on: Road):
        await enrol(on, HANAKO, TARO, JIRO)
        await household(on, HANAKO, TARO)
        assert done(await on.ask("points.transferred", {"to": TARO, "points": 5}, who=HANAKO)).balance == 5
        refused(await on.ask("points.transferred", {"to": JIRO, "points": 5}, who=HANAKO), "not_of_one_pool")

    road.run(story)


def test_two_who_spend_at_once_never_overdraw(road):
    async def story(on: Road):
        await enrol(on, HANAKO, TARO, JIRO, amount=1000)
        await household(on, HANAKO, TARO, JIRO)
        results = await asyncio.gather(
            *(
                on.ask("points.redeemed", {"points": 40, "from_pool": True}, who=who, writer=number % 2)
                for number, who in enumerate((HANAKO, TARO, JIRO) * 6)
            )
        )
        taken = [one for one in results if isinstance(one, Outcome)]
        assert len(taken) == 7  # of 300 points
        assert {one.code for one in results if not isinstance(one, Outcome)} == {"insufficient_points"}
        proof = await on.verify(TODAY.date())
        assert proof.ok, proof.faults
        assert proof.outstanding == 20

    road.run(story, writers=2)


def test_who_is_taken_out_while_spending_spends_nothing_of_the_others(road):
    async def story(on: Road):
        await enrol(on, HANAKO, TARO, amount=1000)
        await household(on, HANAKO, TARO)
        removed, *spent = await asyncio.gather(
            on.ask("pool.member_removed", {"member": TARO}, who=HANAKO, writer=0),
            *(
                on.ask("points.redeemed", {"points": 15, "from_pool": True}, who=TARO, writer=1, id_=f"s{number}")
                for number in range(13)
            ),
        )
        done(removed)
        for one in spent:
            if not isinstance(one, Outcome):
                refused(one, "pool_not_allowed")
        refused(await on.ask("points.redeemed", {"points": 15, "from_pool": True}, who=TARO), "pool_not_allowed")
        await prove(on)

    road.run(story, writers=2)


# Spending together, against a plain computation

Lots = dict[tuple[date | None, int], int]
LOT = st.tuples(st.integers(1, 4), st.booleans(), st.integers(1, 60))
PERSON = st.tuples(st.lists(LOT, max_size=4), st.integers(0, 40), st.integers(0, 50))
WISH = st.tuples(st.integers(0, 2), st.integers(1, 160), st.booleans())


async def held(on: Road, members: list[bytes]) -> list[tuple[Lots, int]]:
    """Each member's open lots by last day and restriction, and what they owe."""
    rows = {row["member_id"].bytes: row for row in await on.sql("SELECT member_id, lots, counters FROM account")}
    return [
        (
            {(day_date(lot.expires_on), lot.restriction): lot.remaining for lot in unpack(rows[one]["lots"])},
            rows[one]["counters"][3],
        )
        for one in members
    ]


def spend(people: list[tuple[Lots, int]], ids: list[bytes], who: int, points: int, at_cafe: bool) -> bool:  # noqa: FBT001 - a drawn wish
    """Spend as the rules say, one point after the other; return whether it goes."""
    owed = people[who][1]
    usable = {0, 1} if at_cafe else {0}
    pots = [sum(n for (_, kind), n in lots.items() if kind in usable) - owes for lots, owes in people]
    if sum(max(0, pot) for pot in pots) - owed < points:
        return False
    order_of = [who, *sorted((one for one in range(len(people)) if one != who), key=lambda one: ids[one])]
    for _ in range(points + owed):
        _, _, _, one, key = min(
            (last or date.max, kind, place, one, (last, kind))
            for place, one in enumerate(order_of)
            if pots[one] > 0
            for (last, kind), n in people[one][0].items()
            if n and kind in usable
        )
        people[one][0][key] -= 1
        pots[one] -= 1
    people[who] = (people[who][0], 0)
    return True


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PERSON, min_size=3, max_size=3), st.lists(WISH, min_size=1, max_size=4))
def test_spending_together_takes_what_ends_first(make_brand, road_of, people, wishes):
    runner = _runner(make_brand, road_of)

    async def story(on: Road):
        number = len(await on.sql("SELECT 1 FROM pool"))
        names = [f"customer:p{number}-{one}" for one in range(3)]
        await enrol(on, *names, amount=0)
        ids = list((await _ids(on, names)).values())
        await household(on, *names)
        for name, (lots, owes, reserved) in zip(names, people, strict=True):
            for days, at_cafe, points in lots:
                told = {
                    "points": points,
                    "reason": "apology",
                    "expires_on": (TODAY + timedelta(days=days)).date().isoformat(),
                }
                done(await on.ask("points.adjusted", told | ({"only_for": "cafe"} if at_cafe else {}), who=name))
            if reserved:
                await on.ask("hold.placed", {"points": reserved, "channel": "cafe"}, who=name)
            if owes:
                taken = {"points": -owes, "reason": "correction", "may_owe": True}
                done(await on.ask("points.adjusted", taken, who=name))
        for who, points, at_cafe in wishes:
            expected = await held(on, ids)
            goes = spend(expected, ids, who, points, at_cafe)
            asked = {"points": points, "from_pool": True} | ({"channel": "cafe"} if at_cafe else {})
            result = await on.ask("points.redeemed", asked, who=names[who])
            assert isinstance(result, Outcome) is goes, (result, expected)
            assert await held(on, ids) == [({k: n for k, n in lots.items() if n}, owes) for lots, owes in expected]
        proof = await on.verify()
        assert proof.ok, proof.faults

    runner.run(story)


_made = []


def _runner(make_brand, road_of):
    """One brand for all examples; each has people of its own."""
    if not _made:
        _made.append(road_of(make_brand(TOGETHER)))
    return _made[0]


async def _ids(on: Road, names: list[str]) -> dict[str, bytes]:
    async with on.db.lend(on.brand.schema) as conn:
        identities = [parse_subject(name, on.brand.country) for name in names]
        found = await resolve(conn, identities)
    return {name: found[one] for name, one in zip(names, identities, strict=True)}
