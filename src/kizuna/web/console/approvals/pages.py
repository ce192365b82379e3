"""Approvals and files of corrections as text: pure functions of a face and views."""

from collections.abc import Sequence

from kizuna.core.errors import N_, Problem
from kizuna.corrections import COLUMNS, ROWS_MAX
from kizuna.web.console.approvals.views import CorrectionView, Desk, FileView
from kizuna.web.console.start.columns import KIND_NAMES
from kizuna.web.faces import Face, render
from kizuna.web.words import ProblemText, problem_text, translate

STATES = {
    "done": N_("Approved"),
    "approved": N_("Approved, being carried out"),
    "refused": N_("Approved, but not possible"),
    "rejected": N_("Turned down"),
    "waiting": N_("Waits for approval"),
}


def approvals_page(face: Face, desk: Desk, problem: Problem | None = None) -> str:
    """Return what waits for a second person, and what was decided lately."""

    def refusal(one: CorrectionView) -> ProblemText | None:
        return problem_text(one.problem, face.lang) if one.problem else None

    return render(
        face,
        "console/approvals/approvals.html",
        desk=desk,
        refusal=problem_text(problem, face.lang) if problem else None,
        refusal_of=refusal,
        states={name: translate(face.lang, words) for name, words in STATES.items()},
        section="jobs",
        here=False,
    )


def send_page(face: Face, reasons: Sequence[tuple[str, str]], problem: Problem | None = None) -> str:
    """Return the form that takes a file of corrections, and what it may hold."""
    return render(
        face,
        "console/approvals/send.html",
        refusal=problem_text(problem, face.lang) if problem else None,
        kinds=[(kind, translate(face.lang, words)) for kind, words in KIND_NAMES.items()],
        reasons=reasons,
        columns=COLUMNS,
        rows_max=ROWS_MAX,
        section="jobs",
        here=False,
    )


def file_page(face: Face, file: FileView, problem: Problem | None = None) -> str:
    """Return a file of corrections: looked through, waiting, or carried out."""
    told = problem or file.problem
    remarks = [(one.number, problem_text(one.problem, face.lang)) for one in file.faulty]
    return render(
        face,
        "console/approvals/file.html",
        file=file,
        seen=file.seen,
        card=file.card,
        remarks=remarks,
        refusal=problem_text(told, face.lang) if told else None,
        kind_words=translate(face.lang, KIND_NAMES.get(file.kind, file.kind)),
        section="jobs",
        here=False,
    )
