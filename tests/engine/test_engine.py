"""The engine decides whole batches as columns; the reference says slowly what each event means. They never differ."""

from importlib import import_module
from itertools import pairwise

import pytest
from hypothesis import given

from engine.agreeing import agree, in_batches
from engine.generated import FOCUSES, STORIES, crowd, many, program, seeds, story
from engine.rows import Rows
from kizuna.core import lots as lot_bytes
from kizuna.core import waiting as waiting_bytes
from kizuna.core.lots import Counters

EACH = STORIES // len(FOCUSES)
focused = pytest.mark.parametrize("focus", FOCUSES)


@focused
@many(EACH)
@given(seeds)
def test_engine_and_reference_agree_on_everything(focus, seed):
    agree(story(seed, focus))


@focused
@many(EACH // 75)
@given(seeds)
def test_they_agree_on_a_crowd_that_is_decided_at_once(focus, seed):
    agree(crowd(story(seed, focus), 30))


@focused
@many(EACH // 20)
@given(seeds)
def test_how_a_history_is_cut_into_batches_does_not_matter(focus, seed):
    tale = story(seed, focus, events_max=120)
    at_once = Rows(tale.documents, tale.keys)
    told = at_once.decide(tale.history)
    for cut in (tale, *(in_batches(tale, size) for size in (1, 7, 100))):
        rows = Rows(tale.documents, tale.keys)
        assert [one for batch in cut.batches for one in rows.decide(batch)] == told
        assert rows.bytes == at_once.bytes


WAYS = {
    "small blocks": {"kizuna.engine.decide": {"BLOCK": 5, "_SMALLEST": 2}},
    "nothing is few": {
        "kizuna.engine.earning": {"FEW": 0},
        "kizuna.engine.facts": {"FEW": 0},
        "kizuna.engine.goals": {"_MARKS": 0},
    },
}


@focused
@many(EACH // 20)
@given(seeds)
def test_which_of_its_ways_the_engine_takes_does_not_matter(focus, seed):
    """A way for few events and one for many, one block or several, and orders whose facts nobody will ask for."""
    tale = story(seed, focus, events_max=60)
    usual = Rows(tale.documents, tale.keys)
    told = usual.decide(tale.history)
    for parts in WAYS.values():
        for freeze in (True, False):
            rows = Rows(tale.documents, tale.keys)
            with pytest.MonkeyPatch.context() as patch:
                for name, values in parts.items():
                    for constant, value in values.items():
                        patch.setattr(import_module(name), constant, value)
                assert rows.decide(tale.history, freeze=freeze) == told
            assert rows.bytes[:-1] == usual.bytes[:-1]


@focused
@many(EACH // 20)
@given(seeds)
def test_the_books_balance_after_every_event(focus, seed):
    tale = story(seed, focus)
    rows = Rows(tale.documents, tale.keys)
    for event in tale.history:
        (told,) = rows.decide([event])
        lots = lot_bytes.unpack(rows.lots[event.member])
        waiting = waiting_bytes.unpack(rows.waiting[event.member])
        for unit in range(len(rows.names.units)):
            counters = Counters(*rows.counters[event.member][9 * unit : 9 * unit + 9])
            mine = sum(lot.remaining for lot in lots if lot.unit == unit)
            assert counters.balance == mine - counters.debt == told.balances[unit]
            assert sum(one.points for one in waiting if one.unit == unit) == told.pending[unit]
            assert min(counters) >= 0
        assert all(lot.remaining > 0 for lot in lots)
        assert all(one.points > 0 for one in waiting)
        assert all(
            (a.unit, a.expires_on, a.restriction) < (b.unit, b.expires_on, b.restriction) for a, b in pairwise(lots)
        )
        assert all(one[:5] < other[:5] for one, other in pairwise(waiting))
        _taken_adds_up(told)


def _taken_adds_up(told):
    """What redemptions took from lots is all they moved; a reversal takes at most that."""
    for place, move in enumerate(told.moves):
        taken = sum(points for of, _, _, points in told.taken if of == place)
        assert taken == -move.points if move.kind == "redeem" else taken <= max(0, -move.points)
        assert not taken or move.kind in ("redeem", "reverse")


def test_a_batch_of_nothing_decides_nothing():
    assert Rows([program()], ()).decide([]) == []
