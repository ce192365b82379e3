"""Takes the pictures of README and docs from the running demo, so that they stay true: `make pictures`."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, Error, Page

from browser import chromium

PICTURES = Path(__file__).parent / "pictures"
PORT = "8091"


def main() -> None:
    """Bring the demo up, photograph it, let it go."""
    home = Path(os.environ["KIZUNA_HOME"])
    environment = os.environ | {"KIZUNA_PORT": PORT, "PYTHONUNBUFFERED": "1"}
    demo = subprocess.Popen(
        [sys.executable, "-m", "kizuna", "demo"], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        said = ""
        while "Names are generated" not in said:
            said += demo.stdout.readline()
        base = re.search(r"Console +(\S+)/console", said)[1]
        link = re.search(r"My Page +(\S+)", said)[1]
        password = json.loads((home / "demo" / "sign-in.json").read_text())["password"]
        with chromium() as browser:
            for lang in ("ja", "en"):
                _console(browser, base, password, lang)
            _public(browser, base)
            _my_page(browser, base, link)
    finally:
        demo.terminate()
        demo.wait()


def _console(browser: Browser, base: str, password: str, lang: str) -> None:
    page = browser.new_context(viewport={"width": 1280, "height": 860}, locale=lang).new_page()
    for _ in range(100):
        try:
            page.goto(f"{base}/console/sign-in?lang={lang}")
            break
        except Error:  # not listening yet
            page.wait_for_timeout(200)
    page.fill("#email", "owner@example.com")
    page.fill("#password", password)
    page.press("#password", "Enter")
    page.wait_for_url("**/console/*")
    page.goto(f"{base}/console/overview?days=365&lang={lang}")
    page.wait_for_timeout(12_000)  # a few customers come by
    _take(page, f"console-overview-{lang}")
    page.goto(f"{base}/console/members?q=さくら&lang={lang}")
    _take(page, f"console-members-{lang}")
    row = page.locator("tbody tr").nth(2).locator("a").first
    page.goto(base + re.sub(r"\?.*$", "", row.get_attribute("href")))
    _take(page, f"console-member-{lang}")
    page.keyboard.press("Control+k")
    page.keyboard.type("ゴールド" if lang == "ja" else "gold")
    page.wait_for_timeout(800)
    _take(page, f"console-palette-{lang}")
    page.goto(f"{base}/console/program?lang={lang}")
    _take(page, f"console-program-{lang}")


def _public(browser: Browser, base: str) -> None:
    for lang in ("ja", "en"):
        page = browser.new_context(viewport={"width": 1280, "height": 860}, locale=lang).new_page()
        page.goto(f"{base}/p/demo/{lang}")
        _take(page, f"landing-{lang}")


def _my_page(browser: Browser, base: str, link: str) -> None:
    phone = {"width": 390, "height": 760}
    for lang, scheme in (("ja", "light"), ("en", "dark")):
        page = browser.new_context(
            viewport=phone, locale=lang, color_scheme=scheme, is_mobile=True, java_script_enabled=False
        ).new_page()
        page.goto(link)
        for screen, path in (("home", "/my"), ("history", "/my/history"), ("card", "/my/card"), ("tier", "/my/tier")):
            page.goto(f"{base}{path}?lang={lang}")
            _take(page, f"my-{screen}-{lang}")


def _take(page: Page, name: str) -> None:
    page.wait_for_timeout(600)
    page.screenshot(path=PICTURES / f"{name}.png")


if __name__ == "__main__":
    main()
