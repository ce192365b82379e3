"""A proof in many parts: by several processes, broken off and gone on with, beside live traffic."""

import asyncio
import signal

import psutil
import pytest

from kizuna.ledger import Effort, ProofBrokenOff, verify
from kizuna.ledger.proof.model import Finding, Part, Side
from kizuna.ledger.proof.parts import gaps
from ledger.test_proof import PROGRAM, TODAY, every_kind
from road import order

ALONE = Effort(part_entries=2, wider=1)
TOGETHER = Effort(part_entries=2, wider=1, processes=2, alone_entries=0)


class EnoughError(Exception):
    """Somebody breaks the run off."""


def after(parts: int):
    def progress(done: int, _of: int) -> None:
        if done >= parts:
            raise EnoughError

    return progress


@pytest.fixture
def road(make_brand, road_of):
    return road_of(make_brand(PROGRAM))


def test_many_parts_and_several_processes_find_what_one_finds(road):
    async def story(on):
        await every_kind(on)
        whole = await on.verify(TODAY)
        assert whole.ok, whole.faults
        told = []
        assert await verify(on.db, on.brand, TODAY, lambda *at: told.append(at), effort=ALONE) == whole
        assert told == [(done, told[0][1]) for done in range(told[0][1] + 1)]
        assert told[0][1] > 20
        assert await verify(on.db, on.brand, TODAY, effort=TOGETHER) == whole
        await on.sql("UPDATE account SET entry_count = 99; ")
        alone, together = await on.verify(TODAY), await verify(on.db, on.brand, TODAY, effort=TOGETHER)
        assert (len(alone.faults), set(alone.faults)) == (3, set(together.faults))
        assert await on.sql("SELECT 1 FROM proof_run") == []

    road.run(story)


@pytest.mark.parametrize("effort", [ALONE, TOGETHER], ids=["alone", "together"])
def test_a_run_that_was_broken_off_goes_on(road, effort):
    async def story(on):
        await every_kind(on)
        whole = await on.verify(TODAY)
        with pytest.raises(EnoughError):
            await verify(on.db, on.brand, TODAY, after(25), effort=effort)
        kept = await on.sql("SELECT side, first, finding::text FROM proof_part ORDER BY side, first")
        assert len(kept) >= 24
        told = []
        gone_on = await verify(on.db, on.brand, TODAY, lambda *at: told.append(at), resume=True, effort=effort)
        assert told[0][0] == len(kept)
        assert gone_on.as_json() == whole.as_json() | {"resumed": True}
        assert await on.sql("SELECT 1 FROM proof_run") == []

        with pytest.raises(EnoughError):
            await verify(on.db, on.brand, TODAY, after(told[0][1] - 1), effort=effort)
        await on.tell(order("more", 100))
        await on.seal()
        more = await verify(on.db, on.brand, TODAY, resume=True, effort=effort)
        assert (more.ok, more.faults, more.resumed) == (True, [], True)
        assert more.batches == whole.batches + 1

        with pytest.raises(EnoughError):
            await verify(on.db, on.brand, TODAY, after(9), effort=effort)
        await on.sql("UPDATE proof_run SET started_at = now() - interval '25 hours'")
        anew = await verify(on.db, on.brand, TODAY, resume=True, effort=effort)
        assert (anew.ok, anew.resumed) == (True, False)
        assert await on.sql("SELECT 1 FROM proof_run") == []

    road.run(story)


def test_a_process_that_dies_is_told_and_its_work_can_go_on(road):
    async def story(on):
        await every_kind(on)

        def kill(done: int, _of: int) -> None:
            if done == 5:
                for one in psutil.Process().children(recursive=True):
                    if "kizuna.ledger.proof.worker" in one.cmdline():
                        one.send_signal(signal.SIGKILL)

        with pytest.raises(ProofBrokenOff, match="--resume"):
            await verify(on.db, on.brand, TODAY, kill, effort=TOGETHER)
        assert not [one for one in psutil.Process().children() if "kizuna.ledger.proof.worker" in one.cmdline()]
        assert (await verify(on.db, on.brand, TODAY, resume=True, effort=TOGETHER)).ok

    road.run(story)


def test_a_proof_in_parts_is_true_beside_live_traffic(road_of, make_brand):
    async def story(on):
        await every_kind(on)
        done = asyncio.Event()

        async def sell() -> int:
            number = 0
            while not done.is_set():
                await on.tell(*(order(f"{number}/{one}", 100, who=f"customer:{one}") for one in range(20)))
                await on.seal()
                number += 1
            return number

        selling = asyncio.create_task(sell())
        for effort in (ALONE, TOGETHER):
            proof = await verify(on.db, on.brand, TODAY, effort=effort)
            assert (proof.ok, proof.faults) == (True, [])
        with pytest.raises(EnoughError):
            await verify(on.db, on.brand, TODAY, after(30), effort=TOGETHER)
        proof = await verify(on.db, on.brand, TODAY, resume=True, effort=TOGETHER)
        assert (proof.ok, proof.faults) == (True, [])
        done.set()
        assert await selling > 3

    road_of(make_brand(PROGRAM)).run(story)


def test_gaps_are_what_no_part_covers():
    done = {
        Part(Side.BATCHES, 3, 5): Finding(),
        Part(Side.BATCHES, 8, 9): Finding(),
        Part(Side.MEMBERS, 1, 9): Finding(),
    }
    assert gaps(done, Side.BATCHES, 1, 12) == [(1, 2), (6, 7), (10, 12)]
    assert gaps(done, Side.BATCHES, 3, 9) == [(6, 7)]
    assert gaps({}, Side.MEMBERS, 0, 255) == [(0, 255)]
    assert gaps(done, Side.MEMBERS, 1, 9) == []
