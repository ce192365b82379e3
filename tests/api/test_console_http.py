"""The console and My Page over plain HTTP: who gets in, what is kept secret, and that every page is a page, in both languages."""

import asyncio
import html
import json
import re
from collections import Counter
from datetime import datetime, timedelta
from urllib.parse import quote, urlsplit
from uuid import uuid4

import httpx
import pytest

from api.served import JAPANESE, PASSWORD, SECRET, TLS, Shop, Site, get, hours_ago, order, post, run_on, somebody
from kizuna.members import Identity, Profile, add_identity, update_profiles
from kizuna.runtime import tokens
from kizuna.runtime.access import LOCK_AFTER_FAILURES
from kizuna.runtime.clock import now
from kizuna.web.faces import CONTENT_SECURITY_POLICY, STATIC
from kizuna.web.member.screens import MEMBER_SESSION
from kizuna.web.requests import MEMBER_LINK

SIGN_IN = "/console/sign-in"
HOME = "/console/overview"
MEMBERS = "/console/members"
NOBODY = "01a1f866-0d00-7ea0-96d9-ce99edd33060"
MEMBER_LINKS = re.compile(rf'href="{MEMBERS}/([0-9a-f-]{{36}})"')
EVIL = [
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "///evil.example",
    "javascript:alert(1)",
    "evil.example",
    " //evil.example",
    "",
]


def browser(site: Site, **headers: str) -> httpx.Client:
    return httpx.Client(
        verify=TLS, base_url=site.url, timeout=20, headers={name.replace("_", "-"): x for name, x in headers.items()}
    )


def form_of(page: str, action: str | None = None) -> dict[str, str]:
    """Return what the page's form would send, and its action as "action"."""
    wanted = re.escape(action) if action else '[^"]*'
    pattern = rf'<form[^>]*action="{wanted}"[^>]*>.*?</form>'
    (found,) = [one for one in re.findall(pattern, page, re.DOTALL) if "csrf" in one]
    fields = {
        re.search(r'name="([^"]+)"', one)[1]: html.unescape(re.search(r'value="([^"]*)"', one)[1])
        for one in re.findall(r"<input[^>]*>", found)
        if "value=" in one and 'type="radio"' not in one
    }
    return fields | {"action": html.unescape(re.search(r'action="([^"]*)"', found)[1])}


def sign_in(tab: httpx.Client, email: str, password: str = PASSWORD, *, at: str = SIGN_IN) -> httpx.Response:
    """Open the form and send it as a browser does."""
    form = form_of(tab.get(at).text)
    return tab.post(form.pop("action"), data=form | {"email": email, "password": password})


def cookie(answer: httpx.Response, name: str) -> tuple[str, set[str]]:
    """Return a cookie's value and its flags in small letters."""
    (line,) = [one for one in answer.headers.get_list("set-cookie") if one.startswith(f"{name}=")]
    value, *flags = [part.strip() for part in line.split(";")]
    return value.partition("=")[2], {flag.lower() for flag in flags}


def is_page(answer: httpx.Response, status: int, lang: str | None = None) -> str:
    """Check that an answer is a whole page that no cache keeps and no other site frames."""
    assert answer.status_code == status, answer.text[:300]
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.text.startswith("<!doctype html>")
    if lang:
        assert f'<html lang="{lang}"' in answer.text
    return answer.text


def heading(page: str) -> str:
    return html.unescape(re.search(r"<h1[^>]*>(.*?)</h1>", page, re.DOTALL)[1]).strip()


@pytest.fixture(scope="session")
def staffed(site: Site) -> tuple[Shop, str]:
    """A shop with an owner; its name differs from every other's."""
    shop, email = site.open_shop(), f"{uuid4().hex[:8]}@example.com"
    shop.owner(email)
    return shop, email


@pytest.fixture(scope="session")
def console(site: Site, staffed) -> httpx.Client:
    """A tab in which the owner is signed in."""
    tab = browser(site)
    assert sign_in(tab, staffed[1]).status_code == 303
    return tab


