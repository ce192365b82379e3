"""Back-tests: a candidate program over a brand's own history, decided by the live engine, before a single point is promised."""

from kizuna.simulate.behaviour import (
    NEVER,
    Behaviour,
    BehaviourUnknown,
    Hazard,
    Multiples,
    Threshold,
    behaviour_of,
    fitted,
    parse_behaviour,
)
from kizuna.simulate.compare import variation, winners
from kizuna.simulate.fitting import fit
from kizuna.simulate.grid import Axis, parse_axis, variants
from kizuna.simulate.history import LINE, SCHEMA, WORD, History, HistoryEmpty
from kizuna.simulate.pool import BacktestBrokenOff, cores
from kizuna.simulate.records import recorded
from kizuna.simulate.result import told
from kizuna.simulate.run import Answer, Design, Played, Progress, Step, play
from kizuna.simulate.schema import OUT, Task
from kizuna.simulate.share import decide_share

__all__ = [
    "LINE",
    "NEVER",
    "OUT",
    "SCHEMA",
    "WORD",
    "Answer",
    "Axis",
    "BacktestBrokenOff",
    "Behaviour",
    "BehaviourUnknown",
    "Design",
    "Hazard",
    "History",
    "HistoryEmpty",
    "Multiples",
    "Played",
    "Progress",
    "Step",
    "Task",
    "Threshold",
    "behaviour_of",
    "cores",
    "decide_share",
    "fit",
    "fitted",
    "parse_axis",
    "parse_behaviour",
    "play",
    "recorded",
    "told",
    "variants",
    "variation",
    "winners",
]
