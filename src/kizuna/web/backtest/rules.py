"""A design's rules: which paid what, what limits took away, and when a budget ran out. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from kizuna.core.errors import N_
from kizuna.web import charts
from kizuna.web.backtest.telling import NONE, Voice, ratio, share
from kizuna.web.backtest.views import Column, Row, Table
from kizuna.web.words import number

CUTS = {
    "event": N_("The limit for one time"),
    "member": N_("The member’s limit"),
    "store": N_("The store’s limit"),
    "all": N_("The limit for everybody"),
    "budget": N_("The budget"),
    "group": N_("Another rule of the group"),
    "exclusive": N_("A rule that pays alone"),
}


def rules(told: Mapping[str, Any], voice: Voice, id_: str) -> list[Table]:
    """Return the tables of a design's rules."""
    every = (_paid(told, voice, id_), _cuts(told, voice, id_), _budgets(told, voice, id_), _others(told, voice, id_))
    return [one for one in every if one is not None]


def _paid(told: Mapping[str, Any], voice: Voice, id_: str) -> Table:
    rows = sorted(told["rules"], key=lambda row: -row["points"])
    main = sum(row["points"] for row in rows if row["unit"] == told["unit"])
    silent = {row["id"] for row in told["silent"]}
    return Table(
        f"{id_}-rules",
        _paid_title(rows, main, told, voice),
        voice.words(N_("Points issued by rule over the whole period, before returns. Source: this back-test")),
        [
            Column(voice.words(N_("Rule")), is_figure=False),
            Column(voice.words(N_("Share"))),
            Column(voice.words(N_("Points"))),
            Column(voice.words(N_("Times"))),
            Column(voice.words(N_("Taken away by limits"))),
        ],
        [_rule_row(row, main, told, silent, voice) for row in rows],
        missing=voice.words(N_("The program has no rules.")),
    )


def _paid_title(rows: Sequence[Mapping[str, Any]], main: int, told: Mapping[str, Any], voice: Voice) -> str:
    first = next((row for row in rows if row["unit"] == told["unit"] and row["points"]), None)
    if first is None:
        return voice.words(N_("No rule gave points"))
    if first["points"] == main:
        return voice.words(N_("Every point comes from “{rule}”"), rule=voice.name(first["name"]))
    return voice.words(
        N_("{share} of the points come from “{rule}”"),
        share=share(ratio(first["points"], main)),
        rule=voice.name(first["name"]),
    )


def _rule_row(row: Mapping[str, Any], main: int, told: Mapping[str, Any], silent: set[str], voice: Voice) -> Row:
    name = Markup("{}").format(voice.name(row["name"]))
    marks = []
    if row["campaign"]:
        marks.append(voice.words(N_("Campaign")))
    if row["id"] in silent:
        marks.append(voice.words(N_("not in this history")))
    if row["unit"] != told["unit"]:
        marks.append(_unit(row["unit"], told, voice))
    for mark in marks:
        name += Markup(' <span class="mark-word mark-word-quiet">{}</span>').format(mark)
    is_main = row["unit"] == told["unit"]
    lost = sum(cut["points"] for cut in row["cuts"].values())
    part = ratio(row["points"], main) if is_main and row["id"] not in silent else None
    bar = charts.bar(row["points"], main, 2) if part is not None else Markup()
    return Row(
        name,
        [
            Markup('<span class="backtest-bar">{}{}</span>').format(share(part), bar),
            voice.points(row["points"]) if is_main else number(row["points"]),
            number(row["times"]),
            number(-lost) if lost else NONE,
        ],
    )


def _unit(unit: str, told: Mapping[str, Any], voice: Voice) -> str:
    return next((voice.name(one["name"]) for one in told["other_units"] if one["id"] == unit), unit)


def _cuts(told: Mapping[str, Any], voice: Voice, id_: str) -> Table | None:
    rows = [
        (row, cut, figures)
        for row in told["rules"]
        for cut, figures in row["cuts"].items()
        if figures["points"] or figures["times"]
    ]
    if not rows:
        return None
    rows.sort(key=lambda one: -one[2]["points"])
    return Table(
        f"{id_}-cuts",
        voice.words(N_("What limits took away")),
        voice.words(N_("What a rule alone would have given, less what it gave.")),
        [
            Column(voice.words(N_("Rule")), is_figure=False),
            Column(voice.words(N_("Limit")), is_figure=False),
            Column(voice.words(N_("Times"))),
            Column(voice.words(N_("Points"))),
            Column(voice.words(N_("of what it would give"))),
        ],
        [
            Row(
                voice.name(row["name"]),
                [
                    voice.words(CUTS.get(cut, cut)),
                    number(figures["times"]),
                    number(-figures["points"]),
                    share(ratio(figures["points"], row["raw"])),
                ],
            )
            for row, cut, figures in rows
        ],
    )


def _budgets(told: Mapping[str, Any], voice: Voice, id_: str) -> Table | None:
    if not told["budgets"]:
        return None
    return Table(
        f"{id_}-budgets",
        voice.words(N_("Budgets")),
        voice.words(N_("What campaigns may give in all, and when it was used up.")),
        [
            Column(voice.words(N_("Campaign")), is_figure=False),
            Column(voice.words(N_("Budget"))),
            Column(voice.words(N_("Issued"))),
            Column(voice.words(N_("Used up")), is_figure=False),
        ],
        [_budget_row(row, voice) for row in told["budgets"]],
    )


def _budget_row(row: Mapping[str, Any], voice: Voice) -> Row:
    budget = row["budget"]
    parts = [voice.points(budget["points"])] if "points" in budget else []
    parts += [voice.money(budget["amount"])] if "amount" in budget else []
    ended = (
        Markup('<span class="mark-word mark-word-wait">{}</span>').format(
            voice.words(N_("in {month}"), month=voice.month(row["ran_out"]))
        )
        if row["ran_out"]
        else voice.words(N_("never: it was enough"))
    )
    return Row(voice.name(row["name"]), [" + ".join(parts) or NONE, voice.points(row["used"]), ended])


def _others(told: Mapping[str, Any], voice: Voice, id_: str) -> Table | None:
    if not told["other_units"]:
        return None
    return Table(
        f"{id_}-units",
        voice.words(N_("Other kinds of points")),
        voice.words(N_("They are not in the cost above.")),
        [
            Column(voice.words(N_("Kind")), is_figure=False),
            *(Column(voice.words(name)) for name in (N_("Issued"), N_("Used"), N_("Expired"))),
        ],
        [
            Row(voice.name(row["name"]), [number(row[field]) for field in ("issued", "redeemed", "expired")])
            for row in told["other_units"]
        ],
    )