def enrol(shop: Shop, profile: Profile, *identities: Identity, points: int = 1) -> str:
    """Enrol a member with a profile and more identities, and return the id."""
    member = shop.post(order(points * 100)).json()["member"]
    raw = bytes.fromhex(member.replace("-", ""))

    async def story(db) -> None:
        async with db.lend(shop.brand.schema) as conn:
            await update_profiles(conn, [(raw, profile)])
            for identity in identities:
                assert await add_identity(conn, raw, identity)

    run_on(shop.server, story)
    return member


# Signing in


def test_a_person_signs_in_and_out(site, staffed):
    with browser(site) as tab:
        asked = tab.get(MEMBERS)
        assert (asked.status_code, asked.headers["location"]) == (303, f"{SIGN_IN}?next=%2Fconsole%2Fmembers")
        answer = sign_in(tab, f"  {staffed[1].upper()} ")
        assert (answer.status_code, answer.headers["location"]) == (303, HOME)
        value, flags = cookie(answer, "kizuna_session")
        assert len(value) >= 43
        assert {"httponly", "samesite=lax", "path=/console", "max-age=43200"} <= flags
        assert "secure" not in flags
        page = is_page(tab.get(MEMBERS), 200)
        assert staffed[1] in page
        form = form_of(page, "/console/sign-out")
        left = tab.post(form.pop("action"), data=form)
        assert (left.status_code, left.headers["location"]) == (303, SIGN_IN)
        tab.cookies.set("kizuna_session", value, path="/console")
        assert tab.get(MEMBERS).status_code == 303, "the session is over for whoever kept its cookie"


def test_a_person_comes_back_to_where_they_were(site, staffed):
    with browser(site) as tab:
        wanted = "/console/members?q=hana%20ko&page=2"
        asked = tab.get(wanted)
        answer = sign_in(tab, staffed[1], at=asked.headers["location"])
        assert (answer.status_code, answer.headers["location"]) == (303, wanted)


def test_behind_https_cookies_stay_on_https(site, staffed):
    with browser(site, x_forwarded_proto="https") as tab:
        assert "secure" in cookie(tab.get(SIGN_IN), "kizuna_form")[1]
        form = form_of(tab.get(SIGN_IN).text)
        token = form["csrf"]
        answer = tab.post(
            SIGN_IN,
            data={"csrf": token, "email": staffed[1], "password": PASSWORD},
            headers={"cookie": f"kizuna_form={token}"},
        )
        assert "secure" in cookie(answer, "kizuna_session")[1]
        assert "secure" in cookie(tab.post("/lang", data={"lang": "en", "next": "/"}), "kizuna_lang")[1]


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_refused_sign_in_does_not_say_which_of_the_two_is_wrong(site, staffed, lang):
    with browser(site, accept_language=lang) as tab:
        pages = [
            is_page(sign_in(tab, email, password), 401, lang)
            for email, password in (
                (staffed[1], "wrong horse battery"),
                ("nobody@example.com", PASSWORD),
                ("nobody@example.com", ""),
            )
        ]
        refusals = {re.search(r'role="alert">.*?<p>(.*?)</p>', page, re.DOTALL)[1] for page in pages}
        assert len(refusals) == 1
        assert bool(JAPANESE.search(refusals.pop())) == (lang == "ja")
        assert "kizuna_session" not in tab.cookies
        assert staffed[1] in pages[0], "the address need not be typed again"
        assert "wrong horse battery" not in pages[0]


def nearly_locked(site: Site, failures_left: int) -> str:
    """Return the address of a new owner whose account rests after so many more failures."""
    email = f"{uuid4().hex[:8]}@example.com"
    site.shop.owner(email)
    counted = LOCK_AFTER_FAILURES - failures_left
    site.shop.platform_sql("UPDATE console_user SET failed_count = $1 WHERE email = $2", counted, email)
    return email


def test_after_ten_failures_an_account_rests_even_for_the_right_password(site):
    assert LOCK_AFTER_FAILURES == 10
    shop, email = site.shop, nearly_locked(site, 3)
    with browser(site) as tab:
        for _ in range(3):
            assert sign_in(tab, email, "wrong horse battery").status_code == 401
        page = is_page(sign_in(tab, email), 429)
        assert "15" in page
        shop.platform_sql("UPDATE console_user SET locked_until = now() - interval '1 s' WHERE email = $1", email)
        assert sign_in(tab, email).status_code == 303


