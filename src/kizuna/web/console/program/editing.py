"""Editing a part of the draft: reading what was typed, keeping it, and saying what is in the way.

Two people who change different parts are not in each other's way: a form says what it saw of its own part, and only if
that part changed meanwhile is the second one asked to compare.
"""

from collections.abc import Callable
from dataclasses import replace
from operator import attrgetter

from kizuna.program import Program, ProgramInvalid, examine
from kizuna.publishing import DraftChanged, save_draft
from kizuna.runtime.access import Session
from kizuna.runtime.db import Database
from kizuna.web import inputs
from kizuna.web.console.program import faults
from kizuna.web.console.program.forms import conditions
from kizuna.web.console.program.forms.sheet import Bench, Raw, Sheet
from kizuna.web.console.program.parts import NEW, PARTS, Part, find, place_of, put, state_of
from kizuna.web.console.program.sections import part_sentence
from kizuna.web.console.program.views import PartForm, Standing
from kizuna.web.entered import Entered
from kizuna.web.services import Desk
from kizuna.web.tell import Teller

LISTS = ("limits", "levels")
UNDO = "before"
"""What a draft's memory calls the document as it was before the last thing that can be undone."""


def opened(bench: Bench, kind: str, key: str, raw: Raw | None = None) -> Sheet:
    """Return a part's form as it stands in the document; a new one as it begins, or as `raw` says. Raises `NotFound`."""
    part = PARTS[kind]
    there = raw if raw is not None else _beginning(part, key, bench)
    fields = part.fields(there, bench)
    return Sheet(bench, Entered(dict(fields)), there, fields)


def typed(bench: Bench, kind: str, key: str, fields: dict[str, str]) -> Sheet:
    """Return a part's form with what somebody typed. Raises `NotFound`."""
    part = PARTS[kind]
    there = _beginning(part, key, bench)
    return Sheet(bench, Entered(fields), there, part.fields(there, bench))


def _beginning(part: Part, key: str, bench: Bench) -> Raw:
    if key == NEW and part.blank is not None:
        return part.blank(bench)
    return find(bench.program, part, key)


def form_of(sheet: Sheet, kind: str, key: str) -> PartForm:
    """Return a form with what it says in words and what to mind; what it refuses stands under its fields."""
    program = made_of(_named(sheet), kind, key)[0]
    sentence, minds = "", []
    if program is not None:
        name = key if key != NEW else _newest(program, kind)
        sentence = part_sentence(program, kind, name, teller_of(sheet.bench))
        minds = _minds(program, kind, name, sheet.bench)
    was = state_of(sheet.bench.program, PARTS[kind], key)
    return PartForm(kind, key, sheet, was, None, sentence, minds, open=unfolded(sheet, kind))


def _named(sheet: Sheet) -> Sheet:
    """Return a form to be read for its words alone: a part without a name yet has a dash."""
    name = f"name.{sheet.bench.brand.languages[0]}"
    fields = sheet.entered.fields
    return Sheet(
        sheet.bench,
        Entered(fields if fields.get(name, "-").strip() else {**fields, name: "—"}),
        sheet.part,
        sheet.before,
    )


def teller_of(bench: Bench) -> Teller:
    """Return what says facts to the reader of a form."""
    return Teller(bench.brand.currency, bench.lang)


def _newest(program: Program, kind: str) -> str:
    return str(attrgetter(PARTS[kind].place)(program)[-1].id)


def _minds(program: Program, kind: str, key: str, bench: Bench) -> list[faults.Finding]:
    place = place_of(program, PARTS[kind], key)
    begins = tuple(f"{one}." for one in ([place] if place else PARTS[kind].place.split()))
    found = [fault for fault in examine(program).warnings if f"{fault.place}.".startswith(begins)]
    return faults.told(found, bench.brand.currency, bench.lang)


def made_of(sheet: Sheet, kind: str, key: str) -> tuple[Program | None, list[faults.Finding]]:
    """Return the draft with the part as typed, None where something refuses it, and what is wrong elsewhere in the document."""
    part, program = PARTS[kind], sheet.bench.program
    made = part.read(sheet)
    if sheet.entered.faults:
        return None, []
    try:
        return put(program, part, key, made), []
    except ProgramInvalid as refused:
        found = faults.told(refused.faults, sheet.bench.brand.currency, sheet.bench.lang)
        return None, faults.refuse(sheet.entered, found, place_of(program, part, key))


def reshaped(fields: dict[str, str], does: str) -> tuple[dict[str, str], str]:
    """Return the fields with a row more or less, as a button asked for it, and the field at which one goes on."""
    what, _, rest = does.partition(":")
    name, _, more = rest.partition(":")
    if what == "add" and name in LISTS:
        number = inputs.place(fields.get(f"{name}.rows", "0")) or 0
        return {**fields, f"{name}.rows": str(number + 1)}, f"{name}.{number}"
    if what == "add" and name in {"condition", "audience"}:
        number_of = fields.get(f"{name}.rows", "0")
        return conditions.with_row(fields, name, more), f"{name}.{number_of}"
    row = inputs.place(more)
    if what == "drop" and row is not None:
        return conditions.without_row(fields, name, row), ""
    return fields, ""


_FOLDED = {
    "options": ("limits", "goal", "group", "exclusive", "priority", "lot", "audience", "holdout_percent"),
    "goods": ("goods.but_not",),
    "award": ("award.rounding", "award.each", "award.basis", "award.by_tier"),
    "kept": ("grace_days", "downgrade", "on_return"),
}
"""Which fields lie folded away, by what they lie in."""


def unfolded(sheet: Sheet, kind: str, does: str = "") -> frozenset[str]:
    """Return which folded places are open: where something is other than usual, is wrong, or was just asked for."""
    part = PARTS[kind]
    usual = (
        Sheet(sheet.bench, sheet.entered, sheet.part, part.fields(part.blank(sheet.bench), sheet.bench))
        if part.blank
        else sheet
    )
    asked = does.split(":")[1:2]
    return frozenset(
        place
        for place, names in _FOLDED.items()
        if usual.touched(*names)
        or any(field == name or field.startswith(f"{name}.") for field in sheet.entered.faults for name in names)
        or (asked and asked[0] in names)
    )


async def keep(
    db: Database,
    desk: Desk,
    session: Session,
    at: Standing,
    change: Callable[[Program], Program],
    *,
    undo: bool = False,
) -> str:
    """Change the draft as it is now and return its new state's name; with `undo` the document before is kept too.

    Raises `DraftChanged` where somebody else was faster, and whatever `change` raises.
    """
    document = change(at.draft.document)
    about = {name: one for name, one in at.draft.about.items() if name != UNDO}
    if undo:
        about[UNDO] = at.draft.document.model_dump(mode="json")
    saved = await save_draft(db, desk.brand, document, by=session.email, seen=at.draft.changed_at, about=about)
    return saved.isoformat()


def conflict(at: Standing, desk: Desk) -> DraftChanged:
    """Return that somebody else changed the very part that a form is about."""
    clock = at.draft.changed_at.astimezone(desk.brand.zone).strftime("%H:%M")
    return DraftChanged(who=at.draft.changed_by, clock=clock, at=at.draft.changed_at.isoformat())


def with_theirs(form: PartForm, at: Standing, problem: DraftChanged) -> PartForm:
    """Return a form that was too late, with what the other person made of the part."""
    theirs = part_sentence(at.draft.document, form.kind, form.key, teller_of(form.sheet.bench))
    return replace(form, problem=problem, theirs=theirs)
