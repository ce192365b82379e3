"""Every page of both faces in a real Chromium: at 360, 768 and 1440, in ja and en, light and dark.

axe finds nothing, nothing overflows, the keyboard reaches everything, nothing leaves the origin, and My Page reads without
JavaScript within 60 KB. Each combination leaves its picture in tests/screens/ and is held against a small one in tests/references/.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

import references
from kizuna.web.faces import STATIC, environment
from kizuna.web.template_check import check_source
from samples import CONSOLE_PAGES, MEMBER_PAGES, RARE
from web_samples import FaceServer, page

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
SCREENS = ROOT / "tests" / "screens"
LANGUAGES, SCHEMES, WIDTHS = ("ja", "en"), ("light", "dark"), (360, 768, 1440)
SCHEME_OF_A_RARE_SCREEN = {"ja": "light", "en": "dark"}  # empty, one, longest: fewer combinations, for time
PAGES = [*CONSOLE_PAGES, *MEMBER_PAGES]
SCREENS_OF_A_DAY = set(PAGES) - RARE
FIRST_LOAD_BYTES_MAX = 60_000
MEMBER_CSS_BYTES_MAX = 32_000  # a sixth of it goes over the wire

RUN_AXE = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations.map(
  v => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(" | ")}`)"""
OVERFLOW = """() => [...document.querySelectorAll("body *")].filter(e => {
  const box = e.getBoundingClientRect();
  return box.width > 0 && box.right > document.documentElement.clientWidth + 1 && !e.closest("svg, .unseen");
}).slice(0, 5).map(e => e.outerHTML.slice(0, 120))"""
CLIPPED = """() => [...document.querySelectorAll("body *")].filter(e => {
  const s = getComputedStyle(e), hides = v => v === "hidden" || v === "clip";
  return e.checkVisibility() && !e.closest("svg, .unseen, input, select, textarea") && s.clipPath === "none"
    && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())
    && (hides(s.overflowX) && e.scrollWidth > e.clientWidth + 1 || hides(s.overflowY) && e.scrollHeight > e.clientHeight + 2);
}).slice(0, 5).map(e => e.outerHTML.slice(0, 120))"""
REACHABLE = """() => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")].filter(
  e => e.checkVisibility() && !e.disabled && !(e.type === "radio" && !e.checked)
).map((e, i) => { e.dataset.stop = i; return e.dataset.stop; })"""


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    if not AXE.exists():
        pytest.fail(f"{AXE.relative_to(ROOT)} is missing; run: python web/build_hook.py", pytrace=False)
    made = browser.new_context(reduced_motion="reduce")
    made.add_init_script(path=AXE)
    yield made
    made.close()


@pytest.fixture(scope="module")
def tab(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def complaints(tab: Page, server: FaceServer) -> Iterator[list[str]]:
    """What the browser itself objects to while a page loads: policy, scripts, other hosts."""
    heard: list[str] = []
    listeners: dict[str, Callable[[Any], None]] = {
        "console": lambda message: heard.append(f"console: {message.text[:200]}"),
        "pageerror": lambda error: heard.append(f"script: {error}"),
        "request": lambda asked: (
            None if asked.url.startswith(server.origin) else heard.append(f"request: {asked.url[:200]}")
        ),
    }
    for event, listener in listeners.items():
        tab.on(event, listener)
    yield heard
    for event, listener in listeners.items():
        tab.remove_listener(event, listener)


@pytest.mark.parametrize("name", PAGES)
def test_page(name: str, tab: Page, complaints: list[str], server: FaceServer) -> None:
    remarks, seen = complaints, {}
    SCREENS.mkdir(exist_ok=True)
    for lang in LANGUAGES:
        tab.goto(f"{server.origin}/{name}?lang={lang}")
        assert tab.locator("html").get_attribute("lang") == lang
        tab.evaluate("document.fonts.ready")
        for scheme in SCHEMES if name in SCREENS_OF_A_DAY else (SCHEME_OF_A_RARE_SCREEN[lang],):
            tab.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            for width in WIDTHS if name in SCREENS_OF_A_DAY else (WIDTHS[0], WIDTHS[-1]):
                tab.set_viewport_size({"width": width, "height": 800})
                place = f"{name} {lang} {scheme} {width}"
                remarks += [f"{place} overflows: {found}" for found in tab.evaluate(OVERFLOW)]
                remarks += [f"{place} clips: {found}" for found in tab.evaluate(CLIPPED)]
                remarks += [f"{place} axe: {found}" for found in tab.evaluate(RUN_AXE)]
                shot = SCREENS / f"{name}-{lang}-{scheme}-{width}.jpg"
                picture = tab.screenshot(path=shot, type="jpeg", quality=80, full_page=True)
                seen[f"{lang} {scheme} {width}"] = references.small(picture, width)
        tab.evaluate("document.documentElement.dataset.theme = 'contrast'")
        remarks += [f"{name} {lang} contrast axe: {found}" for found in tab.evaluate(RUN_AXE)]
    assert remarks + references.check(name, seen) == []


@pytest.mark.parametrize("name", sorted(SCREENS_OF_A_DAY))
def test_the_keyboard_reaches_everything_and_shows_where_it_is(name: str, tab: Page, server: FaceServer) -> None:
    tab.set_viewport_size({"width": 768, "height": 800})
    tab.goto(f"{server.origin}/{name}?lang=ja")
    wanted = set(tab.evaluate(REACHABLE))
    tab.evaluate("document.activeElement.blur()")
    reached, unseen = set(), []
    parts = 4 * tab.locator("input[type=date]").count()  # a date is entered part by part, each a stop of its own
    for _ in range(len(wanted) + 3 + parts):
        tab.keyboard.press("Tab")
        stop, outline, words = tab.evaluate(
            """() => { const e = document.activeElement, s = getComputedStyle(e), a = getComputedStyle(e, "::after");
            return [e.dataset.stop ?? null, s.outlineStyle !== "none" || a.outlineStyle !== "none", e.outerHTML.slice(0, 120)] }"""
        )
        if stop is not None:
            reached.add(stop)
            unseen += [] if outline else [words]
    assert wanted - reached == set()
    assert unseen == []


@pytest.fixture(scope="module")
def plain(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 800})
    yield made
    made.close()


