"""Every operation over HTTP: what is answered, what is refused and by which code, and that a refusal moves nothing."""

import csv
import io
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from api.schema import faults
from api.served import Shop, Site, check_problem, get, hours_ago, order, problem, redemption, somebody
from kizuna.core.ids import parse_member_id
from kizuna.intake import HOLD_PLACED
from kizuna.runtime.access import Scope
from kizuna.web.api import openapi
from kizuna.web.api.openapi_operations import DOORS
from road import GROCER

PROGRAM = f"""{GROCER}
holds: {{minutes_max: 43200}}
transfers: {{minimum: 5, maximum: 500}}
charities: [{{id: forest, name: {{ja: 森, en: Forest}}}}]
"""
DOCUMENT = openapi.document()
NOBODY = str(UUID(int=7))


@pytest.fixture(scope="module")
def shop(site: Site) -> Shop:
    return site.open_shop(PROGRAM)


@pytest.fixture
def who(shop: Shop) -> str:
    """Somebody with 100 points."""
    name = somebody()
    assert shop.told(order(10_000, name))[0]["balance"] == 100
    return name


def ask(shop: Shop, path: str, body=None, *, key: str | None = None, auth: str | None = None, **headers: str):
    """Ask for an operation; an answer that is taken or refused fits its description."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()} | {"idempotency-key": key or uuid4().hex}
    if auth is not None:
        sent["authorization"] = f"Bearer {auth}"
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    answer = shop.client.post(f"/v1/{path}", content=content, headers=sent)
    known = DOCUMENT["paths"][described(path)]["post"]["responses"][str(answer.status_code)]["content"]
    schema = known[answer.headers["content-type"]]["schema"]
    found = list(faults(answer.json(), schema, {**DOCUMENT, "strict": True}))
    assert not found, "\n".join(found)
    return answer


def described(path: str) -> str:
    """The address as the description has it."""
    parts = path.split("/")
    name = {"members": "{member}", "holds": "{hold}", "redemptions": "{redemption}", "merges": "{merge}"}.get(parts[0])
    return "/v1/" + "/".join([parts[0], *([name] if len(parts) > 1 else []), *parts[2:]])


def done(answer, status: int = 200) -> dict:
    assert answer.status_code == status, answer.text
    return answer.json()


def rows(shop: Shop) -> tuple:
    """All that points are: every member's row, how many entries there are, every hold."""
    return tuple(
        tuple(map(tuple, shop.sql(statement)))
        for statement in (
            "SELECT member_id, entry_count, counters, lots, waiting, status FROM account ORDER BY member_id",
            "SELECT count(*) FROM entry",
            "SELECT key, state, points, lots FROM hold ORDER BY key",
            "SELECT count(*) FROM event",
        )
    )


def balance(shop: Shop, who: str) -> int:
    return shop.member(who)["balance"]


def test_a_hold_is_placed_looked_at_confirmed_in_part_and_given_back(shop, who):
    placed = done(ask(shop, "holds", {"member": who, "points": 60, "minutes": 5, "reference": "R-7"}, key="h-1"), 201)
    assert (placed["points"], placed["balance"], placed["held"], placed["state"]) == (-60, 40, 60, "open")
    assert [(one["kind"], one["points"]) for one in placed["entries"]] == [("hold", -60)]
    assert placed["entries"][0]["why"]["text"]["ja"].endswith("確保しました。")
    again = done(ask(shop, "holds", {"member": who, "points": 60, "minutes": 5, "reference": "R-7"}, key="h-1"), 201)
    assert again == placed | {"replayed": True}
    seen = done(shop.client.get(f"/v1/holds/{placed['hold']}"))
    assert (seen["state"], seen["held"], seen["points"], seen["reference"]) == ("open", 60, 60, "R-7")
    assert seen["member"] == placed["member"]
    confirmed = done(ask(shop, f"holds/{placed['hold']}/confirm", {"points": 50, "order_id": "A-1"}))
    assert (confirmed["redeemed"], confirmed["state"], confirmed["balance"]) == (50, "confirmed", 50)
    assert confirmed["redemption"] == placed["hold"]
    seen = done(shop.client.get(f"/v1/holds/{placed['hold'].replace('-', '')}"))
    assert (seen["state"], seen["held"], seen["redeemed"]) == ("confirmed", 0, 50)
    part = done(ask(shop, f"redemptions/{placed['hold']}/void", {"points": 20}))
    assert (part["restored"], part["left"], part["balance"]) == (20, 30, 70)
    rest = done(ask(shop, f"redemptions/{placed['hold']}/void"))
    assert (rest["restored"], rest["left"], rest["balance"]) == (30, 0, 100)
    second = done(ask(shop, "holds", {"member": placed["member"], "points": 100}), 201)
    voided = done(ask(shop, f"holds/{second['hold']}/void"))
    assert (voided["state"], voided["points"], voided["balance"]) == ("voided", 100, 100)
    assert balance(shop, who) == 100


