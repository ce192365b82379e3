"""A part's form as text: a pure function of a face and what was typed."""

import json
from collections.abc import Mapping, Sequence

from kizuna.core.errors import N_
from kizuna.program import AMOUNTS, ORDER_COMPLETED, All, Fact, UnitKind, member_facts, telling_conditions
from kizuna.web import inputs
from kizuna.web.console.program import choices
from kizuna.web.console.program.forms import awards, conditions, goals, ladder, lots, rules
from kizuna.web.console.program.forms.sheet import Bench, Raw, Sheet
from kizuna.web.console.program.pages import NEW_TITLES
from kizuna.web.console.program.parts import NEW, PARTS
from kizuna.web.console.program.sections import HOME
from kizuna.web.console.program.views import PartForm
from kizuna.web.faces import Face, render
from kizuna.web.tell import Teller
from kizuna.web.words import problem_text, translate

_GOODS = {"category": N_("Category"), "sku": N_("Item number"), "brand": N_("Maker or brand"), "tag": N_("Tag")}
_TITLES = {
    "name": N_("Name"), "starts": N_("First day"), "ends": N_("Last day"), "award": N_("What it gives"), "goods": N_("For which goods"),
    "budget": N_("Budget"), "limits": N_("How often at most"), "goal": N_("Only when a goal is reached"), "priority": N_("Priority"),
    "group": N_("One of these pays"), "lot": N_("Points for a limited time"), "holdout_percent": N_("Members left out"),
    "expiry": N_("How long they last"), "pending": N_("When they become usable"), "worth": N_("What they are worth"),
    "redemption": N_("Redeeming"), "returns": N_("Returns"), "unit": N_("Which points"), "months": N_("Over how many months"),
    "grace_days": N_("Days of grace"), "warn_days": N_("Told so many days before"), "holidays": N_("Public holidays"),
    "holds": N_("Holding points at a checkout"), "transfers": N_("Giving points to others"), "pools": N_("Families and groups"),
    "adjustments": N_("Adjustments by hand"),
}  # fmt: skip
_LISTS = {
    "rounding": "rounding", "each": "each", "tax": "tax", "discount": "discount", "shipping": "shipping", "per": "per",
    "gift_cards": "gift_cards", "paid_with_points": "paid_with_points", "within": "within", "streak": "streak",
    "things": "things", "ends": "ends", "runs": "runs", "pending": "pending", "kind": "kind", "keeps": "keeps", "by": "by",
    "on_return": "on_return", "window": "window", "held": "held", "downgrade": "downgrade", "spent": "spent",
    "tier_on_return": "tier_on_return", "unknown": "unknown", "stretch": "stretch", "transfers": "transfers", "pools": "pools",
    "approval": "approval",
}  # fmt: skip


def part_page(face: Face, form: PartForm) -> str:
    """Return a part's form."""
    sheet, lang = form.sheet, face.lang
    bench = sheet.bench
    event = sheet["event"] or str(sheet.part.get("event", ORDER_COMPLETED))
    errors = sheet.entered.errors(lang)
    facts: dict[str, object] = {"is_campaign": form.kind == "campaigns", "is_order": event == ORDER_COMPLETED}
    if form.kind in {"rules", "campaigns"}:
        facts["when"] = condition_view(sheet, "condition", rules.facts(bench, event), event)
        facts["whose"] = condition_view(sheet, "audience", member_facts(bench.program), "")
        facts["limits"] = list(goals.limit_rows(sheet))
    elif form.kind == "segments":
        facts["when"] = condition_view(sheet, "condition", member_facts(bench.program), "")
    elif form.kind == "tiers":
        facts["level_rows"] = list(ladder.level_rows(sheet))
    return render(
        face, f"console/program/{PARTS[form.kind].template}.html", form=form, errors=errors, faulty=_faulty(errors, facts, lang),
        title=title_of(form, lang), action=f"{HOME}/{form.kind}/{form.key}", lists=lists(sheet, event, form.key),
        levels=[(level.id, bench.said(level.name)) for level in bench.program.tiers.levels],
        refusal=problem_text(form.problem, lang) if form.problem else None, section="program", here=False, **facts,
    )  # fmt: skip


def words_piece(face: Face, form: PartForm) -> str:
    """Return what a part says as it is typed."""
    return render(face, "console/program/words.html", form=form)


