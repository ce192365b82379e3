"""Conditions that can never be true: weekdays that exclude each other, a range that is empty, a date outside the campaign.

What is found is certain. Conditions too involved to be told (a `not`, very many branches) count as possible.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from kizuna.core.errors import N_
from kizuna.program.conditions import All, AnyOf, Compare, Condition, Is, Not, Segment
from kizuna.program.facts import WEEKDAYS, Fact, FactType, Scope
from kizuna.program.faults import Fault as Found
from kizuna.program.faults import warning
from kizuna.program.findings.conditions import RANGES
from kizuna.program.findings.known import Known
from kizuna.program.rules import Campaign, EarningRule

NEVER_TRUE = warning(
    "never_true",
    N_("This condition can never be true: its parts exclude each other."),
    N_("Change or take away one of them; with “any” in place of “all”, one of them is enough."),
)
NEVER_TOGETHER = warning(
    "never_speaks",
    N_("This rule never gives anything: its condition, its audience and its dates exclude each other."),
    N_("Change one of them so that they meet."),
)
STEPS_MAX = 2_000
_NUMBERS = {FactType.NUMBER, FactType.MONEY, FactType.DATE}


@dataclass(frozen=True, slots=True)
class Room:
    """What a fact may still be: one of `only` where that is told, between `least` and `most`, none of `banned`."""

    only: frozenset[object] | None = None
    banned: frozenset[object] = frozenset()
    least: int | None = None
    most: int | None = None

    def among(self, values: Iterable[object]) -> "Room":
        """Leave only these values."""
        return replace(self, only=frozenset(values) if self.only is None else self.only.intersection(values))

    def between(self, least: int | None, most: int | None) -> "Room":
        """Leave only what lies between."""
        ends = (
            [end for end in (least, self.least) if end is not None],
            [end for end in (most, self.most) if end is not None],
        )
        return replace(self, least=max(ends[0], default=None), most=min(ends[1], default=None))

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left."""
        if self.only is not None:
            return not any(self._holds(value) for value in self.only if value not in self.banned)
        if self.least is None or self.most is None:
            return False
        return self.least > self.most or (self.least == self.most and self.least in self.banned)

    def _holds(self, value: object) -> bool:
        if not isinstance(value, int) or isinstance(value, bool):
            return True
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


def check(known: Known) -> Iterator[Found]:
    """Find conditions that are never true, and rules whose parts never meet."""
    alone: set[str] = set()
    for place, event, condition in known.conditions():
        if (event in known.events or not event) and not possible(known, event, [condition]):
            alone.add(place.rpartition(".")[0])
            yield NEVER_TRUE.at(place)
    for place, rule in known.rules:
        if place not in alone and rule.event in known.events and not may_speak(known, rule):
            yield NEVER_TOGETHER.at(place)


def may_speak(known: Known, *rules: EarningRule) -> bool:
    """Whether rules of one event can speak together on one event."""
    conditions = [rule.condition for rule in rules]
    conditions += [rule.audience for rule in rules if isinstance(rule, Campaign)]
    dates = [(rule.starts, rule.ends) for rule in rules if isinstance(rule, Campaign)]
    asked = [one for one in conditions if one is not None]
    start = {}
    if dates:
        first, last = max(one for one, _ in dates), min(one for _, one in dates)
        if first > last:
            return len(rules) == 1  # a campaign that ends before it starts is a fault of its own
        start = _days(first, last) if asked else {}
    return possible(known, rules[0].event, asked, start)


def possible(known: Known, event: str, conditions: Sequence[Condition], rooms: dict[str, Room] | None = None) -> bool:
    """Whether all conditions can be true together."""
    return _Search(known, event).possible(list(conditions), rooms or {})


def _days(first: dt.date, last: dt.date) -> dict[str, Room]:
    """Return what facts of the time may be from `first` to `last`."""
    rooms = {"time.date": Room(least=first.toordinal(), most=last.toordinal())}
    if (last - first).days < 366:
        days = [first + dt.timedelta(number) for number in range((last - first).days + 1)]
        rooms["time.weekday"] = Room(frozenset(WEEKDAYS[day.weekday()] for day in days))
        rooms["time.day_of_month"] = Room(frozenset(day.day for day in days))
        rooms["time.month"] = Room(frozenset(day.month for day in days))
    return rooms


