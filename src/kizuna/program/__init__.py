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
)

__all__ = [
    "AMOUNT_MAX",
    "AfterDays",
    "Award",
    "DocumentInvalid",
    "EarningRule",
    "Fault",
    "Held",
    "Program",
    "ProgramInvalid",
    "Redemption",
    "Rounding",
    "Text",
    "TierLevel",
    "Tiers",
    "Unit",
    "Window",
    "from_data",
    "parse",
    "read_document",
]
