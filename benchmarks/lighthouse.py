"""How the faces load: Lighthouse for the pages that members and anybody open on a phone, Chromium's own figures for the console.

Lighthouse is fetched from npm on demand into `out/lighthouse` and runs by the Node that the web build uses, in the system's
Chromium, headless, with its mobile preset (a slow phone on a slow line). Pages are really served, from a brand with purchases.
"""

import json
import os
import runpy
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import BrowserContext, Page, sync_playwright

from benchmarks.harness import BRAND, GROCER, OUT, ROOT, Figure, Home, home
from kizuna.core.ids import digest
from kizuna.runtime import tokens
from kizuna.runtime.clock import now
from kizuna.runtime.settings import Settings
from kizuna.web.requests import MEMBER_LINK

VERSION = "13.5.0"
TOOLS = OUT / "lighthouse"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
EMAIL = "owner@bench.example"
ORDERS = 40
QUIET_MS = 3_000
"""How long a page is given to fetch what it fetches after its load, its fonts above all."""
CONSOLE = {"sign_in": "/console/sign-in", "overview": "/console", "members": "/console/members"}
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")


def measure() -> list[Figure]:
    """Measure every page."""
    chromium = _chromium()
    node = _lighthouse()
    with home() as here:
        key = here.brand(BRAND, GROCER / "program.yaml")
        password = secrets.token_urlsafe(12)
        here.kizuna("owner", "create", "--email", EMAIL, "--password", password, "--brand", BRAND)
        with here.serving():
            member = _purchases(here, key)
            link = tokens.sign(
                Settings.load(here.env).secret(),
                MEMBER_LINK,
                {"brand": BRAND, "member": member},
                now() + timedelta(hours=1),
            )
            with _browser(chromium) as context:
                cookie = _enter(context.new_page(), here.port, link)
            pages = {
                "landing_ja": ("/p/bench", ""), "landing_en": ("/p/bench/en", ""), "my_page": ("/my", cookie),
            }  # fmt: skip
            figures = [
                figure
                for name, (path, sent) in pages.items()
                for figure in _audited(name, f"http://127.0.0.1:{here.port}{path}", sent, node, chromium)
            ]
            return figures + _console(here.port, password, chromium)


# Lighthouse


