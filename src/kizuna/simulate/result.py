"""What a back-test tells: the sums of a played design as plain data that a page, a report and a file share.

Always true: every figure is a sum of movements or rows of the history, or an exact reckoning from such sums; money is minor units, shares
are parts of a million, and nothing is claimed that the history does not hold. Points are those of the program's first unit.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from kizuna.engine import EntryKind
from kizuna.program import Campaign, Program
from kizuna.simulate.behaviour import MILLION
from kizuna.simulate.grid import Axis
from kizuna.simulate.run import Answer, Played

DECILES = 10
EDGES = (0, 1, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)
"""Where the steps of the distribution of rewards begin."""
PLACES_MAX = 50
"""So many channels, stores and categories are told apart; the others are summed up."""
TOTALS = ("issued", "redeemed", "expired", "taken_back", "outstanding", "pending", "debt")
_GIVEN = ("earn", "pend")
_TAKEN = ("reverse", "cancel")
_OWED = ("forgive", "collect")
_KINDS = tuple(one.name.lower() for one in EntryKind)


def told(played: Played, margin: int | None = None) -> dict[str, Any]:
    """Return what a design came to. `margin` is the brand's gross margin in parts of a million of its sales."""
    program = played.design.program
    first, *others = [_one(answer, played, program, margin) for answer in played.answers]
    if others:
        first["bands"] = _bands([first, *others])
    return first


def _one(answer: Answer, played: Played, program: Program, margin: int | None) -> dict[str, Any]:
    sums = Sums(answer.sums)
    worth = program.units[0].worth
    totals = _totals(sums, answer.members)
    sales = {"orders": sums.total("sales", "times"), "amount": sums.total("sales", "amount")}
    cost = _cost(program, totals, sales["amount"], margin)
    return {
        "name": played.design.name,
        "behaviour": played.design.behaviour.as_json(),
        "since": str(np.datetime64(played.since, "D")),
        "until": str(np.datetime64(played.until, "D")),
        "members": len(answer.members),
        "sales": sales,
        "unit": program.units[0].id,
        **totals,
        "cost": cost,
        "months": _months(sums, played),
        "rules": _rules(sums, program),
        "budgets": _budgets(sums, program),
        "tiers": _tiers(answer.members, program, worth),
        "rises": _rises(sums),
        "channels": _places(sums, "channel"),
        "stores": _places(sums, "store"),
        "categories": _places(sums, "category"),
        "segments": _segments(answer.members, program),
        "deciles": _deciles(answer.members, worth),
        "distribution": _distribution(answer.members),
        "other_units": _others(sums, program),
        "silent": _silent(program),
    }


def in_grid(
    axes: Sequence[Axis], values: Sequence[Sequence[Any]], results: Sequence[dict[str, Any]]
) -> dict[str, Any]:  # fmt: skip
    """Return the totals of a grid's variants, each with its values."""
    return {
        "axes": [{"place": axis.place, "values": list(axis.values)} for axis in axes],
        "variants": [
            {"values": list(some), **{name: one[name] for name in (*TOTALS, "cost")}}
            for some, one in zip(values, results, strict=True)
        ],
    }


class Sums:
    """Sums by what they are of."""

    def __init__(self, struct: pa.StructArray) -> None:
        table = pa.Table.from_struct_array(struct)
        names = ["what", "month", "unit", "key"]
        grouped = table.group_by(names).aggregate([(name, "sum") for name in ("points", "amount", "times")])
        self._rows = [
            (*key, *figures)
            for key, figures in zip(
                zip(*(grouped[name].to_pylist() for name in names), strict=True),
                zip(*(grouped[f"{name}_sum"].to_pylist() for name in ("points", "amount", "times")), strict=True),
                strict=True,
            )
        ]
        self._by: dict[str, list[tuple[Any, ...]]] = {}
        for row in self._rows:
            self._by.setdefault(row[0], []).append(row[1:])

    def of(self, what: str) -> list[tuple[Any, ...]]:
        """Return (month, unit, key, points, amount, times) of each sum."""
        return self._by.get(what, [])

    def total(self, what: str, figure: str, keys: Sequence[str] | None = None, unit: int | None = None) -> int:
        """Return one figure's sum."""
        place = {"points": 3, "amount": 4, "times": 5}[figure]
        return sum(
            row[place] for row in self.of(what) if (keys is None or row[2] in keys) and (unit is None or row[1] == unit)
        )

    def by_month(
        self, what: str, figure: str, keys: Sequence[str] | None = None, unit: int | None = None
    ) -> dict[int, int]:
        """Return one figure by month."""
        place = {"points": 3, "amount": 4, "times": 5}[figure]
        found: dict[int, int] = {}
        for row in self.of(what):
            if (keys is None or row[2] in keys) and (unit is None or row[1] == unit):
                found[row[0]] = found.get(row[0], 0) + row[place]
        return found


