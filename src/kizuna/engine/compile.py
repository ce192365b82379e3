"""Compiling a program document to a plan: names become numbers, conditions kernels, awards rates.

`compile_plan` expects a document that its checks have passed.
"""

from hashlib import blake2b

import numpy as np

from kizuna.core.days import day_number
from kizuna.engine.amounts import Rate, Selector, Sums, rate
from kizuna.engine.conditions import Conditions
from kizuna.engine.events import Cut
from kizuna.engine.names import CELLS, Names
from kizuna.engine.periods import PLACE
from kizuna.engine.plan import (
    Aim,
    Counter,
    Layout,
    LotPlan,
    Of,
    Plan,
    Read,
    Reckoned,
    RulePlan,
    StepPlan,
    TrackPlan,
)
from kizuna.engine.table import tabulate
from kizuna.program import (
    AfterIdle,
    Award,
    Basis,
    Campaign,
    CountGoal,
    DifferentGoal,
    Each,
    EarningRule,
    Fixed,
    Multiply,
    OnlyGoods,
    OnReturn,
    Per,
    Percent,
    Program,
    Rounding,
    RunsFrom,
    SpendGoal,
    Stamps,
    StreakGoal,
    Tiers,
    Times,
    Unit,
    Within,
)
from kizuna.program import Rate as RateAward

ONCE = Times(times=1)


