"""A member's points at any past instant, and what moved between two days: a statement of account.

Always true: opening + lines = closing, unit by unit; and a statement up to now closes with what the member has now. What time alone has
done counts from its day on, whether or not an entry says so yet. An entry of an event that arrived late stands where it happened.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from kizuna.core.days import day_number, day_of, day_start_ms, instant_ms
from kizuna.engine import EntryKind
from kizuna.ledger import statement_store as store
from kizuna.ledger.model import UNMOVED, Entry
from kizuna.ledger.posting import due
from kizuna.ledger.service import account
from kizuna.runtime.db import Connection


class Standing(NamedTuple):
    """One unit's points: what may be spent (negative for a debt), what holds reserve, what waits."""

    balance: int = 0
    held: int = 0
    pending: int = 0

    def plus(self, entry: Entry) -> "Standing":
        """Return the standing after an entry."""
        kind, points = entry.kind, entry.points
        moved = 0 if kind in UNMOVED else points
        held = points if kind == EntryKind.CONFIRM else -points if kind in (EntryKind.HOLD, EntryKind.VOID) else 0
        waits = points if kind in (EntryKind.PEND, EntryKind.CANCEL) else -points if kind == EntryKind.RELEASE else 0
        return Standing(self.balance + moved, self.held + held, self.pending + waits)


class Sum(NamedTuple):
    """What entries of one unit, kind and account come to."""

    unit: int
    kind: int
    account: str | None
    entries: int
    points: int


class Statement(NamedTuple):
    """What a member had when the first day began, every entry oldest first, their sums, and what was there when the last day ended."""

    opening: dict[int, Standing]
    entries: list[Entry]
    sums: list[Sum]
    closing: dict[int, Standing]


async def balance_at(conn: Connection, member: bytes, at: datetime, zone: ZoneInfo) -> dict[int, Standing]:
    """Return what a member had at a past instant, by unit; the first unit is always there. Raises `NotFound`."""
    return await _standing(conn, member, instant_ms(at) + 1, day_of(at, zone), zone)


async def statement(conn: Connection, member: bytes, first: date, last: date, zone: ZoneInfo) -> Statement:
    """Return the statement of the days from `first` through `last`. Raises `NotFound`."""
    begin, end = day_number(first), day_number(last) + 1
    from_ms, until_ms = day_start_ms(begin, zone), day_start_ms(end, zone)
    opening = await _standing(conn, member, from_ms, begin - 1, zone)
    written = await store.lines(conn, member, _key(from_ms), _key(until_ms))
    unwritten = due(member, await account(conn, member), end - 1, zone)
    meanwhile = [one for one in unwritten if _key(from_ms) <= one.key < _key(until_ms)]
    entries = sorted([*written, *meanwhile], key=lambda one: one.at_ms) if meanwhile else written
    return Statement(opening, entries, sums_of(entries), after(opening, entries))


def after(opening: dict[int, Standing], entries: Iterable[Entry]) -> dict[int, Standing]:
    """Return what is there after entries, by unit."""
    stands = dict(opening)
    for entry in entries:
        stands[entry.unit] = stands.get(entry.unit, Standing()).plus(entry)
    return dict(sorted(stands.items()))


def sums_of(entries: Sequence[Entry]) -> list[Sum]:
    """Add entries up by unit, kind and account."""
    found: defaultdict[tuple[int, int, str], list[int]] = defaultdict(lambda: [0, 0])
    for entry in entries:
        one = found[entry.unit, entry.kind, entry.account or ""]
        one[0] += 1
        one[1] += entry.points
    return [Sum(unit, kind, name or None, *both) for (unit, kind, name), both in sorted(found.items())]


async def _standing(conn: Connection, member: bytes, before_ms: int, day: int, zone: ZoneInfo) -> dict[int, Standing]:
    """Return what was there before an instant of a day."""
    row, before = await account(conn, member), _key(before_ms)
    written = {unit: Standing(*of) for unit, of in (await store.standing(conn, member, before)).items()}
    return after({0: Standing()} | written, [one for one in due(member, row, day, zone) if one.key < before])


def _key(at_ms: int) -> bytes:
    """Return the key that stands before every entry of an instant."""
    return max(0, at_ms).to_bytes(6, "big") + b"\x00" * 10