def test_guesses_that_come_all_at_once_are_counted_too(site):
    email = nearly_locked(site, 2)
    with browser(site) as tab:
        token = form_of(tab.get(SIGN_IN).text)["csrf"]

    async def guess() -> Counter:
        headers = {"cookie": f"kizuna_form={token}"}
        async with httpx.AsyncClient(verify=TLS, base_url=site.url, headers=headers, timeout=30) as tabs:
            sent = [{"csrf": token, "email": email, "password": f"wrong horse {n}"} for n in range(8)]
            return Counter(
                answer.status_code for answer in await asyncio.gather(*(tabs.post(SIGN_IN, data=one) for one in sent))
            )

    assert asyncio.run(guess())[401] <= 2


@pytest.mark.parametrize("token", [None, "", "wrong", "絆", "of another form"])
def test_a_sign_in_form_of_nobody_is_not_taken(site, staffed, token):
    with browser(site) as tab, browser(site) as other:
        tab.get(SIGN_IN)
        data = {"email": staffed[1], "password": PASSWORD}
        if token is not None:
            data["csrf"] = form_of(other.get(SIGN_IN).text)["csrf"] if token == "of another form" else token  # noqa: S105 - a name
        is_page(tab.post(SIGN_IN, data=data), 403)
        assert "kizuna_session" not in tab.cookies


def test_a_sign_in_form_without_its_cookie_is_not_taken(site, staffed):
    form = form_of(get(site.url + SIGN_IN).text)
    data = {"csrf": form["csrf"], "email": staffed[1], "password": PASSWORD}
    is_page(post(site.url + SIGN_IN, data=data), 403)
    is_page(post(site.url + SIGN_IN, data=data | {"csrf": ""}, headers={"cookie": "kizuna_form="}), 403)


@pytest.mark.parametrize("token", [None, "", "wrong"])
def test_a_sign_out_that_another_site_sent_does_nothing(site, staffed, console, token):
    data = {} if token is None else {"csrf": token}
    is_page(console.post("/console/sign-out", data=data), 403)
    assert console.get(MEMBERS).status_code == 200


def test_a_sign_out_with_the_token_of_another_session_does_nothing(site, staffed, console):
    with browser(site) as tab:
        sign_in(tab, staffed[1])
        form = form_of(tab.get(MEMBERS).text, "/console/sign-out")
    is_page(console.post(form.pop("action"), data=form), 403)
    assert console.get(MEMBERS).status_code == 200


@pytest.mark.parametrize("evil", EVIL)
def test_nobody_is_sent_to_another_site(site, evil):
    chosen = post(f"{site.url}/lang", data={"lang": "en", "next": evil})
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/")


@pytest.mark.parametrize("evil", EVIL[:3])
def test_nobody_who_signs_in_is_sent_to_another_site(site, staffed, evil):
    with browser(site) as tab:
        token = form_of(tab.get(SIGN_IN, params={"next": evil}).text)["csrf"]
        data = {"csrf": token, "email": staffed[1], "password": PASSWORD, "next": evil}
        assert tab.post(SIGN_IN, params={"next": evil}, data=data).headers["location"] == HOME


def test_whatever_host_a_request_names_it_is_sent_on_within_this_site(site):
    for path in (MEMBERS, "/console", "/"):
        answer = get(site.url + path, headers={"host": "evil.example"})
        assert urlsplit(answer.headers["location"]).netloc in ("", "evil.example")


def test_a_session_ends_by_itself(site, staffed):
    shop, email = staffed
    with browser(site) as tab:
        value, _ = cookie(sign_in(tab, email), "kizuna_session")
        shop.platform_sql(
            "UPDATE console_session SET expires_at = now() - interval '1 s' WHERE session_hash = sha256($1)",
            value.encode(),
        )
        assert tab.get(MEMBERS).headers["location"].startswith(SIGN_IN)
        assert tab.get(f"{MEMBERS}/{NOBODY}").status_code == 303


