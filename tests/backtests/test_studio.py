"""The back-test studio over HTTP on the real database: every screen, what it keeps, and what it refuses.

No script takes part; what waits is done by the worker's own handlers, in a process of its own where back-tests run in one.
"""

import html
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pyarrow.parquet as pq
import pytest

from api.desk import csrf_of, sign_in, tab_of
from api.served import Shop, Site, order, run_on, served
from kizuna.app import handlers
from kizuna.program import templates
from kizuna.runtime.jobs import work_once
from kizuna.runtime.settings import Settings

HOME = "/console/backtests"
ORDERS = Path(__file__).parents[2] / "examples" / "orders" / "orders.csv"
TIERS = next(one for one in templates() if one.id == "tiers")
STEPS = {"redeem": "multiples", "step": "5"}


@pytest.fixture(scope="module")
def site(server, tmp_path_factory) -> Iterator[Site]:
    with served(server, tmp_path_factory.mktemp("backtests")) as running:
        yield running
        assert running.faults() == ""


class Tab:
    """Somebody's browser, without script."""

    def __init__(self, site: Site, shop: Shop, lang: str = "ja") -> None:
        self.shop, self.email = shop, f"{uuid4().hex[:8]}@example.com"
        shop.owner(self.email)
        self.http = tab_of(site, accept_language=lang)
        assert sign_in(self.http, self.email).status_code == 303

    def page(self, path: str, status: int = 200) -> str:
        return page(self.http.get(path), status)

    def form(self, path: str) -> dict[str, str]:
        """What the study's form would send as it stands."""
        text = self.http.get(path).text
        fields = dict(
            re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', text.partition('id="study"')[2])
        )
        for found in re.finditer(r'<input class="control"[^>]*>', text):
            fields[re.search(r'name="([^"]+)"', found[0])[1]] = re.search(r'value="([^"]*)"', found[0])[1]
        chosen = re.search(r'name="redeem" value="(\w+)" checked', text)
        return {name: html.unescape(value) for name, value in fields.items()} | (
            {"redeem": chosen[1]} if chosen else {}
        )

    def send(self, path: str, files=None, **fields: str) -> httpx.Response:
        return self.http.post(path, data={"csrf": csrf_of(self.http.get(HOME).text)} | fields, files=files)

    def change(self, path: str, **fields: str) -> httpx.Response:
        typed = {name.replace("__", "."): value for name, value in fields.items()}
        return self.http.post(path, data=self.form(path) | typed)

    def begin(self, name: str = "比べる", begin: str = "template:tiers") -> str:
        """Begin a back-test of recorded purchases and return its address."""
        answer = self.send(f"{HOME}/new", name=name, source="own", begin=begin)
        assert answer.status_code == 303, answer.text[:500]
        return answer.headers["location"]

    def work(self) -> None:
        """Let a worker do what there is to do."""

        async def story(db) -> None:
            kinds = {handler.kind: handler for handler in handlers(Settings.load({}))}
            while await work_once(db, self.shop.brand, kinds):
                pass

        run_on(self.shop.server, story)


def page(answer: httpx.Response, status: int = 200) -> str:
    assert answer.status_code == status, answer.text[:800]
    return html.unescape(answer.text)


def leads(answer: httpx.Response, path: str) -> None:
    assert (answer.status_code, answer.headers.get("location")) == (303, path), answer.text[:800]


@pytest.fixture(scope="module")
def shop(site: Site) -> Shop:
    """A shop with a program and three orders of two people."""
    made = site.open_shop()
    made.told(order(4_000, "customer:taro"), order(12_000, "customer:taro"), order(900, "customer:hana"))
    return made


@pytest.fixture
def tab(site: Site, shop: Shop) -> Iterator[Tab]:
    opened = Tab(site, shop)
    yield opened
    opened.http.close()


def test_an_empty_list_says_what_a_back_test_is(site):
    opened = Tab(site, site.open_shop())
    shown = opened.page(HOME)
    assert "約束する前に、プログラムの費用を知る。" in shown
    assert 'href="/console/backtests/new"' in shown
    assert "バックテスト" in opened.page("/console/search?q=しさん")


