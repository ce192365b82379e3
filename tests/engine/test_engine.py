"""The engine decides whole batches as columns; the reference says slowly what each event means. They never differ."""

from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import reference
from engine.generated import program, stories
from engine.reference import ORDER, REDEMPTION, Decided, Happening, Member, Movement
from kizuna.core.days import DAY_NEVER, day_number
from kizuna.core.lots import Counters, unpack
from kizuna.engine import FRESH, EntryKind, EventKind, Events, Refusal, State, compile_plan, decide
from kizuna.engine.state import NO_YEAR, STATE
from kizuna.program import AMOUNT_MAX

DAY = day_number(date(2025, 6, 1))
KINDS = {ORDER: EventKind.ORDER, REDEMPTION: EventKind.REDEMPTION}


class Rows:
    """Member rows as the database keeps them: bytes and counters, read for a batch and written after it."""

    def __init__(self, plans):
        self.plans = plans
        self.memory, self.counters, self.lots = {}, {}, {}

    def decide(self, batch: list[Happening]) -> list[Decided]:
        members = sorted({event.member for event in batch}, reverse=True)
        state = State.unpack(
            [self.memory.get(member, FRESH) for member in members],
            [self.counters.get(member, Counters()) for member in members],
            [self.lots.get(member, b"") for member in members],
        )
        columns = Events(
            member=np.array([members.index(event.member) for event in batch], np.intp),
            plan=np.array([event.version for event in batch], np.int16),
            kind=np.array([KINDS[event.what] for event in batch], np.int8),
            day=np.array([event.day for event in batch], np.int32),
            amount=np.array([event.amount for event in batch], np.int64),
        )
        decided = _told(decide(self.plans, state, columns))
        for member, memory, counters, lots in zip(
            members, state.pack_memory(), state.counters.tolist(), state.pockets.pack(), strict=True
        ):
            self.memory[member], self.counters[member], self.lots[member] = memory, Counters(*counters), lots
        return decided


def _told(decisions) -> list[Decided]:
    """The engine's columns in the reference's words."""
    told = [
        Decided(Refusal(refusal).name.lower(), balance, level_before, level, spend)
        for refusal, balance, level_before, level, spend in zip(
            decisions.refusal.tolist(),
            decisions.balance.tolist(),
            decisions.level_before.tolist(),
            decisions.level.tolist(),
            decisions.spend.tolist(),
            strict=True,
        )
    ]
    moves = decisions.moves
    for number, kind, *facts in zip(
        moves.event.tolist(),
        moves.kind.tolist(),
        moves.points.tolist(),
        moves.expires_on.tolist(),
        moves.rule.tolist(),
        moves.basis.tolist(),
        strict=True,
    ):
        told[number].moves.append(Movement(EntryKind(kind).name.lower(), *facts))
    taken = decisions.taken
    for number, *lot in zip(taken.which.tolist(), taken.expires_on.tolist(), taken.points.tolist(), strict=True):
        told[number].taken.append(tuple(lot))
    return told


def compiled(documents):
    return [compile_plan(one, version) for version, one in enumerate(documents, start=1)]


def in_batches(history, sizes):
    """Cut a history into batches of the given sizes, the last one taking the rest."""
    start = 0
    for size in sizes:
        if history[start : start + size]:
            yield history[start : start + size]
        start += size
    if history[start:]:
        yield history[start:]


sizes = st.lists(st.integers(1, 12), max_size=8)


@settings(max_examples=1000, deadline=None)
@given(stories(), sizes)
def test_engine_and_reference_agree_on_everything(story, sizes):
    documents, history = story
    rows, members = Rows(compiled(documents)), [Member() for _ in range(5)]
    for batch in in_batches(history, sizes):
        expected = [members[event.member].decide(documents[event.version], event) for event in batch]
        assert rows.decide(batch) == expected
    for number in rows.memory:
        member = members[number]
        memory = np.frombuffer(rows.memory[number], STATE)[0]
        lots = [(lot.expires_on, lot.remaining) for lot in unpack(rows.lots[number])]
        assert lots == sorted(member.lots.items())
        assert rows.counters[number] == Counters(member.earned, member.spent, member.lapsed, 0)
        latest = member.latest_year
        assert memory["year"] == (NO_YEAR if latest is None else latest)
        if latest is not None:
            assert memory["spend_year"] == member.spend_of.get(latest, 0)
            assert memory["spend_last_year"] == member.spend_of.get(latest - 1, 0)
        assert (memory["spend"], memory["orders"]) == (member.spend_ever, member.orders)
        assert memory["last_day"] == max(event.day for event in history if event.member == number)


