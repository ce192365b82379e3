"""How long points last and when they become spendable: the fields of a unit, and of a rule whose points are other than usual."""

from kizuna.web.console.program.forms.sheet import Bench, Raw, Sheet

MODES = ("after_days", "after_months", "end_of", "on", "after_idle_days", "never")
ENDS = ("month", "quarter", "year")
PENDING = ("", "days", "order.delivered", "order.return_window_closed")
RUNS = ("release", "earning")


def expiry_fields(prefix: str, expiry: Raw | str | None) -> dict[str, str]:
    """Return an expiry's fields; None is no expiry of its own."""
    mode = "" if expiry is None else expiry if isinstance(expiry, str) else next(m for m in MODES if m in expiry)
    there = expiry if isinstance(expiry, dict) else {}
    return {
        f"{prefix}.mode": mode,
        f"{prefix}.after_days": str(there.get("after_days", 365)),
        f"{prefix}.after_months": str(there.get("after_months", 12)),
        f"{prefix}.end_of": there.get("end_of", "year"),
        f"{prefix}.later": str(there.get("later", 0)),
        f"{prefix}.on": there.get("on", ""),
        f"{prefix}.after_idle_days": str(there.get("after_idle_days", 365)),
    }


def read_expiry(  # noqa: PLR0911 - one return for each kind
    sheet: Sheet, prefix: str, old: Raw | str | None
) -> Raw | str | None:
    """Return the expiry typed."""
    if not sheet.touched(prefix):
        return old
    match sheet[f"{prefix}.mode"]:
        case "after_days":
            return {"after_days": sheet.whole(f"{prefix}.after_days", most=36_525)}
        case "after_months":
            return {"after_months": sheet.whole(f"{prefix}.after_months", most=1_200)}
        case "end_of":
            later = sheet.maybe_whole(f"{prefix}.later", most=100)
            return {"end_of": sheet.choice(f"{prefix}.end_of", ENDS), **({"later": later} if later else {})}
        case "on":
            return {"on": sheet.day(f"{prefix}.on")}
        case "after_idle_days":
            return {"after_idle_days": sheet.whole(f"{prefix}.after_idle_days", most=36_525)}
        case "never":
            return "never"
    return None


def pending_fields(pending: Raw | None) -> dict[str, str]:
    """Return the fields of when points become spendable."""
    there = pending or {}
    mode = "days" if "days" in there else there.get("until", "")
    return {
        "pending.mode": mode,
        "pending.days": str(there.get("days", 14)),
        "pending.expiry_runs_from": there.get("expiry_runs_from", RUNS[0]),
    }


def read_pending(sheet: Sheet) -> Raw | None:
    """Return when points become spendable, None for at once."""
    if not sheet.touched("pending"):
        there: Raw | None = sheet.part.get("pending")
        return there
    mode = sheet["pending.mode"]
    runs = {"expiry_runs_from": "earning"} if sheet["pending.expiry_runs_from"] == "earning" else {}
    if mode == "days":
        return {"days": sheet.whole("pending.days", most=3_650), **runs}
    return {"until": mode, **runs} if mode in PENDING[2:] else None


def lot_fields(lot: Raw | None) -> dict[str, str]:
    """Return the fields of what makes a rule's points other than the unit's."""
    there = lot or {}
    return expiry_fields("lot.expiry", there.get("expiry")) | {"lot.only_for": there.get("only_for", "")}


def read_lot(sheet: Sheet) -> Raw | None:
    """Return what makes the rule's points other than the unit's, None where nothing does."""
    there: Raw | None = sheet.part.get("lot")
    if not sheet.touched("lot"):
        return there
    expiry = read_expiry(sheet, "lot.expiry", (there or {}).get("expiry"))
    purpose = sheet["lot.only_for"]
    return {**({"expiry": expiry} if expiry else {}), **({"only_for": purpose} if purpose else {})} or None


def purposes(bench: Bench) -> list[tuple[str, str]]:
    """Return where points may be restricted to, by id and name."""
    return [(one.id, bench.said(one.name)) for one in bench.program.purposes]
