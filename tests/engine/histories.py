"""Generated histories: borders of the calendar, late events, long absences, changes of orders, a few giants."""

from dataclasses import replace
from random import Random
from typing import Any

from engine.documents import ACTIONS, CHANNELS, FIELDS, STORES, WORDS, Focus
from engine.reference import ACTION, CHANGE, NOTHING, ORDER, REDEMPTION, Basket, Decided, Happening, Line, World
from kizuna.program import AMOUNT_MAX, Program, SpendGoal


class History:
    """A history that grows. A reference world lives through it, so that redemptions can ask for what there is."""

    def __init__(
        self, random: Random, focus: Focus, documents: list[Program], keys: tuple[int, ...], start: int
    ) -> None:
        self.random, self.focus, self.day = random, focus, start
        self.documents, self.world = documents, World(documents, keys)
        self.members, self.version = len(keys), 0
        self.told: list[Happening] = []
        self.answers: list[Decided] = []
        self.kept: dict[int, Basket] = {}
        spoken = {rule.event for one in self.documents for rule in one.rules} - {"order.completed"}
        self.actions = [*sorted(spoken & set(ACTIONS)), *sorted(spoken & set(ACTIONS)), "order.delivered", *ACTIONS[:1]]
        multiplied = any(
            isinstance(rule.goal, SpendGoal) and rule.goal.repeats for one in documents for rule in one.rules
        )
        self.parcels = any(hasattr(unit.pending, "until") for one in documents for unit in one.units)
        self.giants = random.random() < 0.05 and not multiplied  # a giant reaches a small goal too often for 63 bits

    def likely(self, percent: float) -> bool:
        return self.random.random() * 100 < percent

    def some(self, *choices: Any) -> Any:
        return self.random.choice(choices)

    def go_on(self) -> None:
        """Let one more event happen."""
        random = self.random
        self.day += (
            random.choice((0, 0, 0, 1, 1, 2, 3, 7)) if self.likely(88) else random.choice((15, 31, 45, 92, 200, 366))
        )
        if self.likely(10):
            self.version = min(self.version + 1, len(self.documents) - 1)
        late = self.likely(self.focus.late)
        day = self.day - (random.choice((1, 1, 2, 5, 8, 31, 60, 95, 370)) if late else 0)
        version = random.randrange(len(self.documents)) if self.likely(12) else self.version
        common = {
            "number": len(self.told),
            "member": self.told[-1].member if self.told and self.likely(45) else random.randrange(self.members),
            "version": version,
            "day": day,
            "minute": random.choice((0, 539, 540, 720, 1439)),
            "channel": self.some(None, *CHANNELS),
            "store": self.some(None, *STORES),
            "born": self.some((2, 29), (1, 1), (12, 31), (7, 31)) if self.likely(10) else None,
            "referred": self.likely(12),
        }
        focus = self.focus
        kind = random.random() * (100 + focus.returns + focus.spending + focus.actions)
        if kind < focus.returns and self.kept:
            event = self.change(common)
        elif kind < focus.returns + focus.spending:
            event = self.redemption(common)
        elif kind < focus.returns + focus.spending + focus.actions:
            event = self.action(common)
        else:
            event = self.order(common)
        self.told.append(event)
        self.answers.append(self.world.decide(event))

    def order_number(self) -> int:
        number = len(self.told) + 1
        return self.some(0, number | 1 << 63) if self.likely(10) else number

    # What is bought

    def amount(self) -> int:
        if self.giants and self.likely(30):
            return self.some(AMOUNT_MAX - 1, AMOUNT_MAX)
        return self.some(0, 1, 10, 49, 50, 99, 100, 101, 150) if self.likely(60) else self.random.randint(0, 160)

    def part(self, amount: int) -> int:
        return self.random.randint(0, min(amount, 30)) if self.likely(40) else 0

    def line(self) -> Line:
        amount = self.some(0, 10, 20, 33, 50) if self.likely(70) else self.random.randint(0, 60)
        amount = AMOUNT_MAX - amount if self.giants and self.likely(15) else amount
        word = {
            what: self.random.choice(words) if self.likely(75) else None
            for what, words in WORDS.items()
            if what != "tag"
        }
        tags = tuple(self.random.sample(WORDS["tag"], self.some(0, 0, 1, 2)))
        quantity, tax, discount = self.some(1, 1, 2, 3), self.part(amount), self.part(40)
        return Line(amount, quantity, tax, discount, self.likely(12), **word, tags=tags)

    def basket(self) -> Basket:
        """An order; its amounts are mostly, not always, those of its lines."""
        lines = tuple(self.line() for _ in range(self.random.randint(1, 4))) if self.likely(60) else ()
        amount = min(AMOUNT_MAX, sum(line.amount for line in lines)) if lines and self.likely(85) else self.amount()
        return Basket(
            amount,
            sum(line.tax for line in lines) if lines else self.part(amount),
            self.part(40),
            self.some(0, 0, 5, 10),
            self.random.randint(0, min(amount + 5, 60)) if self.likely(25) else 0,
            lines,
        )

    def order(self, common: dict[str, Any]) -> Happening:
        event = Happening(what=ORDER, order=self.order_number(), basket=self.basket(), **common)
        self.kept[event.number] = event.basket
        return event

    # What happens to it

    def change(self, common: dict[str, Any]) -> Happening:
        """A return of a part or of all, an exchange, or a correction of an order, most often of a late one."""
        origin = self.random.choice([*self.kept, *list(self.kept)[-2:]])
        order, kept = self.told[origin], self.kept[origin]
        becomes = self.random.choice((NOTHING, self.less(kept), self.less(kept), self.other(kept), order.basket))
        self.kept[origin] = becomes
        about = {"member": order.member, "origin": origin, "order": order.order, "basket": becomes}
        return Happening(**common | {"what": CHANGE, "type": "order.returned"} | about)

    def less(self, kept: Basket) -> Basket:
        """A part is returned: one item, one line, or a part of the sum."""
        if not kept.exists:
            return NOTHING
        if not kept.lines:
            left = self.random.randint(0, kept.amount)
            return replace(kept, amount=left, tax=min(kept.tax, left)) if left else NOTHING
        lines = list(kept.lines)
        place = self.random.randrange(len(lines))
        line = lines.pop(place)
        if line.quantity > 1:
            left = line.quantity - 1
            parts = {part: getattr(line, part) * left // line.quantity for part in ("amount", "tax", "discount")}
            lines.insert(place, replace(line, quantity=left, **parts))
        amount = max(0, kept.amount - line.amount + (lines[place].amount if len(lines) == len(kept.lines) else 0))
        paid = min(kept.paid_with_points, amount)
        return replace(kept, amount=amount, lines=tuple(lines), paid_with_points=paid) if lines else NOTHING

    def other(self, kept: Basket) -> Basket:
        """Something else instead, often something dearer."""
        if kept.exists and self.likely(50):
            return replace(kept, amount=kept.amount + self.some(1, 10, 100))
        return self.basket()

    def action(self, common: dict[str, Any]) -> Happening:
        type_ = self.random.choice(self.actions)
        if self.parcels and self.likely(50):
            type_ = self.some("order.delivered", "order.return_window_closed")
        values = {"number": (0, 1, 2, 5), "text": ("good", "bad"), "flag": (True, False)}
        told = {
            name: self.random.choice(values[type_]) for name, type_ in FIELDS.get(type_, {}).items() if self.likely(75)
        }
        about: dict[str, Any] = {"what": ACTION, "type": type_, "fields": told, "items": self.some(1, 1, 2, 3)}
        if type_.startswith("order.") and self.kept:
            order = self.told[self.random.choice([*self.kept, *list(self.kept)[-2:]])]
            about |= {"order": order.order}
            if self.likely(90):
                about |= {"member": order.member}
        return Happening(**common | about)

    def redemption(self, common: dict[str, Any]) -> Happening:
        """Somebody wants to spend: all there is, just the first lot, or any sum. Who has nothing mostly buys something instead."""
        program, pocket = self.documents[common["version"]], self.world.members[common["member"]].pocket
        lots = {lot: left for lot, left in sorted(pocket.lots.items()) if lot[1] >= common["day"]}
        if not lots and self.likely(85):
            return self.order(common)
        units = [self.world.names.unit(unit.id) for unit in program.units if unit.kind != "status"]
        unit = self.random.choice([lot[0] for lot in lots] if lots and self.likely(85) else units)
        mine = [left for (of, _, only), left in lots.items() if of == unit and (not only or self.likely(30))] or [1]
        points = self.some(self.random.randint(1, 60), sum(mine), sum(mine), mine[0], max(1, sum(mine) - 1), 10)
        about = {"what": REDEMPTION, "type": "redemption.requested", "born": None, "referred": False}
        return Happening(**common | about | {"points": points, "unit": unit})