@pytest.mark.parametrize("value", ["", "wrong", "x" * 5000, '"quoted"', "a\\303b"])
def test_a_cookie_of_nobody_opens_nothing(site, value):
    answer = get(site.url + MEMBERS, headers={"cookie": f"kizuna_session={value}"})
    assert answer.headers["location"].startswith(SIGN_IN)


HOSTILE = ["a\0@example.com", "\ud7ff\ufffe@example.com", "' OR 1=1 --", "<script>alert(1)</script>", "x" * 100_000]


@pytest.mark.parametrize("email", HOSTILE)
def test_an_address_is_text_whatever_it_holds(site, email):
    with browser(site) as tab:
        page = is_page(sign_in(tab, email), 401)
        assert "<script>alert" not in page


def test_a_password_is_text_whatever_it_holds(site):
    with browser(site) as tab:
        is_page(sign_in(tab, "nobody@example.com", "".join(HOSTILE)), 401)


@pytest.mark.parametrize("charset", ["utf-8", "unicode_escape", "punycode", "idna", "utf-16", "base64", "none-such"])
def test_a_form_in_any_alphabet_is_answered_with_a_page(site, charset):
    with browser(site) as tab:
        token = form_of(tab.get(SIGN_IN).text)["csrf"]
        fields = {"csrf": token.encode(), "email": rb"\ud800@example.com", "password": b"_"}
        parts = b"".join(
            b'--B\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (k.encode(), v)
            for k, v in fields.items()
        )
        kind = f"multipart/form-data; boundary=B; charset={charset}"
        answer = tab.post(SIGN_IN, content=parts + b"--B--\r\n", headers={"content-type": kind})
        assert answer.status_code in (400, 401, 403, 415, 422)
        is_page(answer, answer.status_code)


BROKEN_FORMS = {
    "no boundary": (b"--x", "multipart/form-data"),
    "garbage": (b"garbage", "multipart/form-data; boundary=x"),
    "too many fields": (b"&".join(b"a%d=1" % n for n in range(5000)), "application/x-www-form-urlencoded"),
    "a field too long": (b"email=" + b"x" * 3_000_000, "application/x-www-form-urlencoded"),
    "JSON": (b'{"email": "x"}', "application/json"),
    "nothing": (b"", ""),
}


@pytest.mark.parametrize("name", BROKEN_FORMS)
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_broken_form_is_answered_with_a_page(site, name, lang):
    body, kind = BROKEN_FORMS[name]
    with browser(site, accept_language=lang) as tab:
        answer = tab.post(SIGN_IN, content=body, headers={"content-type": kind})
        assert answer.status_code in (400, 403, 413, 422)
        is_page(answer, answer.status_code, lang)


# Members


@pytest.fixture(scope="session")
def people(staffed) -> dict[str, str]:
    """A shop full of people with difficult names, by their names."""
    shop, _ = staffed
    return {
        "100%": enrol(shop, Profile("満点 100% 花子", "マンテン ハナコ"), Identity("email", "hana-ko@example.com")),
        "under": enrol(shop, Profile("under_score 太郎", "アンダー タロウ"), Identity("customer", "C-100_7")),
        "quote": enrol(shop, Profile('O\'Brien "Q" & <b>Sons</b>', "オブライエン")),
        "slash": enrol(shop, Profile("back\\slash 一郎", "バック イチロウ"), Identity("phone", "+819012345678")),
        "wide": enrol(shop, Profile("YAMADA 次郎", "ヤマダ ジロウ", language="en"), points=5),
    }


def found(console: httpx.Client, query: str) -> set[str]:
    page = is_page(console.get(MEMBERS, params={"q": query}), 200)
    return set(MEMBER_LINKS.findall(page))


