"""A design's tiers: who stands where on the last day, what each cost, and who rose when. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from kizuna.core.errors import N_
from kizuna.web import charts
from kizuna.web.backtest.groups import group_columns, group_row
from kizuna.web.backtest.telling import Voice, first_of, percent_of, ratio, share, tenths
from kizuna.web.backtest.views import Column, Row, Table, Tiers
from kizuna.web.words import number

COLOURS = (3, 5, 1, 4, 6, 2)
MOVES_MAX = 10


def tiers(told: Mapping[str, Any], voice: Voice, id_: str) -> Tiers | None:
    """Return the tiers of a design; None where its program has one at most."""
    rows = told["tiers"]
    if len(rows) < 2:
        return None
    members = sum(row["members"] for row in rows)
    return Tiers(
        _title(rows, members, voice),
        voice.words(N_("Members by tier on the last day. Source: this back-test")),
        _drawn(rows, members, voice),
        _table(told, voice, id_),
        _rises(told, voice, id_),
        _moves(told, voice, id_),
    )


def _title(rows: Sequence[Mapping[str, Any]], members: int, voice: Voice) -> str:
    above = members - rows[0]["members"]
    return voice.words(
        N_("{share} of the members would stand above “{tier}”"),
        share=share(ratio(above, members)),
        tier=voice.name(rows[0]["name"]),
    )


def _drawn(rows: Sequence[Mapping[str, Any]], members: int, voice: Voice) -> Markup:
    if not members:
        return Markup()
    parts = [
        charts.Segment(
            f"{name} {percent_of(tenths(ratio(row['members'], members)) or 0)}", row["members"], str(min(n, 4)), name
        )
        for n, row in enumerate(rows)
        for name in [voice.name(row["name"])]
    ]
    return charts.stack(parts, voice.words(N_("Members by tier: {parts}"), parts=", ".join(one.name for one in parts)))


def _table(told: Mapping[str, Any], voice: Voice, id_: str) -> Table:
    rows = told["tiers"]
    members = sum(row["members"] for row in rows)
    return Table(
        f"{id_}-tiers-table",
        voice.words(N_("What each tier buys and receives")),
        voice.words(N_("Over the whole period, by the tier on the last day.")),
        group_columns(told, voice, voice.words(N_("Tier"))),
        [group_row(_named(row, n, voice), row, members, told, voice) for n, row in enumerate(rows)],
    )


def _named(row: Mapping[str, Any], rank: int, voice: Voice) -> Markup:
    return Markup('<span class="tier-name"><span class="metal metal-{}"></span>{}</span>').format(
        min(rank, 4), voice.name(row["name"])
    )


def _rises(told: Mapping[str, Any], voice: Voice, id_: str) -> charts.Drawn | None:
    """Return rises by month and the tier risen to, as stacked columns."""
    ranks = {row["id"]: n for n, row in enumerate(told["tiers"])}
    rises = [one for one in told["rises"] if ranks[one["to"]] > ranks[one["from"]]]
    if not rises:
        return None
    written = [row["month"] for row in told["months"]]
    reached = sorted({one["to"] for one in rises}, key=ranks.__getitem__)
    series = [
        charts.Series(
            voice.name(told["tiers"][ranks[to]]["name"]),
            [sum(one["times"] for one in rises if one["to"] == to and one["month"] == month) for month in written],
            COLOURS[turn % len(COLOURS)],
        )
        for turn, to in enumerate(reached)
    ]
    by_month = {month: sum(one.values[n] or 0 for one in series) for n, month in enumerate(written)}
    top = max(written, key=lambda month: by_month[month])
    return charts.drawn(
        charts.Chart(
            id=f"{id_}-rises",
            title=voice.words(
                N_("Most rises fall in {month}: {n}"), month=voice.month(top), n=number(by_month[top])
            ),
            about=voice.words(N_("Rises to a higher tier by month. Source: this back-test")),
            place=voice.words(N_("Month")),
            labels=[voice.month(one) for one in written],
            short=[voice.short_month(one, is_first=place == 0) for place, one in enumerate(written)],
            series=series,
            stacked=True,
            say=number,
        ),
        voice.lang,
    )  # fmt: skip


def _moves(told: Mapping[str, Any], voice: Voice, id_: str) -> Table | None:
    """Return how often members moved from which tier to which; the most frequent first."""
    ranks = {row["id"]: n for n, row in enumerate(told["tiers"])}
    names = {row["id"]: voice.name(row["name"]) for row in told["tiers"]}
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for one in told["rises"]:
        found.setdefault((one["from"], one["to"]), []).append(one)
    if not found:
        return None
    ways = sorted(found.items(), key=lambda pair: -sum(one["times"] for one in pair[1]))[:MOVES_MAX]
    up, down = voice.words(N_("Up")), voice.words(N_("Down"))
    return Table(
        f"{id_}-moves",
        voice.words(N_("Moves between tiers")),
        voice.words(N_("At purchases, over the whole period. A tier that only ends with time is not counted here.")),
        [
            Column(voice.words(N_("From → to")), is_figure=False),
            Column(voice.words(N_("Way")), is_figure=False),
            Column(voice.words(N_("Times"))),
            Column(voice.words(N_("First")), is_figure=False),
            Column(voice.words(N_("Last")), is_figure=False),
        ],
        [
            Row(
                f"{names[low]} → {names[high]}",
                [
                    f"▲ {up}" if ranks[high] > ranks[low] else f"▼ {down}",
                    number(sum(one["times"] for one in moved)),
                    voice.month(min(first_of(one["month"]) for one in moved).isoformat()[:7]),
                    voice.month(max(first_of(one["month"]) for one in moved).isoformat()[:7]),
                ],
            )
            for (low, high), moved in ways
        ],
    )
