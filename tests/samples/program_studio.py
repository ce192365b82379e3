"""The program studio: the draft part by part, the forms of its parts, its text, what is new in it."""

from dataclasses import replace
from datetime import date, timedelta

from kizuna.program import Program, examine, from_data, templates
from kizuna.publishing import Draft, DraftChanged
from kizuna.runtime.brands import Brand
from kizuna.web.console.program import faults, pages, part_page
from kizuna.web.console.program.editing import form_of, made_of, opened, reshaped, typed, with_theirs
from kizuna.web.console.program.forms.sheet import Bench
from kizuna.web.console.program.parts import raw_of
from kizuna.web.console.program.sections import Teller
from kizuna.web.console.program.tester.form import filled, read
from kizuna.web.console.program.tester.page import TryView, try_page
from kizuna.web.console.program.tester.said import outcome
from kizuna.web.console.program.tester.trial import attempt
from kizuna.web.console.program.text import text_of
from kizuna.web.console.program.views import PartForm, ReviewForm, Standing, TextForm
from kizuna.web.entered import Entered
from kizuna.web.faces import Face
from samples.base import NOW, Build

TODAY = date(2026, 11, 21)
OWN = Brand("komorebi", "こもれびマーケット", "JPY", "Asia/Tokyo", "JP", ("ja", "en"))
LIVE = next(one.document for one in templates() if one.id == "tiers")
FRIDAY = {
    "id": "double-friday",
    "name": {"ja": "ダブルポイント金曜日", "en": "Double Friday"},
    "event": "order.completed",
    "unit": "points",
    "award": {"multiply": {"times": 2}, "rule": "purchase"},
    "goods": {"category": ["コーヒー"]},
    "condition": {
        "all": [
            {"fact": "time.weekday", "is": "equals", "value": "friday"},
            {"fact": "member.tier", "is": "at_least", "value": "silver"},
        ]
    },
    "starts": "2026-11-27",
    "ends": "2026-12-26",
    "budget": {"amount": 300_000},
}
AUTUMN = {
    "id": "autumn",
    "name": {"ja": "秋の感謝祭", "en": "Autumn thanks"},
    "event": "order.completed",
    "unit": "points",
    "award": {"fixed": 100},
    "condition": {
        "all": [
            {"fact": "order.amount", "is": "at_least", "value": 3_000},
            {
                "any": [
                    {"fact": "event.channel", "is": "equals", "value": "app"},
                    {"not": {"fact": "time.is_holiday", "is": "equals", "value": True}},
                ]
            },
        ]
    },
    "limits": [{"per": "member", "within": "week", "times": 1}],
    "starts": "2026-11-01",
    "ends": "2026-11-30",
}
REVIEW = {
    "id": "review",
    "name": {"ja": "レビューありがとう", "en": "Thank you for the review"},
    "event": "review.posted",
    "unit": "points",
    "award": {"fixed": 50},
    "limits": [{"per": "member", "within": "day", "times": 3}],
}


def program() -> Program:
    raw = raw_of(LIVE)
    raw["earning_rules"] = [*raw["earning_rules"], REVIEW]
    raw["campaigns"] = [FRIDAY, AUTUMN]
    return from_data(raw)


DRAFTED = program()
SHARED = from_data(
    raw_of(DRAFTED)
    | {
        "transfers": {"minimum": 100, "maximum": 5_000, "between": "pool"},
        "charities": [
            {"id": "forest", "name": {"ja": "こもれびの森基金", "en": "Komorebi Forest Fund"}},
            {"id": "library", "name": {"ja": "町の図書館", "en": "The town library"}},
        ],
        "pools": {"members_max": 6},
        "adjustments": {
            "reasons": [
                {"id": "late", "name": {"ja": "お届けの遅れ", "en": "Late delivery"}},
                {"id": "mistake", "name": {"ja": "入力の間違い", "en": "Typing mistake"}},
            ],
            "approval_above": 3_000,
        },
    }
)
"""A program whose members share, give and donate points."""
BEFORE = from_data(raw_of(LIVE) | {"campaigns": [AUTUMN]})
DRAFT = Draft(DRAFTED, "mika.tanaka@komorebi.example", NOW - timedelta(minutes=7), {"from": 2})
AT = Standing(DRAFT, BEFORE, 2, 2)
EMPTY = Standing(Draft(LIVE, "mika.tanaka@komorebi.example", NOW, {"from": 1}), LIVE, 1, 1)