@pytest.mark.parametrize(
    ("query", "who"),
    [
        ("100%", {"100%"}),
        ("100% 花", {"100%"}),
        ("0% 花", set()),
        ("%", set()),
        ("_", set()),
        ("under_score", {"under"}),
        ("underscore", set()),
        ("under%score", set()),
        ("O'", {"quote"}),
        ("'", set()),
        ('"Q"', {"quote"}),
        ("<b>", set()),
        ("'; DROP TABLE member; --", set()),
        ("\\", set()),
        ("back\\", {"slash"}),
        ("back\\slash", {"slash"}),
        ("back\\\\", set()),
        ("back\0slash", set()),
        ("バック", {"slash"}),
        ("イチロウ", {"slash"}),
        ("一郎", {"slash"}),
        ("ﾊﾞｯｸ", {"slash"}),
        ("ＹＡＭＡＤＡ", {"wide"}),
        ("yamada", {"wide"}),
        ("ヤマダジロウ", {"wide"}),
        ("やまだじろう", {"wide"}),
        ("  ヤマダ　ジロウ ", {"wide"}),
        ("hana-ko@example.com", {"100%"}),
        ("Ｈａｎａ－ｋｏ", {"100%"}),
        ("c-100_7", {"under"}),
        ("5678", {"slash"}),
        ("+81 90-1234-5678", {"slash"}),
        ("090-1234-5678", {"slash"}),
        ("\ufffe\u202e", set()),
        ("x" * 5000, set()),
    ],
)
def test_a_search_finds_what_was_typed_and_nothing_else(console, people, query, who):
    assert found(console, query) == {people[name] for name in who}


@pytest.mark.parametrize("query", ["", "  ", "　"])
def test_an_empty_search_lists_everybody(console, people, query):
    assert set(people.values()) <= found(console, query)


def test_what_was_typed_is_shown_again_and_never_run(console, people):
    page = is_page(console.get(MEMBERS, params={"q": "<script>alert('1')</script>\""}), 200)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert "<b>Sons" not in is_page(console.get(MEMBERS), 200)


@pytest.mark.parametrize("number", ["0", "-1", "999999999999", "1e3", "many", "", "１", "\0", "²"])
def test_a_page_number_of_former_days_shows_the_list(console, people, number):
    page = is_page(console.get(MEMBERS, params={"page": number}), 200)
    assert set(MEMBER_LINKS.findall(page)) == found(console, "")


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize(
    "asked",
    [
        "tier=x",
        "tier=-1",
        "active=31",
        "sleeping=%00",
        "expiring=1e9",
        "joined=2026-13",
        "joined=x",
        "sort=name",
        "cursor=x",
    ],
)
def test_what_the_list_cannot_be_narrowed_by_is_answered_with_a_page(console, people, lang, asked):
    page = is_page(console.get(f"{MEMBERS}?{asked}", headers={"accept-language": lang}), 422, lang)
    assert bool(JAPANESE.search(heading(page))) == (lang == "ja")
    assert console.get(f"/console/members.csv?{asked}".replace("cursor=x", "sort=x")).status_code == 422


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize(
    "member", [NOBODY, "hanako", "%00", "%FF", "..%2F..%2Fetc%2Fpasswd", "'%22%3E%3Cscript%3E", "x" * 3000, "1/2/3"]
)
def test_a_member_that_is_nobody_is_answered_with_a_page(console, member, lang):
    answer = console.get(f"{MEMBERS}/{member}", headers={"accept-language": lang, "accept": "application/json"})
    page = is_page(answer, 404, lang)
    assert bool(JAPANESE.search(heading(page))) == (lang == "ja")
    assert "<script>" not in page.lower().replace("&lt;script", "")


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("path", ["/console/nowhere", "/console/sign-in/x", "/my/nowhere", "/my/enter"])
def test_an_address_that_leads_nowhere_is_answered_with_a_page(site, path, lang):
    page = is_page(get(site.url + path, headers={"accept-language": lang}), 404, lang)
    assert bool(JAPANESE.search(heading(page))) == (lang == "ja")


@pytest.mark.parametrize("cursor", ["wrong", "", "%00"])
def test_a_bad_cursor_is_answered_with_a_page(console, people, cursor):
    is_page(console.get(f"{MEMBERS}/{people['wide']}?cursor={cursor}"), 422)


def test_a_member_page_shows_the_member(console, people):
    page = is_page(console.get(f"{MEMBERS}/{people['quote']}"), 200)
    assert "O&#39;Brien &#34;Q&#34; &amp; &lt;b&gt;Sons&lt;/b&gt;" in page
    assert people["quote"] in page


