"""PURE: what the program decides. Columns in, decisions out; NumPy only."""

from kizuna.engine.decide import Decisions, EntryKind, EventKind, Events, Moves, Refusal, decide
from kizuna.engine.plan import Plan, awarded, compile_plan
from kizuna.engine.pockets import Pockets, Taken
from kizuna.engine.state import FRESH, State
from kizuna.engine.tiers import Standing, kept_through, standing

__all__ = [
    "FRESH",
    "Decisions",
    "EntryKind",
    "EventKind",
    "Events",
    "Moves",
    "Plan",
    "Pockets",
    "Refusal",
    "Standing",
    "State",
    "Taken",
    "awarded",
    "compile_plan",
    "decide",
    "kept_through",
    "standing",
]
