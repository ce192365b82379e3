"""What a member's days come to: pure, over many members at once, in whatever order the days became known.

Each function says what one member's whole history contributes to a figure. A change is the contribution after it less the
contribution before it, which is why an event that arrives late is counted as exactly as one that arrives in time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from kizuna.core.days import DAY_NEVER, day_start_ms
from kizuna.core.lots import LOT, LOT_FIELDS
from kizuna.engine import Plan, Pockets, State, standing
from kizuna.engine.plan import Bools, Ints
from kizuna.engine.pockets import Rows
from kizuna.engine.state import STATE, year_of

_LOT = np.dtype(list(LOT_FIELDS))
Column = Sequence[int] | Ints | Rows
_DAY_MS = 86_400_000
_SHIFT, _LOW = 2**31, 2**32 - 1
_DAY, _AMOUNT = np.dtype("<i4"), np.dtype("<i8")


@dataclass(frozen=True, slots=True)
class Days:
    """Days of many members, sorted by member (a row number) and day, each pair once, with the sum of its amounts."""

    member: Rows
    day: Ints
    amount: Ints

    @classmethod
    def unpack(cls, days: Sequence[bytes], amounts: Sequence[bytes] | None = None) -> "Days":
        """Read one byte string a member: days as int32, amounts as int64 (0 where there are none), little-endian."""
        counts = [len(raw) // _DAY.itemsize for raw in days]
        day = np.frombuffer(b"".join(days), _DAY).astype(np.int64)
        amount = np.zeros(len(day), np.int64) if amounts is None else np.frombuffer(b"".join(amounts), _AMOUNT)
        return cls(np.repeat(np.arange(len(days)), counts), day, amount.astype(np.int64))

    def pack(self, size: int) -> tuple[list[bytes], list[bytes]]:
        """Write days and amounts, one byte string each for `size` members."""
        ends = np.cumsum(np.bincount(self.member, minlength=size)).tolist()
        return _cut(self.day.astype(_DAY), ends), _cut(self.amount.astype(_AMOUNT), ends)

    def with_more(self, member: Column, day: Column, amount: Column) -> "Days":
        """Return these days and more, in any order."""
        more = _key(np.array(member, np.intp), np.array(day, np.int64))
        sorting = np.argsort(more, kind="stable")
        key = np.concatenate([_key(self.member, self.day), more[sorting]])
        much = np.concatenate([self.amount, np.array(amount, np.int64)[sorting]])
        order = np.argsort(key, kind="stable")  # two runs that are sorted each: little to do
        key, much = key[order], much[order]
        starts = np.flatnonzero(_begins(key))
        sums = np.add.reduceat(much, starts) if len(starts) else much
        return Days((key[starts] >> 32).astype(np.intp), (key[starts] & _LOW) - _SHIFT, sums)

    def only(self, rows: Bools) -> "Days":
        """Return the days of the members that `rows` marks; row numbers stay."""
        chosen = rows[self.member]
        return Days(self.member[chosen], self.day[chosen], self.amount[chosen])

    def last(self, size: int) -> list[int | None]:
        """Return each member's last day."""
        found: list[int | None] = [None] * size
        for member, day in zip(self.member.tolist(), self.day.tolist(), strict=True):
            found[member] = day
        return found


def _key(member: Rows, day: Ints) -> Ints:
    """Return one number that sorts as member and day do."""
    key: Ints = (member.astype(np.int64) << 32) | (day + _SHIFT)
    return key


def _cut(column: NDArray[np.generic], ends: list[int]) -> list[bytes]:
    return [column[start:end].tobytes() for start, end in zip([0, *ends], ends, strict=False)]


def _begins(column: Ints | Rows) -> Bools:
    """Mark the places that differ from the one before; the first always does."""
    marks = np.ones(len(column), np.bool_)
    marks[1:] = column[1:] != column[:-1]
    return marks


def active_steps(days: Days, window: int) -> dict[int, int]:
    """Return by day how the number of active members changes, where a day keeps its member active for `window` days.

    A member's days d1 < d2 < … make them active on the union of [d, d + window − 1]: one step up where a stretch begins, one
    down on the day after it ends. The number active on a day is the sum of all steps up to it.
    """
    if not len(days.day):
        return {}
    opens = _begins(days.member)
    opens[1:] |= days.day[1:] - days.day[:-1] > window
    closes = np.append(opens[1:], True)
    day = np.concatenate([days.day[opens], days.day[closes] + window])
    step = np.concatenate([np.ones(int(opens.sum()), np.int64), np.full(int(closes.sum()), -1, np.int64)])
    return _summed(day, step)