@settings(max_examples=150, deadline=None)
@given(stories(), sizes)
def test_how_a_history_is_cut_into_batches_does_not_matter(story, sizes):
    documents, history = story
    plans = compiled(documents)
    at_once, cut, singly = Rows(plans), Rows(plans), Rows(plans)
    told = at_once.decide(history)
    assert [one for batch in in_batches(history, sizes) for one in cut.decide(batch)] == told
    assert [one for event in history for one in singly.decide([event])] == told
    for other in (cut, singly):
        assert (other.memory, other.counters, other.lots) == (at_once.memory, at_once.counters, at_once.lots)


@settings(max_examples=150, deadline=None)
@given(stories())
def test_the_books_balance_after_every_event(story):
    documents, history = story
    rows = Rows(compiled(documents))
    for event in history:
        (told,) = rows.decide([event])
        counters, lots = rows.counters[event.member], unpack(rows.lots[event.member])
        assert counters.balance == sum(lot.remaining for lot in lots) == told.balance
        assert all(lot.remaining > 0 for lot in lots)
        assert all(one.expires_on < other.expires_on for one, other in pairwise(lots))
        assert all(lot.expires_on >= event.day or event.what == ORDER for lot in lots)
        assert sum(points for _, points in told.taken) == -sum(
            move.points for move in told.moves if move.kind == "redeem"
        )


@pytest.mark.parametrize(
    ("rate", "amount", "down", "nearest", "up"),
    [
        ((1, 100), 0, 0, 0, 0),
        ((1, 100), 1, 0, 0, 1),
        ((1, 100), 49, 0, 0, 1),
        ((1, 100), 50, 0, 1, 1),
        ((1, 100), 99, 0, 1, 1),
        ((1, 100), 100, 1, 1, 1),
        ((1, 100), 149, 1, 1, 2),
        ((1, 100), 150, 1, 2, 2),
        ((3, 7), 1, 0, 0, 1),  # 3/7
        ((3, 7), 2, 0, 1, 1),  # 6/7
        ((1, 3), 1, 0, 0, 1),  # an odd “per” has no half
        ((1, 3), 2, 0, 1, 1),
        ((5, 2), 1, 2, 3, 3),  # 2½
        ((1_000_000, 10_000), AMOUNT_MAX, 10**13, 10**13, 10**13),
        ((1_000_000, 999_999_999), AMOUNT_MAX - 1, 100_000_000, 100_000_000, 100_000_001),  # beyond a float's 53 bits
    ],
)
def test_the_fraction_of_a_point(rate, amount, down, nearest, up):
    points, per = rate
    for rounding, expected in (("down", down), ("nearest", nearest), ("up", up)):
        document = program(awards=[{"points": points, "per": per, "rounding": rounding}])
        (told,) = Rows(compiled([document])).decide([Happening(0, 0, ORDER, DAY, amount)])
        assert told.moves == [Movement("earn", expected, DAY_NEVER, 0, amount)]
        assert told.balance == reference.award(document.earning_rules[0].award, amount) == expected


@pytest.mark.parametrize(
    ("after_days", "days_later", "spendable"),
    [(1, 0, True), (1, 1, False), (2, 1, True), (90, 89, True), (90, 90, False), (90, 91, False), (None, 36_524, True)],
)
def test_the_last_day_of_a_lot(after_days, days_later, spendable):
    document = program(expiry="never" if after_days is None else {"after_days": after_days})
    rows = Rows(compiled([document]))
    rows.decide([Happening(0, 0, ORDER, DAY, 500)])
    (told,) = rows.decide([Happening(0, 0, REDEMPTION, DAY + days_later, 5)])
    if spendable:
        assert (told.refusal, told.balance) == ("none", 0)
        assert told.moves == [Movement("redeem", -5)]
    else:
        assert (told.refusal, told.balance) == ("short", 0)
        assert told.moves == [Movement("expire", -5, DAY + after_days - 1)]


