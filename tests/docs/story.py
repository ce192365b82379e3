"""A story: what happened, one line an event, and what it comes to, as an accountant would write it down.

    latte costs 500, category drinks, tag fair-trade

    2026-04-03 Fri 10:00  order A: latte×2, at shibuya     → +20 (purchase 10, friday 10), balance 20
    2026-04-09            return A, keeps latte×1          → −10 (purchase 5, friday 5), balance 10
    2026-04-10            redeem 10, via app               → −10, balance 0
    2026-04-12            Hanako: review.posted, rating 5  → +30, waiting 30

A story begins with what is sold: name, price with tax, and what a line of it carries. A line of the story has a day, perhaps its
weekday and the time (noon where it is not told), perhaps who (one nameless member where it is not told), what happened, an arrow, and
what it comes to. A line that is indented goes on with the line before it; `#` begins a remark.

What happened:
- `order A: latte×2 + beans`, `order 3,000`; then, each after a comma: `tax 90`, `discount 50`, `shipping 300`,
  `paid with points 200`, `items 3`
- `return A, keeps latte×1`, `return A, keeps nothing`; also `cancel`, `exchange`, `correct`: what is kept of the order A from now on
- `redeem 500`, `redeem 10 stamps`
- any type of event: `order.delivered A`, `review.posted, rating 5, has_photo yes`
- `look`: nothing happens, but what is due (points that are over, tiers to be reviewed) is done
- with all of them: `at STORE`, `via CHANNEL`, `born 05-12`, `referred`

What it comes to: movements and where things stand then. A unit other than the first is named (`+1 stamps`).
- `+20` is earned (now, or to wait), `−20` redeemed or taken back, `lapsed 20`, `released 20`, `cancelled 20` (what waited),
  `forgiven 20`, `to collect 20`; the rules may follow: `+25 (purchase 20, bonus 5 of 10 by budget)`. Every movement has to
  be told; `nothing` says that there is none.
- `balance 20`, `waiting 20`, `tier gold`, `tier gold through 2027-12-31`, `track visits regular`, `figure 12,000`,
  `stage fan`, `step review 1 of 3`
- `until 2027-04-02`: the last day of the lots that were made; `never`, `idle`, `as released`; several joined by `and`
- `waits until 2026-04-17`, `waits for the delivery`, `waits for the return window`; `only for cafe`: where the lots that
  were made may be spent
- `from 2026-04-30 and 2027-03-31`: the last days of the lots that were spent, in the order in which they were taken
- `refused: short`, `refused: below the minimum`, `refused: off the step`; `qualifies`: a referred member counts as brought
- `is warned`: a review that is near would lower the tier
"""

import re
from dataclasses import dataclass, field, replace
from datetime import date

from kizuna.core.days import day_number

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
NOON = 12 * 60
NOBODY = "the member"

_LINE = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)(?: (?P<weekday>[A-Z][a-z]{2}))?(?: (?P<time>\d\d:\d\d))?\s+"
    r"(?:(?P<who>[A-Z][a-z]+): )?(?P<what>.+?)\s+→\s+(?P<says>.+)"
)
_SOLD = re.compile(r"(?P<sku>[a-z][a-z0-9-]*) costs (?P<amount>[\d,]+)(?:, (?P<rest>.+))?")
_ORDER = re.compile(r"order (?:(?P<name>[A-Z]\w*): )?(?P<goods>.+)")
_CHANGE = re.compile(r"(?:return|cancel|exchange|correct) (?P<name>[A-Z]\w*)")
_REDEEM = re.compile(r"redeem (?P<points>[\d,]+)(?: (?P<unit>[a-z][a-z0-9_-]*))?")
_TYPE = re.compile(r"(?P<type>[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+)(?: (?P<name>[A-Z]\w*))?")
_ITEM = re.compile(r"(?P<sku>[a-z][a-z0-9-]*)(?:×(?P<quantity>\d+))?")
_COMMA = re.compile(r", (?![^(]*\))")
"""Between clauses: a comma that stands in no bracket; thousands have no space after theirs."""


class UnclearError(AssertionError):
    """A line of a story cannot be read."""

    def __init__(self, line: str) -> None:
        super().__init__(f"nobody can read this line of a story: {line!r}")


@dataclass(frozen=True, slots=True)
class Good:
    """Something that is sold: a line of one item."""

    sku: str
    amount: int
    quantity: int = 1
    tax: int = 0
    discount: int = 0
    category: str | None = None
    brand: str | None = None
    tags: tuple[str, ...] = ()
    gift_card: bool = False

    def times(self, quantity: int) -> "Good":
        """A line of so many of them."""
        return replace(
            self,
            amount=self.amount * quantity,
            quantity=quantity,
            tax=self.tax * quantity,
            discount=self.discount * quantity,
        )