class _Compiler:
    def __init__(self, program: Program, names: Names) -> None:
        self.program, self.names = program, names
        self.conditions = Conditions(program)
        self.reads: dict[Read, int] = {}
        self.selectors: list[Selector] = [Selector(())]
        self._selector_of: dict[str, int] = {"": 0}
        self.lots: list[LotPlan] = []
        self._lots_of: dict[str, int] = {}
        self.rule_number = {rule.id: number for number, rule in enumerate(program.rules)}
        self.rungs = [level.id for level in program.tiers.levels]
        self.step_rules = (
            {step.rule for stage in program.journey.stages for step in stage.steps} if program.journey else set()
        )
        for name in ("orders", "spend", "last_order", "last_day", "joined", "born", "referred"):
            self.read(Read(Of.HEAD, name))

    def read(self, read: Read) -> int:
        """Return the place of a read, noting it where it is new."""
        return self.reads.setdefault(read, len(self.reads))

    def selector(self, *goods: OnlyGoods | None) -> int:
        """Return the number of a selector for lines that count for all of `goods`."""
        named = [one for one in goods if one is not None]
        key = "&".join(one.model_dump_json() for one in named)
        if key not in self._selector_of:
            self._selector_of[key] = len(self.selectors)
            self.selectors.append(Selector(tuple(named)))
        return self._selector_of[key]

    def rates(self, by_tier: dict[str, Times], times: int, over: int, rounding: Rounding) -> tuple[Rate, ...]:
        """Return a rate for every rung, or one for all."""
        if not by_tier:
            return (rate(times, over, rounding, ONCE),)
        return tuple(rate(times, over, rounding, by_tier.get(rung, ONCE)) for rung in self.rungs)

    def award(self, award: Award | None, rule: EarningRule, *goods: OnlyGoods | None) -> Reckoned | None:
        """Compile an award over the lines of `goods`."""
        selector = self.selector(*goods)
        match award:
            case RateAward():
                rates = self.rates(award.by_tier, award.points, award.per, award.rounding)
                return Reckoned(Sums(award.basis, award.each, selector), rates)
            case Percent():
                worth = self.program.units[[unit.id for unit in self.program.units].index(rule.unit)].worth
                assert worth is not None  # noqa: S101 - checked with the document
                rates = self.rates(award.by_tier, award.percent * worth.points, 100 * worth.amount, award.rounding)
                return Reckoned(Sums(award.basis, award.each, selector), rates)
            case Fixed():
                return Reckoned(None, self.rates(award.by_tier, award.fixed, 1, Rounding.DOWN), award.each, selector)
            case Stamps():
                return Reckoned(None, self.rates({}, award.stamps, 1, Rounding.DOWN), award.each, selector)
            case Multiply():
                base = self.program.rules[self.rule_number[award.rule]]
                inner = self.award(base.award, base, base.goods, rule.goods)
                assert inner is not None  # noqa: S101 - checked with the document
                extra = (award.multiply.times - award.multiply.over, award.multiply.over)
                return Reckoned(inner.sums, inner.rates, base=self.rule_number[base.id], extra=extra)
            case _:
                return None

    def lot_terms(self, rule: EarningRule) -> int:
        """Return the number of a rule's lot terms."""
        unit = next(unit for unit in self.program.units if unit.id == rule.unit)
        expiry = rule.lot.expiry or unit.expiry
        from_release = (
            rule.lot.expiry is None and unit.pending is not None and unit.pending.expiry_runs_from is RunsFrom.RELEASE
        )
        restriction = self.names.restriction(rule.lot.only_for)
        key = f"{unit.id} {restriction} {expiry!r} {unit.pending!r} {from_release}"
        if key not in self._lots_of:
            self._lots_of[key] = len(self.lots)
            self.lots.append(
                LotPlan(self.names.unit(unit.id), restriction, expiry, repr(expiry), unit.pending, from_release)
            )
        return self._lots_of[key]

    def aim(self, rule: EarningRule, award: Reckoned | None) -> Aim | None:
        """Compile a goal."""
        goal, selector = rule.goal, self.selector(rule.goods)
        match goal:
            case CountGoal() | SpendGoal():
                kind = "count" if isinstance(goal, CountGoal) else "spend"
                cells = CELLS[goal.within]
                slot = self.names.slot(cells, "goal", rule.id, kind, goal.within)
                paid = self.names.slot(cells, "paid", rule.id, kind, goal.within)
                sums = award.sums if award and award.sums and award.base < 0 else Sums(Basis(), Each.ORDER, selector)
                return Aim(
                    goal,
                    goal.within,
                    slot,
                    self.read(Read(Of.CELL, number=slot, within=goal.within)),
                    paid,
                    self.read(Read(Of.CELL, number=paid, within=goal.within)),
                    sums if kind == "spend" else None,
                )
            case StreakGoal():
                slot = self.names.slot(1, "streak", rule.id, goal.of)
                first = self.read(Read(Of.FIRST_STRETCH, number=slot))
                self.read(Read(Of.FIRST_VALUE, number=slot))
                return Aim(goal, Within(goal.of), slot, first)
            case DifferentGoal():
                slot = self.names.slot(goal.different, "different", rule.id, goal.of, str(goal.different))
                first = self.read(Read(Of.THING_DAY, "0", slot))  # the others follow it: they are asked for together
                for of in (Of.THING_DAY, Of.THING):
                    for cell in range(goal.different):
                        self.read(Read(of, str(cell), slot))
                return Aim(goal, Within.EVER, slot, first, selector=selector)
            case _:
                return None

    def counters(self, rule: EarningRule) -> tuple[Counter, ...]:
        """Compile limits and the budget."""
        made = []
        for limit in rule.limits:
            is_times = limit.points is None
            most = (limit.times if is_times else limit.points) or 0
            cut = {Per.EVENT: Cut.EVENT, Per.MEMBER: Cut.MEMBER, Per.STORE: Cut.STORE, Per.ALL: Cut.ALL}[limit.per]
            made.append(self._counter(rule, cut, most, is_times, limit.within))
        if isinstance(rule, Campaign) and rule.budget is not None:
            most = rule.budget.points or 0
            if rule.budget.amount is not None:
                worth = next(unit for unit in self.program.units if unit.id == rule.unit).worth
                assert worth is not None  # noqa: S101 - checked with the document
                most = rule.budget.amount * worth.points // worth.amount
            made.append(self._counter(rule, Cut.BUDGET, most, False, Within.EVER))
        return tuple(made)

    def _counter(self, rule: EarningRule, cut: Cut, most: int, is_times: bool, within: Within) -> Counter:  # noqa: FBT001 - a fact
        if cut is Cut.EVENT:
            return Counter(most, cut, False, within, -1, -1)
        what = "times" if is_times else "points"
        shared = cut is not Cut.MEMBER
        slot = self.names.slot(CELLS[within], cut.name.lower(), rule.id, within, what)
        read = Read(Of.SHARED if shared else Of.CELL, number=slot, within=within, by_store=cut is Cut.STORE)
        return Counter(most, cut, is_times, within, slot, self.read(read))

    def rule(self, number: int, rule: EarningRule) -> RulePlan:
        """Compile a rule."""
        award = self.award(rule.award, rule, rule.goods)
        campaign = rule if isinstance(rule, Campaign) else None
        conditions = (rule.condition, campaign.audience if campaign else None)
        split = self.conditions.split(rule.event, *conditions)
        held_out = None
        if campaign and campaign.holdout_percent:
            salt = int.from_bytes(blake2b(rule.id.encode(), digest_size=8).digest(), "big")
            held_out = (salt, campaign.holdout_percent)
        groups = [group.id for group in self.program.groups]
        return RulePlan(
            number=number,
            rule=rule,
            now=split.now,
            later=split.later,
            selector=self.selector(rule.goods),
            award=award,
            unit=self.names.unit(rule.unit),
            lots=self.lot_terms(rule),
            aim=self.aim(rule, award),
            counters=self.counters(rule),
            group=groups.index(rule.group) if rule.group else -1,
            held_out=held_out,
            starts=day_number(campaign.starts) if campaign else -(2**31),
            ends=day_number(campaign.ends) if campaign else 2**31 - 1,
            step_slot=self.names.slot(1, "step", rule.id) if rule.id in self.step_rules else -1,
            keeps=rule.goal is not None and rule.on_return is OnReturn.KEEP,
        )

    def track(self, number: int, id_: str, tiers: Tiers) -> TrackPlan:
        """Compile a track."""
        window = tiers.window.value + (f" {tiers.months}" if tiers.window == "rolling" else "")
        cells = {"rolling": tiers.months + 2, "lifetime": 1}.get(tiers.window.value, 2)
        what = f"points {tiers.unit}" if tiers.by == "points" else tiers.by
        figure = self.names.slot(cells, "figure", id_, what, window)
        standing = self.names.slot(1, "standing", id_)
        name_of = [self.names.levels.index((id_, level.id)) + 1 for level in tiers.levels]
        level_of = np.full(len(self.names.levels) + 2, -1, np.int64)  # the last stands for what later versions add
        level_of[name_of] = np.arange(len(name_of))
        key = str(number)
        return TrackPlan(
            number=number,
            tiers=tiers,
            unit=self.names.unit(tiers.unit) if tiers.unit else -1,
            figure_slot=figure,
            standing_slot=standing,
            at=np.array([level.at for level in tiers.levels], np.int64),
            level_of=level_of,
            name_of=np.array(name_of, np.int64),
            rung_read=self.read(Read(Of.RUNG, key, number)),
            until_read=self.read(Read(Of.UNTIL, key, number)),
            figure_read=self.read(Read(Of.FIGURE, key, number)),
        )


