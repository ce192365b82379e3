"""Rules and campaigns as forms: what, when, for whom, how much, how often at most."""

from datetime import timedelta

from kizuna.program import ORDER_COMPLETED, Fact, facts_of, member_facts
from kizuna.web import inputs
from kizuna.web.console.program.forms import awards, conditions, goals, lots
from kizuna.web.console.program.forms.sheet import Bench, Raw, Sheet, id_for, name_fields, read_name

BUDGETS = ("none", "points", "amount")
FIRST_RUN_DAYS = 30


def facts(bench: Bench, event: str) -> dict[str, Fact]:
    """Return what a rule on this event may ask."""
    return facts_of(bench.program, event or ORDER_COMPLETED)


def fields_of(rule: Raw, bench: Bench) -> dict[str, str]:
    """Return a rule's fields."""
    goal = rule.get("goal")
    spend = bench.major(goal["spend"]) if goal and "spend" in goal else ""
    return {
        **name_fields("name", rule.get("name", {}), bench),
        "event": rule["event"],
        "unit": rule["unit"],
        **awards.fields_of(rule.get("award"), bench),
        **awards.goods_fields(rule.get("goods")),
        **conditions.fields_of(rule.get("condition"), "condition", facts(bench, rule["event"]), bench),
        **goals.fields_of(goal, spend),
        **goals.limit_fields(rule.get("limits", [])),
        **lots.lot_fields(rule.get("lot")),
        "group": rule.get("group", ""),
        "priority": str(rule.get("priority", 0)),
        "exclusive": "1" if rule.get("exclusive") else "",
        "on_return": rule.get("on_return", "take_back"),
    }


def campaign_fields(rule: Raw, bench: Bench) -> dict[str, str]:
    """Return a campaign's fields."""
    budget = rule.get("budget") or {}
    kind = next((one for one in BUDGETS[1:] if budget.get(one)), "none")
    return {
        **fields_of(rule, bench),
        "starts": rule["starts"],
        "ends": rule["ends"],
        **conditions.fields_of(rule.get("audience"), "audience", member_facts(bench.program), bench),
        "budget.kind": kind,
        "budget.points": f"{budget['points']:,}" if kind == "points" else "",
        "budget.amount": bench.major(budget["amount"]) if kind == "amount" else "",
        "holdout_percent": str(rule.get("holdout_percent", 0)),
    }


def read(sheet: Sheet) -> Raw:
    """Return the rule typed; what was refused stands in the form's faults."""
    old, bench = sheet.part, sheet.bench
    event = sheet["event"] or old["event"]
    name = read_name(sheet, "name", old.get("name"))
    priority = sheet.entered["priority"].strip().replace("−", "-")
    below = priority.startswith("-") and inputs.place(priority[1:]) is not None  # numbers of a form are counted from 0
    level = int(priority) if below else sheet.whole("priority", least=0, most=1_000) or 0
    made: Raw = {
        "id": old.get("id") or id_for(name, {one.id for one in bench.program.rules}, "rule"),
        "name": name,
        "event": event,
        "unit": sheet["unit"] or old["unit"],
        "award": awards.read(sheet),
        "goods": awards.read_goods(sheet) if event == ORDER_COMPLETED else None,
        "condition": conditions.read(sheet, "condition", facts(bench, event), old.get("condition")),
        "goal": goals.read(sheet),
        "limits": goals.read_limits(sheet),
        "lot": lots.read_lot(sheet),
        "group": sheet["group"] or None,
        "priority": level,
        "exclusive": bool(sheet["exclusive"]),
        "on_return": sheet["on_return"] if sheet["on_return"] == "keep" else None,
    }
    return {name: one for name, one in made.items() if one not in (None, [], 0, False)}


def read_campaign(sheet: Sheet) -> Raw:
    """Return the campaign typed; what was refused stands in the form's faults."""
    made = read(sheet)
    made["starts"], made["ends"] = sheet.day("starts"), sheet.day("ends")
    members = member_facts(sheet.bench.program)
    audience = conditions.read(sheet, "audience", members, sheet.part.get("audience"))
    holdout = sheet.maybe_whole("holdout_percent", most=90)
    match sheet["budget.kind"]:
        case "points":
            made["budget"] = {"points": sheet.whole("budget.points", most=10**12)}
        case "amount":
            made["budget"] = {"amount": sheet.amount("budget.amount")}
    if audience is not None:
        made["audience"] = audience
    if holdout:
        made["holdout_percent"] = holdout
    return made


def blank(bench: Bench) -> Raw:
    """Return what a new rule begins with: so many points for every purchase."""
    return {"event": ORDER_COMPLETED, "unit": bench.program.units[0].id, "award": {"fixed": 100}}


def blank_campaign(bench: Bench) -> Raw:
    """Return what a new campaign begins with: twice what purchases earn, for a month from tomorrow."""
    starts = bench.today + timedelta(days=1)
    days = {"starts": starts.isoformat(), "ends": (starts + timedelta(days=FIRST_RUN_DAYS - 1)).isoformat()}
    earning = awards.multiplied(bench, ORDER_COMPLETED, "")
    award: Raw = {"multiply": {"times": 2}, "rule": earning[0][0]} if earning else {"fixed": 100}
    unit = next(
        (one.unit for one in bench.program.rules if earning and one.id == earning[0][0]), bench.program.units[0].id
    )
    return {**blank(bench), "unit": unit, "award": award, **days}