def test_a_redemption_of_every_door_can_be_given_back(shop, who):
    spent = done(ask(shop, "redemptions", {"member": who, "points": 30, "charity": "forest"}), 201)
    assert (spent["redeemed"], spent["balance"], spent["entries"][0]["account"]) == (30, 70, "charity:forest")
    assert "Forest" in spent["entries"][0]["why"]["text"]["en"]
    told = shop.told(redemption(20, who))[0]
    assert told["redemption"]
    assert "redemption" not in shop.told(order(100, who))[0]
    for id_, points in ((spent["redemption"], 30), (told["redemption"], 20)):
        assert done(ask(shop, f"redemptions/{id_}/void"))["restored"] == points
        problem(ask(shop, f"redemptions/{id_}/void"), 409, "redemption_voided", "redemption")
    assert balance(shop, who) == 101


def test_points_pass_to_another_member_with_a_note_that_both_may_read(shop, who):
    other = somebody()
    shop.told(order(100, other))
    sent = done(ask(shop, "transfers", {"member": who, "to": other, "points": 40, "note": "おめでとう"}), 201)
    assert (sent["transferred"], sent["points"], sent["balance"]) == (40, -40, 60)
    assert balance(shop, other) == 41
    newest = done(shop.client.get(f"/v1/members/{other}/entries"))["entries"][0]
    assert (newest["kind"], newest["points"]) == ("transfer", 40)
    assert newest["why"]["text"]["ja"] == "ほかの会員から40\xa0ptが贈られました。「おめでとう」"
    by_id = done(ask(shop, "transfers", {"member": shop.member(other)["id"], "to": sent["member"], "points": 5}), 201)
    assert by_id["balance"] == 36


def test_points_end_later(shop, who):
    through = (datetime.now(UTC) + timedelta(days=4000)).date().isoformat()
    later = done(ask(shop, "extensions", {"member": who, "through": through, "reason": "goodwill"}), 201)
    assert (later["extended"], later["points"], later["balance"]) == (100, 0, 100)
    assert shop.member(who)["lots"] == [{"points": 100, "expires_on": through}]
    told = done(shop.client.get(f"/v1/members/{who}/entries"))["entries"][0]
    assert (told["kind"], told["account"]) == ("extend", "goodwill")


def test_two_members_become_one_whom_every_name_leads_to_and_two_again(shop, who):
    other = somebody()
    gone = shop.told(order(5_000, other))[0]["member"]
    kept = shop.member(who)["id"]
    merged = done(ask(shop, "merges", {"member": other, "into": who}), 201)
    assert (merged["gone"], merged["kept"]) == (gone, kept)
    for name in (gone, other, who, kept):
        member = shop.member(name)
        assert (member["id"], member["status"], member["balance"]) == (kept, "open", 150)
    assert len(done(shop.client.get(f"/v1/members/{gone}/entries"))["entries"]) >= 2
    problem(ask(shop, "merges", {"member": other, "into": who}), 409, "merge_into_oneself", "into")
    undone = done(ask(shop, f"merges/{merged['merge']}/undo", {"note": "two people"}))
    assert undone["undone"]
    assert (shop.member(gone)["id"], balance(shop, other), balance(shop, who)) == (gone, 50, 100)
    problem(ask(shop, f"merges/{merged['merge']}/undo"), 409, "merge_undone", "merge")


