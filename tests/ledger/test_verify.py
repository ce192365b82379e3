"""The proof finds every corruption that is planted, names it, and finds nothing where nothing is wrong."""

import asyncio
from datetime import date

import pytest

from kizuna.core.ids import BUCKETS
from kizuna.ledger import SEALER, Sums, store
from kizuna.ledger.model import digest
from kizuna.runtime.outbox import follow_once
from road import HANAKO, TARO, order, redemption

JIRO = "customer:jiro"
THEN = date(2025, 7, 1)


async def some_months(on):
    """Three members in five commits: earnings, redemptions out of several lots, lapses; all of it sealed."""
    await on.tell(
        order("h1", 10_000, at="2025-01-01T10:00:00Z"), order("t1", 5_000, who=TARO, at="2025-01-02T10:00:00Z")
    )
    await on.tell(order("h2", 3_000, at="2025-02-01T10:00:00Z"), order("j1", 700, who=JIRO, at="2025-02-02T10:00:00Z"))
    await on.tell(redemption("hr", 110, at="2025-03-01T10:00:00Z"))
    await on.tell(order("t2", 2_000, who=TARO, at="2025-06-01T10:00:00Z"))  # the first 50 have lapsed by now
    await on.tell(redemption("tr", 5, who=TARO, at="2025-06-02T10:00:00Z"), order("h3", 0, at="2025-06-02T10:00:00Z"))
    await on.seal()


def of(who: str) -> str:
    kind, value = who.split(":")
    return f"member_id = (SELECT member_id FROM identity WHERE kind = '{kind}' AND value = '{value}')"


def test_what_nobody_touched_is_true(road):
    async def story(on):
        await some_months(on)
        proof = await on.verify(THEN)
        assert proof.faults == []
        assert proof.ok
        assert (proof.issued, proof.redeemed, proof.expired, proof.outstanding) == (207, 115, 50 + 20 + 7, 15)
        assert (proof.entries, proof.accounts, proof.batches, proof.sealed) == (9, 3, 5, 5)
        assert proof.as_json()["as_of"] == "2025-07-01"

    road.run(story)


def test_a_brand_to_which_nothing_happened_is_true(road):
    async def story(on):
        proof = await on.verify(THEN)
        assert (proof.ok, proof.issued, proof.entries, proof.batches) == (True, 0, 0, 0)

    road.run(story)


@pytest.mark.parametrize(
    ("as_of", "expired", "outstanding"),
    [
        (date(2024, 12, 31), 0, 0),
        (date(2025, 1, 1), 0, 100),
        (date(2025, 3, 31), 0, 100),  # day 89: its last
        (date(2025, 4, 1), 100, 0),
    ],
)
def test_points_are_outstanding_through_their_last_day(road, as_of, expired, outstanding):
    async def story(on):
        await on.tell(order("a", 10_000, at="2025-01-01T23:59:59Z"))
        untouched = await on.verify(as_of)
        assert (untouched.expired, untouched.outstanding) == (expired, outstanding)
        await on.tell(redemption("r", 1, at="2025-12-01T00:00:00Z"))  # touched much later: written down, and the same
        touched = await on.verify(as_of)
        assert (touched.expired, touched.outstanding, touched.ok) == (expired, outstanding, True)

    road.run(story)


