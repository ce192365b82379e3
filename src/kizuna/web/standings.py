"""Where members stand under a plan, as shown: tiers of every track, the journey, spend. Pure: what is remembered of them, and a day."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from kizuna.core.days import day_date
from kizuna.engine import Plan, State, journey_of, standing
from kizuna.program import Held, Program, Stage, Text, Tiers, Window, main_unit, telling
from kizuna.web.offer import unit_view, window_end
from kizuna.web.views import JourneyView, StageView, StepView, TierView, UnitView, Words


class Standing(NamedTuple):
    """Where a member stands: tier, last day with an event and last order (None before the first), orders and spend of a lifetime."""

    tier: TierView
    last_day: date | None
    last_order: date | None
    orders: int
    spend: int


class Whole(NamedTuple):
    """All that is told of one member's standing.

    `by_year` is what was spent in the calendar year of the day and in the one before, None where the program does not remember it.
    """

    standing: Standing
    tracks: Sequence[TierView]
    journey: JourneyView | None
    by_year: tuple[int, int] | None


def standings(plan: Plan, memories: Sequence[bytes], today: int) -> list[Standing]:
    """Return where the members with these memories stand on a day."""
    if not memories:
        return []
    state = state_of(plan, memories)
    tiers = _tiers(plan, state, today, 0)
    return [
        Standing(tier, _day(last_day), _day(last_order), orders, spend)
        for tier, last_day, last_order, orders, spend in zip(
            tiers,
            *(state.head[name].tolist() for name in ("last_day", "last_order", "orders", "spend")),
            strict=True,
        )
    ]


def state_of(plan: Plan, memories: Sequence[bytes]) -> State:
    """Return what is remembered of some members; of their points nothing is asked."""
    size = len(memories)
    return State.unpack(plan.names, memories, [()] * size, [b""] * size, [b""] * size, [0] * size)


@lru_cache(maxsize=4096)  # who opens one page opens another: an array for one member costs more than the page's reading
def whole_standing(plan: Plan, memory: bytes, today: int) -> Whole:
    """Return where one member stands, on every track and in the journey."""
    state = state_of(plan, [memory])
    (one,) = standings(plan, [memory], today)
    tracks = [_tiers(plan, state, today, number)[0] for number in range(1, len(plan.tracks))]
    return Whole(one, tracks, journey_view(plan.program, journey_of(plan, state, 0)), _by_year(plan, state, today))


def _day(number: int) -> date | None:
    return day_date(number) if number >= 0 else None


def _by_year(plan: Plan, state: State, today: int) -> tuple[int, int] | None:
    """Return what was spent this calendar year and last, where a track counts it."""
    day = day_date(today)
    for number, track in enumerate(plan.tracks):
        if day is not None and track.tiers.by == "spend" and track.tiers.window is Window.CALENDAR_YEAR:
            start = date(day.year, 1, 1).toordinal() - date(1970, 1, 1).toordinal()
            now, before = (
                int(standing(plan, state, np.zeros(1, np.intp), np.array([at], np.int32), number).figure[0])
                for at in (today, start - 1)
            )
            return max(0, now), max(0, before)
    return None


def _tiers(plan: Plan, state: State, today: int, track: int) -> list[TierView]:
    rows, day = np.arange(state.size), np.full(state.size, today, np.int32)
    now = standing(plan, state, rows, day, track)
    columns = (now.level, now.figure, now.kept_through, now.level_after, now.warn)
    return [
        tier_view(plan, level, figure, day_date(kept), track, after=after, warns=warn, today=day_date(today))
        for level, figure, kept, after, warn in zip(*(column.tolist() for column in columns), strict=True)
    ]


def tier_view(
    plan: Plan,
    level: int,
    figure: int,
    valid_through: date | None = None,
    track: int = 0,
    *,
    after: int | None = None,
    warns: bool = False,
    today: date | None = None,
) -> TierView:
    """Return a tier and the way to the next; `after` is the tier that the next review would give if nothing more happened."""
    tiers: Tiers = plan.program.tiers if track == 0 else plan.program.tracks[track - 1]
    levels = tiers.levels
    this, following = levels[level], levels[level + 1] if level + 1 < len(levels) else None
    return TierView(
        id=this.id,
        name=words(this.name),
        rank=level,
        figure=figure,
        valid_through=valid_through,
        next_id=following.id if following else None,
        next_name=words(following.name) if following else None,
        next_at=following.at if following else None,
        remaining=following.at - figure if following else None,
        share=max(0.0, min(1.0, figure / following.at)) if following else 1.0,
        by=tiers.by,
        unit=track_unit(plan.program, tiers),
        warns=warns,
        keep=_keep(tiers, this.at, figure, valid_through, today) if after is not None and after < level else None,
        track=words(plan.program.tracks[track - 1].name) if track else {},
    )


def _keep(tiers: Tiers, at: int, figure: int, valid_through: date | None, today: date | None) -> int | None:
    """Return what is missing to keep a tier beyond its last day: only where what counts today is what its review looks at."""
    if valid_through is None or today is None or tiers.held is not Held.NEXT_WINDOW or figure >= at:
        return None
    end = window_end(tiers.window, today)
    if end is None or (valid_through - end).days != tiers.grace_days:
        return None
    return at - figure


def track_unit(program: Program, tiers: Tiers) -> UnitView | None:
    """Return the unit whose points count towards a track, None where other things count."""
    if tiers.by != "points":
        return None
    unit = next((one for one in program.units if one.id == tiers.unit), main_unit(program))
    return unit_view(program, unit)


def journey_view(program: Program, done: Sequence[tuple[str, str, int, int]]) -> JourneyView | None:
    """Return the journey with what is done of it, as `engine.journey_of` tells it; None without one."""
    if program.journey is None:
        return None
    times = {(stage, step): count for stage, step, count, _ in done}
    stages: list[StageView] = []
    is_here = False
    for stage in program.journey.stages:
        steps = _steps(program, stage, times)
        needs = _needs(stage)
        passed = bool(steps) and sum(step.is_done for step in steps) >= needs
        state = "ahead" if is_here else "done" if passed else "here"
        is_here = is_here or not passed
        stages.append(StageView(stage.id, words(stage.name), state, steps, needs))
    here = next((stage for stage in stages if stage.state == "here"), None)
    following = next((step for step in here.steps if not step.is_done), None) if here else None
    return JourneyView(stages, following)


def stage_of(program: Program, done: Sequence[tuple[str, str, int, int]]) -> int:
    """Return the number of the stage on which a member stands, the last where all are passed."""
    view = journey_view(program, done)
    states = [stage.state for stage in view.stages] if view else []
    return states.index("here") if "here" in states else max(0, len(states) - 1)


def _needs(stage: Stage) -> int:
    return len(stage.steps) if stage.needs is None else stage.needs


def _steps(program: Program, stage: Stage, times: dict[tuple[str, str], int]) -> list[StepView]:
    rules = {rule.id: rule for rule in program.rules}
    found = []
    for step in stage.steps:
        rule = rules.get(step.rule)
        if rule is None:
            continue
        says = telling.rule(program, rule, telling.To.MEMBER)
        earns = telling.award(program, rule, telling.To.MEMBER) if rule.award is not None else None
        found.append(StepView(step.id, words(step.name), times.get((stage.id, step.id), 0), step.times, says, earns))
    return found


def words(text: Text) -> Words:
    """Return a brand's own words by language."""
    return {"ja": text.ja, "en": text.en}
