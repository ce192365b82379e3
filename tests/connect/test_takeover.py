"""Taking over another program: every member once, every point with its own last day, and the ledger held against the files."""

import asyncio
import csv as stdlib_csv
import io
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from insight.figures import prove
from kizuna.connect.csv import (
    Progress,
    Reconciliation,
    Taken,
    foresee,
    import_orders,
    parse_balances,
    parse_mapping,
    parse_members,
    reconcile,
    take_over,
)
from kizuna.connect.csv.problems import NothingToReconcile, RunUnknown
from kizuna.connect.csv.taking_mapping import BalancesMappingInvalid, MembersMappingInvalid
from kizuna.core.errors import Problem
from kizuna.intake import Outcome, terms_of
from kizuna.ledger import Proof
from kizuna.runtime.brands import Brand
from road import RoadRunner, order

EXAMPLES = Path(__file__).parents[2] / "examples" / "takeover"
PROGRAM = """
program: 1
name: {ja: 試し, en: Trial}
units:
  - {id: points, name: {ja: ポイント, en: points}, expiry: {after_days: 30}}
  - {id: miles, name: {ja: マイル, en: miles}, expiry: never}
purposes: [{id: coffee, name: {ja: コーヒー, en: Coffee}, channels: [app]}]
tiers:
  by: spend
  window: calendar_year
  levels:
    - {id: base, name: {ja: 一般, en: Base}, at: 0}
    - {id: silver, name: {ja: シルバー, en: Silver}, at: 50000}
    - {id: gold, name: {ja: ゴールド, en: Gold}, at: 100000}
earning_rules:
  - {id: base, event: order.completed, unit: points, name: {ja: 買物, en: Purchases}, award: {points: 1, per: 100}}
redemption: {minimum: 1, step: 1}
"""
MEMBERS = (EXAMPLES / "members.yaml").read_text(encoding="utf-8")
BALANCES = """
mapping: 1
program: old-card
columns:
  member: {column: who, kind: customer}
  points: points
  unit: {column: unit, words: {P: points, M: miles}}
  last_day: {column: until, never: [always]}
  only_for: purpose
  debt: debt
  orders: orders
  spend: {column: spend, unit: major}
  figure: {column: year, unit: major}
"""
HEAD = "会員番号,氏名,フリガナ,メールアドレス,電話番号,カード番号,生年月日,入会日,ランク,ランク期限,状態\n"
BROUGHT = "who,points,unit,until,purpose,debt,orders,spend,year\n"
THIS_YEAR = datetime.now(UTC).year


@dataclass
class Taking:
    """Takes files of a test over into its brand."""

    road: RoadRunner
    folder: Path
    told: list[Progress] = field(default_factory=list)

    @property
    def brand(self) -> Brand:
        return self.road.brand

    def file(self, text: str | bytes, name: str) -> Path:
        path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def members(self, rows: str | Path, *, mapping: str = MEMBERS, **more: Any) -> Taken:
        return self._run(rows, parse_members(mapping), "members.csv", HEAD, **more)

    def balances(self, rows: str | Path, *, mapping: str = BALANCES, **more: Any) -> Taken:
        return self._run(rows, parse_balances(mapping), "balances.csv", BROUGHT, **more)

    def _run(self, rows: str | Path, mapping: Any, name: str, head: str, *, run: Any = take_over, **more: Any) -> Taken:
        file = rows if isinstance(rows, Path) else self.file(head + rows, name)
        options = {"progress": self.told.append, "rejects": self.folder / "rejects.csv"} | more

        async def story(on: Any) -> Taken:
            return await run(on.db, self.brand, terms_of(self.brand, 300), [file], mapping, **options)

        return self.road.run(story)

    def reconcile(self, run: str) -> Reconciliation:
        async def story(on: Any) -> Reconciliation:
            return await reconcile(on.db, self.brand, run)

        return self.road.run(story)

    @property
    def rejects(self) -> list[dict[str, str]]:
        with (self.folder / "rejects.csv").open(encoding="utf-8-sig", newline="") as file:
            return list(stdlib_csv.DictReader(file))

    def sql(self, statement: str) -> list[Any]:
        async def story(on: Any) -> list[Any]:
            return [tuple(row) for row in await on.sql(statement)]

        return self.road.run(story)

    def tell(self, *events: bytes) -> list[Outcome]:
        async def story(on: Any) -> list[Any]:
            return await on.tell(*events)

        return self.road.run(story)

    def proof(self) -> Proof:
        async def story(on: Any) -> Proof:
            await on.seal()
            return await on.verify(date(2030, 1, 1))

        return self.road.run(story)


