"""`POST /v1/events` as a till meets it: what is taken, what is refused and how, and that nothing counts twice or gets lost."""

import asyncio
import gzip
import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import httpx
import pytest

from api.served import (
    BODY_LIMIT_BYTES,
    JAPANESE,
    TLS,
    check_problem,
    event,
    get,
    hours_ago,
    order,
    post,
    problem,
    redemption,
    run_on,
    somebody,
)
from kizuna.runtime.access import Scope, list_keys, revoke_key

NDJSON = "application/x-ndjson"
GONE = object()
CLOSE = b"Connection: close"


def request(shop, body: bytes, *headers: bytes, path: bytes = b"/v1/events") -> bytes:
    """The bytes of a request with these headers besides the key."""
    lines = (b"POST %s HTTP/1.1" % path, b"Host: shop", b"Authorization: Bearer " + shop.key.encode(), *headers)
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def balance(shop, who: str) -> int:
    return shop.member(who)["balance"]


# What an event is answered with


def test_the_walk_of_one_event(shop):
    who = somebody()
    sent = order(100_250, who)
    answer = shop.post(sent)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.headers["x-content-type-options"] == "nosniff"
    told = answer.json()
    assert (told["status"], told["id"], told["source"]) == ("accepted", sent["id"], "till-1")
    assert "replayed" not in told
    assert (told["points"], told["balance"]) == (1002, 1002)
    assert told["tier"] == {"id": "silver", "name": {"ja": "シルバー", "en": "Silver"}, "changed": True}
    assert told["progress"] == {
        "next_tier": "gold",
        "name": {"ja": "ゴールド", "en": "Gold"},
        "at": 250_000,
        "spend": 100_250,
        "remaining": 149_750,
    }
    (entry,) = told["entries"]
    why = entry["why"]
    assert (entry["kind"], entry["points"], entry["at"]) == ("earn", 1002, sent["time"])
    assert (why["version"], why["rule"], why["basis"], why["rate"], why["rounding"]) == (
        1,
        "purchase",
        100_250,
        "1/100",
        "down",
    )
    assert why["name"] == {"ja": "お買い物", "en": "Purchase"}
    assert "¥100,250" in why["text"]["en"]
    assert "¥100,250" in why["text"]["ja"]
    assert JAPANESE.search(why["text"]["ja"])
    assert not JAPANESE.search(why["text"]["en"])

    second = shop.post(order(50, who)).json()
    assert (second["points"], second["balance"], second["member"]) == (0, 1002, told["member"])
    assert second["tier"].get("changed") is None


def test_what_an_answer_says_is_what_the_member_has(shop):
    who = somebody()
    told = shop.post(order(260_000, who)).json()
    member = shop.member(told["member"])
    assert member["balance"] == told["balance"] == 2600
    assert member["tier"]["id"] == told["tier"]["id"] == "gold"
    assert [lot["points"] for lot in member["lots"]] == [2600]
    last_day = date.fromisoformat(told["entries"][0]["expires_on"])
    assert member["lots"][0]["expires_on"] == last_day.isoformat()
    (entry,) = shop.client.get(f"/v1/members/{told['member']}/entries").json()["entries"]
    assert entry["key"] == told["entries"][0]["key"]


def test_a_redemption_is_taken_whole_or_refused_whole(shop):
    who = somebody()
    shop.told(order(10_000, who))
    taken = shop.post(redemption(60, who)).json()
    assert (taken["status"], taken["points"], taken["balance"]) == ("accepted", -60, 40)
    assert [entry["kind"] for entry in taken["entries"]] == ["redeem"]
    refused = shop.post(redemption(41, who))
    assert refused.status_code == 200
    told = refused.json()
    assert (told["status"], told["points"], told["balance"]) == ("refused", 0, 40)
    check_problem(told["problem"], 409, "insufficient_points", "data.points")
    assert told["problem"]["facts"] == {"points": 41, "balance": 40}