def test_an_account_is_closed_for_good(shop, who):
    held = done(ask(shop, "holds", {"member": who, "points": 10}), 201)
    problem(ask(shop, f"members/{who}/close"), 409, "member_has_holds", "member")
    done(ask(shop, f"holds/{held['hold']}/void"))
    closed = done(ask(shop, f"members/{who}/close", {"note": "asked to"}))
    assert (closed["closed"], closed["forfeited"], closed["balance"]) == (True, 100, 0)
    assert shop.member(who)["status"] == "closed"
    before = rows(shop)
    other = shop.told(order(10_000))[0]["member"]
    before = rows(shop)
    problem(ask(shop, "transfers", {"member": other, "to": who, "points": 5}), 409, "member_closed", "to")
    problem(ask(shop, "holds", {"member": who, "points": 5}), 409, "member_closed", "member")
    assert rows(shop) == before


def test_balances_say_what_is_free_held_pending_and_owed(shop, who):
    held = done(ask(shop, "holds", {"member": who, "points": 30, "minutes": 60}), 201)
    told = done(shop.client.get(f"/v1/members/{who}/balances"))
    schema = DOCUMENT["paths"]["/v1/members/{member}/balances"]["get"]["responses"]["200"]["content"]
    assert not list(faults(told, schema["application/json"]["schema"], {**DOCUMENT, "strict": True}))
    (unit,) = told["units"]
    assert (unit["balance"], unit["available"], unit["held"], unit["pending"], unit["debt"]) == (70, 70, 30, 0, 0)
    assert [(one["hold"], one["held"], one["state"]) for one in unit["holds"]] == [(held["hold"], 30, "open")]
    assert sum(lot["points"] for lot in unit["lots"]) == 70
    assert (told["member"], told["status"]) == (held["member"], "open")
    problem(shop.client.get("/v1/members/customer:nobody/balances"), 404, "not_found")