def bench(face: Face, document: Program = DRAFTED) -> Bench:
    return Bench(document, OWN, face.lang, TODAY)


def part(kind: str, key: str, document: Program = DRAFTED) -> Build:
    def build(face: Face) -> str:
        return part_page.part_page(face, form_of(opened(bench(face, document), kind, key), kind, key))

    return build


def wrong_operations(face: Face) -> str:
    """Holds, transfers and adjustments that contradict themselves."""
    usual = opened(bench(face), "operations", "all").entered.fields
    changed = {"holds.minutes": "8", "holds.minutes.in": "day", "transfers.mode": "pool"}
    sheet = typed(bench(face), "operations", "all", usual | changed)
    made_of(sheet, "operations", "all")
    return part_page.part_page(face, form_of(sheet, "operations", "all"))


def wrong_form(face: Face) -> PartForm:
    """A campaign as somebody typed it: no name, an end before its beginning, a budget that is no amount."""
    sheet = opened(bench(face), "campaigns", "double-friday")
    fields = sheet.entered.fields | {"name.ja": "", "name.en": "", "budget.amount": "三十万", "ends": "2026-02-30"}
    fields, focus = reshaped(fields, "add:condition:event.store")
    sheet = typed(bench(face), "campaigns", "double-friday", fields)
    made_of(sheet, "campaigns", "double-friday")
    form = replace(form_of(sheet, "campaigns", "double-friday"), focus=focus)
    return with_theirs(form, AT, DraftChanged(who="ken.sato@komorebi.example", clock="14:05"))


def wrong_text(face: Face) -> str:
    written = text_of(DRAFTED).replace("rule: purchase", "rule: purchases").replace("fixed: 50", "fixed: many")
    found = faults.told(_faults(written), "JPY", face.lang)
    return pages.text_page(face, AT, TextForm(written, NOW, found))


def _faults(written: str) -> list[faults.Fault]:
    return list(examine(written).errors)


def review(face: Face, at: Standing = AT, **fields: str) -> str:
    return pages.review_page(face, at, ReviewForm(fields, Entered({}).errors(face.lang)))


def tried(face: Face, **asked: str) -> str:
    """The tester, asked about a purchase of coffee by an imagined Silver member."""
    usual = {"event": "order.completed", "tier": "silver", "orders": "3", "amount": "1,800", "l.0.category": "コーヒー"}
    entered = filled({**usual, **asked}, bench(face))
    wanted = read(entered, bench(face))
    assert wanted is not None
    tell = Teller.of(face)
    outcomes = [outcome(attempt(one, [BEFORE], wanted), tell, with_balances=False) for one in (DRAFTED, BEFORE)]
    return try_page(face, AT, TryView(entered, bench(face), *outcomes, version=2))


CONSOLE_PAGES = {
    "program-try": lambda face: tried(face, day="2026-11-27"),
    "program-try-thursday": lambda face: tried(face, day="2026-12-03"),
    "program-try-empty": lambda face: try_page(face, AT, TryView(filled({}, bench(face)), bench(face))),
    "program-draft": lambda face: pages.design_page(face, AT, TODAY),
    "program-draft-empty": lambda face: pages.design_page(face, EMPTY, TODAY),
    "program-campaign": part("campaigns", "double-friday"),
    "program-campaign-kept": part("campaigns", "autumn"),
    "program-campaign-wrong": lambda face: part_page.part_page(face, wrong_form(face)),
    "program-rule-new": part("rules", "new"),
    "program-tiers": part("tiers", "all"),
    "program-unit": part("units", "points"),
    "program-operations": part("operations", "all", SHARED),
    "program-operations-wrong": wrong_operations,
    "program-reason": part("reasons", "late", SHARED),
    "program-text": lambda face: pages.text_page(face, AT, TextForm(text_of(DRAFTED), NOW)),
    "program-text-wrong": wrong_text,
    "program-review": review,
    "program-review-nothing": lambda face: review(face, EMPTY),
    "program-templates": lambda face: pages.templates_page(face, templates(), DRAFT),
}
RARE = {
    "program-try-thursday",
    "program-try-empty",
    "program-draft-empty",
    "program-campaign-kept",
    "program-rule-new",
    "program-unit",
    "program-operations-wrong",
    "program-reason",
    "program-text-wrong",
    "program-review-nothing",
    "program-templates",
}
