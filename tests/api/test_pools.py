"""Families and groups over the API: formed, joined by a code, led, left; every answer fits its description."""

from uuid import uuid4

import httpx
import pytest

from api.served import Shop, Site, order, problem, somebody
from api.test_openapi import check, promised
from kizuna.runtime.access import Scope
from road import GROCER


@pytest.fixture(scope="module")
def shop(site: Site) -> Shop:
    return site.open_shop(GROCER + "\npools: {members_max: 3}\n")


def send(shop: Shop, method: str, path: str, described: str = "", *, key: str = "", **body: object) -> httpx.Response:
    headers = {"idempotency-key": key or uuid4().hex}
    answer = shop.client.request(method, path, headers=headers, json=body or None)
    check(answer.json(), promised(described or path, method.lower(), answer))
    return answer


def enrolled(shop: Shop, *amounts: int) -> list[str]:
    people = [somebody() for _ in amounts]
    shop.told(*(order(amount, who) for who, amount in zip(people, amounts, strict=True)))
    return people


MEMBERS, ONE, INVITATIONS = (
    "/v1/pools/{pool}/members",
    "/v1/pools/{pool}/members/{member}",
    "/v1/pools/{pool}/invitations",
)


def form(shop: Shop, head: str) -> str:
    answer = send(shop, "POST", "/v1/pools", head=head, name="絆家")
    assert answer.status_code == 201
    return answer.json()["id"]


def invite(shop: Shop, pool: str, head: str, key: str = "") -> dict:
    answer = send(shop, "POST", f"/v1/pools/{pool}/invitations", INVITATIONS, key=key, head=head)
    assert answer.status_code == 201
    return answer.json()


def test_a_pool_is_formed_joined_led_and_left(shop):
    head, guest = enrolled(shop, 10_000, 20_000)
    pool = form(shop, head)
    invitation = invite(shop, pool, head, "i")
    assert invite(shop, pool, head, "i") == invitation
    assert "/my/family/join/" in invitation["link"]
    for _ in range(2):
        joined = send(
            shop, "POST", f"/v1/pools/{pool}/members", MEMBERS, key="j", member=guest, code=invitation["code"].lower()
        )
        assert joined.status_code == 201
    assert (joined.json()["balance"], len(joined.json()["members"])) == (300, 2)
    asked = {"head": head, "may_spend": False}
    changed = send(shop, "PATCH", f"/v1/pools/{pool}/members/{guest}", ONE, **asked)
    assert [one["may_spend"] for one in changed.json()["members"]] == [True, False]
    found = shop.client.get(f"/v1/members/{guest}/pool")
    check(found.json(), promised("/v1/members/{member}/pool", "get", found))
    assert found.json() == changed.json()
    out = send(shop, "DELETE", f"/v1/pools/{pool}/members/{guest}?head={head}", ONE)
    assert len(out.json()["members"]) == 1
    problem(shop.client.get(f"/v1/members/{guest}/pool"), 404, "not_found")
    ended = send(shop, "DELETE", f"/v1/pools/{pool}/members/{head}", ONE)
    assert ended.json()["members"] == []


def test_what_is_refused_says_why(site, shop):
    head, guest, third = enrolled(shop, 100, 100, 100)
    pool = form(shop, head)
    code = invite(shop, pool, head)["code"]
    members = f"/v1/pools/{pool}/members"
    problem(send(shop, "POST", members, MEMBERS, member=guest, code="00000-00000"), 404, "invitation_unknown", "code")
    problem(
        send(shop, "POST", f"/v1/pools/{uuid4()}/members", MEMBERS, member=guest, code=code),
        404,
        "invitation_unknown",
        "code",
    )
    send(shop, "POST", members, MEMBERS, member=guest, code=code)
    problem(send(shop, "POST", members, MEMBERS, member=third, code=code), 409, "invitation_used", "code")
    problem(send(shop, "POST", "/v1/pools", head=guest, name="二つ目"), 409, "in_pool_already", "head")
    problem(send(shop, "POST", f"/v1/pools/{pool}/invitations", INVITATIONS, head=guest), 403, "not_pool_head", "head")
    problem(send(shop, "DELETE", f"{members}/{third}?head={head}", ONE), 409, "not_in_pool", "member")
    problem(send(shop, "POST", "/v1/pools", head="nobody", name="x"), 422, "subject_invalid", "head")
    problem(send(shop, "POST", "/v1/pools", head=third, name=" "), 422, "field_invalid", "name")
    without = shop.client.post("/v1/pools", json={"head": third, "name": "x"})
    problem(without, 422, "idempotency_key_missing", "idempotency-key")
    key = shop.new_key(Scope.MEMBERS_READ)
    refused = shop.client.post("/v1/pools", json={}, headers={"authorization": f"Bearer {key}"})
    problem(refused, 403, "forbidden")
    plain = site.open_shop()
    (alone,) = enrolled(plain, 100)
    problem(send(plain, "POST", "/v1/pools", head=alone, name="x"), 409, "pools_not_allowed")
