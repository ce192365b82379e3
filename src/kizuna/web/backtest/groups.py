"""A design by groups of members and purchases: deciles, what members received, segments, channels, stores, categories. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from kizuna.core.errors import N_
from kizuna.web import charts
from kizuna.web.backtest.telling import Voice, percent_of, ratio, share, tenths
from kizuna.web.backtest.views import Column, Row, Table
from kizuna.web.words import number

PLACES_SHOWN = 10
"""So many channels, stores and categories are told apart on a page; files hold them all."""


def group_columns(told: Mapping[str, Any], voice: Voice, name: str) -> Sequence[Column]:
    """Return the columns of a table of groups of members."""
    found = [
        Column(name, is_figure=False),
        Column(voice.words(N_("Members"))),
        Column(voice.words(N_("Sales"))),
        Column(voice.words(N_("Issued"))),
        Column(voice.words(N_("Used"))),
    ]
    return [*found, Column(voice.words(N_("Issued, of sales")))] if told["cost"] is not None else found


def group_row(
    name: str | Markup, row: Mapping[str, Any], members: int, told: Mapping[str, Any], voice: Voice
) -> Row:  # fmt: skip
    """Return the row of one group."""
    part = Markup('{} <span class="backtest-part">{}</span>').format(
        number(row["members"]), share(ratio(row["members"], members))
    )
    cells = [part, voice.money(row["amount"]), voice.points(row["issued"]), voice.points(row["redeemed"])]
    return Row(name, [*cells, share(ratio(row["worth"], row["amount"]))] if told["cost"] is not None else cells)


def deciles(told: Mapping[str, Any], voice: Voice, id_: str) -> charts.Drawn:
    """Return each decile's share of sales beside its share of the points, as columns."""
    rows = told["deciles"]
    sales, issued = (sum(row[field] for row in rows) for field in ("amount", "issued"))
    return charts.drawn(
        charts.Chart(
            id=f"{id_}-deciles",
            title=_decile_title(rows, sales, issued, voice),
            about=voice.words(N_("Members by what they spend, a tenth of them each. Source: this back-test")),
            place=voice.words(N_("Tenth")),
            labels=[_tenth(row["decile"], voice) for row in rows],
            short=[number(row["decile"]) for row in rows],
            series=[
                charts.Series(voice.words(N_("Sales")), [tenths(ratio(row["amount"], sales)) for row in rows], 1),
                charts.Series(voice.words(N_("Points")), [tenths(ratio(row["issued"], issued)) for row in rows], 2),
            ],
            say=percent_of,
            tick=lambda n: charts.percent(n, 0),
        ),
        voice.lang,
    )


def _tenth(decile: int, voice: Voice) -> str:
    if decile == 1:
        return voice.words(N_("1: spend most"))
    return voice.words(N_("10: spend least")) if decile == 10 else number(decile)


def _decile_title(rows: Sequence[Mapping[str, Any]], sales: int, issued: int, voice: Voice) -> str:
    if not sales or not issued:
        return voice.words(N_("Sales and points by tenth of the members"))
    return voice.words(
        N_("The tenth that spends most brings {sales} of sales and receives {points} of the points"),
        sales=share(ratio(rows[0]["amount"], sales)),
        points=share(ratio(rows[0]["issued"], issued)),
    )


def decile_table(told: Mapping[str, Any], voice: Voice, id_: str) -> Table:
    """Return what each decile spends, receives and costs."""
    rows = told["deciles"]
    members = sum(row["members"] for row in rows)
    return Table(
        f"{id_}-decile-table",
        voice.words(N_("What each tenth buys and receives")),
        voice.words(N_("The first tenth are the members who spend most.")),
        group_columns(told, voice, voice.words(N_("Tenth"))),
        [group_row(_tenth(row["decile"], voice), row, members, told, voice) for row in rows],
    )


def spread(told: Mapping[str, Any], voice: Voice, id_: str) -> charts.Drawn:
    """Return how many members received how much, as columns."""
    rows = told["distribution"]
    names = _steps(rows, voice)
    members = sum(row["members"] for row in rows)
    filled = 1 + max((n for n, row in enumerate(rows) if row["members"]), default=0)
    return charts.drawn(
        charts.Chart(
            id=f"{id_}-spread",
            title=_spread_title(rows, members, voice),
            about=voice.words(N_("Members by the points that rules gave them over the whole period. Source: this back-test")),
            place=voice.words(N_("Points received")),
            labels=names[:filled],
            short=[_brief(row["from"], voice) for row in rows[:filled]],
            series=[charts.Series(voice.words(N_("Members")), [row["members"] for row in rows[:filled]], 1)],
            say=number,
        ),
        voice.lang,
    )  # fmt: skip


