"""The whole first run over HTTP on the real database: from a brand that has nothing to a program in force and a history.

What a person may do wrong on the way is told under its field; what was typed stays; nothing counts twice.
"""

import asyncio
import html
import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser, expect

from api.served import PASSWORD, TLS, Shop, Site, run_on, served
from browser import chromium
from kizuna.app import handlers
from kizuna.connect import csv
from kizuna.runtime import jobs, uploads
from kizuna.runtime.jobs import work_once
from kizuna.runtime.settings import Settings

ORDERS = Path(__file__).parents[2] / "examples" / "orders" / "orders.csv"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40"><script>alert(1)</script><circle r="9"/></svg>'
LOOK = {"name": "こもれび商店", "languages": "ja,en", "colour": "", "colour-was": "", "logo": ""}


@pytest.fixture(scope="module")
def site(server, tmp_path_factory) -> Iterator[Site]:
    with served(server, tmp_path_factory.mktemp("start")) as running:
        yield running
        assert running.faults() == ""


class Tab:
    """A signed-in person's browser without script."""

    def __init__(self, shop: Shop, lang: str = "ja") -> None:
        self.shop, self.email = shop, f"{uuid4().hex[:8]}@example.com"
        shop.owner(self.email)
        self.http = httpx.Client(verify=TLS, base_url=shop.url, timeout=30, headers={"accept-language": lang})
        token = re.search(r'name="csrf" value="([^"]+)"', self.http.get("/console/sign-in").text)[1]
        fields = {"csrf": token, "email": self.email, "password": PASSWORD}
        assert self.http.post("/console/sign-in", data=fields).status_code == 303

    def get(self, path: str) -> httpx.Response:
        return self.http.get(path, follow_redirects=True)

    def hidden(self, path: str) -> dict[str, str]:
        """The hidden fields of the last form of a page, as a browser sends them."""
        form = self.get(path).text.rpartition("<main")[2]
        found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
        return {name: html.unescape(value) for name, value in found}

    def send(self, path: str, fields: dict[str, str], files=None, at: str | None = None) -> httpx.Response:
        hidden = {name: value for name, value in self.hidden(at or path).items() if name not in fields}
        return self.http.post(path, data=hidden | fields, files=files)


@pytest.fixture
def tab(site: Site) -> Tab:
    return Tab(site.open_shop(None))


def page(answer: httpx.Response, status: int = 200) -> str:
    assert answer.status_code == status, answer.text[:500]
    return html.unescape(answer.text)


def leads(answer: httpx.Response, path: str) -> None:
    assert (answer.status_code, answer.headers.get("location")) == (303, path), answer.text[:500]


def work(shop: Shop) -> None:
    """Let a worker do what there is to do."""

    async def story(db) -> None:
        kinds = {handler.kind: handler for handler in handlers(Settings.load({}))}
        while await work_once(db, shop.brand, kinds):
            pass

    run_on(shop.server, story)


