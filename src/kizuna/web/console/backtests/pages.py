"""The back-test studio as text: pure functions of a face and views."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from kizuna.core.errors import N_, Problem
from kizuna.program import Program, has_numbers, numbers_of, templates
from kizuna.runtime.uploads import BYTES_MAX
from kizuna.simulate import DESIGNS_MAX, Study
from kizuna.web import backtest
from kizuna.web.backtest.sides import LETTERS
from kizuna.web.backtest.telling import MILLION, share, shortened
from kizuna.web.console.backtests.views import (
    Beginnings,
    Line,
    NewForm,
    PublishForm,
    ResultView,
    StoryForm,
    StudyForm,
    TextForm,
)
from kizuna.web.console.desk.pages import JobRow, job_row
from kizuna.web.console.desk.views import JobView
from kizuna.web.console.program.plain import plain
from kizuna.web.console.start.pages import columns_facts
from kizuna.web.console.start.views import ColumnsForm
from kizuna.web.faces import Face, query, render
from kizuna.web.views import BrandView
from kizuna.web.words import currency_digits, problem_text, translate

SECTION = "backtests"


def list_page(face: Face, lines: Sequence[Line]) -> str:
    """Return the studies."""
    rows = [(line, _costs(line.told), _row(face, line.job)) for line in lines]
    return render(face, "console/backtests/list.html", rows=rows, section=SECTION, here=True)


def _costs(told: Mapping[str, Any] | None) -> Sequence[tuple[str, str]]:
    """Return of each candidate its letter and what it costs of sales, of those that say what points are worth."""
    results = told["results"] if told else ()
    return [
        (LETTERS[place], share(one["cost"]["of_sales"])) for place, one in enumerate(results) if one["cost"] is not None
    ]


def new_page(face: Face, form: NewForm) -> str:
    """Return the form that begins a back-test."""
    return render(
        face, "console/backtests/new.html", form=form, errors=form.entered.errors(face.lang), begins=begins(face, form.beginnings),
        refusal=_refusal(face, form.problem), mib_max=BYTES_MAX >> 20, section=SECTION, here=False,
    )  # fmt: skip


def begins(face: Face, there: Beginnings) -> list[tuple[str, str]]:
    """Return what a candidate may begin with, as options."""
    lang, found = face.lang, []
    if there.live is not None:
        found.append(("live", translate(lang, N_("The program in force (version {n})"), n=there.live)))
    if there.has_draft:
        found.append(("draft", translate(lang, N_("The draft"))))
    for one in templates():
        name = translate(lang, N_("Template: {name}"), name=getattr(one.name, lang) or one.name.ja)
        found.append((f"template:{one.id}", name))
    return found


def columns_page(face: Face, form: ColumnsForm) -> str:
    """Return which column of a file is what, with the preview of what would be replayed."""
    facts = columns_facts(face, form, "/console/backtests/files")
    return render(
        face, "console/backtests/columns.html", **facts, layout="console/base.html", section=SECTION, here=False
    )


def study_page(face: Face, form: StudyForm) -> str:
    """Return what a study asks: its candidates and what is assumed."""
    study = form.study
    cards = [
        {
            "letter": LETTERS[place],
            "design": one,
            "numbers": numbers_of(one.program) if has_numbers(one.program) else None,
            "rate": _rate(one.program),
            "slides": _slides(one.program, _brand(face).currency),
            "says": _says(one.program, face),
        }
        for place, one in enumerate(study.asked.designs)
    ]
    copies = [
        (f"copy:{place}", translate(face.lang, N_("A copy of “{name}”"), name=one.name))
        for place, one in enumerate(study.asked.designs)
    ]
    currency = _brand(face).currency
    return _study(
        face, "designs", study, form.problem, form=form, errors=form.entered.errors(face.lang), cards=cards,
        adds=[*copies, *begins(face, form.beginnings)], designs_max=DESIGNS_MAX, row=_row(face, form.job),
        lead="¥" if currency == "JPY" else "", unit="" if currency == "JPY" else currency,
    )  # fmt: skip


def _rate(program: Program) -> str:
    """Return what a program gives back of a purchase, "" where its few numbers do not say so."""
    worth = program.units[0].worth
    if worth is None or not has_numbers(program):
        return ""
    numbers = numbers_of(program)
    return share(numbers.points * worth.amount * MILLION // (numbers.per * worth.points))


def _slides(program: Program, currency: str) -> Sequence[str]:
    """Return how far the amounts of a program may be slid, as "least most step": what a point costs, then each tier."""
    if not has_numbers(program):
        return ()
    numbers, whole = numbers_of(program), 10 ** currency_digits(currency)
    amounts = [max(1, amount // whole) for amount in (numbers.per, *(rung.at for rung in numbers.rungs[1:]))]
    steps = [10 ** max(0, len(str(amount)) - 2) for amount in amounts]
    return [f"{step} {3 * amount} {step}" for amount, step in zip(amounts, steps, strict=True)]


def _says(program: Program, face: Face) -> Sequence[str]:
    told = plain(program, _brand(face), face.lang)
    rungs = " → ".join(rung.name[face.lang] for rung in told.rungs)
    return [*told.earning[:3], told.expiry, *([rungs] if rungs else [])]


def text_page(face: Face, form: TextForm) -> str:
    """Return a candidate's document as text."""
    return render(
        face, "console/backtests/text.html", form=form, design=form.study.asked.designs[form.place],
        refusal=_refusal(face, form.problem), section=SECTION, here=False,
    )  # fmt: skip


