"""The short way through a history leads where `Replay` leads, or says nothing; digests of columns are those of entries."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kizuna.core.ids import BUCKETS
from kizuna.core.lots import LOT, Lot, pack
from kizuna.engine import EntryKind
from kizuna.ledger import Entry, Replay, store
from kizuna.ledger.model import FACTS, digest, sums
from kizuna.ledger.proof import store as proof_store
from kizuna.ledger.proof.batches import FACT_FIELDS, Commits
from kizuna.ledger.proof.histories import NO_COUNTERS, packed_counters
from kizuna.ledger.proof.walk import counters, is_short, walk
from ledger.test_proof import PROGRAM, every_kind

MEMBER = b"m" * 16
SHORT = (
    EntryKind.EARN, EntryKind.REDEEM, EntryKind.EXPIRE, EntryKind.PEND, EntryKind.RELEASE, EntryKind.CANCEL, EntryKind.REVERSE,
    EntryKind.HOLD, EntryKind.VOID, EntryKind.CONFIRM, EntryKind.ADJUST, EntryKind.TRANSFER, EntryKind.FORGIVE,
)  # fmt: skip
steps = st.tuples(
    st.sampled_from(SHORT),
    st.integers(1, 6),
    st.integers(0, 3),  # which last day, and which lot
    st.integers(0, 1),  # which unit
    st.integers(0, 1),  # which purpose
    st.integers(0, 9),  # 0 tells a lie
)


def next_entry(run: Replay, kind: int, points: int, pick: int, unit: int, use: int, lie: int) -> Entry:
    """An entry that mostly follows from what there is."""
    held = run.holdings
    lots = [
        Lot(of, to, last, left) for (of, last, to), left in sorted(held.lots.items()) if of == unit and to in {0, use}
    ]
    expires_on, taken, release_on, cause, sign = 10 + pick, [], 0, 0, 1
    if kind in (EntryKind.REDEEM, EntryKind.HOLD, EntryKind.REVERSE) or (
        kind in (EntryKind.ADJUST, EntryKind.TRANSFER) and pick % 2
    ):
        sign, wanted = -1, points
        for lot in lots:
            part = min(wanted, lot.remaining)
            wanted -= part
            taken += [lot._replace(remaining=part)] if part else []
        points -= wanted if kind != EntryKind.REVERSE else 0
        cause = 1 + pick if kind == EntryKind.HOLD else 0
    elif kind == EntryKind.EXPIRE and lots:
        lot, sign = lots[pick % len(lots)], -1
        points, expires_on, use = lot.remaining, lot.expires_on, lot.restriction
    elif kind in (EntryKind.RELEASE, EntryKind.CANCEL, EntryKind.PEND):
        release_on, cause, sign = 20 + pick, 3, -1 if kind == EntryKind.CANCEL else 1
        if kind != EntryKind.PEND and held.waiting:
            key = sorted(held.waiting)[pick % len(held.waiting)]
            release_on, cause, unit, use, expires_on = key
            points = held.waiting[key]
    elif kind in (EntryKind.VOID, EntryKind.CONFIRM) and run.held:
        (unit, cause), there = sorted(run.held.items())[pick % len(run.held)]
        points, sign = min(points, there), 1 if kind == EntryKind.VOID else -1
    points = max(points, 1) + (lie == 0)
    return Entry(
        MEMBER,
        bytes(16),
        run.entry_count + 1,
        kind,
        unit,
        sign * points,
        expires_on,
        1,
        0,
        0,
        pack(taken),
        use,
        release_on,
        cause,
    )


@settings(max_examples=400, deadline=None)
@given(st.lists(steps, max_size=14))
def test_the_short_way_leads_where_a_replay_leads(told):
    run, entries = Replay(), []
    for kind, *rest in told:
        entry = next_entry(run, kind, *rest)
        entries.append(entry)
        run.feed(entry)
    kind, unit, points = (
        np.array([getattr(one, name) for one in entries], np.int64) for name in ("kind", "unit", "points")
    )
    if not entries or not is_short(kind, unit, points).all():
        return
    end = walk(
        iter(
            [
                (
                    one.kind, one.unit, one.points, one.expires_on, one.restriction, one.release_on, one.cause,
                    (one.taken, "") if one.taken else None,
                )
                for one in entries
            ]
        )
    )  # fmt: skip
    plain = not run.faults and not any(pocket.debt for pocket in run.holdings.units.values())
    if end is None:
        return
    assert plain, run.faults
    assert (end.packed_lots, end.packed_waiting, end.is_holding) == (run.lots, run.waiting, bool(run.held))
    counted = counters(kind, unit, points, np.zeros(1, np.intp))[0]
    assert [tuple(one) for one in counted.tolist()[: len(run.all_counters)]] == [tuple(one) for one in run.all_counters]


def test_counters_are_packed_as_the_database_sends_them(road):
    async def story(on):
        row = await on.sql(
            "SELECT array_send('{0,0,0,0,0,0,0,0,0}'::bigint[]) AS one, array_send($1::bigint[]) AS two", [1] * 18
        )
        assert row[0]["one"] == NO_COUNTERS
        both = packed_counters(np.array([[[1] * 9, [1] * 9], [[0] * 9, [0] * 9]], np.int64))
        assert both == [row[0]["two"], NO_COUNTERS]

    road.run(story)


def test_digests_and_sums_of_columns_are_those_of_entries(make_brand, road_of):
    assert (FACT_FIELDS.itemsize, LOT.size) == (FACTS.size, 16)

    async def story(on):
        await every_kind(on)
        async with on.db.transaction(on.brand.schema, readonly=True) as conn:
            where = proof_store.of_batches(*proof_store.EVERYTHING)
            commits = Commits(
                await proof_store.read(conn, proof_store.ENTRIES, where), await proof_store.texts(conn, where)
            )
            commits.sort()
            by_batch = {}
            for bucket in range(BUCKETS):
                async for entry, batch in store.each_entry(conn, bucket):
                    by_batch.setdefault(batch, []).append(entry)
        assert commits.ids == sorted(by_batch)
        assert commits.digests() == [digest(by_batch[batch]) for batch in commits.ids]
        assert commits.sums() == [sums(by_batch[batch]) for batch in commits.ids]

    road_of(make_brand(PROGRAM)).run(story)
