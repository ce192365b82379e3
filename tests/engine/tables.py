"""What the written stories are made of: short ways to say an event and a rule, and both evaluators hearing them."""

from datetime import date

from engine.agreeing import difference
from engine.documents import text
from engine.generated import Story, program
from engine.reference import ACTION, CHANGE, NOTHING, ORDER, REDEMPTION, Basket, Happening
from engine.rows import Rows
from kizuna.core.days import day_number

DAY = day_number(date(2025, 6, 1))
NEW_YEAR = day_number(date(2026, 1, 1))


def day(text_: str) -> int:
    return day_number(date.fromisoformat(text_))


def order(number, amount=0, on=DAY, **about):
    about = {"order": number + 1, "basket": Basket(amount)} | about
    return Happening(number, about.pop("member", 0), about.pop("version", 0), ORDER, on, **about)


def changed(number, origin, kept=None, on=DAY, **about):
    """What is kept of the order `origin` from now on: an amount, a basket, or nothing."""
    basket = NOTHING if kept is None else kept if isinstance(kept, Basket) else Basket(kept)
    about = {"type": "order.returned", "origin": origin, "order": origin + 1, "basket": basket} | about
    return Happening(number, 0, about.pop("version", 0), CHANGE, on, **about)


def redeemed(number, points, on=DAY, **about):
    return Happening(
        number, 0, about.pop("version", 0), REDEMPTION, on, type="redemption.requested", points=points, **about
    )


def acted(number, type_="profile.completed", on=DAY, **about):
    return Happening(number, about.pop("member", 0), about.pop("version", 0), ACTION, on, type=type_, **about)


def rule(id_="rule", award=None, event="order.completed", unit="points", **about):
    """A rule; without an award it gives 1 point per 100."""
    award = {"points": 1, "per": 100} if award is None else award
    return {"id": id_, "name": text(id_), "event": event, "unit": unit, "award": award} | about


def with_rules(*rules, **parts):
    """A document with these rules."""
    return program(earning_rules=list(rules), **parts)


def tell(documents, history, keys=(0, 0, 0)):
    """Tell a history to both evaluators, one event at a time; return what they answer, and the rows."""
    documents = documents if isinstance(documents, list) else [documents]
    raws = tuple(document.model_dump(mode="json") for document in documents)
    tale = Story(raws, keys, tuple(history), frozenset(event.number for event in history))
    assert difference(tale) is None, difference(tale)
    rows = Rows(documents, keys)
    return [rows.decide([event])[0] for event in history], rows


def lots_of(rows, member=0):
    """Open lots: (last day, points), soonest to end first."""
    return sorted((lot[1], points) for lot, points in rows.pocket(member)[0].items())
