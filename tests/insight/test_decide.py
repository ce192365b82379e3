"""What days come to, in columns, against the same said in plain Python, one day and one member at a time."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kizuna.core.days import DAY_NEVER, day_number, day_of, from_ms
from kizuna.core.ids import event_key
from kizuna.core.lots import Lot, pack
from kizuna.engine import compile_plan
from kizuna.insight.decide import Days, active_steps, days_at, pieces, pockets, tier_moves
from kizuna.program import parse
from road import GROCER

FIRST = day_number(date(2023, 12, 20))
DAY = st.integers(FIRST, FIRST + 900)
SHOPPING = st.lists(st.tuples(st.integers(0, 3), DAY, st.integers(0, 200_000)), max_size=40)


def days_of(told):
    """Feed days in two parts, as they might arrive."""
    half = len(told) // 2
    days = Days.unpack([b""] * 4, [b""] * 4)
    for part in (told[:half], told[half:]):
        days = days.with_more(*([one[place] for one in part] for place in range(3)))
        days = Days.unpack(*days.pack(4))
    return days


@settings(deadline=None)
@given(SHOPPING)
def test_days_are_kept_once_in_order_with_their_sums(told):
    days = days_of(told)
    sums = {}
    for member, day, amount in told:
        sums[member, day] = sums.get((member, day), 0) + amount
    kept = zip(days.member.tolist(), days.day.tolist(), days.amount.tolist(), strict=True)
    assert [((member, day), amount) for member, day, amount in kept] == sorted(sums.items())
    assert days.last(4) == [max((day for who, day in sums if who == one), default=None) for one in range(4)]


@settings(deadline=None)
@given(SHOPPING, st.sampled_from([1, 2, 30, 90, 365]))
def test_the_steps_sum_up_to_the_members_active_on_each_day(told, window):
    steps = active_steps(days_of(told), window)
    for day in range(FIRST - 2, FIRST + 900 + window + 2, 7):
        active = {member for member, when, _ in told if when <= day < when + window}
        assert sum(step for when, step in steps.items() if when <= day) == len(active)
    assert sum(steps.values()) == 0


LIFETIME = GROCER.replace("calendar_year", "lifetime")
SHORT = GROCER.replace("held: next_window", "held: window")
CHEAPER = GROCER.replace("at: 100_000", "at: 50_000")
BEGINS = st.lists(DAY, max_size=3).map(lambda days: [-(2**31), *sorted(days)])


def tier_by_hand(plan, orders, day):
    """Which tier the orders up to the end of `day` reach, by the document's own words."""
    year = (date(1970, 1, 1) + timedelta(days=day)).year
    spent = {}
    for when, amount in orders:
        if when <= day:
            of = (date(1970, 1, 1) + timedelta(days=when)).year
            spent[of] = spent.get(of, 0) + amount
    tiers = plan.program.tiers
    if tiers.window == "lifetime":
        counts = [sum(spent.values())]
    else:
        counts = [spent.get(year, 0), spent.get(year - 1, 0) if tiers.held == "next_window" else 0]
    return max(rank for rank, level in enumerate(tiers.levels) if level.at <= max(counts))


@settings(deadline=None)
@given(SHOPPING, BEGINS, st.permutations([GROCER, LIFETIME, SHORT, CHEAPER]), st.lists(DAY, min_size=4, max_size=4))
def test_tier_moves_are_the_differences_from_day_to_day(told, begins, programs, through):
    plans = [compile_plan(parse(text), number + 1) for number, text in enumerate(programs[: len(begins)])]
    by_hand = {}
    for member in range(4):
        orders = [(day, amount) for who, day, amount in told if who == member]
        tier = 0
        for day in range(FIRST, through[member] + 1):
            plan = [plan for plan, begin in zip(plans, begins, strict=True) if begin <= day][-1]
            now = tier_by_hand(plan, orders, day) if orders else 0
            if now != tier:
                by_hand[day, tier, now] = by_hand.get((day, tier, now), 0) + 1
                tier = now
    assert tier_moves(days_of(told), plans, begins, np.array(through)) == by_hand


ZONES = ["Asia/Tokyo", "UTC", "America/Havana", "America/Sao_Paulo", "Pacific/Apia", "Africa/Monrovia", "Asia/Beirut"]


@settings(deadline=None)
@given(st.lists(st.integers(0, 1_900_000_000_000), max_size=20), st.sampled_from(ZONES))
def test_a_key_falls_on_the_day_that_clocks_there_showed(instants, name):
    zone = ZoneInfo(name)
    keys = [event_key(at_ms, bytes(16)) for at_ms in instants]
    assert days_at(keys, zone) == [day_of(from_ms(at_ms), zone) for at_ms in instants]


def test_open_lots_are_what_may_still_be_spent():
    lots = [Lot(0, 0, 9, 5), Lot(0, 0, 10, 7), Lot(0, 0, DAY_NEVER, 1)]
    pocket = pockets([pack(lots), b"", pack(lots[:1]), pack(lots[2:])], 10)
    assert pocket.balance == [8, 0, 0, 1]
    assert pocket.expires_on == [10, DAY_NEVER, DAY_NEVER, DAY_NEVER]
    assert pocket.due == [pack(lots[:1]), b"", pack(lots[:1]), b""]


def test_work_is_cut_into_bounded_pieces_in_order():
    assert pieces([(1, 3), (2, 1), (3, 1), (4, 9), (5, 0), (6, 1)], 4) == [[1, 2], [3], [4], [5, 6]]
    assert pieces([], 4) == []
