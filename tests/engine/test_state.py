"""What is kept of a member between two batches: bytes that older versions wrote are read, those of a newer one are refused."""

import struct

import numpy as np
import pytest

from engine.generated import program
from engine.rows import Rows
from engine.tables import DAY, NEW_YEAR, order, redeemed, rule, with_rules
from kizuna.core.lots import Lot, pack
from kizuna.engine import State, standing

FIRST_FORMAT = struct.Struct("<BiqqqiI")
"""Format, latest year with an order, its spend, that of the year before, of all time, orders, latest day."""
OLD = FIRST_FORMAT.pack(1, 2025, 5000, 1000, 7000, 3, DAY)
RUNGS = [0, 1000, 5000]


@pytest.mark.parametrize(
    ("window", "on", "level", "figure"),
    [
        ("calendar_year", DAY, 2, 5000),
        ("calendar_year", NEW_YEAR, 2, 0),
        ("calendar_year", NEW_YEAR + 365, 0, 0),
        ("calendar_year", DAY - 365, 1, 1000),
        ("lifetime", NEW_YEAR, 2, 7000),
    ],
)
def test_the_first_formats_spend_counts_on(window, on, level, figure):
    rows = Rows([program(levels=RUNGS, window=window)], (0,))
    rows.memory[0] = OLD
    told = standing(rows.plans[0], rows.state([0]), np.array([0]), np.array([on], np.int32))
    assert (told.level[0], told.figure[0]) == (level, figure)


def test_the_first_formats_member_goes_on_as_if_nothing_had_happened():
    condition = {"all": [{"fact": f"member.{name}", "is": "equals", "value": value} for name, value in FACTS.items()]}
    rows = Rows([with_rules(rule("loyal", {"fixed": 7}, condition=condition), levels=RUNGS)], (0,))
    rows.memory[0], rows.counters[0], rows.lots[0] = OLD, [70, 20, 0, 0], pack([Lot(0, 0, DAY + 99, 50)])
    (bought,) = rows.decide([order(0, 100, DAY + 2)])
    assert (bought.balances, bought.level, bought.figure) == ((57,), 2, 5100)
    assert [move.points for move in bought.moves] == [7]
    (spent,) = rows.decide([redeemed(1, 57, DAY + 2)])
    assert (spent.refusal, spent.balances) == ("none", (0,))
    assert rows.counters[0] == [77, 77, *[0] * 7]


FACTS = {"orders": 3, "spend": 7000, "days_since_order": 2, "days_since_joining": 0}


def test_state_of_a_newer_format_is_refused():
    rows = Rows([program()], (0,))
    fresh = State.fresh(rows.names, 1).pack_memory()[0]
    with pytest.raises(ValueError, match="newer Kizuna"):
        State.unpack(rows.names, [bytes([99]) + fresh[1:]], [[]], [b""], [b""], [0])


def test_a_unit_that_a_later_version_adds_begins_with_nothing():
    one, two = program(), program()
    rows = Rows([one], (0,))
    rows.decide([order(0, 500)])
    more = two.model_dump(mode="json")
    more["units"].append(more["units"][0] | {"id": "miles"})
    later = Rows([one, type(one).model_validate(more)], (0,))
    later.memory, later.counters, later.lots, later.waiting = rows.memory, rows.counters, rows.lots, rows.waiting
    (told,) = later.decide([order(1, 100, version=1)])
    assert told.balances == (6, 0)
    assert later.counters[0] == [6, *[0] * 17]
