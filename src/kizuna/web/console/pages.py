"""The console's pages that belong to no subject: signing in, refusals, and a form that waits to be sent again."""

from typing import Protocol

from kizuna.core.errors import N_, Kind, Problem
from kizuna.web.faces import Face, render
from kizuna.web.words import problem_text, translate

PLACES = {
    "overview": ("/console/overview", N_("Back to the overview")),
    "members": ("/console/members", N_("Back to the members")),
    "program": ("/console/program", N_("Back to the program")),
    "backtests": ("/console/backtests", N_("Back to the back-tests")),
    "jobs": ("/console/jobs", N_("Back to operations")),
    "approvals": ("/console/approvals", N_("Back to the approvals")),
    "corrections": ("/console/approvals", N_("Back to the approvals")),
    "ledger": ("/console/ledger", N_("Back to the ledger statement")),
    "settings": ("/console/settings", N_("Back to the settings")),
}
_LABELS = {
    "body": N_("Text"), "note": N_("Note"), "name": N_("Name"), "email": N_("Email address"), "title": N_("Title"),
    "reason": N_("Reason"), "points": N_("Points"), "colour": N_("Colour"), "language": N_("Language"), "theme": N_("Theme"),
}  # fmt: skip


class Typed(Protocol):
    """A form that could not be taken: see `frame.Entry`."""

    @property
    def path(self) -> str:
        """Where it goes."""

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """What was typed."""

    @property
    def origin(self) -> str:
        """The page that it was on."""


def sign_in_page(
    face: Face, problem: Problem | None = None, email: str = "", csrf: str | None = None, kept: str = ""
) -> str:
    """Return the sign-in form; `problem` says why the last try was refused, `kept` carries a form along.

    `csrf` is the face's token unless given.
    """
    refusal = problem_text(problem, face.lang) if problem else None
    token = face.csrf_token if csrf is None else csrf
    return render(face, "console/sign_in.html", refusal=refusal, email=email, csrf=token, kept=kept)


def section_of(path: str) -> str:
    """Return the section of the console that an address belongs to, "" for none."""
    parts = path.partition("?")[0].split("/")
    return parts[2] if len(parts) > 2 and parts[2] in PLACES else ""


def problem_page(face: Face, problem: Problem, status: int, entry: Typed | None = None) -> str:
    """Return a refusal as a page of its own: what happened, what to do, and the way on from this place.

    What is only for the moment can be tried again, with what was typed (`entry`).
    """
    section = section_of(face.path)
    href, words = PLACES.get(section, ("/console", N_("To the beginning")))
    if face.path.partition("?")[0] == href:
        href, words = "/console", N_("To the beginning")
    return render(
        face,
        "console/problem.html",
        refusal=problem_text(problem, face.lang),
        status=status,
        section=section,
        here=False,
        back=(href, translate(face.lang, words)),
        may_retry=problem.kind is Kind.UNAVAILABLE and (entry is not None or problem.code == "unavailable"),
        is_away=problem.code == "unavailable",
        entry=entry,
        fields=_labelled(face, entry) if entry else (),
    )


def kept_page(face: Face, entry: Typed) -> str:
    """Return the page on which a form that came too late waits to be sent again."""
    section = section_of(entry.path)
    return render(face, "console/kept.html", entry=entry, fields=_labelled(face, entry), section=section, here=False)


def _labelled(face: Face, entry: Typed) -> list[tuple[str, str, str]]:
    """Return each field's label, name and value; what a person did not type has no label."""
    return [(_label(name, face.lang), name, value) for name, value in entry.fields]


def _label(name: str, lang: str) -> str:
    if name in ("next", "csrf"):
        return ""
    return translate(lang, _LABELS[name]) if name in _LABELS else name