@pytest.fixture
def taking(make_brand, road_of, tmp_path: Path) -> Taking:
    return Taking(road_of(make_brand(PROGRAM)), tmp_path)


def test_the_example_is_taken_over_and_a_second_time_adds_nothing(taking: Taking) -> None:
    mapping = (EXAMPLES / "balances.yaml").read_text(encoding="utf-8")
    first = taking.members(EXAMPLES / "members.csv")
    assert (first.lines, first.accepted, first.members_new, first.tiers) == (4, 4, 4, {"gold": 2, "base": 2})
    assert taking.reconcile(first.run_id).sums == {"members": {"": (4, 4)}, "tier": {"base": (2, 2), "gold": (2, 2)}}
    brought = taking.balances(EXAMPLES / "balances.csv", mapping=mapping)
    assert (brought.accepted, brought.points, brought.debts) == (6, {"points": 1630}, {"points": 150})
    assert brought.months == {"points": {"2099-03": 1200, "2099-09": 350, "never": 80}}
    assert taking.rejects == []
    found = taking.reconcile(brought.run_id)
    assert found.ok
    assert found.sums == {
        "points": {"points": (1630, 1630)},
        "lots": {"points": (3, 3)},
        "debt": {"points": (150, 150)},
        "orders": {"": (63, 63)},
        "spend": {"": (376_100, 376_100)},
    }
    for again in (
        taking.members(EXAMPLES / "members.csv"),
        taking.balances(EXAMPLES / "balances.csv", mapping=mapping),
    ):
        assert (again.accepted, again.replayed, again.members_new) == (0, again.things, 0)
    proof = taking.proof()
    assert (proof.ok, proof.adjusted, proof.outstanding, proof.issued) == (True, 1480, 1480, 0)


def test_identities_profile_tier_and_status_are_taken_over(taking: Taking) -> None:
    taking.members(
        "1,花子,ハナコ,H@Example.com,090-1234-5678,5200,1985/4/12,2019-03-01,ゴールド,2099/3/31,\n2,,,,,,,,,,退会\n"
    )
    assert taking.sql("SELECT name, name_kana, birthday, joined_on FROM member WHERE name IS NOT NULL") == [
        ("花子", "ハナコ", date(1985, 4, 12), date(2019, 3, 1))
    ]
    assert taking.sql("SELECT kind, value FROM identity JOIN member USING (member_id) WHERE name = '花子' ORDER BY 1") == [
        ("card", "5200"), ("customer", "1"), ("email", "h@example.com"), ("phone", "+819012345678"),
    ]  # fmt: skip
    (bought,) = taking.tell(order("a", 100, who="card:5200", at=datetime.now(UTC).isoformat()))
    assert (bought.level_before, bought.level) == (2, 2)
    (refused,) = taking.tell(order("b", 100, who="customer:2", at=datetime.now(UTC).isoformat()))
    assert isinstance(refused, Problem)
    assert refused.code == "member_closed"
    assert taking.proof().ok


def test_somebody_who_is_here_already_is_known_by_any_identity(taking: Taking) -> None:
    at = datetime.now(UTC).isoformat()
    taking.tell(order("a", 5000, who="email:h@example.com", at=at), order("b", 100, who="customer:7", at=at))
    found = taking.members("1,花子,,h@example.com,,,,2019-03-01,ゴールド,,\n7,七子,,n@example.com,,,,,,,\n")
    assert (found.members_new, found.members_known) == (0, 2)
    (more,) = taking.tell(order("c", 100, who="customer:1", at=at))
    assert (more.balance, more.level) == (51, 2)
    (more,) = taking.tell(order("d", 100, who="email:n@example.com", at=at))
    assert more.balance == 2