NEW_YEAR = day_number(date(2026, 1, 1))
RUNGS = [0, 1000, 5000]


@pytest.mark.parametrize(
    ("window", "held", "spent", "asked_on", "level"),
    [
        ("calendar_year", "window", [(DAY, 999)], DAY, 0),
        ("calendar_year", "window", [(DAY, 1000)], DAY, 1),
        ("calendar_year", "window", [(DAY, 4999), (DAY, 1)], DAY, 2),
        ("calendar_year", "window", [(DAY, 5000)], NEW_YEAR - 1, 2),
        ("calendar_year", "window", [(DAY, 5000)], NEW_YEAR, 0),
        ("calendar_year", "next_window", [(DAY, 5000)], NEW_YEAR, 2),
        ("calendar_year", "next_window", [(DAY, 5000)], NEW_YEAR + 364, 2),
        ("calendar_year", "next_window", [(DAY, 5000)], NEW_YEAR + 365, 0),
        ("calendar_year", "next_window", [(DAY, 5000), (NEW_YEAR, 1000)], NEW_YEAR + 365, 1),
        ("calendar_year", "next_window", [(NEW_YEAR, 1), (NEW_YEAR - 1, 5000)], NEW_YEAR, 2),  # told late
        ("calendar_year", "next_window", [(NEW_YEAR, 1), (NEW_YEAR - 400, 5000)], NEW_YEAR, 0),  # too late: forgotten
        ("lifetime", "window", [(DAY, 4000), (NEW_YEAR, 1000)], NEW_YEAR + 9999, 2),
        ("lifetime", "next_window", [(NEW_YEAR, 1), (NEW_YEAR - 400, 4999)], NEW_YEAR, 2),
    ],
)
def test_where_a_member_stands(window, held, spent, asked_on, level):
    rows = Rows(compiled([program(levels=RUNGS, window=window, held=held)]))
    rows.decide([Happening(0, 0, ORDER, day, amount) for day, amount in spent])
    (told,) = rows.decide([Happening(0, 0, REDEMPTION, asked_on, 1)])
    assert (told.level_before, told.level) == (level, level)


@pytest.mark.parametrize(
    ("points", "refusal"),
    [(99, "below_minimum"), (100, "off_step"), (150, "none"), (200, "off_step"), (300, "none"), (450, "short")],
)
def test_which_sums_may_be_redeemed(points, refusal):
    rows = Rows(compiled([program(redemption={"minimum": 100, "step": 150})]))
    rows.decide([Happening(0, 0, ORDER, DAY, 44_900)])
    (told,) = rows.decide([Happening(0, 0, REDEMPTION, DAY, points)])
    assert told.refusal == refusal
    assert told.balance == 449 - (points if refusal == "none" else 0)


def test_what_expires_first_is_spent_first_whichever_came_first():
    long, short = program(expiry={"after_days": 30}), program(expiry={"after_days": 3})
    rows = Rows(compiled([long, short]))
    rows.decide([Happening(0, 0, ORDER, DAY, 1000), Happening(0, 1, ORDER, DAY, 400)])
    (told,) = rows.decide([Happening(0, 0, REDEMPTION, DAY, 6)])
    assert told.taken == [(DAY + 2, 4), (DAY + 29, 2)]


def test_rules_add_up_and_an_award_of_nothing_still_explains_itself():
    rows = Rows(compiled([program(awards=[{"points": 1, "per": 100}, {"points": 1, "per": 1000}])]))
    (told,) = rows.decide([Happening(0, 0, ORDER, DAY, 999)])
    assert told.moves == [Movement("earn", 9, DAY_NEVER, 0, 999), Movement("earn", 0, DAY_NEVER, 1, 999)]
    assert [lot.remaining for lot in unpack(rows.lots[0])] == [9]


def test_a_batch_of_nothing_decides_nothing():
    assert Rows(compiled([program()])).decide([]) == []


def test_a_program_without_rules_awards_nothing():
    (told,) = Rows(compiled([program(awards=[])])).decide([Happening(0, 0, ORDER, DAY, 999)])
    assert (told.balance, told.moves, told.spend) == (0, [], 999)


def test_state_of_a_newer_format_is_refused():
    with pytest.raises(ValueError, match="newer Kizuna"):
        State.unpack([bytes([2]) + FRESH[1:]], [Counters()], [b""])
