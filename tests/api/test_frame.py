"""What stands around every screen, over real HTTP: search, long work, preferences, and every way to fail."""

import gzip
import html
import json
import re
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from api.desk import JOBS, SIGN_IN, csrf_of, end_sessions, furnished, run_jobs, sign_in, tab_of
from api.served import PASSWORD, TLS, Shop, Site, get, run_on
from house import house
from kizuna.app import HANDLERS
from kizuna.runtime.jobs import enqueue, find, work_once
from kizuna.web.faces import STATIC


@pytest.fixture(scope="session")
def desk(site: Site) -> tuple[Shop, str]:
    return furnished(site)


@pytest.fixture
def tab(site: Site, desk) -> Iterator[httpx.Client]:
    """A tab in which the owner is signed in."""
    with tab_of(site) as opened:
        assert sign_in(opened, desk[1]).status_code == 303
        yield opened


# How answers travel


def test_texts_travel_packed_and_say_so(site):
    page = site.raw(
        b"GET /console/sign-in HTTP/1.1\r\nHost: shop\r\nAccept-Encoding: gzip, br\r\nConnection: close\r\n\r\n"
    )
    head, _, body = page.partition(b"\r\n\r\n")
    assert b"content-encoding: gzip" in head
    assert b"vary: accept-encoding" in head
    assert gzip.decompress(body).startswith(b"<!doctype html>")
    assert int(re.search(rb"content-length: (\d+)", head)[1]) == len(body)


def test_a_page_has_another_length_each_time_that_it_travels(site):
    lengths = {get(site.url + SIGN_IN).headers["content-length"] for _ in range(8)}
    assert len(lengths) > 1, "its length would tell the token in it"


@pytest.mark.parametrize("accepted", ["", "identity", "gzip;q=0", "deflate", "br"])
def test_who_does_not_read_gzip_gets_plain_text(site, accepted):
    answer = get(site.url + SIGN_IN, headers={"accept-encoding": accepted})
    assert "content-encoding" not in answer.headers
    assert answer.text.startswith("<!doctype html>")


def stylesheet() -> str:
    manifest = json.loads((STATIC / "manifest.json").read_text(encoding="utf-8"))
    return next(entry["file"] for entry in manifest.values() if entry["file"].startswith("assets/console-"))


@pytest.mark.parametrize(("accepted", "coding"), [("gzip, br", "br"), ("gzip", "gzip"), ("", None)])
def test_built_files_come_in_the_smallest_form(site, accepted, coding):
    path = f"{site.url}/static/{stylesheet()}"
    with httpx.stream("GET", path, headers={"accept-encoding": accepted}, verify=TLS) as answer:
        sent = b"".join(answer.iter_raw())
    assert answer.headers.get("content-encoding") == coding
    assert answer.headers["content-type"].startswith("text/css")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "accept-encoding" in answer.headers["vary"].lower()
    assert len(sent) < (64_000 if coding else 10**6)
    again = get(path, headers={"accept-encoding": accepted, "if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_what_is_packed_already_is_left_alone(site):
    font = next(file for file in (STATIC / "assets").glob("*.woff2"))
    answer = get(f"{site.url}/static/assets/{font.name}", headers={"accept-encoding": "gzip, br"})
    assert "content-encoding" not in answer.headers
    assert answer.content == font.read_bytes()


def test_every_answer_closes_what_no_page_uses(site):
    for path in (SIGN_IN, "/healthz", "/static/mark.svg", "/nowhere"):
        assert "camera=()" in get(site.url + path).headers["permissions-policy"]


# Preferences


def test_theme_and_language_are_the_persons_own_on_every_device(site, desk, tab):
    page = tab.get(JOBS).text
    assert 'lang="ja" data-theme="system"' in page
    data = {"csrf": csrf_of(page), "theme": "dark", "language": "en", "next": JOBS}
    answer = tab.post("/console/preferences", data=data)
    assert (answer.status_code, answer.headers["location"]) == (303, JOBS)
    assert 'lang="en" data-theme="dark"' in tab.get(JOBS).text
    with tab_of(site) as elsewhere:
        assert 'lang="ja" data-theme="system"' in elsewhere.get(SIGN_IN).text
        sign_in(elsewhere, desk[1])
        assert 'lang="en" data-theme="dark"' in elsewhere.get(JOBS).text
        assert 'lang="ja"' in elsewhere.get(f"{JOBS}?lang=ja").text, "an address that names a language shows it"
    assert 'lang="en" data-theme="dark"' in tab.get(SIGN_IN).text, "this browser remembers it when nobody is signed in"
    for bad in ({"theme": "pink"}, {"language": "fr"}, {}):
        assert tab.post("/console/preferences", data={"csrf": csrf_of(tab.get(JOBS).text)} | bad).status_code == 303
    tab.post("/console/preferences", data=data | {"theme": "system", "language": "ja"})
    assert 'lang="ja" data-theme="system"' in tab.get(JOBS).text


def test_another_site_changes_no_preference(tab):
    assert tab.post("/console/preferences", data={"theme": "dark"}).status_code == 403
    assert 'data-theme="system"' in tab.get(JOBS).text


def test_before_signing_in_a_cookie_remembers_the_theme(site):
    with tab_of(site) as opened:
        assert opened.post("/theme", data={"theme": "contrast", "next": SIGN_IN}).headers["location"] == SIGN_IN
        assert 'data-theme="contrast"' in opened.get(SIGN_IN).text
        assert "set-cookie" not in opened.post("/theme", data={"theme": "x"}).headers


# Search


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("絆 花", "絆 花子 &lt;b&gt;"),
        ("きずな", "絆 花子 &lt;b&gt;"),
        ("A-1001", "csv:shop"),
        ("order/A-1001", "csv:shop"),
        ("ゴールド", "/console/program#tier-"),
        ("dark", "表示の色：暗い"),
        ("ログアウト", "/console/sign-out"),
    ],
)
def test_a_word_finds_what_it_may_mean(tab, query, shown):
    assert shown in tab.get("/console/search", params={"q": query}).text
    piece = tab.get("/console/search/live", params={"q": query}).text
    assert shown in piece
    assert 'role="option"' in piece
    assert "<html" not in piece


