"""What a rule gives, of which goods: the award's and the goods' fields."""

from typing import Any

from kizuna.program import AMOUNTS
from kizuna.web.console.program.forms.sheet import Bench, Raw, Sheet, shown_times, shown_words

KINDS = ("rate", "percent", "fixed", "multiply", "stamps", "none")
ROUNDINGS = ("down", "nearest", "up")
EACH = ("order", "line", "item")
BASIS = {
    "tax": ("included", "excluded"),
    "discount": ("after", "before"),
    "shipping": ("excluded", "included"),
    "gift_cards": ("included", "excluded"),
    "paid_with_points": ("included", "excluded"),
}
"""What the amount consists of, by name; the first value is what counts where nothing is said."""
GOODS = ("category", "sku", "brand", "tag")


def kind_of(award: Raw | None) -> str:
    """Return which kind of award this is."""
    if award is None:
        return "none"
    return next((kind for kind in ("percent", "fixed", "stamps", "multiply") if kind in award), "rate")


def fields_of(award: Raw | None, bench: Bench) -> dict[str, str]:
    """Return an award's fields; a kind that is not chosen stands ready with usual numbers."""
    kind, there = kind_of(award), award or {}
    fields = {
        "award.kind": kind,
        "award.points": f"{there['points']:,}" if kind == "rate" else "1",
        "award.per": bench.major(there["per"])
        if kind == "rate"
        else bench.major(100 * 10**bench.brand.currency_digits),
        "award.percent": str(there.get("percent", "")),
        "award.fixed": f"{there['fixed']:,}" if "fixed" in there else "",
        "award.stamps": str(there.get("stamps", 1)),
        "award.multiply": shown_times(there["multiply"]) if "multiply" in there else "2",
        "award.rule": str(there.get("rule", "")),
        "award.rounding": there.get("rounding", "down"),
        "award.each": there.get("each", "order"),
    }
    fields |= {f"award.basis.{name}": there.get("basis", {}).get(name, ways[0]) for name, ways in BASIS.items()}
    fields |= {f"award.by_tier.{tier}": shown_times(one) for tier, one in there.get("by_tier", {}).items()}
    return fields


def read(sheet: Sheet) -> Raw | None:  # noqa: PLR0911 - one return for each kind
    """Return the award typed, None where the rule only counts."""
    old: Raw | None = sheet.part.get("award")
    if not sheet.touched("award"):
        return old
    kind = sheet["award.kind"]
    if kind == "none":
        return None
    if kind == "multiply":
        return {"multiply": sheet.times("award.multiply"), "rule": sheet["award.rule"]}
    each = {"each": sheet["award.each"]} if sheet["award.each"] in EACH[1:] else {}
    if kind == "stamps":
        return {"stamps": sheet.whole("award.stamps", most=1_000), **each}
    by_tier = _by_tier(sheet)
    tiers = {"by_tier": by_tier} if by_tier else {}
    if kind == "fixed":
        return {"fixed": sheet.whole("award.fixed"), **each, **tiers}
    more = {**_rounding(sheet), **_basis(sheet), **each, **tiers}
    if kind == "percent":
        return {"percent": sheet.whole("award.percent", most=100), **more}
    points = sheet.whole("award.points", most=1_000_000)
    return {"points": points, "per": sheet.amount("award.per", most=10**9), **more}


def _rounding(sheet: Sheet) -> Raw:
    return {"rounding": sheet["award.rounding"]} if sheet["award.rounding"] in ROUNDINGS[1:] else {}


def _basis(sheet: Sheet) -> Raw:
    chosen = {name: sheet[f"award.basis.{name}"] for name in BASIS}
    other = {name: one for name, one in chosen.items() if one in BASIS[name][1:]}
    return {"basis": other} if other else {}


def _by_tier(sheet: Sheet) -> Raw:
    found: dict[str, Any] = {}
    for level in sheet.bench.program.tiers.levels:
        name = f"award.by_tier.{level.id}"
        if sheet[name].strip():
            found[level.id] = sheet.times(name)
    return found


def multiplied(bench: Bench, event: str, but: str) -> list[tuple[str, str]]:
    """Return the rules that an award may multiply: rates and percents of the same event, by id and name."""
    return [
        (rule.id, bench.said(rule.name))
        for rule in bench.program.rules
        if rule.event == event and rule.id != but and isinstance(rule.award, AMOUNTS)
    ]


# Goods


def goods_fields(goods: Raw | None) -> dict[str, str]:
    """Return the fields of which goods count."""
    there = goods or {}
    out = there.get("but_not", {})
    return {f"goods.{name}": shown_words(there.get(name, [])) for name in GOODS} | {
        f"goods.but_not.{name}": shown_words(out.get(name, [])) for name in GOODS
    }


def read_goods(sheet: Sheet) -> Raw | None:
    """Return which goods count, None where all do."""
    if not sheet.touched("goods"):
        there: Raw | None = sheet.part.get("goods")
        return there
    named = {name: found for name in GOODS if (found := sheet.words(f"goods.{name}"))}
    out = {name: found for name in GOODS if (found := sheet.words(f"goods.but_not.{name}"))}
    return {**named, **({"but_not": out} if out else {})} or None
