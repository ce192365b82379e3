"""`GET /v1/members/{member}` and its entries: found by every name, paged without gaps or doubles, true at this very moment."""

import json
from datetime import date, timedelta
from urllib.parse import quote
from uuid import uuid4

import pytest

from api.served import JAPANESE, Shop, hours_ago, order, problem, redemption, run_on, somebody
from kizuna.members import Identity, add_identity

DAY_H = 24
LONG_AGO_H = 200 * DAY_H


def name_also(shop: Shop, member: str, kind: str, value: str) -> None:
    """Give a member one more identity, in the form that it is kept in."""

    async def story(db) -> None:
        async with db.lend(shop.brand.schema) as conn:
            assert await add_identity(conn, bytes.fromhex(member.replace("-", "")), Identity(kind, value))

    run_on(shop.server, story)


def page(shop: Shop, member: str, cursor: str | None = None, limit: int | None = None) -> dict:
    asked = {name: value for name, value in (("cursor", cursor), ("limit", limit)) if value is not None}
    answer = shop.client.get(f"/v1/members/{member}/entries", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def every_entry(shop: Shop, member: str, limit: int, between=None) -> list[dict]:
    """Read all pages; `between` is called after each."""
    entries, cursor = [], None
    while True:
        read = page(shop, member, cursor, limit)
        entries += read["entries"]
        cursor = read["next_cursor"]
        if cursor is None:
            return entries
        if between is not None:
            between()


def test_a_member_as_the_api_shows_one(shop):
    who = somebody()
    member = shop.told(order(120_000, who), redemption(200, who))[0]["member"]
    told = shop.member(member)
    assert told["id"] == member
    assert {"kind": "customer", "value": who.removeprefix("customer:")} in told["identities"]
    (card,) = [one["value"] for one in told["identities"] if one["kind"] == "card"]
    assert (len(card), card.isdigit(), card[0]) == (16, True, "9")
    assert (told["balance"], told["earned"], told["spent"], told["lapsed"]) == (1000, 1200, 200, 0)
    assert (told["orders"], told["language"], told["name"], told["name_kana"]) == (1, "ja", None, None)
    assert told["tier"]["id"] == "silver"
    year = int(told["as_of"][:4])
    assert told["tier"]["valid_through"] in {f"{year + 1}-12-31", f"{year + 2}-12-31"}
    assert told["progress"] == {
        "next_tier": "gold",
        "name": {"ja": "ゴールド", "en": "Gold"},
        "at": 250_000,
        "spend": 120_000,
        "remaining": 130_000,
    }
    assert sum(lot["points"] for lot in told["lots"]) == 1000


@pytest.mark.parametrize(
    ("kind", "kept", "spellings"),
    [
        ("email", "hanako{}@example.com", ["Hanako{}@Example.COM", "ｈａｎａｋｏ{}＠ｅｘａｍｐｌｅ．ｃｏｍ"]),
        ("phone", "+8190{}", ["+81 90 {}", "090-{}", "090{}", "０９０－{}"]),
        ("card", "9{}", ["9{}", "9 {}", "9-{}", "９{}"]),
        ("customer", "C {}", ["C {}", "Ｃ　{}"]),
        ("line", "U{}", ["U{}"]),
    ],
)
def test_a_member_is_found_by_every_spelling_of_every_name(shop, kind, kept, spellings):
    member = shop.post(order(100)).json()["member"]
    number = f"{uuid4().int % 10**8:08d}"
    name_also(shop, member, kind, kept.format(number))
    for spelling in spellings:
        for part in ("", "/entries"):
            answer = shop.client.get(f"/v1/members/{quote(f'{kind}:{spelling.format(number)}', safe='')}{part}")
            assert answer.status_code == 200, spelling
        assert shop.member(quote(f"{kind}:{spelling.format(number)}", safe=""))["id"] == member


def test_a_member_is_found_by_every_spelling_of_the_id(shop):
    member = shop.post(order(100)).json()["member"]
    for spelling in (member, member.upper(), member.replace("-", ""), f"member:{member}"):
        assert shop.member(spelling)["id"] == member


def test_a_name_with_a_slash_is_found_as_it_was_told(shop):
    who = f"customer:shop/{uuid4().hex[:8]}"
    member = shop.post(order(100, who)).json()["member"]
    assert shop.member(quote(who, safe=""))["id"] == member


@pytest.mark.parametrize("part", ["", "/entries"])
@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize(
    "name",
    ["01a1f866-0d00-7ea0-96d9-ce99edd33060", "customer:nobody", "email:nobody@example.com", "phone:+81312345678"],
)
def test_nobody_is_found(shop, name, part, lang):
    answer = shop.client.get(f"/v1/members/{name}{part}", headers={"accept-language": lang})
    told = problem(answer, 404, "not_found")
    assert bool(JAPANESE.search(told["detail"])) == (lang == "ja")
    assert told["facts"]["what"] == "member"


@pytest.mark.parametrize("part", ["", "/entries"])
@pytest.mark.parametrize(
    "name",
    [
        "hanako",
        "fax:1",
        "customer:",
        "customer:%20",
        "email:hanako",
        "phone:hello",
        "%FF",
        "%ED%A0%80",
        "email:a%00b@c.jp",
    ],
)
def test_what_names_nobody_is_refused(shop, name, part):
    problem(shop.client.get(f"/v1/members/{name}{part}"), 422, "subject_invalid", "subject")


def test_a_member_of_another_brand_is_nobody_here(site, shop):
    other = site.open_shop()
    theirs = other.post(order(100)).json()["member"]
    for part in ("", "/entries"):
        problem(shop.client.get(f"/v1/members/{theirs}{part}"), 404, "not_found")


def test_history_has_every_entry_with_its_why_newest_first(shop):
    who = somebody()
    member = shop.told(order(1000, who, time=hours_ago(3)), redemption(4, who, time=hours_ago(2)))[0]["member"]
    redeemed, earned = page(shop, member)["entries"]
    assert (earned["kind"], earned["points"], redeemed["kind"], redeemed["points"]) == ("earn", 10, "redeem", -4)
    assert earned["source"] == redeemed["source"] == "till-1"
    assert redeemed["reference"] == "R-1"
    assert earned["reference"]
    assert (earned["why"]["rule"], earned["why"]["basis"]) == ("purchase", 1000)
    for entry in (earned, redeemed):
        assert JAPANESE.search(entry["why"]["text"]["ja"])
        assert not JAPANESE.search(entry["why"]["text"]["en"])


@pytest.mark.parametrize("limit", [1, 2, 5, 7, 200])
def test_pages_of_any_size_hold_every_entry_once(shop, limit):
    who = somebody()
    same_time = hours_ago(5)
    told = shop.told(*(order(100 * n, who, time=same_time if n % 2 else hours_ago(n)) for n in range(1, 16)))
    entries = every_entry(shop, told[0]["member"], limit)
    assert sorted(entry["key"] for entry in entries) == sorted(one["entries"][0]["key"] for one in told)
    assert [entry["at"] for entry in entries] == sorted((entry["at"] for entry in entries), reverse=True)


def test_new_entries_shift_nothing_that_one_reads(shop):
    who = somebody()
    told = shop.told(*(order(100, who, time=hours_ago(n)) for n in range(2, 14)))
    entries = every_entry(shop, told[0]["member"], 3, between=lambda: shop.told(order(100, who, time=hours_ago(0))))
    assert [entry["key"] for entry in entries] == [one["entries"][0]["key"] for one in told]


@pytest.mark.parametrize("query", ["cursor=bad", "cursor=", "cursor=%00", "cursor=１", "cursor=01a1f866"])
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_a_cursor_that_is_none_of_ours_is_refused(shop, query, lang):
    member = shop.post(order(100)).json()["member"]
    answer = shop.client.get(f"/v1/members/{member}/entries?{query}", headers={"accept-language": lang})
    told = problem(answer, 422, "cursor_invalid", "cursor")
    assert bool(JAPANESE.search(told["remedy"])) == (lang == "ja")


@pytest.mark.parametrize("limit", ["0", "-1", "201", "many", "1e2", "2.5", "", "99999999999999999999999999"])
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_a_limit_out_of_range_is_refused(shop, limit, lang):
    member = shop.post(order(100)).json()["member"]
    answer = shop.client.get(f"/v1/members/{member}/entries?limit={limit}", headers={"accept-language": lang})
    told = problem(answer, 422, "request_invalid", "limit")
    assert bool(JAPANESE.search(told["detail"])) == bool(JAPANESE.search(told["remedy"])) == (lang == "ja")


def test_points_that_lapsed_untouched_are_shown_as_expired(shop):
    who = somebody()
    bought = hours_ago(LONG_AGO_H)
    earned = shop.told(order(10_000, who, time=bought), order(2000, who))[0]
    member = earned["member"]
    last_day = date.fromisoformat(earned["entries"][0]["expires_on"])

    lonely = somebody()
    alone = shop.post(order(10_000, lonely, time=bought)).json()["member"]
    told = shop.member(alone)
    assert (told["balance"], told["earned"], told["spent"], told["lapsed"], told["lots"]) == (0, 100, 0, 100, [])
    expired, bought_then = page(shop, alone)["entries"]
    assert (bought_then["kind"], bought_then["points"]) == ("earn", 100)
    assert (expired["kind"], expired["points"], expired["expires_on"]) == ("expire", -100, last_day.isoformat())
    assert expired["at"] == f"{last_day.isoformat()}T15:00:00Z"  # midnight in Tokyo ends the last day

    touched = shop.member(member)
    assert (touched["balance"], touched["lapsed"]) == (20, 100)


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
def test_an_expiry_is_the_same_entry_before_and_after_it_is_written_down(shop, limit):
    who = somebody()
    times = [hours_ago(DAY_H * days) for days in (400, 380, 250, 245, 150)]
    member = shop.told(*(order(1000, who, time=time) for time in times))[0]["member"]
    seen = [(entry["kind"], entry["points"], entry["key"]) for entry in every_entry(shop, member, limit)]
    assert len(set(seen)) == len(seen) == 10
    assert sum(points for _, points, _ in seen) == 0
    assert shop.post(redemption(1, who)).json()["status"] == "refused"
    kept = [(entry["kind"], entry["points"], entry["key"]) for entry in every_entry(shop, member, limit)]
    assert kept == seen


def test_an_expiry_written_down_between_two_pages_shows_once(shop):
    who = somebody()
    times = [hours_ago(DAY_H * days) for days in (400, 300, 200)]
    member = shop.told(*(order(1000, who, time=time) for time in times))[0]["member"]
    touch = redemption(1, who)
    entries = every_entry(shop, member, 2, between=lambda: shop.post(touch))
    assert sorted(entry["points"] for entry in entries) == [-10, -10, -10, 10, 10, 10]


def test_the_last_day_is_a_day_of_the_brand(site):
    shop = site.open_shop(timezone="Pacific/Kiritimati")  # the first place where a day begins
    told = shop.post(order(1000)).json()
    last_day = date.fromisoformat(told["entries"][0]["expires_on"])
    joined = date.fromisoformat(shop.member(told["member"])["joined_on"])
    assert last_day - joined == timedelta(days=89)


def test_a_reader_sees_one_moment_while_others_write(shop):
    who = somebody()
    member = shop.post(order(100, who)).json()["member"]
    for _ in range(20):
        shop.told(order(700, who), redemption(3, who))
        told = shop.member(member)
        assert (
            told["balance"] == told["earned"] - told["spent"] - told["lapsed"] == sum(x["points"] for x in told["lots"])
        )
    assert told["balance"] == 1 + 20 * 4


def test_answers_are_utf8_json(shop):
    member = shop.post(order(100)).json()["member"]
    answer = shop.client.get(f"/v1/members/{member}")
    assert answer.headers["content-type"] == "application/json"
    assert json.loads(answer.content.decode()) == answer.json()
    assert "メンバー" in answer.content.decode()
