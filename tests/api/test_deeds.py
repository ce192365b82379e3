"""Deeds in the console: a second person looks at what is large; what hurts asks first; a merge can be undone."""

import asyncio
import re
from uuid import uuid4

import pytest

from api.desk import csrf_of, sign_in, tab_of
from api.served import PASSWORD, Shop, order, run_on, somebody
from browser import chromium
from kizuna.app import handlers
from kizuna.core.days import instant_ms
from kizuna.intake import Writer, operate, terms_of
from kizuna.runtime.clock import now
from kizuna.runtime.jobs import work_once
from kizuna.runtime.settings import Settings
from road import GROCER

PROGRAM = f"{GROCER}\nadjustments:\n  approval_above: 1000\n"


@pytest.fixture(scope="module")
def shop(site) -> Shop:
    return site.open_shop(PROGRAM)


def person(site, shop, **headers: str):
    """Somebody signed in to the console, and their address."""
    email = f"{uuid4().hex[:8]}@example.com"
    shop.owner(email)
    tab = tab_of(site, **headers)
    assert sign_in(tab, email).status_code == 303
    return tab, email


@pytest.fixture(scope="module")
def anna(site, shop):
    return person(site, shop)[0]


@pytest.fixture(scope="module")
def bert(site, shop):
    return person(site, shop)[0]


@pytest.fixture
def member(shop) -> str:
    """A member's id; they have 100 points."""
    return shop.post(order(10_000, somebody())).json()["member"]


def balance(shop: Shop, member: str) -> int:
    return shop.member(member)["balance"]


def fill(tab, path: str, **fields: str):
    """Send the form of a page with what it holds already and `fields`."""
    page = tab.get(path).text
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.partition("<main")[2]))
    return tab.post(path, data={"csrf": csrf_of(page), **{k: v for k, v in hidden.items() if k == "form"}, **fields})


def adjust(tab, member: str, points: str, way: str = "add", **more: str):
    fields = {"way": way, "points": points, "reason": "apology", "sure": "1"} | more
    return fill(tab, f"/console/members/{member}/adjust", **fields)


def test_a_small_adjustment_shows_what_it_does_first_and_is_done_once(shop, anna, member):
    path = f"/console/members/{member}/adjust"
    shown = fill(anna, path, way="take", points="３０", reason="correction")
    assert shown.status_code == 200
    assert "変動後の残高" in shown.text
    assert ">70<" in shown.text
    assert balance(shop, member) == 100
    form = re.search(r'name="form" value="([^"]+)"', shown.text)[1]
    sent = {
        "csrf": csrf_of(shown.text),
        "form": form,
        "way": "take",
        "points": "30",
        "reason": "correction",
        "sure": "1",
    }
    for _ in range(2):
        done = anna.post(path, data=sent)
        assert (done.status_code, done.headers["location"]) == (303, f"/console/members/{member}")
    assert balance(shop, member) == 70
    assert "30ポイントを差し引きました" in anna.get(f"/console/members/{member}").text


@pytest.mark.parametrize(
    ("points", "way", "more", "words"),
    [
        ("", "add", {}, "まだ入力されていません"),
        ("0", "add", {}, "範囲"),
        ("abc", "add", {}, "整数"),
        ("5", "add", {"reason": "whim"}, "まだ入力されていません"),
        ("5", "add", {"expires_on": "2020-01-01"}, "この日は過ぎています"),
        ("101", "take", {}, "100"),
    ],
)
def test_what_cannot_be_is_said_and_what_was_typed_stays(shop, anna, member, points, way, more, words):
    answer = adjust(anna, member, points, way, note="社内メモ", **more)
    assert answer.status_code in (409, 422)
    assert words in answer.text
    assert "社内メモ" in answer.text
    assert balance(shop, member) == 100


def test_a_large_one_waits_for_somebody_else(shop, anna, bert, member):
    assert adjust(anna, member, "5,000", note="店長確認済み").status_code == 303
    assert balance(shop, member) == 100
    assert "承認待ち" in anna.get(f"/console/members/{member}").text
    mine = anna.get("/console/approvals").text
    assert "ご自身の申請です" in mine
    id_ = re.search(r"/console/approvals/([0-9a-f-]+)/reject", mine)[1]
    own = anna.post(f"/console/approvals/{id_}/approve", data={"csrf": csrf_of(mine)})
    assert (own.status_code, "ご自身が申請した" in own.text) == (403, True)
    theirs = bert.get("/console/approvals").text
    assert "店長確認済み" in theirs
    done = bert.post(f"/console/approvals/{id_}/approve", data={"csrf": csrf_of(theirs)})
    assert done.status_code == 303
    assert balance(shop, member) == 5_100
    again = bert.post(f"/console/approvals/{id_}/approve", data={"csrf": csrf_of(theirs)})
    assert (again.status_code, "すでに判断" in again.text) == (409, True)
    assert balance(shop, member) == 5_100
    assert adjust(anna, member, "6000").status_code == 303
    other = re.search(r"/console/approvals/([0-9a-f-]+)/approve", bert.get("/console/approvals").text)[1]
    turned = bert.post(f"/console/approvals/{other}/reject", data={"csrf": csrf_of(theirs), "note": "根拠なし"})
    assert turned.status_code == 303
    assert "根拠なし" in anna.get("/console/approvals").text
    assert balance(shop, member) == 5_100


