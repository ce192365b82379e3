"""Holds end by themselves when their time is over, each once, whoever else is at it and whatever dies meanwhile."""

import asyncio
import sys
import time
from datetime import timedelta

from blows import becomes, is_rolled_back, somebody_waits, struck
from kizuna.core.errors import Problem
from kizuna.intake import HOLDS_TIMED_OUT, Outcome
from kizuna.intake.operations.timing_out import turn
from kizuna.ledger import HoldState
from kizuna.runtime.clock import now
from kizuna.runtime.worker import work
from road import HANAKO, Road, order

NOW = now()
CALL = """
import asyncio, sys
from kizuna.intake.operations.timing_out import turn
from kizuna.runtime.brands import get_brand
from kizuna.runtime.db import Database
async def main():
    db = await Database.open(lambda: sys.argv[1])
    await turn(db, await get_brand(db, sys.argv[2]))
asyncio.run(main())
"""


def ago(seconds: float) -> str:
    return (now() - timedelta(seconds=seconds)).isoformat()


async def hold(on: Road, points: int, *, seconds_left: float, who: str = HANAKO) -> str:
    """Hold points for a minute that has nearly passed, or has; return the hold's id."""
    held = await on.ask("hold.placed", {"points": points, "minutes": 1}, who=who, at=ago(60 - seconds_left))
    assert isinstance(held, Outcome), str(held)
    return held.about["hold"]


async def states(on: Road) -> list[int]:
    return [row["state"] for row in await on.sql("SELECT state FROM hold ORDER BY placed_at, key")]


async def proved(on: Road) -> None:
    await on.seal()
    proof = await on.verify(NOW.date())
    assert proof.ok, proof.faults


def test_the_worker_gives_back_what_is_held_too_long_within_seconds(road):
    async def story(on: Road):
        await on.tell(order("1", 100_000, at=ago(7200)))
        over, still = await hold(on, 100, seconds_left=1), await hold(on, 50, seconds_left=50)
        stop, began = asyncio.Event(), time.monotonic()
        chore = type(HOLDS_TIMED_OUT)(HOLDS_TIMED_OUT.name, lambda db, _: turn(db, on.brand), HOLDS_TIMED_OUT.every_s)
        work_beside = asyncio.create_task(work(on.db, (), stop, [chore]))

        async def is_over() -> bool:
            return sorted(await states(on)) == [HoldState.OPEN, HoldState.TIMED_OUT]

        await becomes(is_over)
        assert time.monotonic() - began < 15
        stop.set()
        await work_beside
        (row,) = await on.sql("SELECT balance FROM (SELECT counters[1] - counters[7] AS balance FROM account) AS one")
        assert row["balance"] == 950
        late = await on.ask("hold.confirmed", {"hold": over})
        assert isinstance(late, Problem)
        assert late.code == "hold_timed_out"
        assert isinstance(await on.ask("hold.confirmed", {"hold": still}), Outcome)
        assert not await turn(on.db, on.brand)
        await proved(on)

    road.run(story)


def test_a_confirmation_and_the_time_out_at_the_same_moment_have_one_winner(road):
    async def story(on: Road):
        await on.tell(*(order(f"1/{one}", 100_000, who=f"customer:c{one}", at=ago(7200)) for one in range(20)))
        held = [await hold(on, 10 + one, seconds_left=0.5, who=f"customer:c{one}") for one in range(20)]
        just_before, over = ago(0), now() + timedelta(minutes=1)

        async def confirm(one: str, writer: int):
            return await on.ask("hold.confirmed", {"hold": one}, at=just_before, writer=writer)

        asked = [confirm(one, number % 2) for number, one in enumerate(held)]
        results = await asyncio.gather(
            *asked[:10], turn(on.db, on.brand, over), *asked[10:], turn(on.db, on.brand, over)
        )
        while await turn(on.db, on.brand, over):
            pass
        won = [one for one in results if isinstance(one, Outcome)]
        lost = [one for one in results if isinstance(one, Problem)]
        assert {one.code for one in lost} <= {"hold_timed_out"}
        after = await states(on)
        assert after.count(HoldState.CONFIRMED) == len(won)
        assert after.count(HoldState.TIMED_OUT) == len(lost) == 20 - len(won)
        (row,) = await on.sql("SELECT sum(counters[2]) AS spent, sum(counters[7]) AS held FROM account")
        assert (row["spent"], row["held"]) == (sum(one.about["redeemed"] for one in won), 0)
        await proved(on)

    road.run(story, writers=2)


def test_killed_while_it_voids_it_voids_each_once(road, server):
    async def story(on: Road):
        await on.tell(order("1", 100_000, at=ago(7200)))
        for points in (5, 6, 7):
            await hold(on, points, seconds_left=-1)
        call = (sys.executable, "-c", CALL, server.locate(), on.brand.slug)
        await struck(server, on.brand, call, "LOCK TABLE outbox IN EXCLUSIVE MODE", lambda: somebody_waits(on))
        await becomes(lambda: is_rolled_back(on, "hold"))
        assert await states(on) == [HoldState.OPEN] * 3
        await proved(on)
        assert not await turn(on.db, on.brand)
        assert await states(on) == [HoldState.TIMED_OUT] * 3
        assert not await turn(on.db, on.brand)
        voids = await on.sql("SELECT type, count(*) FROM event WHERE type = 'hold.voided' GROUP BY type")
        assert [row["count"] for row in voids] == [3]
        await proved(on)

    road.run(story)