@pytest.mark.parametrize(
    "query", ["A-100", "nothing of the sort", "'; DROP TABLE member; --", "%", "\0", "x" * 5000, "<script>"]
)
def test_a_word_that_means_nothing_finds_nothing(tab, query):
    answer = tab.get("/console/search", params={"q": query})
    assert answer.status_code == 200
    assert "見つかりませんでした" in answer.text
    assert "<script>alert" not in answer.text
    assert "csv:shop" not in answer.text


def test_an_empty_search_offers_pages_and_commands(tab):
    page = tab.get("/console/search").text
    for way in ("/console/members", "/console/jobs", "/console/preferences", "/console/sign-out"):
        assert way in page


def test_nothing_of_another_brand_is_found(site, desk):
    other, email = site.open_shop(), f"{uuid4().hex[:8]}@example.com"
    other.owner(email)
    with tab_of(site) as opened:
        sign_in(opened, email)
        for query in ("絆 花", "A-1001"):
            assert "見つかりませんでした" in opened.get("/console/search", params={"q": query}).text


# Long work and notices


def test_a_check_of_the_ledger_is_asked_for_followed_and_told(site):
    shop, email = site.open_shop(), f"{uuid4().hex[:8]}@example.com"
    shop.owner(email)
    with tab_of(site) as tab:
        sign_in(tab, email)
        page = tab.get(JOBS).text
        assert "処理はまだありません" in page
        assert tab.post(f"{JOBS}/verify", data={}).status_code == 403
        asked = tab.post(f"{JOBS}/verify", data={"csrf": csrf_of(page)})
        again = tab.post(f"{JOBS}/verify", data={"csrf": csrf_of(page)})
        assert asked.headers["location"] == again.headers["location"], "what is under way is not begun twice"
        assert "待機中" in tab.get(asked.headers["location"]).text
        assert "bell-busy" in tab.get(JOBS).text
        run_jobs(shop)
        assert "bell-count" in tab.get(JOBS).text
        done = tab.get(asked.headers["location"]).text
        assert "完了" in done
        assert "すべての残高が履歴と一致しました" in done
        assert "すべての残高が履歴と一致しました" in tab.get("/console/notices/live").text
        assert 'data-unseen="1"' in tab.get("/console/notices/live").text
        assert "job-new" in tab.get("/console/notices").text
        assert "bell-count" not in tab.get(JOBS).text, "it was seen"