def test_an_identity_of_somebody_else_is_a_conflict(taking: Taking) -> None:
    taking.members("1,,,a@example.com,,,,,,,\n2,,,b@example.com,,,,,,,\n")
    rows = "3,,,a@example.com,,,,,,,\n4,,,,090-1111-2222,,,,,,\n5,,,,090-1111-2222,,,,,,\n6,,,,,,,,,,\n"
    found = taking.members(rows)
    assert (found.accepted, found.refused) == (2, 2)
    assert [(one["member"], one["row"]) for one in taking.rejects] == [("3", "2"), ("5", "4")]
    assert "email:a@example.com is another member’s" in taking.rejects[0]["reason"]
    difference = taking.reconcile(found.run_id).differences
    assert [(one.member, one.what, one.file, one.ledger) for one in difference] == [
        ("customer:3", "members", "1", "0"), ("customer:5", "members", "1", "0"),
    ]  # fmt: skip


def test_rows_that_cannot_be_read_are_rejected_each_with_its_remedy(taking: Taking) -> None:
    rows = (
        "1,,,no-address,,,,,,,\n1,,,,,,,,,,\n2,,,,,,1850/1/1,,,,\n3,,,,,,,2099/1/1,,,\n4,,,,,,,,プラチナ,,\n,,,,,,,,,,\n5,x\n"
        "6,,,,,,,,,,\n"
    )
    found = taking.members(rows)
    assert (found.lines, found.accepted, found.rejected, found.unread) == (8, 1, 5, 1)
    assert [(one["row"], one["field"]) for one in taking.rejects] == [
        ("2", "メールアドレス"), ("2", "会員番号"), ("3", "会員番号"), ("4", "生年月日"), ("5", "入会日"), ("6", "ランク"),
        ("7", "会員番号"), ("8", "会員番号"),
    ]  # fmt: skip
    assert "一般, ゴールド" in taking.rejects[5]["reason"]
    found = taking.reconcile(found.run_id)
    assert (found.ok, found.unread, found.sums["members"][""]) == (False, 1, (6, 1))


def test_lots_keep_their_last_days_and_purposes_and_debts_are_owed(taking: Taking) -> None:
    taking.members("1,,,,,,,,,,\n2,,,,,,,,,,\n")
    today = datetime.now(taking.brand.zone).date()
    brought = taking.balances(
        f"1,100,P,{today},,,,,\n1,50,P,always,coffee,,,,\n1,7,M,,,,,,\n1,30,P,,,,,,\n2,,P,,,40,,,\n2,△5,P,,,,,,\n"
    )
    assert (brought.points, brought.debts) == ({"miles": 7, "points": 180}, {"points": 45})
    assert brought.months["points"][f"{today:%Y-%m}"] >= 100
    ((lots,),) = taking.sql("SELECT lots FROM account WHERE length(lots) > 0")
    assert len(lots) == 16 * 4
    (owing,) = taking.tell(order("a", 10_000, who="customer:2", at=datetime.now(UTC).isoformat()))
    assert owing.balance == 55
    assert taking.proof().ok
    assert taking.reconcile(brought.run_id).ok


def test_points_that_have_ended_are_left_out_and_told(taking: Taking) -> None:
    taking.members("1,,,,,,,,,,\n2,,,,,,,,,,\n")
    found = taking.balances("1,100,P,2020-01-31,,,,,\n1,50,P,2099-01-31,,,,,\n2,9,P,2020-01-31,,,,,\n")
    assert (found.accepted, found.points, found.over) == (1, {"points": 50}, {"points": 109})
    assert [(one["row"], one["value"]) for one in taking.rejects] == [("2", "2020-01-31"), ("4", "2020-01-31")]
    checked = taking.reconcile(found.run_id)
    assert (checked.ok, checked.over, checked.sums["points"]) == (True, {"points": 109}, {"points": (50, 50)})


