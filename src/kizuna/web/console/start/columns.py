"""The form that says which column is what: filled by guess, corrected by a person, turned into a mapping. Pure."""

from collections.abc import Mapping as Facts
from typing import Any

from kizuna.connect.csv import FORMATS, Guess, Head, Mapping
from kizuna.core.errors import N_, Kind, Problem
from kizuna.members import KINDS
from kizuna.runtime.brands import Brand
from kizuna.web.entered import Entered

NEEDED = ("order_id", "member", "time", "amount")
FURTHER = ("store", "sku", "quantity")
KIND_NAMES = {
    "customer": N_("customer number"),
    "card": N_("card number"),
    "email": N_("e-mail address"),
    "phone": N_("phone number"),
    "line": N_("LINE user id"),
}
"""What members are known by; the kinds of `members.KINDS` that a shop's file may hold."""


class ColumnNeeded(Problem):
    """A column without which nothing can be imported."""

    code = "column_needed"
    kind = Kind.INVALID
    title = N_("No column is chosen for this.")
    remedy = N_("Choose one of the file’s columns.")


class ColumnUnknown(Problem):
    """A column that the file does not have."""

    code = "column_unknown"
    kind = Kind.INVALID
    title = N_("The file has no column “{column}”.")
    remedy = N_("Choose one of the file’s columns.")


def fields_of(guess: Guess) -> dict[str, str]:
    """Return a guess as the form shows it."""
    return {
        **dict(guess.columns),
        "member_kind": guess.member_kind,
        "level": guess.level,
        "time_format": guess.time_format or "",
    }


def mapping_of(entered: Entered, head: Head, brand: Brand) -> Mapping | None:
    """Return the mapping that was chosen; None where a field was refused, which `entered` then says."""
    chosen: dict[str, str] = {}
    for what in (*NEEDED, *FURTHER):
        name = entered[what]
        if name and name not in head.names:
            entered.refuse(what, ColumnUnknown(field=what, column=name))
        elif name:
            chosen[what] = name
        elif what in NEEDED:
            entered.refuse(what, ColumnNeeded(field=what))
    if entered.faults:
        return None
    level = "line" if entered["level"] == "line" else "order"
    further = {what: chosen[what] for what in FURTHER if what in chosen and (level == "line" or what == "store")}
    if "sku" not in further:
        further.pop("quantity", None)
    kind = entered["member_kind"] if entered["member_kind"] in KINDS else "customer"
    time_format = entered["time_format"] if entered["time_format"] in FORMATS else None
    document: Facts[str, Any] = {
        "mapping": 1,
        "shop": brand.slug,
        "level": level,
        "csv": {"delimiter": head.delimiter},
        "columns": {
            "order_id": chosen["order_id"],
            "member": {"column": chosen["member"], "kind": kind},
            "time": {"column": chosen["time"], "zone": brand.timezone, "format": time_format},
            "amount": {"column": chosen["amount"], "unit": "major"},
            **further,
        },
    }
    return Mapping.model_validate(document)
