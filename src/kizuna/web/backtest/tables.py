"""The tables of back-tests as files: one for each part of the result, with the design in the first column.

Points are those of the program's first unit, amounts are minor units, shares are parts of a million, months are written 2017-08; nothing
is rounded, and what is not known is empty.
"""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from kizuna.web import tabular

Told = Mapping[str, Any]
Form = Literal["csv", "parquet"]
_TEXT, _INT, _FLAG = pa.string(), pa.int64(), pa.bool_()
_GROUP = {
    "members": _INT, "orders": _INT, "amount": _INT, "issued": _INT, "redeemed": _INT, "expired": _INT, "outstanding": _INT,
    "worth": _INT,
}  # fmt: skip
_PLACE = {"key": _TEXT, "others": _INT, "amount": _INT, "issued": _INT, "times": _INT}
_COST = (
    "issued",
    "redeemed",
    "outstanding",
    "breakage",
    "liability",
    "total",
    "of_sales",
    "margin",
    "of_margin",
    "break_even",
)
_TOTALS = ("issued", "redeemed", "expired", "taken_back", "written_off", "outstanding", "pending", "debt", "refused")
SCHEMAS: Mapping[str, Mapping[str, pa.DataType]] = {
    "totals": {
        "behaviour": _TEXT, "since": _TEXT, "until": _TEXT, "members": _INT, "orders": _INT, "sales": _INT,
        **dict.fromkeys(_TOTALS, _INT), **{f"cost_{name}": _INT for name in _COST},
    },
    "months": {
        "month": _TEXT, "sales": _INT, "orders": _INT, "issued": _INT, "redeemed": _INT, "expired": _INT, "taken_back": _INT,
        "balance": _INT, "pending": _INT,
    },
    "tiers": {"id": _TEXT, "name": _TEXT, **_GROUP},
    "rises": {"month": _TEXT, "from": _TEXT, "to": _TEXT, "times": _INT},
    "rules": {"id": _TEXT, "name": _TEXT, "unit": _TEXT, "campaign": _FLAG, "points": _INT, "raw": _INT, "times": _INT},
    "cuts": {"rule": _TEXT, "cut": _TEXT, "points": _INT, "times": _INT},
    "budgets": {"id": _TEXT, "name": _TEXT, "points": _INT, "amount": _INT, "used": _INT, "ran_out": _TEXT},
    "segments": {"id": _TEXT, "name": _TEXT, **_GROUP},
    "deciles": {"decile": _INT, **_GROUP},
    "distribution": {"from": _INT, "members": _INT},
    "channels": _PLACE,
    "stores": _PLACE,
    "categories": _PLACE,
    "other_units": {"id": _TEXT, "name": _TEXT, "issued": _INT, "redeemed": _INT, "expired": _INT},
    "silent": {"id": _TEXT, "name": _TEXT, "event": _TEXT},
}  # fmt: skip
"""The columns of each table, after the design."""


def tables(results: Sequence[Told]) -> dict[str, pa.Table]:
    """Return every table of results (`kizuna.simulate.told`), by its name."""
    found = {}
    for name, columns in SCHEMAS.items():
        rows = [{"design": told["name"], **row} for told in results for row in _rows(name, told)]
        schema = pa.schema([("design", _TEXT), *columns.items()])
        found[name] = pa.Table.from_pylist([{one: row.get(one) for one in schema.names} for row in rows], schema)
    return found


def _rows(name: str, told: Told) -> Sequence[Mapping[str, Any]]:
    match name:
        case "totals":
            return [_total(told)]
        case "cuts":
            return [
                {"rule": rule["id"], "cut": cut, **figures}
                for rule in told["rules"]
                for cut, figures in rule["cuts"].items()
            ]
        case "budgets":
            return [{**_named(row), **row["budget"]} for row in told["budgets"]]
    return [_named(row) for row in told[name]]


def _named(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a row with its name as one text: the first language that the brand wrote it in."""
    if not isinstance(row.get("name"), Mapping):
        return row
    return {**row, "name": next((text for text in row["name"].values() if text), "")}


def _total(told: Told) -> Mapping[str, Any]:
    behaviour = ":".join(str(value) for value in told["behaviour"].values() if isinstance(value, str | int))
    cost = told["cost"] or {}
    return {
        **{name: told[name] for name in ("since", "until", "members", *_TOTALS)},
        "behaviour": behaviour,
        "orders": told["sales"]["orders"],
        "sales": told["sales"]["amount"],
        **{f"cost_{name}": cost.get(name) for name in _COST},
    }  # fmt: skip


def packed(made: Mapping[str, pa.Table], form: Form) -> Mapping[str, bytes]:
    """Return tables as files, by their names."""
    return {f"{name}.{form}": _file(table, form) for name, table in made.items()}


def saved(made: Mapping[str, pa.Table], folder: Path, form: Form) -> Sequence[Path]:
    """Write tables into a folder, one file each, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, content in packed(made, form).items():
        paths.append(folder / name)
        paths[-1].write_bytes(content)
    return paths


def _file(table: pa.Table, form: Form) -> bytes:
    if form == "csv":
        return tabular.as_csv(table.column_names, list(zip(*(one.to_pylist() for one in table.columns), strict=True)))
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()
