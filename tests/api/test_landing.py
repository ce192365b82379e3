"""The page for anybody over plain HTTP: in each language it says what the program says, to people and to search engines."""

import html
import json
import re
from xml.etree import ElementTree as ET

import httpx
import pytest

from api.served import JAPANESE, Shop, Site, get
from kizuna.web.faces import CONTENT_SECURITY_POLICY

XHTML, MAP = "{http://www.w3.org/1999/xhtml}", "{http://www.sitemaps.org/schemas/sitemap/0.9}"
FIRST_LOAD_BYTES_MAX = 60_000
PROGRAM = """
program: 1
name: {ja: "しおり <ポイント> & 会", en: "Shiori <Points> & Co"}
unknown_member: create
units: [{id: points, name: {ja: ポイント, en: points}, expiry: {after_days: 180}}]
tiers:
  by: spend
  window: calendar_year
  levels:
    - {id: member, name: {ja: 会員, en: Member}, at: 0}
    - {id: gold, name: {ja: ゴールド, en: Gold}, at: 120_000}
earning_rules:
  - {id: base, name: {ja: お買い物, en: Purchase}, event: order.completed, unit: points, award: {points: 1, per: 200}}
redemption: {minimum: 500, step: 100}
"""


@pytest.fixture(scope="module")
def told(site: Site) -> Shop:
    """A shop that has published a program of its own."""
    return site.open_shop(PROGRAM)


def page(shop: Shop, lang: str = "", status: int = 200) -> httpx.Response:
    answer = get(f"{shop.url}/p/{shop.brand.slug}{lang and '/'}{lang}")
    assert answer.status_code == status, answer.text[:300]
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    return answer


def attribute(text: str, pattern: str) -> str:
    (found,) = re.findall(pattern, text)
    return html.unescape(found)


def data_of(text: str) -> dict[str, dict]:
    raw = attribute(text, r'<script type="application/ld\+json">(.*?)</script>')
    told = json.loads(raw)
    assert told["@context"] == "https://schema.org"
    return {one["@type"]: one for one in told["@graph"]}


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_it_says_what_the_program_says(told, lang):
    text = page(told, "" if lang == "ja" else lang).text
    assert f'<html lang="{lang}"' in text
    heading = re.sub(r"<[^>]+>", "", attribute(text, r"<h1>(.*?)</h1>"))
    assert heading == ("¥200ごとに1\xa0pt" if lang == "ja" else "1\xa0pt per ¥200")
    plain = html.unescape(re.sub(r"<[^>]+>", "", text))
    for fact in ("120,000", "500\xa0pt", "180"):
        assert fact in plain
    assert "しおり <ポイント> & 会" in plain if lang == "ja" else "Shiori <Points> & Co" in plain
    assert "<ポイント>" not in text
    assert "<Points>" not in text


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_search_engines_read_the_same_as_people(told, lang):
    text = page(told, "" if lang == "ja" else lang).text
    url = f"{told.url}/p/{told.brand.slug}" + ("" if lang == "ja" else "/en")
    assert attribute(text, r'<link rel="canonical" href="([^"]+)">') == url
    assert attribute(text, r'<meta property="og:url" content="([^"]+)">') == url
    about = attribute(text, r'<meta name="description" content="([^"]+)">')
    assert 40 <= len(about) <= 120
    assert dict(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">', text)) == {
        "ja": f"{told.url}/p/{told.brand.slug}",
        "en": f"{told.url}/p/{told.brand.slug}/en",
        "x-default": f"{told.url}/p/{told.brand.slug}",
    }
    assert "og:image" not in text
    told_data = data_of(text)
    program = told_data["Organization"]["hasMemberProgram"]
    assert program["@type"] == "MemberProgram"
    assert program["name"] == ("しおり <ポイント> & 会" if lang == "ja" else "Shiori <Points> & Co")
    plain, gold = program["hasTiers"]
    assert "hasTierRequirement" not in plain
    assert gold["hasTierRequirement"] == {"@type": "MonetaryAmount", "value": "120000", "currency": "JPY"}
    assert gold["membershipPointsEarned"]["value"] == 1
    asked = told_data["FAQPage"]["mainEntity"]
    assert 8 <= len(asked) <= 11
    shown = html.unescape(re.sub(r"<[^>]+>", "", text))
    for one in asked:
        assert one["name"] in shown
        assert one["acceptedAnswer"]["text"] in shown
        assert bool(JAPANESE.search(one["name"])) == (lang == "ja")
    assert [step["position"] for step in told_data["BreadcrumbList"]["itemListElement"]] == [1, 2]


