"""What the road wrote replays to what the road keeps, whatever came twice, at once, late or again."""

import asyncio
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import count

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.generated import program
from kizuna.core.lots import Counters, Lot, pack, unpack
from kizuna.engine import EntryKind
from kizuna.intake import Outcome
from kizuna.ledger import Entry, Sums, accounts, history, replay, spendable
from kizuna.members import UnknownMember
from kizuna.publishing import publish
from road import order, redemption

FIRST_DAY = datetime(2025, 1, 1, 12, tzinfo=UTC)
FIRST = program(
    awards=[{"points": 1, "per": 10}, {"points": 1, "per": 300, "rounding": "up"}], expiry={"after_days": 5}
)
SECOND = program(awards=[{"points": 3, "per": 10}], expiry={"after_days": 30}, redemption={"minimum": 5, "step": 5})
numbers = count()

told_once = st.tuples(
    st.integers(0, 3),  # whose
    st.sampled_from(["order", "order", "redemption"]),
    st.integers(1, 400),
    st.one_of(st.integers(0, 12), st.none()),  # on which day, late ones too; None is today, by the second version
    st.lists(st.integers(0, 2), min_size=1, max_size=3),  # through which writers: again through one, or at once
)


def as_sent(number, story_number, whose, kind, amount, day) -> bytes:
    at = datetime.now(UTC) if day is None else FIRST_DAY + timedelta(days=day)
    who = f"customer:{story_number}/{whose}"
    id_ = f"{story_number}/{number}"
    if kind == "order":
        return order(id_, amount, who=who, at=at.isoformat())
    return redemption(id_, 1 + amount // 10, who=who, at=at.isoformat())


async def whole_history(conn, member) -> list[Entry]:
    """Every entry, page by page, in the order of its making."""
    entries, page = [], None
    found, cursor = await history(conn, member, limit=3)
    while found:
        entries += found
        page, found = cursor, []
        if page is not None:
            found, cursor = await history(conn, member, before=page, limit=3)
    return sorted(entries, key=lambda entry: entry.n)


def first_answers(tellings, answers) -> dict[bytes, list[Outcome]]:
    """Each event's outcome, by member: decided once, and every other answer repeats it."""
    outcomes: dict[int, Outcome] = {}
    for number, answer in answers:
        if isinstance(answer, UnknownMember):
            assert tellings[number][1] == "redemption"
            continue
        first = outcomes.setdefault(number, answer)
        assert (answer.event_key, answer.balance, answer.moves) == (first.event_key, first.balance, first.moves)
    assert sum(not answer.replayed for _, answer in answers if isinstance(answer, Outcome)) == len(outcomes)
    by_member = defaultdict(list)
    for outcome in outcomes.values():
        by_member[outcome.member].append(outcome)
    return by_member


def assert_replays(row, entries, outcomes) -> None:
    """The row is what its entries give, and the entries are what the answers told."""
    run = replay(entries)
    assert run.faults == []
    assert (run.entry_count, run.counters, run.lots) == row[:3]
    assert run.waiting == row.waiting
    assert row.counters == counted(outcomes)
    assert row.counters.balance == sum(lot.remaining for lot in unpack(row.lots))
    assert sorted((entry.kind, entry.points, entry.expires_on) for entry in entries) == sorted(
        (move.kind, move.points, move.expires_on) for one in outcomes for move in one.moves if move.points
    )


def test_what_was_written_replays_to_the_rows(make_brand, road_of):
    road = road_of(make_brand(FIRST))

    async def publish_second(on):
        await publish(on.db, on.brand, SECOND)

    road.run(publish_second)

    @settings(
        max_examples=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a race does not shrink
    )
    @given(st.lists(told_once, min_size=1, max_size=60), st.integers(1, 25))
    def stories(tellings, batch_size):
        road.run(lambda on: story(on, tellings, batch_size), writers=3)

    async def story(on, tellings, batch_size):
        story_number = next(numbers)
        events = [as_sent(number, story_number, *telling[:4]) for number, telling in enumerate(tellings)]
        through = defaultdict(list)
        for number, telling in enumerate(tellings):
            for writer in telling[4]:
                through[writer].append(number)

        async def tell(writer, mine):
            answers = await on.tell(*(events[number] for number in mine), writer=writer)
            return list(zip(mine, answers, strict=True))

        batches = [
            tell(writer, mine[start : start + batch_size])
            for writer, mine in through.items()
            for start in range(0, len(mine), batch_size)
        ]
        answers = [pair for answered in await asyncio.gather(*batches) for pair in answered]
        answers += await tell(0, range(len(events)))  # and everything once more

        by_member = first_answers(tellings, answers)
        async with on.db.lend(on.brand.schema) as conn:
            rows = await accounts(conn, list(by_member))
            for member, theirs in by_member.items():
                assert_replays(rows[member], await whole_history(conn, member), theirs)
        proof = await on.verify(datetime.now(UTC).date())
        assert proof.ok, proof.faults

    stories()


def counted(outcomes) -> Counters:
    """What the answers told, added up."""
    sums = defaultdict(int)
    for outcome in outcomes:
        for move in outcome.moves:
            sums[move.kind] += move.points
    return Counters(sums[EntryKind.EARN], -sums[EntryKind.REDEEM], -sums[EntryKind.EXPIRE], 0)


EARN, REDEEM, EXPIRE = EntryKind.EARN, EntryKind.REDEEM, EntryKind.EXPIRE


def entries_of(*told, member=b"m" * 16):
    """Entries from (kind, points, expires_on[, taken]); n counts from 1."""
    return [
        Entry(
            member, n.to_bytes(16, "big"), n, one[0], 0, one[1], one[2], 1, 0, 0, pack(one[3] if len(one) > 3 else [])
        )
        for n, one in enumerate(told, start=1)
    ]


def lot(expires_on, points):
    return Lot(0, 0, expires_on, points)


def test_a_replay_of_an_honest_history():
    run = replay(
        entries_of(
            (EARN, 10, 100),
            (EARN, 5, 90),
            (EARN, 2, 100),
            (REDEEM, -8, 0, [lot(90, 5), lot(100, 3)]),
            (EXPIRE, -9, 100),
            (EARN, 1, 120),
        )
    )
    assert run.faults == []
    assert run.counters == Counters(18, 8, 9, 0)
    assert unpack(run.lots) == [lot(120, 1)]
    assert (run.lapsed_by(120), run.lapsed_by(121)) == (0, 1)


def test_a_replay_names_what_no_honest_history_contains():
    for told, says in (
        ([(REDEEM, -1, 0)], "more than were there"),
        ([(EARN, 5, 90), (REDEEM, -6, 0, [lot(90, 5)])], "more than were there"),
        ([(EARN, 5, 90), (EARN, 5, 80), (REDEEM, -5, 0, [lot(90, 5)])], "other lots than those that expire first"),
        ([(EARN, 5, 90), (REDEEM, -5, 0)], "other lots"),
        ([(EARN, 5, 90), (EXPIRE, -4, 90)], "another sum"),
        ([(EARN, 5, 90), (EXPIRE, -5, 91)], "another sum"),
        ([(EARN, -5, 90)], "direction"),
        ([(EXPIRE, 5, 90)], "direction"),
        ([(10, 5, 90)], "direction"),
    ):
        assert says in " ".join(replay(entries_of(*told)).faults), told
    first, second, third = entries_of((EARN, 1, 90), (EARN, 1, 90), (EARN, 1, 90))
    for told in ([first, third], [first, second, second], [second], [first, third, second]):
        assert "missing or doubled" in " ".join(replay(told).faults)


def test_program_accounts_and_pockets_cancel_out():
    assert Sums(10, 4, 1).outstanding == 5


def test_a_lot_may_be_spent_on_its_last_day():
    lots = pack([lot(89, 1), lot(90, 2), lot(91, 3)])
    assert spendable(lots, 90) == [lot(90, 2), lot(91, 3)]


def test_a_day_before_anything_happened_has_empty_books(road):
    async def story(on):
        await on.tell(order("a", 1_000))
        proof = await on.verify(date(2025, 2, 28))
        assert (proof.ok, proof.issued, proof.outstanding, proof.entries, proof.accounts) == (True, 0, 0, 1, 1)

    road.run(story)
