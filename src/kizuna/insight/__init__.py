"""Figures that follow the ledger: who is active, what was issued, who stands where, by day of the brand's calendar."""

from kizuna.insight.audit import Audit, FiguresBehind, audit
from kizuna.insight.jobs import DAY_TURN, FOLLOWER, rebuild, turn
from kizuna.insight.live import Deed, Happening, News, Position, newest, recent, since
from kizuna.insight.model import WINDOWS, What
from kizuna.insight.reading import (
    DayCount,
    Figures,
    Headline,
    Moved,
    RuleCount,
    behind,
    figures,
    headline,
    moves,
    rules,
)

__all__ = [
    "DAY_TURN",
    "FOLLOWER",
    "WINDOWS",
    "Audit",
    "DayCount",
    "Deed",
    "Figures",
    "FiguresBehind",
    "Happening",
    "Headline",
    "Moved",
    "News",
    "Position",
    "RuleCount",
    "What",
    "audit",
    "behind",
    "figures",
    "headline",
    "moves",
    "newest",
    "rebuild",
    "recent",
    "rules",
    "since",
    "turn",
]
