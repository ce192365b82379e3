"""The desk as text: pure functions of a face and views."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import Formatter

from kizuna.core.errors import N_
from kizuna.runtime.jobs import JobState
from kizuna.web.console.desk.kinds import kind_of
from kizuna.web.console.desk.views import Found, JobView
from kizuna.web.faces import Face, render
from kizuna.web.words import ProblemText, number, problem_text, translate, translate_n

HELP = ("overview", "members", "program", "backtests", "jobs", "settings")
NEWEST = 12
_STATES = {
    JobState.WAITING: N_("Waiting"),
    JobState.RUNNING: N_("Running"),
    JobState.DONE: N_("Done"),
    JobState.FAILED: N_("Failed"),
    JobState.CANCELLED: N_("Stopped"),
}


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job in words. `phase` is what it is doing; `done` and `total` are written out; `share` is 0..100, None if unknown."""

    id: int
    title: str
    state: str
    state_words: str
    view: JobView
    phase: str
    done: str
    total: str
    share: int | None
    pace: str
    left: str
    outcome: str
    problem: ProblemText | None
    way: tuple[str, str] | None


def job_row(face: Face, view: JobView) -> JobRow:
    """Return a job in the face's language."""
    job, lang, kind = view.job, face.lang, kind_of(view.job.kind)
    amount = _bytes if job.phase in kind.in_bytes else number
    rate = _rounded(view.rate) if view.rate is not None else None
    return JobRow(
        id=job.id,
        title=_said(lang, kind.title, job.about),
        state=job.state.value,
        state_words=translate(lang, N_("Stopping"))
        if job.wants_cancel and job.state.is_open
        else translate(lang, _STATES[job.state]),
        view=view,
        phase=_said(lang, job.phase, {}) if job.phase else "",
        done=amount(job.done),
        total=amount(job.total) if job.total is not None else "",
        share=min(100, 100 * job.done // job.total) if job.total else None,
        pace=translate(lang, N_("{amount} a second"), amount=amount(rate)) if rate else "",
        left=_left(view.left_s, lang) if view.left_s is not None else "",
        outcome=_said(lang, kind.done, job.result) if job.state is JobState.DONE else "",
        problem=problem_text(job.problem, lang) if job.problem else None,
        way=(kind.way[0].format_map(job.about), translate(lang, kind.way[1]))
        if kind.way and job.state is JobState.DONE
        else None,
    )


def _said(lang: str, msgid: str, facts: Mapping[str, object]) -> str:
    """Return a message filled with what facts there are; figures read with separators, what is missing is left empty."""
    names = [name for _, name, _, _ in Formatter().parse(msgid) if name]
    told = {name: facts.get(name, "") for name in names}
    return translate(
        lang, msgid, **{name: number(fact) if isinstance(fact, int) else fact for name, fact in told.items()}
    )


def _rounded(rate: float) -> int:
    """Return a rate with two digits that mean something: nobody reads 12,347 a second."""
    whole = max(1, round(rate))
    step = int(10 ** max(0, len(str(whole)) - 2))
    return whole // step * step


def _bytes(amount: int) -> str:
    return f"{amount // 100_000 / 10:,}\N{NO-BREAK SPACE}MB"


def _left(seconds: int, lang: str) -> str:
    """Return how long still, as one says it."""
    if seconds < 60:
        return translate_n(
            lang, N_("about {n} second left"), N_("about {n} seconds left"), max(5, -(-seconds // 5) * 5)
        )
    if seconds < 3600:
        return translate_n(lang, N_("about {n} minute left"), N_("about {n} minutes left"), -(-seconds // 60))
    return translate_n(lang, N_("about {n} hour left"), N_("about {n} hours left"), -(-seconds // 3600))


def jobs_page(face: Face, jobs: Sequence[JobView]) -> str:
    """Return all long work: what runs, what waits, what ended."""
    rows = [job_row(face, view) for view in jobs]
    open_rows = [row for row in rows if row.view.job.state.is_open]
    ended = [row for row in rows if not row.view.job.state.is_open]
    return render(face, "console/desk/jobs.html", open_rows=open_rows, ended=ended, section="jobs", here=True)


def job_page(face: Face, job: JobView) -> str:
    """Return one job: how far it is, or what came of it."""
    return render(face, "console/desk/job.html", row=job_row(face, job), section="jobs", here=False)


def notices_page(face: Face, jobs: Sequence[JobView]) -> str:
    """Return the notices as a page of their own."""
    rows = [job_row(face, view) for view in jobs[:NEWEST]]
    return render(face, "console/desk/notices.html", rows=rows, section="notices", here=True)


def notices_piece(face: Face, jobs: Sequence[JobView]) -> str:
    """Return the notices as they lie in the panel under the bell, with the counts that the bell shows."""
    return render(face, "console/desk/notices_piece.html", rows=[job_row(face, view) for view in jobs[:NEWEST]])


def search_page(face: Face, found: Found) -> str:
    """Return what a search found, as a page."""
    return render(face, "console/desk/search.html", found=found, section="search", here=True)


def search_piece(face: Face, found: Found) -> str:
    """Return what a search found, as options of the palette."""
    return render(face, "console/desk/search_piece.html", found=found)


def help_page(face: Face, section: str) -> str:
    """Return the help of one section, and the keys."""
    return render(face, "console/desk/help.html", topic=section if section in HELP else "", section="help", here=True)
