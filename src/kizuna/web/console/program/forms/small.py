"""The smaller parts as forms: units, groups, purposes, segments, redeeming and returns, the program's name."""

from typing import Any

from kizuna.program import member_facts
from kizuna.web import inputs
from kizuna.web.console.program.forms import conditions, lots
from kizuna.web.console.program.forms.sheet import Bench, Raw, Sheet, id_for, name_fields, read_name, shown_words

KINDS = ("spendable", "status", "stamps", "money")
KEEPS = ("best", "first")
SPENT = ("debt", "other_points", "ask_for_payment", "write_off")
UNKNOWN = ("create", "refuse")


def _named(sheet: Sheet, taken: set[str], stem: str) -> Raw:
    old = sheet.part
    name = read_name(sheet, "name", old.get("name"))
    return {"id": old.get("id") or id_for(name, taken, stem), "name": name}


# Units


def unit_fields(unit: Raw, bench: Bench) -> dict[str, str]:
    """Return a unit's fields."""
    worth = unit.get("worth")
    return {
        **name_fields("name", unit.get("name", {}), bench),
        "kind": unit.get("kind", "spendable"),
        **lots.expiry_fields("expiry", unit["expiry"]),
        **lots.pending_fields(unit.get("pending")),
        "worth.points": f"{worth['points']:,}" if worth else "",
        "worth.amount": bench.major(worth["amount"]) if worth else "",
    }


def read_unit(sheet: Sheet) -> Raw:
    """Return the unit typed."""
    made: Raw = _named(sheet, {one.id for one in sheet.bench.program.units}, "points")
    kind = sheet.choice("kind", KINDS)
    if kind != "spendable":
        made["kind"] = kind
    made["expiry"] = lots.read_expiry(sheet, "expiry", sheet.part["expiry"])
    pending = lots.read_pending(sheet)
    if pending:
        made["pending"] = pending
    if sheet["worth.points"].strip() or sheet["worth.amount"].strip():
        worth = {
            "points": sheet.whole("worth.points", most=1_000_000),
            "amount": sheet.amount("worth.amount", least=0, most=10**9),
        }
        made["worth"] = worth if sheet.touched("worth") else sheet.part["worth"]
    return made


def blank_unit(_bench: Bench) -> Raw:
    """Return what a new unit begins with."""
    return {"expiry": {"after_days": 365}}


# Groups, purposes, segments


def group_fields(group: Raw, bench: Bench) -> dict[str, str]:
    """Return a group's fields."""
    return {**name_fields("name", group.get("name", {}), bench), "keeps": group["keeps"]}


def read_group(sheet: Sheet) -> Raw:
    """Return the group typed."""
    return _named(sheet, {one.id for one in sheet.bench.program.groups}, "group") | {
        "keeps": sheet.choice("keeps", KEEPS)
    }


def blank_group(_bench: Bench) -> Raw:
    """Return what a new group begins with."""
    return {"keeps": "best"}


def purpose_fields(purpose: Raw, bench: Bench) -> dict[str, str]:
    """Return a purpose's fields."""
    return {
        **name_fields("name", purpose.get("name", {}), bench),
        "channels": shown_words(purpose.get("channels", [])),
        "stores": shown_words(purpose.get("stores", [])),
    }


def read_purpose(sheet: Sheet) -> Raw:
    """Return the purpose typed."""
    made = _named(sheet, {one.id for one in sheet.bench.program.purposes}, "purpose")
    for name in ("channels", "stores"):
        found = sheet.words(name) if sheet.touched(name) else sheet.part.get(name, [])
        if found:
            made[name] = found
    return made


def blank_purpose(_bench: Bench) -> Raw:
    """Return what a new purpose begins with."""
    return {}


def segment_fields(segment: Raw, bench: Bench) -> dict[str, str]:
    """Return a segment's fields."""
    facts = member_facts(bench.program)
    named = name_fields("name", segment.get("name", {}), bench)
    return {**named, **conditions.fields_of(segment.get("condition"), "condition", facts, bench)}


def read_segment(sheet: Sheet) -> Raw:
    """Return the segment typed; without a condition it is everybody."""
    made = _named(sheet, {one.id for one in sheet.bench.program.segments}, "segment")
    facts = member_facts(sheet.bench.program)
    condition = conditions.read(sheet, "condition", facts, sheet.part.get("condition"))
    return made | {"condition": condition if condition is not None else {"all": []}}


def blank_segment(_bench: Bench) -> Raw:
    """Return what a new segment begins with."""
    return {"condition": {"all": []}}


# What there is once: redeeming and returns, the name


def spending_fields(raw: Raw, _bench: Bench) -> dict[str, str]:
    """Return the fields of redeeming and returns."""
    redemption, returns = raw.get("redemption", {}), raw.get("returns", {})
    return {
        "redemption.minimum": f"{redemption.get('minimum', 1):,}",
        "redemption.step": f"{redemption.get('step', 1):,}",
        "returns.spent": returns.get("spent", "debt"),
        "returns.days": str(returns.get("days", 366)),
        "returns.grace_days": str(returns.get("grace_days", 0)),
    }


def read_spending(sheet: Sheet) -> Raw:
    """Return redeeming and returns as typed."""
    return {
        "redemption": {"minimum": sheet.whole("redemption.minimum"), "step": sheet.whole("redemption.step")},
        "returns": {
            "spent": sheet.choice("returns.spent", SPENT),
            "days": sheet.whole("returns.days", most=3_660),
            "grace_days": sheet.whole("returns.grace_days", least=0, most=366),
        },
    }


def basics_fields(raw: Raw, bench: Bench) -> dict[str, str]:
    """Return the fields of the program's name and of who becomes a member."""
    holidays = raw.get("holidays", {})
    return {
        **name_fields("name", raw["name"], bench),
        "unknown_member": raw.get("unknown_member", "create"),
        "holidays.country": holidays.get("country", "JP"),
        "holidays.more": "\n".join(holidays.get("more", [])),
    }


def read_basics(sheet: Sheet) -> Raw:
    """Return the program's name, who becomes a member, and the holidays of the brand's own."""
    made: dict[str, Any] = {
        "name": read_name(sheet, "name", sheet.part["name"]),
        "unknown_member": sheet.choice("unknown_member", UNKNOWN),
        "holidays": sheet.part.get("holidays", {}),
    }
    if sheet.touched("holidays"):
        more = [sheet.entered.read(_day, "holidays.more", one) for one in sheet.words("holidays.more")]
        made["holidays"] = {"country": sheet["holidays.country"].strip().upper(), "more": sorted(filter(None, more))}
    return made


def _day(_text: str, name: str, one: str) -> str:
    return inputs.day(one, name).isoformat()