def test_figures_count_for_tiers_and_lists(taking: Taking) -> None:
    taking.members("1,,,,,,,,,,\n2,,,,,,,,ゴールド,2099/3/31,\n")
    taking.balances("1,,P,,,,12,300000,99900\n2,,P,,,,3,5000,\n2,,P,,,,3,5000,\n")
    assert taking.sql("SELECT type, orders, amount, level_before, level FROM event WHERE orders IS NOT NULL ORDER BY 2") == [
        ("balance.opened", 3, 5000, 2, 2), ("balance.opened", 12, 300_000, 0, 1),
    ]  # fmt: skip
    (bought,) = taking.tell(order("a", 100, who="customer:1", at=datetime.now(UTC).isoformat()))
    assert (bought.level_before, bought.level, bought.spend) == (1, 2, 100_000)

    async def figures(on: Any) -> Any:
        await prove(on, datetime.now(UTC))
        return [
            await on.sql("SELECT sum(orders) AS orders, sum(sales) AS sales FROM insight_day"),
            await on.sql("SELECT tier, orders, spend FROM insight_member ORDER BY orders"),
        ]

    days, rows = taking.road.run(figures)
    assert [tuple(row) for row in days] == [(1, 100)]
    assert [tuple(row) for row in rows] == [(2, 3, 5000), (2, 13, 300_100)]


def test_figures_that_differ_let_the_member_fall(taking: Taking) -> None:
    taking.members("1,,,,,,,,,,\n2,,,,,,,,,,\n")
    found = taking.balances("1,5,P,,,,12,,\n1,5,P,,,,13,,\n2,5,P,,,,-1,,\n")
    assert (found.accepted, found.rejected) == (0, 4)
    assert "row 2" in taking.rejects[0]["reason"]
    assert taking.reconcile(found.run_id).sums["points"] == {"points": (15, 0)}


def test_the_same_again_adds_nothing_and_something_else_is_a_conflict(taking: Taking) -> None:
    taking.members("1,花子,,h@example.com,,,,,,,\n")
    taking.balances("1,5,P,2099-01-31,,,,,\n1,3,P,2099-02-28,,,,,\n")
    same = taking.balances(
        BALANCES and taking.file(BROUGHT + "1,3,P,2099/02/28,,,,,\n1,5,P,2099/1/31,,,,,\n", "other.csv")
    )
    assert (same.accepted, same.replayed, same.refused) == (0, 1, 0)
    by_mail = BALANCES.replace("kind: customer", "kind: email")
    other = taking.balances("h@example.com,9,P,2099-01-31,,,,,\n", mapping=by_mail)
    assert (other.accepted, other.refused) == (0, 1)
    assert "another content" in taking.rejects[0]["reason"]
    assert not taking.reconcile(other.run_id).ok
    again = taking.members("1,花江,,h@example.com,,,,,,,\n")
    assert (again.refused, again.accepted) == (1, 0)
    miles = taking.balances("1,4,M,,,,,,\n")
    assert (miles.accepted, miles.points) == (1, {"miles": 4})
    assert taking.proof().outstanding == 8


