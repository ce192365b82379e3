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
from kizuna.simulate.jobs import READING, REPLAYING, Reader, handlers
from kizuna.simulate.pool import BacktestBrokenOff, cores
from kizuna.simulate.records import recorded
from kizuna.simulate.result import TOTALS, in_grid, told
from kizuna.simulate.run import Answer, Design, Played, Progress, Step, play
from kizuna.simulate.schema import OUT, Task
from kizuna.simulate.share import decide_share
from kizuna.simulate.story import stories
from kizuna.simulate.study import (
    DESIGNS_MAX,
    KIND,
    STORY,
    Asked,
    Source,
    Study,
    StudyChanged,
    TooManyDesigns,
    ask_for_story,
    ask_to_run,
    change_study,
    find_study,
    forget_study,
    keep_study,
    studies,
)

__all__ = [
    "DESIGNS_MAX",
    "KIND",
    "LINE",
    "NEVER",
    "OUT",
    "READING",
    "REPLAYING",
    "SCHEMA",
    "STORY",
    "TOTALS",
    "WORD",
    "Answer",
    "Asked",
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
    "Reader",
    "Source",
    "Step",
    "Study",
    "StudyChanged",
    "Task",
    "Threshold",
    "TooManyDesigns",
    "ask_for_story",
    "ask_to_run",
    "behaviour_of",
    "change_study",
    "cores",
    "decide_share",
    "find_study",
    "fit",
    "fitted",
    "forget_study",
    "handlers",
    "in_grid",
    "keep_study",
    "parse_axis",
    "parse_behaviour",
    "play",
    "recorded",
    "stories",
    "studies",
    "told",
    "variants",
    "variation",
    "winners",
]
