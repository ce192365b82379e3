"""What a member's days come to: pure, over many members at once, in whatever order the days became known.

Each function says what one member's whole history contributes to a figure. A change is the contribution after it less the
contribution before it, which is why an event that arrives late is counted as exactly as one that arrives in time.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from kizuna.core.days import DAY_NEVER, day_start_ms
from kizuna.core.lots import LOT, LOT_FIELDS
from kizuna.engine import Standing, State, standing
from kizuna.engine.events import Bools, Ints, Rows
from kizuna.engine.facts import stage
from kizuna.engine.state import NO_DAY
from kizuna.insight.model import Moment, Rung

MOVE = struct.Struct("<ihh")
"""A move between tiers as bytes: day, from, to."""
_LOT = np.dtype(list(LOT_FIELDS))
Column = Sequence[int] | Ints | Rows
_DAY_MS = 86_400_000
_SHIFT, _LOW = 2**31, 2**32 - 1
_DAY = np.dtype("<i4")


@dataclass(frozen=True, slots=True)
class Days:
    """Days of many members, sorted by member (a row number) and day, each pair once."""

    member: Rows
    day: Ints

    @classmethod
    def unpack(cls, days: Sequence[bytes]) -> "Days":
        """Read one byte string a member: days as int32, little-endian."""
        counts = [len(raw) // _DAY.itemsize for raw in days]
        day = np.frombuffer(b"".join(days), _DAY).astype(np.int64)
        return cls(np.repeat(np.arange(len(days)), counts), day)

    def pack(self, size: int) -> list[bytes]:
        """Write days, one byte string each for `size` members."""
        ends = np.cumsum(np.bincount(self.member, minlength=size)).tolist()
        return _cut(self.day.astype(_DAY), ends)

    def with_more(self, member: Column, day: Column) -> "Days":
        """Return these days and more, in any order."""
        more = _key(np.array(member, np.intp), np.array(day, np.int64))
        key = np.unique(np.concatenate([_key(self.member, self.day), more]))
        return Days((key >> 32).astype(np.intp), (key & _LOW) - _SHIFT)

    def instead(self, days: dict[int, list[int]]) -> "Days":
        """Return the same with other days for some members."""
        others = ~np.isin(self.member, list(days))
        member = [place for place, mine in days.items() for _ in mine]
        return Days(self.member[others], self.day[others]).with_more(
            member, [day for mine in days.values() for day in mine]
        )

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


def steps(seen: int, rungs: Sequence[Rung]) -> tuple[list[tuple[int, int, int]], int]:
    """Return a member's moves between tiers as (day, from, to), and the tier after them; `seen` is the one before.

    What time alone has made of a tier is counted on the day since when it was so.
    """
    moves = []
    for rung in rungs:
        if rung.before != seen:
            moves.append((rung.day if rung.fell_on is None else rung.fell_on, seen, rung.before))
        if rung.after != rung.before:
            moves.append((rung.day, rung.before, rung.after))
        seen = rung.after
    return moves, seen


def ahead(moment: Moment, state: State, seen: Sequence[int]) -> tuple[Standing, list[bytes]]:
    """Return where members stand today, and the moves that time alone has made of the tiers `seen` after their last events.

    A member has none or one: to the tier of today, on the day after the last on which the one seen was kept.
    """
    plan, rows = moment.plans[-1], np.arange(state.size)
    today = standing(plan, state, rows, np.full(state.size, moment.today, np.int32))
    level = today.level.tolist()
    if level == list(seen):
        return today, [b""] * state.size
    last = np.minimum(state.head["last_day"], moment.today).astype(np.int32)
    kept = standing(plan, state, rows, np.maximum(last, 0)).kept_through.tolist()
    began = max(moment.begins[-1], 0)
    return today, [
        b"" if was == now else MOVE.pack(through + 1 if through < moment.today else began, was, now)
        for was, now, through in zip(seen, level, kept, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Pocket:
    """One element a member: points that may be spent, the last day of those that go first (`DAY_NEVER`), lots that are past."""

    balance: list[int]
    expires_on: list[int]
    due: list[bytes]


def pockets(packed: Sequence[bytes], today: int) -> Pocket:
    """Look into the first unit's open lots (`core.lots`, one byte string a member) on the day `today`."""
    size = len(packed)
    member = np.repeat(np.arange(size), [len(raw) // LOT.size for raw in packed])
    lots = np.frombuffer(b"".join(packed), _LOT)
    first = lots["unit"] == 0
    if not first.all():
        member, lots = member[first], lots[first]
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


def kept_orders(state: State) -> list[int | None]:
    """Return the day of each member's last order that was kept in some part, as the program counts it."""
    return [None if day == NO_DAY else day for day in state.head["last_order"].tolist()]


def stages(moment: Moment, state: State) -> list[int]:
    """Return the number of the journey's stage on which each member stands; 0 where there is no journey."""
    plan = moment.plans[-1]
    if not plan.steps:
        return [0] * state.size
    done = {step.read: state.slot(step.slot).value[0] for step in plan.steps}
    found: list[int] = stage(plan, done, state.size).tolist()
    return found
