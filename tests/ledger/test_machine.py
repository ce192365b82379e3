"""A plain ledger against the running one, operation by operation: whatever is asked for, again, late, twice at once or by the wrong key.

After every step each member's row is what the plain ledger holds; after every run it is what a replay of the entries gives; at the end
the proof holds.
"""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from kizuna.core.days import instant_ms
from kizuna.core.errors import Problem
from kizuna.core.ids import bucket_of, digest
from kizuna.core.lots import unpack
from kizuna.core.waiting import unpack as unpack_waiting
from kizuna.intake import Outcome, operate
from kizuna.ledger import HoldState, account, holds, replay
from kizuna.ledger.store import entries_before
from ledger.plain import CAFE, CARD, MILES, NEVER, POINTS, UNITS, Plain, Refused
from road import event, opened

RUNS = int(os.environ.get("KIZUNA_MACHINE_RUNS", "2000"))
SHARDS = 8
STEPS = 22
PROGRAM = """
program: 1
name: {ja: 試し, en: Trial}
units:
  - {id: points, name: {ja: ポイント, en: points}, expiry: {after_days: 30}}
  - {id: miles, name: {ja: マイル, en: miles}, expiry: never, pending: {days: 5}}
  - {id: card, name: {ja: ギフトカード, en: gift card}, kind: money, expiry: never}
purposes: [{id: cafe, name: {ja: カフェ, en: Café}, channels: [cafe]}]
tiers: {by: spend, window: lifetime, levels: [{id: base, name: {ja: 一般, en: Base}, at: 0}]}
earning_rules:
  - {id: base, event: order.completed, unit: points, name: {ja: 買物, en: Purchases}, award: {points: 1, per: 10}}
  - {id: miles, event: order.completed, unit: miles, name: {ja: マイル, en: Miles}, award: {points: 1, per: 100}}
returns: {grace_days: 10}
holds: {minutes_max: 43200}
transfers: {minimum: 2, maximum: 500}
pools: {members_max: 9}
"""
START = (datetime.now(UTC) - timedelta(days=200)).replace(hour=0, minute=0, second=0, microsecond=0)
EPOCH_DAY = START.toordinal() - datetime(1970, 1, 1, tzinfo=UTC).toordinal()
LAST_DAY = 190
NAMES = ("a", "b", "c")
name = st.sampled_from(NAMES)
unit = st.sampled_from([POINTS, POINTS, POINTS, MILES, CARD])
points = st.integers(1, 160)
channel = st.sampled_from(["shop", "cafe"])
holder = st.sampled_from(["key:till", "key:till", "key:till", "key:other", "kizuna"])


