"""The program accounts, day by day: what was issued by which rule, redeemed for what, expired, taken back, corrected, transferred, held.

Always true of the books (`ledger_day`): they are the entries of every commit that the follower has handled, each on its own day of the
brand's calendar, added up; so for every unit outstanding = issued − reversed + forgiven + adjusted − redeemed − expired, and what is
transferred cancels out.
"""

import asyncio
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from kizuna.engine import EntryKind
from kizuna.ledger import books_store as store
from kizuna.ledger.model import NO_RULE, NO_VERSION
from kizuna.ledger.proof.books import POSTED
from kizuna.runtime.brands import Brand, brand_here
from kizuna.runtime.db import Connection, Database
from kizuna.runtime.outbox import Follower, News, follow_once, start_over, waiting

DIFFERENCES_MAX = 100
PAUSE_S = 0.05


class Book(StrEnum):
    """A program account."""

    ISSUED = "issued"
    RELEASED = "released"
    REVERSED = "reversed"
    FORGIVEN = "forgiven"
    ADJUSTED = "adjusted"
    REDEEMED = "redeemed"
    EXPIRED = "expired"
    TRANSFERRED = "transferred"
    HELD = "held"
    PENDING = "pending"


SIGNS: dict[Book, int] = {
    Book.ISSUED: 1, Book.RELEASED: 1, Book.REVERSED: -1, Book.FORGIVEN: 1, Book.ADJUSTED: 1, Book.REDEEMED: -1,
    Book.EXPIRED: -1, Book.TRANSFERRED: 1,
}  # fmt: skip
"""How each account changes what members hold: outstanding is their sum with these signs. The others change nothing of it."""

_BOOKED: dict[int, tuple[tuple[Book, int], ...]] = {
    EntryKind.EARN: ((Book.ISSUED, 1),),
    EntryKind.REDEEM: ((Book.REDEEMED, -1),),
    EntryKind.EXPIRE: ((Book.EXPIRED, -1),),
    EntryKind.PEND: ((Book.PENDING, 1),),
    EntryKind.RELEASE: ((Book.RELEASED, 1), (Book.PENDING, -1)),
    EntryKind.REVERSE: ((Book.REVERSED, -1),),
    EntryKind.CANCEL: ((Book.PENDING, 1),),
    EntryKind.FORGIVE: ((Book.FORGIVEN, 1),),
    EntryKind.COLLECT: ((Book.FORGIVEN, 1),),
    EntryKind.HOLD: ((Book.HELD, -1),),
    EntryKind.VOID: ((Book.HELD, -1),),
    EntryKind.CONFIRM: ((Book.REDEEMED, -1), (Book.HELD, 1)),
    EntryKind.RESTORE: ((Book.REDEEMED, -1),),
    EntryKind.REVIVE: ((Book.EXPIRED, -1),),
    EntryKind.EXTEND: (),
    EntryKind.ADJUST: ((Book.ADJUSTED, 1),),
    EntryKind.TRANSFER: ((Book.TRANSFERRED, 1),),
}
"""Where each kind of entry is booked; every account grows by what its name says."""


class Line(NamedTuple):
    """One line of a program account in a unit: which rule of which version (0 and −1: none) or which reward, cause or reason.

    `opening` is what it had come to before the period, `points` what moved in it with `entries` entries.
    """

    unit: int
    book: Book
    version: int
    rule: int
    account: str
    opening: int
    points: int
    entries: int

    @property
    def closing(self) -> int:
        """What it has come to at the period's end."""
        return self.opening + self.points


async def program_accounts(conn: Connection, first: date, last: date) -> list[Line]:
    """Return the lines of the program accounts for the days from `first` through `last`, by unit, account and line."""
    sums: dict[tuple[int, Book, int, int, str], tuple[int, int, int]] = {}
    for row in await store.period(conn, first, last):
        for book, sign in _BOOKED[row["kind"]]:
            is_ruled = book is not Book.PENDING and row["rule"] != NO_RULE
            version, rule = (row["version"], row["rule"]) if is_ruled else (NO_VERSION, NO_RULE)
            account = "" if book in (Book.HELD, Book.PENDING) else row["account"]
            key = (row["unit"], book, version, rule, account)
            before, points, entries = sums.get(key, (0, 0, 0))
            sums[key] = before + sign * row["before"], points + sign * row["points"], entries + row["entries"]
    order = list(Book)
    keys = sorted(sums, key=lambda key: (key[0], order.index(key[1]), *key[2:]))
    return [Line(*key, *sums[key]) for key in keys if any(sums[key])]


def outstanding(lines: list[Line], unit: int) -> tuple[int, int]:
    """Return what members held of a unit before the period and at its end, with what holds reserve."""
    mine = [(line, SIGNS.get(line.book, 0)) for line in lines if line.unit == unit]
    return sum(sign * line.opening for line, sign in mine), sum(sign * line.closing for line, sign in mine)


async def differences(db: Database, brand: Brand) -> list[str]:
    """Compare the books with the entries, once all news is booked; return where they differ."""
    while await waiting(db, brand.schema, BOOKKEEPER.name):
        if not await follow_once(db, brand.schema, BOOKKEEPER):
            await asyncio.sleep(PAUSE_S)
    async with db.transaction(brand.schema, readonly=True) as conn:
        found = await store.differences(conn, brand.timezone, DIFFERENCES_MAX)
    return [
        f"{row['day']} unit {row['unit']} kind {row['kind']} version {row['version']} rule {row['rule']} {row['account']}: kept"
        f" {row['kept_points']} in {row['kept_entries']}, the entries are {row['points']} in {row['entries']}"
        for row in found
    ]


async def rebuild(db: Database, brand: Brand, progress: Callable[[int, int], None] = lambda _done, _all: None) -> int:
    """Take the books away and book every commit anew; return how many. Cut off, it is finished by the worker."""
    async with db.transaction(brand.schema) as conn:
        await start_over(conn, BOOKKEEPER.name)
        await store.clear(conn)
    total, done = await waiting(db, brand.schema, BOOKKEEPER.name), 0
    while await waiting(db, brand.schema, BOOKKEEPER.name):
        handled = await follow_once(db, brand.schema, BOOKKEEPER)
        done += handled
        progress(min(done, total), total)
        if not handled:
            await asyncio.sleep(PAUSE_S)
    return total


async def _book(conn: Connection, news: list[News]) -> None:
    """Book the commits that `news` names."""
    batches = [one.payload for one in news if one.topic == POSTED]
    if batches:
        await store.add(conn, (await brand_here(conn)).timezone, batches)


BOOKKEEPER = Follower("ledger.accounts", _book)