def test_a_job_is_stopped_by_whoever_asked(site, desk, tab):
    shop, email = desk

    async def ask(db) -> int:
        async with db.transaction(shop.brand.schema) as conn:
            return await enqueue(conn, "no_such_kind", {}, email)

    job = run_on(shop.server, ask)
    page = tab.get(f"{JOBS}/{job}").text
    assert "no_such_kind" in page, "a kind without words is shown by its code"
    assert tab.post(f"{JOBS}/{job}/cancel", data={}).status_code == 403
    answer = tab.post(f"{JOBS}/{job}/cancel", data={"csrf": csrf_of(page), "next": JOBS})
    assert answer.headers["location"] == JOBS
    first, second = tab.get(JOBS).text, tab.get(JOBS).text
    assert 'class="told' in first, "what was done is told on the next page"
    assert 'class="told' not in second, "and only there"
    assert "中止しました" in first


def test_a_failure_says_in_words_what_to_do(site, desk, tab):
    shop, email = desk

    async def fail(db) -> int:
        async with db.transaction(shop.brand.schema) as conn:
            job = await enqueue(conn, "verify_ledger", {}, email)
            await conn.execute("UPDATE account SET counters[1] = counters[1] + 1")
        await work_once(db, shop.brand, {one.kind: one for one in HANDLERS})
        async with db.transaction(shop.brand.schema) as conn:
            await conn.execute("UPDATE account SET counters[1] = counters[1] - 1")
            assert (await find(conn, job)).problem is not None
        return job

    job = run_on(shop.server, fail)
    for lang, words in (("ja", "食い違いが"), ("en", "differences between balances and history")):
        page = tab.get(f"{JOBS}/{job}", params={"lang": lang}).text
        assert words in page
        assert "kizuna ledger verify" in page


@pytest.mark.parametrize("job", ["0", "999999", "-1", "x", "9" * 40, "１"])
@pytest.mark.parametrize("deed", ["", "/cancel"])
def test_a_job_that_is_none_is_answered_with_a_page(tab, job, deed):
    data = {"csrf": csrf_of(tab.get(JOBS).text)}
    answer = tab.post(f"{JOBS}/{job}{deed}", data=data) if deed else tab.get(f"{JOBS}/{job}")
    assert answer.status_code == 404
    assert "運用" in answer.text


def test_nobody_sees_the_jobs_of_another_brand(site, desk):
    other, email = site.open_shop(), f"{uuid4().hex[:8]}@example.com"
    other.owner(email)
    with tab_of(site) as opened:
        sign_in(opened, email)
        assert opened.get(f"{JOBS}/1").status_code == 404


@pytest.mark.parametrize(
    "section", ["", "/members", "/jobs", "/program", "/settings", "/overview", "/nowhere", "/..%2F..%2Fx"]
)
def test_help_is_a_page_too(tab, section):
    answer = tab.get(f"/console/help{section}")
    assert answer.status_code in (200, 404)
    assert answer.status_code == 200 or "%2F" in section
    assert "<h1>" in answer.text


# A session that is over


ENTRY = {
    "theme": "dark",
    "body": "お電話で\r\n「住所が変わった」とのこと <b>",
    "body2": "x",
    "password": "secret!",
    "csrf": "old",
}


