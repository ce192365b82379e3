"""What deciding alone costs: a long history in rounds, and one event at a till."""

import time
from statistics import median

import numpy as np

from benchmarks.harness import Figure
from kizuna.core.lots import Counters, Lot, pack
from kizuna.engine import Events, Plan, State, compile_plan, decide
from kizuna.program import from_data

RULES = 20
MEMBERS, EVENTS, AT_ONCE = 50_000, 1_000_000, 50_000
LOTS, SINGLES = 30, 2_000
FIRST_DAY = 20_000


def measure() -> list[Figure]:
    """Measure the engine."""
    plan = compile_plan(from_data(_document()), 1)
    return [
        Figure("engine_rounds", EVENTS / median(_rounds(plan) for _ in range(3)), "events/s"),
        Figure("engine_single_p50_ms", _single(plan), "ms"),
    ]


def _rounds(plan: Plan) -> float:
    """Return the seconds that a year's history takes, decided in stretches as a back-test reads them."""
    draw = np.random.default_rng(1)
    member = draw.integers(0, MEMBERS, EVENTS)
    day = np.sort(draw.integers(FIRST_DAY, FIRST_DAY + 365, EVENTS)).astype(np.int32)
    kind = (draw.random(EVENTS) < 0.05).astype(np.int8)
    amount = draw.integers(100, 10_000, EVENTS)
    state = State.fresh(MEMBERS)
    stretches = [slice(start, start + AT_ONCE) for start in range(0, EVENTS, AT_ONCE)]
    began = time.perf_counter()
    for part in stretches:
        plans = np.zeros(AT_ONCE, np.int16)
        decide([plan], state, Events(member[part], plans, kind[part], day[part], amount[part]))
    return time.perf_counter() - began


def _single(plan: Plan) -> float:
    """Return the median milliseconds of one order of a member with `LOTS` lots, from the row's bytes to the decision."""
    lots = [pack([Lot(0, 0, FIRST_DAY + number, 100) for number in range(LOTS)])]
    memory, counters = State.fresh(1).pack_memory(), [Counters(earned=100 * LOTS)]
    event = Events(
        np.zeros(1, np.intp),
        np.zeros(1, np.int16),
        np.zeros(1, np.int8),
        np.array([FIRST_DAY], np.int32),
        np.array([4980]),
    )
    took = []
    for _ in range(SINGLES):
        began = time.perf_counter()
        decide([plan], State.unpack(memory, counters, lots), event)
        took.append((time.perf_counter() - began) * 1000)
    return median(took)


def _document() -> dict[str, object]:
    """Return a program of `RULES` rules, each with another rate and rounding, and lots that lapse within the year."""
    rules = [
        {
            "id": f"rule-{number}",
            "name": {"ja": "買い物", "en": "Purchase"},
            "event": "order.completed",
            "unit": "points",
            "award": {"points": 1 + number % 3, "per": 100 + number, "rounding": ("down", "nearest", "up")[number % 3]},
        }
        for number in range(RULES)
    ]
    levels = [("member", 0), ("silver", 100_000), ("gold", 250_000), ("platinum", 500_000)]
    return {
        "program": 1,
        "name": {"ja": "測定", "en": "Measured"},
        "units": [{"id": "points", "name": {"ja": "ポイント", "en": "points"}, "expiry": {"after_days": 90}}],
        "tiers": {
            "by": "spend",
            "window": "calendar_year",
            "levels": [{"id": name, "name": {"ja": name, "en": name}, "at": at} for name, at in levels],
        },
        "earning_rules": rules,
    }
