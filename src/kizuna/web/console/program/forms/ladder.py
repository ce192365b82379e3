"""The tiers as a form: what counts, over which time, how long a tier is kept, and the rungs with what they bring."""

from typing import Any

from kizuna.program import AMOUNT_MAX
from kizuna.web import inputs
from kizuna.web.console.program.forms.sheet import Bench, Raw, Sheet, id_for, name_fields, read_name

BY = ("spend", "visits", "points")
WINDOWS = ("calendar_year", "rolling", "calendar_quarter", "calendar_month", "lifetime")
HELD = ("next_window", "window")
DOWNGRADES = ("to_figure", "one_step")
ON_RETURN = ("take_back", "keep")
LEVELS_MAX = 20


def fields_of(tiers: Raw, bench: Bench) -> dict[str, str]:
    """Return the fields of the tiers."""
    fields = {
        "by": tiers["by"],
        "unit": tiers.get("unit", ""),
        "window": tiers["window"],
        "months": str(tiers.get("months", 12)),
        "held": tiers.get("held", "next_window"),
        "grace_days": str(tiers.get("grace_days", 0)),
        "downgrade": tiers.get("downgrade", "to_figure"),
        "warn_days": str(tiers.get("warn_days", 30)),
        "on_return": tiers.get("on_return", "take_back"),
        "levels.rows": str(len(tiers["levels"])),
    }
    for number, level in enumerate(tiers["levels"]):
        at = f"levels.{number}"
        fields[f"{at}.id"] = level["id"]
        fields |= name_fields(f"{at}.name", level["name"], bench)
        fields[f"{at}.at"] = bench.major(level["at"]) if tiers["by"] == "spend" else f"{level['at']:,}"
        for lang in bench.brand.languages:
            fields[f"{at}.benefits.{lang}"] = "\n".join(one[lang] for one in level.get("benefits", []))
    return fields


def level_rows(sheet: Sheet) -> range:
    """Return the numbers of the rungs typed."""
    text = sheet["levels.rows"]
    return range(min(inputs.place(text) or 0, LEVELS_MAX))


def read(sheet: Sheet) -> Raw:
    """Return the tiers typed."""
    by = sheet.choice("by", BY) or "spend"
    window = sheet.choice("window", WINDOWS)
    made: dict[str, Any] = {
        "by": by,
        "unit": (sheet["unit"] or None) if by == "points" else None,
        "window": window,
        "months": sheet.whole("months", most=36) if window == "rolling" else sheet.part.get("months"),
        "held": sheet.choice("held", HELD),
        "grace_days": sheet.maybe_whole("grace_days", most=366),
        "downgrade": sheet.choice("downgrade", DOWNGRADES),
        "warn_days": sheet.maybe_whole("warn_days", most=366) if sheet["warn_days"].strip() else 0,
        "on_return": sheet.choice("on_return", ON_RETURN),
        "levels": _levels(sheet, by),
    }
    return {name: one for name, one in made.items() if one is not None}


def _levels(sheet: Sheet, by: str) -> list[Raw]:
    there = {level["id"]: level for level in sheet.part["levels"]}
    taken = set(there) | {sheet[f"levels.{number}.id"] for number in level_rows(sheet)}
    levels = []
    for number in level_rows(sheet):
        at = f"levels.{number}"
        old = there.get(sheet[f"{at}.id"], {})
        name = read_name(sheet, f"{at}.name", old.get("name"))
        id_ = sheet[f"{at}.id"] or id_for(name, taken, "tier")
        taken.add(id_)
        level: Raw = {"id": id_, "name": name, "at": 0 if number == 0 else _reached(sheet, f"{at}.at", by)}
        benefits = _benefits(sheet, f"{at}.benefits", old.get("benefits", []))
        levels.append(level | ({"benefits": benefits} if benefits else {}))
    return levels


def _reached(sheet: Sheet, name: str, by: str) -> int | None:
    if by == "spend":
        return sheet.amount(name, most=AMOUNT_MAX)
    return sheet.whole(name, most=AMOUNT_MAX)


def _benefits(sheet: Sheet, prefix: str, old: list[Raw]) -> list[Raw]:
    """Return what a rung brings: a line each; a language with fewer lines takes the other's."""
    if not sheet.touched(prefix):
        return old
    typed: dict[str, list[str]] = {}
    for lang in sheet.bench.brand.languages:
        lines = [one for one in sheet[f"{prefix}.{lang}"].splitlines() if one.strip()]
        typed[lang] = []
        for one in lines:
            try:
                typed[lang].append(inputs.line(one, f"{prefix}.{lang}"))
            except inputs.TooLong as problem:
                sheet.entered.refuse(f"{prefix}.{lang}", problem)
    longest = max(typed.values(), key=len, default=[])
    found = []
    for number, fallback in enumerate(longest):
        said = {lang: lines[number] if number < len(lines) else fallback for lang, lines in typed.items()}
        found.append({lang: said.get(lang, fallback) for lang in ("ja", "en")})
    return found