def test_an_array_is_answered_in_its_order(shop):
    who = somebody()
    told = shop.told(order(1000, who), redemption(4, who), order(500, who), redemption(99, who))
    assert [one["status"] for one in told] == ["accepted", "accepted", "accepted", "refused"]
    assert [one["balance"] for one in told] == [10, 6, 11, 11]
    assert all("text" not in one["entries"][0]["why"] for one in told[:3])


def test_lines_are_answered_in_lines(shop):
    who = somebody()
    lines = [json.dumps(order(1000, who)), "", "oops", json.dumps(order(2000, who)), ""]
    answer = shop.post("\r\n".join(lines).encode(), content_type=f"{NDJSON}; charset=utf-8")
    assert (answer.status_code, answer.headers["content-type"]) == (200, NDJSON)
    told = [json.loads(line) for line in answer.text.splitlines()]
    assert [one["status"] for one in told] == ["accepted", "invalid", "accepted"]
    assert [one.get("balance") for one in told] == [10, None, 30]


def test_a_media_type_is_read_without_regard_to_case(shop):
    body = b"\n".join(json.dumps(order(100)).encode() for _ in range(2))
    assert len(shop.post(body, content_type="Application/X-NDJSON").text.splitlines()) == 2


@pytest.mark.parametrize("media_type", ["text/plain", "application/cloudevents+json", "image/png", "nonsense", ""])
def test_whatever_the_media_type_says_json_is_read_as_what_it_is(shop, media_type):
    assert shop.post(order(100), content_type=media_type).json()["status"] == "accepted"
    assert len(shop.post([order(100)], content_type=media_type).json()) == 1


@pytest.mark.parametrize(
    ("asked", "languages"), [("ja", {"ja"}), ("en", {"en"}), ("en,ja", {"ja", "en"}), ("fr", set()), ("fr,en", {"en"})]
)
def test_a_why_is_written_out_in_the_languages_asked_for(shop, asked, languages):
    one = shop.post(order(100), text=asked).json()
    many = shop.post([order(100)], text=asked).json()[0]
    for told in (one, many):
        assert set(told["entries"][0]["why"].get("text", {})) == languages


def test_the_version_in_force_at_the_time_of_the_event_decides(site):
    shop = site.open_shop()
    doubled = (shop.sql("SELECT document::text FROM program_version"))[0][0].replace('"points": 1,', '"points": 2,')
    shop.told(order(1000))
    assert shop.publish(doubled) == 2
    now, before = shop.told(order(1000, time=hours_ago(-1 / 60)), order(1000, time=hours_ago(5)))
    assert (now["points"], now["entries"][0]["why"]["version"]) == (20, 2)
    assert (before["points"], before["entries"][0]["why"]["version"]) == (10, 1)


def test_the_beginning_of_1970_is_a_time_like_any_other_west_of_greenwich(site):
    shop = site.open_shop(timezone="America/New_York")
    who = somebody()
    told = shop.post(order(1000, who, time="1970-01-01T00:00:00Z")).json()
    assert (told["status"], told["points"]) == ("accepted", 10)
    assert shop.member(who)["joined_on"] == "1969-12-31"
    assert shop.post(order(1000, who)).json()["balance"] == 10


