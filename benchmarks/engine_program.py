"""The program that the engine is measured by: 20 rules with tiers, caps, a streak and a cumulative milestone; and the same by hand.

`by_hand` is what somebody would write who had only this one program to serve: a loop over events with a dictionary per member.
"""

from datetime import date, timedelta
from typing import Any

from kizuna.core.days import day_number
from kizuna.program import Program, from_data

FIRST_DAY = day_number(date(2025, 1, 1))
_EPOCH = date(1970, 1, 1)


def _text(word: str) -> dict[str, str]:
    return {"ja": word, "en": word}


def _rule(id_: str, **parts: Any) -> dict[str, Any]:
    return {"id": id_, "name": _text(id_), "event": "order.completed", "unit": "points", **parts}


def _is(fact: str, how: str, value: Any) -> dict[str, Any]:
    return {"fact": fact, "is": how, "value": value}


def program() -> Program:
    """Return the program."""
    base = {
        "points": 1,
        "per": 100,
        "by_tier": {"silver": {"times": 5, "over": 4}, "gold": {"times": 3, "over": 2}},
    }
    rules = [
        _rule("base", award=base),
        _rule("big", award={"fixed": 50}, condition=_is("order.amount", "at_least", 8_000),
              limits=[{"per": "member", "within": "month", "points": 200}]),
        _rule("first", award={"fixed": 100}, goal={"count": 1}),
        _rule("tenth", award={"fixed": 300}, goal={"count": 10, "repeats": True}),
        _rule("milestone", award={"fixed": 500}, goal={"spend": 50_000, "within": "year"}),
        _rule("streak", award={"fixed": 80}, goal={"streak": 3, "of": "month", "repeats": True}),
        _rule("weekend", award={"multiply": {"times": 2}, "rule": "base"},
              condition=_is("time.weekday", "one_of", ["saturday", "sunday"]),
              limits=[{"per": "member", "within": "day", "points": 100}]),
        _rule("fives", award={"fixed": 5}, condition=_is("time.day_of_month", "one_of", [5, 10, 15, 20, 25, 30])),
        _rule("night", award={"fixed": 7}, condition=_is("time.hour", "at_least", 20)),
        _rule("online", award={"fixed": 3}, condition=_is("event.channel", "equals", "online")),
        _rule("two-stores", award={"fixed": 4}, condition=_is("event.store", "one_of", ["s1", "s2"])),
        _rule("gold", award={"fixed": 20},
              condition={"all": [_is("member.tier", "at_least", "gold"), _is("order.amount", "at_least", 5_000)]}),
        _rule("back", award={"fixed": 60}, condition=_is("member.days_since_order", "at_least", 90)),
        _rule("small", award={"fixed": 1}, condition=_is("order.amount", "below", 500)),
    ]  # fmt: skip
    campaigns = [
        _rule(
            f"campaign-{month}",
            award={"fixed": 15 + month},
            condition=_is("order.amount", "at_least", 6_000 + 500 * month),
            starts=f"2025-{month:02d}-01",
            ends=f"2025-{month:02d}-20",
            limits=[{"per": "member", "within": "day", "times": 1}],
        )
        for month in range(1, 7)
    ]
    levels = [("member", 0), ("silver", 30_000), ("gold", 60_000)]
    return from_data(
        {
            "program": 1,
            "name": _text("measured"),
            "units": [{"id": "points", "name": _text("points"), "expiry": {"end_of": "month", "later": 12}}],
            "tiers": {
                "by": "spend",
                "window": "calendar_year",
                "levels": [{"id": id_, "name": _text(id_), "at": at} for id_, at in levels],
            },
            "earning_rules": rules,
            "campaigns": campaigns,
        }
    )


class Member:
    """What the loop remembers of one member."""

    __slots__ = ("big", "lots", "orders", "paid", "rung", "spend", "streak", "today", "last", "weekend")  # noqa: RUF023 - as they are used

    def __init__(self) -> None:
        self.spend = self.orders = self.rung = 0
        self.last: int | None = None
        self.paid = False
        self.streak = (-9, 0)
        self.big: dict[int, int] = {}
        self.weekend: dict[int, int] = {}
        self.today: set[tuple[int, int]] = set()
        self.lots: dict[int, int] = {}


def by_hand(events: list[tuple[int, int, int, int, str | None, str | None]]) -> int:
    """Decide (member, day, minute, amount, channel, store) in one calendar year; return the points given."""
    members: dict[int, Member] = {}
    total = 0
    for whose, day, minute, amount, channel, store in events:
        member = members.get(whose)
        if member is None:
            member = members[whose] = Member()
        for last_day in [last_day for last_day in member.lots if last_day < day]:
            del member.lots[last_day]
        when = _EPOCH + timedelta(days=day)
        month = when.year * 12 + when.month
        rung = member.rung
        base = amount // 100 if rung == 0 else amount * 5 // 400 if rung == 1 else amount * 3 // 200
        points = base
        if amount >= 8_000:
            more = min(50, 200 - member.big.get(month, 0))
            member.big[month] = member.big.get(month, 0) + more
            points += more
        points += 100 if member.orders == 0 else 0
        points += 300 if member.orders % 10 == 9 else 0
        if member.spend + amount >= 50_000 and not member.paid:
            member.paid = True
            points += 500
        last, length = member.streak
        if month > last:
            length = length + 1 if month == last + 1 else 1
            member.streak = month, length
            points += 80 if length % 3 == 0 else 0
        if when.weekday() >= 5:
            more = min(base, 100 - member.weekend.get(day, 0))
            member.weekend[day] = member.weekend.get(day, 0) + more
            points += more
        points += 5 if when.day in (5, 10, 15, 20, 25, 30) else 0
        points += 7 if minute >= 1_200 else 0
        points += 3 if channel == "online" else 0
        points += 4 if store in ("s1", "s2") else 0
        points += 20 if rung == 2 and amount >= 5_000 else 0
        points += 60 if member.last is not None and day - member.last >= 90 else 0
        points += 1 if amount < 500 else 0
        if when.month <= 6 and when.day <= 20 and amount >= 6_000 + 500 * when.month:
            key = (when.month, day)
            if key not in member.today:
                member.today.add(key)
                points += 15 + when.month
        ends = date(when.year + 1 + when.month // 12, when.month % 12 + 1, 1).toordinal() - _EPOCH.toordinal() - 1
        member.lots[ends] = member.lots.get(ends, 0) + points
        member.spend += amount
        member.rung = 0 if member.spend < 30_000 else 1 if member.spend < 60_000 else 2
        member.orders += 1
        member.last = day
        total += points
    return total
