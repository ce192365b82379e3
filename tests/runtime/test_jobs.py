"""Jobs: done by one worker at a time, taken over from the dead, stopped when asked, and never done twice at once."""

import asyncio
import json
import signal
import subprocess
import sys
import textwrap
import time
from datetime import UTC, datetime, timedelta

import pytest

from kizuna.core.errors import N_, Kind, NotFound, Problem, Unavailable
from kizuna.runtime import jobs
from kizuna.runtime.jobs import Handler, JobState, ask_to_cancel, enqueue, find, recent, work_once
from kizuna.runtime.worker import work_jobs


class FileUnreadable(Problem):
    code = "file_unreadable"
    kind = Kind.INVALID
    title = N_("The file {name} cannot be read.")
    remedy = N_("Send it again.")


def handler(run, kind="test") -> dict[str, Handler]:
    return {kind: Handler(kind, run)}


async def ask(database, brand, kind="test", about=None, **more) -> int:
    async with database.transaction(brand.schema) as conn:
        return await enqueue(conn, kind, about or {}, "mika@example.com", **more)


async def look(database, brand, job_id) -> jobs.Job:
    async with database.lend(brand.schema) as conn:
        return await find(conn, job_id)


async def until(database, brand, job_id, true) -> jobs.Job:
    async with asyncio.timeout(20):
        while True:
            job = await look(database, brand, job_id)
            if true(job):
                return job
            await asyncio.sleep(0.05)


def test_a_job_is_done_and_keeps_its_result(db, brand):
    async def run(_db, its_brand, job, tell):
        assert (its_brand.slug, job.about, job.asked_by) == (brand.slug, {"file": "a.csv"}, "mika@example.com")
        tell("Reading", 3, 4)
        return {"orders": 4}

    async def story():
        async with db() as database:
            job_id = await ask(database, brand, about={"file": "a.csv"})
            assert (await look(database, brand, job_id)).state is JobState.WAITING
            assert await work_once(database, brand, handler(run))
            job = await look(database, brand, job_id)
            assert (job.state, job.result, job.phase, job.done, job.total) == (
                JobState.DONE,
                {"orders": 4},
                "Reading",
                3,
                4,
            )
            assert job.finished_at >= job.started_at >= job.asked_at
            assert not await work_once(database, brand, handler(run))

    asyncio.run(story())


def test_a_job_exists_exactly_when_its_transaction_does(db, brand):
    async def story():
        async with db() as database:
            async with database.lend(brand.schema) as conn:
                asking = conn.transaction()
                await asking.start()
                gone = await enqueue(conn, "test", {}, "mika")
                await asking.rollback()
            with pytest.raises(NotFound):
                await look(database, brand, gone)

    asyncio.run(story())


@pytest.mark.parametrize("number", [0, -1, 1 << 63, 10**30])
def test_a_number_of_no_job_finds_none(db, brand, number):
    async def story():
        async with db() as database:
            with pytest.raises(NotFound):
                await look(database, brand, number)

    asyncio.run(story())


def test_work_asked_for_twice_at_a_time_is_done_once(db, brand):
    async def nothing(*_):
        return {}

    async def story():
        async with db() as database:
            first = await ask(database, brand, once="verify")
            again = await asyncio.gather(*(ask(database, brand, once="verify") for _ in range(5)))
            assert set(again) == {first}
            assert await ask(database, brand, once="other") != first
            assert await ask(database, brand) != await ask(database, brand)
            while await work_once(database, brand, handler(nothing)):
                pass
            assert await ask(database, brand, once="verify") != first, "what has ended may be asked for again"

    asyncio.run(story())


def test_many_workers_share_the_jobs_and_none_is_done_twice(db, brand):
    done: list[int] = []

    async def run(_db, _brand, job, _tell):
        done.append(job.id)
        await asyncio.sleep(0.01)

    async def story():
        async with db() as database, db() as other:
            asked = [await ask(database, brand) for _ in range(20)]

            async def work(mine):
                while await work_once(mine, brand, handler(run)):
                    pass

            await asyncio.gather(*(work(one) for one in (database, database, other, other)))
            assert sorted(done) == asked

    asyncio.run(story())


def test_a_kind_that_this_worker_does_not_know_is_left_alone(db, brand):
    async def story():
        async with db() as database:
            job_id = await ask(database, brand, kind="other")
            assert not await work_once(database, brand, handler(None))
            assert (await look(database, brand, job_id)).state is JobState.WAITING

    asyncio.run(story())


