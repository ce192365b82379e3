"""Two designs side by side: who gains by the second, who loses, and how much a rise in purchases one could tell from chance."""

from typing import Any

import numpy as np
import pyarrow as pa

from kizuna.simulate.behaviour import MILLION
from kizuna.simulate.history import History
from kizuna.simulate.result import DECILES, by_code, deciles_of, figures
from kizuna.simulate.run import Played

NAMED = 10
_POWER = 2.8
"""A difference of two means is told from chance with 80 % power at 5 % from 2.8 standard errors on (Gelman and Hill 2006, 20.4)."""


def winners(before: Played, after: Played) -> dict[str, Any]:
    """Return by how much members are better or worse off with `after`: in money where both programs say what points are worth."""
    worths = [one.design.program.units[0].worth for one in (before, after)]
    in_money = all(worth is not None for worth in worths)
    members = [by_code(one.answers[0].members) for one in (before, after)]
    values = []
    for some, worth in zip(members, worths, strict=True):
        issued = figures(some, "issued")
        values.append(issued * worth.amount // worth.points if in_money and worth else issued)
    difference = values[1] - values[0]
    amount = figures(members[0], "amount")
    decile = deciles_of(amount)
    ranked = np.argsort(difference, kind="stable")
    codes = figures(members[0], "member")

    def named(places: np.ndarray) -> list[dict[str, Any]]:
        return [
            {
                "member": before.members[int(codes[place])].as_py(),
                "amount": int(amount[place]),
                "before": int(values[0][place]),
                "after": int(values[1][place]),
            }
            for place in places.tolist()
            if difference[place]
        ]

    return {
        "before": before.design.name,
        "after": after.design.name,
        "in_money": in_money,
        "winners": int((difference > 0).sum()),
        "losers": int((difference < 0).sum()),
        "same": int((difference == 0).sum()),
        "gained": int(difference[difference > 0].sum()),
        "lost": int(-difference[difference < 0].sum()),
        "risen": int((figures(members[1], "level") > figures(members[0], "level")).sum()),
        "fallen": int((figures(members[1], "level") < figures(members[0], "level")).sum()),
        "deciles": [
            {
                "decile": number + 1,
                "members": int((decile == number).sum()),
                "difference": int(difference[decile == number].sum()),
                "winners": int((difference[decile == number] > 0).sum()),
                "losers": int((difference[decile == number] < 0).sum()),
            }
            for number in range(DECILES)
        ],
        "most": named(ranked[::-1][:NAMED]),
        "least": named(ranked[:NAMED]),
    }


def variation(history: History, played: Played) -> dict[str, Any]:
    """Return how much the brand's sales vary by themselves: from week to week, and between two random halves of the members.

    `weeks` is the standard deviation of whole weeks' sales over their mean; `detectable` the least rise in what members spend that a test
    with half of them held out would tell from chance over a period as long. Both in parts of a million.
    """
    days = history.table["at"].cast(pa.int64()).to_numpy() // 86_400_000_000
    amount = history.table["amount"].to_numpy()
    on = (days >= played.since) & (days <= played.until)
    if "kind" in history.table.column_names:
        on &= history.table["kind"].to_numpy() == 0
    week = (days[on] - played.since) // 7
    whole = (played.until - played.since + 1) // 7
    sums = np.bincount(week, weights=amount[on].astype(np.float64), minlength=whole)[:whole] if whole else np.zeros(0)
    spent = figures(played.answers[0].members, "amount").astype(np.float64)
    return {
        "weeks": _spread(sums),
        "weeks_counted": int(whole),
        "detectable": _detectable(spent),
        "members": len(spent),
    }


def _spread(sums: np.ndarray) -> int | None:
    if len(sums) < 2 or not sums.mean():
        return None
    return round(float(sums.std(ddof=1) / sums.mean()) * MILLION)


def _detectable(spent: np.ndarray) -> int | None:
    if len(spent) < 4 or spent.mean() <= 0:
        return None
    error = float(spent.std(ddof=1)) * (4 / len(spent)) ** 0.5
    least: float = _POWER * error / float(spent.mean())
    return round(least * MILLION)