def _brief(edge: int, voice: Voice) -> str:
    return "0" if not edge else f"{charts.compact(edge, voice.lang)}–"


def _steps(rows: Sequence[Mapping[str, Any]], voice: Voice) -> list[str]:
    edges = [row["from"] for row in rows]
    found = []
    for n, edge in enumerate(edges):
        last = edges[n + 1] - 1 if n + 1 < len(edges) else None
        if last is None:
            found.append(voice.words(N_("{points} or more"), points=voice.points(edge)))
        elif last == edge:
            found.append(voice.points(edge))
        else:
            found.append(f"{number(edge)}–{voice.points(last)}")
    return found


def _spread_title(rows: Sequence[Mapping[str, Any]], members: int, voice: Voice) -> str:
    if not members:
        return voice.words(N_("What members receive"))
    running = 0
    for row, name in zip(rows, _steps(rows, voice), strict=True):
        running += row["members"]
        if 2 * running >= members:
            return voice.words(N_("The member in the middle receives {points}"), points=name)
    return voice.words(N_("What members receive"))


def segments(told: Mapping[str, Any], voice: Voice, id_: str) -> Table | None:
    """Return what each segment of the program buys and receives."""
    if not told["segments"]:
        return None
    return Table(
        f"{id_}-segments",
        voice.words(N_("By segment")),
        voice.words(N_("Members who fit on the last day. A member may be in several.")),
        group_columns(told, voice, voice.words(N_("Segment"))),
        [group_row(voice.name(row["name"]), row, told["members"], told, voice) for row in told["segments"]],
    )


def places(told: Mapping[str, Any], voice: Voice, id_: str) -> list[Table]:
    """Return sales and points by channel, store and category: those that the history tells."""
    kinds = (
        (
            "channels",
            N_("By channel"),
            N_("Channel"),
            N_("Orders"),
            N_("The history does not say through which channels people bought."),
        ),
        ("stores", N_("By store"), N_("Store"), N_("Orders"), N_("The history does not say in which stores people bought.")),
        ("categories", N_("By category"), N_("Category"), N_("Lines"), N_("The history does not say what was bought.")),
    )  # fmt: skip
    found = []
    for field, title, name, times, missing in kinds:
        rows = told[field]
        about = (
            N_("What an order earned is laid on its lines by their amounts.")
            if field == "categories"
            else N_("Largest sales first.")
        )
        found.append(
            Table(
                f"{id_}-{field}",
                voice.words(title),
                voice.words(about),
                _place_columns(voice, voice.words(name), voice.words(times)),
                [_place_row(row, told, voice) for row in shown(rows)],
                missing=voice.words(missing),
            )
        )
    return found


def shown(rows: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Return the first rows, and all others in one."""
    if len(rows) <= PLACES_SHOWN + 1:
        return rows
    rest = rows[PLACES_SHOWN:]
    total = {name: sum(row[name] for row in rest) for name in ("amount", "issued", "times")}
    return [*rows[:PLACES_SHOWN], {"key": None, "others": sum(row.get("others", 1) for row in rest), **total}]


def _place_columns(voice: Voice, name: str, times: str) -> Sequence[Column]:
    return [
        Column(name, is_figure=False),
        Column(times),
        Column(voice.words(N_("Sales"))),
        Column(voice.words(N_("of all sales"))),
        Column(voice.words(N_("Issued"))),
    ]


def _place_row(row: Mapping[str, Any], told: Mapping[str, Any], voice: Voice) -> Row:
    name = row["key"] or voice.words(N_("not recorded"))
    if row["key"] is None:
        name = voice.count(N_("{n} other"), "{n} others", row["others"])
    part = ratio(row["amount"], told["sales"]["amount"])
    return Row(
        name,
        [number(row["times"]), voice.money(row["amount"]), share(part), voice.points(row["issued"])],
        is_sum=row["key"] is None,
    )