CORRUPTIONS = {
    "the last entry is removed": (f"DELETE FROM entry WHERE n = 4 AND {of(HANAKO)}", "entry count"),
    "an entry in the middle is removed": (f"DELETE FROM entry WHERE n = 2 AND {of(HANAKO)}", "missing or doubled"),
    "all entries are removed": ("DELETE FROM entry", "does not agree with its 0 entries"),
    "points are raised": (f"UPDATE entry SET points = points + 1 WHERE n = 1 AND {of(HANAKO)}", "counters"),
    "points change their sign": (f"UPDATE entry SET points = -points WHERE n = 1 AND {of(HANAKO)}", "direction"),
    "points move between two entries": (
        f"UPDATE entry SET points = points + CASE n WHEN 1 THEN 1 ELSE -1 END WHERE n IN (1, 2) AND {of(HANAKO)}",
        "other lots",
    ),
    "an earning becomes a redemption": (f"UPDATE entry SET kind = 2 WHERE n = 1 AND {of(HANAKO)}", "direction"),
    "a lapse becomes a redemption": ("UPDATE entry SET kind = 2 WHERE kind = 3", "other lots"),
    "an entry gets a kind that there is not": (f"UPDATE entry SET kind = 10 WHERE n = 1 AND {of(HANAKO)}", "direction"),
    "an entry is doubled": (
        f"""INSERT INTO entry SELECT bucket, member_id, gen_random_uuid(), n, batch_id, kind, unit, points, expires_on,
            version, rule, basis, taken FROM entry WHERE n = 1 AND {of(HANAKO)}""",
        "missing or doubled",
    ),
    "an entry is added at the end": (
        f"""INSERT INTO entry SELECT bucket, member_id, gen_random_uuid(), 5, batch_id, kind, unit, points, expires_on,
            version, rule, basis, taken FROM entry WHERE n = 1 AND {of(HANAKO)}""",
        "entry count",
    ),
    "an entry is moved to another member": (
        f"""UPDATE entry SET (bucket, member_id) = (SELECT bucket, member_id FROM account WHERE {of(JIRO)}), n = 2
            WHERE n = 4 AND {of(HANAKO)}""",
        "entry count",
    ),
    "an entry is moved to nobody": (
        f"UPDATE entry SET bucket = 0, member_id = '{'0' * 32}' WHERE {of(JIRO)}",
        "has entries but no row",
    ),
    "a lot expires later": (f"UPDATE entry SET expires_on = expires_on + 1 WHERE n = 2 AND {of(HANAKO)}", "open lots"),
    "a redemption took from another lot": ("UPDATE entry SET taken = '' WHERE kind = 2", "other lots"),
    "an entry names another version": (f"UPDATE entry SET version = 2 WHERE n = 1 AND {of(HANAKO)}", "batch"),
    "an entry names another rule": (f"UPDATE entry SET rule = 1 WHERE n = 1 AND {of(HANAKO)}", "batch"),
    "an entry names another basis": (f"UPDATE entry SET basis = 1 WHERE n = 1 AND {of(HANAKO)}", "batch"),
    "an entry names another unit": (f"UPDATE entry SET unit = 1 WHERE n = 1 AND {of(HANAKO)}", ""),
    "an entry names another event": (
        f"UPDATE entry SET event_key = gen_random_uuid() WHERE n = 1 AND {of(HANAKO)}",
        "batch",
    ),
    "an entry names another batch": (
        f"UPDATE entry SET batch_id = (SELECT max(batch_id) FROM batch) WHERE n = 1 AND {of(HANAKO)}",
        "batch",
    ),
    "an entry names a batch that there is not": (f"UPDATE entry SET batch_id = 99 WHERE {of(JIRO)}", "99 is missing"),
    "the counter of what was earned is raised": ("UPDATE account SET counters[1] = counters[1] + 1", "counters"),
    "the counter of what was spent is lowered": (f"UPDATE account SET counters[2] = 0 WHERE {of(HANAKO)}", "counters"),
    "the counter of what lapsed is lowered": (f"UPDATE account SET counters[3] = 0 WHERE {of(TARO)}", "counters"),
    "a debt appears": (f"UPDATE account SET counters[4] = 1 WHERE {of(TARO)}", "counters"),
    "a lot is changed": (f"UPDATE account SET lots = set_byte(lots, 8, 255) WHERE {of(TARO)}", "open lots"),
    "a lot is cut in two": (f"UPDATE account SET lots = substr(lots, 1, 8) WHERE {of(TARO)}", "open lots"),
    "all lots are gone": ("UPDATE account SET lots = ''", "open lots"),
    "the number of entries is changed": (f"UPDATE account SET entry_count = 3 WHERE {of(HANAKO)}", "entry count"),
    "a row is removed": (f"DELETE FROM account WHERE {of(JIRO)}", "has entries but no row"),
    "a row is emptied": (
        f"UPDATE account SET entry_count = 0, counters = '{{0,0,0,0}}', lots = '' WHERE {of(JIRO)}",
        "row",
    ),
    "a row with points appears": (
        f"""INSERT INTO account SELECT 0, '{"0" * 32}', 0, counters, lots, memory FROM account WHERE {of(JIRO)}""",
        "counters",
    ),
    "a row is moved to another member": (
        f"UPDATE account SET bucket = 0, member_id = '{'0' * 32}' WHERE {of(JIRO)}",
        "no row",
    ),
    "a batch is removed": (
        "DELETE FROM batch WHERE batch_id = (SELECT min(batch_id) FROM batch)",
        "is missing, though",
    ),
    "a batch issued more": ("UPDATE batch SET issued = issued + 1", "does not agree"),
    "a batch redeemed more": ("UPDATE batch SET redeemed = redeemed + 1", "does not agree"),
    "a batch lapsed more": ("UPDATE batch SET expired = expired + 1", "does not agree"),
    "a batch counts other entries": ("UPDATE batch SET entries = entries + 1", "does not agree"),
    "a batch has another digest": (
        "UPDATE batch SET digest = set_byte(digest, 0, 255 - get_byte(digest, 0))",
        "does not agree",
    ),
    "a seal is changed": (
        "UPDATE seal SET hash = set_byte(hash, 0, 255 - get_byte(hash, 0)) WHERE position = 3",
        "the chain breaks at seal 3",
    ),
    "the last seal is changed": (
        "UPDATE seal SET hash = set_byte(hash, 0, 255 - get_byte(hash, 0)) WHERE position = 5",
        "the chain breaks at seal 5",
    ),
    "a seal in the middle is removed": ("DELETE FROM seal WHERE position = 3", "the chain breaks at seal 4"),
    "the last seal is removed": ("DELETE FROM seal WHERE position = 5", ""),
    "all seals are removed": ("DELETE FROM seal", ""),
    "a seal names a batch that there is not": (
        "UPDATE seal SET batch_id = 99 WHERE position = 3",
        "99, which is missing",
    ),
    "a seal stands elsewhere": ("UPDATE seal SET position = 9 WHERE position = 5", "the chain breaks at seal 9"),
}