def test_a_preview_says_what_will_happen_and_writes_nothing(taking: Taking) -> None:
    at = datetime.now(UTC).isoformat()
    taking.tell(order("a", 5000, who="email:h@example.com", at=at))
    rows = "1,,,h@example.com,,,,,ゴールド,,\n2,,,x@example.com,,,,,,,\n3,,,bad,,,,,,,\n"
    before = taking.sql(
        "SELECT (SELECT count(*) FROM event), (SELECT count(*) FROM member), (SELECT count(*) FROM batch)"
    )
    seen = taking.members(rows, run=foresee)
    assert (seen.members_new, seen.members_known, seen.tiers, seen.rejected) == (1, 1, {"gold": 1}, 1)
    assert taking.sql("SELECT count(*) FROM import_run") == [(0,)]
    assert before == taking.sql(
        "SELECT (SELECT count(*) FROM event), (SELECT count(*) FROM member), (SELECT count(*) FROM batch)"
    )
    done = taking.members(rows)
    assert (done.members_new, done.members_known, done.tiers, done.run_id) == (1, 1, {"gold": 1}, seen.run_id)
    brought = "1,10,P,2099-01-31,,,,,\n1,10,P,2099-02-28,,4,,,\n9,10,P,,,,,,\n2,1,P,2020-01-01,,,,,\n"
    seen, done = taking.balances(brought, run=foresee), taking.balances(brought)
    assert (seen.points, seen.debts, seen.months, seen.over, seen.refused) == (
        {"points": 20}, {"points": 4}, {"points": {"2099-01": 10, "2099-02": 10}}, {"points": 1}, 1,
    )  # fmt: skip
    assert (done.points, done.debts, done.months, done.over, done.refused) == (
        seen.points, seen.debts, seen.months, seen.over, seen.refused,
    )  # fmt: skip


def generated(count: int, folder: Path) -> tuple[Path, Path, dict[str, int]]:
    """A program of `count` members: one file of members as CSV in CP932, their lots as Parquet; return both and the sums."""
    rng = random.Random(7)
    people, lots = io.StringIO(), []
    today = datetime.now(UTC).date()
    sums = {"members": count, "points": 0, "miles": 0, "debt": 0, "lots": 0}
    people.write(HEAD)
    for number in range(count):
        mail = f"m{number}@example.com" if rng.random() < 0.7 else ""
        tier = rng.choice(["一般", "ゴールド"])
        until = today + timedelta(days=rng.randrange(30, 600)) if tier == "ゴールド" else ""
        born = date(1950, 1, 1) + timedelta(days=rng.randrange(20_000))
        people.write(
            f"{number},会員{number},カイイン,{mail},,{52000000 + number},{born},{2015 + number % 10}-04-01,{tier},{until},\n"
        )
        for _ in range(rng.randrange(4)):
            points, unit = rng.randrange(1, 5000), rng.choice("PPM")
            lots.append((str(number), points, unit, str(today + timedelta(days=rng.randrange(700))), None))
            sums["points" if unit == "P" else "miles"] += points
            sums["lots"] += 1
        if rng.random() < 0.02:
            debt = rng.randrange(1, 300)
            lots.append((str(number), None, "P", None, debt))
            sums["debt"] += debt
    members, balances = folder / "members.csv", folder / "balances.parquet"
    members.write_bytes(people.getvalue().encode("cp932"))
    rng.shuffle(lots)
    names = ("who", "points", "unit", "until", "debt")
    pq.write_table(
        pa.table({name: pa.array(column) for name, column in zip(names, zip(*lots, strict=True), strict=True)}),
        balances,
    )
    return members, balances, sums


PARQUET = """
mapping: 1
program: old-card
columns:
  member: {column: who, kind: customer}
  points: points
  unit: {column: unit, words: {P: points, M: miles}}
  last_day: until
  debt: debt
"""


def test_five_thousand_members_reconcile_to_the_point(taking: Taking, tmp_path: Path) -> None:
    members, balances, sums = generated(5000, tmp_path)
    people, brought = taking.members(members), taking.balances(balances, mapping=PARQUET)
    assert people.members_new == sums["members"]
    found, lots = taking.reconcile(people.run_id), taking.reconcile(brought.run_id)
    assert (found.ok, lots.ok) == (True, True)
    assert found.sums["members"] == {"": (5000, 5000)}
    assert lots.sums["points"] == {"miles": (sums["miles"],) * 2, "points": (sums["points"],) * 2}
    assert sum(of[0] for of in lots.sums["lots"].values()) == sums["lots"]
    assert lots.sums["debt"]["points"] == (sums["debt"],) * 2
    ((points, miles),) = taking.sql("SELECT sum(counters[8])::bigint, sum(counters[17])::bigint FROM account")
    assert (points, miles) == (sums["points"] - sums["debt"], sums["miles"])
    assert taking.proof().ok