@dataclass(frozen=True, slots=True)
class Bought:
    """What an order holds, or what is kept of it."""

    amount: int = 0
    tax: int = 0
    discount: int = 0
    shipping: int = 0
    paid_with_points: int = 0
    items: int = 1
    exists: bool = True
    lines: tuple[Good, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One event and what it comes to. `order` names the order that the event makes or speaks of."""

    text: str
    day: int
    minute: int
    who: str
    what: str
    says: tuple[str, ...]
    type: str
    order: str | None = None
    bought: Bought | None = None
    points: int = 0
    unit: str | None = None
    store: str | None = None
    channel: str | None = None
    born: int = 0
    referred: bool = False
    fields: dict[str, int | bool | str] = field(default_factory=dict)

    @property
    def verb(self) -> str:
        """The first word: order, return, redeem, look, or the type of an event."""
        return re.split(r"[ ,]", self.what, maxsplit=1)[0]

    @property
    def is_change(self) -> bool:
        """Whether it changes an order that was told before."""
        return _CHANGE.match(self.what) is not None


def read(story: str) -> list[Line]:
    """Read a whole story."""
    shelf: dict[str, Good] = {}
    lines: list[Line] = []
    for text in _whole_lines(story):
        if sold := _SOLD.fullmatch(text):
            shelf[sold["sku"]] = _good(text, sold)
        else:
            lines.append(_line(text, shelf))
    return lines


def number(text: str) -> int:
    """Read a number with or without thousands set off."""
    return int(text.replace(",", ""))


def clauses(text: str) -> list[str]:
    """Split at commas outside of brackets."""
    return _COMMA.split(text)


def _whole_lines(story: str) -> list[str]:
    whole: list[str] = []
    for line in story.splitlines():
        bare = line.split("#")[0].rstrip()
        if bare.startswith(" ") and whole:
            whole[-1] += " " + bare.strip()
        elif bare:
            whole.append(bare)
    return whole


def _good(text: str, sold: re.Match[str]) -> Good:
    facts: dict[str, object] = {}
    tags: list[str] = []
    for clause in clauses(sold["rest"] or ""):
        name, _, value = clause.partition(" ")
        if name == "tag":
            tags.append(value)
        elif name in ("tax", "discount"):
            facts[name] = number(value)
        elif name in ("category", "brand"):
            facts[name] = value
        elif clause == "gift card":
            facts["gift_card"] = True
        elif clause:
            raise UnclearError(text)
    return Good(sold["sku"], number(sold["amount"]), tags=tuple(tags), **facts)  # type: ignore[arg-type]


def _line(text: str, shelf: dict[str, Good]) -> Line:
    found = _LINE.fullmatch(text)
    if found is None:
        raise UnclearError(text)
    day = date.fromisoformat(found["day"])
    if found["weekday"] not in (None, WEEKDAYS[day.weekday()]):
        raise AssertionError(f"{day} is a {WEEKDAYS[day.weekday()]}: {text!r}")
    hour, minute = found["time"].split(":") if found["time"] else (NOON // 60, 0)
    what, *rest = clauses(found["what"])
    line = Line(
        text=text,
        day=day_number(day),
        minute=int(hour) * 60 + int(minute),
        who=found["who"] or NOBODY,
        what=what,
        says=tuple(clauses(found["says"])),
        type="page.seen",
    )
    return _with_details(_with_verb(line, rest, shelf), rest)


def _with_verb(line: Line, rest: list[str], shelf: dict[str, Good]) -> Line:
    if order := _ORDER.fullmatch(line.what):
        return replace(
            line, type="order.completed", order=order["name"], bought=_bought(line, order["goods"], rest, shelf)
        )
    if change := _CHANGE.fullmatch(line.what):
        keeps = next((rest.pop(place) for place, one in enumerate(rest) if one.startswith("keeps ")), "keeps nothing")
        kept = _bought(line, keeps.removeprefix("keeps "), rest, shelf)
        return replace(line, type="order.changed", order=change["name"], bought=kept)
    if redeem := _REDEEM.fullmatch(line.what):
        return replace(line, type="redemption.requested", points=number(redeem["points"]), unit=redeem["unit"])
    if line.what == "look":
        return line
    if action := _TYPE.fullmatch(line.what):
        return replace(line, type=action["type"], order=action["name"])
    raise UnclearError(line.text)


def _bought(line: Line, goods: str, rest: list[str], shelf: dict[str, Good]) -> Bought:
    """Read what was bought, and take the clauses of the order out of `rest`."""
    lines: tuple[Good, ...] = ()
    if goods == "nothing":
        whole = Bought(items=0, exists=False)
    elif re.fullmatch(r"[\d,]+", goods):
        whole = Bought(number(goods))
    else:
        items = [_ITEM.fullmatch(part) for part in goods.split(" + ")]
        if any(item is None or item["sku"] not in shelf for item in items):
            raise UnclearError(line.text)
        lines = tuple(shelf[item["sku"]].times(int(item["quantity"] or 1)) for item in items if item)
        sums = {name: sum(getattr(one, name) for one in lines) for name in ("amount", "tax", "discount")}
        whole = Bought(**sums, items=sum(one.quantity for one in lines), lines=lines)
    told: dict[str, int] = {}
    for clause in tuple(rest):
        if found := re.fullmatch(r"(tax|discount|shipping|paid with points|items) ([\d,]+)", clause):
            told[found[1].replace(" ", "_")] = number(found[2])
            rest.remove(clause)
    return replace(whole, **told)


def _with_details(line: Line, rest: list[str]) -> Line:
    fields: dict[str, int | bool | str] = {}
    facts: dict[str, object] = {}
    for clause in rest:
        name, _, value = clause.partition(" ")
        if name in ("at", "via") and value:
            facts["store" if name == "at" else "channel"] = value
        elif name == "born":
            month, day = value.split("-")
            facts["born"] = int(month) * 100 + int(day)
        elif clause == "referred":
            facts["referred"] = True
        elif value and "." in line.type and line.type not in ("order.completed", "order.changed"):
            plain = value.replace(",", "")
            fields[name] = {"yes": True, "no": False}.get(value, int(plain) if plain.isdigit() else value)
        else:
            raise UnclearError(line.text)
    return replace(line, fields=fields, **facts)  # type: ignore[arg-type]
