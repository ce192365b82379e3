"""The whole road within one test: events as a till sends them, writers, the sealer, the proof and plain SQL."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from kizuna.core.days import instant_ms
from kizuna.intake import Result, Terms, Writer, operate, take_in, terms_of
from kizuna.ledger import SEALER, Proof, verify
from kizuna.runtime.brands import Brand
from kizuna.runtime.clock import now
from kizuna.runtime.db import Database
from kizuna.runtime.outbox import follow_once, waiting
from kizuna.runtime.server import Server

GROCER = (Path(__file__).parents[1] / "examples" / "grocer" / "program.yaml").read_text(encoding="utf-8")
HANAKO = "customer:hanako"
TARO = "customer:taro"
MORNING = "2025-03-01T09:00:00Z"
LONG_AFTER = date(2025, 12, 31)
T = TypeVar("T")


def event(id_: str, kind: str, data: dict[str, Any], *, who: str = HANAKO, at: str = MORNING, **more: Any) -> bytes:
    """One CloudEvent as it is sent; `more` adds or replaces attributes."""
    return json.dumps(
        {"specversion": "1.0", "id": id_, "source": "till", "type": kind, "time": at, "subject": who, "data": data}
        | more,
        ensure_ascii=False,
    ).encode()


def order(id_: str, amount: int, *, who: str = HANAKO, at: str = MORNING, currency: str = "JPY", **data: Any) -> bytes:
    """An order of `amount` minor units."""
    told = {"order_id": id_, "amount": amount, "currency": currency} | data
    return event(id_, "order.completed", told, who=who, at=at)


def redemption(id_: str, points: int, *, who: str = HANAKO, at: str = MORNING) -> bytes:
    """A wish to spend `points`."""
    return event(id_, "redemption.requested", {"points": points}, who=who, at=at)


@dataclass(frozen=True)
class Road:
    """An open road. `tell` sends events through one of the writers and returns what became of each."""

    db: Database
    brand: Brand
    writers: list[Writer]
    terms: Terms

    async def tell(self, *events: bytes, writer: int = 0) -> list[Result]:
        return [answered.result for answered in await take_in(self.writers[writer], self.terms, events)]

    async def ask(
        self,
        type_: str,
        data: dict[str, Any],
        *,
        who: str | None = None,
        id_: str | None = None,
        at: str | None = None,
        by: str = "key:till",
        writer: int = 0,
    ) -> Result:
        """Ask for an operation as its door would, at an instant (now); return what became of it. A problem of its form is raised."""
        at_ms = instant_ms(datetime.fromisoformat(at) if at else now())
        told = operate(type_, id_ or uuid4().hex, by, who, {"by": by} | data, self.terms, at_ms)
        (result,) = await self.writers[writer].submit([told])
        return result

    async def seal(self) -> None:
        """Seal every commit; those that other tests' open transactions hold back are waited for."""
        async with asyncio.timeout(10):
            while await waiting(self.db, self.brand.schema, SEALER.name):
                if not await follow_once(self.db, self.brand.schema, SEALER):
                    await asyncio.sleep(0.01)

    async def verify(self, as_of: date = LONG_AFTER) -> Proof:
        return await verify(self.db, self.brand, as_of)

    async def sql(self, statement: str, *args: Any) -> list[Any]:
        async with self.db.lend(self.brand.schema) as conn:
            return await conn.fetch(statement, *args)


@asynccontextmanager
async def opened(server: Server, brand: Brand, writers: int = 1) -> AsyncIterator[Road]:
    """Open a road with its writers at work; whatever was submitted is committed before it closes."""
    stop = asyncio.Event()
    db = await Database.open(server.locate)
    road = Road(db, brand, [Writer(server.locate, brand) for _ in range(writers)], terms_of(brand, 300))
    work = [asyncio.create_task(writer.run(stop)) for writer in road.writers]
    try:
        yield road
    finally:
        stop.set()
        await asyncio.gather(*work)
        await db.close()


@dataclass(frozen=True)
class RoadRunner:
    """Runs a story on the road, each time in an event loop of its own."""

    server: Server
    brand: Brand

    def run(self, story: Callable[[Road], Awaitable[T]], *, writers: int = 1) -> T:
        async def run() -> T:
            async with opened(self.server, self.brand, writers) as road:
                return await story(road)

        return asyncio.run(run())