def test_a_run_that_was_stopped_goes_on_and_a_changed_ledger_is_noticed(taking: Taking, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr("kizuna.connect.csv.service._REMEMBER_EVERY_S", 0)
    members, balances, sums = generated(1500, tmp_path)

    def stop(at: Progress) -> None:
        if at.phase == "posting" and at.done > 600:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        taking.members(members, progress=stop)
    rest = taking.members(members)
    assert 0 < rest.replayed < 1500
    assert rest.accepted + rest.replayed == 1500
    with pytest.raises(KeyboardInterrupt):
        taking.balances(balances, mapping=PARQUET, progress=stop)
    brought = taking.balances(balances, mapping=PARQUET)
    assert taking.reconcile(brought.run_id).sums["points"]["miles"] == (sums["miles"],) * 2
    taking.sql(
        "UPDATE entry SET points = points + 1 WHERE ctid = (SELECT min(ctid) FROM entry WHERE unit = 0 AND points > 0) RETURNING n"
    )
    found = taking.reconcile(brought.run_id)
    assert not found.ok
    assert "points" in {one.what for one in found.differences}
    text = io.StringIO()
    found.write_csv(text)
    assert "customer:" in text.getvalue()


def test_runs_that_cannot_be_reconciled(taking: Taking, importing_orders: Callable[[], str]) -> None:
    with pytest.raises(RunUnknown):
        taking.reconcile("0" * 32)
    with pytest.raises(NothingToReconcile):
        taking.reconcile(importing_orders())


@pytest.fixture
def importing_orders(taking: Taking) -> Callable[[], str]:
    """Import the example of orders; return the run."""
    folder = EXAMPLES.parent / "orders"

    def run() -> str:
        async def story(on: Any) -> str:
            mapping = parse_mapping((folder / "mapping.yaml").read_text(encoding="utf-8"))
            summary = await import_orders(
                on.db, taking.brand, terms_of(taking.brand, 300), [folder / "orders.csv"], mapping,
                progress=lambda _: None, rejects=None,
            )  # fmt: skip
            return summary.run_id

        return taking.road.run(story)

    return run


@pytest.mark.parametrize(
    ("parse", "text", "fault"),
    [
        (parse_members, MEMBERS.replace("会員番号, kind: customer", "会員番号, kind: number"), MembersMappingInvalid),
        (
            parse_members,
            MEMBERS.replace("  tier: {column: ランク, levels: {一般: base, ゴールド: gold}}", "  #"),
            MembersMappingInvalid,
        ),
        (
            parse_balances,
            BALANCES.replace("program: old-card", "program: old-card\nunit: points"),
            BalancesMappingInvalid,
        ),
        (parse_balances, "mapping: 1\nprogram: a\ncolumns: {member: {column: a, kind: card}}", BalancesMappingInvalid),
    ],
)
def test_mappings_say_what_is_wrong_with_them(parse: Callable[[str], Any], text: str, fault: type[Problem]) -> None:
    with pytest.raises(fault, match="examples/takeover"):
        parse(text)


def test_two_runs_at_once_add_nothing_twice(taking: Taking, tmp_path: Path) -> None:
    members, _, _ = generated(1200, tmp_path)
    terms, mapping = terms_of(taking.brand, 300), parse_members(MEMBERS)

    async def story(on: Any) -> list[Taken]:
        runs = [
            take_over(on.db, taking.brand, terms, [members], mapping, progress=lambda _: None, rejects=None)
            for _ in range(2)
        ]
        return list(await asyncio.gather(*runs))

    both = taking.road.run(story)
    assert sum(one.accepted for one in both) == sum(one.members_new for one in both) == 1200
    assert taking.sql("SELECT count(*) FROM member") == [(1200,)]
