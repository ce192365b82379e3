"""Migrations from both sides: a fresh schema equals an upgraded one, and what was there survives."""

import asyncio
from pathlib import Path
from uuid import uuid4

import pytest

import kizuna.runtime
from kizuna.core.errors import Unavailable
from kizuna.runtime.brands import migrate_all
from kizuna.runtime.db import connect
from kizuna.runtime.migrate import migrate
from road import GROCER, order, redemption

FOLDER = Path(kizuna.runtime.__file__).parent / "migrations"
TRACKS = ("platform", "brand")

CATALOG = """
SELECT 'column' AS what, c.relname AS of, a.attname AS name,
    concat_ws(' ', format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'NOT NULL' END,
        'identity=' || a.attidentity::text, pg_get_expr(d.adbin, d.adrelid), a.attnum) AS is
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (c.oid, a.attnum)
WHERE c.relnamespace = current_schema()::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
UNION ALL
SELECT 'index', tablename, indexname, replace(indexdef, current_schema() || '.', '')
FROM pg_indexes WHERE schemaname = current_schema()
UNION ALL
SELECT 'relation', relname, relkind::text, array_to_string(reloptions, ',')
FROM pg_class WHERE relnamespace = current_schema()::regnamespace
UNION ALL
SELECT 'function', proname, '', replace(pg_get_functiondef(oid), current_schema() || '.', '')
FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
ORDER BY 1, 2, 3, 4
"""


def revisions(track):
    """Every revision of a track, oldest first."""
    return sorted(file.name[1:5] for file in (FOLDER / track).glob("r*.sql"))


def new_schema():
    return f"migrate_{uuid4().hex[:12]}"


async def catalog(server, schema):
    conn = await connect(server.locate, schema)
    try:
        return [tuple(row) for row in await conn.fetch(CATALOG)]
    finally:
        await conn.close()


async def revision(server, schema):
    conn = await connect(server.locate, schema)
    try:
        return [row["version_num"] for row in await conn.fetch("SELECT version_num FROM schema_version")]
    finally:
        await conn.close()


@pytest.mark.parametrize("track", TRACKS)
def test_a_fresh_schema_equals_one_upgraded_step_by_step(server, track):
    async def story():
        fresh, stepped = new_schema(), new_schema()
        await migrate(server.locate, fresh, track)
        for step in revisions(track):
            await migrate(server.locate, stepped, track, to=step)
            assert await revision(server, stepped) == [step]
        one, other = await catalog(server, fresh), await catalog(server, stepped)
        assert one == other
        assert {row[0] for row in one} >= {"column", "constraint", "index", "relation"}

    asyncio.run(story())


@pytest.mark.parametrize("track", TRACKS)
def test_migrating_twice_changes_nothing(server, track):
    async def story():
        schema = new_schema()
        await migrate(server.locate, schema, track)
        before = await catalog(server, schema), await revision(server, schema)
        await migrate(server.locate, schema, track)
        await migrate(server.locate, schema, track, to=revisions(track)[0])  # never back
        assert (await catalog(server, schema), await revision(server, schema)) == before
        assert before[1] == revisions(track)[-1:]

    asyncio.run(story())


@pytest.mark.parametrize("track", TRACKS)
def test_two_that_migrate_at_once_wait_for_each_other(server, track):
    async def story():
        schema = new_schema()
        await asyncio.gather(*(migrate(server.locate, schema, track) for _ in range(4)))
        assert await revision(server, schema) == revisions(track)[-1:]

    asyncio.run(story())


def test_what_a_brand_holds_survives_migrating_again(road):
    async def story(on):
        async def everything():
            tables = await on.sql("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1")
            return {
                row["tablename"]: sorted(map(str, await on.sql(f'SELECT t::text FROM "{row["tablename"]}" t')))
                for row in tables
            }

        await on.tell(order("a", 50_000), redemption("r", 70), order("b", 900))
        await on.seal()
        before = await everything()
        assert all(before[table] for table in ("member", "identity", "account", "entry", "event", "seen", "seal"))
        await migrate_all(on.db)
        await migrate(on.db.locate, on.brand.schema, "brand")
        assert await everything() == before
        (told,) = await on.tell(order("c", 100))
        assert told.balance == 500 - 70 + 9 + 1
        assert (await on.verify()).ok

    road.run(story)


def test_a_schema_of_one_brand_is_not_touched_by_anothers(server, make_brand):
    brand = make_brand(GROCER)

    async def story():
        before = await catalog(server, brand.schema)
        await migrate(server.locate, new_schema(), "brand")
        assert await catalog(server, brand.schema) == before

    asyncio.run(story())


def test_a_database_that_is_not_there_is_unavailable():
    with pytest.raises(Unavailable):
        asyncio.run(migrate(lambda: "postgresql://nobody:x@127.0.0.1:1/nothing", "x", "brand"))


def test_every_revision_has_its_sql_beside_it():
    for track in TRACKS:
        steps = {file.stem for file in (FOLDER / track).glob("r*.py")}
        assert steps == {file.stem for file in (FOLDER / track).glob("r*.sql")}
        assert steps
