"""The demo goes on: purchases and redemptions keep coming through the API's own door, so that what is live is alive.

Baskets are real ones of the grocer's last weeks, told as bought now; who redeems and who is new is made up. The first half hour
has an event every few seconds, afterwards one a minute, so that a demo left running does not drown its own year.
"""

import contextlib
import json
import random
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow.parquet as pq

from kizuna.demo.source import slices
from kizuna.intake import ORDER_COMPLETED, REDEMPTION_REQUESTED
from kizuna.runtime.clock import now
from kizuna.runtime.settings import Settings

LIVELY = timedelta(minutes=30)
PAUSE_S, CALM_PAUSE_S = 4.0, 60.0
NEWCOMER_SHARE = 0.04
REDEEM_FROM = 1000
REDEEM_SHARE = 0.3
VOUCHERS = (500, 1000)
LINES_MAX = 50
SOURCE = "demo-live"


@dataclass(frozen=True, slots=True)
class Basket:
    """What a household bought at once; amounts are yen."""

    household: str
    store: str
    lines: Sequence[tuple[str, int]]

    @property
    def amount(self) -> int:
        """What the basket cost."""
        return sum(amount for _, amount in self.lines)


def baskets(file: Path) -> list[Basket]:
    """Return the baskets of a slice that cost something."""
    columns = pq.read_table(file, columns=["basket_id", "household_id", "store_id", "product_id", "sales_value"])
    grouped: dict[str, Basket] = {}
    for basket, household, store, product, value in zip(*(column.to_pylist() for column in columns), strict=True):
        found = grouped.setdefault(str(basket), Basket(str(household), str(store), []))
        if isinstance(found.lines, list) and len(found.lines) < LINES_MAX:
            found.lines.append((str(product), round(float(value) * 100)))
    return [basket for basket in grouped.values() if basket.amount > 0]


def order(basket: Basket, subject: str, number: str, at: datetime) -> dict[str, Any]:
    """Return the event of a basket bought now."""
    lines = [{"sku": sku, "amount": amount} for sku, amount in basket.lines]
    data = {
        "order_id": number,
        "amount": basket.amount,
        "currency": "JPY",
        "shop": "grocer",
        "store": basket.store,
        "channel": "store",
        "lines": lines,
    }
    return _event(f"order/{number}", ORDER_COMPLETED, subject, at, data)


def redemption(subject: str, points: int, number: str, at: datetime) -> dict[str, Any]:
    """Return the event of a voucher taken for points."""
    data = {"points": points, "reference": f"お買物券 {points:,}円"}
    return _event(f"redeem/{number}", REDEMPTION_REQUESTED, subject, at, data)


def _event(id_: str, type_: str, subject: str, at: datetime, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": id_,
        "source": SOURCE,
        "type": type_,
        "time": at.isoformat(),
        "subject": subject,
        "data": data,
    }


def happenings(stock: Sequence[Basket], chance: random.Random) -> Iterator[tuple[Basket, str]]:
    """Yield baskets without end, each with who buys it: its own household, or now and then somebody new."""
    while True:
        basket = chance.choice(stock)
        is_new = chance.random() < NEWCOMER_SHARE
        yield basket, f"customer:new-{uuid4().hex[:8]}" if is_new else f"customer:{basket.household}"


def pause_s(running: timedelta, chance: random.Random) -> float:
    """Return how long to wait for the next event, as customers come: independent of each other."""
    return chance.expovariate(1 / (PAUSE_S if running < LIVELY else CALM_PAUSE_S))


def send(address: str, key: str, event: dict[str, Any]) -> dict[str, Any] | None:
    """Send one event and return its answer, None when nobody answers: the next one may be luckier."""
    request = urllib.request.Request(  # noqa: S310 - our own address
        f"{address}/v1/events",
        data=json.dumps(event).encode(),
        headers={"authorization": f"Bearer {key}", "content-type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310 - our own address
            told: dict[str, Any] = json.load(response)
            return told
    except (urllib.error.URLError, TimeoutError, OSError, ValueError):
        return None


def live(address: str, key: str, stock: Sequence[Basket]) -> None:
    """Send events until the process is ended."""
    chance, began = random.Random(), now()  # noqa: S311 - a demo's chance
    for basket, subject in happenings(stock, chance):
        time.sleep(min(pause_s(now() - began, chance), 2 * CALM_PAUSE_S))
        answer = send(address, key, order(basket, subject, f"L{uuid4().hex[:10]}", datetime.now(UTC)))
        balance = (answer or {}).get("balance")
        if isinstance(balance, int) and balance >= REDEEM_FROM and chance.random() < REDEEM_SHARE:
            time.sleep(chance.uniform(1, 4))
            points = chance.choice([voucher for voucher in VOUCHERS if voucher <= balance])
            send(address, key, redemption(subject, points, uuid4().hex, datetime.now(UTC)))


def main() -> None:
    """Go on with the demo of KIZUNA_HOME: its last slice, its key, its address."""
    settings = Settings.load()
    folder = settings.home / "demo"
    last = slices(folder, now())[-1]
    key = json.loads((folder / "sign-in.json").read_text(encoding="utf-8"))["key"]
    with contextlib.suppress(KeyboardInterrupt):
        live(settings.local_url, key, baskets(last.file))


if __name__ == "__main__":
    main()
