"""News travels exactly once, in order, and no row that commits late is stepped over."""

import asyncio

import pytest

from kizuna.runtime.db import write
from kizuna.runtime.outbox import Follower, News, announce, follow_once, waiting


def follower_into(heard: list[News], name: str = "test") -> Follower:
    async def handle(_conn, news):
        heard.extend(news)

    return Follower(name, handle)


async def say(conn, number: int, topic: str = "said") -> None:
    await write(conn, [announce(topic, f"{number}")])


async def follow_all(database, brand, follower) -> None:
    """Follow to the end; what other tests' open transactions hold back is waited for."""
    async with asyncio.timeout(10):
        while await waiting(database, brand.schema, follower.name):
            if not await follow_once(database, brand.schema, follower):
                await asyncio.sleep(0.01)


def test_a_row_that_commits_late_is_not_stepped_over(db, brand):
    async def story():
        heard = []
        follower = follower_into(heard)
        async with db() as database:
            async with database.lend(brand.schema) as early, database.lend(brand.schema) as late:
                slow, quick = late.transaction(), early.transaction()
                await slow.start()
                await say(late, 1)
                await quick.start()
                await say(early, 2)
                await quick.commit()
                assert await follow_once(database, brand.schema, follower) == 0
                assert await waiting(database, brand.schema, "test") == 1
                await slow.commit()
            await follow_all(database, brand, follower)
            assert heard == [News("said", 1), News("said", 2)]
            assert await follow_once(database, brand.schema, follower) == 0

    asyncio.run(story())


def test_a_row_that_is_rolled_back_is_never_heard(db, brand):
    async def story():
        heard = []
        async with db() as database:
            async with database.lend(brand.schema) as conn:
                gone = conn.transaction()
                await gone.start()
                await say(conn, 1)
                await gone.rollback()
                await say(conn, 2)
            await follow_all(database, brand, follower_into(heard))
        assert heard == [News("said", 2)]

    asyncio.run(story())


def test_each_row_is_handled_exactly_once_under_two_workers(db, brand):
    rows = 400

    async def note(conn, news):
        await asyncio.sleep(0)
        await conn.executemany("INSERT INTO handled (number) VALUES ($1)", [(one.payload,) for one in news])

    follower = Follower("note", note)

    async def tell(database, whose):
        async with database.lend(brand.schema) as conn:
            for number in range(rows // 2):
                async with conn.transaction():
                    await say(conn, whose * rows + number)

    async def work(database, told):
        while not (told.is_set() and not await waiting(database, brand.schema, "note")):
            await follow_once(database, brand.schema, follower)
            await asyncio.sleep(0)

    async def story():
        async with db() as database, db() as other:
            async with database.lend(brand.schema) as conn:
                await conn.execute("CREATE TABLE handled (place bigint GENERATED ALWAYS AS IDENTITY, number bigint)")
            told = asyncio.Event()
            workers = [asyncio.create_task(work(one, told)) for one in (database, other, other)]
            await asyncio.gather(tell(database, 0), tell(other, 1))
            told.set()
            async with asyncio.timeout(20):
                await asyncio.gather(*workers)
            async with database.lend(brand.schema) as conn:
                handled = [row["number"] for row in await conn.fetch("SELECT number FROM handled ORDER BY place")]
                in_order = [row["payload"] for row in await conn.fetch("SELECT payload FROM outbox ORDER BY xid, id")]
        assert len(handled) == rows
        assert sorted(handled) == sorted(in_order)
        assert [number for number in handled if number < rows] == list(range(rows // 2))
        assert [number for number in handled if number >= rows] == list(range(rows, rows + rows // 2))

    asyncio.run(story())


async def told_by_transactions(database, brand, xids) -> None:
    """Rows as the transactions of these numbers would have left them; all of them are long over."""
    async with database.lend(brand.schema) as conn:
        await conn.executemany(
            "INSERT INTO outbox (xid, topic, payload) VALUES ($1::text::xid8, 'said', $2)",
            [(str(xid), xid) for xid in xids],
        )


@pytest.mark.parametrize(("first", "last"), [(8, 12), (95, 105), (3, 600)], ids=["to 10", "to 100", "beyond one page"])
def test_transactions_are_in_the_order_of_their_numbers_also_where_those_grow_longer(db, brand, first, last):
    async def story():
        heard = []
        async with db() as database:
            await told_by_transactions(database, brand, range(first, last))
            await follow_all(database, brand, follower_into(heard))
            assert await follow_once(database, brand.schema, follower_into(heard)) == 0
        assert [one.payload for one in heard] == list(range(first, last))

    asyncio.run(story())


def test_while_one_worker_is_at_it_another_does_nothing(db, brand):
    async def story():
        heard, entered, go_on = [], asyncio.Event(), asyncio.Event()

        async def dawdle(_conn, news):
            entered.set()
            await go_on.wait()
            heard.extend(news)

        slow = Follower("test", dawdle)
        async with db() as database:
            async with database.lend(brand.schema) as conn:
                await say(conn, 1)
            first = asyncio.create_task(follow_all(database, brand, slow))
            await entered.wait()
            async with asyncio.timeout(10):
                assert await follow_once(database, brand.schema, slow) == 0
            other = []
            await follow_all(database, brand, follower_into(other, "another follower"))
            assert other == [News("said", 1)]
            go_on.set()
            await first
        assert heard == [News("said", 1)]

    asyncio.run(story())


def test_a_follower_that_fails_hears_the_same_news_again(db, brand):
    async def story():
        heard = []

        async def stumble(conn, news):
            heard.append([one.payload for one in news])
            await conn.execute("CREATE TABLE half_done ()")
            if len(heard) == 1:
                raise ZeroDivisionError

        follower = Follower("test", stumble)
        async with db() as database:
            async with database.transaction(brand.schema) as conn:
                await say(conn, 1)
                await say(conn, 2)
            with pytest.raises(ZeroDivisionError):
                await follow_all(database, brand, follower)
            await follow_all(database, brand, follower)  # the table of the first try is gone, or this would fail
            assert await waiting(database, brand.schema, "test") == 0
        assert heard == [[1, 2], [1, 2]]

    asyncio.run(story())


def test_brands_do_not_hear_each_other(db, make_brand):
    async def story(one, other):
        heard = []
        async with db() as database:
            async with database.lend(one.schema) as conn:
                await say(conn, 1)
            async with database.lend(other.schema) as conn:
                await say(conn, 2)
            await follow_all(database, other, follower_into(heard))
        assert heard == [News("said", 2)]

    asyncio.run(story(make_brand(None), make_brand(None)))