def title_of(form: PartForm, lang: str) -> str:
    """Return what the screen is called: the part's own name, or what kind it is."""
    new, there = NEW_TITLES[form.kind]
    name = form.sheet.part.get("name", {}) if PARTS[form.kind].blank else {}
    return str(name.get(lang) or translate(lang, new if form.key == NEW else there))


def _faulty(errors: Mapping[str, str], facts: Mapping[str, object], lang: str) -> list[tuple[str, str]]:
    """Return what is wrong, each line with the name of its field, so that it is understood above the form too."""
    between = ": "
    return [
        (name, f"{title}{between}{words}" if title else words)
        for name, words in errors.items()
        for title in [_title(name, facts, lang)]
    ]


def _title(name: str, facts: Mapping[str, object], lang: str) -> str:
    parts = name.split(".")
    if parts[0] in {"condition", "audience"} and len(parts) > 1:
        shown = facts.get("whose" if parts[0] == "audience" else "when")
        rows = shown["rows"] if isinstance(shown, dict) else []
        return next((str(row["title"]) for row in rows if str(row["number"]) == parts[1]), "")
    if parts[0] == "levels" and len(parts) > 2:
        return translate(lang, N_("Tier {n}"), n=(inputs.place(parts[1]) or 0) + 1)
    found = next((words for key, words in _TITLES.items() if name == key or name.startswith(f"{key}.")), "")
    return translate(lang, found) if found else ""


def lists(sheet: Sheet, event: str, key: str) -> dict[str, object]:
    """Return what the selects offer."""
    bench = sheet.bench
    lang, program = bench.lang, bench.program
    made: dict[str, object] = {name: choices.options(known, lang) for name, known in _LISTS.items()}
    none = [("", translate(lang, N_("none")))]
    made |= {
        "events": choices.events(program, lang),
        "goods": [(name, translate(lang, words)) for name, words in _GOODS.items()],
        "units": [(one.id, bench.said(one.name)) for one in program.units if one.kind is not UnitKind.MONEY],
        "groups": none + [(one.id, bench.said(one.name)) for one in program.groups],
        "purposes": [("", translate(lang, N_("everywhere"))), *lots.purposes(bench)],
        "multiplied": awards.multiplied(bench, event, key),
        "has_stamps": any(unit.kind is UnitKind.STAMPS for unit in program.units) or sheet["award.kind"] == "stamps",
        "amounts": AMOUNTS,
    }
    return made


def condition_view(sheet: Sheet, prefix: str, facts: Mapping[str, Fact], event: str) -> dict[str, object]:
    """Return a condition's rows as the template shows them, and what may be added."""
    bench, lang = sheet.bench, sheet.bench.lang
    return {
        "rows": [_row(sheet, row, event) for row in conditions.rows(sheet, prefix, facts)],
        "match": choices.options("match", lang),
        "menu": choices.facts_menu(facts, bench, event),
    }


def _row(sheet: Sheet, row: conditions.Row, event: str) -> dict[str, object]:
    bench, lang = sheet.bench, sheet.bench.lang
    if row.control == conditions.KEPT:
        raw = row.raw or {}
        title = kept_sentence(raw, bench, event)
        return {
            "number": row.number, "fact": conditions.KEPT, "control": row.control, "title": title, "sentence": title,
            "json": json.dumps(raw, ensure_ascii=False), "is": [], "choices": [],
        }  # fmt: skip
    if row.known is None:
        return {
            "number": row.number, "fact": row.fact, "control": row.control, "title": translate(lang, N_("Segment")),
            "is": choices.options("segment", lang),
            "choices": [(one.id, bench.said(one.name)) for one in bench.program.segments],
        }  # fmt: skip
    values: Sequence[object] = choices.options("yes", lang)
    if row.control in {"days", "rank"}:
        values = [
            (place, value, choices.value_title(row.known, value, bench.program, lang))
            for place, value in enumerate(row.known.choices)
        ]
    return {
        "number": row.number, "fact": row.fact, "control": row.control, "choices": values,
        "title": choices.fact_title(row.known, bench.program, event, lang),
        "is": choices.comparisons(row.known, row.offered, lang),
    }  # fmt: skip


def kept_sentence(raw: Raw, bench: Bench, event: str) -> str:
    """Return what a condition says that the form has no controls for."""
    try:
        (tree,) = All.model_validate({"all": [raw]}).all
    except ValueError:
        return json.dumps(raw, ensure_ascii=False)
    return Teller(bench.brand.currency, bench.lang)(
        telling_conditions.condition(bench.program, tree, event or ORDER_COMPLETED)
    )