def test_a_study_of_recorded_purchases_is_run_compared_and_put_into_the_draft(tab):
    path = tab.begin("会費を上げたら", "live")
    assert "現在のプログラム" in tab.page(path)
    assert "未実行" in tab.page(HOME)
    assert "結果はまだありません。" in tab.page(f"{path}/result")
    page(tab.http.get(f"{path}/report"), 409)

    leads(tab.change(path, do="add", **{"from": "template:tiers"}), path)
    leads(tab.change(path, do="add", **{"from": "copy:1"}), path)
    leads(
        tab.change(path, d2__name="倍の案", d2__points="2", d2__days="", margin="２５．５％", **STEPS, do="run"),
        f"{path}/result",
    )
    running = tab.page(f"{path}/result")
    assert 'data-open="1"' in running
    assert "実行中です" in tab.page(path)
    tab.work()
    shown = tab.page(f"{path}/result")
    for text in ('data-open="0"', "倍の案", 'id="side-by-side"', "どの案にしますか", "下書きにする", "粗利"):
        assert text in shown, text
    assert "&lt;span" not in tab.http.get(f"{path}/result").text
    listed = tab.page(HOME)
    assert "会費を上げたら" in listed
    assert tab.email in listed
    assert "25.5" in tab.page(path)

    report = tab.http.get(f"{path}/report?lang=en")
    assert "attachment" in report.headers["content-disposition"]
    assert "<style>" in report.text
    assert "倍の案" in report.text
    for form in ("csv", "parquet"):
        packed = zipfile.ZipFile(io.BytesIO(tab.http.get(f"{path}/tables?form={form}").content))
        assert f"totals.{form}" in packed.namelist()
    assert pq.read_table(io.BytesIO(packed.read("totals.parquet"))).column("orders").to_pylist() == [3, 3, 3]
    page(tab.http.get(f"{path}/tables?form=xlsx"), 422)

    seen = re.search(r'name="seen" value="([^"]+)"', shown)[1]
    leads(tab.send(f"{path}/publish", place="2", seen=seen), "/console/program/draft/review")
    assert "「倍の案」を下書きにしました。" in tab.page("/console/program/draft/review")
    asks = page(tab.send(f"{path}/publish", place="1", seen=seen))
    assert "下書きを置き換えますか？" in asks
    draft = re.search(r'name="draft" value="([^"]+)"', asks)[1]
    page(tab.send(f"{path}/publish", place="1", seen=seen, draft="2020-01-01T00:00:00+00:00"), 409)
    leads(tab.send(f"{path}/publish", place="1", seen=seen, draft=draft), "/console/program/draft/review")
    assert "元に戻す" in tab.page("/console/program/draft/review")

    leads(tab.change(path, do="drop:0"), path)
    stale = tab.page(f"{path}/result")
    assert "最後の変更より前のものです" in stale
    assert "下書きにする" not in stale
    assert "変更あり" in tab.page(HOME)
    assert "もう一度実行する" in stale
    page(tab.send(f"{path}/publish", place="1", seen=seen), 409)
    leads(tab.send(f"{path}/run"), f"{path}/result")
    leads(tab.send(f"{path}/forget"), HOME)
    tab.page(path, 404)
    assert "「会費を上げたら」を削除しました。" in tab.page(HOME)
    tab.work()


def test_one_member_is_told_under_each_candidate(tab):
    path = tab.begin()
    leads(tab.change(path, do="add", **{"from": "copy:0"}), path)
    leads(tab.change(path, d1__points="3", **STEPS, do="run"), f"{path}/result")
    tab.work()
    shown = tab.page(f"{path}/member")
    identity = re.search(r'name="member" value="(member:[0-9a-f]{32})"', shown)[1]
    page(tab.send(f"{path}/member", member=" "), 422)
    answer = tab.send(f"{path}/member", member=identity)
    told = answer.headers["location"]
    assert 'data-open="1"' in tab.page(told)
    tab.work()
    side_by_side = tab.page(told)
    for text in ("残高", "受け取り", 'id="way-2"'):
        assert text in side_by_side, text
    leads(tab.send(f"{path}/member", member=identity), told)
    by_name = tab.send(f"{path}/member", member="taro").headers["location"]
    assert "member%3A" in by_name
    nobody = tab.send(f"{path}/member", member="nobody-at-all").headers["location"]
    tab.work()
    assert "nobody-at-all" in tab.page(nobody)


