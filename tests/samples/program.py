"""The live program: in plain words, with its versions, and the draft of the next."""

from datetime import date, timedelta

from kizuna.program import from_data, templates
from kizuna.publishing import Draft
from kizuna.web.console.program import pages
from kizuna.web.console.program.parts import raw_of
from kizuna.web.console.program.text import text_of
from kizuna.web.console.program.views import ProgramView, VersionLine
from samples.base import NOW

TODAY = date(2026, 11, 21)
MIKA = "mika.tanaka@komorebi.example"
SIMPLE, TIERS, *_ = (one.document for one in templates())
_TIERS = raw_of(TIERS)
BEFORE = from_data(_TIERS | {"redemption": {"minimum": 500, "step": 500}})
AUTUMN = {
    "id": "autumn", "name": {"ja": "秋の感謝祭", "en": "Autumn thanks"}, "event": "order.completed", "unit": "points",
    "award": {"fixed": 100}, "condition": {"fact": "order.amount", "is": "at_least", "value": 3_000},
    "limits": [{"per": "member", "within": "week", "times": 1}], "starts": "2026-11-01", "ends": "2026-11-30",
}  # fmt: skip
WINTER = AUTUMN | {
    "id": "winter", "name": {"ja": "冬のポイント5倍", "en": "Five times in winter"}, "starts": "2026-12-20", "ends": "2026-12-31",
    "award": {"multiply": {"times": 5}, "rule": "purchase"},
}  # fmt: skip
LIVE = from_data(_TIERS | {"campaigns": [AUTUMN, WINTER]})
LINES = (
    VersionLine(3, NOW + timedelta(days=10), NOW - timedelta(days=1), "年末に向けて", "later", MIKA),
    VersionLine(
        2, NOW - timedelta(days=3), NOW - timedelta(days=3), "100ポイントから交換できるようにしました", "live", MIKA
    ),
    VersionLine(1, NOW - timedelta(days=90), NOW - timedelta(days=90), "最初のバージョン", "past"),
)
DRAFT = Draft(LIVE, MIKA, NOW, {"from": 2})
CONSOLE_PAGES = {
    "program": lambda face: pages.program_page(face, ProgramView(LIVE, 2, LINES, text_of(LIVE), BEFORE, DRAFT), TODAY),
    "program-simple": lambda face: pages.program_page(
        face, ProgramView(SIMPLE, 2, LINES[1:], text_of(SIMPLE), SIMPLE), TODAY
    ),
    "program-past": lambda face: pages.program_page(face, ProgramView(BEFORE, 1, LINES, text_of(BEFORE)), TODAY),
}
RARE = {"program-simple", "program-past"}
