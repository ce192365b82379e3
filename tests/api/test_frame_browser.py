"""What stands around every screen, in a real Chromium: by keyboard, live, without script, and when nothing works."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from api.desk import JOBS, SIGN_IN, end_sessions, furnished, new_shop, run_jobs
from api.served import PASSWORD, Shop, Site
from browser import chromium


@pytest.fixture(scope="module")
def desk(site: Site) -> tuple[Shop, str]:
    with ThreadPoolExecutor(1) as thread:  # the browser's loop runs in this one
        return thread.submit(furnished, site).result()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@contextmanager
def opened(browser: Browser, url: str, email: str, **how) -> Iterator[Page]:
    context = browser.new_context(locale="ja-JP", viewport={"width": 1280, "height": 800}, **how)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.goto(f"{url}{SIGN_IN}?next={JOBS}")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.click(".door-form button")
    page.wait_for_url(url + JOBS)
    yield page
    context.close()
    assert faults == []


@pytest.mark.browser
def test_the_palette_is_used_by_keyboard_alone(browser, site, desk):
    with opened(browser, site.url, desk[1]) as page:
        page.keyboard.press("Control+k")
        field = page.get_by_role("combobox", name="検索と操作")
        expect(field).to_be_focused()
        expect(page.get_by_role("option").first).to_be_visible()
        field.press_sequentially("絆 花")
        option = page.get_by_role("option", name="絆 花子")
        expect(option).to_have_attribute("aria-selected", "true")
        assert field.get_attribute("aria-activedescendant") == option.get_attribute("id")
        page.keyboard.press("Escape")
        expect(field).to_be_hidden()
        page.keyboard.press("Control+k")
        field.press_sequentially("heru")
        expect(page.locator(".palette-none")).to_be_visible()
        field.fill("ヘルプ")
        expect(page.get_by_role("option")).to_have_count(1)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url("**/console/help")
        page.keyboard.press("Control+k")
        expect(page.get_by_role("option").first).to_have_text("ヘルプ")  # searched before
        field.fill("暗い")
        expect(page.get_by_role("option")).to_have_count(1)
        page.keyboard.press("Enter")
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        expect(page).to_have_url(re.compile("/console/help$"))
        page.click(".me-button")
        page.locator("#me button[value=system]").click()
        expect(page.locator("html")).to_have_attribute("data-theme", "system")


@pytest.mark.browser
def test_the_frame_works_without_script(browser, site, desk):
    with opened(browser, site.url, desk[1], java_script_enabled=False) as page:
        page.click(".top-search")
        page.fill("#q", "A-1001")
        page.keyboard.press("Enter")
        expect(page.get_by_text("csv:shop")).to_be_visible()
        page.click(".bell")
        expect(page.get_by_role("heading", name="お知らせ", level=1)).to_be_visible()
        page.click("[popovertarget=help]")
        expect(page.get_by_role("complementary", name="この画面のヘルプ")).to_be_visible()
        page.keyboard.press("Escape")
        page.click(".me-button")
        page.locator("#me button[value=dark]").click()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        page.click(".me-button")
        page.locator("#me button[value=system]").click()


@pytest.mark.browser
def test_a_job_is_followed_live_and_its_end_is_told_elsewhere(browser, site):
    shop, email = new_shop(site)
    with opened(browser, site.url, email) as page:
        page.click(f"form[action='{JOBS}/verify'] button")
        page.wait_for_url(re.compile(r"/console/jobs/\d+$"))
        expect(page.locator("main").get_by_text("待機中")).to_be_visible()
        run_jobs(shop)
        expect(page.locator("main").get_by_text("完了", exact=True)).to_be_visible(timeout=10_000)
        page.goto(site.url + JOBS)
        page.click(f"form[action='{JOBS}/verify'] button")
        page.wait_for_url(re.compile(r"/console/jobs/\d+$"))
        page.goto(f"{site.url}/console/help")
        expect(page.locator(".bell-busy, .bell-count")).to_be_visible()
        page.wait_for_timeout(500)
        run_jobs(shop)
        expect(page.locator(".band").get_by_text("台帳の検証")).to_be_visible(timeout=10_000)
        with page.expect_response(re.compile(r"/console/notices/seen$")):
            page.click(".bell")
        expect(page.locator("#notices").get_by_text("すべての残高が履歴と一致しました").first).to_be_visible()
        page.reload()
        expect(page.locator(".bell-count")).to_have_count(0)


@pytest.mark.browser
def test_a_session_that_ends_under_ones_hands_loses_nothing(browser, site, desk):
    shop, email = desk
    with opened(browser, site.url, email) as page:
        end_sessions(shop, email)
        page.click(f"form[action='{JOBS}/verify'] button")
        dialog = page.get_by_role("dialog", name="ログインの期限が切れました。")
        expect(dialog).to_be_visible()
        dialog.get_by_role("button", name="ログインしたので続ける").click()
        expect(dialog.get_by_text("まだログインしていません。")).to_be_visible()
        with page.context.expect_page() as other:
            dialog.get_by_role("link", name="新しいタブでログイン").click()
        door = other.value
        door.goto(f"{site.url}{SIGN_IN}?next={JOBS}")
        door.fill("#email", email)
        door.fill("#password", PASSWORD)
        door.click(".door-form button")
        door.wait_for_url(site.url + JOBS)
        dialog.get_by_role("button", name="ログインしたので続ける").click()
        page.wait_for_url(re.compile(r"/console/jobs/\d+$"))
    with opened(browser, site.url, email, java_script_enabled=False) as page:
        end_sessions(shop, email)
        page.click(".me-button")
        page.locator("#me button[value=dark]").click()
        expect(page.get_by_text("入力した内容は保管しています")).to_be_visible()
        page.fill("#email", email)
        page.fill("#password", PASSWORD)
        page.click(".door-form button")
        expect(page.get_by_role("heading", name="入力した内容は残っています")).to_be_visible()
        page.get_by_role("button", name="もう一度送る").click()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        page.click(".me-button")
        page.locator("#me button[value=system]").click()


@pytest.mark.browser
def test_a_server_that_is_away_is_named_and_what_was_asked_can_be_asked_again(browser, site, desk):
    with opened(browser, site.url, desk[1]) as page:
        page.context.set_offline(True)
        page.click(f"form[action='{JOBS}/verify'] button")
        band = page.get_by_role("alert")
        expect(band).to_contain_text("サーバーに接続できません。 入力した内容はこの画面に残っています。")
        expect(page).to_have_url(re.compile(f"{JOBS}$"))
        page.get_by_role("link", name="お知らせ").evaluate("e => e.blur()")
        page.locator(".tasks a[href='/console/settings']").click()
        page.wait_for_timeout(200)
        expect(page).to_have_url(re.compile(f"{JOBS}$"))
        expect(band).to_be_visible()
        page.context.set_offline(False)
        band.get_by_role("button", name="もう一度試す").click()
        page.wait_for_url("**/console/settings")


@pytest.mark.browser
def test_what_takes_long_says_so_and_is_not_sent_twice(browser, site, desk):
    with opened(browser, site.url, desk[1]) as page:
        held = []

        def hold(route) -> None:
            held.append(route)

        page.route("**/console/alive", hold)
        page.clock.install()
        button = page.locator(f"form[action='{JOBS}/verify'] button")
        button.click()
        expect(page.locator("form[data-sending]")).to_have_count(1)
        button.dispatch_event("click")
        page.clock.fast_forward(500)
        expect(page.locator(".hurry")).to_be_attached()
        page.clock.fast_forward(8_000)
        band = page.get_by_role("status").filter(has_text="時間がかかっています。")
        expect(band).to_be_visible()
        assert len(held) == 1
        band.get_by_role("button", name="やめる").click()
        expect(page.locator(".hurry")).to_have_count(0)
        expect(page.locator("form[data-sending]")).to_have_count(0)
        page.unroute("**/console/alive")
        button.click()
        page.wait_for_url(re.compile(r"/console/jobs/\d+$"))
