"""The back-test studio: the list, a new one, candidates as numbers and as text, a run, results, one member, and the way into the draft."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from kizuna import simulate
from kizuna.core.errors import NotFound
from kizuna.program import ProgramInvalid, numbers_of, parse, templates, with_numbers
from kizuna.publishing import Draft
from kizuna.runtime.jobs import Job, JobState
from kizuna.runtime.uploads import UploadMissing
from kizuna.simulate import Asked, Design, Multiples, Source, Study, StudyChanged, play, told, variation, winners
from kizuna.web.console.backtests import forms, pages, reads
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
from kizuna.web.console.desk.views import JobView
from kizuna.web.console.program import faults
from kizuna.web.console.program.text import text_of
from kizuna.web.entered import Entered
from kizuna.web.faces import Face
from samples.backtest import B, history
from samples.base import NOW
from samples.start import BROKEN, OWN, columns_form

MIKA = "mika.tanaka@komorebi.example"
TIERS = next(one.document for one in templates() if one.id == "tiers")
NOW_LIVE = Design("現在のプログラム", TIERS, Multiples(500))
DOUBLE = Design(
    "ポイント2倍、期限は半年",
    with_numbers(TIERS, replace(numbers_of(TIERS), points=2, expiry_days=180)),
    Multiples(500),
)
YEAR_END = Design("年末に3倍", B, Multiples(500))
LONG = Design("とても長い名前の案：雨の日とお誕生月とアプリの方だけ特別にお得にする案", TIERS, Multiples(500))
THERE = Beginnings(live=3, has_draft=True)


CASES = {
    "two": (NOW_LIVE, DOUBLE),
    "four": (NOW_LIVE, DOUBLE, YEAR_END, LONG),
    "one": (YEAR_END,),
    "fresh": (NOW_LIVE,),
}


def result(designs: Sequence[Design]) -> Mapping[str, Any]:
    """Return what designs come to, as a study keeps it."""
    past = history(members=160, orders=1_200)
    first, *others = played = play(past, designs, ZoneInfo("Asia/Tokyo"), processes=1)
    return {
        "results": [told(one, 250_000) for one in played],
        "winners": [winners(first, one) for one in others],
        "variation": variation(past, first),
    }


@cache
def study(case: str) -> Study:
    """Return a study; the fresh one has not run."""
    designs, ran = CASES[case], case != "fresh"
    source = Source() if ran else Source(3, "2025年の注文.csv", {})
    kept = result(designs) if ran else None
    member = who(kept) if kept else ""
    told_of = simulate.stories(history(160, 1_200), designs, ZoneInfo("Asia/Tokyo"), member) if kept else []
    return Study(
        id=7, name="年末の企画を比べる" if ran else "会費なしで始めたら", asked=Asked(source, designs, margin=250_000), result=kept,
        is_fresh=ran, stories={member: told_of} if kept else {}, job=None, made_by=MIKA, made_at=NOW, changed_at=NOW,
        ran_at=NOW if ran else None,
    )  # fmt: skip


def who(kept: Mapping[str, Any]) -> str:
    """Return a member worth a look; of one candidate alone, somebody."""
    rows = kept["winners"][0]["most"] if kept["winners"] else []
    return rows[0]["member"] if rows else history(160, 1_200).table["member"][0].as_py()


def job(state: JobState, **more: Any) -> JobView:
    """Return a run that began half a minute ago."""
    began = NOW - timedelta(seconds=30)
    made = Job(
        id=41, kind=simulate.KIND, about={"backtest": 7, "name": "年末"}, asked_by=MIKA, state=state, attempt=1, deaths=0,
        phase=simulate.REPLAYING, done=14, total=32, phase_at=began, phase_done=0, result={}, problem=None, wants_cancel=False,
        asked_at=began, started_at=began, finished_at=None,
    )  # fmt: skip
    whole = replace(made, **more)
    return JobView(whole, NOW, whole.rate(NOW), 39 if state.is_open else None, False)


def form(of: Study, typed: Mapping[str, str] | None = None, **more: Any) -> StudyForm:
    """Return a study's form, judged where something was typed."""
    entered = Entered(forms.fields_of(of.name, of.asked, OWN) | dict(typed or {}))
    if typed:
        forms.asked_of(entered, of.asked, OWN, "ja")
    return StudyForm(of, entered, THERE, more.pop("job", None), **more)


