"""What the calendar brings: birthdays and anniversaries, told to the program as events of their day, each at most once a year.

Told are only occasions that the program in force at the beginning of the day has rules for. Who is told is marked in the
transaction that records the events, so that a pass may be cut anywhere. Days on which no worker ran are made up for, up to
`DAYS_BACK`; before an occasion is told for the first time there is nothing to make up for.
"""

import calendar
from collections.abc import Sequence
from datetime import date, timedelta

from kizuna.core.days import day_number, day_start_ms, from_ms
from kizuna.core.errors import Problem
from kizuna.intake import store
from kizuna.intake.following import AT_ONCE, made, tell
from kizuna.intake.model import Arrival
from kizuna.members import anniversaries, born, told_anniversaries, told_birthdays
from kizuna.program import Program
from kizuna.publishing import PlanBook
from kizuna.runtime.brands import Brand
from kizuna.runtime.clock import now
from kizuna.runtime.db import Connection, Database
from kizuna.runtime.outbox import claim
from kizuna.runtime.worker import Chore

BIRTHDAY = "member.birthday"
ANNIVERSARY = "member.anniversary"
DAYS_BACK = 31
PIECES_AT_ONCE = 10
"""After so many the worker looks after others, and goes on when it is called again."""
_NAME = "intake.occasions"
_LEAP_DAY, _ITS_EVE = 229, 228


async def turn(db: Database, brand: Brand, today: date | None = None, *, at_once: int = PIECES_AT_ONCE) -> bool:
    """Tell what the days up to `today` bring; return whether there is more to do. May be cut and called again at any time."""
    today = today or now().astimezone(brand.zone).date()
    for type_ in (BIRTHDAY, ANNIVERSARY):
        for _ in range(at_once):
            async with db.transaction(brand.schema) as conn:
                if not await claim(conn, _NAME):
                    return False
                if not await _piece(conn, brand, type_, today):
                    break
        else:
            return True
    return False


async def _piece(conn: Connection, brand: Brand, type_: str, today: date) -> bool:
    """Tell one occasion to some members, of the first day for which somebody is left; return whether somebody was."""
    book = PlanBook()
    await book.refresh(conn)
    if not book.plans:
        return False
    known = await conn.fetchval(store.SELECT_CLOCK, type_)
    first = today if known is None else max(known, today - timedelta(days=DAYS_BACK))
    await conn.execute(store.BY_KEY_HERE)
    for back in range((today - first).days, -1, -1):
        day = today - timedelta(days=back)
        starts_ms = day_start_ms(day_number(day), brand.zone)
        if not speaks_of(book.plans[book.index_at(starts_ms)].program, type_):
            continue
        members, arrivals = await _told_on(conn, brand, type_, day, starts_ms)
        if members:
            for problem in await tell(conn, brand, book, arrivals):
                if isinstance(problem, Problem):
                    raise problem
            mark = told_birthdays if type_ == BIRTHDAY else told_anniversaries
            await mark(conn, members, day.year)
            return True
    await conn.execute(store.PUT_CLOCK, type_, today)
    return False


async def _told_on(
    conn: Connection, brand: Brand, type_: str, day: date, starts_ms: int
) -> tuple[Sequence[bytes], Sequence[Arrival]]:
    """Return some of the members whose day it is, and their events."""
    at, days = from_ms(starts_ms), days_kept_on(day)
    if type_ == BIRTHDAY:
        members = await born(conn, days, day.year, day, AT_ONCE)
        return members, [
            made(brand, type_, f"birthday/{member.hex()}/{day.year}", member, at, {}) for member in members
        ]
    found = await anniversaries(conn, days, day.year, date(day.year, 1, 1), AT_ONCE)
    return [member for member, _ in found], [
        made(brand, type_, f"anniversary/{member.hex()}/{years}", member, at, {"years": years})
        for member, years in found
    ]


def days_kept_on(day: date) -> list[int]:
    """Return which days of the year (month × 100 + day) are kept on `day`: 29 February on the 28th where there is none."""
    number = day.month * 100 + day.day
    return [number, _LEAP_DAY] if number == _ITS_EVE and not calendar.isleap(day.year) else [number]


def speaks_of(program: Program, type_: str) -> bool:
    """Tell whether a program has rules for an occasion."""
    return any(rule.event == type_ for rule in program.rules) or (
        program.referral is not None and program.referral.event == type_
    )


async def _turn(db: Database, brand: Brand) -> bool:
    return await turn(db, brand)


OCCASIONS_TOLD = Chore(_NAME, _turn)
