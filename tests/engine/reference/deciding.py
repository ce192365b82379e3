"""What an order or an action earns and counts (4 to 8), as a function of its facts alone: nothing is changed here.

So the same order can be decided again on what is kept of it; the difference of two decisions is what a change does.
"""

from dataclasses import dataclass, field

from engine.reference import tiers
from engine.reference.amounts import award, plain_amount
from engine.reference.calendar import CELLS, last_day, stretch, window
from engine.reference.facts import Facts
from engine.reference.memory import Count, Memory, Slot, Stand, Streak, Things
from kizuna.core.days import DAY_CLOSED, DAY_DELIVERED
from kizuna.program import (
    Campaign,
    CountGoal,
    DifferentGoal,
    EarningRule,
    Goal,
    Group,
    Keeps,
    Per,
    Program,
    RunsFrom,
    SpendGoal,
    StreakGoal,
    Within,
)

SharedKey = tuple[Slot, str, int]


@dataclass
class Award:
    """What a rule gives: in the end (`points`), alone (`raw`), why less (`cut`), and from what it was reckoned (`basis`)."""

    points: int
    raw: int
    basis: int
    reached: bool
    is_told: bool
    """A rule without an award, or whose goal is not reached, leaves no movement."""
    cut: str = "none"


@dataclass
class Decision:
    """What follows from an event: awards by rule, what is counted, what is set to a new value, and shared sums."""

    awards: dict[int, Award] = field(default_factory=dict)
    counts: list[Count] = field(default_factory=list)
    streaks: dict[Slot, tuple[int, Streak]] = field(default_factory=dict)
    """With the number of the rule, as in `things`."""
    things: dict[Slot, tuple[int, Things]] = field(default_factory=dict)
    last_order: int | None = None
    shared: dict[SharedKey, int] = field(default_factory=dict)
    standings: dict[str, Stand] = field(default_factory=dict)


def decide(facts: Facts, shared: dict[SharedKey, int]) -> Decision:
    """Decide an event from its facts and from what was shared out before it."""
    return _Deciding(facts, shared).decision


