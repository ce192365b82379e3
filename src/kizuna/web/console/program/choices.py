"""What the forms offer to choose from, in the reader's language. Pure."""

from collections.abc import Iterable, Mapping

from kizuna.core.errors import N_
from kizuna.program import OCCASIONS, ORDER_COMPLETED, Fact, FactType, Program, Scope, Text
from kizuna.web.console.program.forms.sheet import Bench
from kizuna.web.words import translate

Options = list[tuple[str, str]]
_CHOICES: Mapping[str, Mapping[str, str]] = {
    "rounding": {
        "down": N_("is dropped"),
        "nearest": N_("is rounded to the nearest"),
        "up": N_("counts as a whole one"),
    },
    "each": {"order": N_("the whole purchase"), "line": N_("each line"), "item": N_("each item")},
    "tax": {"included": N_("counts"), "excluded": N_("is taken off")},
    "discount": {"after": N_("is taken off"), "before": N_("is added back")},
    "shipping": {"excluded": N_("does not count"), "included": N_("counts")},
    "gift_cards": {"included": N_("count"), "excluded": N_("do not count")},
    "paid_with_points": {"included": N_("counts"), "excluded": N_("does not count")},
    "within": {
        "day": N_("within a day"),
        "week": N_("within a week"),
        "month": N_("within a month"),
        "quarter": N_("within a quarter"),
        "year": N_("within a year"),
        "ever": N_("in all"),
    },
    "per": {
        "member": N_("for each member"),
        "event": N_("each time"),
        "store": N_("for each store"),
        "all": N_("for everybody together"),
    },
    "streak": {"day": N_("days in a row"), "week": N_("weeks in a row"), "month": N_("months in a row")},
    "things": {
        "category": N_("categories"),
        "sku": N_("items"),
        "brand": N_("brands"),
        "store": N_("stores"),
        "channel": N_("channels"),
    },
    "ends": {"month": N_("of the month"), "quarter": N_("of the quarter"), "year": N_("of the year")},
    "runs": {"release": N_("from the day they become usable"), "earning": N_("from the day they are earned")},
    "pending": {
        "": N_("at once"),
        "days": N_("after some days"),
        "order.delivered": N_("when the order is delivered"),
        "order.return_window_closed": N_("when the return window is over"),
    },
    "kind": {
        "spendable": N_("Points to redeem"),
        "status": N_("Points that only count towards tiers"),
        "stamps": N_("Stamps on a card"),
        "money": N_("Money that is paid in, as on a gift card"),
    },
    "keeps": {"best": N_("the one that gives most"), "first": N_("the one with the highest priority")},
    "on_return": {"take_back": N_("is taken back"), "keep": N_("stays")},
    "by": {"spend": N_("What they spend"), "visits": N_("How often they buy"), "points": N_("Points they earn")},
    "window": {
        "calendar_year": N_("by calendar year"),
        "rolling": N_("over the last months"),
        "calendar_quarter": N_("by quarter"),
        "calendar_month": N_("by month"),
        "lifetime": N_("from the first day on, for ever"),
    },
    "held": {
        "next_window": N_("to the end of the period after it"),
        "window": N_("to the end of the period in which it was reached"),
    },
    "downgrade": {"to_figure": N_("as low as the figure says"), "one_step": N_("one tier at most")},
    "tier_on_return": {"take_back": N_("takes the tier back too"), "keep": N_("leaves the tier")},
    "spent": {
        "debt": N_("The balance goes below zero, and the next points repay it"),
        "other_points": N_("Other points are taken; what is still missing is repaid later"),
        "ask_for_payment": N_("The shop is told how much to ask for"),
        "write_off": N_("Nothing: it is written off"),
    },
    "stretch": {"minute": N_("minutes"), "hour": N_("hours"), "day": N_("days")},
    "transfers": {
        "": N_("Nobody can give points to others"),
        "anybody": N_("To any member"),
        "pool": N_("Only within the own family or group"),
    },
    "pools": {
        "": N_("Everybody uses only their own points"),
        "together": N_("A family or group uses its points together"),
    },
    "approval": {
        "": N_("One person is enough"),
        "above": N_("A second person approves large ones"),
        "every": N_("A second person approves every one"),
    },
    "unknown": {
        "create": N_("Whoever buys becomes a member by it"),
        "refuse": N_("Purchases of unknown members are refused"),
    },
    "match": {"all": N_("all of these hold"), "any": N_("any of these holds")},
    "yes": {"yes": N_("yes"), "no": N_("no")},
    "segment": {"in": N_("belongs to"), "not_in": N_("does not belong to")},
}
_ORDERED = {
    "at_least": N_("is at least"),
    "at_most": N_("is at most"),
    "above": N_("is above"),
    "below": N_("is below"),
    "equals": N_("is exactly"),
    "differs": N_("is not"),
    "one_of": N_("is one of"),
    "none_of": N_("is none of"),
}
_BY_TYPE = {
    FactType.DATE: {
        "at_least": N_("is on or after"),
        "at_most": N_("is on or before"),
        "above": N_("is after"),
        "below": N_("is before"),
    },
    FactType.RANK: {"at_least": N_("and up"), "at_most": N_("and down")},
    FactType.SET: {"one_of": N_("include one of"), "none_of": N_("include none of")},
}
_SCOPES = {
    Scope.TIME: N_("Date and time"),
    Scope.EVENT: N_("Where and how"),
    Scope.ORDER: N_("The purchase"),
    Scope.MEMBER: N_("The member"),
}
_WEEKDAYS = {
    "monday": N_("Monday"),
    "tuesday": N_("Tuesday"),
    "wednesday": N_("Wednesday"),
    "thursday": N_("Thursday"),
    "friday": N_("Friday"),
    "saturday": N_("Saturday"),
    "sunday": N_("Sunday"),
}