def text(face: Face) -> str:
    """Return a candidate's text with two faults in it."""
    written = text_of(TIERS).replace("points: 1\n", "points: -1\n").replace("after_days", "after_day")
    try:
        parse(written)
    except ProgramInvalid as refused:
        found = faults.told(refused.faults, OWN.currency, face.lang)
    return pages.text_page(face, TextForm(study("two"), 0, written, found))


def story(face: Face, of: Study, **more: Any) -> str:
    return pages.story_page(face, StoryForm(of, **more), reads.candidates(of))


def lines() -> list[Line]:
    two, four, fresh = study("two"), study("four"), study("fresh")
    long = "とても長い名前のバックテスト：来年度の全店舗統合プログラムの費用を確かめる"
    return [
        Line(two, two.result, None),
        Line(replace(four, is_fresh=False, name=long), four.result, None),
        Line(fresh, None, job(JobState.RUNNING)),
        Line(replace(fresh, name="あとで"), None, None),
    ]


def shown(face: Face, case: str, state: JobState | None = None, *, is_fresh: bool | None = None) -> str:
    found = study(case)
    of = found if is_fresh is None else replace(found, is_fresh=is_fresh)
    return pages.result_page(face, ResultView(of, job(state) if state else None))


WRONG = {"d0.per": "百円", "d1.at.2": "1,000", "margin": "150", "since": "2026-02-30", "d1.name": NOW_LIVE.name}
FAILED = NotFound(what="member", key="customer:404")
DRAFT = Draft(B, "ken.sato@komorebi.example", NOW)
NEW = {"name": "2026年11月21日のバックテスト", "begin": "live"}

CONSOLE_PAGES = {
    "backtests": lambda face: pages.list_page(face, lines()),
    "backtests-empty": lambda face: pages.list_page(face, []),
    "backtests-new": lambda face: pages.new_page(face, NewForm(Entered(NEW), THERE)),
    "backtests-new-wrong": lambda face: pages.new_page(
        face, NewForm(Entered(NEW | {"source": "file"}, {"file": UploadMissing(field="file")}), THERE)
    ),
    "backtests-columns": lambda face: pages.columns_page(face, columns_form(BROKEN)),
    "backtests-designs": lambda face: pages.study_page(face, form(study("two"))),
    "backtests-designs-four": lambda face: pages.study_page(face, form(study("four"), job=job(JobState.RUNNING))),
    "backtests-designs-wrong": lambda face: pages.study_page(face, form(study("two"), WRONG)),
    "backtests-designs-changed": lambda face: pages.study_page(face, form(study("fresh"), problem=StudyChanged())),
    "backtests-text": text,
    "backtests-running": lambda face: shown(face, "fresh", JobState.RUNNING),
    "backtests-result": lambda face: shown(face, "two", JobState.DONE),
    "backtests-result-stale": lambda face: shown(face, "two", is_fresh=False),
    "backtests-result-one": lambda face: shown(face, "one"),
    "backtests-result-none": lambda face: shown(face, "fresh"),
    "backtests-member": lambda face: story(face, study("two"), typed="", member=who(study("two").result)),
    "backtests-member-missing": lambda face: story(
        face,
        study("fresh"),
        typed="",
        member="customer:404",
        job=job(JobState.FAILED, kind=simulate.STORY, problem=FAILED),
    ),
    "backtests-publish": lambda face: pages.publish_page(face, PublishForm(study("two"), 1, DRAFT)),
}
RARE = {
    "backtests-empty", "backtests-new-wrong", "backtests-columns", "backtests-designs-four", "backtests-designs-changed",
    "backtests-result-stale", "backtests-result-one", "backtests-result-none", "backtests-member-missing", "backtests-publish",
}  # fmt: skip