def compile_plan(program: Program, version: int, names: Names) -> Plan:
    """Compile a checked document; `names` has learnt, or learns now, what it names."""
    names.learn(program)
    work = _Compiler(program, names)
    tracks = [("", program.tiers), *((track.id, track) for track in program.tracks)]
    track_plans = tuple(work.track(number, id_, tiers) for number, (id_, tiers) in enumerate(tracks))
    steps: list[StepPlan] = []
    needs: list[int] = []
    for place, stage in enumerate(program.journey.stages if program.journey else ()):
        needs.append((stage.needs or len(stage.steps)) if stage.steps else 2**31)
        for step in stage.steps:
            slot = names.slot(1, "step", step.rule)
            steps.append(StepPlan(place, step.id, step.times, slot, work.read(Read(Of.STEP, number=slot))))
    rules = tuple(work.rule(number, rule) for number, rule in enumerate(program.rules))
    qualifies = None
    if program.referral is not None:
        offer = program.referral
        split = work.conditions.split(offer.event, offer.condition)
        qualifies = (offer.event, split.now, split.later, offer.within_days, names.slot(1, "referral"))
    unit_of = {unit.id: unit for unit in program.units}
    return Plan(
        version=version,
        program=program,
        names=names,
        rules=rules,
        table=tabulate(rules, len(program.tiers.levels)),
        selectors=tuple(work.selectors),
        lots=tuple(work.lots),
        tracks=track_plans,
        steps=tuple(steps),
        needs=tuple(needs),
        reads=tuple(work.reads),
        read_of=work.reads,
        layout=_layout(list(work.reads), names),
        idle_days=tuple(_idle_days(unit_of.get(id_)) for id_ in names.units),
        expiries=tuple(unit_of[id_].expiry if id_ in unit_of else "never" for id_ in names.units),
        allowed=_allowed(program, names),
        qualifies=qualifies,
        groups=tuple(group.keeps for group in program.groups),
        has_exclusive=any(rule.exclusive for rule in program.rules),
        has_shared=any(counter.is_shared for rule in rules for counter in rule.counters),
    )


def _idle_days(unit: Unit | None) -> int:
    expiry = unit.expiry if unit else None
    return expiry.after_idle_days if isinstance(expiry, AfterIdle) else 0


def _allowed(program: Program, names: Names) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    """Return by restriction where it may be spent; a purpose that this version does not know: nowhere."""
    purposes = {purpose.id: purpose for purpose in program.purposes}
    nowhere = (("\0",), ("\0",))
    return (
        ((), ()),
        *(
            (tuple(purposes[id_].channels), tuple(purposes[id_].stores)) if id_ in purposes else nowhere
            for id_ in names.purposes
        ),
    )


def _layout(reads: list[Read], names: Names) -> Layout:
    cells = [(place, read) for place, read in enumerate(reads) if read.of is Of.CELL]
    values = [(place, read) for place, read in enumerate(reads) if read.of in (Of.FIRST_VALUE, Of.STEP, Of.THING)]
    stretches = [(place, read) for place, read in enumerate(reads) if read.of in (Of.FIRST_STRETCH, Of.THING_DAY)]
    heads = [(place, read) for place, read in enumerate(reads) if read.of is Of.HEAD]
    known = {place for place, _ in (*cells, *values, *stretches, *heads)}

    def at(read: Read) -> int:
        return names.starts[read.number] + (int(read.name) if read.of in (Of.THING, Of.THING_DAY) else 0)

    every = np.array([place for place, _ in cells], np.int64)
    start, count, within = np.zeros(len(reads), np.int64), np.ones(len(reads), np.int64), np.zeros(len(reads), np.int64)
    for place, read in cells:
        start[place], count[place] = names.starts[read.number], names.cells[read.number]
        within[place] = PLACE[read.within]
    return Layout(
        start,
        count,
        within,
        every,
        start[every, None],
        count[every, None],
        within[every, None],
        np.array([place for place, _ in values], np.int64),
        np.array([at(read) for _, read in values], np.int64),
        np.array([place for place, _ in stretches], np.int64),
        np.array([at(read) for _, read in stretches], np.int64),
        tuple((place, read.name) for place, read in heads),
        tuple(place for place in range(len(reads)) if place not in known),
    )