def result_page(face: Face, view: ResultView) -> str:
    """Return what a study came to, or how far its run is."""
    told, lang, currency = view.study.result, face.lang, _brand(face).currency
    results = told["results"] if told else []
    parts = (
        [backtest.design(one, told["variation"], lang, currency, n) for n, one in enumerate(results, start=1)]
        if told
        else []
    )
    many = backtest.sides(results, told["winners"], lang, currency) if told and len(results) > 1 else None
    costs = [_cost(one) for one in results]
    return _study(
        face, "result", view.study, view.problem, row=_row(face, view.job), designs=parts, sides=many, costs=costs, letters=LETTERS,
        limits=list(dict.fromkeys(line for one in parts for line in one.limits)),
    )  # fmt: skip


def _cost(told: Mapping[str, Any]) -> tuple[int, str] | None:
    """Return what a candidate costs in minor units and of sales, None where points have no worth."""
    return None if told["cost"] is None else (told["cost"]["total"], share(told["cost"]["of_sales"]))


def story_page(face: Face, form: StoryForm, worth_a_look: Sequence[tuple[str, str]]) -> str:
    """Return one member's movements under each candidate side by side."""
    study = form.study
    told = study.stories.get(form.member) if form.member else None
    names = {one.name: one.program for one in study.asked.designs}
    sides = [
        {
            **one,
            "level": _level(names.get(one["design"]), one["end"]["level"]),
            "rules": _rules(names.get(one["design"])),
            "days": [date.fromisoformat(move["day"]) for move in one["moves"]],
        }
        for one in told or ()
    ]
    return _study(
        face, "member", study, form.problem, form=form, sides=sides, row=_row(face, form.job), letters=LETTERS,
        looks=[(one, shortened(one), way) for one, way in worth_a_look],
        told=[(one, shortened(one)) for one in study.stories], short=shortened(form.member),
    )  # fmt: skip


def _level(program: Program | None, level: str) -> Mapping[str, str]:
    for one in program.tiers.levels if program else ():
        if one.id == level:
            return one.name.model_dump()
    return {"ja": level, "en": level}


def _rules(program: Program | None) -> Mapping[str, Mapping[str, str]]:
    return {one.id: one.name.model_dump() for one in program.rules} if program else {}


def of(identity: str) -> str:
    """Return the query that names a member."""
    return query(of=identity)


def publish_page(face: Face, form: PublishForm) -> str:
    """Return the question whether a candidate may take the place of the draft."""
    return render(
        face, "console/backtests/publish.html", form=form, design=form.study.asked.designs[form.place],
        refusal=_refusal(face, form.problem), section=SECTION, here=False,
    )  # fmt: skip


def _study(face: Face, tab: str, study: Study, problem: Problem | None, **facts: object) -> str:
    return render(
        face, f"console/backtests/{tab}.html", study=study, tab=tab, refusal=_refusal(face, problem), section=SECTION, here=False,
        path=f"/console/backtests/{study.id}", **facts,
    )  # fmt: skip


def _row(face: Face, job: JobView | None) -> JobRow | None:
    return job_row(face, job) if job else None


def _refusal(face: Face, problem: Problem | None) -> object:
    return problem_text(problem, face.lang) if problem else None


def _brand(face: Face) -> BrandView:
    if face.brand is None:
        raise ValueError("a back-test is a brand's")
    return face.brand
