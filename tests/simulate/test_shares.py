"""A back-test does not depend on how its members are divided: whatever shares and processes, what one piece gives."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kizuna.engine import EventKind
from kizuna.program import parse
from kizuna.simulate import NEVER, SCHEMA, Design, Hazard, History, Multiples, Threshold, play

PROGRAM = """
program: 1
name: {ja: 試し, en: Trial}
units:
  - {id: points, name: {ja: ポイント, en: points}, expiry: {after_days: 40}, worth: {points: 1, amount: 1}}
tiers:
  by: spend
  window: calendar_year
  held: next_window
  levels:
    - {id: base, name: {ja: 一般, en: Base}, at: 0}
    - {id: gold, name: {ja: ゴールド, en: Gold}, at: 6000}
earning_rules:
  - id: base
    event: order.completed
    unit: points
    name: {ja: 買物, en: Purchases}
    award: {points: 1, per: 10, by_tier: {gold: {times: 2}}}
  - id: store
    event: order.completed
    unit: points
    name: {ja: 店の日, en: Store day}
    award: {fixed: 7}
    limits: [{per: store, within: month, points: 30}]
campaigns:
  - id: rush
    event: order.completed
    unit: points
    name: {ja: 先着, en: First come}
    award: {fixed: 40}
    starts: 2025-01-01
    ends: 2025-12-31
    budget: {points: BUDGET}
    limits: [{per: member, times: 3}]
  - id: after
    event: order.completed
    unit: points
    name: {ja: その後, en: After}
    award: {points: 1, per: 50}
    starts: 2025-02-01
    ends: 2025-11-30
    budget: {points: 300}
    holdout_percent: 20
returns: {spent: debt}
redemption: {minimum: 10, step: 10}
"""
START = datetime(2025, 1, 1, 9, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")
purchases = st.lists(
    st.tuples(
        st.integers(0, 8),
        st.integers(0, 300),
        st.integers(0, 2_000),
        st.sampled_from([None, "s1", "s2"]),
        st.sampled_from([None, None, None, 0, 50, 100]),
    ),
    min_size=1,
    max_size=60,
)
behaviours = st.sampled_from([NEVER, Multiples(50), Threshold(100, 10), Hazard((10, 80), (400_000, 800_000), step=10)])


def history_of(told) -> History:
    """A history from (member, day, amount, store, what per cent of it is kept a week later)."""
    rows, kinds = [], []
    for number, (member, day, amount, store, kept) in enumerate(told):
        at = START + timedelta(days=day, minutes=number)
        rows.append((at, number, "order", member, amount, store))
        if kept is not None:
            rows.append((at + timedelta(days=7), number, "back", member, amount * kept // 100, store))
    rows.sort(key=lambda row: (row[0], row[1], row[2] == "back"))
    place = {number: at for at, (_, number, what, *_) in enumerate(rows) if what == "order"}
    kinds = [EventKind.ORDER if row[2] == "order" else EventKind.CHANGE for row in rows]
    columns = {
        "kind": kinds,
        "member": [f"customer:{row[3]}" for row in rows],
        "at": [row[0] for row in rows],
        "of": [-1 if row[2] == "order" else place[row[1]] for row in rows],
        "amount": [row[4] for row in rows],
        "exists": [row[2] == "order" or row[4] > 0 for row in rows],
        "store": [row[5] for row in rows],
    }
    return History(pa.table({name: pa.array(column, SCHEMA.field(name).type) for name, column in columns.items()}))


def everything(played):
    """All that a back-test found, in one order."""
    answer = played.answers[-1]
    sums = pa.Table.from_struct_array(answer.sums).group_by(["what", "month", "unit", "key"])
    summed = sums.aggregate([(name, "sum") for name in ("points", "amount", "times")])
    return (
        sorted(map(tuple, (row.values() for row in summed.to_pylist())), key=repr),
        sorted((tuple(row.items()) for row in answer.members.to_pylist()), key=repr),
        sorted((tuple(row.items()) for row in answer.entries.to_pylist()), key=repr),
    )


@settings(max_examples=100, deadline=None)
@given(purchases, st.integers(1, 400), behaviours, st.integers(2, 5))
def test_shares_make_no_difference(told, budget, behaviour, shares):
    design = Design("trial", parse(PROGRAM.replace("BUDGET", str(budget))), behaviour)
    history = history_of(told)
    (whole,) = play(history, [design], UTC_ZONE, processes=1, shares=1, draws=2, entries=True)
    (parts,) = play(history, [design], UTC_ZONE, processes=1, shares=shares, draws=2, entries=True)
    assert everything(parts) == everything(whole)
    totals = whole.answers[0].members
    for row in totals.to_pylist():
        assert row["outstanding"] >= 0


def crowd(size: int) -> History:
    draw = np.random.default_rng(7)
    told = zip(
        draw.integers(0, 60, size).tolist(), draw.integers(0, 300, size).tolist(), draw.integers(0, 3_000, size).tolist(),
        draw.choice(["s1", "s2", "s3"], size).tolist(), draw.choice([None, None, None, None, 40], size).tolist(), strict=True,
    )  # fmt: skip
    return history_of(list(told))


@pytest.mark.parametrize("behaviour", [NEVER, Multiples(50)])
def test_processes_make_no_difference(behaviour):
    """Budgets that run out in the middle, decided by two processes at once."""
    design = Design("trial", parse(PROGRAM.replace("BUDGET", "1500")), behaviour)
    history = crowd(3_000)
    (whole,) = play(history, [design], UTC_ZONE, processes=1, shares=1, entries=True)
    (parts,) = play(history, [design], UTC_ZONE, processes=2, shares=9, entries=True)
    assert everything(parts) == everything(whole)
    entries = pa.Table.from_struct_array(whole.answers[0].entries)
    rules = [rule.id for rule in design.program.rules]
    given_ = entries.filter(pc.and_(pc.equal(entries["rule"], rules.index("rush")), pc.equal(entries["kind"], 1)))
    assert pc.sum(given_["points"]).as_py() == 1500  # all of the budget, and no more


def test_what_does_not_come_to_rest_is_decided_in_one_piece(monkeypatch):
    monkeypatch.setattr("kizuna.simulate.run.SETTLED_AFTER", 1)
    design = Design("trial", parse(PROGRAM.replace("BUDGET", "500")))
    history = crowd(800)
    (whole,) = play(history, [design], UTC_ZONE, processes=1, shares=1, entries=True)
    (parts,) = play(history, [design], UTC_ZONE, processes=1, shares=6, entries=True)
    assert everything(parts) == everything(whole)
