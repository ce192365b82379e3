"""The tables of the documentation that repeat what the code knows: the occasions and the facts, made from their catalogues."""

import re
from collections.abc import Callable, Iterator

from kizuna.program import COMPARISONS, OCCASIONS, ORDER_COMPLETED, Fact, FactType, Program, facts_of

SAYS = {
    "member.enrolled": "somebody becomes a member",
    "order.completed": "somebody bought something, in any channel",
    "profile.completed": "the profile is filled in",
    "member.birthday": "it is the member's birthday",
    "review.posted": "a review is written",
    "content.shared": "something is shared on social media",
    "referral.qualified": "a friend who was brought has qualified",
    "member.anniversary": "it is the day of joining again",
    "eco.action": "an own bag, a reusable cup, something brought back",
    "feedback.posted": "an opinion, a complaint or an idea",
    "feedback.adopted": "an idea was taken up",
    "order.delivered": "an order has arrived",
    "order.return_window_closed": "an order cannot be returned any more",
}
TYPES = {
    FactType.NUMBER: "number",
    FactType.MONEY: "amount",
    FactType.TEXT: "text",
    FactType.FLAG: "flag",
    FactType.DATE: "date",
    FactType.SET: "set",
    FactType.RANK: "rung",
}


def table_of_occasions() -> str:
    """Every type that all programs know."""
    rows = ["| Type | Occasion | When | Fields |", "|---|---|---|---|"]
    for one in OCCASIONS.values():
        fields = ", ".join(f"`{name}` ({type_.value})" for name, type_ in one.fields.items())
        if one.type == ORDER_COMPLETED:
            fields = "the order"
        rows.append(f"| `{one.type}` | {one.title} | {SAYS[one.type]} | {fields} |")
    return "\n".join(rows)


def table_of_facts(program: Program) -> str:
    """Every fact that all programs know; `program` is one with a track and a journey."""
    everywhere = facts_of(program, "profile.completed")
    rows = ["| Fact | What it is | Type | On |", "|---|---|---|---|"]
    rows += [
        _row(fact, "every event" if fact.name in everywhere else f"`{ORDER_COMPLETED}`")
        for fact in facts_of(program, ORDER_COMPLETED).values()
    ]
    fields: dict[str, list[str]] = {}
    for occasion in OCCASIONS.values():
        for name in occasion.fields:
            fields.setdefault(f"event.{name}", []).append(occasion.type)
    for name, types in fields.items():
        if name not in everywhere:
            rows.append(_row(facts_of(program, types[0])[name], ", ".join(f"`{one}`" for one in types)))
    rows.append("| `event.<field>` | a field of a brand's own event | as declared | its events |")
    return "\n".join(rows)


def _row(fact: Fact, where: str) -> str:
    name = re.sub(r"^member\.track\..*", "member.track.<id>", fact.name)
    title = "Rung of a further track" if name.endswith("<id>") else fact.title.replace("_", " ")
    choices = f": {', '.join(map(str, fact.choices))}" if fact.choices and fact.type is not FactType.RANK else ""
    return f"| `{name}` | {title}{choices} | {TYPES[fact.type]} | {where} |"


def table_of_comparisons() -> str:
    """What each type of fact can be compared by."""
    rows = ["| Type | `is` |", "|---|---|"]
    rows += [f"| {TYPES[type_]} | {', '.join(f'`{one.value}`' for one in may)} |" for type_, may in COMPARISONS.items()]
    return "\n".join(rows)


TABLES: dict[str, Callable[[Program], str]] = {
    "occasions": lambda _program: table_of_occasions(),
    "facts": table_of_facts,
    "comparisons": lambda _program: table_of_comparisons(),
}


def tables_in(text: str) -> Iterator[tuple[str, str]]:
    """Find the tables of a page, by name."""
    for found in re.finditer(r"<!-- (\w+) -->\n(.*?)<!-- end -->", text, re.DOTALL):
        yield found[1], found[2].strip()
