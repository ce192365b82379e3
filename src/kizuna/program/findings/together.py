"""What rules do to each other and to a program: groups, who goes first, rules that do nothing, and rules without end."""

from collections import Counter
from collections.abc import Iterator

from kizuna.core.errors import N_
from kizuna.program.faults import Fault, Sort, warning
from kizuna.program.findings.campaigns import capped
from kizuna.program.findings.known import Known
from kizuna.program.findings.never import may_speak
from kizuna.program.rules import Campaign, EarningRule, Fixed, Per, Stamps

LONELY_GROUP = warning(
    "group_of_one",
    N_("No two rules of this group can meet, so that there is nothing to choose between."),
    N_("Put another rule for the same event and the same points into it, or take the group away."),
)
NOBODY_KNOWS = Sort(
    "exclusive_tie",
    N_(
        "“{rule}” and “{other}” both want to be the only one, with the same priority: nobody can tell which goes first."
    ),
    N_("Give one of them a higher priority, or let their dates or conditions not meet."),
)
DOES_NOTHING = warning(
    "rule_does_nothing",
    N_("This rule gives nothing, and no step of the journey counts it."),
    N_("Give it an award, or name it in a step of the journey."),
)
WITHOUT_END = warning(
    "award_without_end",
    N_("A member can do “{event}” as often as they like, and is paid every time."),
    N_("Add a limit per: member, such as times: 1 within: day."),
)
AT_WILL = frozenset({"review.posted", "content.shared", "eco.action", "feedback.posted"})
"""Occasions that a member makes without buying anything."""


def check(known: Known) -> Iterator[Fault]:
    """Find what only shows when rules are seen together."""
    yield from _groups(known)
    yield from _exclusive(known)
    journey = known.program.journey
    steps = {step.rule for stage in journey.stages for step in stage.steps} if journey else set()
    declared = {one.type for one in known.program.event_types}
    for place, rule in known.rules:
        if rule.award is None and rule.id not in steps:
            yield DOES_NOTHING.at(place)
        if isinstance(rule.award, Fixed | Stamps) and rule.event in AT_WILL | declared and not bounded(rule):
            yield WITHOUT_END.at(f"{place}.award", event=known.event_name(rule.event))


def bounded(rule: EarningRule) -> bool:
    """Whether a rule stops giving at some time: to a member, or to everybody."""
    if capped(rule) or any(limit.per in {Per.STORE, Per.ALL} for limit in rule.limits):
        return True
    return isinstance(rule, Campaign) and rule.budget is not None


def _groups(known: Known) -> Iterator[Fault]:
    meeting = Counter((rule.group, rule.event, rule.unit) for _, rule in known.rules if rule.group is not None)
    for at, group in enumerate(known.program.groups):
        if max((count for (id_, _, _), count in meeting.items() if id_ == group.id), default=0) < 2:
            yield LONELY_GROUP.at(f"groups.{at}")


def _exclusive(known: Known) -> Iterator[Fault]:
    """Find two exclusive rules of one event, unit and priority that can speak together."""
    before: dict[tuple[str, str, int], list[EarningRule]] = {}
    for place, rule in known.rules:
        if not rule.exclusive or rule.event not in known.events:
            continue
        same = before.setdefault((rule.event, rule.unit, rule.priority), [])
        other = next((one for one in same if may_speak(known, one, rule)), None)
        if other is not None:
            yield NOBODY_KNOWS.at(f"{place}.priority", rule=rule.name, other=other.name)
        same.append(rule)