def test_what_was_there_at_any_instant_and_a_statement_between_two_days(shop, who):
    hold = done(ask(shop, "holds", {"member": who, "points": 30}), 201)["hold"]
    between = datetime.now(UTC).isoformat()
    done(ask(shop, f"holds/{hold}/confirm", {"points": 20}))
    path = f"/v1/members/{who}"
    told = done(shop.client.get(f"{path}/balances", params={"at": between}))
    assert [(one["balance"], one["held"], one["pending"]) for one in told["units"]] == [(70, 30, 0)]
    told = done(shop.client.get(f"{path}/balances", params={"at": "1999-12-31T23:59:59Z"}))
    assert [one["balance"] for one in told["units"]] == [0]
    today = datetime.now(ZoneInfo("Asia/Tokyo")).date()
    days = {"from": (today - timedelta(days=2)).isoformat(), "to": today.isoformat()}
    answer = shop.client.get(f"{path}/statement", params=days)
    schema = DOCUMENT["paths"]["/v1/members/{member}/statement"]["get"]["responses"]["200"]["content"]
    told = done(answer)
    assert not list(faults(told, schema["application/json"]["schema"], {**DOCUMENT, "strict": True}))
    assert [(one["kind"], one["points"]) for one in told["entries"]] == [
        ("earn", 100),
        ("hold", -30),
        ("confirm", -20),
        ("void", 10),
    ]
    assert (told["opening"][0]["balance"], told["closing"][0]["balance"], told["closing"][0]["held"]) == (0, 80, 0)
    assert {one["kind"]: one["points"] for one in told["sums"]} == {
        "earn": 100,
        "hold": -30,
        "confirm": -20,
        "void": 10,
    }
    table = shop.client.get(f"{path}/statement", params=days, headers={"accept": "text/csv"})
    assert table.headers["content-type"].startswith("text/csv")
    lines = list(csv.DictReader(io.StringIO(table.text)))
    assert [(line["kind"], line["balance"]) for line in lines] == [
        ("earn", "100"),
        ("hold", "70"),
        ("confirm", "70"),
        ("void", "80"),
    ]
    for at in ("soon", "2026-01-01T00:00:00", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"):
        problem(shop.client.get(f"{path}/balances", params={"at": at}), 422, "request_invalid", "at")
    told = shop.client.get(f"{path}/balances", params={"at": "9999-12-31T23:59:59Z"}, headers={"accept-language": "ja"})
    assert "1970" in told.json()["detail"]
    assert "before" not in told.json()["detail"]
    for name, wrong in (
        ("from", "9999-12-31"),
        ("from", "0001-01-01"),
        ("to", "9999-12-31"),
        ("to", "soon"),
        ("from", ""),
    ):
        field = "from" if name == "from" else "to"
        problem(shop.client.get(f"{path}/statement", params=days | {name: wrong}), 422, "request_invalid", field)
    problem(shop.client.get(f"{path}/statement"), 422, "request_invalid", "from")


REFUSED = [
    ("holds", {"points": 101}, 409, "insufficient_points", "points"),
    ("redemptions", {"points": 101}, 409, "insufficient_points", "points"),
    ("transfers", {"points": 101, "to": "OTHER"}, 409, "insufficient_points", "points"),
    ("transfers", {"points": 10, "to": "SELF"}, 422, "transfer_to_oneself", "to"),
    ("transfers", {"points": 4, "to": "OTHER"}, 409, "transfer_out_of_range", "points"),
    ("transfers", {"points": 10, "to": "customer:nobody"}, None, "unknown_member", "to"),
    ("transfers", {"points": 10, "to": NOBODY}, 422, "unknown_member", "to"),
    ("transfers", {"points": 10, "to": "nobody"}, 422, "subject_invalid", "to"),
    ("holds", {"points": 10, "minutes": 43_201}, 422, "field_invalid", "minutes"),
    ("holds", {"points": 10, "unit": "gold"}, 422, "unit_unknown", "unit"),
    ("holds", {"points": 10, "charity": "sea"}, 422, "charity_unknown", "charity"),
    ("holds", {"points": 10, "charity": "forest", "reward": "tea"}, 422, "field_invalid", "charity"),
    ("holds", {"points": 10, "from_pool": True}, 409, "pool_not_allowed", "from_pool"),
    ("extensions", {"through": "2020-01-01", "reason": "goodwill"}, 422, "date_in_the_past", "through"),
    ("extensions", {"through": "2099-01-01", "reason": "nonsense"}, 422, "reason_unknown", "reason"),
    ("extensions", {"through": "soon", "reason": "goodwill"}, 422, "field_invalid", "through"),
    ("merges", {"into": "SELF"}, 409, "merge_into_oneself", "into"),
    ("merges", {"into": NOBODY}, 422, "unknown_member", "into"),
    *(
        (door, {"points": points} | ({"to": "OTHER"} if door == "transfers" else {}), 422, "field_invalid", "points")
        for door in ("holds", "redemptions", "transfers")
        for points in (-1, 0, 2**53, 2**63, 2**64, 1.5, "10", None, True, [1], 10**30)
    ),
]


@pytest.mark.parametrize(("door", "body", "status", "code", "field"), REFUSED)
def test_what_is_refused_has_a_code_of_its_own_and_moves_nothing(shop, who, door, body, status, code, field):
    other = somebody()
    shop.told(order(100, other))
    named = {"SELF": who, "OTHER": other}
    sent = {"member": who} | {
        name: named.get(value, value) if isinstance(value, str) else value for name, value in body.items()
    }
    before, answer = rows(shop), ask(shop, door, sent)
    problem(answer, status or answer.status_code, code, field)
    assert 400 <= answer.status_code < 500
    assert rows(shop) == before


def test_a_hold_ends_once(shop, who):
    first, second = (done(ask(shop, "holds", {"member": who, "points": 10}), 201)["hold"] for _ in range(2))
    done(ask(shop, f"holds/{first}/confirm"))
    done(ask(shop, f"holds/{second}/void"))
    before = rows(shop)
    problem(ask(shop, f"holds/{first}/confirm"), 409, "hold_confirmed", "hold")
    problem(ask(shop, f"holds/{first}/void"), 409, "hold_confirmed", "hold")
    problem(ask(shop, f"holds/{second}/confirm"), 409, "hold_voided", "hold")
    problem(ask(shop, f"holds/{second}/void"), 409, "hold_voided", "hold")
    for door in (f"holds/{NOBODY}/confirm", "holds/x/confirm", "holds/%F0%9F%98%80/void"):
        problem(ask(shop, door), 404, "hold_unknown", "hold")
    problem(shop.client.get(f"/v1/holds/{NOBODY}"), 404, "hold_unknown", "hold")
    problem(shop.client.get("/v1/holds/x"), 404, "hold_unknown", "hold")
    problem(ask(shop, f"redemptions/{NOBODY}/void"), 404, "redemption_unknown", "redemption")
    problem(ask(shop, f"redemptions/{second}/void"), 404, "redemption_unknown", "redemption")
    problem(ask(shop, "redemptions/x/void"), 404, "redemption_unknown", "redemption")
    problem(ask(shop, f"redemptions/{first}/void", {"points": 11}), 409, "redemption_exceeded", "points")
    problem(ask(shop, f"merges/{NOBODY}/undo"), 404, "merge_unknown", "merge")
    problem(ask(shop, "merges/x/undo"), 404, "merge_unknown", "merge")
    assert rows(shop) == before


def test_a_hold_ends_at_the_very_instant_that_was_told(shop, who):
    placed = done(ask(shop, "holds", {"member": who, "points": 10, "minutes": 1}), 201)
    kept = done(shop.client.get(f"/v1/holds/{placed['hold']}"))
    assert datetime.fromisoformat(placed["expires_at"]) == datetime.fromisoformat(kept["expires_at"])


def test_more_than_is_held_and_what_is_out_of_time_is_refused(shop, who):
    hold = done(ask(shop, "holds", {"member": who, "points": 10, "minutes": 1}), 201)["hold"]
    problem(ask(shop, f"holds/{hold}/confirm", {"points": 11}), 409, "hold_too_small", "points")
    shop.sql("UPDATE hold SET expires_at = now() - interval '1 second' WHERE key = $1", parse_member_id(hold))
    before = rows(shop)
    problem(ask(shop, f"holds/{hold}/confirm"), 409, "hold_timed_out", "hold")
    problem(ask(shop, f"holds/{hold}/void"), 409, "hold_timed_out", "hold")
    assert rows(shop) == before
    assert done(shop.client.get(f"/v1/holds/{hold}"))["state"] == "timed_out"


def test_only_the_key_that_placed_a_hold_ends_it(shop, who):
    hold, other = done(ask(shop, "holds", {"member": who, "points": 10}), 201)["hold"], shop.new_key(*Scope)
    before = rows(shop)
    problem(ask(shop, f"holds/{hold}/confirm", auth=other), 403, "hold_of_another_key", "hold")
    problem(ask(shop, f"holds/{hold}/void", auth=other), 403, "hold_of_another_key", "hold")
    assert rows(shop) == before
    done(ask(shop, f"holds/{hold}/confirm"))


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.path)
def test_every_door_wants_its_scope_a_key_and_post(shop, site, door):
    path = door.path.removeprefix("/v1/").replace("{hold}", NOBODY).replace("{redemption}", NOBODY)
    path = path.replace("{merge}", NOBODY).replace("{member}", "customer:nobody")
    weak = shop.new_key(*(scope for scope in Scope if scope.value != door.scope))
    told = problem(ask(shop, path, dict(door.example), auth=weak), 403, "forbidden")
    assert door.scope in told["remedy"]
    unsigned = shop.client.post(f"/v1/{path}", json={}, headers={"authorization": "", "idempotency-key": "x"})
    problem(unsigned, 401, "unauthenticated")
    for key in ("", "k" * 201, "a\tb"):
        answer = shop.client.post(f"/v1/{path}", json=dict(door.example), headers={"idempotency-key": key})
        told = problem(answer, 422, "idempotency_key_missing", "idempotency-key")
        assert "Idempotency-Key" in told["detail"]
    answer = get(f"{site.url}/v1/{path}", headers={"authorization": f"Bearer {shop.key}"})
    problem(answer, 405, "method_not_allowed")
    assert "POST" in answer.headers["allow"]


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.path)
def test_no_body_breaks_a_door(shop, door):
    path = door.path.removeprefix("/v1/").replace("{hold}", NOBODY).replace("{redemption}", NOBODY)
    path = path.replace("{merge}", NOBODY).replace("{member}", "customer:nobody")
    before = rows(shop)
    for body in (
        b"{",
        b"\xff",
        b"[" * 60_000,
        b'{"points": NaN}',
        b'{"points": 1e400}',
        b'{"note": "\\ud800"}',
        b"{}{}",
    ):
        answer = ask(shop, path, body)
        assert answer.status_code in (400, 404, 422), answer.text
        assert answer.json()["code"] in ("body_malformed", "field_invalid")
    for body in (b"[]", b"null", b"1", b'"x"'):
        problem(ask(shop, path, body), 422, "field_invalid", "body")
    vast = ask(shop, path, b" " * (1 << 17))
    problem(vast, 413, "body_too_large")
    assert vast.headers["connection"] == "close"  # what was not read is never taken for the next request
    problem(ask(shop, path, dict(door.example) | {"nonsense": 1}), 422, "field_invalid", "nonsense")
    for name in door.asked.__struct_fields__:
        problem(ask(shop, path, dict(door.example) | {name: {}}), 422, "field_invalid", name)
    texts = [name for name, value in door.example.items() if isinstance(value, str) and name != "through"]
    for name in texts:
        answer = ask(shop, path, dict(door.example) | {name: "a\x00b"})
        problem(answer, 422, "field_invalid", name)
        assert ask(shop, path, dict(door.example) | {name: "x" * 501}).status_code == 422
    assert rows(shop) == before


