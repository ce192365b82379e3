"""PURE: what a brand designs. The document, its schema and its checks."""

from kizuna.program.check import ProgramInvalid, from_data, parse
from kizuna.program.document import DocumentInvalid, Fault
from kizuna.program.document import read as read_document
from kizuna.program.model import (
    AMOUNT_MAX,
    AfterDays,
    Award,
    EarningRule,
    Held,
    Program,
    Redemption,
    Rounding,
    Text,
    TierLevel,
    Tiers,
    Unit,
    Window,
    Worth,
)
from kizuna.program.starting import RUNGS_MAX, Numbers, Rung, Template, numbers_of, templates, with_numbers

__all__ = [
    "AMOUNT_MAX",
    "RUNGS_MAX",
    "AfterDays",
    "Award",
    "DocumentInvalid",
    "EarningRule",
    "Fault",
    "Held",
    "Numbers",
    "Program",
    "ProgramInvalid",
    "Redemption",
    "Rounding",
    "Rung",
    "Template",
    "Text",
    "TierLevel",
    "Tiers",
    "Unit",
    "Window",
    "Worth",
    "from_data",
    "numbers_of",
    "parse",
    "read_document",
    "templates",
    "with_numbers",
]
