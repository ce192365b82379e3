"""The ledger made again from its entries alone is the live one, and what was planted in the live one shows."""

import json

import pytest

from kizuna.ledger import Effort, rebuild
from ledger.test_proof import PROGRAM, every_kind
from road import event, order

PLANTED = {
    "a lot": ("UPDATE account SET lots = set_byte(lots, 8, 255) WHERE member_id = (SELECT member_id FROM hold WHERE state = 0)", "member"),
    "a hold": ("UPDATE hold SET points = points + 1 WHERE state = 0", "hold"),
    "a batch": ("UPDATE batch SET adjusted = adjusted + 1 WHERE batch_id = (SELECT max(batch_id) FROM batch)", "batch"),
    "a seal": ("UPDATE seal SET hash = set_byte(hash, 0, 255 - get_byte(hash, 0)) WHERE position = 2", "seal 2"),
    "a row that no entry made": (
        """INSERT INTO account SELECT 0, '00000000-0000-0000-0000-000000000000', entry_count, counters, lots, memory
           FROM account LIMIT 1""",
        "its entries make nothing",
    ),
}  # fmt: skip


@pytest.fixture
def road(make_brand, road_of):
    return road_of(make_brand(PROGRAM))


async def schemas(on) -> list[str]:
    rows = await on.sql("SELECT nspname FROM pg_namespace WHERE nspname LIKE $1", f"{on.brand.schema}%")
    return sorted(row["nspname"] for row in rows)


def test_it_is_made_again_from_entries_and_every_planted_difference_shows(road):
    async def story(on):
        await every_kind(on)
        told = []
        made = await rebuild(on.db, on.brand, lambda *at: told.append(at), effort=Effort(part_entries=4))
        assert (made.differences, made.told) == (0, [])
        assert (made.accounts, made.holds) == (3, 1)
        assert made.batches == made.seals == len(await on.sql("SELECT 1 FROM batch"))
        assert told[-1][0] == told[-1][1] > 10
        assert await schemas(on) == [on.brand.schema]
        for name, (statement, says) in PLANTED.items():
            async with on.db.lend(on.brand.schema) as conn:
                assert not (await conn.execute(statement)).endswith(" 0"), name
            made = await rebuild(on.db, on.brand, keep=True)
            assert made.differences >= 1, name
            assert says in "\n".join(made.told), (name, made.told)
            assert json.dumps(made.as_json())
        assert await schemas(on) == [on.brand.schema, made.schema]
        kept = await on.sql(f'SELECT count(*) AS rows FROM "{made.schema}".account')
        assert kept[0]["rows"] == 3
        await rebuild(on.db, on.brand)
        assert await schemas(on) == [on.brand.schema]

    road.run(story)


def test_what_only_recorded_an_event_is_a_link_of_the_chain_too(road):
    async def story(on):
        await on.tell(order("1", 10_000))
        for number in range(2, 5):
            (answer,) = await on.tell(event(str(number), "profile.completed", {}))
            assert (answer.points, answer.moves) == (0, [])
        await on.tell(order("5", 10_000))
        await on.seal()
        made = await rebuild(on.db, on.brand, effort=Effort(part_entries=1))
        assert (made.differences, made.told, made.batches, made.seals) == (0, [], 5, 5)
        async with on.db.lend(on.brand.schema) as conn:
            await conn.execute("UPDATE batch SET entries = 1 WHERE entries = 0")
        assert (await rebuild(on.db, on.brand)).differences == 3

    road.run(story)