def test_the_same_key_with_another_content_is_a_conflict(shop, who):
    body = {"member": who, "points": 10}
    placed = done(ask(shop, "holds", body, key="one"), 201)
    before = rows(shop)
    for door, other in (
        ("holds", body | {"points": 11}),
        ("redemptions", body),
        ("holds", {"member": placed["member"], "points": 10}),
    ):
        problem(ask(shop, door, other, key="one"), 409, "idempotency_conflict", "idempotency-key")
    told = problem(
        ask(shop, "holds", body | {"points": 11}, key="one", accept_language="ja"),
        409,
        "idempotency_conflict",
        "idempotency-key",
    )
    assert "冪等キー" in told["detail"]
    assert rows(shop) == before
    another_key = shop.new_key(*Scope)
    assert done(ask(shop, "holds", body, key="one", auth=another_key), 201)["hold"] != placed["hold"]


def test_of_twenty_at_once_one_places_the_hold(shop, who):
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: ask(shop, "holds", {"member": who, "points": 60}, key="twenty"), range(20)))
    told = [done(answer, 201) for answer in answers]
    assert len({one["hold"] for one in told}) == 1
    assert sum(not one.get("replayed") for one in told) == 1
    held = shop.sql("SELECT count(*) AS n FROM hold WHERE key = $1", parse_member_id(told[0]["hold"]))
    assert (held[0]["n"], balance(shop, who)) == (1, 40)
    with ThreadPoolExecutor(20) as pool:
        every = list(pool.map(lambda _: ask(shop, "redemptions", {"member": who, "points": 7}), range(20)))
    assert sorted({answer.status_code for answer in every}) == [201, 409]
    assert (sum(answer.status_code == 201 for answer in every), balance(shop, who)) == (5, 5)


def test_an_operation_is_no_event(shop, who):
    sent = order(100, who) | {"type": HOLD_PLACED, "data": {"points": 10}}
    told = shop.post(sent)
    check_problem(told.json(), 422, "operation_not_an_event", "type")
    late = order(100, who, time=hours_ago(1))
    assert shop.post(late).status_code == 200


def test_the_console_names_what_operations_did(shop, who):
    hold = done(ask(shop, "holds", {"member": who, "points": 10, "reference": "R-9"}), 201)["hold"]
    done(ask(shop, f"holds/{hold}/confirm", {"points": 4}))
    entries = done(shop.client.get(f"/v1/members/{who}/entries"))["entries"]
    assert {one["kind"] for one in entries} >= {"hold", "confirm", "void", "earn"}
    texts = {one["kind"]: one["why"]["text"]["en"] for one in entries}
    assert texts["hold"] == "10\xa0pt were set aside for “R-9”."
    assert texts["confirm"] == "4\xa0pt of those set aside were redeemed."
    assert texts["void"] == "The payment needed fewer points: 6\xa0pt are back in the balance."
