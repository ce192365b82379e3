"""Programs for stories of intake: one line says what a story is about."""

from typing import Any

from kizuna.program import Program, from_data


def named(text: str) -> dict[str, str]:
    return {"ja": text, "en": text}


def rule(id_: str, event: str = "order.completed", award: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"id": id_, "name": named(id_), "event": event, "unit": "points", "award": award} | more


PER_100 = {"points": 1, "per": 100}
POINTS = {"id": "points", "name": named("points"), "expiry": {"after_days": 90}}
TIERS = {
    "by": "spend",
    "window": "calendar_year",
    "levels": [{"id": "basic", "name": named("basic"), "at": 0}, {"id": "gold", "name": named("gold"), "at": 100_000}],
}


def design(*rules: dict[str, Any], **more: Any) -> Program:
    """A program of one unit, two tiers and some rules; `more` adds or replaces parts of the document."""
    whole: dict[str, Any] = {
        "program": 1,
        "name": named("story"),
        "units": [POINTS],
        "tiers": TIERS,
        "earning_rules": list(rules) or [rule("base", award=PER_100)],
    }
    return from_data(whole | more)