def test_last_days_are_put_off(shop, anna, member):
    path = f"/console/members/{member}/extend"
    shown = fill(anna, path, through="2099-12-31", reason="goodwill")
    assert "延長されるポイント" in shown.text
    assert fill(anna, path, through="2099-12-31", reason="goodwill", sure="1").status_code == 303
    assert [lot["expires_on"] for lot in shop.member(member)["lots"]] == ["2099-12-31"]
    nothing = fill(anna, path, through="2030-12-31", reason="goodwill")
    assert "その日より前に終わるポイントはありません" in nothing.text


def test_two_are_merged_and_two_again(shop, anna, member):
    other = shop.post(order(20_000, somebody())).json()["member"]
    found = anna.get(f"/console/members/{member}/merge", params={"q": other})
    assert other.replace("-", "") in found.text
    pair = f"/console/members/{member}/merge/{other}"
    assert ">300<" in anna.get(pair).text
    done = fill(anna, pair)
    assert (done.status_code, done.headers["location"]) == (303, f"/console/members/{member}")
    after = anna.get(f"/console/members/{member}").text
    assert "/console/members/unmerge" in after
    assert balance(shop, member) == 300
    gone = anna.get(f"/console/members/{other}").text
    assert "統合されました" in gone
    assert f"/console/members/{member}" in gone
    assert f"/console/members/{other}/adjust" not in gone
    led = anna.get(f"/console/members/{other}/adjust")
    assert (led.status_code, led.headers["location"]) == (303, f"/console/members/{member}")
    assert "すでに別の会員に統合されています" in anna.get(pair).text
    assert "統合済み" in anna.get("/console/members", params={"q": other}).text
    merge = re.search(r'name="merge" value="([^"]+)"', gone)[1]
    undone = anna.post("/console/members/unmerge", data={"csrf": csrf_of(gone), "merge": merge})
    assert undone.status_code == 303
    assert (balance(shop, member), balance(shop, other)) == (100, 200)
    again = anna.post("/console/members/unmerge", data={"csrf": csrf_of(gone), "merge": merge})
    assert again.status_code == 303, "the same wish again is answered as the first time"


def test_an_account_is_closed_only_when_the_word_is_typed(shop, anna, member):
    path = f"/console/members/{member}/close"
    assert "100" in anna.get(path).text
    refused = fill(anna, path, word="はい")
    assert (refused.status_code, "入力が必要" in refused.text) == (422, True)
    assert fill(anna, path, word="退会").status_code == 303
    closed = anna.get(f"/console/members/{member}").text
    assert "退会済み" in closed
    assert f"/console/members/{member}/adjust" not in closed
    assert adjust(anna, member, "5").status_code in (404, 409)


def test_a_hold_is_listed_and_released(shop, anna, member):
    async def hold(db):
        writer, stop = Writer(db.locate, shop.brand), asyncio.Event()
        work = asyncio.create_task(writer.run(stop))
        data = {"by": "key:till", "points": 40, "reference": "cart-1"}
        terms = terms_of(shop.brand, 300)
        (result,) = await writer.submit(
            [operate("hold.placed", uuid4().hex, "till", f"member:{member}", data, terms, instant_ms(now()))]
        )
        stop.set()
        await work
        return result.about["hold"]

    id_ = run_on(shop.server, hold)
    page = anna.get(f"/console/members/{member}").text
    assert "cart-1" in page
    assert "先に会員のページで解放" in anna.get(f"/console/members/{member}/close").text
    freed = anna.post(f"/console/members/{member}/holds/{id_}/void", data={"csrf": csrf_of(page)})
    assert freed.status_code == 303
    assert "cart-1" not in anna.get(f"/console/members/{member}").text.partition('id="history')[0]
    assert balance(shop, member) == 100


def send(tab, text: str, codec: str = "cp932"):
    page = tab.get("/console/corrections/new").text
    files = {"file": ("お詫び.csv", text.encode(codec), "text/csv")}
    sent = tab.post("/console/corrections/new", data={"csrf": csrf_of(page), "kind": "customer"}, files=files)
    assert sent.status_code == 303, sent.text
    return sent.headers["location"]


def work(site, shop: Shop) -> None:
    kinds = {one.kind: one for one in handlers(Settings.load({}))}

    async def do(db):
        while await work_once(db, shop.brand, kinds):
            pass

    run_on(shop.server, do)


