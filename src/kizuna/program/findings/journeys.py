"""The staged journey and the referral offer: every stage can be left, every step can be done, every referral is paid."""

from collections.abc import Iterator

from kizuna.core.errors import N_
from kizuna.program.base import Within
from kizuna.program.faults import Fault, Sort, use_one_of, warning
from kizuna.program.findings.awards import UNKNOWN_RULE
from kizuna.program.findings.known import REFERRAL_QUALIFIED, Known
from kizuna.program.findings.rules import event_faults
from kizuna.program.journey import Stage, Step
from kizuna.program.rules import Campaign, CountGoal, SpendGoal

NEEDS_TOO_MANY = Sort(
    "needs_too_many_steps",
    N_("“{stage}” needs {needs} steps and has {count}."),
    N_("Write {count} or fewer, or add steps."),
)
NO_WAY_ON = Sort(
    "stage_without_steps",
    N_("“{stage}” has no steps, so that nobody reaches the stage after it."),
    N_("Add a step, or put this stage last."),
)
LAST_HAS_STEPS = warning(
    "last_stage_has_steps",
    N_("“{stage}” is the last stage: its steps lead nowhere."),
    N_("Add a stage after it, or take the steps away if they are not meant as an aim of their own."),
)
DONE_ONCE = Sort(
    "step_done_once",
    N_("The goal of “{rule}” is reached once, and this step asks for it {times} times."),
    N_("Let the goal repeat, or write times: 1."),
)
STEP_ENDS = warning(
    "step_of_a_campaign",
    N_("“{rule}” is a campaign until {ends}; after that nobody can do this step."),
    N_("Name a rule that stays."),
)
REFERS_ITSELF = Sort(
    "referral_of_itself",
    N_("A referral cannot count by an event that it makes itself."),
    N_("Name what the friend does, such as order.completed."),
)
NOT_PAID = warning(
    "referral_not_paid",
    N_("No rule is for the event “{event}”, so that neither side is given anything."),
    N_("Add a rule for it; event.side says which side it is for."),
)


def check(known: Known) -> Iterator[Fault]:
    """Find what is wrong with the journey and the referral offer."""
    yield from _referral(known)
    if known.program.journey is None:
        return
    stages = known.program.journey.stages
    for at, stage in enumerate(stages):
        place = f"journey.stages.{at}"
        yield from _stage(place, stage, is_last=at == len(stages) - 1)
        for number, step in enumerate(stage.steps):
            yield from _step(known, f"{place}.steps.{number}", step)


def _stage(place: str, stage: Stage, *, is_last: bool) -> Iterator[Fault]:
    count = len(stage.steps)
    if stage.needs is not None and stage.needs > count:
        yield NEEDS_TOO_MANY.at(f"{place}.needs", stage=stage.name, needs=stage.needs, count=count)
    elif not stage.steps and not is_last:
        yield NO_WAY_ON.at(f"{place}.steps", stage=stage.name)
    if stage.steps and is_last:
        yield LAST_HAS_STEPS.at(f"{place}.steps", stage=stage.name)


def _step(known: Known, place: str, step: Step) -> Iterator[Fault]:
    rule = known.rule_of.get(step.rule)
    if rule is None:
        yield UNKNOWN_RULE.at(f"{place}.rule", use_one_of(step.rule, known.rule_of), id=step.rule)
        return
    goal = rule.goal
    once = goal is not None and not goal.repeats
    if isinstance(goal, CountGoal | SpendGoal):
        once = once and goal.within is Within.EVER
    if once and step.times > 1:
        yield DONE_ONCE.at(f"{place}.times", rule=rule.name, times=step.times)
    if isinstance(rule, Campaign):
        yield STEP_ENDS.at(f"{place}.rule", rule=rule.name, ends=rule.ends.isoformat())


def _referral(known: Known) -> Iterator[Fault]:
    offer = known.program.referral
    if offer is None:
        return
    yield from event_faults(known, "referral.event", offer.event)
    if offer.event == REFERRAL_QUALIFIED:
        yield REFERS_ITSELF.at("referral.event")
    if all(rule.event != REFERRAL_QUALIFIED for _, rule in known.rules):
        yield NOT_PAID.at("referral", event=known.event_name(REFERRAL_QUALIFIED))