class _Search:
    """Goes through the branches of conditions until one is possible; gives up after `STEPS_MAX` parts."""

    def __init__(self, known: Known, event: str) -> None:
        self._known = known
        self._facts = known.facts(event)
        self._left = STEPS_MAX

    def possible(self, open_: list[Condition], rooms: dict[str, Room]) -> bool:
        """Whether everything open can be true together with what is known already."""
        open_, rooms = list(open_), dict(rooms)
        branches: list[AnyOf] = []
        while open_:
            self._left -= 1
            if self._left < 0:
                return True
            match open_.pop():
                case All(all=parts):
                    open_ += parts
                case AnyOf() as branch:
                    branches.append(branch)
                case Not(not_=All(all=[])):
                    return False
                case Segment(segment=name) if name in self._known.segments:
                    open_.append(self._known.segments[name].condition)
                case Compare() as leaf:
                    if not self._narrow(leaf, rooms):
                        return False
        if not branches:
            return True
        first, *rest = branches
        return any(self.possible([part, *rest], rooms) for part in first.any)

    def _narrow(self, leaf: Compare, rooms: dict[str, Room]) -> bool:
        fact = self._facts.get(leaf.fact)
        if fact is None or fact.type is FactType.SET:
            return True
        room = rooms.get(leaf.fact) or _whole(fact)
        narrowed = _numbered(room, leaf, fact) if fact.type in _NUMBERS else _named(room, leaf, fact)
        if narrowed is None:
            return True  # a value of another type is a fault of its own
        rooms[leaf.fact] = narrowed
        return not narrowed.is_empty


def _whole(fact: Fact) -> Room:
    if fact.name in RANGES:
        return Room(least=RANGES[fact.name][0], most=RANGES[fact.name][1])
    if fact.type in {FactType.NUMBER, FactType.MONEY} and fact.scope in {Scope.ORDER, Scope.MEMBER}:
        return Room(least=0)
    return Room(only=frozenset(fact.choices)) if fact.choices else Room()


def _numbered(room: Room, leaf: Compare, fact: Fact) -> Room | None:  # noqa: PLR0911 - one return for each comparison
    values = [_number(one, fact) for one in (leaf.value if isinstance(leaf.value, list) else [leaf.value])]
    numbers = [one for one in values if one is not None]
    if not numbers or len(numbers) < len(values):
        return None
    first = numbers[0]
    match leaf.is_:
        case Is.EQUALS | Is.ONE_OF:
            return room.among(numbers)
        case Is.DIFFERS | Is.NONE_OF:
            return replace(room, banned=room.banned.union(numbers))
        case Is.AT_LEAST:
            return room.between(first, None)
        case Is.ABOVE:
            return room.between(first + 1, None)
        case Is.AT_MOST:
            return room.between(None, first)
        case Is.BELOW:
            return room.between(None, first - 1)


def _number(value: object, fact: Fact) -> int | None:
    if fact.type is FactType.DATE:
        try:
            return dt.date.fromisoformat(str(value)).toordinal()
        except ValueError:
            return None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _named(room: Room, leaf: Compare, fact: Fact) -> Room | None:
    values = leaf.value if isinstance(leaf.value, list) else [leaf.value]
    if fact.choices and not set(values) <= set(fact.choices):
        return None
    at = next((place for place, choice in enumerate(fact.choices) if choice == values[0]), None)
    match leaf.is_:
        case Is.EQUALS | Is.ONE_OF:
            return room.among(values)
        case Is.DIFFERS | Is.NONE_OF:
            return replace(room, banned=room.banned.union(values))
        case Is.AT_LEAST if at is not None:
            return room.among(fact.choices[at:])
        case Is.AT_MOST if at is not None:
            return room.among(fact.choices[: at + 1])
    return None