def test_a_file_is_looked_through_approved_and_carried_out(site, shop, anna, bert, member):
    rows = (
        f"member:{member},600,apology,遅延",
        f"member:{member},▲50,correction,",
        "nobody,10,apology,",
        f"member:{member},500,apology,",
    )
    sheet = "\n".join(("会員,ポイント,理由,メモ", *rows, ""))
    place = send(anna, sheet)
    seen = anna.get(place).text
    assert "3行の承認を申請する" in seen
    assert "5行目" in seen or "4行目" in seen
    asked = anna.post(place, data={"csrf": csrf_of(seen), "sure": "1"})
    assert asked.status_code == 303
    bulk = asked.headers["location"]
    removed = anna.post(place, data={"csrf": csrf_of(seen), "remove": "1"})
    assert removed.headers["location"] == anna.get(place).headers["location"] == bulk
    assert "ご自身の申請です" in anna.get(bulk).text
    assert anna.post(f"{bulk}/approve", data={"csrf": csrf_of(seen)}).status_code == 403
    theirs = bert.get(bulk).text
    approved = bert.post(f"{bulk}/approve", data={"csrf": csrf_of(theirs)})
    assert approved.status_code == 303
    assert balance(shop, member) == 100
    work(site, shop)
    assert balance(shop, member) == 1_150
    done = anna.get(bulk).text
    refused = anna.get(re.search(r'"(/console/corrections/refused/\d+)"', done)[1])
    assert "nobody" in refused.content.decode("utf-8-sig")
    again = anna.get(send(anna, sheet)).text
    assert "まったく同じ内容" in again


def test_a_file_whose_content_is_gone_can_still_be_turned_down(shop, anna, bert, member):
    place = send(anna, f"member,points,reason\nmember:{member},5000,apology\n")
    bulk = anna.post(place, data={"csrf": csrf_of(anna.get(place).text), "sure": "1"}).headers["location"]

    async def lose(db):
        async with db.lend(shop.brand.schema) as conn:
            await conn.execute("DELETE FROM upload WHERE upload_id = $1", int(place.rpartition("/")[2]))

    run_on(shop.server, lose)
    seen = bert.get(bulk)
    assert seen.status_code == 200
    assert "もう残っていません" in seen.text
    assert f"{bulk}/approve" not in seen.text
    assert bert.post(f"{bulk}/reject", data={"csrf": csrf_of(seen.text)}).status_code == 303
    late = anna.post(f"{bulk}/approve", data={"csrf": csrf_of(anna.get(bulk).text)})
    assert late.status_code in (403, 409)
    assert "user:" not in bert.post(f"{bulk}/approve", data={"csrf": csrf_of(seen.text)}).text


def test_a_file_that_is_none_is_refused_with_what_to_do(anna):
    for text, words in (("a,b\n1,2\n", "1行目に列の名前"), ("member,points,reason\nx,1,apology\n", "見つからない会員")):
        seen = anna.get(send(anna, text))
        assert words in seen.text
        assert "承認を申請する" not in seen.text


@pytest.mark.browser
def test_a_walk_from_asking_to_the_member_s_phone(site, shop, member):
    """One person asks for more than the limit, another approves, and the member reads it."""
    people = [f"{uuid4().hex[:8]}@example.com" for _ in range(2)]
    for email in people:
        shop.owner(email)
    with chromium() as browser:
        tabs = []
        for email in people:
            tab = browser.new_context(locale="ja-JP", viewport={"width": 1280, "height": 900}).new_page()
            tab.goto(f"{site.url}/console/sign-in")
            tab.fill("#email", email)
            tab.fill("#password", PASSWORD)
            tab.click(".door-form button")
            tab.wait_for_url(re.compile("/console/(?!sign-in)"))
            tabs.append(tab)
        asker, approver = tabs
        asker.goto(f"{site.url}/console/members/{member}")
        asker.get_by_role("button", name="操作").click()
        asker.get_by_role("link", name="ポイントを調整").click()
        asker.get_by_label("ポイント", exact=True).fill("２，５００")
        asker.get_by_label("理由").select_option("apology")
        asker.get_by_role("button", name="調整後の残高を確かめる").click()
        asker.get_by_text("2,600").wait_for()
        asker.get_by_role("button", name="承認を申請する").click()
        asker.get_by_text("承認を申請しました").wait_for()
        approver.goto(f"{site.url}/console/overview")
        approver.get_by_role("link", name="運用").click()
        approver.locator(".tabs-line a[href='/console/approvals']").click()
        approver.locator("li.approval", has_text="2,500").get_by_role("button", name="承認する").click()
        approver.get_by_text("ポイントを反映しました").wait_for()
        assert balance(shop, member) == 2_600
        asker.goto(f"{site.url}/console/members/{member}")
        phone = asker.context.new_page()
        phone.goto(site.url + asker.get_by_role("link", name="マイページを開く").get_attribute("href"))
        phone.goto(f"{site.url}/my/history")
        phone.get_by_text("2,500").first.wait_for()
        assert "お詫び" in phone.content()
