"""One event decided by a program that need not be published, by the engine itself. Pure: nothing is read and nothing kept.

An imagined member has bought before: as often, and for as much, as the tier asks for that was wished. Those purchases are decided
by a program with the same tiers and without rules, so that no limit and no goal has begun. What all members share (budgets, limits for
everybody) is taken as unused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from kizuna.core.days import DAY_IDLE, day_date, day_number
from kizuna.engine import (
    Coded,
    Content,
    EntryKind,
    EventKind,
    Events,
    Lines,
    Names,
    State,
    Verdict,
    compile_plan,
    decide,
    explain,
)
from kizuna.ledger import Account
from kizuna.program import ORDER_COMPLETED, Program, from_published

_RAISES = {EntryKind.EARN, EntryKind.PEND}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the basket: what it is, how many, and what they cost together (minor units)."""

    amount: int
    quantity: int = 1
    sku: str = ""
    category: str = ""
    brand: str = ""
    tags: tuple[str, ...] = ()
    tax: int = 0
    discount: int = 0
    gift_card: bool = False


@dataclass(frozen=True, slots=True)
class Imagined:
    """A member who is not there: tier, how often they have bought, when last, their birthday (month × 100 + day, 0 for none)."""

    tier: str = ""
    orders: int = 0
    days_since: int = 7
    born: int = 0
    is_referred: bool = False


@dataclass(frozen=True, slots=True)
class Tried:
    """What is tried: who does what, when and where. `fields` are what an event of the brand's own, or an action, tells."""

    day: date
    minute: int
    event: str = ORDER_COMPLETED
    amount: int = 0
    lines: Sequence[Line] = ()
    channel: str = ""
    store: str = ""
    fields: Mapping[str, int | str | bool] = field(default_factory=dict)
    member: Imagined = Imagined()
    tax: int = 0
    discount: int = 0
    shipping: int = 0
    paid_with_points: int = 0


@dataclass(frozen=True, slots=True)
class Gain:
    """Points of one unit that the event gave: at once or still waiting, with their last day (None where there is none, or not yet)."""

    unit: str
    points: int
    waits: bool
    last_day: date | None


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it by one program: by rule, in all, and where the member stands. Balances are by unit."""

    program: Program
    verdicts: Sequence[Verdict]
    gains: Sequence[Gain]
    level_before: int
    level: int
    balances: Mapping[str, int]


def attempt(
    program: Program, before: Sequence[Program], tried: Tried, account: Account | None = None, key: int = 0
) -> Result:
    """Decide what is tried by `program`. `before` are the published versions, `account` a member's row if it is not imagined."""
    names = Names()
    for version, earlier in enumerate(before, 1):
        compile_plan(earlier, version, names)
    plan = compile_plan(program, len(before) + 1, names)
    if account is None:
        state = _imagined(program, names, tried)
    else:
        state = State.unpack(names, [account.memory], [account.flat_counters], [account.lots], [account.waiting], [key])
    events = _events(tried)
    verdicts = explain(plan, state, events)
    decided = decide([plan], state, events)
    gains: dict[tuple[str, bool, date | None], int] = {}
    moves = decided.moves
    for place, kind in enumerate(moves.kind.tolist()):
        if kind in _RAISES and moves.points[place] > 0 and moves.event[place] == 0 and moves.rule[place] >= 0:
            last = int(moves.expires_on[place])
            found = (
                names.units[moves.unit[place]],
                kind == EntryKind.PEND,
                day_date(last) if last >= 0 and last != DAY_IDLE else None,
            )
            gains[found] = gains.get(found, 0) + int(moves.points[place])
    return Result(
        program,
        verdicts,
        [Gain(unit, points, waits, last) for (unit, waits, last), points in gains.items()],
        int(decided.level_before[0]),
        int(decided.level[0]),
        {unit: int(decided.balances[0, number]) for number, unit in enumerate(names.units)},
    )


