"""How points are held, transferred, used together and adjusted, as a form; charities and reasons, which have names only."""

from kizuna.program import RESERVED_REASONS
from kizuna.web.console.program.forms.sheet import Bench, Raw, Sheet, id_for, name_fields, read_name

STRETCHES = {"minute": 1, "hour": 60, "day": 1_440}
BETWEEN = ("anybody", "pool")
HELD_MAX = 43_200
_USUAL = {"minutes": 30, "minutes_max": 10_080}


def fields_of(raw: Raw, _bench: Bench) -> dict[str, str]:
    """Return the fields of what there is once; a way that is not taken has what it would begin with."""
    transfers, pools, adjustments = raw.get("transfers"), raw.get("pools"), raw.get("adjustments", {})
    given, above = transfers or {}, adjustments.get("approval_above")
    most = given.get("maximum")
    return {
        **_stretch_fields(raw, "minutes"),
        **_stretch_fields(raw, "minutes_max"),
        "transfers.mode": "" if transfers is None else given.get("between", BETWEEN[0]),
        "transfers.minimum": f"{given.get('minimum', 1):,}",
        "transfers.maximum": f"{most:,}" if most is not None else "",
        "pools.mode": "" if pools is None else "together",
        "pools.members_max": str((pools or {}).get("members_max", 6)),
        "adjustments.mode": "" if above is None else "above" if above else "every",
        "adjustments.approval_above": f"{above or 1_000:,}",
    }


def read(sheet: Sheet) -> Raw:
    """Return it as typed; the reasons of adjustments stay as they are."""
    held, rest = sheet.part.get("holds", {}), sheet.part.get("adjustments", {})
    if sheet.touched("holds"):
        held = {name: _stretch(sheet, name) for name in _USUAL}
    adjustments = {name: one for name, one in rest.items() if name != "approval_above"}
    match sheet["adjustments.mode"]:
        case "above":
            adjustments["approval_above"] = sheet.whole("adjustments.approval_above")
        case "every":
            adjustments["approval_above"] = 0
    return {
        "holds": held,
        "transfers": _transfers(sheet),
        "pools": _pools(sheet),
        "adjustments": adjustments,
    }


def _transfers(sheet: Sheet) -> Raw | None:
    if sheet["transfers.mode"] not in BETWEEN:
        return None
    most = {"maximum": sheet.whole("transfers.maximum")} if sheet["transfers.maximum"].strip() else {}
    return {"minimum": sheet.whole("transfers.minimum"), "between": sheet["transfers.mode"], **most}


def _pools(sheet: Sheet) -> Raw | None:
    if sheet["pools.mode"] != "together":
        return None
    return {"members_max": sheet.whole("pools.members_max", least=2, most=1_000)}


def _stretch_fields(raw: Raw, name: str) -> dict[str, str]:
    """Return a number of minutes in the largest of minutes, hours and days that it is whole in."""
    minutes = raw.get("holds", {}).get(name, _USUAL[name])
    unit, long = next((unit, long) for unit, long in reversed(STRETCHES.items()) if minutes % long == 0)
    return {f"holds.{name}": f"{minutes // long:,}", f"holds.{name}.in": unit}


def _stretch(sheet: Sheet, name: str) -> int | None:
    unit = sheet.choice(f"holds.{name}.in", tuple(STRETCHES))
    long = STRETCHES[unit] if unit else 1
    number = sheet.whole(f"holds.{name}", most=HELD_MAX // long)
    return None if number is None else number * long


def named_fields(one: Raw, bench: Bench) -> dict[str, str]:
    """Return the fields of a charity or a reason."""
    return name_fields("name", one.get("name", {}), bench)


def read_charity(sheet: Sheet) -> Raw:
    """Return the charity typed."""
    return _named(sheet, {one.id for one in sheet.bench.program.charities}, "charity")


def read_reason(sheet: Sheet) -> Raw:
    """Return the reason typed; a new one's id is none that the ledger writes itself."""
    there = {one.id for one in sheet.bench.program.adjustments.reasons}
    return _named(sheet, there | RESERVED_REASONS, "reason")


def blank(_bench: Bench) -> Raw:
    """Return what a new charity or reason begins with."""
    return {}


def _named(sheet: Sheet, taken: set[str] | frozenset[str], stem: str) -> Raw:
    name = read_name(sheet, "name", sheet.part.get("name"))
    return {"id": sheet.part.get("id") or id_for(name, set(taken), stem), "name": name}
