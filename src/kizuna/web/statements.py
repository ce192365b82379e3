"""Statements as tables: a member's, and the program accounts of all; the same rows on screen, in files and on the command line.

Cost is what was issued × the unit's worth, liability what members hold × its worth, in minor units, by the newest program.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from kizuna.core.days import DAY_DELIVERED, day_date, from_ms
from kizuna.core.errors import NotFound
from kizuna.engine import EntryKind
from kizuna.ledger import NO_RULE, Book, BookLine, Standing, outstanding, program_accounts
from kizuna.ledger import statement as ledger_statement
from kizuna.members import parse_subject, resolve
from kizuna.program import Program, Worth
from kizuna.publishing import PlanBook
from kizuna.runtime.brands import Brand, get_brand
from kizuna.runtime.db import Database

STATEMENT_HEADER = ["time", "unit", "kind", "points", "balance", "rule", "account", "last_day"]
ACCOUNTS_HEADER = ["unit", "account", "line", "opening", "points", "closing", "entries"]
OUTSTANDING = "outstanding"


async def member_statement(
    db: Database, slug: str, member: str, first: date, last: date
) -> tuple[dict[str, Any], list[tuple[Any, ...]]]:
    """Return a member's statement as facts and as rows. Raises `NotFound`, `SubjectInvalid`."""
    brand, book = await get_brand(db, slug), PlanBook()
    subject = parse_subject(member if ":" in member else f"member:{member}", brand.country)
    async with db.transaction(brand.schema, readonly=True) as conn:
        await book.refresh(conn)
        found = await resolve(conn, [subject])
        if subject not in found:
            raise NotFound(what="member", key=member)
        told = await ledger_statement(conn, found[subject], first, last, brand.zone)
    units = book.names.units
    rows, stands = [], dict(told.opening)
    for entry in told.entries:
        stands[entry.unit] = stands.get(entry.unit, Standing()).plus(entry)
        at = from_ms(entry.at_ms).astimezone(brand.zone).isoformat(timespec="seconds")
        rows.append(
            (at, units[entry.unit], EntryKind(entry.kind).name.lower(), entry.points, stands[entry.unit].balance,
             _rule_id(book, entry.version, entry.rule), entry.account or "", _day(entry.expires_on))
        )  # fmt: skip
    return {
        "member": found[subject].hex(),
        "from": first,
        "to": last,
        "units": {
            units[unit]: {
                "opening": told.opening.get(unit, Standing())._asdict(),
                "closing": stand._asdict(),
                "sums": [
                    {"kind": EntryKind(one.kind).name.lower(), "account": one.account, "entries": one.entries, "points": one.points}
                    for one in told.sums
                    if one.unit == unit
                ],
            }
            for unit, stand in told.closing.items()
        },
    }, rows  # fmt: skip


async def accounts_of(
    db: Database, brand: Brand, first: date, last: date
) -> tuple[dict[str, Any], list[tuple[Any, ...]]]:
    """Return the program accounts of a period as facts and as rows."""
    book = PlanBook()
    async with db.transaction(brand.schema, readonly=True) as conn:
        await book.refresh(conn)
        lines = await program_accounts(conn, first, last)
    rows: list[tuple[Any, ...]] = []
    units: dict[str, Any] = {}
    for unit in sorted({line.unit for line in lines}):
        name = book.names.units[unit]
        mine = [line for line in lines if line.unit == unit]
        rows += [
            (name, line.book.value, line_name(book, line), line.opening, line.points, line.closing, line.entries)
            for line in mine
        ]
        before, after = outstanding(lines, unit)
        rows.append((name, OUTSTANDING, "", before, after - before, after, sum(line.entries for line in mine)))
        worth = worth_of(book.plans[-1].program, name)
        units[name] = {
            "opening": before,
            "closing": after,
            "totals": totals(mine),
            "cost": cost_of(worth, mine),
            "liability": worth.of(after) if worth else None,
        }
    return {"from": first, "to": last, "units": units}, rows


def totals(lines: Sequence[BookLine]) -> Mapping[str, int]:
    """Return what moved in each program account."""
    return {book.value: sum(line.points for line in lines if line.book is book) for book in Book}


def line_name(book: PlanBook, line: BookLine) -> str:
    """Return what a line is known by: its rule, or its reward, cause or reason."""
    return line.account or _rule_id(book, line.version, line.rule)


def cost_of(worth: Worth | None, lines: Sequence[BookLine]) -> int | None:
    """Return what the points cost that were issued in the period, None where nothing is said of their worth."""
    issued = sum(line.points for line in lines if line.book in (Book.ISSUED, Book.RELEASED))
    return worth.of(issued) if worth else None


def worth_of(program: Program, unit: str) -> Worth | None:
    """Return what a unit's points cost."""
    return next((one.worth for one in program.units if one.id == unit), None)


def _rule_id(book: PlanBook, version: int, rule: int) -> str:
    return "" if rule == NO_RULE else book.version(version).program.rules[rule].id


def _day(number: int) -> str:
    shown = day_date(number) if 0 <= number < DAY_DELIVERED else None
    return "" if shown is None else shown.isoformat()
