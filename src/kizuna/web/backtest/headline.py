"""The headline of a design: what it would have cost, what would be owed, and how much purchases have to rise to pay it. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from kizuna.core.errors import N_
from kizuna.web import charts
from kizuna.web.backtest.telling import Voice, assumption, period, ratio, share
from kizuna.web.backtest.views import Bar, Column, Figure, Headline, Lift, Row, Table
from kizuna.web.words import number


def headline(told: Mapping[str, Any], variation: Mapping[str, Any] | None, voice: Voice, id_: str) -> Headline:
    """Return the headline of a design."""
    return Headline(
        finding=finding(told, voice),
        about=basis(told, voice),
        assumption=assumption(told, voice),
        figures=[*_costs(told, voice), *_flows(told, voice)],
        lift=lift(told, variation or {}, voice),
        chances=_chances(told, voice, id_),
    )


def finding(told: Mapping[str, Any], voice: Voice) -> str:
    """Return what a design comes to, in a sentence."""
    cost = told["cost"]
    if cost is None:
        return voice.words(N_("This program would have issued {points}."), points=voice.points(told["issued"]))
    if cost["of_sales"] is None:
        return voice.words(N_("This program would have cost {amount}."), amount=voice.money(cost["total"]))
    return voice.words(
        N_("This program would have cost {share} of sales: {amount}."),
        share=share(cost["of_sales"]),
        amount=voice.money(cost["total"]),
    )


def basis(told: Mapping[str, Any], voice: Voice) -> str:
    """Return what a result rests on: days, members, orders and sales."""
    return voice.words(
        N_("{period}. {members}, {orders}, sales of {amount}."),
        period=period(told, voice),
        members=voice.count(N_("{n} member"), "{n} members", told["members"]),
        orders=voice.count(N_("{n} order"), "{n} orders", told["sales"]["orders"]),
        amount=voice.money(told["sales"]["amount"]),
    )


def _costs(told: Mapping[str, Any], voice: Voice) -> Sequence[Figure]:
    cost = told["cost"]
    if cost is None:
        return [
            Figure(
                voice.words(N_("Cost")),
                voice.words(N_("not known")),
                voice.words(N_("The program does not say what a point is worth. Say it, and everything here is in money too.")),
                is_first=True,
            )
        ]  # fmt: skip
    notes = [voice.words(N_("{share} of sales"), share=share(cost["of_sales"]))]
    if cost["of_margin"] is not None:
        notes.append(voice.words(N_("{share} of the gross margin"), share=share(cost["of_margin"])))
    if cost["breakage"]:
        notes.append(
            voice.words(
                N_("{amount} if nothing more expires"), amount=voice.money(cost["redeemed"] + cost["outstanding"])
            )
        )
    return [
        Figure(
            voice.words(N_("Cost")),
            voice.money(cost["total"]),
            voice.words(N_("What used points were worth, and what is still owed.")),
            notes,
            is_first=True,
        ),
        Figure(
            voice.words(N_("Still owed")),
            voice.money(cost["liability"]),
            voice.words(N_("The worth of points left on the last day, less the share that is likely to expire.")),
            [
                voice.words(
                    N_("{share} of {amount} is likely to expire, as in the period"),
                    share=share(cost["breakage"]),
                    amount=voice.money(cost["outstanding"]),
                )
                if cost["breakage"]
                else voice.words(
                    N_("nothing expired in the period, so all of it is counted")
                    if told["redeemed"] or not told["expired"]
                    else N_("nobody used points in the period, so all of it is counted")
                )
            ],
        ),
    ]


def _flows(told: Mapping[str, Any], voice: Voice) -> Sequence[Figure]:
    issued = told["issued"]
    kinds = (
        ("issued", N_("Issued"), N_("Points that rules gave.")),
        ("redeemed", N_("Used"), N_("Points that members gave for something.")),
        ("expired", N_("Expired"), N_("Points that were not used in time.")),
        ("outstanding", N_("Left at the end"), N_("Points that members can still use.")),
    )
    return [
        Figure(
            voice.words(name),
            voice.points(told[field]),
            voice.words(text),
            _flow_notes(told, field, issued, voice),
            _band(told, field, voice),
            is_points=True,
        )
        for field, name, text in kinds
    ]


def _flow_notes(told: Mapping[str, Any], field: str, issued: int, voice: Voice) -> Sequence[str]:
    notes = []
    cost = told["cost"]
    if cost is not None and field in ("issued", "redeemed"):
        notes.append(voice.words(N_("worth {amount}"), amount=voice.money(cost[field])))
    if field != "issued" and issued:
        notes.append(voice.words(N_("{share} of what was issued"), share=share(ratio(told[field], issued))))
    if field == "issued" and told["taken_back"]:
        notes.append(voice.words(N_("{points} taken back after returns"), points=voice.points(told["taken_back"])))
    if field == "outstanding" and told["pending"]:
        notes.append(voice.words(N_("{points} more are pending"), points=voice.points(told["pending"])))
    return notes


def _band(told: Mapping[str, Any], field: str, voice: Voice) -> str:
    band = told.get("bands", {}).get(field)
    if band is None or band["low"] == band["high"]:
        return ""
    return voice.words(N_("80% of draws: {low} to {high}"), low=number(band["low"]), high=voice.points(band["high"]))


def lift(told: Mapping[str, Any], variation: Mapping[str, Any], voice: Voice) -> Lift:
    """Return by how much purchases have to rise until the program pays, beside their natural variation."""
    even = told["cost"]["break_even"] if told["cost"] else None
    weeks, least = variation.get("weeks"), variation.get("detectable")
    known = [
        (
            N_("The rise at which it pays"),
            even,
            voice.words(N_("So much more in purchases brings the margin that the program costs.")),
            1,
        ),
        (
            N_("From week to week"),
            weeks,
            voice.count(
                N_("So much sales vary by themselves (standard deviation over {n} week)."),
                "So much sales vary by themselves (standard deviation over {n} weeks).",
                variation.get("weeks_counted", 0),
            ),
            6,
        ),
        (
            N_("The least rise that a test can tell"),
            least,
            voice.words(
                N_("With half of the members left out, over a period as long: 80% power at the 5% level."),
            ),
            6,
        ),
    ]
    top = max((value for _, value, _, _ in known if value is not None), default=0)
    return Lift(
        title=_lift_title(told, even, voice),
        about=voice.words(N_("A rise in purchases, beside how much they vary anyway. It does not say that a rise comes.")),
        bars=[
            Bar(voice.words(name), share(value), charts.bar(value, top, colour), text)
            for name, value, text, colour in known
            if value is not None
        ],
        judgement=_judged(even, least, voice),
    )  # fmt: skip


def _lift_title(told: Mapping[str, Any], even: int | None, voice: Voice) -> str:
    if even is not None:
        return voice.words(N_("This program pays if it lifts purchases by {share}"), share=share(even))
    cost = told["cost"]
    if cost is None:
        return voice.words(N_("When this program pays is not known without the worth of a point"))
    if not cost["margin"]:
        return voice.words(N_("When this program pays is not known without the gross margin"))
    if told["sales"]["amount"] <= 0:
        return voice.words(N_("When this program pays is not known without sales"))
    return voice.words(N_("No rise pays for this program: it costs more than the margin"))


def _judged(even: int | None, least: int | None, voice: Voice) -> str:
    if even is None or least is None:
        return ""
    if even < least:
        return voice.words(
            N_("A test over a period as long could not tell so small a rise from chance. Plan a longer one, or one with more members.")
        )  # fmt: skip
    return voice.words(N_("A test over a period as long could tell such a rise from chance."))


def _chances(told: Mapping[str, Any], voice: Voice, id_: str) -> Table | None:
    behaviour = told["behaviour"]
    if behaviour["kind"] != "hazard":
        return None
    seen = list(behaviour.get("seen", ()))
    seen += [0] * (len(behaviour["edges"]) - len(seen))
    rows = [
        Row(
            voice.words(N_("from {points}"), points=voice.points(edge)),
            [share(chance), share(part), number(times) if times else "—"],
        )
        for edge, chance, part, times in zip(
            behaviour["edges"], behaviour["chances"], behaviour["shares"], seen, strict=True
        )
    ]
    return Table(
        f"{id_}-chances",
        voice.words(N_("How likely members are to redeem")),
        voice.words(N_("By the points that they have before a purchase, in whole steps of {step}."), step=voice.points(behaviour["step"])),
        [
            Column(voice.words(N_("Points there")), is_figure=False),
            Column(voice.words(N_("Chance"))),
            Column(voice.words(N_("Share of them used"))),
            Column(voice.words(N_("Purchases seen"))),
        ],
        rows,
    )  # fmt: skip
