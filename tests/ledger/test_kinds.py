"""The auditor knows every kind of entry, and what no honest history contains of each; rows of older versions are read."""

import hashlib
import struct

import msgspec
import pytest

from intake.designs import PER_100, POINTS, design, rule
from kizuna.core.days import DAY_DELIVERED, DAY_IDLE
from kizuna.core.lots import Counters, Lot, pack, unpack
from kizuna.core.waiting import Waiting
from kizuna.core.waiting import pack as pack_waiting
from kizuna.engine import EntryKind
from kizuna.intake import Move, Outcome
from kizuna.ledger import Account, Entry, as_of, replay, touched
from kizuna.ledger.model import digest, sums
from road import LONG_AFTER, event, order, redemption

EARN, REDEEM, EXPIRE, PEND, RELEASE, REVERSE, CANCEL, FORGIVE, COLLECT, *_ = EntryKind


def history(*told):
    """Entries from (kind, points, expires_on, and what else there is by name); n counts from 1."""
    return [
        Entry(
            b"m" * 16, n.to_bytes(16, "big"), n, kind, more.get("unit", 0), points, expires_on, 1, 0, 0,
            pack(more.get("taken", [])), more.get("restriction", 0), more.get("release_on"), more.get("cause"),
        )
        for n, (kind, points, expires_on, more) in enumerate(((*one, {})[:4] for one in told), start=1)
    ]  # fmt: skip


def lot(expires_on, points, restriction=0, unit=0):
    return Lot(unit, restriction, expires_on, points)


WEEK = {"release_on": 50, "cause": 7}


def test_an_honest_history_of_every_kind():
    run = replay(
        history(
            (PEND, 10, 100, WEEK),
            (PEND, 4, -1, {"release_on": DAY_DELIVERED, "cause": 9}),
            (CANCEL, -3, 100, WEEK),
            (EARN, 20, 90),
            (EARN, 5, 95, {"restriction": 2}),
            (EARN, 6, 120, {"unit": 1}),
            (RELEASE, 7, 100, WEEK),
            (RELEASE, 4, 140, {"release_on": DAY_DELIVERED, "cause": 9}),
            (REDEEM, -22, 0, {"taken": [lot(90, 20), lot(95, 2, 2)]}),
            (REDEEM, -1, 0, {"taken": [lot(100, 1)]}),
            (REVERSE, -10, 90, {"taken": [lot(100, 6)]}),
            (FORGIVE, 1, 0),
            (COLLECT, 1, 0),
            (EARN, 3, 200),
            (EXPIRE, -3, 95, {"restriction": 2}),
        )
    )
    assert run.faults == []
    assert run.counters == Counters(39, 23, 3, 0, 10, 2)
    assert run.counters.balance == 5
    assert run.all_counters[1] == Counters(6)
    assert unpack(run.lots) == [lot(140, 4), lot(200, 1), lot(120, 6, unit=1)]
    assert run.waiting == b""


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ([(PEND, -1, 9, WEEK)], "direction"),
        ([(RELEASE, 5, 9, WEEK)], "did not wait"),
        ([(PEND, 5, 9, WEEK), (RELEASE, 6, 9, WEEK)], "did not wait"),
        ([(PEND, 5, 9, WEEK), (RELEASE, 5, 9, WEEK | {"cause": 8})], "did not wait"),
        ([(PEND, 5, -1, WEEK), (RELEASE, 5, -1, WEEK)], "how long"),
        ([(PEND, 5, 9, WEEK), (CANCEL, -6, 9, WEEK)], "did not wait"),
        ([(CANCEL, -1, 9, WEEK)], "did not wait"),
        ([(EARN, 5, 9), (REVERSE, -5, 9, {"taken": [lot(8, 5)]})], "do not hold as much"),
        ([(EARN, 5, 9), (REVERSE, -4, 9, {"taken": [lot(9, 5)]})], "more than it says"),
        ([(EARN, 5, 9), (REVERSE, 5, 9)], "direction"),
        ([(EARN, 5, 9, {"unit": 1}), (REVERSE, -5, 9, {"taken": [lot(9, 5, unit=1)]})], "another unit"),
        ([(FORGIVE, 1, 9)], "ends a debt"),
        ([(EARN, 5, 9), (REVERSE, -5, 9), (COLLECT, 6, 0)], "ends a debt"),
        ([(EARN, 5, 9, {"unit": 1}), (REDEEM, -5, 0, {"taken": [lot(9, 5)]})], "more than were there"),
        ([(EARN, 5, 9, {"restriction": 1}), (REDEEM, -5, 0, {"taken": [lot(9, 5)]})], "more than were there"),
        (
            [(EARN, 5, 9, {"restriction": 1}), (EARN, 5, 10), (REDEEM, -6, 0, {"taken": [lot(10, 5), lot(9, 1, 1)]})],
            "other lots",
        ),
    ],
)
def test_what_no_honest_history_contains(told, says):
    assert says in " ".join(replay(history(*told)).faults)