def test_a_failure_keeps_its_words(db, brand):
    async def run(*_):
        raise FileUnreadable(field="file", name="注文.csv")

    async def story():
        async with db() as database:
            job_id = await ask(database, brand)
            await work_once(database, brand, handler(run))
            job = await look(database, brand, job_id)
            assert job.state is JobState.FAILED
            assert (job.problem.code, job.problem.field, job.problem.facts) == (
                "file_unreadable",
                "file",
                {"name": "注文.csv"},
            )
            assert str(job.problem) == "file: The file 注文.csv cannot be read. Send it again."

    asyncio.run(story())


def test_a_mistake_of_ours_is_logged_and_named(db, brand, caplog):
    async def run(*_):
        raise ZeroDivisionError

    async def story():
        async with db() as database:
            job_id = await ask(database, brand)
            await work_once(database, brand, handler(run))
            job = await look(database, brand, job_id)
            assert (job.state, job.problem.code) == (JobState.FAILED, "job_faulty")
            assert job.problem.facts["trace"] in caplog.text
            assert "ZeroDivisionError" in caplog.text

    asyncio.run(story())


def test_a_job_whose_database_went_away_is_taken_up_again(db, brand, monkeypatch):
    monkeypatch.setattr(jobs, "RENEW_EVERY_S", 0.0)
    tries: list[int] = []

    async def run(_db, _brand, job, _tell):
        tries.append(job.attempt)
        if len(tries) == 1:
            raise Unavailable

    async def story():
        async with db() as database:
            job_id = await ask(database, brand)
            await work_once(database, brand, handler(run))
            assert (await look(database, brand, job_id)).state is JobState.WAITING
            await asyncio.sleep(0.01)
            assert await work_once(database, brand, handler(run))
            job = await look(database, brand, job_id)
            assert (job.state, job.deaths, tries) == (JobState.DONE, 0, [1, 2])

    asyncio.run(story())


COUNT_WRITES = """
CREATE TABLE written (at timestamptz DEFAULT now());
CREATE FUNCTION note_write() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO written DEFAULT VALUES; RETURN NULL; END $$;
CREATE TRIGGER note_write AFTER UPDATE ON job EXECUTE FUNCTION note_write();
"""


def test_progress_is_seen_while_the_work_runs_and_written_seldom(db, brand, monkeypatch):
    monkeypatch.setattr(jobs, "WRITE_EVERY_S", 0.1)
    go = asyncio.Event()

    async def run(_db, _brand, _job, tell):
        for done in range(10_000):
            tell("Posting", done, 10_000)
            if done % 100 == 0:
                await asyncio.sleep(0.005)
        await go.wait()

    async def story():
        async with db() as database:
            job_id = await ask(database, brand)
            async with database.lend(brand.schema) as conn:
                await conn.execute(COUNT_WRITES)
            began = time.monotonic()
            work = asyncio.create_task(work_once(database, brand, handler(run)))
            job = await until(database, brand, job_id, lambda job: job.done > 0)
            assert (job.state, job.phase, job.total) == (JobState.RUNNING, "Posting", 10_000)
            await until(database, brand, job_id, lambda job: job.done == 9_999)
            go.set()
            await work
            assert (await look(database, brand, job_id)).done == 9_999
            async with database.lend(brand.schema) as conn:
                writes = await conn.fetchval("SELECT count(*) FROM written")
            assert writes <= (time.monotonic() - began) / 0.1 + 3

    asyncio.run(story())


def test_rate_and_time_left_follow_the_phase():
    at = datetime(2026, 11, 21, tzinfo=UTC)
    job = jobs.Job(
        1, "t", {}, "m", JobState.RUNNING, 1, 0, "Posting", 3_000, 13_000, at - timedelta(seconds=10), 1_000, {}, None, False,
        at, at, None,
    )  # fmt: skip
    assert job.rate(at) == 200
    assert job.left(at) == timedelta(seconds=50)
    assert job.rate(at - timedelta(seconds=9.5)) is None, "too early to tell"


