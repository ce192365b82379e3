"""Conditions: facts that are there, comparisons that their type allows, values that they can have."""

import datetime as dt
from collections.abc import Iterator

from kizuna.core.errors import N_
from kizuna.program.conditions import Compare, Is, Segment, leaves
from kizuna.program.events import ORDER_COMPLETED
from kizuna.program.facts import COMPARISONS, Fact, FactType
from kizuna.program.faults import Fault, Sort, listed, number, shown, use_one_of
from kizuna.program.findings.known import Known
from kizuna.program.messages import Said, say

UNKNOWN_SEGMENT = Sort("unknown_segment", N_("There is no segment “{id}”."))
UNKNOWN_FACT = Sort("unknown_fact", N_("“{fact}” is not known of the event “{event}”."))
ORDER_FACT = Sort(
    "fact_of_an_order",
    N_("“{fact}” is known of purchases only, and this is about “{event}”."),
    N_("Take this condition away, or let the rule be for order.completed."),
)
MEMBER_ONLY = Sort(
    "fact_not_of_the_member",
    N_("“{fact}” is not about the member, and a segment or an audience speaks of members alone."),
    N_("Use a fact that begins with “member.”; what is about the event belongs into the rule’s condition."),
)
UNKNOWN_MEMBER_FACT = Sort("unknown_fact", N_("“{fact}” is not known of members."))
NO_JOURNEY = Sort(
    "no_journey",
    N_("The program has no journey, so that there are no stages."),
    N_("Add a journey, or take this condition away."),
)
WRONG_COMPARISON = Sort(
    "wrong_comparison",
    N_("“{fact}” cannot be compared by “{is_}”."),
    N_("Use one of these: {names}."),
)
LIST_NEEDED = Sort(
    "list_needed", N_("“{is_}” needs a list."), N_("Write [{value}], or compare with equals or differs.")
)
NO_LIST = Sort(
    "one_value_needed", N_("“{is_}” takes one value, not a list."), N_("Write one value, or use one_of or none_of.")
)
WRONG_VALUE = Sort("wrong_value", N_("“{fact}” is compared with {wanted}, and “{value}” is none."))
UNKNOWN_VALUE = Sort("unknown_value", N_("“{fact}” is never “{value}”."))
OUT_OF_RANGE = Sort(
    "value_out_of_range", N_("“{fact}” is never {value}."), N_("Write a number from {least} to {most}.")
)

_WANTED = {
    FactType.NUMBER: (int, N_("a whole number"), N_("Write digits alone, without quotation marks.")),
    FactType.MONEY: (int, N_("an amount of money"), N_("Write digits alone, in the smallest unit of your money.")),
    FactType.TEXT: (str, N_("a text"), N_("Write a word, in quotation marks where it looks like a number.")),
    FactType.SET: (str, N_("a text"), N_("Write a word, in quotation marks where it looks like a number.")),
    FactType.FLAG: (bool, N_("true or false"), N_("Write true or false.")),
    FactType.DATE: (str, N_("a date"), N_("Write year, month and day, such as 2026-04-01.")),
    FactType.RANK: (str, N_("the id of a tier or a stage"), N_("Write the id that the program gives it.")),
}
RANGES = {"time.hour": (0, 23), "time.day_of_month": (1, 31), "time.month": (1, 12)}


def check(known: Known) -> Iterator[Fault]:
    """Find what is wrong with each comparison of each condition."""
    for place, event, condition in known.conditions():
        if event and event not in known.events:
            continue  # what an unknown event has is unknown; its type is a fault of its own
        for at, leaf in leaves(condition, place):
            if isinstance(leaf, Segment):
                if leaf.segment not in known.segments:
                    remedy = use_one_of(leaf.segment, known.segments)
                    yield UNKNOWN_SEGMENT.at(f"{at}.segment", remedy, id=leaf.segment)
            else:
                yield from _compared(known, at, event, leaf)


def _compared(known: Known, place: str, event: str, leaf: Compare) -> Iterator[Fault]:
    facts = known.facts(event)
    fact = facts.get(leaf.fact)
    if fact is None:
        yield _unknown(known, f"{place}.fact", event, leaf.fact)
        return
    allowed = COMPARISONS[fact.type]
    if leaf.is_ not in allowed:
        names = listed([str(one) for one in allowed])
        yield WRONG_COMPARISON.at(f"{place}.is", fact=called(fact), is_=leaf.is_, names=names)
    elif leaf.is_ in {Is.ONE_OF, Is.NONE_OF}:
        if not isinstance(leaf.value, list):
            yield LIST_NEEDED.at(f"{place}.value", is_=leaf.is_, value=shown(leaf.value))
            return
    elif isinstance(leaf.value, list):
        yield NO_LIST.at(f"{place}.value", is_=leaf.is_)
        return
    if isinstance(leaf.value, list):
        for at, one in enumerate(leaf.value):
            yield from _valued(f"{place}.value.{at}", fact, one)
    else:
        yield from _valued(f"{place}.value", fact, leaf.value)


def _unknown(known: Known, place: str, event: str, fact: str) -> Fault:
    if fact == "member.stage":
        return NO_JOURNEY.at(place)
    of_order = known.facts(ORDER_COMPLETED).get(fact)
    if of_order is not None:
        if not event:
            return MEMBER_ONLY.at(place, fact=called(of_order))
        return ORDER_FACT.at(place, fact=called(of_order), event=known.event_name(event))
    if not event:
        if fact.startswith(("event.", "order.", "time.")):
            return MEMBER_ONLY.at(place, fact=fact)
        return UNKNOWN_MEMBER_FACT.at(place, use_one_of(fact, known.facts("")), fact=fact)
    return UNKNOWN_FACT.at(place, use_one_of(fact, known.facts(event)), fact=fact, event=known.event_name(event))


def called(fact: Fact) -> Said:
    """Return a fact as a person calls it, with its name in the document."""
    return say(N_("{title} ({name})"), title=say(fact.title), name=fact.name)


def _valued(place: str, fact: Fact, value: bool | int | str) -> Iterator[Fault]:  # noqa: FBT001 - a value of a condition
    type_, wanted, remedy = _WANTED[fact.type]
    facts: dict[str, Said] = {
        "fact": called(fact),
        "value": shown("true" if value is True else "false" if value is False else value),
    }
    if type(value) is not type_ or (fact.type is FactType.DATE and not _is_date(str(value))):
        yield WRONG_VALUE.at(place, say(remedy), wanted=say(wanted), **facts)
    elif type_ is str and fact.choices and value not in fact.choices:
        yield UNKNOWN_VALUE.at(place, use_one_of(value, fact.choices), **facts)
    elif fact.name in RANGES and isinstance(value, int):
        least, most = RANGES[fact.name]
        if not least <= value <= most:
            yield OUT_OF_RANGE.at(place, fact=called(fact), value=number(value), least=number(least), most=number(most))


def _is_date(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
