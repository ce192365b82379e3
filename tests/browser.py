"""A real Chromium for tests: found on this machine, never downloaded."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

_NAMES = ("/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_HELP = (
    "These tests drive a real Chromium and found none. Install one:\n"
    "  Debian, Ubuntu:  sudo apt-get install -y chromium fonts-noto-cjk\n"
    "  macOS:           brew install --cask chromium\n"
    "or name yours: KIZUNA_CHROMIUM=/path/to/chrome"
)


def chromium_path() -> str:
    """Return the Chromium to drive; fail with the command that installs it."""
    named = os.environ.get("KIZUNA_CHROMIUM")
    for name in (named,) if named else _NAMES:
        found = shutil.which(name)
        if found:
            return found
    pytest.fail(f"KIZUNA_CHROMIUM={named} cannot be run.\n{_HELP}" if named else _HELP, pytrace=False)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run one headless Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(_FLAGS))
        try:
            yield browser
        finally:
            browser.close()
