"""The first run as text: pure functions of a face and views."""

from collections.abc import Sequence
from dataclasses import replace

from kizuna.connect.csv import FORMATS
from kizuna.core.errors import N_, Problem
from kizuna.runtime.jobs import Job
from kizuna.runtime.uploads import BYTES_MAX, Upload
from kizuna.web.console.program.plain import plain
from kizuna.web.console.settings.look_form import LookForm
from kizuna.web.console.start import columns
from kizuna.web.console.start.views import STEPS, ColumnsForm, Example, NumbersForm, Review, Standing, TemplateCard
from kizuna.web.faces import Face, render
from kizuna.web.views import BrandView
from kizuna.web.words import problem_text, reason, translate

_NAMES = {
    "look": N_("Name and look"),
    "program": N_("Program"),
    "import": N_("Past purchases"),
    "review": N_("Review and publish"),
}
_START, _LIVE = "console/start/base.html", "console/base.html"


def _step(face: Face, template: str, at: str, standing: Standing, **facts: object) -> str:
    """Return a page with the trail of steps above it; `at` is the one shown."""
    trail = [
        (name, f"/console/start/{name}", translate(face.lang, _NAMES[name]), standing.is_done[name], name == at)
        for name in STEPS
    ]
    return render(
        face, template, trail=trail, number_of=STEPS.index(at) + 1, steps=len(STEPS), layout=_START, section="start",
        here=False, **facts,
    )  # fmt: skip


def look_page(face: Face, standing: Standing, form: LookForm) -> str:
    """Return the first step: what the brand is called and how it looks."""
    return _step(face, "console/start/look.html", "look", standing, form=form, errors=form.entered.errors(face.lang))


def templates_page(face: Face, standing: Standing, cards: Sequence[TemplateCard]) -> str:
    """Return the programs on offer."""
    told = [(card, plain(card.template.document, _brand(face), face.lang)) for card in cards]
    return _step(face, "console/start/templates.html", "program", standing, cards=told)


def numbers_page(face: Face, standing: Standing, form: NumbersForm, problem: Problem | None = None) -> str:
    """Return the program's numbers; `problem` is about the whole draft."""
    return _step(
        face, "console/start/numbers.html", "program", standing, form=form, errors=form.entered.errors(face.lang),
        refusal=problem_text(problem, face.lang) if problem else None, lead=_sign(face)[0], unit=_sign(face)[1],
    )  # fmt: skip


def example_piece(face: Face, example: Example | None) -> str:
    """Return what some purchases earn, as it stands beside the form."""
    return render(face, "console/start/example.html", example=example)


def file_page(face: Face, standing: Standing, problem: Problem | None = None, *, live: bool = False) -> str:
    """Return the form that takes a file; `live` is its place in a brand that is in operation."""
    facts = {
        "upload": None if live or standing.job else standing.upload,
        "refusal": problem_text(problem, face.lang) if problem else None,
        "mib_max": BYTES_MAX >> 20,
        "live": live,
        "home": "/console/imports" if live else "/console/start/import",
    }
    if live:
        return render(face, "console/start/file.html", layout=_LIVE, section="jobs", here=False, **facts)
    return _step(face, "console/start/file.html", "import", standing, **facts)


def columns_page(face: Face, standing: Standing, form: ColumnsForm, *, live: bool = False) -> str:
    """Return which column is what, with the preview of what would be imported."""
    facts = columns_facts(face, form, "/console/imports" if live else "/console/start/import", live=live)
    if live:
        return render(face, "console/start/columns.html", layout=_LIVE, section="jobs", here=False, **facts)
    return _step(face, "console/start/columns.html", "import", standing, **facts)


def columns_facts(face: Face, form: ColumnsForm, home: str, *, live: bool = False) -> dict[str, object]:
    """Return what the form of columns shows; `home` is where it goes."""
    lang = face.lang
    return {
        "form": form,
        "errors": form.entered.errors(lang),
        "options": [("", translate(lang, N_("Choose a column"))), *((name, name) for name in form.head.names)],
        "kinds": [(kind, translate(lang, name)) for kind, name in columns.KIND_NAMES.items()],
        "formats": [
            ("", translate(lang, N_("As usual (2026-01-31 14:05, 2026/01/31)"))),
            *((one, _date_form(one)) for one in FORMATS),
        ],
        "rejects": [
            (reject, reason(lang, reject.reason), reason(lang, reject.remedy))
            for reject in (form.preview.rejects if form.preview else ())
        ],
        "refusal": problem_text(form.problem, lang) if form.problem else None,
        "live": live,
        "home": home,
    }


def review_page(face: Face, standing: Standing, review: Review, problem: Problem | None = None) -> str:
    """Return what is about to be published, as members and staff will meet it."""
    brand = replace(_brand(face), program_name={"ja": review.program.name.ja, "en": review.program.name.en})
    return _step(
        face, "console/start/review.html", "review", standing, review=review, told=plain(review.program, brand, face.lang),
        brand=brand, refusal=problem_text(problem, face.lang) if problem else None,
    )  # fmt: skip


def done_page(face: Face, standing: Standing) -> str:
    """Return that the program is live, and where to go from here."""
    waits = standing.upload if standing.upload and "columns" in standing.upload.about and not standing.job else None
    return render(
        face, "console/start/done.html", layout=_START, trail=[], number_of=0, steps=0, standing=standing, waits=waits,
        section="start", here=False,
    )  # fmt: skip


def result_page(face: Face, upload: Upload, job: Job) -> str:
    """Return what came of an import."""
    return render(
        face, "console/start/result.html", upload=upload, result=job.result, job=job, section="jobs", here=False
    )


def _brand(face: Face) -> BrandView:
    if face.brand is None:
        raise ValueError("a page of the first run is a brand's")
    return face.brand


def _sign(face: Face) -> tuple[str, str]:
    """Return what stands before and behind an amount that is typed."""
    currency = _brand(face).currency
    return ("¥", "") if currency == "JPY" else ("", currency)


def _date_form(form: str) -> str:
    """Return a form of strptime as an example that a person knows."""
    signs = {"%m": "01", "%d": "31", "%Y": "2026", "%H": "14", "%M": "05", "%S": "00"}
    for sign, digits in signs.items():
        form = form.replace(sign, digits)
    return form