def test_a_lot_that_its_purpose_forbids_is_passed_over():
    told = [(EARN, 5, 9, {"restriction": 1}), (EARN, 5, 10), (REDEEM, -5, 0, {"taken": [lot(10, 5)]})]
    assert replay(history(*told)).faults == []


def test_time_releases_what_waits_and_then_lets_it_lapse():
    waiting = [Waiting(50, 7, 0, 0, 60, 5), Waiting(70, 0, 0, 0, 90, 8), Waiting(DAY_DELIVERED, 9, 0, 0, -1, 4)]
    account = Account(3, Counters(0, 0, 0, 2), pack([lot(40, 1), lot(DAY_IDLE, 6)]), b"", pack_waiting(waiting))
    done = touched(account, 65)
    assert (done.released, done.lapsed) == ([waiting[0]], [lot(40, 1), lot(60, 3)])
    then = as_of(account, 65)
    assert (unpack(then.lots), then.counters) == ([lot(DAY_IDLE, 6)], Counters(5, 0, 4, 0))
    assert then.waiting == pack_waiting(waiting[1:])
    assert as_of(account, 39).counters == account.counters
    assert sum(one.remaining for one in unpack(as_of(account, 70).lots)) == 6 + 8


def test_the_digest_of_an_entry_of_the_old_kinds_is_what_it_was():
    (old,) = history((EARN, 5, 9))
    facts = struct.pack("<16s16sqhhqiihq", *old[:10])
    assert digest([old]) == hashlib.blake2b(facts, digest_size=32).digest()
    assert (
        len({digest([one]) for one in (old, old._replace(restriction=1), old._replace(cause=1), old._replace(raw=6))})
        == 4
    )


def test_program_accounts_are_net_and_of_the_first_unit():
    told = history(
        (PEND, 10, 9, WEEK), (CANCEL, -2, 9, WEEK), (RELEASE, 8, 9, WEEK), (EARN, 5, 9), (EARN, 99, 9, {"unit": 1}),
        (REDEEM, -3, 0), (REVERSE, -4, 9), (FORGIVE, 1, 0), (EXPIRE, -1, 9),
    )  # fmt: skip
    found = sums(told)
    assert (found.issued, found.redeemed, found.expired) == (8 + 5 - 4 + 1, 3, 1)
    assert (found.reversed, found.forgiven, found.waiting) == (4, 1, 0)
    assert found.outstanding == 6


def test_an_answer_of_an_older_version_is_read():
    old = (b"k" * 16, b"m" * 16, 1, 0, 5, 5, 0, 0, 500, 20_000, [(1, 5, 20_089, 0, 500)], False)
    found = msgspec.msgpack.decode(msgspec.msgpack.encode(old), type=Outcome)
    assert (found.moves, found.figure, found.balances, found.collect) == ([Move(1, 5, 20_089, 0, 500)], 500, [], 0)


CORRUPTIONS = {
    "points that wait are changed": ("UPDATE account SET waiting = set_byte(waiting, 20, 255)", "waiting points"),
    "points that wait are gone": ("UPDATE account SET waiting = ''", "waiting points"),
    "a debt is forgotten": ("UPDATE account SET counters[4] = 0", "counters"),
    "what was taken back is forgotten": ("UPDATE account SET counters[5] = 0", "counters"),
    "another order's points": ("UPDATE entry SET cause = cause + 1 WHERE kind = 4 AND n = 1", ""),
    "another restriction": ("UPDATE entry SET restriction = 1 WHERE kind = 4 AND n = 1", ""),
    "another day of release": ("UPDATE entry SET release_on = release_on + 1 WHERE kind = 4 AND n = 1", ""),
    "what the rule alone would have given": ("UPDATE entry SET raw = 99 WHERE kind = 4 AND n = 1", "batch"),
    "what cut it": ("UPDATE entry SET cut = 1 WHERE kind = 4 AND n = 1", "batch"),
    "a batch that took more back": ("UPDATE batch SET reversed = reversed + 1", "does not agree"),
    "a batch that let more wait": ("UPDATE batch SET waiting = waiting + 1", "does not agree"),
    "a batch that forgave": ("UPDATE batch SET forgiven = forgiven + 1", "does not agree"),
}


@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_every_corruption_is_found(make_brand, road_of, corruption):
    statement, says = CORRUPTIONS[corruption]

    async def story(on):
        await on.tell(
            order("a", 1_000), order("b", 500), redemption("r", 9, at="2025-03-09T09:00:00Z"),
            order("c", 300, at="2025-03-09T09:00:00Z"),
            event("x", "order.returned", {"order_id": "a"}, at="2025-03-10T09:00:00Z"),
        )  # fmt: skip
        await on.seal()
        proof = await on.verify(LONG_AFTER)
        assert (proof.ok, proof.faults) == (True, [])
        async with on.db.lend(on.brand.schema) as conn:
            assert not (await conn.execute(statement)).endswith(" 0"), "the corruption touched nothing"
        proof = await on.verify(LONG_AFTER)
        assert not proof.ok
        assert says in "\n".join(proof.faults)

    weekly = design(rule("base", award=PER_100), units=[POINTS | {"pending": {"days": 7}}])
    road_of(make_brand(weekly)).run(story)
