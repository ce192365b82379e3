"""Many variants of one design: maps of what they cost and leave by two places of the document, and a list of them all. Pure."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from kizuna.core.errors import N_
from kizuna.simulate import Axis
from kizuna.web.backtest.telling import NONE, Voice, share
from kizuna.web.backtest.views import Column, Row, Table

TONES = 6
Told = Mapping[str, Any]
Variant = tuple[tuple[Any, ...], Told]


class Measure(NamedTuple):
    """What a map shows of a variant."""

    id: str
    name: str
    title: str
    value: Callable[[Told], int | None]
    say: Callable[[int], str]


def maps(axes: Sequence[Axis], rows: Sequence[Variant], lang: str, currency: str) -> list[Table]:
    """Return the tables of a grid: two maps where there are two axes, and the list of all variants."""
    voice = Voice(lang, currency)
    found = [_map(axes, rows, one, voice) for one in _measures(voice)[:2]] if len(axes) == 2 else []
    return [*found, _list(axes, rows, voice)]


def _measures(voice: Voice) -> list[Measure]:
    return [
        Measure(
            "cost",
            N_("Cost, of sales"),
            N_("Cost goes from {low} of sales ({low_at}) to {high} ({high_at})"),
            lambda told: told["cost"]["of_sales"] if told["cost"] else None,
            share,
        ),
        Measure(
            "left",
            N_("Left at the end"),
            N_("What is left at the end goes from {low} ({low_at}) to {high} ({high_at})"),
            lambda told: told["outstanding"],
            voice.points,
        ),
        Measure("issued", N_("Issued"), "", lambda told: told["issued"], voice.points),
        Measure("used", N_("Used"), "", lambda told: told["redeemed"], voice.points),
        Measure("even", N_("Pays from a rise of"), "", lambda told: told["cost"]["break_even"] if told["cost"] else None, share),
    ]  # fmt: skip


def named(axis: Axis, value: Any) -> str:
    """Return a value of an axis with the last part of its place: `per = 100`."""
    return f"{_last(axis)} = {_written(value)}"


def _last(axis: Axis) -> str:
    return axis.place.rpartition(".")[2]


def _written(value: Any) -> str:
    if isinstance(value, bool) or value is None or not isinstance(value, str | int):
        return json.dumps(value, ensure_ascii=False, default=str)
    return f"{value:,}" if isinstance(value, int) else value


def _map(axes: Sequence[Axis], rows: Sequence[Variant], measure: Measure, voice: Voice) -> Table:
    down, across = axes
    values = {_key(at): measure.value(told) for at, told in rows}
    known = [value for value in values.values() if value is not None]
    low, high = min(known, default=0), max(known, default=0)

    def cell(value: int | None) -> str:
        return NONE if value is None else measure.say(value)

    def tone(value: int | None) -> int | None:
        return None if value is None or high == low else (value - low) * TONES // (high - low)

    lines = []
    for first in down.values:
        line = [values.get(_key((first, second))) for second in across.values]
        lines.append(Row(named(down, first), [cell(one) for one in line], tones=[tone(one) for one in line]))
    return Table(
        f"map-{measure.id}",
        _title(axes, rows, measure, voice),
        voice.words(
            N_("{measure} by {down} (down) and {across} (across). The stronger the colour, the more."),
            measure=voice.words(measure.name),
            down=down.place,
            across=across.place,
        ),
        [
            Column(f"{_last(down)} / {_last(across)}", is_figure=False),
            *(Column(named(across, value)) for value in across.values),
        ],
        lines if known else [],
        missing=voice.words(N_("Not known: the program does not say what a point is worth, or nothing was sold.")),
    )


def _key(at: Sequence[Any]) -> str:
    return json.dumps(list(at), default=str)


def _title(axes: Sequence[Axis], rows: Sequence[Variant], measure: Measure, voice: Voice) -> str:
    known = [(value, n) for n, (_, told) in enumerate(rows) if (value := measure.value(told)) is not None]
    if not known or min(known)[0] == max(known)[0]:
        return voice.words(measure.name)
    (low, low_at), (high, high_at) = min(known), max(known)
    return voice.words(
        measure.title,
        low=measure.say(low),
        low_at=_at(axes, rows[low_at][0]),
        high=measure.say(high),
        high_at=_at(axes, rows[high_at][0]),
    )


def _at(axes: Sequence[Axis], values: Sequence[Any]) -> str:
    return ", ".join(named(axis, value) for axis, value in zip(axes, values, strict=True))


def _list(axes: Sequence[Axis], rows: Sequence[Variant], voice: Voice) -> Table:
    measures = _measures(voice)
    ordered = sorted(rows, key=lambda row: (measures[0].value(row[1]) or 0, row[1]["issued"]))
    return Table(
        "map-list",
        voice.words(N_("Every variant, the least costly first")),
        voice.words(N_("Places: {places}"), places=", ".join(axis.place for axis in axes)),
        [
            Column(voice.words(N_("Variant")), is_figure=False),
            *(Column(voice.words(one.name)) for one in measures),
        ],
        [
            Row(
                _at(axes, at),
                [NONE if (value := one.value(told)) is None else one.say(value) for one in measures],
            )
            for at, told in ordered
        ],
    )
