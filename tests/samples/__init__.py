"""Samples of every screen: each file here names its pages in CONSOLE_PAGES or MEMBER_PAGES, and in RARE those shown less often."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from samples.base import Build

_FILES = [
    import_module(f"samples.{file.stem}")
    for file in sorted(Path(__file__).parent.glob("*.py"))
    if file.stem not in {"__init__", "base"}
]


def _all(name: str) -> dict[str, Build]:
    return {page: build for file in _FILES for page, build in getattr(file, name, {}).items()}


CONSOLE_PAGES: Mapping[str, Build] = _all("CONSOLE_PAGES")
MEMBER_PAGES: Mapping[str, Build] = _all("MEMBER_PAGES")
RARE = {page for file in _FILES for page in getattr(file, "RARE", ())}
"""Empty, one, longest: shown in fewer combinations, for time."""
