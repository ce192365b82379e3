"""The list of members over HTTP: pages and panel, the file, columns and saved views of one's own."""

import csv
import html
import io
import re
from contextlib import closing
from uuid import uuid4

import httpx
import pytest

from api.served import PASSWORD, TLS, Shop, Site, order, redemption, run_on, somebody
from kizuna.members import Profile, update_profiles


def signed_in(site: Site, shop: Shop) -> httpx.Client:
    """Return a tab of a new person of the shop."""
    email = f"{uuid4().hex[:8]}@example.com"
    shop.owner(email)
    tab = httpx.Client(verify=TLS, base_url=site.url, timeout=20)
    csrf = re.search(r'name="csrf" value="([^"]+)"', tab.get("/console/sign-in").text)[1]
    assert tab.post("/console/sign-in", data={"csrf": csrf, "email": email, "password": PASSWORD}).status_code == 303
    return tab


@pytest.fixture(scope="module")
def shop(site):
    shop = site.open_shop()
    ids = []
    for n in range(60):
        who = somebody()
        ids.append(shop.post(order(1000 * (n + 1), who)).json()["member"])
        if n == 5:
            shop.post(redemption(10, who))

    async def name(db):
        async with db.lend(shop.brand.schema) as conn:
            known = [
                (bytes.fromhex(one.replace("-", "")), Profile(f"=会員 {n}", f"かいいん {n:02}"))
                for n, one in enumerate(ids)
            ]
            await update_profiles(conn, known)

    run_on(shop.server, name)
    return shop, ids


@pytest.fixture(scope="module")
def tab(site, shop):
    return signed_in(site, shop[0])


def token(tab: httpx.Client) -> str:
    return html.unescape(re.search(r'name="csrf" value="([^"]+)"', tab.get("/console/members").text)[1])


def rows_of(page: str) -> list[str]:
    return re.findall(r'data-member="([0-9a-f-]{36})"', page)


def test_the_list_is_walked_from_end_to_end_by_its_links(tab, shop):
    _, ids = shop
    first = tab.get("/console/members").text
    assert rows_of(first) == ids[:50]
    following = html.unescape(re.search(r'rel="next" href="([^"]+)"', first)[1])
    second = tab.get(following).text
    assert rows_of(second) == ids[50:]
    assert 'rel="next"' not in second
    back = html.unescape(re.search(r'rel="prev" href="([^"]+)"', second)[1])
    assert rows_of(tab.get(back).text) == ids[:50]


def test_the_panel_is_the_same_by_address_and_by_click(tab, shop):
    _, ids = shop
    whole = tab.get("/console/members", params={"open": ids[5]}).text
    part = tab.get(f"/console/members/{ids[5]}/panel").text
    assert part.lstrip().startswith("<aside")
    assert part.strip() in whole.replace("\r", "")
    assert f'/console/members/{ids[5]}"' in part
    assert tab.get("/console/members/00000000-0000-0000-0000-000000000000/panel").status_code == 404
    assert tab.get("/console/members", params={"open": "nobody"}).status_code == 404


def test_the_file_has_everybody_once_as_the_list_has(tab, shop):
    _, ids = shop
    answer = tab.get("/console/members.csv", headers={"accept-language": "ja"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    text = answer.content.decode("utf-8-sig")
    _, *rows = csv.reader(io.StringIO(text, newline=""))
    assert [row[0] for row in rows] == ids
    assert {row[1][:2] for row in rows} == {"'="}
    assert rows[5][5] == str(60 - 10)
    found = tab.get("/console/members.csv", params={"q": "かいいん 1"}).content.decode("utf-8-sig")
    assert found.count("\n") == 1 + 10


def test_columns_and_density_are_kept_for_the_person(site, tab, shop):
    csrf = token(tab)
    form = {
        "csrf": csrf,
        "columns": "1",
        "column_spend": "on",
        "column_balance": "on",
        "column_nothing": "on",
        "density": "compact",
    }
    answer = tab.post("/console/members/layout", data=form | {"next": "/console/members?q=x"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/members?q=x")
    shown = tab.get("/console/members").text
    assert "rows-compact" in shown
    assert shown.count('<th scope="col"') == 3
    with closing(signed_in(site, shop[0])) as other:
        assert "rows-compact" not in other.get("/console/members").text
    for forged in ({}, {"csrf": "wrong"}):
        assert tab.post("/console/members/layout", data=form | {"csrf": ""} | forged).status_code == 403
    evil = tab.post("/console/members/layout", data=form | {"next": "/console/sign-out"})
    assert evil.headers["location"] == "/console/members"


def test_a_view_is_saved_once_renamed_and_brought_back(site, tab, shop):
    csrf = token(tab)

    def views() -> list[tuple[str, str]]:
        page = tab.get("/console/members").text
        menu = page[page.index('id="table-views"') : page.index('id="view-new"')]
        return re.findall(r'<a href="(/console/members[^"]*)"[^>]*>([^<]+)</a>', menu)

    form = {"csrf": csrf, "name": "  Gold  quiet ", "query": "tier=2&sleeping=90&cursor=x&evil=1"}
    for _ in range(2):
        answer = tab.post("/console/members/views", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/members?tier=2&sleeping=90")
    assert views() == [("/console/members?tier=2&amp;sleeping=90", "Gold quiet")]
    number = re.search(r"/console/members/views/(\d+)", tab.get("/console/members").text)[1]
    with closing(signed_in(site, shop[0])) as other:
        theirs = {"csrf": token(other), "name": "mine"}
        assert other.post(f"/console/members/views/{number}", data=theirs).status_code == 404
        assert other.post(f"/console/members/views/{number}/delete", data=theirs).status_code == 404
        assert "Gold quiet" not in other.get("/console/members").text
    for bad in ("", "x" * 61, "a\u202eb"):
        assert tab.post("/console/members/views", data=form | {"name": bad}).status_code == 422
    assert tab.post("/console/members/views", data=form | {"csrf": "wrong"}).status_code == 403
    assert tab.post(f"/console/members/views/{number}", data={"csrf": csrf, "name": "Quiet"}).status_code == 303
    assert [name for _, name in views()] == ["Quiet"]
    gone = tab.post(f"/console/members/views/{number}/delete", data={"csrf": csrf})
    assert gone.status_code == 303
    told = tab.get("/console/members").text
    undo = told[told.index('class="told') :]
    undo = undo[: undo.index("</form>")]
    assert 'action="/console/members/views"' in undo
    assert 'name="name" value="Quiet"' in undo
    assert (
        tab.post("/console/members/views", data={"csrf": csrf, "name": "Quiet", "query": "tier=2"}).status_code == 303
    )
    assert [name for _, name in views()] == ["Quiet"]


def test_a_filter_that_is_none_is_refused_in_words(tab):
    answer = tab.get("/console/members?active=31&lang=ja")
    assert answer.status_code == 422
    assert "絞り込めません" in answer.text
