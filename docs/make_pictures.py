"""Takes the pictures of README and docs from the running demo, so that they stay true: `make pictures`."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, Error

from browser import chromium

PICTURES = Path(__file__).parent / "pictures"


def main() -> None:
    """Bring the demo up, photograph it, let it go."""
    home = Path(os.environ["KIZUNA_HOME"])
    environment = os.environ | {"KIZUNA_PORT": "8091", "PYTHONUNBUFFERED": "1"}
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
            _console(browser, base, password)
            _my_page(browser, base, link)
    finally:
        demo.terminate()
        demo.wait()


def _console(browser: Browser, base: str, password: str) -> None:
    page = browser.new_context(viewport={"width": 1280, "height": 800}, locale="ja-JP").new_page()
    for _ in range(100):
        try:
            page.goto(f"{base}/console")
            break
        except Error:  # not listening yet
            page.wait_for_timeout(200)
    page.fill("#email", "owner@example.com")
    page.fill("#password", password)
    page.press("#password", "Enter")
    page.wait_for_url("**/members*")
    page.goto(f"{base}/console/members?q=さくら")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=PICTURES / "console-members.png")
    page.click("table a >> nth=3")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=PICTURES / "console-member.png")


def _my_page(browser: Browser, base: str, link: str) -> None:
    phone = {"width": 390, "height": 760}
    for lang, scheme in (("ja", "light"), ("en", "dark")):
        page = browser.new_context(
            viewport=phone, locale=lang, color_scheme=scheme, is_mobile=True, java_script_enabled=False
        ).new_page()
        page.goto(link)
        for screen, path in (("home", "/my"), ("history", "/my/history"), ("card", "/my/card")):
            page.goto(f"{base}{path}?lang={lang}")
            page.screenshot(path=PICTURES / f"my-{screen}-{lang}.png")


if __name__ == "__main__":
    main()