def test_the_session_of_another_brand_sees_nothing_of_this_one(site, staffed, people):
    other, email = site.open_shop(), f"{uuid4().hex[:8]}@example.com"
    other.owner(email)
    with browser(site) as tab:
        sign_in(tab, email)
        for name in ("ヤマダ", "hana", ""):
            assert found(tab, name) == set()
        for member in people.values():
            page = is_page(tab.get(f"{MEMBERS}/{member}"), 404)
            assert "ヤマダ" not in page


def test_a_console_before_its_first_program_leads_to_the_first_steps(site):
    shop, email = site.open_shop(None), f"{uuid4().hex[:8]}@example.com"
    shop.owner(email)
    with browser(site) as tab:
        sign_in(tab, email)
        assert tab.get(MEMBERS).headers["location"] == "/console/start"
        is_page(tab.get("/console/start", follow_redirects=True), 200)


def test_the_language_is_kept(site):
    with browser(site) as tab:
        assert heading(tab.get(SIGN_IN).text) != heading(tab.get(f"{SIGN_IN}?lang=en").text)
        chosen = tab.post("/lang", data={"lang": "en", "next": SIGN_IN})
        assert chosen.headers["location"] == SIGN_IN
        assert {"httponly", "samesite=lax", "path=/"} <= cookie(chosen, "kizuna_lang")[1]
        is_page(tab.get(SIGN_IN, headers={"accept-language": "ja"}), 200, "en")
        for bad in ("fr", "", "../en", "en\0"):
            assert "set-cookie" not in tab.post("/lang", data={"lang": bad, "next": "/"}).headers


# My Page


def link(
    shop: Shop, member: str, *, purpose: str = MEMBER_LINK, secret: str = SECRET, minutes: int = 5, **more: str
) -> str:
    facts = {"brand": shop.brand.slug, "member": member, **more}
    return tokens.sign(secret, purpose, facts, now() + timedelta(minutes=minutes))


def test_a_link_from_the_console_opens_my_page(site, console, staffed, people):
    page = console.get(f"{MEMBERS}/{people['wide']}").text
    path = html.unescape(re.search(r'href="(/my/enter/[^"]+)"', page)[1])
    with browser(site, accept_language="ja") as tab:
        answer = tab.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/my")
        _, flags = cookie(answer, "kizuna_member")
        assert {"httponly", "samesite=lax", "path=/my", "max-age=2592000"} <= flags
        assert "secure" not in flags
        home = is_page(tab.get("/my"), 200, "en")  # the member's own language
        assert "YAMADA 次郎" in home
        assert re.search(r">5<span", home)
        for part in ("/my/history", "/my/card", "/my/settings"):
            is_page(tab.get(part), 200)
        is_page(tab.get("/my/history?cursor=wrong"), 422)
        assert tab.get(MEMBERS).status_code == 303, "a member is nobody in the console"
    assert "secure" in cookie(get(site.url + path, headers={"x-forwarded-proto": "https"}), "kizuna_member")[1]


def test_a_member_keeps_a_language_with_a_form_of_their_own(site, staffed, people):
    shop, _ = staffed
    with browser(site) as tab:
        tab.get(f"/my/enter/{link(shop, people['quote'])}")
        for forged in ({}, {"csrf": ""}, {"csrf": "wrong"}):
            is_page(tab.post("/my/settings", data=forged | {"language": "en"}), 403)
        form = form_of(is_page(tab.get("/my/settings"), 200, "ja"), "/my/settings")
        answer = tab.post(form.pop("action"), data=form | {"language": "en"})
        assert answer.headers["location"] == "/my/settings?saved=1"
        is_page(tab.get("/my"), 200, "en")