def options(name: str, lang: str, only: Iterable[str] | None = None) -> Options:
    """Return the choices of a list by value and words, in their order; `only` these where given."""
    known = _CHOICES[name]
    return [(value, translate(lang, known[value])) for value in (known if only is None else only)]


def comparisons(fact: Fact, offered: Iterable[str], lang: str) -> Options:
    """Return how a fact may be compared."""
    words = {**_ORDERED, **_BY_TYPE.get(fact.type, {})}
    return [(how, translate(lang, words[how])) for how in offered]


def fact_title(fact: Fact, program: Program, event: str, lang: str) -> str:
    """Return what a fact is called; a brand's own fields and tracks by the brand's own names."""
    track = next((one for one in program.tracks if fact.name == f"member.track.{one.id}"), None)
    if track is not None:
        return str(getattr(track.name, lang))
    declared = next((one for one in program.event_types if one.type == event), None)
    field = next((one for one in declared.fields if fact.name == f"event.{one.id}"), None) if declared else None
    return str(getattr(field.name, lang)) if field is not None else translate(lang, fact.title)


def value_title(fact: Fact, value: str | int, program: Program, lang: str) -> str:
    """Return what one of a fact's few values is called."""
    if value in _WEEKDAYS:
        return translate(lang, _WEEKDAYS[str(value)])
    named = next((name for id_, name in _ranks(fact, program) if id_ == value), None)
    return str(getattr(named, lang)) if named is not None else str(value)


def _ranks(fact: Fact, program: Program) -> list[tuple[str, Text]]:
    """Return the ids and names of what a rank may be."""
    if fact.type is not FactType.RANK:
        return []
    if fact.name == "member.stage":
        return [(one.id, one.name) for one in program.journey.stages] if program.journey else []
    tracks = (
        [program.tiers]
        if fact.name == "member.tier"
        else [one for one in program.tracks if fact.name.endswith(f".{one.id}")]
    )
    return [(level.id, level.name) for track in tracks for level in track.levels]


def facts_menu(facts: Mapping[str, Fact], bench: Bench, event: str) -> list[tuple[str, Options]]:
    """Return what a condition may be added for, by whose fact it is."""
    groups = []
    for scope, title in _SCOPES.items():
        found = [
            (one.name, fact_title(one, bench.program, event, bench.lang))
            for one in facts.values()
            if one.scope is scope
        ]
        if scope is Scope.MEMBER and bench.program.segments:
            found.append(("segment", translate(bench.lang, N_("Segment"))))
        if found:
            groups.append((translate(bench.lang, title), found))
    return groups


def events(program: Program, lang: str) -> Options:
    """Return the occasions of rules: ours, then the brand's own."""
    ours = [(one.type, translate(lang, one.title)) for one in OCCASIONS.values()]
    ours.sort(key=lambda one: one[0] != ORDER_COMPLETED)
    return [*ours, *((one.type, str(getattr(one.name, lang))) for one in program.event_types)]
