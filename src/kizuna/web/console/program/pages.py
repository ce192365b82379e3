"""The live program and the draft's own screens as text: pure functions of a face and views."""

from collections.abc import Sequence
from datetime import date

from kizuna.core.errors import N_, Problem
from kizuna.program import Program, Template, difference, examine
from kizuna.publishing import Draft
from kizuna.web.console.program import faults
from kizuna.web.console.program.plain import plain
from kizuna.web.console.program.sections import STATES, sections, state_of
from kizuna.web.console.program.views import ProgramView, ReviewForm, Row, Standing, TextForm
from kizuna.web.faces import Face, render
from kizuna.web.tell import Teller
from kizuna.web.views import BrandView
from kizuna.web.words import problem_text


def program_page(face: Face, view: ProgramView, today: date) -> str:
    """Return a version of the program in plain words, its campaigns, the list of versions, and the document."""
    words = plain(view.program, _brand(face), face.lang)
    campaigns = campaign_rows(view.program, today, face)
    changes = changes_of(view.before, view.program, face) if view.before else []
    return render(
        face,
        "console/program.html",
        view=view,
        words=words,
        campaigns=campaigns,
        changes=changes,
        section="program",
        here=True,
    )


def campaign_rows(program: Program, today: date, face: Face) -> list[Row]:
    """Return the campaigns of a published program with where each stands; those that are over come last."""
    rows = []
    for section in sections(program, program, today, Teller.of(face))[:1]:
        for row, campaign in zip(section.rows, program.campaigns, strict=True):
            words, tone = STATES[state_of(campaign, None, today, in_draft=False)]
            rows.append(
                (campaign.ends < today, Row(row.key, "", row.name, row.sentence, Teller.of(face).words(words), tone))
            )
    return [row for _, row in sorted(rows, key=lambda one: one[0])]


def changes_of(old: Program | None, new: Program, face: Face) -> list[dict[str, str]]:
    """Return what changed between two versions, in sentences; the first version is all new."""
    tell = Teller.of(face)
    if old is None:
        return [
            {"kind": "added", "what": line, "before": "", "after": ""}
            for line in plain(new, _brand(face), face.lang).earning
        ]
    return [
        {
            "kind": one.kind.value,
            "what": tell(one.what),
            "before": "" if one.before is None else tell(one.before),
            "after": "" if one.after is None else tell(one.after),
        }
        for one in difference(old, new)
    ]


def design_page(face: Face, at: Standing, today: date, problem: Problem | None = None) -> str:
    """Return the draft part by part."""
    return _draft(
        face,
        "design",
        at,
        problem,
        sections=sections(at.draft.document, at.live, today, Teller.of(face)),
        warnings=warnings(at, face),
    )


def warnings(at: Standing, face: Face) -> list[faults.Finding]:
    """Return what is worth a look in the draft."""
    return faults.told(examine(at.draft.document).warnings, _brand(face).currency, face.lang)


def text_page(face: Face, at: Standing, form: TextForm) -> str:
    """Return the draft as text."""
    return _draft(face, "text", at, form.problem, form=form)


def review_page(face: Face, at: Standing, form: ReviewForm) -> str:
    """Return what is about to be published, in words, and the form that publishes it."""
    changes = changes_of(at.live, at.draft.document, face) if at.live != at.draft.document else []
    return _draft(
        face, "review", at, form.problem, form=form, errors=form.errors, changes=changes, warnings=warnings(at, face)
    )


def templates_page(face: Face, offered: Sequence[Template], draft: Draft | None) -> str:
    """Return the templates on offer, each with what it says."""
    cards = []
    for one in offered:
        told = plain(one.document, _brand(face), face.lang)
        rungs = " → ".join(rung.name[face.lang] for rung in told.rungs)
        cards.append((one, [*told.earning[:3], told.expiry, *([rungs] if rungs else [])]))
    return render(face, "console/program/templates.html", cards=cards, draft=draft, section="program", here=False)


def _draft(face: Face, tab: str, at: Standing, problem: Problem | None, **facts: object) -> str:
    refusal = problem_text(problem, face.lang) if problem else None
    return render(
        face, f"console/program/{tab}.html", at=at, tab=tab, refusal=refusal, section="program", here=False, **facts
    )


def _brand(face: Face) -> BrandView:
    if face.brand is None:
        raise ValueError("a program is a brand's")
    return face.brand


NEW_TITLES = {
    "campaigns": (N_("New campaign"), N_("Campaign")),
    "rules": (N_("New rule"), N_("Earning rule")),
    "units": (N_("New points"), N_("Points")),
    "groups": (N_("New group of rules"), N_("Rules of which one pays")),
    "purposes": (N_("New restriction"), N_("Restricted points")),
    "segments": (N_("New segment"), N_("Segment")),
    "tiers": (N_("Tiers"), N_("Tiers")),
    "spending": (N_("Redeeming and returns"), N_("Redeeming and returns")),
    "operations": (N_("Holds, transfers and adjustments"), N_("Holds, transfers and adjustments")),
    "charities": (N_("New charity"), N_("Charity")),
    "reasons": (N_("New reason for adjustments"), N_("Reason for adjustments")),
    "basics": (N_("Name and members"), N_("Name and members")),
}
"""What each kind of part is called: a new one, one that is there."""