def _imagined(program: Program, names: Names, tried: Tried) -> State:
    """Return the state of the member who is wished for."""
    member, tiers = tried.member, program.tiers
    at = next((level.at for level in tiers.levels if level.id == member.tier), 0)
    wanted = max((number for number, level in enumerate(tiers.levels) if level.id == member.tier), default=0)
    orders = max(member.orders, int(at > 0), at if tiers.by == "visits" else 0)
    today = day_number(tried.day)
    state = State.fresh(names, 1)
    for day in (
        today - member.days_since,
        today,
    ):  # a tier of a window that has just begun asks for a purchase of today
        state = State.fresh(names, 1)
        if not orders:
            break
        level = _bought(
            program, names, state, day, [at if tiers.by != "visits" else 0, *([0] * (min(orders, 1_000) - 1))]
        )
        if level >= wanted:
            break
    return state


def _bought(program: Program, names: Names, state: State, day: int, amounts: Sequence[int]) -> int:
    """Let the member buy for these amounts, and return the rung that they stand on then."""
    tiers = program.tiers
    raw = program.model_dump(mode="json", exclude_defaults=True)
    raw = {
        name: raw[name]
        for name in ("program", "name", "holidays", "units", "purposes", "tiers", "tracks")
        if name in raw
    }
    raw["earning_rules"] = []
    if tiers.by == "points" and tiers.unit is not None:
        one = {"points": 1, "per": 1}
        raw["earning_rules"] = [
            {"id": "before", "name": raw["name"], "event": ORDER_COMPLETED, "unit": tiers.unit, "award": one}
        ]
    plan = compile_plan(from_published(raw), 0, names)
    size = len(amounts)
    zeros = np.zeros(size, np.intp)
    events = Events.plain(
        zeros,
        zeros.astype(np.int16),
        np.full(size, EventKind.ORDER, np.int8),
        np.full(size, day, np.int32),
        np.array(amounts, np.int64),
    )
    return int(decide([plan], state, events).level[-1])


def _events(tried: Tried) -> Events:
    """Return what is tried as the engine's columns."""
    is_order = tried.event == ORDER_COMPLETED
    kind = EventKind.ORDER if is_order else EventKind.ACTION
    one = np.zeros(1, np.int64)
    plain = Events.plain(
        np.zeros(1, np.intp),
        np.zeros(1, np.int16),
        np.array([kind], np.int8),
        np.array([day_number(tried.day)], np.int32),
        one,
    )
    whole = {name: value for name, value in tried.fields.items() if isinstance(value, int)}
    return replace(
        plain,
        type=Coded.of([tried.event]),
        minute=np.array([tried.minute], np.int16),
        points=one,
        content=_content(tried) if is_order else replace(Content.of_amounts(one), exists=np.zeros(1, np.bool_)),
        channel=Coded.of([tried.channel]),
        store=Coded.of([tried.store]),
        born=np.array([tried.member.born], np.int16),
        referred=np.array([tried.member.is_referred]),
        numbers={name: (np.array([int(value)], np.int64), np.ones(1, np.bool_)) for name, value in whole.items()},
        texts={name: Coded.of([value]) for name, value in tried.fields.items() if isinstance(value, str)},
    )


def _content(tried: Tried) -> Content:
    lines = tried.lines
    content = replace(
        Content.of_amounts(np.array([tried.amount], np.int64)),
        tax=np.array([tried.tax], np.int64),
        discount=np.array([tried.discount], np.int64),
        shipping=np.array([tried.shipping], np.int64),
        paid_with_points=np.array([tried.paid_with_points], np.int64),
    )
    if not lines:
        return content
    size = len(lines)
    tags = [tag for line in lines for tag in line.tags]
    made = Lines(
        np.array([line.amount for line in lines], np.int64),
        np.array([line.quantity for line in lines], np.int64),
        np.array([line.tax for line in lines], np.int64),
        np.array([line.discount for line in lines], np.int64),
        np.array([line.gift_card for line in lines], np.bool_),
        Coded.of([line.sku for line in lines]),
        Coded.of([line.category for line in lines]),
        Coded.of([line.brand for line in lines]),
        Coded.of(tags),
        np.cumsum([0, *(len(line.tags) for line in lines)]).astype(np.intp),
    )
    items = np.array([sum(line.quantity for line in lines)], np.int64)
    return replace(content, items=items, starts=np.array([0, size], np.intp), lines=made)
