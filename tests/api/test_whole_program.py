"""A program with everything, on the real server: points that wait, stamps, restricted points, goals, stages, returns and debt.

What the API answers, what My Page and the console show, and what anybody reads of the program say the same.
"""

import html
import re
from datetime import date

import pytest

from api.desk import sign_in
from api.desk import tab_of as console_tab
from api.served import Shop, Site, event, get, hours_ago, order, redemption, somebody
from api.test_my_page import tab_of, text_of
from samples.journey import PROGRAM

DAYS = 24
COFFEE = [{"sku": "C-1", "category": "コーヒー", "amount": 4_980, "quantity": 5}]


@pytest.fixture(scope="module")
def shop(site: Site) -> Shop:
    over = [
        one.model_copy(update={"starts": date(2020, 1, 1), "ends": date(2020, 12, 31)}) for one in PROGRAM.campaigns
    ]
    document = PROGRAM.model_copy(update={"campaigns": over})  # what a test expects is the same on Fridays
    return site.open_shop(document.model_dump_json(by_alias=True, exclude_defaults=True))


@pytest.fixture(scope="module")
def owner(shop: Shop) -> str:
    email = f"whole@{shop.brand.slug}.example"  # two workers may open this shop, and an address is taken only once
    shop.owner(email)
    return email


def bought(shop: Shop, who: str, id_: str, amount: int, hours: float, **more: object):
    told = {"order_id": id_, "amount": amount, "currency": "JPY"} | more
    (answer,) = shop.told(event("order.completed", who, told, time=hours_ago(hours)))
    return answer


@pytest.fixture(scope="module")
def regular(shop: Shop) -> tuple[str, str]:
    """A member with released and waiting points, stamps, restricted points and a step done."""
    who = somebody()
    first = bought(shop, who, f"A-{who[-6:]}", 10_000, 40 * DAYS)
    bought(shop, who, f"B-{who[-6:]}", 4_980, 2, lines=COFFEE)
    shop.told(event("review.posted", who, {"rating": 5}), event("profile.completed", who, {}))
    return who, first["member"]


def test_an_order_says_what_waits_and_what_came_at_once(shop):
    answer = bought(shop, somebody(), "X-1", 4_980, 1, lines=COFFEE)
    entries = {entry["why"]["rule"]: entry for entry in answer["entries"]}
    kinds = {rule: entry["kind"] for rule, entry in entries.items()}
    assert kinds == {"buy": "pend", "first": "pend", "coffee": "earn", "status": "earn"} | {
        rule: "pend"
        for rule in kinds
        if rule == "friday"  # twice as much on a Friday of its weeks
    }
    assert (entries["buy"]["points"], entries["buy"]["why"]["award"], entries["buy"]["why"]["percent"]) == (
        149,
        "percent",
        3,
    )
    assert "releases_on" in entries["buy"]
    assert "unit" not in entries["buy"]
    stamps = entries["coffee"]
    assert (stamps["unit"], stamps["points"], stamps["why"]["raw"], stamps["why"]["cut"]) == ("stamps", 3, 5, "member")
    assert answer["pending"]["points"] >= 649
    assert answer["balances"]["stamps"] == 3
    assert answer["progress"]["by"] == "visits"
    assert answer["stage"] == "new"


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_why_in_words_for_every_kind(shop, lang):
    who = somebody()
    bought(shop, who, f"W-{who[-6:]}", 10_000, 40 * DAYS)
    told = event("order.returned", who, {"order_id": f"W-{who[-6:]}"})
    answer = shop.post(told, text=lang).json()
    kinds = [entry["kind"] for entry in answer["entries"]]
    assert "release" in kinds
    assert "reverse" in kinds
    for entry in answer["entries"]:
        assert entry["why"]["text"][lang]


