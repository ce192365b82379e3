"""Charts as inline SVG, without script: from series of integers to a drawing, its words, its table and its file.

A column begins at zero, a missing value leaves a gap, and whatever colour says a shape or a label says too. The drawing stretches
with its place while its type keeps its size: across, everything is in hundredths of a per cent; down, in pixels.
"""

from kizuna.web.charts.draw import bar, chart, sparkline, stack
from kizuna.web.charts.model import Band, Chart, Scale, Segment, Series, compact, percent, scale
from kizuna.web.charts.told import Drawn, alternative, drawn

__all__ = [
    "Band",
    "Chart",
    "Drawn",
    "Scale",
    "Segment",
    "Series",
    "alternative",
    "bar",
    "chart",
    "compact",
    "drawn",
    "percent",
    "scale",
    "sparkline",
    "stack",
]