def test_the_whole_way_from_nothing_to_a_program_with_a_history(tab):
    for path in ("/console/members", "/console/overview", "/console/program"):
        leads(tab.http.get(path), "/console/start")
    leads(tab.http.get("/console/start"), "/console/start/look")

    answer = tab.send("/console/start/look", LOOK | {"colour": "#2F7D4F", "next": "1"}, {"logo-file": ("l.svg", SVG)})
    leads(answer, "/console/start/program")
    assert "こもれび商店" in page(tab.get("/console/start/program"))
    leads(tab.http.get("/console/start"), "/console/start/program")

    leads(tab.send("/console/start/program", {"template": "tiers"}), "/console/start/numbers")
    shown = page(tab.get("/console/start/numbers"))
    assert "シルバー" in shown
    numbers = {
        "name-ja": "こもれびメンバーズ", "name-en": "Komorebi Members", "per": "２００", "points": "1", "rounding": "nearest",
        "expires": "days", "days": "90", "rung-0-ja": "会員", "rung-0-en": "Member", "rung-1-ja": "ゴールド", "rung-1-en": "Gold",
        "at-1": "¥５，０００", "try": "4,980",
    }  # fmt: skip
    leads(tab.send("/console/start/numbers", numbers | {"next": "1"}), "/console/start/import")
    leads(tab.http.get("/console/start"), "/console/start/numbers")

    answer = tab.send("/console/start/import", {}, {"file": ("C:\\書類\\去年の注文.csv", ORDERS.read_bytes())})
    assert answer.status_code == 303
    columns = answer.headers["location"]
    shown = page(tab.get(columns))
    for text in ("去年の注文.csv", "KM-20260105-001", "¥3,280", "渋谷店", "¥46,870"):
        assert text in shown
    chosen = {
        "order_id": "注文番号",
        "member": "会員番号",
        "time": "注文日時",
        "amount": "合計金額",
        "member_kind": "customer",
        "level": "order",
    }
    leads(tab.send(columns, chosen | {"next": "1"}), "/console/start/review")

    shown = page(tab.get("/console/start/review"))
    for text in ("¥200ごとに1\xa0pt", "四捨五入", "90日間", "¥5,000から", "去年の注文.csv"):
        assert text in shown
    review = tab.hidden("/console/start/review")
    for _ in range(2):  # sent twice, it publishes once
        leads(tab.http.post("/console/start/review", data=review), "/console/start/done")
    assert "始まりました" in page(tab.get("/console/start/done"))
    assert [row["version"] for row in tab.shop.sql("SELECT version FROM program_version")] == [1]

    (job,) = run_jobs(tab.shop)
    work(tab.shop)
    (job,) = run_jobs(tab.shop)
    assert job.state is jobs.JobState.DONE
    assert {name: job.result[name] for name in ("orders", "replayed", "rejected_orders", "members_new")} == {
        "orders": 12, "replayed": 0, "rejected_orders": 0, "members_new": 6,
    }  # fmt: skip
    shown = page(tab.get(f"/console/imports/{job.about['upload']}"))
    assert "去年の注文.csv" in shown
    assert "12" in shown

    assert "こもれびメンバーズ" in page(tab.get("/console/program"))
    assert tab.get("/console/members").status_code == 200


def run_jobs(shop: Shop) -> list[jobs.Job]:
    async def story(db):
        async with db.lend(shop.brand.schema) as conn:
            return await jobs.recent(conn)

    return run_on(shop.server, story)


def test_without_past_purchases_it_takes_three_forms(tab):
    leads(tab.send("/console/start/look", LOOK | {"next": "1"}), "/console/start/program")
    leads(tab.send("/console/start/program", {"template": "simple"}), "/console/start/numbers")
    assert "いまは取り込まない" in page(tab.get("/console/start/import"))
    leads(tab.send("/console/start/review", {}), "/console/start/done")
    assert run_jobs(tab.shop) == []
    for path in ("/console/start", "/console/start/program", "/console/start/numbers", "/console/start/review"):
        assert "始まりました" in page(tab.get(path)), path


def test_a_template_keeps_its_numbers_while_another_is_looked_at(tab):
    tab.send("/console/start/program", {"template": "simple"})
    fields = {"name-ja": "私の", "name-en": "Mine", "per": "150", "points": "2", "expires": "never", "rounding": "up"}
    leads(tab.send("/console/start/numbers", fields), "/console/start/import")
    tab.send("/console/start/program", {"template": "return"})
    assert 'value="45"' in page(tab.get("/console/start/numbers"))
    tab.send("/console/start/program", {"template": "simple"})
    shown = page(tab.get("/console/start/numbers"))
    assert 'value="150"' in shown
    assert 'value="私の"' in shown


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"per": "百円"}, "per", "「百円」は金額ではありません"),
        ({"per": ""}, "per", "まだ入力されていません"),
        ({"points": "0"}, "points", "0は1から10,000の範囲にありません"),
        ({"days": "1.5"}, "days", "「1.5」は整数ではありません"),
        ({"name-ja": " "}, "name-ja", "まだ入力されていません"),
        ({"at-2": "30,000"}, "at-2", "「ゴールド」は「シルバー」より高い購入額"),
        ({"points": "10,000", "per": "1"}, "per", "この数字ではプログラムになりません"),
    ],
)
def test_a_number_that_cannot_be_used_is_told_under_its_field(tab, typed, field, words):
    tab.send("/console/start/program", {"template": "tiers"})
    fields = {
        "name-ja": "私の", "name-en": "Mine", "per": "100", "points": "1", "days": "365", "expires": "days", "rounding": "down",
        "rung-0-ja": "会員", "rung-0-en": "Member", "rung-1-ja": "シルバー", "rung-1-en": "Silver", "at-1": "30000",
        "rung-2-ja": "ゴールド", "rung-2-en": "Gold", "at-2": "100000",
    } | typed  # fmt: skip
    shown = page(tab.send("/console/start/numbers", fields), 422)
    assert re.search(rf'id="{field}-error">.*?{re.escape(words)}', shown, re.DOTALL)
    assert f'href="#{field}"' in shown
    for name, value in typed.items():
        if value.strip():
            assert f'name="{name}" type="text" value="{value}"' in shown, "what was typed comes back"


