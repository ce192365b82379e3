"""When a rule pays and how often at most: the fields of a goal, of limits, and of what goes before what."""

from kizuna.web import inputs
from kizuna.web.console.program.forms.sheet import Raw, Sheet

KINDS = ("none", "count", "spend", "streak", "different")
WITHIN = ("day", "week", "month", "quarter", "year", "ever")
STREAKS = ("day", "week", "month")
THINGS = ("sku", "category", "brand", "store", "channel")
PER = ("member", "event", "store", "all")
LIMITS_MAX = 6


def fields_of(goal: Raw | None, major: str = "") -> dict[str, str]:
    """Return a goal's fields; `major` is its amount as one types it."""
    there = goal or {}
    kind = "none" if goal is None else next((one for one in ("spend", "streak", "different") if one in there), "count")
    of = there.get("of", "")
    return {
        "goal.kind": kind,
        "goal.count": str(there.get("count", 5)),
        "goal.spend": major,
        "goal.streak": str(there.get("streak", 3)),
        "goal.different": str(there.get("different", 3)),
        "goal.streak_of": of if of in STREAKS else "week",
        "goal.different_of": of if of in THINGS else "category",
        "goal.days": str(there.get("days", 30)),
        "goal.within": there.get("within", "ever"),
        "goal.repeats": "1" if there.get("repeats") else "",
    }


def read(sheet: Sheet) -> Raw | None:
    """Return the goal typed, None where the rule pays at once."""
    if not sheet.touched("goal"):
        there: Raw | None = sheet.part.get("goal")
        return there
    repeats = {"repeats": True} if sheet["goal.repeats"] else {}
    within = {} if sheet["goal.within"] in {"", "ever"} else {"within": sheet["goal.within"]}
    match sheet["goal.kind"]:
        case "count":
            return {"count": sheet.whole("goal.count", most=1_000_000), **within, **repeats}
        case "spend":
            return {"spend": sheet.amount("goal.spend"), **within, **repeats}
        case "streak":
            of = sheet.choice("goal.streak_of", STREAKS)
            return {"streak": sheet.whole("goal.streak", least=2, most=1_000), "of": of, **repeats}
        case "different":
            of = sheet.choice("goal.different_of", THINGS)
            number = sheet.whole("goal.different", least=2, most=12)
            return {"different": number, "of": of, "days": sheet.whole("goal.days", most=3_660), **repeats}
    return None


# Limits


def limit_fields(limits: list[Raw]) -> dict[str, str]:
    """Return the fields of a rule's limits."""
    fields = {"limits.rows": str(len(limits))}
    for number, limit in enumerate(limits):
        at = f"limits.{number}"
        fields[f"{at}.per"] = limit["per"]
        fields[f"{at}.within"] = limit.get("within", "ever")
        fields[f"{at}.points"] = f"{limit['points']:,}" if limit.get("points") else ""
        fields[f"{at}.times"] = f"{limit['times']:,}" if limit.get("times") else ""
    return fields


def limit_rows(sheet: Sheet) -> range:
    """Return the numbers of the limits typed."""
    text = sheet["limits.rows"]
    return range(min(inputs.place(text) or 0, LIMITS_MAX))


def read_limits(sheet: Sheet) -> list[Raw]:
    """Return the limits typed."""
    if not sheet.touched("limits"):
        return list(sheet.part.get("limits", []))
    found = []
    for number in limit_rows(sheet):
        at = f"limits.{number}"
        per = sheet[f"{at}.per"] if sheet[f"{at}.per"] in PER else "member"
        within = {} if per == "event" or sheet[f"{at}.within"] in {"", "ever"} else {"within": sheet[f"{at}.within"]}
        points = sheet.maybe_whole(f"{at}.points", least=1)
        times = None if per == "event" else sheet.maybe_whole(f"{at}.times", least=1, most=1_000_000)
        counted = {"points": points, "times": times}
        if points is None and times is None and not any(name.startswith(f"{at}.") for name in sheet.entered.faults):
            sheet.whole(f"{at}.points")  # says that it is still empty
        found.append({"per": per, **within, **{name: one for name, one in counted.items() if one is not None}})
    return found