class _Deciding:
    def __init__(self, facts: Facts, shared: dict[SharedKey, int]) -> None:
        self.facts, self.shared, self.memory, self.day = facts, shared, facts.memory, facts.event.day
        self.rules = facts.program.rules
        self.decision = Decision(last_order=self.memory.last_order)
        self.goals: dict[int, int] = {}
        for number, rule in enumerate(self.rules):
            if facts.speaks(rule):
                points, basis = award(facts, rule)
                self.goals[number] = 1 if rule.goal is None else self.reach(number, rule, rule.goal)
                raw = points * self.goals[number]
                reached = self.goals[number] > 0
                self.decision.awards[number] = Award(raw, raw, basis, reached, reached and rule.award is not None)
        for number, one in self.decision.awards.items():
            self.limit(self.rules[number], one)
        self.choose()
        for number, one in self.decision.awards.items():
            self.count_given(number, self.rules[number], one.points)
        self.count_steps()
        self.count_order()

    def count(self, rule: int, slot: Slot, within: Within, amount: int) -> None:
        self.decision.counts.append(Count(slot, CELLS[within], stretch(within, self.day), amount, rule))

    def read(self, slot: Slot, within: Within) -> int | None:
        return self.memory.read(slot, CELLS[within], stretch(within, self.day))

    # Goals

    def reach(self, number: int, rule: EarningRule, goal: Goal) -> int:
        """Count progress; return how many times the goal was reached by this event."""
        match goal:
            case CountGoal():
                return self.sum_up(number, rule, goal, 1, goal.count)
            case SpendGoal():
                return self.sum_up(number, rule, goal, plain_amount(self.facts, rule), goal.spend)
            case StreakGoal():
                return self.go_on(number, rule, goal)
            case DifferentGoal():
                return self.collect(number, rule, goal)

    def sum_up(self, number: int, rule: EarningRule, goal: CountGoal | SpendGoal, more: int, wanted: int) -> int:
        kind = "count" if isinstance(goal, CountGoal) else "spend"
        progress, paid = (("goal", rule.id, kind, goal.within, what) for what in ("progress", "paid"))
        before = self.read(progress, goal.within)
        if before is None:
            return 0
        reached = (before + more) // wanted
        times = max(0, (reached if goal.repeats else min(1, reached)) - (self.read(paid, goal.within) or 0))
        self.count(number, progress, goal.within, more)
        self.count(number, paid, goal.within, times)
        return times

    def go_on(self, number: int, rule: EarningRule, goal: StreakGoal) -> int:
        slot = ("goal", rule.id, "streak", goal.of)
        last, length, finished = self.memory.streaks.get(slot, Streak())
        here = stretch(goal.of, self.day)
        if finished or (last is not None and here <= last):
            return 0
        length = length + 1 if last is not None and here == last + 1 else 1
        reached = length % goal.streak == 0 if goal.repeats else length >= goal.streak
        self.decision.streaks[slot] = number, Streak(here, length, reached and not goal.repeats)
        return int(reached)

    def collect(self, number: int, rule: EarningRule, goal: DifferentGoal) -> int:
        slot = ("goal", rule.id, "different", goal.of, str(goal.different))
        known, finished = self.memory.things.get(slot, Things())
        if finished:
            return 0
        if goal.of in ("store", "channel"):
            seen = {getattr(self.facts.event, goal.of)}
        else:
            seen = {getattr(line, goal.of) for line in self.facts.counting(rule.goods)}
        things = {thing: day for thing, day in known if day > self.day - goal.days}
        for thing in seen - {None}:
            things[thing] = max(things.get(thing, self.day), self.day)
        reached = len(things) >= goal.different
        kept = frozenset() if reached else frozenset(things.items())
        self.decision.things[slot] = number, Things(kept, reached and not goal.repeats)
        return int(reached)

    # Limits

    def limits(self, rule: EarningRule):
        """Every limit of a rule in order, the budget last: its slot, whose it is, its stretch, what it counts, at most how much."""
        for limit in rule.limits:
            for what in ("points", "times"):
                most = getattr(limit, what)
                if most is not None:
                    yield ("limit", rule.id, limit.per, limit.within, what), limit.per, limit.within, what, most
        budget = rule.budget if isinstance(rule, Campaign) else None
        if budget is not None:
            most = budget.points
            if budget.amount is not None:
                (unit,) = (one for one in self.facts.program.units if one.id == rule.unit)
                most = budget.amount * unit.worth.points // unit.worth.amount
            yield ("limit", rule.id, "budget"), "budget", Within.EVER, "points", most

    def shared_key(self, slot: Slot, per: str, within: Within) -> SharedKey:
        return slot, (self.facts.event.store or "") if per == Per.STORE else "", stretch(within, self.day)

    def limit(self, rule: EarningRule, one: Award) -> None:
        for slot, per, within, what, most in self.limits(rule):
            if per == Per.EVENT:
                used = 0
            elif per == Per.MEMBER:
                used = self.read(slot, within)
            else:
                used = self.shared.get(self.shared_key(slot, per, within), 0)
            left = 0 if used is None else max(0, most - used)
            allowed = min(one.points, left) if what == "points" else one.points if left else 0
            if allowed < one.points:
                one.points, one.cut = allowed, str(per)

    def count_given(self, number: int, rule: EarningRule, points: int) -> None:
        if not points:
            return
        known = set()
        for slot, per, within, what, _ in self.limits(rule):
            if slot in known or per == Per.EVENT:
                continue
            known.add(slot)
            amount = points if what == "points" else 1
            if per == Per.MEMBER:
                self.count(number, slot, within, amount)
            else:
                self.decision.shared[self.shared_key(slot, per, within)] = amount
        for track, one in tiers.tracks(self.facts.program).items():
            if one.by == "points" and one.unit == rule.unit:
                self.count_tier(track, one, points, number)

    # Who goes before whom

    def choose(self) -> None:
        for unit in self.facts.program.units:
            giving = [n for n, one in self.decision.awards.items() if one.points > 0 and self.rules[n].unit == unit.id]
            exclusive = [number for number in giving if self.rules[number].exclusive]
            if exclusive:
                giving = self.keep_one(giving, max(exclusive, key=self.by_priority), "exclusive")
            for group in self.facts.program.groups:
                rivals = [number for number in giving if self.rules[number].group == group.id]
                if rivals:
                    self.keep_one(rivals, self.first_of(group, rivals), "group")

    def by_priority(self, number: int) -> tuple[int, int, int]:
        return self.rules[number].priority, self.decision.awards[number].points, -number

    def first_of(self, group: Group, rivals: list[int]) -> int:
        if group.keeps is Keeps.BEST:
            return max(rivals, key=lambda number: (self.decision.awards[number].points, -number))
        return max(rivals, key=lambda number: (self.rules[number].priority, -number))

    def keep_one(self, rivals: list[int], winner: int, cut: str) -> list[int]:
        for number in rivals:
            if number != winner:
                self.decision.awards[number].points, self.decision.awards[number].cut = 0, cut
        return [winner]

    # What is counted besides

    def count_tier(self, track: str, one, amount: int, rule: int = -1) -> None:
        self.decision.counts.append(Count(*tiers.slot(track, one), window(one, self.day), amount, rule))

    def count_steps(self) -> None:
        journey = self.facts.program.journey
        steps = {step.rule for stage in journey.stages for step in stage.steps} if journey else set()
        for number, reached in self.goals.items():
            if reached and self.rules[number].id in steps:
                self.count(number, ("step", self.rules[number].id), Within.EVER, 1)

    def count_order(self) -> None:
        basket = self.facts.basket
        if basket is None or not basket.exists:
            return
        self.count(-1, ("orders",), Within.EVER, 1)
        self.count(-1, ("spend",), Within.EVER, basket.amount)
        for track, one in tiers.tracks(self.facts.program).items():
            if one.by != "points":
                self.count_tier(track, one, basket.amount if one.by == "spend" else 1)
        self.decision.last_order = max(self.day, self.memory.last_order or self.day)