def days_at(keys: Sequence[bytes], zone: ZoneInfo) -> list[int]:
    """Return the day in `zone` on which each of `keys` (UUIDv7) begins."""
    if not keys:
        return []
    raw = np.frombuffer(b"".join(key[:6] for key in keys), np.uint8).reshape(-1, 6).astype(np.int64)
    at_ms = raw @ (np.int64(1) << np.arange(40, -8, -8))
    first, last = (int(edge) // _DAY_MS for edge in (at_ms.min(), at_ms.max()))
    starts = np.array([_starts_ms(day, zone) for day in range(first - 1, last + 3)], np.int64)
    days: list[int] = (np.searchsorted(starts, at_ms, side="right") + (first - 2)).tolist()
    return days


_starts_ms = lru_cache(maxsize=65_536)(day_start_ms)


def _summed(key: Ints, value: Ints) -> dict[int, int]:
    keys, place = np.unique(key, return_inverse=True)
    sums = np.zeros(len(keys), np.int64)
    np.add.at(sums, place, value)
    return {day: total for day, total in zip(keys.tolist(), sums.tolist(), strict=True) if total}


def tier_moves(
    days: Days, plans: Sequence[Plan], begins: Sequence[int], through: Ints
) -> dict[tuple[int, int, int], int]:
    """Return how many members moved, by (day, from, to).

    Everyone begins on the first tier and stands, at the end of each day up to `through` (one a member), where that day's
    version of the program puts the orders of all days up to it. From the end of the days `begins` on each plan decides.
    """
    days = _marked(days, begins, through)
    if not len(days.day):
        return {}
    level = _levels(days, plans, begins)
    before = np.where(_begins(days.member), 0, np.concatenate([[0], level[:-1]]))
    moved = level != before
    found = np.stack([days.day[moved], before[moved], level[moved]], axis=1)
    keys, counts = np.unique(found, axis=0, return_counts=True)
    return {(day, was, now): count for (day, was, now), count in zip(keys.tolist(), counts.tolist(), strict=True)}


def _marked(days: Days, begins: Sequence[int], through: Ints) -> Days:
    """Add, with no amount, the other days on which a tier may change: new versions, and the two New Years after a year's orders."""
    buyers = days.member[_begins(days.member)]
    year = year_of(days.day.astype(np.int32))
    starts = np.flatnonzero(_begins(days.member) | _begins(year))
    new_years = [_new_year(year[starts] + more) for more in (1, 2)]
    member = [days.member[starts], days.member[starts], *(buyers for _ in begins[1:])]
    day = [*new_years, *(np.full(len(buyers), begin, np.int64) for begin in begins[1:])]
    who, when = np.concatenate(member), np.concatenate(day)
    marked = days.with_more(who, when, np.zeros(len(who), np.int64))
    known = marked.day <= through[marked.member]
    return Days(marked.member[known], marked.day[known], marked.amount[known])


def _new_year(year: Ints) -> Ints:
    first: Ints = (year - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
    return first


def _levels(days: Days, plans: Sequence[Plan], begins: Sequence[int]) -> Ints:
    """Return the tier at the end of each of `days`, of whatever the member had ordered by then."""
    year, rows = year_of(days.day.astype(np.int32)), np.arange(len(days.day))
    new_member = _begins(days.member)
    new_year = new_member | _begins(year)
    lifetime = _running(days.amount, new_member)
    this_year = _running(days.amount, new_year)
    # The year before is the group before, where that is the same member's and follows at once.
    starts = np.flatnonzero(new_year)
    ended = np.where(
        new_member[starts] | (year[starts] - year[starts - 1] != 1), 0, this_year[starts - 1]
    )  # fmt: skip
    last_year = ended[np.cumsum(new_year) - 1]

    state = State(np.zeros(len(rows), STATE), np.empty((0, 4), np.int64), Pockets.unpack([]))
    state.memory["year"], state.memory["spend"] = year, lifetime
    state.memory["spend_year"], state.memory["spend_last_year"] = this_year, last_year
    version = np.searchsorted(np.array(begins, np.int64), days.day, side="right") - 1
    level = np.zeros(len(rows), np.int64)
    for number in np.unique(version).tolist():
        those = rows[version == number]
        level[those] = standing(plans[number], state, those, days.day[those].astype(np.int32)).level
    return level


def _running(amount: Ints, starts: Bools) -> Ints:
    """Return running sums that begin anew at each of `starts`."""
    total = np.cumsum(amount)
    base = (total - amount)[np.flatnonzero(starts)]
    running: Ints = total - base[np.cumsum(starts) - 1]
    return running


@dataclass(frozen=True, slots=True)
class Pocket:
    """One element a member: points that may be spent, the last day of those that go first (`DAY_NEVER`), lots that are past."""

    balance: list[int]
    expires_on: list[int]
    due: list[bytes]


def pockets(packed: Sequence[bytes], today: int) -> Pocket:
    """Look into open lots (`core.lots`, one byte string a member) on the day `today`."""
    size = len(packed)
    member = np.repeat(np.arange(size), [len(raw) // LOT.size for raw in packed])
    lots = np.frombuffer(b"".join(packed), _LOT)
    past = lots["expires_on"] < today
    balance, expires_on = np.zeros(size, np.int64), np.full(size, DAY_NEVER, np.int64)
    np.add.at(balance, member[~past], lots["remaining"][~past])
    np.minimum.at(expires_on, member[~past], lots["expires_on"][~past])
    ends = np.cumsum(np.bincount(member[past], minlength=size)).tolist()
    return Pocket(balance.tolist(), expires_on.tolist(), _cut(lots[past], ends))


def pieces(sizes: Sequence[tuple[int, int]], size_max: int) -> list[list[int]]:
    """Cut a list of (name, size) into runs of at most `size_max` together, or of one that is larger by itself."""
    runs: list[list[int]] = []
    room = 0
    for name, size in sizes:
        if not runs or size > room:
            runs.append([])
            room = size_max
        runs[-1].append(name)
        room -= size
    return runs