# Who may send


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer kz_wrong",
        "Bearer kz_" + "A" * 43,
        "Basic {key}",
        "{key}",
        "Bearer  {key}",
        "Bearer {key}x",
        "Bearer {key}, Bearer {key}",
        "Bearer x" + "y" * 20_000,
        b"Bearer \xff\xfe",
    ],
)
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_without_a_good_key_nothing_is_taken(shop, authorization, lang):
    headers = {"accept-language": lang}
    if authorization is not None:
        filled = authorization if isinstance(authorization, bytes) else authorization.format(key=shop.key).encode()
        headers = [("accept-language", lang), (b"authorization", filled)]
    answer = post(f"{shop.url}/v1/events", json=order(100), headers=headers)
    told = problem(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"] == 'Bearer realm="kizuna"'
    assert bool(JAPANESE.search(told["detail"])) == (lang == "ja")


def test_of_two_keys_the_first_is_heard_on_every_route(shop):
    for first, status in ((f"Bearer {shop.key}", {200}), ("Bearer kz_wrong", {401})):
        other = "Bearer kz_wrong" if status == {200} else f"Bearer {shop.key}"
        headers = [("authorization", first), ("authorization", other)]
        sent = post(f"{shop.url}/v1/events", json=order(100), headers=headers)
        assert {sent.status_code} == status
        member = shop.post(order(100)).json()["member"]
        assert {get(f"{shop.url}/v1/members/{member}", headers=headers).status_code} == status


def test_the_scheme_is_read_without_regard_to_case(shop):
    answer = post(f"{shop.url}/v1/events", json=order(100), headers={"authorization": f"bearer {shop.key}"})
    assert answer.status_code == 200


def test_a_key_may_do_only_what_its_scopes_say(shop):
    reads, writes = shop.new_key(Scope.MEMBERS_READ), shop.new_key(Scope.EVENTS_WRITE)
    member = shop.post(order(100)).json()["member"]
    sent = post(f"{shop.url}/v1/events", json=order(100), headers={"authorization": f"Bearer {reads}"})
    told = problem(sent, 403, "forbidden")
    assert "events:write" in told["remedy"]
    for path in (f"/v1/members/{member}", f"/v1/members/{member}/entries"):
        asked = get(shop.url + path, headers={"authorization": f"Bearer {writes}"})
        assert "members:read" in problem(asked, 403, "forbidden")["remedy"]


def test_a_revoked_key_ends_within_seconds_even_while_it_is_in_use(shop):
    key = shop.new_key(Scope.EVENTS_WRITE)
    (key_id,) = [row["key_id"] for row in run_on(shop.server, lambda db: list_keys(db, shop.brand.slug))][:1]
    with httpx.Client(verify=TLS, base_url=shop.url, headers={"authorization": f"Bearer {key}"}) as till:
        assert till.post("/v1/events", json=order(100)).status_code == 200
        assert run_on(shop.server, lambda db: revoke_key(db, key_id))
        deadline = time.monotonic() + 7
        while (answer := till.post("/v1/events", json=order(100))).status_code == 200 and time.monotonic() < deadline:
            time.sleep(0.1)
    problem(answer, 401, "unauthenticated")


def test_one_brands_key_moves_nothing_of_anothers(site, shop):
    other = site.open_shop()
    who, sent = somebody(), order(10_000)
    sent["subject"] = who
    mine = shop.post(sent).json()
    theirs = other.post(sent).json()
    assert "replayed" not in theirs
    assert (mine["balance"], theirs["balance"]) == (100, 100)
    by_id = other.post(redemption(50, f"member:{mine['member']}"))
    assert by_id.status_code in (200, 422)
    assert balance(shop, who) == 100


# What is refused


BAD = {
    "no id": ({"id": GONE}, "event_invalid", "id"),
    "an empty id": ({"id": ""}, "event_invalid", "id"),
    "a number as id": ({"id": 7}, "event_invalid", "id"),
    "a very long id": ({"id": "x" * 201}, "event_invalid", "id"),
    "no source": ({"source": GONE}, "event_invalid", "source"),
    "a very long source": ({"source": "x" * 100_000}, "event_invalid", "source"),
    "no type": ({"type": GONE}, "event_invalid", "type"),
    "an unknown type": ({"type": "order.eaten"}, "event_type_unknown", "type"),
    "another version": ({"specversion": "0.3"}, "event_invalid", "specversion"),
    "no time": ({"time": GONE}, "event_invalid", "time"),
    "a day as time": ({"time": "2025-01-01"}, "event_invalid", "time"),
    "a number as time": ({"time": 1_700_000_000}, "event_invalid", "time"),
    "a time without zone": ({"time": "2025-01-01T10:00:00"}, "event_invalid", "time"),
    "no such day": ({"time": "2025-02-30T10:00:00Z"}, "event_invalid", "time"),
    "tomorrow": ({"time": hours_ago(-24)}, "time_out_of_range", "time"),
    "the end of time": ({"time": "9999-12-31T23:59:59-14:00"}, "time_out_of_range", "time"),
    "before 1970": ({"time": "1969-12-31T23:59:59.999Z"}, "time_out_of_range", "time"),
    "the year 1": ({"time": "0001-01-01T00:00:00+14:00"}, "time_out_of_range", "time"),
    "no subject": ({"subject": GONE}, "event_invalid", "subject"),
    "a bare subject": ({"subject": "hanako"}, "subject_invalid", "subject"),
    "a subject of an unknown kind": ({"subject": "fax:03-1234-5678"}, "subject_invalid", "subject"),
    "a subject without value": ({"subject": "customer:  "}, "subject_invalid", "subject"),
    "no address": ({"subject": "email:hanako"}, "subject_invalid", "subject"),
    "no number": ({"subject": "phone:hello"}, "subject_invalid", "subject"),
    "no card": ({"subject": "card:--- -"}, "subject_invalid", "subject"),
    "an id that is none": ({"subject": "member:1234"}, "subject_invalid", "subject"),
    "nobody's id": ({"subject": "member:01a1f866-0d00-7ea0-96d9-ce99edd33060"}, "unknown_member", "subject"),
    "no data": ({"data": GONE}, "event_invalid", "data"),
    "data that are a list": ({"data": []}, "event_invalid", "data"),
    "no amount": ({"data.amount": GONE}, "event_invalid", "data.amount"),
    "a negative amount": ({"data.amount": -1}, "event_invalid", "data.amount"),
    "an absurd amount": ({"data.amount": 10**11 + 1}, "event_invalid", "data.amount"),
    "an amount beyond 64 bits": ({"data.amount": 2**63}, "event_invalid", "data.amount"),
    "an amount beyond any machine": ({"data.amount": 10**4000}, "event_invalid", "data.amount"),
    "half a yen": ({"data.amount": 99.5}, "event_invalid", "data.amount"),
    "an amount as text": ({"data.amount": "100"}, "event_invalid", "data.amount"),
    "an amount of true": ({"data.amount": True}, "event_invalid", "data.amount"),
    "an amount of null": ({"data.amount": None}, "event_invalid", "data.amount"),
    "no order id": ({"data.order_id": GONE}, "event_invalid", "data.order_id"),
    "no currency": ({"data.currency": GONE}, "event_invalid", "data.currency"),
    "a currency in small letters": ({"data.currency": "jpy"}, "event_invalid", "data.currency"),
    "another currency": ({"data.currency": "USD"}, "currency_wrong", "data.currency"),
    "the character zero": ({"data.note": "a\0b"}, "event_invalid", "data"),
    "the character zero in a name": ({"data.a\0b": 1}, "event_invalid", "data"),
    "a line without amount": ({"data.lines": [{"sku": "a"}]}, "event_invalid", "data.lines[0].amount"),
}


def spoiled(changes: dict) -> dict:
    sent = order(100)
    for name, value in changes.items():
        part, _, inner = name.partition(".")
        place, key = (sent["data"], inner) if inner else (sent, part)
        place[key] = value
        if value is GONE:
            del place[key]
    return sent


@pytest.mark.parametrize("name", BAD)
def test_a_bad_event_is_refused_with_the_field_and_a_remedy(shop, name):
    changes, code, field = BAD[name]
    sent = spoiled(changes)
    english = problem(shop.post(sent), 422, code, field)
    assert not JAPANESE.search(english["detail"] + english["remedy"])
    japanese = problem(shop.post(sent, accept_language="ja,en;q=0.5"), 422, code, field)
    assert JAPANESE.search(japanese["detail"])
    assert JAPANESE.search(japanese["remedy"])
    assert (japanese["type"], japanese["facts"]) == (english["type"], english["facts"])
    (in_batch, after) = shop.told(sent, order(100))
    assert in_batch["status"] == "invalid"
    check_problem(in_batch["problem"], 422, code, field)
    assert after["status"] == "accepted"


def test_an_event_of_an_unknown_member_enrols_or_is_refused_as_the_program_says(site, shop):
    who = somebody()
    problem(shop.post(redemption(1, who)), 422, "unknown_member", "subject")
    problem(site.strict_shop.post(order(100, who)), 422, "unknown_member", "subject")
    assert shop.post(order(100, who)).json()["balance"] == 1
    problem(site.strict_shop.client.get(f"/v1/members/{who}"), 404, "not_found")


def test_a_refused_event_may_be_sent_again_once_its_fault_is_gone(site):
    sent = order(1000)
    problem(site.strict_shop.post(sent), 422, "unknown_member", "subject")
    problem(site.strict_shop.post(sent), 422, "unknown_member", "subject")
    bad = order(-5)
    problem(site.shop.post(bad), 422, "event_invalid", "data.amount")
    bad["data"]["amount"] = 500
    assert site.shop.post(bad).json()["points"] == 5


def test_before_anything_is_published_nothing_is_decided(site):
    shop = site.open_shop(None)
    told = problem(shop.post(order(100)), 409, "nothing_published")
    assert "publish" in told["remedy"]
    (one,) = shop.told(order(100))
    assert one["status"] == "conflict"


GARBAGE = {
    "nothing": b"",
    "space": b" \n ",
    "half a brace": b"{",
    "words": b"hello",
    "a form": b"id=1&source=till",
    "XML": b"<?xml version='1.0'?><order/>",
    "binary": bytes(range(256)) * 8,
    "gzip": gzip.compress(json.dumps(order(100)).encode()),
    "UTF-16": json.dumps(order(100)).encode("utf-16"),
    "Latin-1": json.dumps(order(100, note="é"), ensure_ascii=False).encode("latin-1"),
    "a lone surrogate": json.dumps(order(100, note=1)).replace('"note": 1', r'"note": "\ud800"').encode(),
    "a depth of 100,000": json.dumps(order(100, note=1)).replace("1}", "[" * 100_000 + "]" * 100_000 + "}").encode(),
    "two events": json.dumps(order(100)).encode() * 2,
    "NaN": json.dumps(order(100)).replace("100", "NaN").encode(),
}


@pytest.mark.parametrize("name", GARBAGE)
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_what_is_no_json_is_refused(shop, name, lang):
    told = problem(shop.post(GARBAGE[name], accept_language=lang), 400, "event_malformed")
    assert bool(JAPANESE.search(told["detail"])) == bool(JAPANESE.search(told["remedy"])) == (lang == "ja")


@pytest.mark.parametrize("body", [b"5", b"null", b'"text"', b"true"])
def test_json_that_is_no_event_is_refused(shop, body):
    problem(shop.post(body), 422, "event_invalid", "event")


def test_gzip_named_as_such_is_refused_too(shop):
    body = gzip.compress(json.dumps(order(100)).encode())
    assert shop.post(body, content_encoding="gzip").status_code in (400, 415)


@pytest.mark.parametrize("body", [b"[]", b" [ ] "])
def test_an_empty_array_is_answered_with_an_empty_one(shop, body):
    answer = shop.post(body)
    assert (answer.status_code, answer.json()) == (200, [])


def test_broken_json_in_the_midst_of_a_batch_leaves_its_neighbours_whole(shop):
    who = somebody()
    whole = [json.dumps(order(amount, who)).encode() for amount in (100, 200, 300)]
    answer = shop.post(b"[%s,{oops: 1},%s,{},%s]" % tuple(whole))
    assert answer.status_code == 200
    told = answer.json()
    assert [one["status"] for one in told] == ["accepted", "invalid", "accepted", "invalid", "accepted"]
    assert [one.get("balance") for one in told] == [1, None, 3, None, 6]
    check_problem(told[1]["problem"], 400, "event_malformed")
    check_problem(told[3]["problem"], 422, "event_invalid", told[3]["problem"]["field"])


def test_an_array_that_breaks_off_keeps_what_was_whole_and_says_so(shop):
    who = somebody()
    answer = shop.post(b"[%s,%s" % (json.dumps(order(700, who)).encode(), json.dumps(order(100, who)).encode()[:-9]))
    assert [one["status"] for one in answer.json()] == ["accepted", "invalid"]
    assert balance(shop, who) == 7


@pytest.mark.parametrize(("body", "media_type"), [(b"[%s]", "application/json"), (b"%s", NDJSON)])
def test_a_thousand_events_are_taken_and_one_more_is_too_many(shop, body, media_type):
    divider = b"\n" if media_type == NDJSON else b","
    thousand = [b"{}"] * 999 + [json.dumps(order(100)).encode()]
    answer = shop.post(body % divider.join(thousand), content_type=media_type)
    assert answer.status_code == 200
    who = somebody()
    over = [b"{}"] * 1000 + [json.dumps(order(100, who)).encode()]
    told = problem(shop.post(body % divider.join(over), content_type=media_type), 413, "batch_too_large")
    assert told["facts"] == {"count": 1001, "count_max": 1000}
    problem(shop.client.get(f"/v1/members/{who}"), 404, "not_found")


def test_a_body_over_the_limit_is_refused_before_it_is_read(site, shop):
    answer = site.raw(request(shop, b"", b"Content-Length: %d" % (BODY_LIMIT_BYTES + 1)))
    assert status_of(answer) == 413
    assert b"body_too_large" in answer
    assert b"application/problem+json" in answer


def test_a_body_over_the_limit_is_refused_though_its_length_is_not_said(site, shop):
    chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
    answer = site.raw(
        request(shop, chunk * (BODY_LIMIT_BYTES // 65_536) + b"1\r\n \r\n", b"Transfer-Encoding: chunked")
    )
    assert status_of(answer) == 413
    assert b"body_too_large" in answer


def test_a_body_of_just_the_limit_is_read(shop):
    sent = json.dumps(order(100)).encode()
    assert shop.post(sent + b" " * (BODY_LIMIT_BYTES - len(sent))).json()["status"] == "accepted"


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"])
def test_another_method_is_refused_and_told_which_is_right(shop, method):
    answer = shop.client.request(method, "/v1/events", content=json.dumps(order(100)).encode())
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    if method == "HEAD":
        assert answer.content == b""
    else:
        problem(answer, 405, "method_not_allowed")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_the_members_route_says_what_it_takes(shop, method):
    answer = shop.client.request(method, "/v1/members/x")
    problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "GET"


@pytest.mark.parametrize(
    "path",
    [
        "/v1/events/",
        "//v1/events",
        "/v1//events",
        "/v1/events%00",
        "/v1/events%2F",
        "/v1/./events",
        "/V1/EVENTS",
        "/v1",
    ],
)
def test_an_address_beside_the_road_leads_nowhere(site, shop, path):
    who = somebody()
    body = json.dumps(order(100, who)).encode()
    answer = site.raw(request(shop, body, CLOSE, b"Content-Length: %d" % len(body), path=path.encode()))
    assert status_of(answer) == 404
    assert b"application/problem+json" in answer
    problem(shop.client.get(f"/v1/members/{who}"), 404, "not_found")


# Strange, and taken


def test_of_a_key_that_stands_twice_the_same_one_counts_and_is_kept(shop):
    sent = json.dumps(order(100)).replace('"amount": 100', '"amount": 100, "amount": 900').encode()
    told = shop.post(sent).json()
    assert told["entries"][0]["why"]["basis"] == 900
    ((kept,),) = shop.sql("SELECT body #>> '{data,amount}' FROM event WHERE id = $1", told["id"])
    assert kept == "900"


def test_long_and_strange_text_is_kept_as_it_is(shop):
    note = "絆🎎\u202e\ufffe￥𠮷é" * 20_000
    sent = order(100, note=note)
    told = shop.post(sent).json()
    ((kept,),) = shop.sql("SELECT body ->> 'note' FROM event WHERE id = $1", sent["id"])
    assert (told["status"], kept) == ("accepted", note)


def test_nesting_and_long_numbers_beside_what_we_read_are_kept(shop):
    sent = json.dumps(order(100, note=1)).replace('"note": 1', f'"note": {"[" * 400}{10**40}{"]" * 400}').encode()
    assert shop.post(sent).json()["status"] == "accepted"


# Once, and only once


def test_the_same_event_again_gets_the_first_answer_again(shop):
    who = somebody()
    sent = order(1000, who)
    first = shop.post(sent).json()
    shop.told(order(5000, who))
    again = shop.post(sent).json()
    assert again.pop("replayed") is True
    assert again == first
    turned = json.dumps(dict(reversed(sent.items())), indent=3).encode()
    assert shop.post(turned).json()["replayed"] is True
    assert balance(shop, who) == 60


def test_the_same_id_with_another_content_is_a_conflict(shop):
    who = somebody()
    sent = order(1000, who)
    shop.told(sent)
    for changes in ({"time": hours_ago(2)}, {"note": "new"}, {"subject": somebody()}, {"type": "redemption.requested"}):
        changed = sent | changes | ({"data": {"points": 5}} if "type" in changes else {})
        told = problem(shop.post(changed), 409, "event_conflict", "id")
        assert told["facts"] == {"id": sent["id"], "source": "till-1"}
    assert "replayed" not in shop.post(sent | {"source": "till-2"}).json()
    assert balance(shop, who) == 20


def test_doubles_within_one_batch_count_once(shop):
    who = somebody()
    sent = order(1000, who)
    told = shop.told(sent, sent, sent | {"note": "other"}, sent)
    assert [one["status"] for one in told] == ["accepted", "accepted", "conflict", "accepted"]
    assert [one.get("replayed", False) for one in told] == [False, True, False, True]
    assert balance(shop, who) == 10


def test_200_tills_send_the_same_event_at_once_and_it_counts_once(shop):
    sent = json.dumps(order(12_300, who := somebody())).encode()

    async def all_at_once() -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=200)
        headers = {"authorization": f"Bearer {shop.key}"}
        async with httpx.AsyncClient(
            verify=TLS, base_url=shop.url, headers=headers, limits=limits, timeout=30
        ) as tills:
            return await asyncio.gather(*(tills.post("/v1/events", content=sent) for _ in range(200)))

    answers = [answer.json() for answer in asyncio.run(all_at_once())]
    assert [one["status"] for one in answers] == ["accepted"] * 200
    assert sum("replayed" not in one for one in answers) == 1
    numbers = {json.dumps(one | {"replayed": True}, sort_keys=True) for one in answers}
    assert len(numbers) == 1
    assert balance(shop, who) == 123


def test_many_tills_spend_the_same_points_and_none_is_spent_twice(shop):
    who = somebody()
    shop.told(order(10_000, who))
    with ThreadPoolExecutor(20) as tills:
        told = list(tills.map(lambda _: shop.post(redemption(30, who)).json(), range(20)))
    assert sorted(one["status"] for one in told) == ["accepted"] * 3 + ["refused"] * 17
    assert balance(shop, who) == 10


def test_many_tills_enrol_the_same_newcomer_once(shop):
    who = somebody()
    with ThreadPoolExecutor(20) as tills:
        told = list(tills.map(lambda _: shop.post(order(100, who)).json(), range(20)))
    assert len({one["member"] for one in told}) == 1
    assert sorted(one["balance"] for one in told) == list(range(1, 21))


def test_a_members_events_of_one_batch_are_decided_in_their_order_whatever_name_they_use(shop):
    who = somebody()
    member = shop.post(order(100, who)).json()["member"]
    (card,) = [one["value"] for one in shop.member(member)["identities"] if one["kind"] == "card"]
    told = shop.told(*(order(10_000, who) for _ in range(40)), redemption(4001, f"card:{card}"))
    assert told[-1]["status"] == "accepted"
    assert told[-1]["balance"] == 0


# Connections that misbehave


def test_a_client_that_leaves_in_the_midst_of_its_body_has_sent_nothing(site, shop):
    who = somebody()
    line = json.dumps(order(1000, who)).encode() + b"\n"
    left = request(shop, line, b"Content-Type: application/x-ndjson", b"Content-Length: 5000")
    assert b"200 OK" not in site.raw(left, end=True)
    chunks = b"%x\r\n%s\r\nff\r\nab" % (len(line), line)
    torn = request(shop, chunks, b"Content-Type: application/x-ndjson", b"Transfer-Encoding: chunked")
    assert b"200 OK" not in site.raw(torn, end=True)
    problem(shop.client.get(f"/v1/members/{who}"), 404, "not_found")


def test_a_client_that_leaves_before_the_answer_may_ask_again(site, shop):
    who = somebody()
    sent = order(1000, who)
    body = json.dumps(sent).encode()
    site.raw(request(shop, body, b"Content-Length: %d" % len(body)), wait_s=0.001)
    shop.post(sent)
    assert balance(shop, who) == 10


SMUGGLED = {
    "two lengths": (b"Content-Length: 5", b"Content-Length: 6"),
    "a length that is none": (b"Content-Length: 5x",),
    "a signed length": (b"Content-Length: +5",),
    "an unknown coding": (b"Transfer-Encoding: xchunked",),
    "chunked not last": (b"Transfer-Encoding: chunked, identity",),
    "a folded header": (b"Transfer-Encoding:\r\n chunked",),
    "a space before the colon": (b"Content-Length : 5",),
}


@pytest.mark.parametrize("name", SMUGGLED)
def test_a_body_whose_end_is_in_doubt_is_refused_and_the_line_closed(site, shop, name):
    who = somebody()
    body = json.dumps(order(1000, who)).encode()
    hidden = request(shop, body, b"Content-Length: %d" % len(body))
    answer = site.raw(request(shop, b"hello" + hidden, *SMUGGLED[name]), wait_s=1)
    assert answer.count(b"HTTP/1.1 ") <= 1
    assert b"200 OK" not in answer
    problem(shop.client.get(f"/v1/members/{who}"), 404, "not_found")


def test_chunked_wins_over_a_length_and_the_line_closes(site, shop):
    body = json.dumps(order(100)).encode()
    sent = request(
        shop, b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body), b"Content-Length: 5", b"Transfer-Encoding: chunked"
    )
    answer = site.raw(sent + request(shop, body, b"Content-Length: %d" % len(body)))
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"connection: close" in answer.lower()


def test_a_method_beyond_ascii_is_refused(site, shop):
    assert status_of(site.raw("PÖST /v1/events HTTP/1.1\r\nHost: shop\r\n\r\n".encode())) == 400


def test_a_method_in_small_letters_is_another_method(site, shop):
    body = json.dumps(order(100)).encode()
    sent = request(shop, body, CLOSE, b"Content-Length: %d" % len(body))
    assert status_of(site.raw(sent.replace(b"POST", b"post", 1))) == 405


def test_days_of_grace_for_a_clock_that_runs_ahead_are_minutes(shop):
    assert shop.post(order(100, time=hours_ago(-4 / 60))).json()["status"] == "accepted"
    problem(shop.post(order(100, time=hours_ago(-6 / 60))), 422, "time_out_of_range", "time")


def test_points_that_lapsed_before_an_event_are_not_spendable_by_it(shop):
    who = somebody()
    shop.told(order(10_000, who, time=hours_ago(24 * 200)))
    told = shop.post(redemption(1, who)).json()
    assert (told["status"], told["balance"]) == ("refused", 0)
    assert told["entries"][0]["kind"] == "expire"
    assert told["entries"][0]["points"] == -100
    ends = date.fromisoformat(told["entries"][0]["expires_on"])
    assert timedelta(days=100) < date.fromisoformat(hours_ago(0)[:10]) - ends < timedelta(days=120)


def test_an_extension_of_ours_changes_the_content(shop):
    sent = event("order.completed", somebody(), order(100)["data"])
    assert shop.post(sent).json()["status"] == "accepted"
    problem(shop.post(sent | {"traceparent": "00-1"}), 409, "event_conflict", "id")