def _lighthouse() -> Path:
    """Return Node, with Lighthouse fetched beside it once."""
    node, npm = runpy.run_path(str(ROOT / "web" / "build_hook.py"))["tools"]()
    kept = TOOLS / "node_modules" / "lighthouse" / "package.json"
    if not kept.exists() or json.loads(kept.read_text(encoding="utf-8"))["version"] != VERSION:
        TOOLS.mkdir(parents=True, exist_ok=True)
        (TOOLS / "package.json").write_text('{"private": true}\n', encoding="utf-8")
        print(f"Fetching lighthouse {VERSION} …", flush=True)
        _run([node, npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", f"lighthouse@{VERSION}"], node)
    return Path(node)


def _run(command: list[Any], node: Path, **env: str) -> None:
    path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(
        [str(part) for part in command], cwd=TOOLS, env={**os.environ, "PATH": path, **env}, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{command[1]} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def _audited(name: str, url: str, cookie: str, node: Path, chromium: str) -> Iterator[Figure]:
    """Yield a page's four scores, its first load and what is wrong with it."""
    report = TOOLS / f"{name}.json"
    command = [
        node, TOOLS / "node_modules" / "lighthouse" / "cli" / "index.js", url, "--quiet", "--output=json",
        f"--output-path={report}", f"--only-categories={','.join(CATEGORIES)}",
        f"--chrome-flags=--headless=new {' '.join(_FLAGS)}",
    ]  # fmt: skip
    if cookie:
        command.append("--extra-headers=" + json.dumps({"Cookie": cookie}))
    _run(command, node, CHROME_PATH=chromium)
    told = json.loads(report.read_text(encoding="utf-8"))
    for category in CATEGORIES:
        yield Figure(
            f"{name}_{category.replace('-', '_')}", round(told["categories"][category]["score"] * 100), "of 100"
        )
    requests = told["audits"]["network-requests"]["details"]["items"]
    yield Figure(f"{name}_first_load", sum(one.get("transferSize", 0) for one in requests), "bytes")
    yield Figure(f"{name}_largest_paint", told["audits"]["largest-contentful-paint"]["numericValue"], "ms")
    for category in CATEGORIES:
        for one in told["categories"][category]["auditRefs"]:
            audit = told["audits"][one["id"]]
            if one["weight"] and audit["score"] is not None and audit["score"] < 1:
                print(f"  {name}: {audit['title']} ({audit['score']}) {audit.get('displayValue', '')}")


# The console, in Chromium itself


@dataclass(slots=True)
class Loaded:
    """What a page took: bytes over the wire, and its first paint after the navigation began."""

    transferred_bytes: int = 0
    first_paint_ms: float = 0.0


def _chromium() -> str:
    named = os.environ.get("KIZUNA_CHROMIUM")
    found = named or next(filter(None, map(shutil.which, _CHROMIUM)), None)
    if found is None:
        raise RuntimeError("Lighthouse needs Chromium: sudo apt-get install chromium, or name yours in KIZUNA_CHROMIUM")
    return found


@contextmanager
def _browser(chromium: str, state: Any = None) -> Iterator[BrowserContext]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(_FLAGS))
        yield browser.new_context(viewport={"width": 1440, "height": 900}, locale="ja-JP", storage_state=state)
        browser.close()


def _enter(tab: Page, port: int, link: str) -> str:
    tab.goto(f"http://127.0.0.1:{port}/my/enter/{link}")
    return "; ".join(f"{one['name']}={one['value']}" for one in tab.context.cookies(tab.url))


def _console(port: int, password: str, chromium: str) -> list[Figure]:
    """Return what each screen takes in a browser that has seen nothing, and when it is opened again."""
    figures = []
    with _browser(chromium) as context:
        _sign_in(context.new_page(), port, password)
        signed_in = context.storage_state()
    for name, path in CONSOLE.items():
        with _browser(chromium, None if name == "sign_in" else signed_in) as context:
            tab = context.new_page()
            cold = _load(tab, f"http://127.0.0.1:{port}{path}")
            warm = _load(tab, f"http://127.0.0.1:{port}{path}")
        figures += [
            Figure(f"console_{name}_first_paint", cold.first_paint_ms, "ms"),
            Figure(f"console_{name}_cold", cold.transferred_bytes, "bytes"),
            Figure(f"console_{name}_warm", warm.transferred_bytes, "bytes"),
        ]
    return figures


def _sign_in(tab: Page, port: int, password: str) -> None:
    tab.goto(f"http://127.0.0.1:{port}/console/sign-in")
    tab.fill("[name=email]", EMAIL)
    tab.fill("[name=password]", password)
    tab.click("[type=submit], form button")
    tab.wait_for_url(lambda url: "sign-in" not in url)


def _load(tab: Page, url: str) -> Loaded:
    """Open a page and count what comes over the wire until nothing more does."""
    loaded, wire = Loaded(), tab.context.new_cdp_session(tab)
    wire.send("Network.enable")
    wire.on("Network.loadingFinished", lambda told: _count(loaded, told["encodedDataLength"]))
    tab.goto(url, wait_until="load")
    tab.evaluate("document.fonts.ready.then(() => true)")
    tab.wait_for_timeout(QUIET_MS)
    loaded.first_paint_ms = tab.evaluate("performance.getEntriesByType('paint')[0]?.startTime ?? 0")
    wire.detach()
    return loaded


def _count(loaded: Loaded, size: float) -> None:
    loaded.transferred_bytes += int(size)


# What the pages show


def _purchases(here: Home, key: str) -> str:
    """Tell the API of purchases by a member over the last weeks, and return the member's id."""
    events = []
    for number in range(ORDERS):
        at = (now() - timedelta(days=number, hours=1)).isoformat()
        amount = 1_000 + int.from_bytes(digest("amount", str(number), size=2), "big") % 9_000
        data = {"order_id": f"B-{number:04}", "amount": amount, "currency": "JPY"}
        events.append({
            "specversion": "1.0", "id": f"order/{number}", "source": "bench", "type": "order.completed", "time": at,
            "subject": "customer:bench", "data": data,
        })  # fmt: skip
    url, headers = f"http://127.0.0.1:{here.port}/v1/events", {"authorization": f"Bearer {key}"}
    answer = httpx.post(url, json=events, headers=headers, timeout=30).raise_for_status()
    member: str = answer.json()[0]["member"]
    time.sleep(1)
    return member