def test_what_was_typed_outlives_the_session(site, desk):
    shop, email = desk
    with tab_of(site, origin=site.url, referer=f"{site.url}{JOBS}?x=1") as tab:
        sign_in(tab, email)
        end_sessions(shop, email)
        shown = tab.post("/console/preferences", data=ENTRY | {"next": JOBS})
        assert shown.status_code == 401
        assert "入力した内容は保管しています" in shown.text
        kept = html.unescape(re.search(r'name="kept" value="([^"]+)"', shown.text)[1])
        assert "secret!" not in shown.text
        form = {"csrf": csrf_of(shown.text), "email": email, "kept": kept}
        action = html.unescape(re.search(r'<form class="door-form" method="post" action="([^"]+)"', shown.text)[1])
        refused = tab.post(action, data=form | {"password": "wrong horse battery"})
        assert refused.status_code == 401
        assert kept in html.unescape(refused.text), "a wrong password loses nothing either"
        waiting = tab.post(action, data=form | {"csrf": csrf_of(refused.text), "password": PASSWORD})
        assert waiting.status_code == 200
        assert "入力した内容は残っています" in waiting.text
        assert "「住所が変わった」とのこと &lt;b&gt;" in waiting.text
        assert "secret!" not in waiting.text
        token = csrf_of(waiting.text[waiting.text.index('class="refused kept"') :])
        fields = dict(re.findall(r'<textarea name="([^"]+)" hidden>([^<]*)</textarea>', waiting.text))
        assert set(fields) == {"theme", "body", "body2", "next"}
        assert f'href="{JOBS}?x=1"' in waiting.text
        assert 'data-theme="system"' in tab.get(JOBS).text, "nothing was sent by itself"
        assert tab.post("/console/preferences", data=fields | {"csrf": token}).status_code == 303
        assert 'data-theme="dark"' in tab.get(JOBS).text
        tab.post("/console/preferences", data={"csrf": csrf_of(tab.get(JOBS).text), "theme": "system"})


def test_what_was_typed_waits_for_the_person_who_typed_it(site, desk):
    shop, email = desk
    other = f"{uuid4().hex[:8]}@example.com"
    shop.owner(other)
    with tab_of(site, origin=site.url, referer=f"{site.url}{JOBS}") as tab:
        sign_in(tab, email)
        end_sessions(shop, email)
        shown = tab.post("/console/preferences", data=ENTRY | {"next": JOBS})
        kept = html.unescape(re.search(r'name="kept" value="([^"]+)"', shown.text)[1])
        form = {"csrf": csrf_of(shown.text), "password": PASSWORD, "kept": kept}
        for_other = tab.post(SIGN_IN, data=form | {"email": other})
        assert for_other.status_code == 303
        assert "住所" not in tab.get(for_other.headers["location"]).text


@pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
def test_what_another_site_sends_is_not_kept(site, origin):
    with tab_of(site, **({"origin": origin} if origin else {})) as tab:
        answer = tab.post("/console/preferences", data=ENTRY)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith(SIGN_IN)


def test_a_kept_entry_that_we_did_not_sign_is_forgotten(site, desk):
    with tab_of(site) as tab:
        assert sign_in(tab, desk[1], kept="e30.AAAA").status_code == 303


def test_an_entry_too_large_to_carry_is_not_promised(site):
    with tab_of(site, origin=site.url) as tab:
        answer = tab.post("/console/preferences", data={"body": "x" * 70_000})
        assert answer.status_code == 303


@pytest.mark.parametrize("header", [{"hx-request": "true"}, {"sec-fetch-mode": "cors"}])
def test_a_script_is_told_that_the_session_is_over(site, header):
    for method in ("GET", "POST"):
        answer = httpx.request(method, f"{site.url}{JOBS}", headers=header, verify=TLS)
        if method == "GET":
            assert answer.status_code == 401
            assert answer.json()["sign_in"].startswith(SIGN_IN)


def test_who_is_signed_in_is_told_with_the_token_of_now(tab):
    token = tab.get("/console/alive").json()["csrf"]
    assert token == csrf_of(tab.get(JOBS).text)


# The database away


def test_while_the_database_is_away_the_frame_stays_and_a_form_is_kept():
    with house(external=True) as built:
        built.brand("shop")
        built.serve()
        built.database.stop()
        answer = httpx.get(
            built.url + JOBS, headers={"cookie": "kizuna_session=x", "accept-language": "ja"}, timeout=30
        )
        assert answer.status_code == 503
        assert 'class="tasks"' in answer.text
        assert "もう一度試す" in answer.text
        assert f'href="{JOBS}"' in answer.text
        typed = {"csrf": "t", "body": "書きかけの<メモ>", "password": "p"}
        headers = {"cookie": "kizuna_session=x", "accept-language": "ja"}
        kept = httpx.post(f"{built.url}/console/preferences", data=typed, headers=headers, timeout=30)
        assert kept.status_code == 503
        assert '<textarea name="body" hidden>書きかけの&lt;メモ&gt;</textarea>' in kept.text
        assert '<textarea name="csrf" hidden>t</textarea>' in kept.text
        assert 'name="password"' not in kept.text