def test_a_file_is_looked_through_and_becomes_a_study(tab):
    new = {"name": "去年の注文", "source": "file", "begin": "template:simple"}
    page(tab.send(f"{HOME}/new", **new), 422)
    page(tab.send(f"{HOME}/new", {"file": ("a.csv", b"PK\x03\x04" + bytes(80))}, **new), 422)
    answer = tab.send(f"{HOME}/new", {"file": ("去年.csv", ORDERS.read_bytes())}, **new)
    columns = answer.headers["location"]
    shown = tab.page(columns)
    for text in ("去年.csv", "計算に使う内容", "KM-20260105-001", "¥46,870"):
        assert text in shown, text
    chosen = {
        "order_id": "注文番号", "member": "会員番号", "time": "注文日時", "amount": "合計金額", "member_kind": "customer",
        "level": "order",
    }  # fmt: skip
    page(tab.send(columns, **chosen | {"amount": ""}), 422)
    page(tab.send(columns, preview="1", **chosen))
    answer = tab.send(columns, next="1", **chosen)
    path = answer.headers["location"]
    assert "去年.csv" in tab.page(path)
    refused = page(tab.change(path, redeem="fitted", do="run"), 422)
    assert "購入のファイルからは、会員がいつ交換したかがわかりません。" in refused
    leads(tab.change(path, do="run"), f"{path}/result")
    tab.work()
    assert "どの案にしますか" in tab.page(f"{path}/result")
    told = tab.send(f"{path}/member", member="10001").headers["location"]
    assert "customer%3A10001" in told
    tab.work()
    assert "2026-01-05" in tab.page(told)
    leads(tab.send(f"{path}/forget"), HOME)

    answer = tab.send(f"{HOME}/new", {"file": ("去年.csv", ORDERS.read_bytes())}, **new)
    leads(tab.send(answer.headers["location"], remove="1"), f"{HOME}/new")
    tab.page(answer.headers["location"], 404)


def test_what_is_wrong_stands_under_its_field_and_what_was_typed_stays(tab):
    path = tab.begin()
    wrong = {
        "d0__per": "百円", "d0__points": "0", "d0__days": "いつまでも", "d0__at__1": "50,000", "d0__at__2": "10,000",
        "since": "2026-02-30", "margin": "150", "step": "0", "name": " ",
    }  # fmt: skip
    shown = page(tab.change(path, **wrong, redeem="multiples", do="run"), 422)
    for text in (
        "「百円」は金額ではありません", "「いつまでも」は整数ではありません", "「2026-02-30」は暦にない日付です", "150.0は",
        'value="百円"', 'href="#d0.per"',
    ):  # fmt: skip
        assert text in shown, text
    assert "未実行" in tab.page(f"{path}/result")
    shown = page(tab.change(path, since="2026-03-01", until="2026-02-01"), 422)
    assert "終わりの日が、始まりの日より前です。" in shown
    leads(tab.change(path, do="add", **{"from": "copy:0"}), path)
    assert "という名前の案が、ほかにもあります。" in page(tab.change(path, d0__name="同じ", d1__name="同じ"), 422)


def test_a_fifth_candidate_and_the_last_one_stay_where_they_are(tab):
    path = tab.begin()
    for _ in range(3):
        leads(tab.change(path, do="add", **{"from": "copy:0"}), path)
    assert "案を追加" not in tab.page(path)
    assert "バックテストで比べられる案は4つまでです。" in page(tab.change(path, do="add", **{"from": "copy:0"}), 422)
    for _ in range(3):
        leads(tab.change(path, do="drop:0"), path)
    page(tab.change(path, do="drop:7"), 404)
    leads(tab.change(path, do="drop:0"), path)
    page(tab.change(path, do="add", **{"from": "template:none"}), 404)
    assert 'name="d0.per"' in tab.page(path)


