"""What is tried, as a form: who, what, when and where. Pure.

Everything that is left empty is as usual: an imagined newcomer, today at noon, one purchase.
"""

from collections.abc import Mapping
from datetime import date

from kizuna.core.errors import Problem
from kizuna.program import AMOUNT_MAX, OCCASIONS, ORDER_COMPLETED, FactType, Program, facts_of
from kizuna.web import inputs
from kizuna.web.console.program.forms.clock import minute_of_day
from kizuna.web.console.program.forms.sheet import Bench, words
from kizuna.web.console.program.tester.trial import Imagined, Line, Tried
from kizuna.web.entered import Entered

LINES_MAX = 12
BIRTHDAYS = ("", "today", "month", "other")
COLUMNS = ("category", "sku", "brand", "tag")


def filled(asked: Mapping[str, str], bench: Bench) -> Entered:
    """Return the form as it was asked for; what nobody typed is as usual."""
    usual = {
        "who": "imagined",
        "event": ORDER_COMPLETED,
        "tier": bench.program.tiers.levels[0].id,
        "orders": "0",
        "days_since": "7",
        "birthday": "",
        "day": bench.today.isoformat(),
        "time": "12:00",
        "amount": bench.major(3_000 * 10**bench.brand.currency_digits),
        "lines": "1",
    }
    return Entered({**usual, **asked})


def line_numbers(entered: Entered) -> range:
    """Return the numbers of the basket's lines."""
    text = entered["lines"]
    return range(min(max(inputs.place(text) or 1, 1), LINES_MAX))


def fields_of(program: Program, event: str) -> dict[str, FactType]:
    """Return what an event of this type tells of its own."""
    known = {
        name.removeprefix("event."): fact
        for name, fact in facts_of(program, event).items()
        if name.startswith("event.")
    }
    ours = OCCASIONS.get(event)
    return {
        name: fact.type
        for name, fact in known.items()
        if name not in {"channel", "store"} or (ours and name in ours.fields)
    }


def read(entered: Entered, bench: Bench) -> Tried | None:
    """Return what is to be tried, None where a field was refused."""
    event = entered["event"] or ORDER_COMPLETED
    day = entered.read(inputs.day, "day")
    minute = entered.read(minute_of_day, "time")
    lines = _lines(entered, bench) if event == ORDER_COMPLETED else []
    amount = sum(line.amount for line in lines)
    if event == ORDER_COMPLETED and not lines:
        read_amount = entered.read(
            inputs.amount, "amount", digits=bench.brand.currency_digits, least=0, most=AMOUNT_MAX
        )
        amount = read_amount or 0
    orders = entered.read(inputs.whole, "orders", least=0, most=1_000)
    since = entered.read(inputs.whole, "days_since", least=0, most=3_650)
    told = _told(entered, bench.program, event)
    if entered.faults or day is None or minute is None:
        return None
    member = Imagined(
        entered["tier"], orders or 0, since or 0, _born(entered["birthday"], day), bool(entered["referred"])
    )
    return Tried(day, minute, event, amount, lines, entered["channel"].strip(), entered["store"].strip(), told, member)


def _lines(entered: Entered, bench: Bench) -> list[Line]:
    """Return the lines of which something was typed; a line needs what it costs."""
    digits, found = bench.brand.currency_digits, []
    for number in line_numbers(entered):
        at = f"l.{number}"
        typed = {name: entered[f"{at}.{name}"].strip() for name in (*COLUMNS, "amount")}
        if not any(typed.values()):
            continue
        name = f"{at}.amount"
        if not typed["amount"] and number == 0 and entered["amount"].strip():
            name = "amount"  # one line that says what it is: the whole amount is its
        amount = entered.read(inputs.amount, name, digits=digits, least=0, most=AMOUNT_MAX)
        quantity = (
            entered.read(inputs.whole, f"{at}.quantity", least=1, most=10_000)
            if entered[f"{at}.quantity"].strip()
            else 1
        )
        tags = tuple(words(typed["tag"]))
        found.append(Line(amount or 0, quantity or 1, typed["sku"], typed["category"], typed["brand"], tags))
    return found


def _told(entered: Entered, program: Program, event: str) -> dict[str, int | str | bool]:
    told: dict[str, int | str | bool] = {}
    for name, type_ in fields_of(program, event).items():
        text = entered[f"f.{name}"].strip()
        if not text:
            continue
        try:
            if type_ is FactType.NUMBER:
                told[name] = inputs.whole(text, f"f.{name}", least=0, most=AMOUNT_MAX)
            else:
                told[name] = text == "yes" if type_ is FactType.FLAG else text
        except Problem as problem:
            entered.refuse(f"f.{name}", problem)
    return told


def _born(birthday: str, day: date) -> int:
    """Return a birthday as it was wished: today, another day of this month, in another month, or none told."""
    match birthday:
        case "today":
            return day.month * 100 + day.day
        case "month":
            return day.month * 100 + (2 if day.day == 1 else 1)
        case "other":
            return (day.month % 12 + 1) * 100 + 1
    return 0