def apply(memory: Memory, decision: Decision) -> None:
    """Count what an event counts."""
    for one in decision.counts:
        memory.count(one)
    memory.streaks |= {slot: streak for slot, (_, streak) in decision.streaks.items()}
    memory.things |= {slot: things for slot, (_, things) in decision.things.items()}
    memory.last_order = decision.last_order


def terms(facts: Facts, number: int, today: int) -> tuple[int, int, int]:
    """The last day of a rule's points (−1 where it is not known yet), the day of their release (−1 for at once), and whose event
    they wait for. `today` is later than the event's day where a change gives more.
    """
    rule, event = facts.program.rules[number], facts.event
    (unit,) = (one for one in facts.program.units if one.id == rule.unit)
    release, cause = -1, 0
    if unit.pending is not None:
        until = getattr(unit.pending, "until", None)
        if until is None and event.day + unit.pending.days > today:
            release, cause = event.day + unit.pending.days, event.order
        elif until is not None and event.order:
            release, cause = DAY_DELIVERED if until == "order.delivered" else DAY_CLOSED, event.order
    if rule.lot.expiry is not None:
        return _not_over(rule.lot.expiry, event.day, today), release, cause
    if unit.pending is None or unit.pending.expiry_runs_from is RunsFrom.EARNING:
        return _not_over(unit.expiry, event.day, today), release, cause
    if release in (DAY_DELIVERED, DAY_CLOSED):
        return -1, release, cause
    return _not_over(unit.expiry, event.day + getattr(unit.pending, "days", 0), today), release, cause


def order_of_terms(program: Program) -> dict[int, tuple[int, int]]:
    """The place of each rule's movement: by its lot terms, as the rules first use them, then by the rule."""
    units = {unit.id: unit for unit in program.units}
    terms: list[object] = []
    places = {}
    for number, rule in enumerate(program.rules):
        unit = units[rule.unit]
        runs_from = None if rule.lot.expiry is not None or unit.pending is None else unit.pending.expiry_runs_from
        from_release = runs_from is RunsFrom.RELEASE
        key = (rule.unit, rule.lot.only_for, rule.lot.expiry or unit.expiry, unit.pending, from_release)
        if key not in terms:
            terms.append(key)
        places[number] = terms.index(key), number
    return places


def _not_over(expiry, day: int, today: int) -> int:
    """The last day that `day` gives, or, where that has passed, that today gives."""
    last = last_day(expiry, day)
    return last if last >= today else last_day(expiry, today)