def forgeries(shop: Shop, member: str) -> dict[str, str]:
    good = link(shop, member)
    body, _, mac = good.partition(".")
    other = link(shop, NOBODY)
    return {
        "another's body": f"{other.partition('.')[0]}.{mac}",
        "no mac": f"{body}.",
        "no dot": body,
        "a dot and a word": ".x",
        "a mac cut short": f"{body}.{mac[:-4]}",
        "another mac": f"{body}.{'A' * len(mac)}",
        "another secret": link(shop, member, secret="x" * 32),
        "no secret": link(shop, member, secret=""),
        "another purpose": link(shop, member, purpose=MEMBER_SESSION, csrf="x"),
        "over": link(shop, member, minutes=-1),
        "no base64": "!!!.???",
        "words": "絆.絆",
        "long": "A" * 20_000,
    }


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("name", list(forgeries(Shop("", None, type("B", (), {"slug": "s"})(), ""), NOBODY)))  # type: ignore[arg-type]
def test_a_forged_link_opens_nothing(site, staffed, people, name, lang):
    token = forgeries(staffed[0], people["wide"])[name]
    with browser(site, accept_language=lang) as tab:
        page = is_page(tab.get(f"/my/enter/{quote(token, safe='')}"), 401, lang)
        assert bool(JAPANESE.search(heading(page))) == (lang == "ja")
        assert "kizuna_member" not in tab.cookies
        if token.isascii():
            is_page(
                tab.get("/my", headers={"cookie": f"kizuna_member={token}"}), 401
            ) if name != "another purpose" else None


def test_a_link_is_no_session(site, staffed, people):
    token = link(staffed[0], people["wide"])
    is_page(get(f"{site.url}/my", headers={"cookie": f"kizuna_member={token}"}), 401)


def test_a_session_that_is_over_shows_nothing(site, staffed, people):
    token = link(staffed[0], people["wide"], purpose=MEMBER_SESSION, minutes=-1, csrf="x")
    for path in ("/my", "/my/history", "/my/card", "/my/settings"):
        page = is_page(get(site.url + path, headers={"cookie": f"kizuna_member={token}"}), 401)
        assert "YAMADA" not in page
    answer = post(f"{site.url}/my/settings", headers={"cookie": f"kizuna_member={token}"}, data={"csrf": "x"})
    is_page(answer, 401)


def test_a_link_to_a_member_of_another_brand_shows_nobody(site, staffed, people):
    other = site.open_shop()
    with browser(site) as tab:
        tab.get(f"/my/enter/{link(other, people['wide'])}")
        assert "YAMADA" not in is_page(tab.get("/my"), 404)


# What every answer carries


def test_static_files_are_kept_for_ever_and_missing_ones_are_not(site):
    manifest = json.loads((STATIC / "manifest.json").read_text(encoding="utf-8"))
    path = f"/static/{next(entry['file'] for entry in manifest.values() if entry['file'].endswith('.css'))}"
    answer = get(site.url + path)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
    assert answer.headers["content-type"].startswith("text/css")
    again = get(site.url + path, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    missing = get(f"{site.url}/static/assets/console-OLD.css")
    assert missing.status_code == 404
    assert "immutable" not in missing.headers.get("cache-control", "")
    assert "immutable" not in get(f"{site.url}/static/mark.svg").headers.get("cache-control", "")


@pytest.mark.parametrize(
    "path",
    [
        "/static/../site.py",
        "/static/%2e%2e/site.py",
        "/static/..%2fsite.py",
        "/static//etc/passwd",
        "/static/",
        "/static/assets",
    ],
)
def test_static_files_are_only_static_files(site, path):
    answer = site.raw(f"GET {path} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 404")
    assert b"import" not in answer


@pytest.mark.parametrize(
    "path", ["/healthz", "/readyz", "/openapi.json", "/static/mark.svg", "/nowhere", "/v1/members/x"]
)
def test_every_answer_is_what_it_says_it_is_and_stays_in_its_frame(site, path):
    answer = get(site.url + path)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY


@pytest.mark.parametrize("host", ["[", "evil.example/console", "a b", "", "x:99999999", "user:pw@evil"])
def test_any_host_header_gets_an_answer(site, host):
    answer = site.raw(f"GET /v1/members/x HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    assert answer.split(b" ", 2)[1] in (b"400", b"401")


def test_the_day_in_the_console_is_the_brands(console, staffed):
    who = somebody()
    member = staffed[0].post(order(1000, who)).json()["member"]
    page = is_page(console.get(f"{MEMBERS}/{member}?lang=ja"), 200, "ja")
    assert datetime.fromisoformat(hours_ago(-9)).strftime("%Y年") in page