def test_a_wish_to_stop_is_seen_at_a_safe_point(db, brand, monkeypatch):
    monkeypatch.setattr(jobs, "WRITE_EVERY_S", 0.05)
    done = 0

    async def run(_db, _brand, _job, tell):
        nonlocal done
        while True:
            done += 1
            tell("Posting", done)
            await asyncio.sleep(0.02)
            tell.stop_if_asked()

    async def story():
        async with db() as database:
            job_id = await ask(database, brand)
            work = asyncio.create_task(work_once(database, brand, handler(run)))
            await until(database, brand, job_id, lambda job: job.done > 0)
            async with database.transaction(brand.schema) as conn:
                assert await ask_to_cancel(conn, job_id)
            async with asyncio.timeout(5):
                await work
            job = await look(database, brand, job_id)
            assert (job.state, job.done) == (JobState.CANCELLED, done)
            async with database.transaction(brand.schema) as conn:
                assert not await ask_to_cancel(conn, job_id)

    asyncio.run(story())


def test_work_that_does_not_listen_is_stopped_after_a_while(db, brand, monkeypatch):
    monkeypatch.setattr(jobs, "WRITE_EVERY_S", 0.05)
    monkeypatch.setattr(jobs, "CANCEL_GRACE_S", 0.1)
    monkeypatch.setattr(jobs, "RENEW_EVERY_S", 0.1)

    async def run(*_):
        await asyncio.sleep(60)

    async def story():
        async with db() as database:
            job_id = await ask(database, brand)
            work = asyncio.create_task(work_once(database, brand, handler(run)))
            await until(database, brand, job_id, lambda job: job.state is JobState.RUNNING)
            async with database.transaction(brand.schema) as conn:
                await ask_to_cancel(conn, job_id)
            async with asyncio.timeout(5):
                await work
            assert (await look(database, brand, job_id)).state is JobState.CANCELLED

    asyncio.run(story())


def test_a_job_that_waits_is_cancelled_at_once(db, brand):
    async def story():
        async with db() as database:
            job_id = await ask(database, brand)
            async with database.transaction(brand.schema) as conn:
                assert await ask_to_cancel(conn, job_id)
            assert (await look(database, brand, job_id)).state is JobState.CANCELLED
            assert not await work_once(database, brand, handler(None))

    asyncio.run(story())


def test_a_worker_that_lost_its_job_writes_nothing_more(db, brand, monkeypatch):
    monkeypatch.setattr(jobs, "WRITE_EVERY_S", 0.05)
    monkeypatch.setattr(jobs, "RENEW_EVERY_S", 0.05)
    ended = []

    async def slow(_db, _brand, job, _tell):
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(job.attempt)

    async def quick(*_):
        return {"by": "second"}

    async def story():
        async with db() as database:
            job_id = await ask(database, brand)
            first = asyncio.create_task(work_once(database, brand, handler(slow)))
            await until(database, brand, job_id, lambda job: job.state is JobState.RUNNING)
            async with database.lend(brand.schema) as conn:
                # As if the first had slept past its lease, and could not renew it since.
                await conn.execute("UPDATE job SET leased_until = now() - interval '1 s', attempt = attempt + 1")
            tries = 0
            while not await work_once(database, brand, handler(quick)):  # the first may be trying to renew just now
                tries += 1
                assert tries < 1000
            async with asyncio.timeout(30):
                await first
            job = await look(database, brand, job_id)
            assert (job.state, job.result, job.deaths) == (JobState.DONE, {"by": "second"}, 1)
            assert ended == [1]

    asyncio.run(story())


def test_work_that_kills_its_workers_is_given_up(db, brand):
    async def story():
        async with db() as database:
            job_id = await ask(database, brand)
            async with database.lend(brand.schema) as conn:
                await conn.execute(
                    "UPDATE job SET state = 'running', deaths = $1, leased_until = now() - interval '1 s'",
                    jobs.DEATHS_MAX,
                )
            assert await work_once(database, brand, handler(None))
            job = await look(database, brand, job_id)
            assert (job.state, job.problem.code, job.problem.facts["times"]) == (JobState.FAILED, "job_abandoned", 4)

    asyncio.run(story())


def test_a_worker_that_is_told_to_stop_gives_its_job_back(db, brand):
    async def slow(_db, _brand, _job, tell):
        tell("Posting", 7, 10)
        await asyncio.sleep(60)

    async def story():
        async with db() as database:
            job_id = await ask(database, brand, kind="slow")
            stop = asyncio.Event()
            worker = asyncio.create_task(work_jobs(database, [Handler("slow", slow)], stop))
            await until(database, brand, job_id, lambda job: job.state is JobState.RUNNING)
            stop.set()
            async with asyncio.timeout(5):
                await worker
            job = await look(database, brand, job_id)
            assert (job.state, job.deaths) == (JobState.WAITING, 0)

    asyncio.run(story())