def test_a_candidate_is_changed_as_text_with_its_faults_by_place(tab):
    path = tab.begin()
    leads(tab.change(path, d0__points="7", do="text:0"), f"{path}/text/0")
    shown = tab.page(f"{path}/text/0")
    text = html.unescape(
        re.search(r"<textarea[^>]*>\n(.*?)</textarea>", tab.http.get(f"{path}/text/0").text, re.DOTALL)[1]
    )
    assert "points: 7" in text
    seen = re.search(r'name="seen" value="([^"]+)"', shown)[1]
    refused = page(tab.send(f"{path}/text/0", document=text.replace("points: 7", "points: -7"), seen=seen), 422)
    assert "earning_rules.0.award" in refused
    assert "points: -7" in refused
    page(tab.send(f"{path}/text/0", document="program: [", seen=seen), 422)
    page(tab.send(f"{path}/text/0", document=text, seen="2020-01-01T00:00:00+00:00"), 409)
    leads(tab.send(f"{path}/text/0", document=text.replace("points: 7", "points: 9"), seen=seen), path)
    assert 'value="9"' in tab.page(path)
    tab.page(f"{path}/text/4", 404)


def test_a_program_of_more_than_a_few_numbers_is_told_in_words(site):
    opened = Tab(site, site.open_shop())
    rich = next(one for one in templates() if not one.has_numbers)
    path = opened.begin("くわしい案", f"template:{rich.id}")
    shown = opened.page(path)
    assert "テキストで編集してください" in shown
    leads(opened.change(path, d0__name="改名", do="save"), path)
    assert "改名" in opened.page(path)


def test_a_change_that_comes_late_is_told_and_a_run_that_finds_nothing_too(site):
    shop = site.open_shop(None)
    first, second = Tab(site, shop, "en"), Tab(site, shop, "en")
    path = first.begin(begin=f"template:{templates()[0].id}")
    late = second.form(path)
    leads(first.change(path, name="Mine", do="save"), path)
    assert "This back-test was changed meanwhile." in page(second.http.post(path, data=late | {"name": "Theirs"}), 409)
    assert "Mine" in second.page(path)
    leads(first.change(path, do="run"), f"{path}/result")
    first.work()
    assert "There are no orders to replay." in first.page(f"{path}/result")
    seen = re.search(r'name="seen" value="([^"]+)"', first.page(path))[1]
    leads(first.send(f"{path}/publish", place="0", seen=seen), "/console/start/review")


def test_strangers_other_brands_and_forged_forms_are_refused(site, tab):
    path = tab.begin()
    number = path.rpartition("/")[2]
    other = Tab(site, site.open_shop())
    gets = ("", "/result", "/member", "/report", "/tables", "/text/0")
    posts = ("", "/run", "/forget", "/member", "/publish", "/text/0")
    with tab_of(site) as stranger:
        for way in (*(f"{path}{end}" for end in gets), HOME, f"{HOME}/new", f"{HOME}/files/1"):
            assert "/console/sign-in" in stranger.get(way).headers["location"]
        for end in posts:
            assert stranger.post(f"{path}{end}", data={}).status_code in (303, 403)
    for end in gets:
        other.page(f"{HOME}/{number}9{end}", 404)
        other.page(f"{HOME}/nothing{end}", 404)
    for end in posts:
        page(other.send(f"{HOME}/{number}9{end}"), 404)
        page(tab.http.post(f"{path}{end}", data={"csrf": "forged"}), 403)
    page(tab.send(f"{path}/publish", place="9"), 404)
    for way in (f"{HOME}/new", f"{HOME}/files/1"):
        page(tab.http.post(way, data={"csrf": "forged"}), 403)
    other.page(f"{HOME}/files/99999", 404)
    page(other.send(f"{HOME}/files/99999"), 404)
    page(tab.send(f"{HOME}/new", name="a", source="own", begin="none"), 422)
    assert tab.page(path)