def test_the_example_is_reckoned_by_the_engine_while_one_types(tab):
    tab.send("/console/start/program", {"template": "simple"})
    fields = tab.hidden("/console/start/numbers") | {
        "name-ja": "私の", "name-en": "M", "per": "150", "points": "2", "expires": "never", "rounding": "up", "try": "１，０００",
    }  # fmt: skip
    shown = page(tab.http.post("/console/start/numbers/example", data=fields))
    assert "<html" not in shown
    assert "¥1,000" in shown
    assert ">14<" in shown, "1,000 × 2 ÷ 150 is 13.3…, rounded up"


def test_the_second_of_two_who_edit_the_draft_is_told(tab):
    other = Tab(tab.shop)
    tab.send("/console/start/program", {"template": "simple"})
    fields = {"name-ja": "私の", "name-en": "Mine", "per": "100", "points": "1", "expires": "never", "rounding": "down"}
    seen = other.hidden("/console/start/numbers")
    leads(tab.send("/console/start/numbers", fields), "/console/start/import")
    answer = other.http.post("/console/start/numbers", data=seen | fields | {"per": "300"})
    shown = page(answer, 409)
    assert f"{tab.email}さんが" in shown
    assert 'value="300"' in shown
    stale = other.hidden("/console/start/review")
    leads(tab.send("/console/start/numbers", fields | {"per": "200"}), "/console/start/import")
    assert f"{tab.email}さんが" in page(other.http.post("/console/start/review", data=stale), 409)
    assert tab.shop.sql("SELECT version FROM program_version") == []


@pytest.mark.parametrize(
    "path", ["/console/start/look", "/console/start/program", "/console/start/numbers", "/console/start/import",
             "/console/start/review", "/console/settings", "/console/imports/new"],
)  # fmt: skip
def test_every_form_asks_for_its_token(tab, path):
    assert tab.http.post(path, data={"template": "simple", "next": "1"}).status_code == 403
    assert tab.shop.sql("SELECT 1 FROM program_draft") == []


# Pictures


def png(width: int, height: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\x00" * min((width + 1) * height, 1 << 20))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


ENTITIES = b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg">&b;</svg>'


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"%PDF-1.7 not a picture", "ここで使える画像ではありません"),
        (b"<html><body>hello</body></html>", "ここで使える画像ではありません"),
        (png(8, 8)[:-20], "PNGファイルは壊れている"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "JPEGファイルは壊れている"),
        (b"RIFF\x00\x10\x00\x00WEBPVP8 ", "WEBPファイルは壊れている"),
        (b"<svg><g></svg>", "SVGファイルは壊れている"),
        (ENTITIES, "SVGファイルは壊れている"),
        (png(40_000, 40_000), "40,000 × 40,000ピクセル"),
        (SVG + b" " * (512 * 1024), "ロゴは512 KBまで"),
    ],
)
def test_what_is_no_logo_is_refused_with_its_remedy(tab, raw, words):
    shown = page(
        tab.send("/console/start/look", LOOK | {"name": "残る名前", "next": "1"}, {"logo-file": ("logo.png", raw)}), 422
    )
    assert words in shown
    assert 'value="残る名前"' in shown
    assert "次の名前" not in shown


def test_a_logo_is_served_so_that_nothing_in_it_runs(tab):
    tab.send("/console/start/look", LOOK | {"next": "1", "colour": "#e60033"}, {"logo-file": ("x.txt", SVG)})
    shown = page(tab.get("/console/settings"))
    address = re.search(r'<img src="(/look/[^"]+)"', shown)[1]
    answer = tab.http.get(address)
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, "image/svg+xml", SVG)
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "immutable" in answer.headers["cache-control"]
    assert httpx.get(tab.shop.url + address[:-1] + "0", verify=TLS).status_code in {200, 404}

    shown = page(tab.send("/console/settings", LOOK | {"remove-logo": "1", "logo": address.rpartition("/")[2]}))
    assert "<img" not in shown.partition("<main")[2]
    tab.send("/console/settings", LOOK | {"logo": "", "save": "1"})
    assert "<img" not in page(tab.get("/console/settings")).partition("<main")[2]