def test_what_is_open_comes_first_and_old_ends_are_left_out(db, brand):
    async def nothing(*_):
        return {}

    async def story():
        async with db() as database:
            old, ended = await ask(database, brand), await ask(database, brand)
            while await work_once(database, brand, handler(nothing)):
                pass
            waiting = await ask(database, brand)
            async with database.lend(brand.schema) as conn:
                await conn.execute("UPDATE job SET finished_at = now() - interval '31 days' WHERE job_id = $1", old)
                assert [job.id for job in await recent(conn)] == [waiting, ended]
                assert await jobs.notices(conn, datetime(2020, 1, 1, tzinfo=UTC)) == (1, 2)
                assert await jobs.notices(conn, datetime.now(UTC)) == (1, 0)

    asyncio.run(story())


WORKER = textwrap.dedent(
    """
    import asyncio, sys
    from kizuna.runtime.brands import get_brand
    from kizuna.runtime.db import Database
    from kizuna.runtime.jobs import Handler, work_once

    async def run(db, brand, job, tell):
        async with db.lend(brand.schema) as conn:
            done = await conn.fetchval("SELECT count(*) FROM piece")
        for number in range(done, 40):
            async with db.transaction(brand.schema) as conn:
                await conn.execute("INSERT INTO piece VALUES ($1)", number)
            tell("Working", number + 1, 40)
            await asyncio.sleep(0.05)
        return {"pieces": 40, "resumed_at": done}

    async def main():
        db = await Database.open(lambda: sys.argv[1])
        brand = await get_brand(db, sys.argv[2])
        while True:
            if not await work_once(db, brand, {"pieces": Handler("pieces", run)}):
                await asyncio.sleep(0.1)

    asyncio.run(main())
    """
)


def test_a_job_outlives_a_worker_that_is_killed(db, brand, server):
    """A worker dies by -9 in the middle; another takes over when the lease is over, goes on from there, and ends the job."""

    def worker() -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", WORKER, server.locate(), brand.slug])

    async def story(first, start_second):
        async with db() as database:
            async with database.lend(brand.schema) as conn:
                await conn.execute("CREATE TABLE piece (number integer PRIMARY KEY)")
            job_id = await ask(database, brand, kind="pieces")
            await until(database, brand, job_id, lambda job: job.done >= 5)
            first.send_signal(signal.SIGKILL)
            first.wait()
            started = time.monotonic()
            stuck = await look(database, brand, job_id)
            assert stuck.state is JobState.RUNNING
            async with database.lend(brand.schema) as conn:
                left = await conn.fetchval("SELECT leased_until - now() FROM job WHERE job_id = $1", job_id)
                assert timedelta(0) < left <= timedelta(seconds=jobs.LEASE_S)
                # The lease is shortened rather than waited for.
                await conn.execute("UPDATE job SET leased_until = now() + interval '1 s' WHERE job_id = $1", job_id)
            second = start_second()
            try:
                job = await until(database, brand, job_id, lambda job: not job.state.is_open)
            finally:
                second.kill()
                second.wait()
            assert (job.state, job.attempt, job.deaths) == (JobState.DONE, 2, 1)
            assert job.result["pieces"] == 40
            assert job.result["resumed_at"] >= 5
            assert time.monotonic() - started < 15
            async with database.lend(brand.schema) as conn:
                assert await conn.fetchval("SELECT count(*) FROM piece") == 40

    first = worker()
    try:
        asyncio.run(story(first, worker))
    finally:
        first.kill()
        first.wait()


def test_the_ledger_can_be_checked_as_a_job(road):
    from kizuna.app import HANDLERS  # noqa: PLC0415 - the wiring is what is tested

    async def story(on):
        async with on.db.transaction(on.brand.schema) as conn:
            job_id = await enqueue(conn, "verify_ledger", {}, "mika")
        assert await work_once(on.db, on.brand, {one.kind: one for one in HANDLERS})
        async with on.db.lend(on.brand.schema) as conn:
            job = await find(conn, job_id)
        assert job.state is JobState.DONE, job.problem
        assert set(job.result) == {"accounts", "entries", "batches"}
        assert json.dumps(job.result)

    road.run(story)
