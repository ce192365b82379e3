"""A chart in other forms than a drawing: in a sentence, as a table, as a file, and as data for the script that makes it answer."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from markupsafe import Markup

from kizuna.core.errors import N_
from kizuna.web.charts import draw
from kizuna.web.charts.model import Chart, Series
from kizuna.web.words import translate

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Drawn:
    """Everything that `parts/chart.html` shows of a chart. `rows` are a place's name and its values, as read.

    `data` is what the script reads; `file` is the address of the table as CSV, which holds the values themselves.
    """

    chart: Chart
    svg: Markup
    words: str
    rows: Sequence[tuple[str, Sequence[str]]]
    data: str
    file: str
    file_name: str


def drawn(chart: Chart, lang: str) -> Drawn:
    """Return a chart in all its forms."""
    rows = [
        (label, [chart.said(one.values[place], lang) for one in chart.series])
        for place, label in enumerate(chart.labels)
    ]
    return Drawn(
        chart,
        Markup() if chart.is_empty else draw.chart(chart, lang),
        alternative(chart, lang),
        rows,
        _data(chart, lang),
        _file(chart),
        f"{chart.id}.csv",
    )


def alternative(chart: Chart, lang: str) -> str:
    """Return the drawing in words: of each series its highest, its lowest and its last value."""
    told = [_told(chart, one, lang) for one in chart.series]
    return " ".join([f"{chart.title}.", *told]) if lang != "ja" else "".join([f"{chart.title}。", *told])


def _told(chart: Chart, one: Series, lang: str) -> str:
    known = [(value, place) for place, value in enumerate(one.values) if value is not None]
    if not known:
        return translate(lang, N_("{series}: nothing is known."), series=one.name)
    (high, high_at), (low, low_at) = max(known, key=lambda pair: pair[0]), min(known, key=lambda pair: pair[0])
    last, last_at = known[-1]
    return translate(
        lang,
        N_("{series}: highest {high} ({high_at}), lowest {low} ({low_at}), last {last} ({last_at})."),
        series=one.name,
        high=chart.said(high, lang),
        high_at=chart.labels[high_at],
        low=chart.said(low, lang),
        low_at=chart.labels[low_at],
        last=chart.said(last, lang),
        last_at=chart.labels[last_at],
    )


def _data(chart: Chart, lang: str) -> str:
    axis = chart.scale
    return json.dumps(
        {
            "labels": list(chart.labels),
            "short": list(chart.short),
            "stacked": chart.stacked,
            "open": chart.open_at,
            "low": axis.low,
            "top": axis.top,
            "step": axis.step,
            "ticks": {str(tick): chart.ticked(tick, lang) for tick in axis.ticks},
            "series": [
                {
                    "name": one.name,
                    "mark": one.mark,
                    "colour": one.colour,
                    "values": list(one.values),
                    "said": [chart.said(value, lang) for value in one.values],
                }
                for one in chart.series
            ],
            "bands": [[band.name, band.first, band.last] for band in chart.bands],
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def _file(chart: Chart) -> str:
    """Return the table as the address of a CSV file, in UTF-8 with the mark that spreadsheets look for."""
    out = io.StringIO()
    write = csv.writer(out)
    write.writerow([_cell(chart.place), *(_cell(one.name) for one in chart.series)])
    for place, label in enumerate(chart.labels):
        write.writerow([_cell(label), *("" if (v := one.values[place]) is None else v for one in chart.series)])
    return f"data:text/csv;charset=utf-8,{quote(chr(0xFEFF) + out.getvalue())}"


def _cell(text: str) -> str:
    """Return text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