@pytest.mark.parametrize("name", ["zzzzzz-1", "1c4c7d-2", "1c4c7d", "1c4c7d-1}body{color:red"])
def test_only_styles_of_ours_are_served(tab, name):
    assert tab.http.get(f"/look/{tab.shop.brand.slug}/{name}.css").status_code == 404
    answer = tab.http.get(f"/look/{tab.shop.brand.slug}/1c4c7d-1.css")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert "immutable" in answer.headers["cache-control"]


# Settings


def test_the_settings_keep_name_look_and_words_and_members_see_them(tab):
    words = {"tagline-ja": "森の　そばの店", "support-ja": "care@example.jp", "terms-ja": "https://example.jp/規約"}
    leads(tab.send("/console/settings", LOOK | words | {"colour": "＃ＡＢＣ", "save": "1"}), "/console/settings")
    shown = page(tab.get("/console/settings"))
    for value in ("こもれび商店", "#aabbcc", "森の そばの店", "care@example.jp", "https://example.jp/規約"):
        assert f'value="{value}"' in shown
    shown = page(
        tab.send("/console/settings", LOOK | {"terms-ja": "javascript:alert(1)", "languages": "fr", "save": "1"}), 422
    )
    assert "会員が開ける宛先ではありません" in shown
    assert "会員のページの言語を選んでください" in shown
    assert 'value="javascript:alert(1)"' in shown, "what was typed comes back, and links nowhere"
    assert 'href="javascript' not in shown


def test_another_process_sees_a_new_name_within_seconds(tab, server, tmp_path):
    with served(server, tmp_path) as second:
        elsewhere = Tab(Shop(second.url, server, tab.shop.brand, tab.shop.key))
        assert "絆マート" in page(elsewhere.get("/console/settings"))
        tab.send("/console/settings", LOOK | {"save": "1"})
        asyncio.run(asyncio.sleep(2.2))
        assert "こもれび商店" in page(elsewhere.get("/console/settings"))


# Past purchases


def send_file(
    tab: Tab, text: str | bytes, name: str = "orders.csv", path: str = "/console/imports/new"
) -> httpx.Response:
    raw = text.encode() if isinstance(text, str) else text
    return tab.send(path, {}, {"file": (name, raw)})


@pytest.fixture
def live(site: Site) -> Tab:
    return Tab(site.open_shop())


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "ファイルが選ばれていないか、空です"),
        (b"PK\x03\x04 workbook", "Excelのブック"),
        (b"PAR1 cut off", "途中で切れているようです"),
        (b"\n\n", "行がありません"),
    ],
)
def test_what_is_no_file_of_purchases_is_refused(live, raw, words):
    answer = send_file(live, raw)
    assert answer.status_code in {413, 422}
    assert words in page(answer, answer.status_code)
    assert live.shop.sql("SELECT 1 FROM upload") == []


BAD = """受注番号,購入日,会員コード,お支払金額,店名
A-1,2026/01/05,10001,"１，２００円",渋谷店
A-2,2026/02/30,10002,900円,渋谷店
A-3,2026/01/07,,800円,渋谷店
A-4,2026/01/08,10003,たくさん,渋谷店
A-5,2026/01/09,10003,500,渋谷店
"""


def test_an_import_into_a_live_brand_tells_what_it_does_not_take(live):
    answer = send_file(live, BAD.encode("cp932"), "1月.csv")
    columns = answer.headers["location"]
    assert columns.startswith("/console/imports/")
    shown = page(live.get(columns))
    for text in ("4行目", "渋谷店", "日時ではありません", "空です", "金額ではありません", "¥1,200"):
        assert text in shown, text
    fields = {
        "order_id": "受注番号", "member": "会員コード", "time": "購入日", "amount": "お支払金額", "store": "店名",
        "member_kind": "customer", "level": "order",
    }  # fmt: skip
    wrong = page(live.send(columns, fields | {"amount": "", "next": "1"}), 422)
    assert "列が選ばれていません" in wrong
    asked = [live.send(columns, fields | {"next": "1"}).headers["location"] for _ in range(2)]
    assert asked[0] == asked[1], "asked for twice, it is one job"
    work(live.shop)
    shown = page(live.get(columns))
    rejects = re.search(r'href="(/console/imports/rejects/\d+)"', shown)[1]
    file = live.http.get(rejects)
    assert file.headers["content-disposition"].startswith("attachment")
    text = file.content.decode("utf-8-sig")
    assert len(text.splitlines()) == 4
    assert "日時ではありません" in text
    (job,) = run_jobs(live.shop)
    assert (job.result["orders"], job.result["rejected_orders"], job.result["rejected_rows"]) == (2, 3, 3)
    assert job.result["points_issued"] == 17
    assert job.result["points_lapsed"] == 17, "the program's points last 90 days"
    assert live.http.get(rejects.replace("rejects/", "rejects/9")).status_code == 404

    again = send_file(live, BAD.encode("cp932"), "もう一度.csv").headers["location"]
    live.send(again, fields | {"next": "1"})
    work(live.shop)
    assert run_jobs(live.shop)[0].result["orders"] == 0, "nothing counts twice"


