"""What is true: facts, conditions, goods, and which rules speak (4)."""

import operator
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b

from engine.reference import tiers
from engine.reference.calendar import as_date
from engine.reference.memory import Memory
from engine.reference.words import Basket, Happening, Line
from kizuna.core.days import day_number
from kizuna.program import All, AnyOf, Campaign, Compare, Is, Not, OnlyGoods, Program, Segment, holiday_days

WAYS = {
    Is.EQUALS: operator.eq,
    Is.DIFFERS: operator.ne,
    Is.AT_LEAST: operator.ge,
    Is.AT_MOST: operator.le,
    Is.ABOVE: operator.gt,
    Is.BELOW: operator.lt,
}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class Facts:
    """An event's facts: the document it is decided by, what was bought or is kept, and the member as just before."""

    program: Program
    event: Happening
    basket: Basket | None
    """None for events that are no orders."""
    memory: Memory
    key: int

    def value(self, name: str) -> object:
        """A fact; None where it is not there."""
        scope, _, rest = name.partition(".")
        if scope == "time":
            return self._time(rest)
        if scope == "event":
            return getattr(self.event, rest) if rest in ("channel", "store") else self.event.fields.get(rest)
        return self._order(rest) if scope == "order" else self._member(rest)

    def _time(self, name: str) -> object:
        day = as_date(self.event.day)
        match name:
            case "date":
                return self.event.day
            case "weekday":
                return WEEKDAYS[day.weekday()]
            case "hour":
                return self.event.minute // 60
            case "day_of_month":
                return day.day
            case "month":
                return day.month
            case "is_holiday":
                of = self.program.holidays
                return self.event.day in _holidays(self.program, (of.country, tuple(of.more)))
        raise KeyError(name)

    def _order(self, name: str) -> object:
        if self.basket is None:
            return None
        if name in ("sku", "category", "brand"):
            return {getattr(line, name) for line in self.basket.lines} - {None}
        if name == "tag":
            return {tag for line in self.basket.lines for tag in line.tags}
        return getattr(self.basket, name)

    def _member(self, name: str) -> object:
        memory, day = self.memory, self.event.day
        if name in ("orders", "spend"):
            return memory.ever(name)
        if name in ("days_since_order", "days_since_joining"):
            since = memory.last_order if name == "days_since_order" else memory.joined
            return None if since is None else max(0, day - since)
        if name == "is_referred":
            return memory.referred
        if name in ("is_birthday", "is_birthday_month"):
            whole = self._is_birthday if name == "is_birthday" else self._is_birthday_month
            return None if memory.born is None else whole(*memory.born)
        if name == "stage":
            return tiers.stage(memory, self.program)
        track = name.removeprefix("tier").removeprefix("track.")
        return tiers.standing(memory, track, tiers.tracks(self.program)[track])[0]

    def _is_birthday_month(self, month: int, _: int) -> bool:
        return as_date(self.event.day).month == month

    def _is_birthday(self, month: int, day: int) -> bool:
        today = as_date(self.event.day)
        leap = today.year % 4 == 0 and (today.year % 100 != 0 or today.year % 400 == 0)
        return (today.month, today.day) == ((2, 28) if (month, day) == (2, 29) and not leap else (month, day))

    @property
    def tier(self) -> int:
        return tiers.standing(self.memory, "", self.program.tiers)[0]

    def ranks(self, name: str) -> list[str] | None:
        """The ids behind the numbers of a rank; None for other facts."""
        if name == "member.stage":
            return [stage.id for stage in self.program.journey.stages]
        if name == "member.tier" or name.startswith("member.track."):
            track = tiers.tracks(self.program)[name.removeprefix("member.tier").removeprefix("member.track.")]
            return [level.id for level in track.levels]
        return None

    def true(self, condition) -> bool:
        match condition:
            case None:
                return True
            case All():
                return all(self.true(part) for part in condition.all)
            case AnyOf():
                return any(self.true(part) for part in condition.any)
            case Not():
                return not self.true(condition.not_)
            case Segment():
                (named,) = (one for one in self.program.segments if one.id == condition.segment)
                return self.true(named.condition)
            case Compare():
                return self._compares(condition)
        raise TypeError(condition)

    def _compares(self, one: Compare) -> bool:
        actual = self.value(one.fact)
        if actual is None:
            return False
        many = one.value if isinstance(one.value, list) else [one.value]
        ranks = self.ranks(one.fact)
        if ranks is not None:
            many = [ranks.index(value) for value in many]
        elif one.fact == "time.date":
            many = [day_number(date.fromisoformat(value)) for value in many]
        if isinstance(actual, set):
            return bool(actual.intersection(many)) == (one.is_ is Is.ONE_OF)
        if one.is_ in (Is.ONE_OF, Is.NONE_OF):
            return (actual in many) == (one.is_ is Is.ONE_OF)
        return WAYS[one.is_](actual, many[0])

    def counting(self, *goods: OnlyGoods | None) -> list[Line]:
        """The lines that count for all of `goods`; all lines where none are named."""
        lines = () if self.basket is None else self.basket.lines
        return [line for line in lines if all(one is None or _counts(line, one) for one in goods)]

    def speaks(self, rule) -> bool:
        """Whether a rule speaks on this event."""
        if rule.event != self.event.type or (self.basket is not None and not self.basket.exists):
            return False
        if isinstance(rule, Campaign) and not self._in_campaign(rule):
            return False
        if rule.goods is not None and not self.counting(rule.goods):
            return False
        return self.true(rule.condition)

    def _in_campaign(self, campaign: Campaign) -> bool:
        in_time = day_number(campaign.starts) <= self.event.day <= day_number(campaign.ends)
        held_out = draw(self.key, campaign.id) < campaign.holdout_percent
        return in_time and not held_out and self.true(campaign.audience)


_HOLIDAYS: dict[object, frozenset[int]] = {}


def _holidays(program: Program, key: object) -> frozenset[int]:
    if key not in _HOLIDAYS:
        _HOLIDAYS[key] = frozenset(holiday_days(program))
    return _HOLIDAYS[key]


def _values(line: Line) -> dict[str, set[str | None]]:
    return {"sku": {line.sku}, "category": {line.category}, "brand": {line.brand}, "tag": set(line.tags)}


def _counts(line: Line, goods: OnlyGoods) -> bool:
    has = _values(line)
    wanted = all(not getattr(goods, what) or has[what].intersection(getattr(goods, what)) for what in has)
    unwanted = any(has[what].intersection(getattr(goods.but_not, what)) for what in has)
    return wanted and not unwanted


def draw(key: int, campaign: str) -> int:
    """A member's lot in a campaign's draw, 0 to 99."""
    bits = 2**64 - 1
    z = key ^ int.from_bytes(blake2b(campaign.encode(), digest_size=8).digest(), "big")
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & bits
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & bits
    return (z ^ (z >> 31)) % 100
