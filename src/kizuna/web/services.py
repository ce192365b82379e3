"""What every route needs, made once by `app`: the database, and per brand its writer, its terms and its plans."""

import asyncio
from dataclasses import dataclass

from kizuna.core.errors import Unavailable
from kizuna.intake import Terms, Writer, terms_of
from kizuna.publishing import PlanBook
from kizuna.runtime.brands import Brand, get_brand
from kizuna.runtime.db import Database
from kizuna.runtime.settings import Settings


@dataclass(slots=True)
class Desk:
    """A brand's place in this process: its one writer under way, what its events are checked against, its plans.

    `brand` is at most `BRAND_FRESH_S` old, so that every process shows a new name or look within seconds.
    """

    brand: Brand
    terms: Terms
    writer: Writer
    work: asyncio.Task[None]
    read_at: float

    @property
    def book(self) -> PlanBook:
        """The versions known so far; the writer refreshes them with every commit."""
        return self.writer.book


BRAND_FRESH_S = 2.0


class Services:
    """The database and the desks. A desk is opened when its brand is first asked for."""

    def __init__(self, settings: Settings, db: Database) -> None:
        self.settings = settings
        self.db = db
        self.secret = settings.secret()
        self.stopping = asyncio.Event()  # set by whoever ends the process, so that answers without an end find theirs
        self._desks: dict[str, Desk] = {}
        self._stop = asyncio.Event()

    async def desk(self, slug: str) -> Desk:
        """Return a brand's desk. Raises `NotFound`, `Unavailable`."""
        desk = self._desks.get(slug)
        if desk is None:
            brand = await get_brand(self.db, slug)
            writer = Writer(self.db.locate, brand)
            # Another task may have opened it while this one looked the brand up: the first desk stays.
            desk = self._desks.get(slug)
            if desk is None:
                work = asyncio.create_task(writer.run(self._stop), name=f"writer {slug}")
                terms = terms_of(brand, self.settings.event_future_tolerance_s)
                desk = Desk(brand, terms, writer, work, asyncio.get_running_loop().time())
                self._desks[slug] = desk
        elif asyncio.get_running_loop().time() - desk.read_at > BRAND_FRESH_S:
            await self.look_again(desk)
        return desk

    async def look_again(self, desk: Desk) -> None:
        """Read the brand's name and look anew; while the database is away what was read last is shown.

        Whoever asks meanwhile does not wait for it: of many requests at once one reads.
        """
        desk.read_at = asyncio.get_running_loop().time()
        try:
            desk.brand = await get_brand(self.db, desk.brand.slug)
        except Unavailable:
            return

    async def close(self) -> None:
        """Commit what is queued, then let go."""
        self._stop.set()
        await asyncio.gather(*(desk.work for desk in self._desks.values()), return_exceptions=True)
        await self.db.close()
