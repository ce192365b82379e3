"""Fixtures of the faces' tests: one Chromium and one HTTP server for all of them."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from browser import chromium
from web_samples import FaceServer


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def server() -> Iterator[FaceServer]:
    with FaceServer() as running:
        yield running