@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_every_corruption_is_found(road, corruption):
    statement, says = CORRUPTIONS[corruption]

    async def story(on):
        await some_months(on)
        async with on.db.lend(on.brand.schema) as conn:
            assert not (await conn.execute(statement)).endswith(" 0"), "the corruption touched nothing"
        proof = await on.verify(THEN)
        assert not proof.ok
        assert proof.faults
        assert says in "\n".join(proof.faults)

    road.run(story)


async def forge(on):
    """Give Jiro 1,000 points and leave no trace outside the chain: entry, row and batch all agree."""
    await on.sql(f"UPDATE entry SET points = points + 1000 WHERE {of(JIRO)}")
    await on.sql(
        f"""UPDATE account SET counters[1] = counters[1] + 1000,
            lots = set_byte(set_byte(lots, 8, (7 + 1000) % 256), 9, (7 + 1000) / 256) WHERE {of(JIRO)}"""
    )
    async with on.db.transaction(on.brand.schema) as conn:
        (batch_id,) = await conn.fetchrow(f"SELECT batch_id FROM entry WHERE {of(JIRO)}")
        entries = [
            entry
            for bucket in range(BUCKETS)
            async for entry, batch in store.each_entry(conn, bucket)
            if batch == batch_id
        ]
        await conn.execute(
            "UPDATE batch SET issued = issued + 1000, digest = $1 WHERE batch_id = $2", digest(entries), batch_id
        )


def test_a_forgery_that_leaves_no_other_trace_breaks_the_chain(road):
    async def story(on):
        await some_months(on)
        await forge(on)
        proof = await on.verify(THEN)
        assert [fault.split(" (")[0] for fault in proof.faults] == ["the chain breaks at seal 2"]

    road.run(story)


def test_every_commit_is_sealed_once_in_the_order_of_the_outbox(road):
    async def story(on):
        for number in range(4):
            await on.tell(order(f"a{number}", 100))
        await on.seal()
        before = await on.sql("SELECT position, batch_id, hash FROM seal ORDER BY position")
        await on.seal()
        assert await on.sql("SELECT position, batch_id, hash FROM seal ORDER BY position") == before
        for number in range(4, 7):
            await on.tell(order(f"a{number}", 100))
        assert (await on.verify()).sealed == 4
        await on.seal()
        rows = await on.sql("SELECT position, batch_id FROM seal ORDER BY position")
        told = await on.sql("SELECT payload FROM outbox ORDER BY outbox.xid, id")
        assert [row["position"] for row in rows] == list(range(1, 8))
        assert [row["batch_id"] for row in rows] == [row["payload"] for row in told]
        proof = await on.verify()
        assert (proof.ok, proof.sealed, proof.batches) == (True, 7, 7)

    road.run(story)


def test_two_sealers_beside_live_traffic_make_one_chain_and_every_look_is_true(road):
    async def story(on):
        done = asyncio.Event()

        async def sell(writer):
            for number in range(30):
                await on.tell(order(f"{writer}/{number}", 100, who=f"customer:{number % 5}"), writer=writer)

        async def seal():
            while not done.is_set():
                await follow_once(on.db, on.brand.schema, SEALER)
                await asyncio.sleep(0)

        async def look():
            looks = 0
            while not done.is_set():
                proof = await on.verify()
                assert proof.ok, proof.faults
                looks += 1
            return looks

        beside = [asyncio.create_task(one) for one in (seal(), seal(), look())]
        await asyncio.gather(sell(0), sell(1))
        done.set()
        *_, looks = await asyncio.gather(*beside)
        await on.seal()
        proof = await on.verify()
        assert (proof.ok, proof.issued, proof.sealed) == (True, 60, proof.batches)
        assert looks

    road.run(story, writers=2)


def test_the_fault_list_has_an_end(road):
    async def story(on):
        await on.tell(*(order(f"a{number}", 100, who=f"customer:{number}") for number in range(150)))
        await on.sql("UPDATE account SET entry_count = 7")
        proof = await on.verify()
        assert (proof.ok, len(proof.faults)) == (False, 100)

    road.run(story)


def test_sums_are_what_the_batches_tell(road):
    async def story(on):
        await some_months(on)
        rows = await on.sql("SELECT sum(issued)::bigint, sum(redeemed)::bigint, sum(expired)::bigint FROM batch")
        assert Sums(*rows[0]) == Sums(207, 115, 50 + 20)

    road.run(story)
