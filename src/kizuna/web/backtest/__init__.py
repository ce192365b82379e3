"""Back-tests on paper and screen: the report, the parts that the console shows too, and their tables as files.

Always true: a report is made from the plain data of `kizuna.simulate` alone and names no member; every figure on it is one of that data.
"""

from kizuna.web.backtest.grid import maps
from kizuna.web.backtest.pages import grid_report, report
from kizuna.web.backtest.parts import design
from kizuna.web.backtest.sides import comparison, sides
from kizuna.web.backtest.tables import packed, saved, tables

__all__ = ["comparison", "design", "grid_report", "maps", "packed", "report", "saved", "sides", "tables"]
