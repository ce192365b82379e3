"""PURE: what the program decides. Columns in, decisions out; NumPy only."""

from kizuna.core.days import DAY_CLOSED, DAY_DELIVERED, DAY_IDLE
from kizuna.engine.compile import compile_plan
from kizuna.engine.decide import decide
from kizuna.engine.events import (
    Coded,
    Content,
    Cut,
    Decisions,
    EntryKind,
    EventKind,
    Events,
    Lines,
    Moves,
    Refusal,
    Taken,
    Wish,
)
from kizuna.engine.explain import Miss, Verdict, Why, explain, holds, journey_of
from kizuna.engine.joining import Memories, join, part
from kizuna.engine.names import Names
from kizuna.engine.periods import last_day_of
from kizuna.engine.placing import Placed, Placing, displace, level_of, place
from kizuna.engine.plan import Plan
from kizuna.engine.shared import Beside, Claim, Shared, shared_keys
from kizuna.engine.state import FRESH, State
from kizuna.engine.tiers import Standing, standing

__all__ = [
    "DAY_CLOSED",
    "DAY_DELIVERED",
    "DAY_IDLE",
    "FRESH",
    "Beside",
    "Claim",
    "Coded",
    "Content",
    "Cut",
    "Decisions",
    "EntryKind",
    "EventKind",
    "Events",
    "Lines",
    "Memories",
    "Miss",
    "Moves",
    "Names",
    "Placed",
    "Placing",
    "Plan",
    "Refusal",
    "Shared",
    "Standing",
    "State",
    "Taken",
    "Verdict",
    "Why",
    "Wish",
    "compile_plan",
    "decide",
    "displace",
    "explain",
    "holds",
    "join",
    "journey_of",
    "last_day_of",
    "level_of",
    "part",
    "place",
    "shared_keys",
    "standing",
]
