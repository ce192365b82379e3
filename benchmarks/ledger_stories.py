"""What members of a generated ledger live: a few stories of ten entries in eight events, with amounts and days of each member's own.

Always true: the rows that a story leads to are worked out here from its amounts, and not by replaying anything. Time passes as the
road would have it: what has ended is written down with the next event.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kizuna.core.days import DAY_NEVER
from kizuna.engine import EntryKind as Kind

ENTRIES_EACH, EVENTS_EACH = 10, 8
OFFSETS = (0, 5, 20, 40, 100, 110, 135, 140)
"""On which day of a story its events happen; each comes up to three days later."""
JITTER_DAYS = 4
_LIFE_DAYS = 90
Numbers = np.ndarray[Any, Any]
Lots = list[tuple[Numbers, Numbers]]
"""Last days and points."""


@dataclass(slots=True)
class Step:
    """One entry of a story, as columns over the members who live it. `taken` are the lots that it takes; `of` is the event it ends."""

    kind: Kind
    event: int
    points: Numbers
    expires_on: Numbers | int = DAY_NEVER
    taken: Lots = field(default_factory=list)
    release_on: Numbers | None = None
    of: int | None = None
    by_time: bool = False


@dataclass(slots=True)
class Story:
    """What is left of a story: entries, lots, waiting points (day of release, last day, points), counters, the step that still holds."""

    steps: list[Step]
    lots: Lots
    counters: dict[str, Numbers]
    waiting: tuple[Numbers, Numbers, Numbers] | None = None
    holding: Step | None = None


def _shopping(a: Numbers, part: Numbers, spent: Numbers, ends: Numbers) -> tuple[list[Step], dict[str, Numbers]]:
    """Earn, redeem out of two lots, let the rest lapse; and again: nine entries, with the lots of events 4 and 6 left."""
    steps = [
        Step(Kind.EARN, 0, a[0], ends[0]),
        Step(Kind.EARN, 1, a[1], ends[1]),
        Step(Kind.REDEEM, 2, -(a[0] + part), DAY_NEVER, [(ends[0], a[0]), (ends[1], part)]),
        Step(Kind.EARN, 3, a[2], ends[3]),
        Step(Kind.EXPIRE, 4, part - a[1], ends[1], by_time=True),
        Step(Kind.EARN, 4, a[3], ends[4]),
        Step(Kind.REDEEM, 5, -spent, DAY_NEVER, [(ends[3], spent)]),
        Step(Kind.EXPIRE, 6, spent - a[2], ends[3], by_time=True),
        Step(Kind.EARN, 6, a[4], ends[6]),
    ]
    counted = {"earned": a[:5].sum(axis=0), "spent": a[0] + part + spent, "lapsed": a[1] - part + a[2] - spent}
    return steps, counted


def shopper(draw: Any, days: Numbers) -> Story:
    """Shop, and earn once more."""
    a, part, spent, ends = _drawn(draw, days)
    steps, counted = _shopping(a, part, spent, ends)
    steps.append(Step(Kind.EARN, 7, a[5], ends[7]))
    return Story(
        steps, [(ends[4], a[3]), (ends[6], a[4]), (ends[7], a[5])], counted | {"earned": counted["earned"] + a[5]}
    )


def reserver(draw: Any, days: Numbers) -> Story:
    """Shop, and hold points that nobody has confirmed yet."""
    a, part, spent, ends = _drawn(draw, days)
    steps, counted = _shopping(a, part, spent, ends)
    held = draw.integers(1, a[3])
    last = Step(Kind.HOLD, 7, -held, DAY_NEVER, [(ends[4], held)], of=7)
    return Story([*steps, last], [(ends[4], a[3] - held), (ends[6], a[4])], counted | {"held": held}, holding=last)


def giver(draw: Any, days: Numbers) -> Story:
    """Shop, and give points to another."""
    a, part, spent, ends = _drawn(draw, days)
    steps, counted = _shopping(a, part, spent, ends)
    given = draw.integers(1, a[3])
    last = Step(Kind.TRANSFER, 7, -given, DAY_NEVER, [(ends[4], given)], of=7)
    return Story([*steps, last], [(ends[4], a[3] - given), (ends[6], a[4])], counted | {"transferred": -given})


def receiver(draw: Any, days: Numbers, gift: Step) -> Story:
    """Shop, and receive what a giver gave."""
    a, part, spent, ends = _drawn(draw, days)
    steps, counted = _shopping(a, part, spent, ends)
    given, last_day = -gift.points, gift.taken[0][0]
    last = Step(Kind.TRANSFER, 7, given, last_day, of=7)
    same = last_day == ends[4]
    both = [
        (ends[4], a[3] + np.where(same, given, 0)), (ends[6], np.where(last_day == ends[6], a[4] + given, a[4])),
        (last_day, np.where(same | (last_day == ends[6]), 0, given)),
    ]  # fmt: skip
    return Story([*steps, last], both, counted | {"transferred": given})


def holder(draw: Any, days: Numbers) -> Story:
    """Hold and give it up, let all of it lapse; then hold and confirm."""
    a, part, spent, ends = _drawn(draw, days)
    steps = [
        Step(Kind.EARN, 0, a[0], ends[0]),
        Step(Kind.EARN, 1, a[1], ends[1]),
        Step(Kind.HOLD, 2, -(a[0] + part), DAY_NEVER, [(ends[0], a[0]), (ends[1], part)], of=2),
        Step(Kind.VOID, 3, a[0], ends[0], of=2),
        Step(Kind.VOID, 3, part, ends[1], of=2),
        Step(Kind.EXPIRE, 4, -a[0], ends[0], by_time=True),
        Step(Kind.EXPIRE, 4, -a[1], ends[1], by_time=True),
        Step(Kind.EARN, 4, a[2], ends[4]),
        Step(Kind.HOLD, 5, -spent, DAY_NEVER, [(ends[4], spent)], of=5),
        Step(Kind.CONFIRM, 6, -spent, of=5),
    ]
    counted = {"earned": a[0] + a[1] + a[2], "lapsed": a[0] + a[1], "spent": spent}
    return Story(steps, [(ends[4], a[2] - spent)], counted)


def waiter(draw: Any, days: Numbers) -> Story:
    """Earn points that wait for their day, let them lapse; some wait still."""
    a, _, spent, ends = _drawn(draw, days)
    first, second, third = days[0] + 1, days[1] + 1, days[7] + 1000
    steps = [
        Step(Kind.PEND, 0, a[0], first + _LIFE_DAYS - 1, release_on=first),
        Step(Kind.RELEASE, 1, a[0], first + _LIFE_DAYS - 1, release_on=first, by_time=True),
        Step(Kind.PEND, 1, a[1], second + _LIFE_DAYS - 1, release_on=second),
        Step(Kind.RELEASE, 2, a[1], second + _LIFE_DAYS - 1, release_on=second, by_time=True),
        Step(Kind.EARN, 3, a[2], ends[3]),
        Step(Kind.EXPIRE, 4, -a[0], first + _LIFE_DAYS - 1, by_time=True),
        Step(Kind.EXPIRE, 4, -a[1], second + _LIFE_DAYS - 1, by_time=True),
        Step(Kind.REDEEM, 5, -spent, DAY_NEVER, [(ends[3], spent)]),
        Step(Kind.EXPIRE, 7, spent - a[2], ends[3], by_time=True),
        Step(Kind.PEND, 7, a[4], third + _LIFE_DAYS - 1, release_on=third),
    ]
    counted = {"earned": a[:3].sum(axis=0), "lapsed": a[0] + a[1] + a[2] - spent, "spent": spent}
    return Story(steps, [], counted, (third, third + _LIFE_DAYS - 1, a[4]))


def debtor(draw: Any, days: Numbers) -> Story:
    """Spend what is then taken back, and earn it again."""
    a, part, _, ends = _drawn(draw, days)
    more = a[0] + part
    steps = [
        Step(Kind.EARN, 0, a[0], ends[0]),
        Step(Kind.REDEEM, 1, -a[0], DAY_NEVER, [(ends[0], a[0])]),
        Step(Kind.REVERSE, 2, -a[0], of=0),
        Step(Kind.EARN, 3, more, ends[3]),
        Step(Kind.EARN, 4, a[2], ends[4]),
        Step(Kind.EARN, 5, a[3], ends[5]),
        Step(Kind.EXPIRE, 6, -part, ends[3], by_time=True),
        Step(Kind.EARN, 6, a[4], ends[6]),
        Step(Kind.REDEEM, 7, -a[2], DAY_NEVER, [(ends[4], a[2])]),
        Step(Kind.EARN, 7, a[5], ends[7]),
    ]
    lots = [(ends[5], a[3]), (ends[6], a[4]), (ends[7], a[5])]
    counted = {
        "earned": a[0] + more + a[2:6].sum(axis=0), "spent": a[0] + a[2], "lapsed": part, "reversed": a[0],
    }  # fmt: skip
    return Story(steps, lots, counted)


def _drawn(draw: Any, days: Numbers) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Draw amounts, a part of the second and of the third, and return the last days of what is earned with each event."""
    a = draw.integers(20, 900, (6, days.shape[1]))
    return a, draw.integers(1, a[1]), draw.integers(1, a[2]), days + _LIFE_DAYS - 1


SHARES: dict[str, tuple[float, Callable[..., Story]]] = {
    "shopper": (0.80, shopper),
    "holder": (0.07, holder),
    "waiter": (0.08, waiter),
    "reserver": (0.01, reserver),
    "debtor": (0.02, debtor),
    "giver": (0.01, giver),
    "receiver": (0.01, receiver),
}
"""How many members live which story; what a giver gives goes to the receiver of the same number."""
