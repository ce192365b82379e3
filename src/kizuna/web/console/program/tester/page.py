"""Trying the draft out as text: a pure function of a face, the form and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from kizuna.core.errors import N_, Problem
from kizuna.program import OCCASIONS, ORDER_COMPLETED, Fact, FactType, Scope, facts_of
from kizuna.web.console.program import choices
from kizuna.web.console.program.forms.sheet import Bench
from kizuna.web.console.program.tester import form as forms
from kizuna.web.console.program.tester.said import Outcome
from kizuna.web.console.program.views import Standing
from kizuna.web.entered import Entered
from kizuna.web.faces import Face, render
from kizuna.web.words import problem_text, translate


@dataclass(frozen=True, slots=True)
class TryView:
    """The form, the members that were found where several were, and what the draft and the live program make of it."""

    entered: Entered
    bench: Bench
    draft: Outcome | None = None
    live: Outcome | None = None
    version: int | None = None
    member: str = ""
    found: Sequence[tuple[str, str]] = ()
    problem: Problem | None = None


def try_page(face: Face, at: Standing, view: TryView) -> str:
    """Return the form, and beside it what came of it."""
    entered, bench, lang = view.entered, view.bench, face.lang
    program, event = bench.program, entered["event"] or ORDER_COMPLETED
    known = facts_of(program, event)
    told = [
        _field(known[f"event.{name}"], type_, bench, event) for name, type_ in forms.fields_of(program, event).items()
    ]
    birthdays = zip(
        forms.BIRTHDAYS,
        (N_("not told"), N_("today"), N_("in this month"), N_("in another month")),
        strict=True,
    )
    return render(
        face, "console/program/try.html", at=at, tab="try", view=view, entered=entered, errors=entered.errors(lang),
        is_order=event == ORDER_COMPLETED, fields=told, lines=list(forms.line_numbers(entered)),
        events=choices.events(program, lang), tiers=[(one.id, bench.said(one.name)) for one in program.tiers.levels],
        birthdays=[(value, translate(lang, words)) for value, words in birthdays],
        goods=[("category", translate(lang, N_("Category"))), ("sku", translate(lang, N_("Item number"))),
               ("brand", translate(lang, N_("Maker or brand"))), ("tag", translate(lang, N_("Tag")))],
        yes=[("", translate(lang, N_("not told"))), *choices.options("yes", lang)],
        refusal=problem_text(view.problem, lang) if view.problem else None, section="program", here=False,
    )  # fmt: skip


def _field(fact: Fact, type_: FactType, bench: Bench, event: str) -> tuple[str, str, str, tuple[str | int, ...]]:
    """Return a field of an event: its name, what it is called, its control, and its values where they are few."""
    name = fact.name.removeprefix("event.")
    ours = OCCASIONS.get(event)
    title = (
        choices.fact_title(fact, bench.program, event, bench.lang)
        if not ours or fact.scope is not Scope.EVENT
        else fact.title
    )
    control = "flag" if type_ is FactType.FLAG else "number" if type_ is FactType.NUMBER else "text"
    return name, title, control, fact.choices
