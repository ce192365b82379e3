"""The overview in a real Chromium on the real site: it lives, it rests when asked to, and its charts wake without a complaint."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from api.served import PASSWORD, SECRET, Shop, Site, order, redemption, served, somebody
from browser import chromium
from kizuna.runtime.server import Server

pytestmark = pytest.mark.browser
OWNER = "overview@kizuna.example"
WAIT_MS = 20_000


@pytest.fixture(scope="module")
def site(own_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site of its own: the worker beside it looks after every brand of its database."""
    with served(own_server, tmp_path_factory.mktemp("overview")) as running:
        yield running


@pytest.fixture(scope="module")
def market(site: Site) -> Shop:
    """A shop of its own, so that nobody else's events run past."""
    opened = site.open_shop()
    opened.owner(f"{opened.brand.slug}.{OWNER}")
    return opened


@pytest.fixture(scope="module")
def worker(market: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The process that keeps the figures."""
    environment = os.environ | {
        "DATABASE_URL": market.server.locate(),
        "KIZUNA_HOME": str(tmp_path_factory.mktemp("worker")),
        "KIZUNA_SECRET": SECRET,
        "KIZUNA_LOG_LEVEL": "error",
    }
    process = subprocess.Popen([sys.executable, "-m", "kizuna", "worker"], env=environment)
    yield
    process.terminate()
    process.wait(30)


@pytest.fixture(scope="module")
def browser(market: Shop, worker: None) -> Iterator[Browser]:
    """Chromium; the shop comes first, because Playwright keeps an event loop of its own."""
    with chromium() as running:
        yield running


@pytest.fixture
def tab(browser: Browser, market: Shop) -> Iterator[Page]:
    """The overview of the shop, signed in, in English; whatever the browser objects to fails the test."""
    context = browser.new_context(base_url=market.url, locale="en", reduced_motion="reduce")
    page, heard = context.new_page(), []
    page.set_default_timeout(WAIT_MS)
    page.goto("/console/sign-in?next=/console/overview")
    page.locator("[name=email]").fill(f"{market.brand.slug}.{OWNER}")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(re.compile("/console"))
    page.on("console", lambda message: heard.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    yield page
    context.close()
    assert heard == []


def counted(tab: Page, path: str = "/console/overview") -> None:
    """Open the overview once the figures have followed."""
    for _ in range(40):
        tab.goto(path)
        if tab.locator("[data-live=members]").count():
            return
        tab.wait_for_timeout(500)
    pytest.fail(f"no figures after 20 s: {tab.locator('main').inner_text()}")


def test_an_event_runs_past_seconds_after_it_was_posted(tab: Page, market: Shop) -> None:
    tab.goto("/console/overview")
    expect(tab.locator(".live-state")).to_have_attribute("data-live-state", "on", timeout=WAIT_MS)
    who = somebody()
    market.told(order(4_980, who))
    line = tab.locator(".live-line", has_text="Bought for ¥4,980")
    expect(line).to_have_count(1, timeout=WAIT_MS)
    expect(line).to_contain_text("+49")
    expect(tab.locator(".live-empty")).to_be_hidden()
    expect(tab.locator("[role=log]")).to_contain_text("4,980", timeout=WAIT_MS)

    counted(tab)  # what ran past stands there from the server, too
    expect(tab.locator(".live-line", has_text="Bought for ¥4,980")).to_have_count(1)
    expect(tab.locator("[data-live=members]")).to_have_text("1")
    expect(tab.locator(".live-state")).to_have_attribute("data-live-state", "on", timeout=WAIT_MS)
    market.told(order(100_000), redemption(40, who))
    expect(tab.locator("[data-live=members]")).to_have_text("2", timeout=WAIT_MS)
    expect(tab.locator("[data-live=redeemed_today]")).to_have_text("40", timeout=WAIT_MS)


def test_the_stream_rests_when_asked_and_loses_nothing(tab: Page, market: Shop) -> None:
    market.told(order(1_000))
    counted(tab)
    expect(tab.locator(".live-state")).to_have_attribute("data-live-state", "on", timeout=WAIT_MS)
    tab.get_by_role("button", name="Pause").click()
    market.told(order(7_770))
    expect(tab.locator(".live-state")).to_have_text("Paused, 2 waiting", timeout=WAIT_MS)  # who joined, and the order
    assert tab.locator(".live-line", has_text="¥7,770").count() == 0
    tab.get_by_role("button", name="Go on").click()
    expect(tab.locator(".live-line", has_text="¥7,770")).to_have_count(1)
    expect(tab.locator(".live-state")).to_have_attribute("data-live-state", "on")


def test_charts_wake_only_where_there_are_charts(tab: Page, market: Shop) -> None:
    market.told(order(3_000))
    loaded: list[str] = []
    tab.goto("/console/members")
    tab.on("request", lambda asked: loaded.append(asked.url))
    tab.reload()
    tab.wait_for_load_state("networkidle")
    assert not [url for url in loaded if re.search(r"/(charts|drawn|live)-", url)]
    counted(tab)
    expect(tab.locator(".chart-awake canvas")).to_have_count(1, timeout=WAIT_MS)
    assert [url for url in loaded if "/drawn-" in url]
    still = tab.locator(".chart-plot").bounding_box()
    assert still is not None
    live = tab.locator(".chart-live").bounding_box()
    assert live is not None
    assert abs(still["height"] - live["height"]) < 1  # nothing moves when a chart wakes
    tab.locator(".chart-live").hover()
    assert tab.evaluate("getComputedStyle(document.querySelector('.chart-field')).visibility") == "hidden"
    tab.emulate_media(media="print")
    assert tab.evaluate("getComputedStyle(document.querySelector('.chart-field')).visibility") == "visible"
    assert not tab.locator(".chart-live").is_visible()


def test_without_script_the_newest_and_the_way_to_reload_are_there(browser: Browser, market: Shop, tab: Page) -> None:
    market.told(order(5_550))
    counted(tab)
    cookies = tab.context.cookies()
    context = browser.new_context(base_url=market.url, java_script_enabled=False, locale="en")
    context.add_cookies(cookies)  # type: ignore[arg-type]
    plain = context.new_page()
    plain.goto("/console/overview?days=90")
    expect(plain.locator(".live-line", has_text="¥5,550")).to_have_count(1)
    expect(plain.get_by_role("link", name="Show the newest")).to_be_visible()
    expect(plain.locator(".live-pause")).to_be_hidden()
    expect(plain.locator(".chart-field rect")).not_to_have_count(0)
    plain.locator(".chart-table summary").click()
    expect(plain.locator(".chart-table tbody tr")).not_to_have_count(0)
    with plain.expect_download() as begun:
        plain.get_by_role("link", name="Download as CSV").click()
    saved = begun.value
    assert saved.suggested_filename == "points-by-month.csv"
    assert saved.path().read_text(encoding="utf-8-sig").startswith("Month,Issued,Used,Expired")
    context.close()
