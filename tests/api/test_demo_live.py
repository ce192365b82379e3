"""The demo's customers who keep coming: real baskets, through the API's own door."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from api.served import Shop
from kizuna.core.errors import SettingInvalid
from kizuna.demo import live
from kizuna.runtime.settings import Settings

ROWS = {
    "basket_id": [1, 1, 2, 3],
    "household_id": [7, 7, 8, 9],
    "store_id": [5, 5, 5, 6],
    "product_id": [100, 101, 100, 102],
    "sales_value": [1.43, 2.5, 0.0, 12.345],
}


@pytest.fixture
def stock(tmp_path: Path) -> list[live.Basket]:
    file = tmp_path / "slice.parquet"
    pq.write_table(pa.table(ROWS), file)
    return live.baskets(file)


def test_baskets_are_those_of_the_slice_that_cost_something(stock):
    assert [(basket.household, basket.amount, len(basket.lines)) for basket in stock] == [("7", 393, 2), ("9", 1234, 1)]


def test_what_happens_is_taken_by_the_api(shop: Shop, stock):
    basket, subject = next(live.happenings(stock, random.Random(1)))
    at = datetime.now(UTC)
    bought = live.send(shop.url, shop.key, live.order(basket, subject, f"L{at.timestamp()}", at))
    assert bought is not None
    assert bought["status"] == "accepted"
    assert bought["points"] == basket.amount // 100
    spent = live.send(shop.url, shop.key, live.redemption(subject, 500, f"{at.timestamp()}", at))
    assert spent is not None
    assert spent["status"] == "refused", "what is over the balance is refused, and the demo goes on"


def test_nobody_answering_is_no_end_of_the_demo(stock):
    event = live.order(stock[0], "customer:7", "L1", datetime.now(UTC))
    assert live.send("http://127.0.0.1:1", "kz_none", event) is None


def test_newcomers_come_now_and_then(stock):
    come = live.happenings(stock, random.Random(7))
    names = [subject for _, subject in (next(come) for _ in range(1000))]
    assert 10 < sum(name.startswith("customer:new-") for name in names) < 100


def test_it_calms_down():
    def mean(running: timedelta) -> float:
        chance = random.Random(3)
        return sum(live.pause_s(running, chance) for _ in range(2000)) / 2000

    assert 3 < mean(timedelta(minutes=1)) < 5
    assert 50 < mean(timedelta(hours=2)) < 70


def test_the_switch_is_read():
    assert Settings.load({}).demo_live
    assert not Settings.load({"KIZUNA_DEMO_LIVE": "0"}).demo_live
    with pytest.raises(SettingInvalid, match="KIZUNA_DEMO_LIVE"):
        Settings.load({"KIZUNA_DEMO_LIVE": "no"})
