"""A design by month: what was issued, used and expired, and what members have at each month's end. Pure."""

from collections.abc import Mapping
from typing import Any

from kizuna.core.errors import N_
from kizuna.web import charts
from kizuna.web.backtest.telling import Voice, ratio, share


def months(told: Mapping[str, Any], voice: Voice, id_: str) -> charts.Drawn:
    """Return what moved by month, as columns."""
    rows = told["months"]
    series = [("issued", N_("Issued"), 1), ("redeemed", N_("Used"), 2), ("expired", N_("Expired"), 6)]
    if any(row["taken_back"] for row in rows):
        series.append(("taken_back", N_("Taken back"), 4))
    return _drawn(
        voice,
        f"{id_}-months",
        _moved(told, voice),
        voice.words(N_("Points by month, {first} to {last}. Source: this back-test"), **_ends(told, voice)),
        told,
        [charts.Series(voice.words(name), [row[field] for row in rows], colour) for field, name, colour in series],
    )


def balance(told: Mapping[str, Any], voice: Voice, id_: str) -> charts.Drawn:
    """Return what members have at each month's end, as a line."""
    rows = told["months"]
    series = [charts.Series(voice.words(N_("Balance")), [row["balance"] for row in rows], 1, "line")]
    if any(row["pending"] for row in rows):
        series.append(charts.Series(voice.words(N_("Pending")), [row["pending"] for row in rows], 5, "line"))
    return _drawn(
        voice,
        f"{id_}-balance",
        _peaked(told, voice),
        _owed(told, voice),
        told,
        series,
    )  # fmt: skip


def _owed(told: Mapping[str, Any], voice: Voice) -> str:
    """Return the measure of the balance; where points have a worth, also what those of the last day are worth."""
    if told["cost"] is None:
        about = N_("Points at the end of each month, {first} to {last}. Source: this back-test")
        return voice.words(about, **_ends(told, voice))
    return voice.words(
        N_(
            "Points at the end of each month, {first} to {last}; on the last day worth {amount}. Source: this back-test"
        ),
        amount=voice.money(told["cost"]["outstanding"]),
        **_ends(told, voice),
    )


def _drawn(
    voice: Voice, id_: str, title: str, about: str, told: Mapping[str, Any], series: list[charts.Series]
) -> charts.Drawn:
    written = [row["month"] for row in told["months"]]
    return charts.drawn(
        charts.Chart(
            id=id_,
            title=title,
            about=about,
            place=voice.words(N_("Month")),
            labels=[voice.month(one) for one in written],
            short=[voice.short_month(one, is_first=place == 0) for place, one in enumerate(written)],
            series=series,
        ),
        voice.lang,
    )


def _ends(told: Mapping[str, Any], voice: Voice) -> dict[str, str]:
    rows = told["months"]
    return {"first": voice.month(rows[0]["month"]), "last": voice.month(rows[-1]["month"])}


def _moved(told: Mapping[str, Any], voice: Voice) -> str:
    issued = told["issued"]
    if not issued:
        return voice.words(N_("No points were issued"))
    return voice.words(
        N_("Of what was issued, {used} was used and {expired} expired"),
        used=share(ratio(told["redeemed"], issued)),
        expired=share(ratio(told["expired"], issued)),
    )


def _peaked(told: Mapping[str, Any], voice: Voice) -> str:
    rows = told["months"]
    top = max(rows, key=lambda row: row["balance"])
    if not top["balance"]:
        return voice.words(N_("Members have no points at any month’s end"))
    if top is rows[-1]:
        return voice.words(N_("What members have grows until the end: {points}"), points=voice.points(top["balance"]))
    return voice.words(
        N_("What members have is highest in {month}: {points}"),
        month=voice.month(top["month"]),
        points=voice.points(top["balance"]),
    )
