"""While the database is away every answer says so and when to try again; when it is back, so is everything, without a restart."""

import time
from datetime import UTC, datetime

import httpx
import pytest

from house import house, wait_for

ORDER = {
    "specversion": "1.0",
    "id": "o1",
    "source": "till",
    "type": "order.completed",
    "time": datetime.now(UTC).isoformat(),
    "subject": "customer:hanako",
    "data": {"order_id": "o1", "amount": 5000, "currency": "JPY"},
}
READS = ("/v1/members/customer:hanako", "/v1/members/customer:hanako/entries", "/readyz")


@pytest.fixture(scope="module")
def home():
    """A house whose API is told only an address: nobody there may start the database again."""
    with house(external=True) as built:
        yield built


def test_an_outage_is_told_and_ends_without_a_restart(home):
    key = home.brand("shop")
    home.serve()
    with httpx.Client(base_url=home.url, headers={"authorization": f"Bearer {key}"}, timeout=15) as http:

        def post(*numbers: int) -> httpx.Response:
            sent = [ORDER | {"id": f"o{n}", "data": ORDER["data"] | {"order_id": f"o{n}"}} for n in numbers]
            return http.post("/v1/events", json=sent if len(sent) > 1 else sent[0])

        assert post(1).json()["balance"] == 50
        assert {path: http.get(path).status_code for path in READS} == dict.fromkeys(READS, 200)

        home.database.stop()
        refused(post(2))
        for path in READS:
            refused(http.get(path))
        assert http.get("/healthz").status_code == 200
        many = post(2, 3)
        assert (many.status_code, "retry-after" in many.headers) == (503, True)
        time.sleep(6)  # longer than a key is believed: now the key cannot be looked up either
        refused(post(2))
        refused(http.get(READS[0]))

        home.database.ensure_running()
        wait_for(lambda: post(1).status_code == 200, "events are taken again")
        assert post(1).json()["replayed"] is True
        assert [answer["status"] for answer in post(2, 3).json()] == ["accepted", "accepted"]
        assert {path: http.get(path).status_code for path in READS} == dict.fromkeys(READS, 200)
        assert http.get(READS[0]).json()["balance"] == 150
    assert home.verify("shop")["ok"] is True


def refused(answer: httpx.Response) -> None:
    """Check that an answer says what is the matter, to a program and to a person."""
    assert answer.status_code == 503, answer.text
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "unavailable"