@pytest.mark.parametrize("name", MEMBER_PAGES)
def test_my_page_reads_without_javascript(name: str, plain: BrowserContext, server: FaceServer) -> None:
    tab, kinds = plain.new_page(), set()
    tab.on("request", lambda asked: kinds.add(asked.resource_type))
    tab.goto(f"{server.origin}/{name}?lang=ja")
    assert kinds.isdisjoint({"script", "font"})
    assert len(tab.locator("main").inner_text()) > 20
    if name == "home":
        tab.locator("summary").first.click()
        shown = tab.locator("main").inner_text()
        for text in (
            "山田 花子 さん",
            "12,300",
            "あと¥12,300でゴールド",
            "あと14日",
            "¥4,980 ÷ ¥200 × 1\xa0pt = 24.9\xa0pt",
        ):
            assert text in shown
    tab.close()


@pytest.mark.parametrize("name", MEMBER_PAGES)
def test_my_page_loads_within_60_kb_from_one_host(name: str) -> None:
    shown = page(name, "ja")
    named = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', shown))
    assert {Path(address).suffix for address in named} == {".css", ".svg"}
    files = [STATIC / address.removeprefix("/static/") for address in named]
    assert len(shown.encode()) + sum(file.stat().st_size for file in files) <= FIRST_LOAD_BYTES_MAX
    style = next(file for file in files if file.suffix == ".css")
    assert style.stat().st_size <= MEMBER_CSS_BYTES_MAX
    assert "url(" not in style.read_text(encoding="utf-8")
    if not name.startswith(
        "landing"
    ):  # a page for anybody names itself by its whole address; test_landing.py looks at those
        own = (
            *(f"https{sign}points.komorebi.example" for sign in ("://", "%3A//")),
            "http-equiv",
            "http://www.w3.org/",
        )
        for words in own:  # a link that is handed on names this very site
            shown = shown.replace(words, "")
        assert "http" not in shown


def test_search_finds_while_typing_and_without_script(tab: Page, plain: BrowserContext, server: FaceServer) -> None:
    tab.goto(f"{server.origin}/console/members")
    tab.locator("#q").press_sequentially("鈴木")
    expect(tab.locator("tbody tr")).to_have_count(1)
    expect(tab).to_have_url(re.compile(r"/console/members\?q=%E9%88%B4%E6%9C%A8$"))
    assert tab.evaluate("document.activeElement.id") == "q"
    without = plain.new_page()
    without.goto(f"{server.origin}/console/members")
    without.locator("#q").fill("鈴木")
    without.locator("#q").press("Enter")
    expect(without.locator("tbody tr")).to_have_count(1)


def test_ten_thousand_members_are_paged_by_cursor() -> None:
    shown = page("members", "en")
    assert "10,000 members" in shown
    assert 'rel="prev" href="/console/members?cursor=p"' in shown
    assert 'rel="next" href="/console/members?cursor=n"' in shown


def test_text_from_outside_is_escaped() -> None:
    assert "&lt;script&gt;" in page("hostile", "ja")
    assert "<script>alert" not in page("hostile", "ja")


@pytest.mark.parametrize(
    ("source", "remark"),
    [
        ("<p>Hello</p>", "untranslated text"),
        ('<input placeholder="Name">', "untranslated placeholder"),
        ('<p style="color: red">{{ _("Hello") }}</p>', "attribute style"),
        ('<p onclick="go()">1</p>', "attribute onclick"),
        ("<script>go()</script>", "inline"),
        ("{% if %}", "Expected an expression"),
    ],
)
def test_the_template_check_sees(source: str, remark: str) -> None:
    assert any(remark in found for found in check_source("x.html", source, environment()))


def test_the_template_check_lets_pass() -> None:
    source = '<p class="{{ a }}">{{ _("Hello") }} — 12</p><b translate="no">Kizuna</b><script src="x.js"></script>'
    assert check_source("x.html", source, environment()) == []
