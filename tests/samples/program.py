"""The program in plain words."""

from datetime import timedelta

from kizuna.program import templates
from kizuna.web.console.program import pages
from kizuna.web.console.program.text import text_of
from kizuna.web.console.program.views import ProgramView, VersionLine
from samples.base import NOW

SIMPLE, TIERS, *_ = (one.document for one in templates())
LINES = (
    VersionLine(2, NOW - timedelta(days=3), NOW - timedelta(days=3), "ゴールドの条件を下げました", is_in_force=True),
    VersionLine(1, NOW - timedelta(days=90), NOW - timedelta(days=90), "最初のバージョン", is_in_force=False),
)
CONSOLE_PAGES = {
    "program": lambda face: pages.program_page(face, ProgramView(TIERS, 2, LINES, text_of(TIERS))),
    "program-simple": lambda face: pages.program_page(face, ProgramView(SIMPLE, 1, LINES[1:], text_of(SIMPLE))),
}
RARE = {"program-simple"}
