"""Killed with -9 again and again, while orders come in over HTTP and while a file is imported: the totals are those of an
undisturbed run, whatever was acknowledged is there, and nothing is there twice.

Every process is real: the API, PostgreSQL, the import. Callers repeat what was not acknowledged, as a till does.
"""

import csv
import json
import random
import subprocess
import threading
import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from house import House, house, kill, wait_for

API, DATABASE, WHOLE_DATABASE, IMPORT = "the API", "PostgreSQL", "all of PostgreSQL", "the import"
MEMBERS, CALLERS, BATCH = 40, 4, 25
ACKNOWLEDGED_BETWEEN_KILLS = 300
ORDERS, ORDERS_BETWEEN_KILLS = 30_000, 2_500
MAPPING = """
mapping: 1
shop: file
level: order
columns:
  order_id: order
  member: {column: member, kind: customer}
  time: {column: time, zone: UTC}
  amount: {column: amount, unit: minor}
"""


@pytest.fixture(scope="module")
def home():
    with house() as built:
        yield built


class Model:
    """What every member must have, in plain Python: one point per whole 100, less what was redeemed."""

    def __init__(self) -> None:
        self.earned: defaultdict[str, int] = defaultdict(int)
        self.spent: defaultdict[str, int] = defaultdict(int)
        self.events = 0

    def order(self, member: str, amount: int) -> None:
        self.events += 1
        self.earned[member] += amount // 100

    def redemption(self, member: str, points: int) -> None:
        self.events += 1
        self.spent[member] += points

    def compare(self, at: House, slug: str) -> None:
        """Compare the database with the model, member by member, and have the ledger proved."""
        at.database.ensure_running()  # the last blow may have felled it after everything was acknowledged
        rows = at.sql(
            slug,
            "SELECT value, counters FROM identity JOIN account USING (bucket, member_id) WHERE kind = 'customer'",
        )
        found = {row["value"]: tuple(row["counters"])[:4] for row in rows}
        assert found == {member: (self.earned[member], self.spent[member], 0, 0) for member in self.earned}
        assert at.sql(slug, "SELECT count(*) FROM event")[0][0] == self.events
        proof = at.verify(slug)
        sums = {"issued": sum(self.earned.values()), "redeemed": sum(self.spent.values()), "expired": 0}
        assert proof | sums == proof
        assert (proof["ok"], proof["faults"]) == (True, [])