class Machine(RuleBasedStateMachine):
    """`clock` is in days since `START`, with fractions."""

    server = brand = None

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.road_of = opened(self.server, self.brand)
        self.road = self.loop.run_until_complete(self.road_of.__aenter__())
        self.plain, self.run = Plain(), uuid4().hex[:10]
        self.clock, self.number = 0.4, 0
        self.told: list[tuple] = []
        self.ids: dict[str, bytes] = {}
        self.plain.rank = lambda who: self.ids[who]

    def teardown(self) -> None:
        try:
            if self.ids:
                self.loop.run_until_complete(self.prove())
        finally:
            self.loop.run_until_complete(self.road_of.__aexit__(None, None, None))
            self.loop.close()

    async def prove(self) -> None:
        for who, member in self.ids.items():
            async with self.road.db.lend(self.brand.schema) as conn:
                entries = await entries_before(conn, member, b"\xff" * 16, 10_000)
                whole = replay(sorted(entries, key=lambda entry: entry.n))
                row = await account(conn, member)
            assert not whole.faults, (who, whole.faults)
            assert (whole.lots, whole.waiting, whole.counters) == (row.lots, row.waiting, row.counters), who

    # Helpers

    @property
    def day(self) -> int:
        return int(self.clock)

    def who(self, name: str) -> str:
        return f"customer:{self.run}/{name}"

    def new_id(self) -> str:
        self.number += 1
        return f"{self.run}/{self.number}"

    def at(self, clock: float) -> datetime:
        return START + timedelta(days=clock)

    def ask(self, type_: str, data: dict, *, who: str | None = None, by: str = "key:till", twice: bool = False):
        """Ask for an operation, perhaps twice at once; remember it, so that it may be asked for again."""
        id_ = self.new_id()
        told = (type_, id_, by, None if who is None else self.who(who), {"by": by, **data})
        first, *again = self.submit(told, 2 if twice else 1)
        for second in again:
            assert_same(first, second)
        return first, told

    def submit(self, told: tuple, times: int = 1):
        arrival = operate(*told, self.road.terms, instant_ms(self.at(self.clock)))
        return self.loop.run_until_complete(self.road.writers[0].submit([arrival] * times))

    def tell(self, *events: bytes):
        return self.loop.run_until_complete(self.road.tell(*events))

    def expect(self, story, result, told: tuple | None = None) -> bool:
        """Let the plain ledger do the same: it agrees on whether it may be done. Return whether it was."""
        code = self.refusal_of(story)
        if code is not None:
            assert isinstance(result, Problem), (code, result)
            assert result.code == code
            return False
        assert isinstance(result, Outcome), str(result)
        if told is not None:
            self.told.append((told, result))
        self.compare()
        return True

    def refusal_of(self, story) -> str | None:
        """Let the plain ledger do `story`; return why it would not."""
        try:
            self.plain.attempt(story)
        except Refused as refused:
            return str(refused)
        return None

    def compare(self) -> None:
        """Hold every member's row and every hold against the plain ledger."""
        self.loop.run_until_complete(self._compare())

    async def _compare(self) -> None:
        async with self.road.db.lend(self.brand.schema) as conn:
            for who, member in self.ids.items():
                row, mine = await account(conn, member), self.plain.members[who]
                counters = (row.counters, *row.further)
                for number, unit_id in enumerate(UNITS):
                    pocket = mine.pockets[unit_id]
                    lots = {
                        (last if last == NEVER else last - EPOCH_DAY, restriction): left
                        for of, restriction, last, left in unpack(row.lots)
                        if of == number
                    }
                    assert lots == pocket.lots, (who, unit_id)
                    counted = counters[number] if number < len(counters) else None
                    kept = (counted.debt, counted.held, counted.balance) if counted else (0, 0, 0)
                    assert kept == (pocket.debt, pocket.held, pocket.balance), (who, unit_id)
                waits: dict[int, int] = {}
                for (release, _), left in mine.waiting.items():
                    waits[release] = waits.get(release, 0) + left
                found: dict[int, int] = {}
                for one in unpack_waiting(row.waiting):
                    found[one.release_on - EPOCH_DAY] = found.get(one.release_on - EPOCH_DAY, 0) + one.points
                assert found == waits, who
            known = await holds(conn, [UUID(id_).bytes for id_ in self.plain.holds])
            for id_, hold in self.plain.holds.items():
                row_of = known[UUID(id_).bytes]
                assert row_of.state is HoldState[hold.state.upper()]
                if hold.state == "open":
                    assert row_of.member == self.ids[hold.member]
                    assert sum(lot.remaining for lot in row_of.lots) == hold.points

    def one_of(self, data, found):
        there = list(found)  # in the order of their making: ids differ from run to run
        return there[data.draw(st.integers(0, len(there) - 1))]

    # What happens

    @initialize(amounts=st.tuples(*[st.integers(0, 3000)] * 3))
    def everybody_buys(self, amounts) -> None:
        for who, amount in zip(NAMES, amounts, strict=True):
            self.buy(who, amount)

    def buy(self, who: str, amount: int, back: int = 0) -> None:
        id_, day = self.new_id(), max(0, self.day - back)
        at = self.at(
            day + 0.3 + NAMES.index(who) / 10_000
        ).isoformat()  # so that their ids stand in the order of their names
        told = {"order_id": id_, "amount": amount, "currency": "JPY"}
        (result,) = self.tell(event(id_, "order.completed", told, who=self.who(who), at=at))
        if self.expect(lambda: self.plain.order(who, id_, amount, day), result):
            if who not in self.ids:
                self.ids[who] = result.member
                self.compare()
            assert result.balance == self.plain.members[self.plain.name(who)].pockets[POINTS].balance

    @rule(who=name, amount=st.integers(0, 3000), back=st.sampled_from([0, 0, 0, 1, 7, 40]))
    def order(self, who, amount, back) -> None:
        self.buy(who, amount, back)

    @precondition(lambda self: self.plain.orders)
    @rule(data=st.data())
    def order_comes_back(self, data) -> None:
        id_ = self.one_of(data, self.plain.orders)
        at = self.at(self.clock).isoformat()
        who = self.who(self.plain.orders[id_].member)
        (result,) = self.tell(event(self.new_id(), "order.returned", {"order_id": id_}, who=who, at=at))
        self.expect(lambda: self.plain.give_back_order(id_, self.day), result)

    @rule(days=st.sampled_from([0.01, 0.5, 1, 4, 6, 20, 31]))
    def time_passes(self, days) -> None:
        self.clock = min(LAST_DAY + 0.5, self.clock + days)

    @rule(who=name, points=points, channel=channel)
    def redemption_is_told(self, who, points, channel) -> None:
        id_ = self.new_id()
        told = {"points": points, "channel": channel}
        at = self.at(self.clock).isoformat()
        (result,) = self.tell(event(id_, "redemption.requested", told, who=self.who(who), at=at))
        ref = str(UUID(bytes=digest("till", id_)))
        code = self.refusal_of(lambda: self.plain.redeem(who, ref, points, POINTS, channel, self.day))
        if isinstance(result, Problem):
            assert result.code == code
            return
        assert bool(result.refusal) == (code is not None)
        if result.refusal:  # it is recorded, and has touched
            self.plain.of(who, self.day)
        self.compare()

    @rule(who=name, points=points, unit=unit, channel=channel, pooled=st.booleans(), twice=st.booleans())
    def redeem(self, who, points, unit, channel, pooled, twice) -> None:
        data = {"points": points, "unit": unit, "channel": channel} | ({"from_pool": True} if pooled else {})
        result, told = self.ask("points.redeemed", data, who=who, twice=twice)
        ref = str(UUID(bytes=digest(told[2], told[1])))
        self.expect(lambda: self.plain.redeem(who, ref, points, unit, channel, self.day, pooled=pooled), result, told)

    @rule(
        who=name, points=points, unit=unit, channel=channel, minutes=st.sampled_from([10, 2000, 40_000]),
        pooled=st.booleans(), twice=st.booleans(),
    )  # fmt: skip
    def place_hold(self, who, points, unit, channel, minutes, pooled, twice) -> None:
        data = {"points": points, "unit": unit, "channel": channel, "minutes": minutes}
        result, told = self.ask("hold.placed", data | ({"from_pool": True} if pooled else {}), who=who, twice=twice)
        ref = str(UUID(bytes=digest(told[2], told[1])))
        self.expect(
            lambda: self.plain.hold(
                who, ref, points, unit, channel, self.clock, minutes / 1440, "key:till", pooled=pooled
            ),
            result,
            told,
        )

    @precondition(lambda self: self.plain.holds)
    @rule(data=st.data(), part=st.none() | points, by=holder, twice=st.booleans())
    def confirm_hold(self, data, part, by, twice) -> None:
        ref = self.one_of(data, self.plain.holds)
        asked = {"hold": ref} | ({} if part is None else {"points": part})
        result, told = self.ask("hold.confirmed", asked, by=by, twice=twice)
        self.expect(lambda: self.plain.confirm(ref, part, self.clock, by), result, told)

    @precondition(lambda self: self.plain.holds)
    @rule(data=st.data(), by=holder, twice=st.booleans())
    def void_hold(self, data, by, twice) -> None:
        ref = self.one_of(data, self.plain.holds)
        result, told = self.ask("hold.voided", {"hold": ref}, by=by, twice=twice)
        self.expect(lambda: self.plain.void(ref, self.clock, by), result, told)

    @precondition(lambda self: any(hold.ends <= self.clock for hold in self.plain.holds.values()))
    @rule(data=st.data())
    def hold_times_out(self, data) -> None:
        ref = self.one_of(data, [ref for ref, hold in self.plain.holds.items() if hold.ends <= self.clock])
        result, told = self.ask("hold.voided", {"hold": ref, "timed_out": True}, by="kizuna")
        self.expect(lambda: self.plain.void(ref, self.clock, "kizuna", timed_out=True), result, told)

    @precondition(lambda self: self.plain.redemptions)
    @rule(data=st.data(), part=st.none() | points, twice=st.booleans())
    def redemption_comes_back(self, data, part, twice) -> None:
        ref = self.one_of(data, self.plain.redemptions)
        asked = {"redemption": ref} | ({} if part is None else {"points": part})
        result, told = self.ask("redemption.voided", asked, twice=twice)
        self.expect(lambda: self.plain.restore(ref, part, self.day), result, told)

    @rule(who=name, to=name, points=points, twice=st.booleans())
    def transfer(self, who, to, points, twice) -> None:
        result, told = self.ask("points.transferred", {"to": self.who(to), "points": points}, who=who, twice=twice)
        self.expect(lambda: self.plain.transfer(who, to, points, self.day), result, told)

    @rule(who=name, points=st.integers(-120, 120), unit=unit, cafe=st.booleans(), owes=st.booleans())
    def adjust(self, who, points, unit, cafe, owes) -> None:
        data = {"points": points, "unit": unit, "reason": "correction", "may_owe": owes}
        result, told = self.ask("points.adjusted", data | ({"only_for": "cafe"} if cafe else {}), who=who)
        self.expect(
            lambda: self.plain.adjust(who, points, unit, CAFE if cafe else 0, self.day, owes=owes), result, told
        )

    @rule(who=name, days=st.integers(-2, 60))
    def extend(self, who, days) -> None:
        through = (self.at(self.clock) + timedelta(days=days)).date().isoformat()
        result, told = self.ask("points.extended", {"through": through, "reason": "goodwill"}, who=who)
        self.expect(lambda: self.plain.extend(who, self.day + days, self.day), result, told)

    @precondition(lambda self: self.clock > 25)
    @rule(who=name)
    def close(self, who) -> None:
        result, told = self.ask("member.closed", {}, who=who)
        self.expect(lambda: self.plain.close(who, self.day), result, told)

    @rule(who=name, into=name)
    def merge(self, who, into) -> None:
        result, told = self.ask("member.merged", {"into": self.who(into)}, who=who)
        ref = str(UUID(bytes=digest(told[2], told[1])))
        self.expect(lambda: self.plain.merge(who, into, ref, self.day), result, told)

    @precondition(lambda self: self.plain.merges)
    @rule(data=st.data())
    def unmerge(self, data) -> None:
        ref = self.one_of(data, self.plain.merges)
        result, told = self.ask("member.unmerged", {"merge": ref})
        self.expect(lambda: self.plain.unmerge(ref, self.day), result, told)

    @precondition(lambda self: not self.plain.pool and self.ids)
    @rule(who=st.sets(name, min_size=2))
    def pool(self, who) -> None:
        """People share: laid down as rows, because sharing moves nothing."""
        there = sorted({self.plain.name(one) for one in who} & self.ids.keys())
        there = [one for one in there if not self.plain.members[one].closed]
        if len(there) < 2:
            return
        pool = UUID(hex=uuid4().hex)
        self.loop.run_until_complete(
            self.road.sql("INSERT INTO pool (pool_id, kind, name) VALUES ($1, 'household', '家族')", pool)
        )
        for one in there:
            row = (bucket_of(self.ids[one]), UUID(bytes=self.ids[one]), pool, one == there[0])
            statement = (
                "INSERT INTO pool_member (bucket, member_id, pool_id, is_head, may_spend) VALUES ($1, $2, $3, $4, true)"
            )
            self.loop.run_until_complete(self.road.sql(statement, *row))
        self.plain.pool = there

    # Again

    @precondition(lambda self: self.told)
    @rule(data=st.data(), differs=st.booleans())
    def again(self, data, differs) -> None:
        """What was done is asked for again, at any later time: the same answer; or with another content: a conflict."""
        told, before = self.told[data.draw(st.integers(0, len(self.told) - 1))]
        if differs:
            type_, id_, source, who, asked = told
            (result,) = self.submit((type_, id_, source, who, asked | {"by": "key:somebody"}))
            assert isinstance(result, Problem)
            assert result.code == "event_conflict"
        else:
            (result,) = self.submit(told)
            assert isinstance(result, Outcome)
            assert result.replayed
            assert_same(before, result)
        self.compare()


def assert_same(first, second) -> None:
    if isinstance(first, Problem):
        assert isinstance(second, Problem)
        assert second.code == first.code
        return
    assert isinstance(second, Outcome)
    assert (second.event_key, second.points, second.balances, second.about) == (
        first.event_key, first.points, first.balances, first.about,
    )  # fmt: skip


@pytest.mark.parametrize("shard", range(SHARDS))
def test_the_ledger_is_a_plain_one(server, make_brand, road_of, shard) -> None:
    brand = make_brand(PROGRAM)
    machine = type("Machine", (Machine,), {"server": server, "brand": brand})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=-(-RUNS // SHARDS),
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=False,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.explicit, Phase.generate, Phase.shrink),
        ),
    )

    async def proven(on):
        await on.seal()
        return await on.verify()

    proof = road_of(brand).run(proven)
    assert proof.ok, proof.faults
