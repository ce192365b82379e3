"""My Page over plain HTTP beyond coming in: every screen says the program's truth, and what a device keeps it can give back."""

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import httpx
import pytest

from api.served import JAPANESE, SECRET, TLS, Shop, Site, get, order, redemption, somebody
from kizuna.runtime import tokens
from kizuna.runtime.clock import now
from kizuna.web.faces import CONTENT_SECURITY_POLICY
from kizuna.web.requests import MEMBER_LINK


@contextmanager
def tab_of(site: Site, shop: Shop, member: str) -> Iterator[httpx.Client]:
    """A browser that has come in by a link."""
    facts = {"brand": shop.brand.slug, "member": member}
    with httpx.Client(verify=TLS, base_url=site.url, timeout=20) as tab:
        tab.get(f"/my/enter/{tokens.sign(SECRET, MEMBER_LINK, facts, now() + timedelta(minutes=5))}")
        yield tab


def text_of(answer: httpx.Response, status: int = 200) -> str:
    """Return a page's words, after checking that it is one that no cache keeps."""
    assert answer.status_code == status, answer.text[:300]
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert answer.headers["cache-control"] == "no-store"
    assert "<script" not in answer.text
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.text)))


@pytest.fixture(scope="module")
def buyer(site: Site) -> tuple[Shop, str]:
    """A shop of its own and a member who bought three times and redeemed once."""
    shop, who = site.open_shop(), somebody()
    answers = shop.told(*(order(amount, who) for amount in (30_000, 12_345, 987)))
    shop.told(redemption(100, who))
    return shop, answers[0]["member"]


def token(page: str) -> str:
    return html.unescape(re.search(r'name="csrf" value="([^"]+)"', page)[1])


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_every_screen_in_both_languages(site, buyer, lang):
    with tab_of(site, *buyer) as tab:
        tab.cookies.set("kizuna_lang", lang)
        pages = {
            path: text_of(tab.get(f"/my{path}"))
            for path in ("", "/points", "/tier", "/earn", "/history", "/settings", "/card")
        }
    assert "332" in pages[""]  # 300 + 123 + 9 − 100
    assert "¥56,668" in pages[""], "what is missing to the next tier"
    assert "¥56,668" in pages["/tier"]
    assert "¥250,000" in pages["/tier"]
    assert "¥100" in pages["/earn"]
    assert "332" in pages["/points"]
    assert pages["/history"].count("¥12,345") >= 1
    for page in pages.values():
        assert (
            bool(
                JAPANESE.search(
                    page.replace("絆マート", "").replace("日本語", "").replace("お買い物", "").replace("メンバー", "")
                )
            )
            or lang == "en"
        )


def test_a_page_shows_a_version_as_soon_as_it_is_published(site):
    shop, who = site.open_shop(), somebody()
    member = shop.told(order(1_000, who))[0]["member"]
    with tab_of(site, shop, member) as tab:
        assert "¥100" in text_of(tab.get("/my/earn"))
        program = shop.sql("SELECT document::text AS document FROM program_version")[0]["document"]
        shop.publish(program.replace('"per": 100', '"per": 250'))
        assert "¥250" in text_of(tab.get("/my/earn"))


def test_a_theme_is_kept_by_the_device(site, buyer):
    with tab_of(site, *buyer) as tab:
        page = tab.get("/my/settings").text
        assert 'data-theme="system"' in page
        answer = tab.post("/my/settings", data={"csrf": token(page), "theme": "dark", "language": "ja"})
        assert answer.status_code == 303
        for path in ("/my", "/my/card", "/my/settings"):
            assert 'data-theme="dark"' in tab.get(path).text
        tab.post("/my/settings", data={"csrf": token(page), "theme": "neon"})
        assert 'data-theme="dark"' in tab.get("/my").text


def test_signing_out_ends_it_on_this_device(site, buyer):
    with tab_of(site, *buyer) as tab:
        page = tab.get("/my/settings").text
        assert text_of(tab.post("/my/leave", data={"csrf": "wrong"}), 403)
        text_of(tab.get("/my"))
        answer = tab.post("/my/leave", data={"csrf": token(page)})
        assert (answer.status_code, answer.headers["location"]) == (303, "/my")
        assert "kizuna_member" not in tab.cookies
        text_of(tab.get("/my"), 401)


@pytest.mark.parametrize("path", ["/my", "/my/card", "/my/enter/over"])
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_who_is_not_signed_in_is_told_how_to_come_in(site, path, lang):
    answer = get(f"{site.url}{path}", headers={"accept-language": lang})
    words = text_of(answer, 401)
    assert "401" not in words
    assert 'href="/my"' not in answer.text, "a button that leads back here helps nobody"
    assert ("レジ" if lang == "ja" else "till") in words


def test_the_cookie_carries_the_card(site, buyer):
    with tab_of(site, *buyer) as tab:
        facts = tokens.read(SECRET, "member-session", tab.cookies["kizuna_member"], now())
        number = re.sub(r"\D", "", re.search(r'class="card-number[^>]*>(.*?)</p>', tab.get("/my/card").text)[1])
        assert facts["card"] == number
