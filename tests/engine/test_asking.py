"""What is asked without anything happening: where a member stands, why a rule speaks or not, what is done of the journey."""

from copy import deepcopy

import numpy as np
import pytest
from hypothesis import assume, given

from engine.generated import FOCUSES, STORIES, many, seeds, story
from engine.reference import ACTION, ORDER, tiers
from engine.reference.deciding import decide as decided
from engine.reference.facts import Facts, draw
from engine.rows import Rows, told_alone
from kizuna.core.days import DAY_NEVER, day_number
from kizuna.engine import Shared, Why, explain, journey_of, standing
from kizuna.program import Campaign

focused = pytest.mark.parametrize("focus", ["everything", "tiers", "goals"])
EACH = STORIES // len(FOCUSES) // 10


def lived(tale, history):
    rows = Rows(tale.documents, tale.keys)
    rows.decide(history)
    return rows


def ahead(memory, program, track, day):
    """The rung on `day`, its figure, the last day on which it is kept if nothing more happens, and the rung after that."""
    memory, one = deepcopy(memory), tiers.tracks(program)[track]
    tiers.touch(memory, program, day)
    rung, through = tiers.standing(memory, track, one)
    figure, after = tiers.figure(memory, track, one, day), rung
    while through < DAY_NEVER and after == rung:
        tiers.touch(memory, program, through + 1)
        after, later = tiers.standing(memory, track, one)
        through = later if after == rung else through
    warn = after < rung and through - day < one.warn_days
    return rung, figure, through, after, warn


@focused
@many(EACH)
@given(seeds)
def test_where_everybody_stands_and_what_comes(focus, seed):
    tale = story(seed, focus)
    rows, (world, _) = lived(tale, tale.history), tale.told()
    members = sorted(rows.memory)
    state, plan = rows.state(members), rows.plans[seed % len(rows.plans)]
    before = state.pack_memory()
    for later in (0, 1, 40, 400):
        for number, track in enumerate(tiers.tracks(plan.program)):
            days = [world.members[member].memory.seen + later for member in members]
            told = standing(plan, state, np.arange(len(members)), np.array(days, np.int32), number)
            answers = zip(told.level, told.figure, told.kept_through, told.level_after, told.warn, strict=True)
            memories = [world.members[member].memory for member in members]
            expected = [ahead(memory, plan.program, track, day) for memory, day in zip(memories, days, strict=True)]
            assert list(answers) == expected
    assert state.pack_memory() == before


@focused
@many(EACH)
@given(seeds)
def test_what_is_done_of_the_journey(focus, seed):
    tale = story(seed, focus)
    rows, (world, _) = lived(tale, tale.history), tale.told()
    for member in rows.memory:
        memory = world.members[member].memory
        for plan in rows.plans:
            stages = plan.program.journey.stages if plan.program.journey else []
            done = [
                (stage.id, step.id, memory.ever("step", step.rule), step.times)
                for stage in stages
                for step in stage.steps
            ]
            assert journey_of(plan, rows.state([member]), 0) == done


@focused
@many(EACH)
@given(seeds)
def test_why_a_rule_speaks_or_not(focus, seed):
    tale = story(seed, focus)
    asked = tale.history[-1]
    assume(asked.what in (ORDER, ACTION))
    rows = lived(tale, tale.history[:-1])
    world = type(tale.told()[0])(tale.documents, tale.keys)
    for event in tale.history[:-1]:
        world.decide(event)
    state = rows.state([asked.member])
    before = state.pack_memory(), state.pack_lots(), dict(rows.used)
    verdicts = explain(rows.plans[asked.version], state, told_alone(rows, asked), Shared(dict(rows.used)))
    assert (state.pack_memory(), state.pack_lots(), rows.used) == before
    assert [(one.why, one.points, one.raw, one.basis, one.cut.name.lower()) for one in verdicts] == reasons(
        world, asked
    )


def reasons(world, event):
    """Every rule's reason, its points in the end and alone, their basis, and what cut them, as the reference sees it."""
    program, member = world.documents[event.version], world.members[event.member]
    member = deepcopy(member)
    member.memory.seen = max(member.memory.seen, event.day)
    tiers.touch(member.memory, program, event.day)
    member.memory.joined = event.day if member.memory.joined is None else member.memory.joined
    member.memory.born = event.born or member.memory.born
    member.memory.referred |= event.referred
    facts = Facts(program, event, event.basket if event.what == ORDER else None, member.memory, member.key)
    decision = decided(facts, world.shared)
    found = []
    for number, rule in enumerate(program.rules):
        award = decision.awards.get(number)
        if award is None:
            found.append((why_not(facts, rule), 0, 0, 0, "none"))
        elif award.is_told:
            why = Why.CUT if award.points < award.raw else Why.SPEAKS
            found.append((why, award.points, award.raw, award.basis, award.cut))
        else:
            found.append((Why.SPEAKS if award.reached else Why.GOAL, 0, 0, 0, "none"))
    return found


def why_not(facts, rule):
    """The first reason why a rule does not speak."""
    if rule.event != facts.event.type:
        return Why.OTHER_EVENT
    if isinstance(rule, Campaign):
        if facts.event.day < day_number(rule.starts):
            return Why.NOT_YET
        if facts.event.day > day_number(rule.ends):
            return Why.OVER
        if draw(facts.key, rule.id) < rule.holdout_percent:
            return Why.HELD_OUT
    if rule.goods is not None and not facts.counting(rule.goods):
        return Why.GOODS
    audience = rule.audience if isinstance(rule, Campaign) else None
    return Why.CONDITION if facts.true(audience) else Why.AUDIENCE
