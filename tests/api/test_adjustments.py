"""Points adjusted over HTTP: at once or after a second person, the same key once, every refusal typed."""

import asyncio
from uuid import uuid4

import pytest

from api.schema import faults
from api.served import Shop, order, run_on, somebody
from kizuna import corrections
from kizuna.core.days import instant_ms
from kizuna.intake import Writer, operate, terms_of
from kizuna.runtime.access import Scope
from kizuna.runtime.clock import now
from kizuna.web.api import openapi
from road import GROCER

PROGRAM = f"{GROCER}\nadjustments:\n  approval_above: 1000\n  reasons: [{{id: lost_card, name: {{ja: 紛失, en: Lost card}}}}]\n"
DOCUMENT = openapi.document()


@pytest.fixture(scope="module")
def shop(site) -> Shop:
    return site.open_shop(PROGRAM)


@pytest.fixture
def member(shop) -> str:
    """Somebody with 100 points."""
    who = somebody()
    (told,) = shop.told(order(10_000, who))
    assert told["balance"] == 100
    return who


def adjust(shop: Shop, member: str, points: int, *, key: str | None = None, auth: str | None = None, **more):
    headers = {"idempotency-key": key or uuid4().hex} if key != "" else {}
    if auth is not None:
        headers["authorization"] = auth
    body = {"member": member, "points": points, "reason": "apology"} | more
    return shop.client.post("/v1/adjustments", json=body, headers=headers)


def fits(answer, path: str, method: str) -> None:
    content = DOCUMENT["paths"][path][method]["responses"][str(answer.status_code)]["content"]
    schema = content[answer.headers["content-type"]]["schema"]
    found = list(faults(answer.json(), schema, {**DOCUMENT, "strict": True}))
    assert not found, "\n".join(found)


def test_a_small_one_moves_points_at_once_and_once(shop, member):
    first = adjust(shop, member, 50, key="a-1", note="遅延のお詫び")
    assert first.status_code == 201, first.text
    fits(first, "/v1/adjustments", "post")
    told = first.json()
    assert (told["status"], told["balance"], told["points"], told["note"]) == ("done", 150, 50, "遅延のお詫び")
    assert adjust(shop, member, 50, key="a-1", note="遅延のお詫び").json() == told
    other = adjust(shop, member, 51, key="a-1", note="遅延のお詫び")
    assert (other.status_code, other.json()["code"]) == (409, "correction_conflict")
    seen = shop.client.get(f"/v1/adjustments/{told['id']}")
    assert (seen.status_code, seen.json()) == (200, told)
    fits(seen, "/v1/adjustments/{adjustment}", "get")
    assert shop.member(member)["balance"] == 150
    by_id = adjust(shop, told["member"], -150, reason="lost_card")
    assert (by_id.status_code, by_id.json()["balance"]) == (201, 0)


def test_a_large_one_waits_until_somebody_approves_it(shop, member):
    asked = adjust(shop, member, 1001, key="large")
    assert asked.status_code == 202, asked.text
    fits(asked, "/v1/adjustments", "post")
    told = asked.json()
    assert told["status"] == "waiting"
    assert "balance" not in told
    assert shop.member(member)["balance"] == 100

    async def reject(db):
        return await corrections.reject(db, shop.brand.schema, told["id"], by="user:mika@example.com", note="no")

    run_on(shop.server, reject)
    seen = shop.client.get(f"/v1/adjustments/{told['id']}").json()
    assert (seen["status"], "decided_at" in seen) == ("rejected", True)
    again = adjust(shop, member, 1001, key="large")
    assert again.json()["status"] == "rejected"
    assert shop.member(member)["balance"] == 100


@pytest.mark.parametrize(
    ("points", "more", "status", "code", "field"),
    [
        (5, {"reason": ""}, 422, "reason_missing", "reason"),
        (5, {"reason": None}, 422, "field_invalid", "reason"),
        (5, {"reason": "whim"}, 422, "reason_unknown", "reason"),
        (0, {}, 422, "adjustment_zero", "points"),
        (2**53, {}, 422, "points_too_many", "points"),
        (-(2**70), {}, 422, "points_too_many", "points"),
        (1.5, {}, 422, "field_invalid", "points"),
        ("5", {}, 422, "field_invalid", "points"),
        (-101, {}, 409, "insufficient_points", "points"),
        (5, {"unit": "x"}, 422, "unit_unknown", "unit"),
        (5, {"expires_on": "2020-01-01"}, 422, "date_in_the_past", "expires_on"),
        (5, {"expires_on": "soon"}, 422, "field_invalid", "expires_on"),
        (5, {"note": "x" * 501}, 422, "field_invalid", "note"),
        (5, {"note": "a\x00b"}, 422, "field_invalid", "note"),
        (5, {"member": "customer:nobody at all"}, 422, "unknown_member", "member"),
        (5, {"member": "nobody"}, 422, "subject_invalid", "member"),
        (5, {"member": str(uuid4())}, 422, "unknown_member", "member"),
        (5, {"colour": "red"}, 422, "field_invalid", "colour"),
        (5, {"key": ""}, 422, "idempotency_key_missing", "idempotency-key"),
        (5, {"key": "x" * 201}, 422, "idempotency_key_missing", "idempotency-key"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(shop, member, points, more, status, code, field):
    answer = adjust(shop, **{"member": member, "points": points} | more)
    assert (answer.status_code, answer.json()["code"], answer.json().get("field")) == (status, code, field), answer.text
    assert answer.json()["remedy"]
    fits(answer, "/v1/adjustments", "post")
    assert shop.member(member)["balance"] == 100


def test_what_is_no_request_is_refused(shop, member):
    headers = {"idempotency-key": "k"}
    broken = shop.client.post("/v1/adjustments", content=b"{", headers=headers)
    assert (broken.status_code, broken.json()["code"]) == (400, "body_malformed")
    vast = shop.client.post("/v1/adjustments", content=b" " * 70_000, headers=headers)
    assert (vast.status_code, vast.json()["code"]) == (413, "body_too_large")
    poor = shop.new_key(Scope.EVENTS_WRITE, Scope.MEMBERS_READ)
    refused = adjust(shop, member, 5, auth=f"Bearer {poor}")
    assert (refused.status_code, refused.json()["facts"]["scope"]) == (403, "points:adjust")
    assert adjust(shop, member, 5, auth="Bearer kz_none").status_code == 401
    assert shop.client.get("/v1/adjustments/x").status_code == 404
    nothing = shop.client.get(f"/v1/adjustments/{uuid4()}", headers={"accept-language": "ja"})
    assert nothing.status_code == 404
    assert "調整" in nothing.json()["detail"]


def test_a_key_sees_only_its_own_brand(site, shop, member):
    told = adjust(shop, member, 5).json()
    elsewhere = site.open_shop(PROGRAM)
    assert elsewhere.client.get(f"/v1/adjustments/{told['id']}").status_code == 404


def test_what_is_asked_of_a_closed_member_is_refused(shop, member):
    async def close(db):
        writer, stop = Writer(db.locate, shop.brand), asyncio.Event()
        work = asyncio.create_task(writer.run(stop))
        told = operate(
            "member.closed", uuid4().hex, "desk", member, {"by": "user:m"}, terms_of(shop.brand, 300), instant_ms(now())
        )
        (result,) = await writer.submit([told])
        stop.set()
        await work
        return result

    run_on(shop.server, close)
    answer = adjust(shop, member, 5)
    assert (answer.status_code, answer.json()["code"]) == (409, "member_closed")