class Caller(threading.Thread):
    """A till: sends batches until it is told to stop, and repeats each until all of it is acknowledged."""

    def __init__(self, at: House, key: str, number: int) -> None:
        super().__init__(name=f"caller {number}")
        self.acknowledged: dict[str, dict[str, Any]] = {}
        self.sent: dict[str, dict[str, Any]] = {}
        self.troubles = 0
        self.fault: BaseException | None = None
        self.stop = threading.Event()
        self._draw = random.Random(number)
        self._http = httpx.Client(base_url=at.url, headers={"authorization": f"Bearer {key}"}, timeout=10)

    def run(self) -> None:
        try:
            while not self.stop.is_set():
                self._insist({event["id"]: event for event in (self._event() for _ in range(BATCH))})
        except BaseException as fault:  # noqa: BLE001 - the test raises it where it is seen
            self.fault = fault

    def tell(self, model: Model) -> None:
        """Tell the model what was acknowledged, and check each answer."""
        assert self.acknowledged.keys() == self.sent.keys()
        for id_, event in self.sent.items():
            told, member, data = self.acknowledged[id_], event["subject"].removeprefix("customer:"), event["data"]
            if event["type"] == "order.completed":
                assert (told["status"], told["points"]) == ("accepted", data["amount"] // 100)
                model.order(member, data["amount"])
            elif told["status"] != "invalid":  # a wish of somebody who never bought is not recorded
                model.redemption(member, data["points"] if told["status"] == "accepted" else 0)

    def _event(self) -> dict[str, Any]:
        """An order, or one time in ten a wish for points, which may well be refused."""
        id_ = f"{self.name}/{len(self.sent)}"
        wish = self._draw.random() < 0.1
        order = {"order_id": id_, "amount": self._draw.randrange(20_000), "currency": "JPY"}
        self.sent[id_] = {
            "specversion": "1.0",
            "id": id_,
            "source": "till",
            "type": "redemption.requested" if wish else "order.completed",
            "time": datetime.now(UTC).isoformat(),
            "subject": f"customer:{self._draw.randrange(MEMBERS)}",
            "data": {"points": self._draw.randrange(1, 400)} if wish else order,
        }
        return self.sent[id_]

    def _insist(self, batch: dict[str, dict[str, Any]]) -> None:
        until = time.monotonic() + 60
        while batch:
            assert time.monotonic() < until, f"{len(batch)} events were not acknowledged within a minute"
            try:
                answer = self._http.post("/v1/events", json=list(batch.values()))
            except httpx.TransportError:
                answer = None
            if answer is None or answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                assert answer is None or "retry-after" in answer.headers
                self.troubles += 1
                time.sleep(0.1)
                continue
            assert answer.status_code == httpx.codes.OK, answer.text
            for told in answer.json():
                if told["status"] in {"accepted", "refused"} or told["problem"]["code"] == "unknown_member":
                    self.acknowledged[told["id"]] = told
                    del batch[told["id"]]
                else:
                    assert told["status"] == "unavailable", told


def test_killed_under_load(home):
    key = home.brand("load")
    home.serve()
    callers = [Caller(home, key, number) for number in range(CALLERS)]
    for caller in callers:
        caller.start()

    def acknowledged() -> int:
        for caller in callers:
            if caller.fault:
                raise caller.fault
        return sum(len(caller.acknowledged) for caller in callers)

    try:
        for what in (API, DATABASE, API, WHOLE_DATABASE, API, DATABASE):
            goal = acknowledged() + ACKNOWLEDGED_BETWEEN_KILLS
            wait_for(lambda goal=goal: acknowledged() >= goal, f"events are acknowledged before {what} is killed")
            strike(home, what)
    finally:
        for caller in callers:
            caller.stop.set()
        for caller in callers:
            caller.join()
    acknowledged()

    model = Model()
    for caller in callers:
        caller.tell(model)
    model.compare(home, "load")
    assert sum(caller.troubles for caller in callers) > 0, "no kill was noticed: this test has tested nothing"


def test_killed_during_an_import(home):
    home.brand("file")
    home.serve()
    orders, mapping = home.home / "orders.csv", home.home / "mapping.yaml"
    mapping.write_text(MAPPING, encoding="utf-8")
    model = write_orders(orders)
    run = begin_import(home, orders, mapping)
    try:
        blows = (API, IMPORT, DATABASE, API, IMPORT, WHOLE_DATABASE, API, IMPORT, DATABASE)
        for number, what in enumerate(blows, start=1):
            goal = number * ORDERS_BETWEEN_KILLS
            wait_for(
                lambda goal=goal: recorded(home) >= goal, f"{goal} orders are in before {what} is killed", pause_s=0.01
            )
            assert run.poll() is None, f"the import had ended before {what} was killed: it needs more orders"
            if what is IMPORT:
                kill(run)
                home.serve()  # the API is back before it is killed again; no order comes in meanwhile
                run = begin_import(home, orders, mapping)
            else:
                strike(home, what)
        told, _ = run.communicate(timeout=120)
    finally:
        kill(run)
    assert run.returncode == 0
    summary = json.loads(told)
    assert (summary["orders"], summary["refused"], summary["rejected_rows"]) == (ORDERS, 0, 0)
    model.compare(home, "file")


def strike(at: House, what: str) -> None:
    """Kill the API or the database; the API comes back here, the database by the API's own supervisor."""
    if what is API:
        at.kill_api()
    else:
        at.kill_database(whole=what is WHOLE_DATABASE)


def write_orders(path: Path) -> Model:
    """Write orders of the last eight weeks, so that none of their points has lapsed yet."""
    model, draw, now = Model(), random.Random(7), datetime.now(UTC)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["order", "member", "time", "amount"])
        for number in range(ORDERS):
            member, amount = f"f{draw.randrange(600)}", draw.randrange(100, 20_000)
            at = now - timedelta(minutes=draw.randrange(1, 8 * 7 * 24 * 60))
            rows.writerow([f"o{number}", member, at.strftime("%Y-%m-%d %H:%M:%S"), amount])
            model.order(member, amount)
    return model


def begin_import(at: House, orders: Path, mapping: Path) -> "subprocess.Popen[bytes]":
    return at.start("import", "orders", orders, "--mapping", mapping, "--brand", "file", "--json")


def recorded(at: House) -> int:
    """Return how many orders are in; −1 while the database is away."""
    try:
        return int(at.sql("file", "SELECT count(*) FROM event")[0][0])
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return -1