def figures(members: pa.StructArray, name: str) -> np.ndarray:
    """Return a column of members."""
    return np.asarray(members.field(name).to_numpy(zero_copy_only=False))


def _totals(sums: Sums, members: pa.StructArray) -> dict[str, int]:
    def moved(*kinds: str) -> int:
        return sums.total("move", "points", kinds, 0)

    return {
        "issued": moved(*_GIVEN),
        "redeemed": -moved("redeem"),
        "expired": -moved("expire"),
        "taken_back": -moved(*_TAKEN),
        "written_off": moved(*_OWED),
        "outstanding": int(figures(members, "outstanding").sum()),
        "pending": int(figures(members, "pending").sum()),
        "debt": int(figures(members, "debt").sum()),
        "refused": sums.total("refused", "times"),
    }


def _cost(program: Program, totals: dict[str, int], sales: int, margin: int | None) -> dict[str, Any] | None:
    """Return what points cost: redeemed so far, and what is still owed less what is likely to lapse; None without a worth.

    Breakage is the share of the points that ended which ended by lapsing; the liability is the worth of what is outstanding and waits
    for its release, less that share (IFRS 15 B44 to B47: the customer's unexercised rights).
    """
    worth = program.units[0].worth
    if worth is None:
        return None
    ended = totals["redeemed"] + totals["expired"]
    breakage = (
        totals["expired"] * MILLION // ended if totals["redeemed"] else 0
    )  # where nobody redeems, all may be asked for
    owed = totals["outstanding"] + totals["pending"]
    expected = owed * (MILLION - breakage) // MILLION
    redeemed, liability = worth.of(totals["redeemed"]), worth.of(expected)
    found = {
        "issued": worth.of(totals["issued"]),
        "redeemed": redeemed,
        "outstanding": worth.of(owed),
        "breakage": breakage,
        "liability": liability,
        "total": redeemed + liability,
        "of_sales": (redeemed + liability) * MILLION // sales if sales > 0 else None,
        "margin": margin,
        "of_margin": None,
        "break_even": None,
    }
    profit = sales * margin // MILLION if margin else 0
    if profit > 0:
        found["of_margin"] = (redeemed + liability) * MILLION // profit
        found["break_even"] = break_even(redeemed + liability, sales, margin or 0)
    return found


def break_even(cost: int, sales: int, margin: int) -> int | None:
    """Return by how much purchases have to rise so that the rise's margin pays the cost, in parts of a million.

    With a cost that goes with purchases, a rise x brings sales × x × margin and costs cost × (1 + x): so x = cost ÷ (sales × margin −
    cost). None where the margin does not even pay the cost of what was bought anyway.
    """
    profit = sales * margin // MILLION
    return cost * MILLION // (profit - cost) if profit > cost else None


def _months(sums: Sums, played: Played) -> list[dict[str, Any]]:
    first, last = (
        int(np.datetime64(day, "D").astype("datetime64[M]").astype(np.int64)) for day in (played.since, played.until)
    )
    columns = {
        "issued": sums.by_month("move", "points", _GIVEN, 0),
        "redeemed": sums.by_month("move", "points", ("redeem",), 0),
        "expired": sums.by_month("move", "points", ("expire",), 0),
        "taken_back": sums.by_month("move", "points", _TAKEN, 0),
    }
    spendable = sums.by_month("move", "points", [one for one in _KINDS if one not in ("pend", "cancel")], 0)
    waiting = sums.by_month("move", "points", ("pend", "cancel"), 0)
    released = sums.by_month("move", "points", ("release",), 0)
    amount, orders = sums.by_month("sales", "amount"), sums.by_month("sales", "times")
    months, balance, pending = [], 0, 0
    for month in range(first, last + 1):
        balance += spendable.get(month, 0)
        pending += waiting.get(month, 0) - released.get(month, 0)
        months.append(
            {
                "month": str(np.datetime64(month, "M")),
                "sales": amount.get(month, 0),
                "orders": orders.get(month, 0),
                **{name: abs(column.get(month, 0)) for name, column in columns.items()},
                "balance": balance,
                "pending": pending,
            }
        )
    return months


def _rules(sums: Sums, program: Program) -> list[dict[str, Any]]:
    cuts: dict[str, dict[str, dict[str, int]]] = {}
    for _, _, key, points, _, times in sums.of("cut"):
        rule, _, cut = key.partition("/")
        one = cuts.setdefault(rule, {}).setdefault(cut, {"points": 0, "times": 0})
        one["points"] += points
        one["times"] += times
    return [
        {
            "id": rule.id,
            "name": rule.name.model_dump(),
            "unit": rule.unit,
            "campaign": isinstance(rule, Campaign),
            "points": sums.total("rule", "points", (rule.id,)),
            "raw": sums.total("rule", "amount", (rule.id,)),
            "times": sums.total("rule", "times", (rule.id,)),
            "cuts": cuts.get(rule.id, {}),
        }
        for rule in program.rules
    ]


