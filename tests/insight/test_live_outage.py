"""While the database is away a listener is told so and stays; when it is back, so is the feed."""

import asyncio
import json
from datetime import UTC, datetime

import httpx
import pytest

from api.test_live import PASSWORD, Ear, listening, token_of
from house import house
from kizuna.runtime.access import create_owner
from kizuna.runtime.db import Database

EMAIL = "owner@example.com"


@pytest.fixture(scope="module")
def home():
    with house() as built:
        yield built


def test_an_outage_is_told_and_the_stream_goes_on(home):
    key = home.brand("shop")

    async def owner():
        db = await Database.open(home.database.url)
        try:
            await create_owner(db, "shop", EMAIL, PASSWORD)
        finally:
            await db.close()

    asyncio.run(owner())
    home.serve()
    order = {
        "specversion": "1.0", "id": "o1", "source": "till", "type": "order.completed",
        "time": datetime.now(UTC).isoformat(), "subject": "customer:hanako",
        "data": {"order_id": "o1", "amount": 5000, "currency": "JPY"},
    }  # fmt: skip
    with httpx.Client(base_url=home.url, timeout=30) as tab:
        form = {"email": EMAIL, "password": PASSWORD, "csrf": token_of(tab)}
        assert tab.post("/console/sign-in", data=form).status_code == 303
        with listening(tab) as ear:
            assert isinstance(ear, Ear)
            ear.wait_for("pulse")
            home.kill_database(whole=True)
            assert ear.wait_for("away") == {}
            ear.wait_for("pulse")
            sent = httpx.post(
                f"{home.url}/v1/events",
                content=json.dumps(order),
                headers={"authorization": f"Bearer {key}"},
                timeout=30,
            )
            assert sent.status_code == 200
            assert ear.wait_for("line")["key"].endswith("-join")