def test_an_import_that_is_stopped_goes_on_where_it_was(live):
    rows = "".join(f"B-{n},2026-03-{1 + n % 28:02d} 10:00,{n % 700},1000\n" for n in range(3_000))
    columns = send_file(live, "order_id,time,customer_id,amount\n" + rows).headers["location"]
    fields = {
        "order_id": "order_id",
        "member": "customer_id",
        "time": "time",
        "amount": "amount",
        "level": "order",
        "next": "1",
    }
    number = int(live.send(columns, fields).headers["location"].rpartition("/")[2])

    class StopsAfter(jobs.Tell):
        def stop_if_asked(self) -> None:
            if self.done >= 1_000 and self.phase == "Posting orders":
                raise jobs.Cancelled

    async def story(db):
        run = {handler.kind: handler for handler in handlers(Settings.load({}))}[csv.KIND].run
        async with db.lend(live.shop.brand.schema) as conn:
            job = await jobs.find(conn, number)
        with pytest.raises(jobs.Cancelled):
            await run(db, live.shop.brand, job, StopsAfter())
        async with db.lend(live.shop.brand.schema) as conn:
            posted = await conn.fetchval("SELECT count(*) FROM event")
            kept = await uploads.find_upload(conn, job.about["upload"])
        return posted, kept.name, await run(db, live.shop.brand, job, jobs.Tell())

    posted, name, result = run_on(live.shop.server, story)
    assert 1_000 <= posted < 3_000
    assert name == "orders.csv"
    assert result["orders"] + result["replayed"] == 3_000
    assert live.shop.sql("SELECT count(*) FROM event")[0][0] == 3_000


def test_a_stranger_reads_no_file(site, live):
    columns = send_file(live, ORDERS.read_bytes()).headers["location"]
    stranger = Tab(site.open_shop())
    assert stranger.http.get(columns).status_code == 404


@pytest.mark.browser
def test_the_way_in_a_browser_at_a_phones_width(tab, tmp_path):
    logo = tmp_path / "logo.svg"
    logo.write_bytes(SVG)
    with chromium() as browser:
        walk(browser, tab, logo)


def walk(browser: Browser, tab: Tab, logo: Path) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 780}, locale="ja-JP", reduced_motion="reduce")
    for cookie in tab.http.cookies.jar:
        context.add_cookies([{"name": cookie.name, "value": cookie.value, "url": f"{tab.shop.url}/console"}])
    shown = context.new_page()
    heard: list[str] = []
    shown.on("pageerror", lambda error: heard.append(str(error)))
    shown.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)

    def fits() -> None:
        shown.wait_for_load_state()
        shown.wait_for_function("document.documentElement.scrollWidth <= innerWidth", timeout=10_000)

    shown.goto(f"{tab.shop.url}/console")
    expect(shown).to_have_url(re.compile("/console/start/look$"))
    fits()
    shown.locator("#colour").fill("#2f7d4f")
    expect(shown.locator("#look-style")).to_have_attribute("href", re.compile("part-2f7d4f-"))
    shown.locator("#logo-file").set_input_files(logo)
    expect(shown.locator(".logo-now img")).to_be_visible()
    shown.locator(".start-ways [name=next]").click()
    shown.get_by_text("また来たくなるポイント").click()
    fits()
    shown.get_by_role("button", name="数字を決める").click()
    shown.locator("[name=per]").fill("２００")
    expect(shown.locator("#example")).to_contain_text("124")
    fits()
    shown.locator(".start-ways [name=next]").click()
    shown.locator("#file").set_input_files(ORDERS)
    shown.get_by_role("button", name="ファイルを送る").click()
    expect(shown.locator(".start-rows tbody tr")).to_have_count(12)
    fits()
    shown.locator(".start-ways [name=next]").click()
    expect(shown.get_by_role("button", name="プログラムを公開する")).to_be_visible()
    fits()
    shown.get_by_role("button", name="プログラムを公開する").click()
    expect(shown.locator("h1")).to_contain_text("始まりました")
    fits()
    context.close()
    assert heard == []
