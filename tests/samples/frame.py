"""What stands around every screen: long work, notices, search, help, and what is bearable when nothing works."""

from dataclasses import replace
from datetime import timedelta

from kizuna.ledger import LedgerDiffers
from kizuna.runtime.jobs import Job, JobState
from kizuna.web.console import pages as console_pages
from kizuna.web.console.desk import pages
from kizuna.web.console.desk.reads import job_view
from kizuna.web.console.desk.search import find_commands
from kizuna.web.console.desk.views import Found, Group, Hit, JobView
from kizuna.web.console.frame import Entry
from kizuna.web.faces import Face, Toast
from samples.base import LONG_NAME, NOW, REFUSED

SEEN = NOW - timedelta(hours=2)
JOB = Job(
    id=12, kind="verify_ledger", about={}, asked_by="mika.tanaka@komorebi.example", state=JobState.RUNNING, attempt=1, deaths=0,
    phase="Replaying the history, part by part", done=1_284_000, total=3_600_000, phase_at=NOW - timedelta(seconds=80),
    phase_done=0, result={}, problem=None, wants_cancel=False, asked_at=NOW - timedelta(seconds=90),
    started_at=NOW - timedelta(seconds=85), finished_at=None,
)  # fmt: skip
ENDED = NOW - timedelta(minutes=40)
DONE = replace(
    JOB, id=11, state=JobState.DONE, result={"accounts": 2_469, "entries": 276_484, "batches": 618}, finished_at=ENDED
)
FAILED = replace(
    JOB,
    id=10,
    state=JobState.FAILED,
    problem=LedgerDiffers(count=3, first="member 0af3"),
    finished_at=NOW - timedelta(days=2),
)
LONG = replace(JOB, id=9, kind="import_of_a_kind_without_any_words_" * 3, state=JobState.CANCELLED, finished_at=SEEN)
ENTRY = Entry(
    "/console/members/m1/notes",
    (
        ("body", "お電話にて、住所が変わったとのご連絡。\n次回の来店時に確認する。"),
        ("note", LONG_NAME * 3),
        ("next", "/console/members/m1"),
    ),
    "/console/members/m1",
)


def views(*jobs: Job) -> list[JobView]:
    return [job_view(job, NOW, SEEN) for job in jobs]


WAITING = replace(JOB, id=13, state=JobState.WAITING, phase="", done=0, total=None, phase_at=None)
ALL = views(WAITING, JOB, DONE, FAILED, LONG)


def found(face: Face) -> Found:
    places, deeds = find_commands("", face.lang)
    people = [Hit(LONG_NAME, "/console/members/m1", "customer", "2900123456789012")]
    orders = [Hit("ORD-90001", "/console/members/m1", "order", "2026年11月20日(金) · csv:shop")]
    return Found("山田", [Group("1", orders), Group("2", people), Group("3", places), Group("4", deeds)])


def told(face: Face) -> Face:
    toast = Toast("It stops as soon as nothing is left half done.", undo="/console/jobs/12/undo", fields={"id": "12"})
    return replace(face, toast=toast, unseen=3)


CONSOLE_PAGES = {
    "jobs": lambda face: pages.jobs_page(told(face), ALL),
    "jobs-empty": lambda face: pages.jobs_page(face, []),
    "job": lambda face: pages.job_page(face, ALL[1]),
    "job-failed": lambda face: pages.job_page(face, ALL[3]),
    "notices": lambda face: pages.notices_page(face, ALL),
    "notices-empty": lambda face: pages.notices_page(face, []),
    "search": lambda face: pages.search_page(face, found(face)),
    "search-none": lambda face: pages.search_page(face, Found("該当なし")),
    "help": lambda face: pages.help_page(face, "members"),
    "kept": lambda face: console_pages.kept_page(face, ENTRY),
    "away": lambda face: console_pages.problem_page(replace(face, user_email=None), REFUSED, 503),
    "away-kept": lambda face: console_pages.problem_page(replace(face, user_email=None), REFUSED, 503, ENTRY),
    "sign-in-kept": lambda face: console_pages.sign_in_page(replace(face, user_email=None), None, "", "t", "k"),
}
RARE = {"jobs-empty", "job-failed", "notices-empty", "search-none", "away-kept", "sign-in-kept", "job"}