def _budgets(sums: Sums, program: Program) -> list[dict[str, Any]]:
    found = []
    for rule in program.rules:
        if not isinstance(rule, Campaign) or rule.budget is None:
            continue
        bit = [month for month, _, key, *_ in sums.of("cut") if key == f"{rule.id}/budget"]
        found.append(
            {
                "id": rule.id,
                "name": rule.name.model_dump(),
                "budget": rule.budget.model_dump(exclude_none=True),
                "used": sums.total("rule", "points", (rule.id,)),
                "ran_out": str(np.datetime64(min(bit), "M")) if bit else None,
            }
        )
    return found


def _tiers(members: pa.StructArray, program: Program, worth: Any) -> list[dict[str, Any]]:
    level = figures(members, "level")
    return [
        {"id": one.id, "name": one.name.model_dump(), **_group(members, level == number, worth)}
        for number, one in enumerate(program.tiers.levels)
    ]


def _segments(members: pa.StructArray, program: Program) -> list[dict[str, Any]]:
    bits, worth = figures(members, "segments"), program.units[0].worth
    return [
        {"id": one.id, "name": one.name.model_dump(), **_group(members, (bits >> place) & 1 == 1, worth)}
        for place, one in enumerate(program.segments[:62])
    ]


def _group(members: pa.StructArray, on: np.ndarray, worth: Any) -> dict[str, int]:
    found = {"members": int(on.sum())}
    for name in ("orders", "amount", "issued", "redeemed", "expired", "outstanding"):
        found[name] = int(figures(members, name)[on].sum())
    found["worth"] = worth.of(found["issued"]) if worth else 0
    return found


def _rises(sums: Sums) -> list[dict[str, Any]]:
    rows = [
        {
            "month": str(np.datetime64(month, "M")),
            "from": key.partition(">")[0],
            "to": key.partition(">")[2],
            "times": times,
        }
        for month, _, key, _, _, times in sums.of("rise")
    ]
    return sorted(rows, key=lambda row: (row["month"], row["from"], row["to"]))


def _places(sums: Sums, what: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = sorted(
        (
            {"key": key, "amount": amount, "issued": points, "times": times}
            for _, _, key, points, amount, times in sums.of(what)
        ),
        key=lambda row: (-row["amount"], row["key"]),
    )
    if len(rows) > PLACES_MAX:
        rest = rows[PLACES_MAX:]
        total = {name: sum(row[name] for row in rest) for name in ("amount", "issued", "times")}
        rows = [*rows[:PLACES_MAX], {"key": None, "others": len(rest), **total}]
    return rows


def deciles_of(amount: np.ndarray) -> np.ndarray:
    """Return the decile of each member by spend: 0 are those who spend most."""
    order = np.argsort(-amount, kind="stable")
    decile = np.empty(len(amount), np.int64)
    decile[order] = np.arange(len(amount)) * DECILES // max(1, len(amount))
    return decile


def _deciles(members: pa.StructArray, worth: Any) -> list[dict[str, int]]:
    members = by_code(members)
    decile = deciles_of(figures(members, "amount"))
    return [{"decile": number + 1, **_group(members, decile == number, worth)} for number in range(DECILES)]


def _distribution(members: pa.StructArray) -> list[dict[str, int]]:
    issued = figures(members, "issued")
    place = np.searchsorted(EDGES, issued, side="right") - 1
    counts = np.bincount(np.maximum(place, 0), minlength=len(EDGES)).tolist()
    return [{"from": edge, "members": count} for edge, count in zip(EDGES, counts, strict=True)]


def _others(sums: Sums, program: Program) -> list[dict[str, Any]]:
    return [
        {
            "id": unit.id,
            "name": unit.name.model_dump(),
            "issued": sums.total("move", "points", _GIVEN, number),
            "redeemed": -sums.total("move", "points", ("redeem",), number),
            "expired": -sums.total("move", "points", ("expire",), number),
        }
        for number, unit in enumerate(program.units)
        if number
    ]


def _silent(program: Program) -> list[dict[str, Any]]:
    """Return the rules of occasions that a history of purchases does not hold: they paid nothing here and will live."""
    heard = ("order.completed",)
    return [
        {"id": rule.id, "name": rule.name.model_dump(), "event": rule.event}
        for rule in program.rules
        if rule.event not in heard
    ]


def _bands(every: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return of each total its middle and the stretch in which 80 % of the draws lie."""
    found: dict[str, Any] = {"draws": len(every)}
    for name in ("issued", "redeemed", "expired", "outstanding"):
        values = sorted(one[name] for one in every)
        found[name] = {"low": _at(values, 10), "middle": _at(values, 50), "high": _at(values, 90)}
    return found


def _at(values: Sequence[int], percent: int) -> int:
    return values[round((len(values) - 1) * percent / 100)]


def by_code(members: pa.StructArray) -> pa.StructArray:
    """Return members in the order of their codes, so that two designs' lie side by side."""
    return members.take(pa.array(np.argsort(figures(members, "member"), kind="stable")))