def test_a_member_as_the_api_shows_one(shop, regular):
    who, _ = regular
    member = shop.member(who)
    assert (member["balance"], member["debt"]) == (800, 0)  # 300 and 500, released after a fortnight
    assert member["pending"] == 149 + 50 + 100
    assert {one["only_for"]["en"] for one in member["waiting"] if "only_for" in one} == {"the café"}
    assert {one["unit"]: one["balance"] for one in member["units"]} == {"stamps": 3, "status": 149, "gift": 0}
    assert [track["id"] for track in member["tracks"]] == ["friend"]
    assert [(stage["id"], stage["state"]) for stage in member["journey"]] == [
        ("new", "done"), ("fan", "here"), ("ambassador", "ahead"),
    ]  # fmt: skip
    assert {step["id"]: step["done"] for stage in member["journey"] for step in stage["steps"]} == {
        "buy": 1, "profile": 1, "review": 1, "coffee": 1, "friend": 0,
    }  # fmt: skip


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_my_page_says_all_of_it(site, shop, regular, lang):
    _, member = regular
    paths = ("", "/points", "/tier", "/earn", "/journey", "/history")
    with tab_of(site, shop, member) as tab:
        tab.cookies.set("kizuna_lang", lang)
        pages = {path: text_of(tab.get(f"/my{path}")) for path in paths}
    words = {
        "ja": ("付与予定 299", "レビューを3回書く", "1 / 3", "コーヒースタンプ", "お買い物3回でシルバー"),
        "en": ("299 pt pending", "Write three reviews", "1 / 3", "Coffee stamps", "3 purchases more to Silver"),
    }[lang]
    for text in words:
        assert text in pages[""].replace("pt pending", " pt pending").replace("  ", " "), text
    assert {"ja": "渋谷カフェ", "en": "only for the café"}[lang] in pages["/points"] + pages["/earn"]
    assert {"ja": "誕生月に送料無料", "en": "Free shipping in the birthday month"}[lang] in pages["/tier"]
    assert {"ja": "3%ポイント還元", "en": "3% back in points"}[lang] in pages["/earn"]
    assert {"ja": "お友だちを紹介", "en": "Bring a friend"}[lang] in pages["/journey"]
    assert {"ja": "付与予定", "en": "Pending"}[lang] in pages["/history"]


def test_the_console_shows_the_member_and_the_order_that_came_back(site, shop, owner):
    who = somebody()
    id_ = f"R-{who[-6:]}"
    first = bought(shop, who, id_, 10_000, 40 * DAYS)
    shop.told(redemption(700, who))
    (returned,) = shop.told(event("order.returned", who, {"order_id": id_}))
    assert returned["balance"] == -700
    assert shop.member(who)["debt"] == 700
    with console_tab(site) as tab:
        sign_in(tab, owner)
        path = f"/console/members/{first['member']}"
        whole = tab.get(path)
        assert whole.status_code == 200
        assert "−700" in whole.text
        assert "返品による不足分" in whole.text
        orders = tab.get(f"{path}/orders")
        assert "返品" in orders.text
        keys = re.findall(rf'href="{path}/orders/([0-9a-f-]+)"', orders.text)
        for key in keys:
            page = tab.get(f"{path}/orders/{key}")
            assert page.status_code == 200, key
        for kind in ("pend", "release", "reverse", "cancel", "earn"):
            assert tab.get(f"{path}?kind={kind}").status_code == 200
        assert tab.get(f"{path}/history.csv").status_code == 200
        assert tab.get("/console/members").status_code == 200
        assert tab.get(f"/console/members?open={first['member']}").status_code == 200
        assert tab.get("/console/overview").status_code == 200
    with tab_of(site, shop, first["member"]) as tab:
        home = text_of(tab.get("/my"))
    assert "−700" in home
    assert "不足" in home or "owed" in home


def test_anybody_reads_what_earns(shop):
    page = get(f"{shop.url}/p/{shop.brand.slug}")
    assert page.status_code == 200
    text = html.unescape(page.text)
    for words in ("3%ポイント還元", "コーヒーを買うと", "誕生月に送料無料", "お買い物5回から", "返品すると"):
        assert words in text, words
    assert '"hasTierRequirement":"' in text  # in words, because it is no money


def test_the_desk_finds_campaigns_and_tiers_of_every_track(site, shop, owner):
    with console_tab(site) as tab:
        sign_in(tab, owner)
        assert "金曜ダブルポイント" in tab.get("/console/search", params={"q": "金曜"}).text
        assert "インサイダー" in tab.get("/console/search", params={"q": "インサイダー"}).text


def test_orders_of_somebody_new_are_examples_that_hold(shop):
    """What the landing page promises for a purchase is what a first purchase gives by that rule."""
    text = html.unescape(get(f"{shop.url}/p/{shop.brand.slug}").text)
    rows = re.findall(r"<tr><td>.*?>¥([\d,]+)<.*?<td class=\"points\">.*?>([\d,]+)<", text)
    assert rows
    for amount, points in rows:
        answer = shop.told(order(int(amount.replace(",", ""))))[0]
        given = next(entry for entry in answer["entries"] if entry["why"]["rule"] == "buy")
        assert given["points"] == int(points.replace(",", ""))