def test_money_in_data_is_in_the_currencys_own_unit(site):
    shop = site.open_shop(PROGRAM, currency="USD")
    tier = data_of(page(shop).text)["Organization"]["hasMemberProgram"]["hasTiers"][1]
    assert tier["hasTierRequirement"] == {"@type": "MonetaryAmount", "value": "1200.00", "currency": "USD"}


def test_it_asks_no_other_host_and_is_light(told):
    text = page(told).text
    named = set(re.findall(r'(?:href|src)="(/static/[^"]+|/look/[^"]+)"', text))
    total = len(text.encode()) + sum(len(get(told.url + one).content) for one in named)
    assert total <= FIRST_LOAD_BYTES_MAX
    assert not re.findall(r'<script(?! type="application/ld\+json")', text)
    assert not re.findall(r' style="| on\w+="', text)
    links = set(re.findall(r'(?:href|src)="(https?://[^/"]+)', text))
    assert links == {told.url}


def test_caches_may_keep_it_until_it_changes(site):
    shop = site.open_shop(PROGRAM)
    first = page(shop)
    assert first.headers["cache-control"].startswith("public, max-age=300")
    assert "set-cookie" not in first.headers
    address = f"{shop.url}/p/{shop.brand.slug}"
    tag = first.headers["etag"]
    again = get(address, headers={"if-none-match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert page(shop, "en").headers["etag"] != tag
    shop.publish(PROGRAM.replace("per: 200", "per: 300"))
    after = get(address, headers={"if-none-match": tag})
    assert after.status_code == 200
    assert "¥300" in after.text


def test_the_first_language_has_one_address(told):
    answer = get(f"{told.url}/p/{told.brand.slug}/ja")
    assert (answer.status_code, answer.headers["location"]) == (301, f"/p/{told.brand.slug}")


@pytest.mark.parametrize(
    "path",
    ["/p/nobody", "/p/nobody/en", "/p/{slug}/fr", "/p/{slug}/en/x", "/p/A", "/p/%00", "/p/{empty}"],
)  # fmt: skip
def test_where_nothing_is_published_a_kind_page_says_so(site, told, path):
    empty = site.open_shop(None).brand.slug if "{empty}" in path else ""
    answer = get(told.url + path.format(slug=told.brand.slug, empty=empty), headers={"accept-language": "ja"})
    assert answer.status_code == 404
    if path.count("/") < 4:
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert '<meta name="robots" content="noindex">' in answer.text
        assert JAPANESE.search(attribute(answer.text, r"<h1>(.*?)</h1>"))
        assert "404" not in re.sub(r"<[^>]+>", "", answer.text)


def test_the_sitemap_lists_every_page_in_every_language(told):
    answer = get(f"{told.url}/sitemap.xml")
    assert answer.headers["content-type"].startswith("application/xml")
    listed = {
        entry.find(f"{MAP}loc").text: (
            entry.find(f"{MAP}lastmod").text,
            {link.get("hreflang") for link in entry.findall(f"{XHTML}link")},
        )
        for entry in ET.fromstring(answer.content)  # noqa: S314 - our own
    }
    for lang in ("", "/en"):
        changed_on, others = listed[f"{told.url}/p/{told.brand.slug}{lang}"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", changed_on)
        assert others == {"ja", "en", "x-default"}


def test_robots_are_told_where_to_look(told):
    answer = get(f"{told.url}/robots.txt")
    assert answer.headers["content-type"].startswith("text/plain")
    lines = answer.text.splitlines()
    assert f"Sitemap: {told.url}/sitemap.xml" in lines
    assert {"Disallow: /console", "Disallow: /v1/"} <= set(lines)
    assert httpx.get(f"{told.url}/my").status_code == 401, "what is private needs no line here"


def test_the_root_leads_to_the_console_where_there_are_several_brands(site, told):
    site.open_shop()
    assert get(f"{told.url}/").headers["location"].startswith("/console")
