"""Studies on the real database: kept, run by a worker in a process of its own, stopped, told of one member, and asked otherwise."""

import asyncio
from dataclasses import replace
from datetime import date

import pytest

from kizuna import simulate
from kizuna.app import handlers
from kizuna.core.errors import NotFound
from kizuna.program import parse
from kizuna.runtime import jobs
from kizuna.runtime.settings import Settings
from kizuna.simulate import Asked, Axis, Design, Multiples, Source, StudyChanged, TooManyDesigns
from kizuna.simulate.grid import PlaceUnknown
from road import GROCER, TARO, event, order

PROGRAM = GROCER.replace("per: 100", "per: 10")
DEARER = GROCER.replace("per: 100", "per: 5")


def asked(*designs: Design, **more) -> Asked:
    made = designs or (Design("now", parse(PROGRAM)), Design("dearer", parse(DEARER), Multiples(50)))
    return Asked(Source(), made, **more)


@pytest.fixture
def road(make_brand, road_of):
    return road_of(make_brand(PROGRAM))


async def work(on) -> None:
    done = {one.kind: one for one in handlers(Settings.load())}
    while await jobs.work_once(on.db, on.brand, done):
        pass


async def bought(on) -> None:
    await on.tell(
        order("1", 1000, at="2025-03-01T09:00:00Z"),
        order("2", 500, who=TARO, at="2025-03-05T09:00:00Z"),
        order("3", 3000, at="2025-04-02T09:00:00Z"),
        event("4", "order.returned", {"order_id": "3", "amount": 1000}, at="2025-04-09T09:00:00Z"),
    )


def test_a_study_is_kept_run_and_told(road):
    async def story(on):
        await bought(on)
        async with on.db.transaction(on.brand.schema) as conn:
            number = await simulate.keep_study(conn, "First", asked(margin=250_000), "mika@example.com")
            job = await simulate.ask_to_run(conn, number, by="mika@example.com")
            assert await simulate.ask_to_run(conn, number, by="mika@example.com") == job
        await work(on)
        async with on.db.transaction(on.brand.schema) as conn:
            study = await simulate.find_study(conn, number)
            done = await jobs.find(conn, job)
        assert (done.state, done.result["orders"], done.result["members"]) == (jobs.JobState.DONE, 3, 2)
        now, dearer = study.result["results"]
        assert study.is_fresh
        assert (now["issued"], now["taken_back"], now["outstanding"] + now["expired"]) == (450, 100, 350)
        assert (dearer["issued"], dearer["taken_back"], dearer["redeemed"]) == (900, 200, 200)
        assert study.result["winners"][0]["winners"] == 2
        assert study.result["variation"]["members"] == 2
        assert now["cost"]["margin"] == 250_000

        who = study.result["winners"][0]["most"][0]["member"]
        async with on.db.transaction(on.brand.schema) as conn:
            await simulate.ask_for_story(conn, number, who, by="mika@example.com")
            await simulate.ask_for_story(conn, number, "member:" + "0" * 32, by="mika@example.com")
        await work(on)
        async with on.db.transaction(on.brand.schema) as conn:
            study = await simulate.find_study(conn, number)
            other = [one for one in await jobs.recent(conn) if one.kind == simulate.STORY and one.problem]
        assert [one["design"] for one in study.stories[who]] == ["now", "dearer"]
        assert study.stories[who][0]["moves"][0]["kind"] == "earn"
        assert [one.problem.code for one in other] == ["not_found"]

        async with on.db.transaction(on.brand.schema) as conn:
            later = replace(study.asked, until=date(2025, 3, 31))
            await simulate.change_study(conn, study, "Later", later)
            with pytest.raises(StudyChanged):
                await simulate.change_study(conn, study, "Again", later)
            changed = await simulate.find_study(conn, number)
            assert (changed.name, changed.is_fresh, changed.asked) == ("Later", False, later)
            assert [one.id for one in await simulate.studies(conn)] == [number]
            await simulate.forget_study(conn, number)
            with pytest.raises(NotFound):
                await simulate.find_study(conn, number)

    road.run(story)


def test_a_study_tries_values_in_every_combination(road):
    async def story(on):
        await bought(on)
        axes = (Axis("earning_rules.purchase.award.per", (5, 10)), Axis("tiers.levels.silver.at", (2000, 100_000)))
        async with on.db.transaction(on.brand.schema) as conn:
            number = await simulate.keep_study(conn, "Grid", asked(axes=axes), "mika@example.com")
            await simulate.ask_to_run(conn, number, by="mika@example.com")
        await work(on)
        async with on.db.transaction(on.brand.schema) as conn:
            study = await simulate.find_study(conn, number)
        grid = study.result["grid"]
        assert study.asked.axes == axes
        assert [one["values"] for one in grid["variants"]] == [[5, 2000], [5, 100_000], [10, 2000], [10, 100_000]]
        assert [one["issued"] for one in grid["variants"]] == [900, 900, 450, 450]
        assert study.result["results"][0]["issued"] == 450

    road.run(story)


def test_a_study_says_what_is_wrong(road):
    async def story(on):
        nowhere = asked(axes=(Axis("earning_rules.nobody.award.per", (5,)),))
        async with on.db.transaction(on.brand.schema) as conn:
            with pytest.raises(PlaceUnknown):
                await simulate.keep_study(conn, "Nowhere", nowhere, "mika@example.com")
        async with on.db.transaction(on.brand.schema) as conn:
            with pytest.raises(TooManyDesigns):
                await simulate.keep_study(conn, "None", Asked(Source(), ()), "mika@example.com")
            five = asked(*[Design(str(number), parse(PROGRAM)) for number in range(5)])
            with pytest.raises(TooManyDesigns):
                await simulate.keep_study(conn, "Five", five, "mika@example.com")
            empty = await simulate.keep_study(conn, "Nothing bought", asked(), "mika@example.com")
            job = await simulate.ask_to_run(conn, empty, by="mika@example.com")
        await work(on)
        async with on.db.transaction(on.brand.schema) as conn:
            done = await jobs.find(conn, job)
            assert (done.state, done.problem.code) == (jobs.JobState.FAILED, "history_empty")

    road.run(story)


def test_a_run_can_be_stopped(road):
    async def story(on):
        await bought(on)
        async with on.db.transaction(on.brand.schema) as conn:
            number = await simulate.keep_study(conn, "Stopped", asked(), "mika@example.com")
            job = await simulate.ask_to_run(conn, number, by="mika@example.com")
        working = asyncio.create_task(work(on))
        await asyncio.sleep(0.2)
        async with on.db.lend(on.brand.schema) as conn:
            await jobs.ask_to_cancel(conn, job)
        await working
        async with on.db.transaction(on.brand.schema) as conn:
            assert (await jobs.find(conn, job)).state in (jobs.JobState.CANCELLED, jobs.JobState.DONE)
            study = await simulate.find_study(conn, number)
            assert (study.result is None) is ((await jobs.find(conn, job)).state is jobs.JobState.CANCELLED)

    road.run(story)
