"""The first run, and the import of past purchases."""

import tempfile
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path

from kizuna.connect import csv
from kizuna.program import templates
from kizuna.publishing import Draft, DraftChanged
from kizuna.runtime.brands import Brand
from kizuna.runtime.jobs import Job, JobState
from kizuna.runtime.look import Look
from kizuna.runtime.pictures import PictureTooLarge
from kizuna.runtime.uploads import Upload
from kizuna.web.console.settings.look_form import LookForm, filled, with_faults
from kizuna.web.console.start import columns, numbers, pages
from kizuna.web.console.start.views import ColumnsForm, NumbersForm, Review, Standing, TemplateCard
from kizuna.web.entered import Entered
from kizuna.web.inputs import NoColour, Required
from samples.base import NOW

ORDERS = Path(__file__).parents[2] / "examples" / "orders" / "orders.csv"
OWN = Brand("komorebi", "こもれびマーケット", "JPY", "Asia/Tokyo", "JP", ("ja", "en"), look=Look("#2f7d4f"))
SIMPLE, TIERS, RETURN = (one for one in templates() if one.has_numbers)
DRAFT = Draft(TIERS.document, "mika.tanaka@komorebi.example", NOW, {"template": "tiers"})
UPLOAD = Upload(3, "2025年の注文.csv", 48_211, "mika.tanaka@komorebi.example", NOW, {"for": "orders", "columns": {}})
RESULT = {
    "file": UPLOAD.name, "orders": 12_480, "replayed": 0, "rejected_orders": 3, "rejected_rows": 4, "members_new": 2_310,
    "points_issued": 512_340, "points_lapsed": 48_120, "rejects": 4,
}  # fmt: skip
JOB = Job(
    id=7, kind=csv.KIND, about={"file": UPLOAD.name, "upload": 3}, asked_by="mika", state=JobState.DONE, attempt=1, deaths=0,
    phase="", done=0, total=None, phase_at=None, phase_done=0, result=RESULT, problem=None, wants_cancel=False,
    asked_at=NOW, started_at=NOW, finished_at=NOW + timedelta(minutes=2),
)  # fmt: skip
FRESH = Standing(has_look=False, draft=None, version=None, upload=None, job=None)
MIDWAY = Standing(has_look=True, draft=DRAFT, version=None, upload=UPLOAD, job=None)
LIVE = Standing(has_look=True, draft=None, version=1, upload=UPLOAD, job=JOB)
BROKEN = """注文番号,注文日時,会員番号,合計金額
A-1,2026-01-05 10:12,10001,"¥3,280"
A-2,2026-02-30 11:40,10002,"¥1,150"
A-3,2026-01-06 09:05,,¥980
"""


def look(faults: Mapping[str, Exception] | None = None) -> LookForm:
    form = filled(OWN)
    return with_faults(form, faults) if faults else form


def numbers_form(**typed: str) -> NumbersForm:
    entered = Entered({**numbers.fields_of(TIERS.document, OWN), **typed})
    numbers.program_of(entered, TIERS.document, OWN)
    example = numbers.example_of(entered, TIERS.document, OWN)
    return NumbersForm(entered, numbers.room_for(TIERS.document), example, NOW, TIERS)


@cache
def columns_form(text: str | None = None) -> ColumnsForm:
    path = ORDERS
    if text is not None:
        path = Path(tempfile.mkdtemp(prefix="kizuna-sample-")) / UPLOAD.name
        path.write_text(text, encoding="utf-8")
    head = csv.head_of(path)
    entered = Entered(columns.fields_of(csv.guess(head)))
    mapping = columns.mapping_of(entered, head, OWN)
    assert mapping is not None
    return ColumnsForm(UPLOAD, head, entered, csv.preview(path, mapping, OWN))


def cards() -> list[TemplateCard]:
    return [
        TemplateCard(one, numbers.example(one.document, [one.example]).rows[0][1], one.id == "tiers")
        for one in (SIMPLE, TIERS, RETURN)
    ]


CHANGED = DraftChanged(who="ken.sato@komorebi.example", clock="14:05")
WRONG_LOOK = {
    "name": Required(field="name"),
    "colour": NoColour(field="colour", value="midori"),
    "logo-file": PictureTooLarge(field="logo-file", kib=2_048, kib_max=512),
}
CONSOLE_PAGES = {
    "start-look": lambda face: pages.look_page(face, FRESH, look()),
    "start-look-wrong": lambda face: pages.look_page(face, FRESH, look(WRONG_LOOK)),
    "start-templates": lambda face: pages.templates_page(face, MIDWAY, cards()),
    "start-numbers": lambda face: pages.numbers_page(face, MIDWAY, numbers_form()),
    "start-numbers-wrong": lambda face: pages.numbers_page(
        face, MIDWAY, numbers_form(**{"at-2": "10,000", "days": "一年"}), CHANGED
    ),
    "start-file": lambda face: pages.file_page(face, FRESH),
    "start-columns": lambda face: pages.columns_page(face, MIDWAY, columns_form()),
    "start-columns-wrong": lambda face: pages.columns_page(face, MIDWAY, columns_form(BROKEN), live=True),
    "start-review": lambda face: pages.review_page(face, MIDWAY, Review(DRAFT.document, DRAFT.changed_at, UPLOAD)),
    "start-done": lambda face: pages.done_page(face, LIVE),
    "import-result": lambda face: pages.result_page(face, UPLOAD, JOB),
}
RARE = {"start-look-wrong", "start-numbers-wrong", "start-columns-wrong", "start-file", "start-done"}
