"""A quote says exactly what the event would come to, why and why not, and leaves no trace."""

import json

import pytest

from api.schema import faults
from api.served import Shop, Site, event, hours_ago, order, redemption, somebody
from kizuna.web.api import openapi

FRIDAY, THURSDAY = "2026-10-30T12:00:00+09:00", "2026-10-29T12:00:00+09:00"
PROGRAM = {
    "program": 1,
    "name": {"ja": "見積り", "en": "Quoted"},
    "units": [
        {
            "id": "points",
            "name": {"ja": "ポイント", "en": "points"},
            "expiry": {"after_days": 365},
            "worth": {"points": 1, "amount": 1},
        }
    ],
    "tiers": {
        "by": "spend",
        "window": "calendar_year",
        "levels": [
            {"id": "member", "name": {"ja": "会員", "en": "Member"}, "at": 0},
            {"id": "silver", "name": {"ja": "シルバー", "en": "Silver"}, "at": 30_000},
        ],
    },
    "earning_rules": [
        {
            "id": "purchase",
            "name": {"ja": "お買い物", "en": "Purchase"},
            "event": "order.completed",
            "unit": "points",
            "award": {"points": 1, "per": 100},
        },
        {
            "id": "big",
            "name": {"ja": "まとめ買い", "en": "Big basket"},
            "event": "order.completed",
            "unit": "points",
            "award": {"fixed": 200},
            "condition": {"fact": "order.amount", "is": "at_least", "value": 5_300},
        },
        {
            "id": "third",
            "name": {"ja": "3回目", "en": "Third visit"},
            "event": "order.completed",
            "unit": "points",
            "award": {"fixed": 50},
            "goal": {"count": 3},
        },
    ],
    "campaigns": [
        {
            "id": "friday",
            "name": {"ja": "金曜ダブル", "en": "Double Friday"},
            "event": "order.completed",
            "unit": "points",
            "award": {"multiply": {"times": 2}, "rule": "purchase"},
            "condition": {"fact": "time.weekday", "is": "equals", "value": "friday"},
            "audience": {"fact": "member.tier", "is": "at_least", "value": "silver"},
            "starts": "2020-01-01",
            "ends": "2099-12-31",
            "budget": {"points": 40},
        }
    ],
}


@pytest.fixture(scope="module")
def shop(site: Site) -> Shop:
    return site.open_shop(json.dumps(PROGRAM, ensure_ascii=False))


def asked(shop: Shop, told: dict, status: int = 200) -> dict:
    answer = shop.client.post("/v1/quotes", json=told)
    assert answer.status_code == status, answer.text
    if status == 200:
        schema = {"$ref": "#/components/schemas/QuoteAnswer"}
        assert not list(faults(answer.json(), schema, {**openapi.document(), "strict": True}))
    return answer.json()


def rules(quote: dict) -> dict[str, dict]:
    return {rule["rule"]: rule for rule in quote["rules"]}


def test_a_quote_is_what_the_event_then_comes_to(shop):
    who = somebody()
    told = order(4_980, who, time=hours_ago(1))
    quoted = asked(shop, told)
    answer = shop.post(told).json()
    assert (quoted["points"], quoted["balance"]) == (answer["points"], answer["balance"]) == (49, 49)
    assert [entry["why"] for entry in quoted["entries"]] == [entry["why"] for entry in answer["entries"]]


def test_a_quote_leaves_no_trace(shop):
    who = somebody()
    for _ in range(3):
        quoted = asked(shop, order(4_980, who, time=hours_ago(1)))
        assert rules(quoted)["third"]["progress"] == 1
    assert shop.client.get(f"/v1/members/{who}").status_code == 404


def test_what_a_little_more_would_bring(shop):
    quoted = asked(shop, {"type": "order.completed", "data": {"amount": 4_980, "currency": "JPY"}})
    assert quoted["next"] == [{"amount": 5_300, "more": 204, "points": 253}]
    big = rules(quoted)["big"]
    assert (big["applies"], big["why"], big.get("points", 0)) == (False, "condition", 0)
    assert big["misses"] == [{"fact": "order.amount", "is": "at_least", "value": 5_300, "actual": 4_980}]
    assert "¥320" in big["text"]["ja"]
    assert "¥320" in big["text"]["en"]


def test_why_a_campaign_does_not_speak_and_how_its_budget_cuts(shop):
    who = somebody()
    shop.told(order(30_000, who, time="2026-10-28T10:00:00+09:00"))
    thursday = rules(asked(shop, order(3_000, who, time=THURSDAY)))["friday"]
    assert (thursday["applies"], thursday["why"]) == (False, "condition")
    assert "金曜" in thursday["text"]["ja"]
    friday = rules(asked(shop, order(3_000, who, time=FRIDAY)))["friday"]
    assert (friday["applies"], friday["points"]) == (True, 30)
    newcomer = rules(asked(shop, order(3_000, somebody(), time=FRIDAY)))["friday"]
    assert newcomer["why"] == "audience"
    shop.told(order(3_000, who, time=FRIDAY))
    cut = rules(asked(shop, order(3_000, who, time=FRIDAY)))["friday"]
    assert (cut["why"], cut["points"], cut["raw"]) == ("cut", 10, 30)


def test_a_redemption_is_quoted_with_its_refusal(shop):
    who = somebody()
    shop.told(order(4_980, who, time=hours_ago(2)))
    assert asked(shop, redemption(20, who))["balance"] == 29
    refused = asked(shop, redemption(99, who))
    assert (refused["points"], refused["problem"]["code"]) == (0, "insufficient_points")


@pytest.mark.parametrize(
    ("told", "status", "field"),
    [
        ([], 422, "event"),
        ({}, 422, None),
        ({"type": "order.completed"}, 422, None),
        ({"type": "order.completed", "data": {"amount": -1, "currency": "JPY"}}, 422, "data.amount"),
        ({"type": "order.completed", "data": {"amount": 1, "currency": "USD"}}, 422, "data.currency"),
        ({"type": "no.such", "data": {}}, 422, "type"),
        ({"type": "order.completed", "data": {"amount": "x", "currency": "JPY"}}, 422, "data.amount"),
    ],
)
def test_what_cannot_be_quoted_names_the_field(shop, told, status, field):
    problem = asked(shop, told, status)
    assert problem["field"] == field if field else problem["field"]


def test_a_body_that_is_no_json(shop):
    answer = shop.client.post("/v1/quotes", content=b"{", headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "event_malformed")


def test_a_change_of_an_unknown_order_is_a_problem(shop):
    told = event("order.returned", somebody(), {"order_id": "never"})
    assert asked(shop, told, 422)["code"] == "order_unknown"
