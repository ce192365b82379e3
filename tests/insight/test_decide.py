"""What days come to, in columns, against the same said in plain Python, one day and one member at a time."""

from datetime import date
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from kizuna.core.days import DAY_NEVER, day_number, day_of, from_ms
from kizuna.core.ids import event_key
from kizuna.core.lots import Lot, pack
from kizuna.insight.decide import Days, active_steps, days_at, pieces, pockets, steps
from kizuna.insight.model import Rung

FIRST = day_number(date(2023, 12, 20))
DAY = st.integers(FIRST, FIRST + 900)
SHOPPING = st.lists(st.tuples(st.integers(0, 3), DAY, st.integers(0, 200_000)), max_size=40)


def days_of(told):
    """Feed days in two parts, as they might arrive."""
    half = len(told) // 2
    days = Days.unpack([b""] * 4)
    for part in (told[:half], told[half:]):
        days = days.with_more(*([one[place] for one in part] for place in range(2)))
        days = Days.unpack(days.pack(4))
    return days


@settings(deadline=None)
@given(SHOPPING)
def test_days_are_kept_once_in_order(told):
    days = days_of(told)
    once = {(member, day) for member, day, _ in told}
    assert list(zip(days.member.tolist(), days.day.tolist(), strict=True)) == sorted(once)
    assert days.last(4) == [max((day for who, day in once if who == one), default=None) for one in range(4)]


@settings(deadline=None)
@given(SHOPPING, st.sampled_from([1, 2, 30, 90, 365]))
def test_the_steps_sum_up_to_the_members_active_on_each_day(told, window):
    steps = active_steps(days_of(told), window)
    for day in range(FIRST - 2, FIRST + 900 + window + 2, 7):
        active = {member for member, when, _ in told if when <= day < when + window}
        assert sum(step for when, step in steps.items() if when <= day) == len(active)
    assert sum(steps.values()) == 0


RUNGS = st.lists(st.tuples(DAY, st.integers(0, 3), st.integers(0, 3), st.none() | DAY), max_size=8)


@settings(deadline=None)
@given(RUNGS, st.integers(0, 8))
def test_moves_between_tiers_lead_from_the_first_tier_to_the_last_seen(told, cut):
    rungs = [Rung(*one) for one in told]
    moves, seen = steps(0, rungs)
    assert seen == (rungs[-1].after if rungs else 0)
    tier = 0
    for _, was, now in moves:
        assert was == tier != now
        tier = now
    assert tier == seen
    first, between = steps(0, rungs[:cut])
    second, last = steps(between, rungs[cut:])
    assert (first + second, last) == (moves, seen)


def test_a_tier_that_time_alone_has_ended_is_left_on_the_day_after_its_last():
    assert steps(2, [Rung(90, 0, 1, 60)]) == ([(60, 2, 0), (90, 0, 1)], 1)
    assert steps(2, [Rung(90, 0, 0)]) == ([(90, 2, 0)], 0)


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
