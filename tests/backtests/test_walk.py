"""A marketer's walk in a real browser: from a file on the desk to a candidate that is published, a worker at work beside it.

The pace is a person's: each step waits for what it reads, and the whole is far within a quarter of an hour.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from api.desk import new_shop, sign_in, tab_of
from api.served import SECRET, Site, served
from browser import chromium

pytestmark = pytest.mark.browser

ORDERS = Path(__file__).parents[2] / "examples" / "orders" / "orders.csv"
WALK_S_MAX = 15 * 60
GLANCE_MS = 250
"""How long a person looks before the next step, at least."""


@pytest.fixture(scope="module")
def site(own_server, tmp_path_factory) -> Iterator[Site]:
    with served(own_server, tmp_path_factory.mktemp("studio")) as running, working(running):
        yield running
        assert running.faults() == ""


@contextmanager
def working(site: Site) -> Iterator[None]:
    """Run `kizuna worker` until the block ends."""
    environment = os.environ | {
        "DATABASE_URL": site.server.locate(),
        "KIZUNA_HOME": str(site.log.parent),
        "KIZUNA_SECRET": SECRET,
        "KIZUNA_LOG_LEVEL": "error",
    }
    with (site.log.parent / "worker.log").open("wb") as out:
        process = subprocess.Popen([sys.executable, "-m", "kizuna", "worker"], env=environment, stdout=out, stderr=out)
        try:
            yield
        finally:
            process.terminate()
            assert process.wait(30) == 0


def press(shown: Page, name: str) -> None:
    """Press a button after a glance at the screen."""
    shown.wait_for_timeout(GLANCE_MS)
    shown.get_by_role("button", name=name, exact=True).click()


def test_from_a_file_on_the_desk_to_a_program_in_force(site: Site) -> None:
    with chromium() as browser:
        walk(site, browser)


def walk(site: Site, browser: Browser) -> None:
    _, email = new_shop(site)
    with tab_of(site) as tab:
        assert sign_in(tab, email).status_code == 303
        cookies = [{"name": one.name, "value": one.value, "url": f"{site.url}/console"} for one in tab.cookies.jar]
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="ja-JP", reduced_motion="reduce")
    context.add_cookies(cookies)
    shown = context.new_page()
    shown.set_default_timeout(8_000)
    heard: list[str] = []
    shown.on("pageerror", lambda error: heard.append(str(error)))
    shown.on("console", lambda said: heard.append(said.text) if said.type == "error" else None)
    began = time.monotonic()

    shown.goto(f"{site.url}/console")
    shown.get_by_role("link", name="分析", exact=True).click()
    shown.get_by_role("link", name="最初のバックテストを始める").click()
    shown.get_by_label("バックテストの名前").fill("還元率を上げたら")
    shown.get_by_label("購入のファイル", exact=False).first.check()
    shown.locator("#file").set_input_files(ORDERS)
    press(shown, "次へ進む")
    expect(shown.locator("h1")).to_contain_text("列")
    expect(shown.locator(".start-rows tbody tr")).to_have_count(12)
    press(shown, "案の設定へ進む")

    shown.get_by_label("案を追加").select_option("template:tiers")
    press(shown, "追加する")
    shown.get_by_label("案を追加").select_option("copy:1")
    press(shown, "追加する")
    expect(shown.locator(".backtests-card:not(.backtests-add)")).to_have_count(3)
    shown.locator("[id='d2.name']").fill("還元率2倍")
    shown.locator("[id='d2.points']").fill("２")
    slider = shown.locator(".backtests-card").nth(2).get_by_role("slider", name="ポイントの有効日数")
    slider.focus()
    slider.press("ArrowLeft")
    expect(shown.locator("[id='d2.days']")).to_have_value("360")
    shown.get_by_label("粗利率", exact=False).fill("30")
    shown.locator("#step").fill("10")
    press(shown, "実行する")
    expect(shown).to_have_url(re.compile("/result$"))
    expect(shown.locator("#side-by-side")).to_be_visible(timeout=60_000)
    expect(shown.get_by_text("最も得をする会員").first).to_be_visible()

    shown.get_by_role("link", name="会員1人の動き").click()
    shown.get_by_label("どの会員ですか？").fill("10001")
    press(shown, "この会員の動きを見る")
    expect(shown.locator("#way-3")).to_be_visible(timeout=60_000)
    shown.get_by_role("link", name="結果", exact=True).click()
    with shown.expect_download() as report:
        shown.get_by_role("link", name="日本語のレポート（HTML）").click()
    assert "還元率2倍" in Path(report.value.path()).read_text(encoding="utf-8")

    shown.get_by_role("button", name=re.compile("下書きにする.*還元率2倍")).click()
    expect(shown).to_have_url(re.compile("/console/program/draft/review$"))
    expect(shown.locator(".change").first).to_be_visible()
    press(shown, "公開する")
    expect(shown).to_have_url(re.compile("/console/program$"))
    expect(shown.locator("main")).to_contain_text("2 pt")
    assert time.monotonic() - began < WALK_S_MAX
    context.close()
    assert heard == []
