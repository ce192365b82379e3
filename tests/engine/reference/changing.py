"""Changes of orders (9): an order is decided again on what is kept of it, and the difference is what happens."""

from dataclasses import dataclass

from engine.reference import tiers
from engine.reference.deciding import Decision, SharedKey, decide, terms
from engine.reference.facts import Facts
from engine.reference.memory import Count
from engine.reference.words import Basket, Decided, Happening, Movement
from kizuna.core.days import DAY_NEVER
from kizuna.program import OnReturn, Program, TierOnReturn


@dataclass
class Order:
    """An order as it was decided: its frozen facts, what was shared out before it, and what is kept of it now."""

    facts: Facts
    shared: dict[SharedKey, int]
    kept: Basket


class Change:
    """A change of an order, decided by `program`, of what the plan of the order made of it."""

    def __init__(self, world, program: Program, member, event: Happening, told: Decided) -> None:
        self.world, self.program, self.member, self.event, self.told = world, program, member, event, told
        self.order = member.orders[event.origin]
        self.facts, self.memory, self.pocket = self.order.facts, member.memory, member.pocket
        self.rules = self.facts.program.rules
        self.before, self.now = self.decided(self.order.kept), self.decided(event.basket)
        self.stays = {
            number
            for number, rule in enumerate(self.rules)
            if rule.goal is not None and rule.on_return is OnReturn.KEEP
        }

    def decided(self, basket: Basket) -> Decision:
        """What the order would have been with this basket."""
        then = self.facts
        return decide(Facts(then.program, then.event, basket, then.memory, then.key), self.order.shared)

    def make(self) -> None:
        self.move()
        before, now = self.counts(self.before), self.counts(self.now)
        for one in now:
            self.memory.count(_less(one, before))
        for one in before:
            if not any(_same(one, other) for other in now):
                self.memory.count(one._replace(amount=-one.amount))
        self.share()
        self.reset()
        self.stand(before, now)
        self.order.kept = self.event.basket

    def move(self) -> None:
        """Give what is more, then take back what is less, rule by rule."""
        by_rule = {
            number: _points(self.now, number) - _points(self.before, number)
            for number in sorted({*self.before.awards, *self.now.awards} - self.stays)
        }
        for number, more in by_rule.items():
            if more > 0:
                self.world.give(self.member, self.facts, number, more, self.event.day, self.now, self.told)
        for number, more in by_rule.items():
            if more < 0:
                self.take_back(number, -more)

    def take_back(self, number: int, points: int) -> None:
        """Take points back: from what waits, then from their lot, and then as the program says."""
        pocket, told, facts = self.pocket, self.told, self.facts
        unit, restriction = self.world.place(facts, number)
        last, release, cause = terms(facts, number, facts.event.day)
        award = self.now.awards.get(number)
        reckoned = (award.basis, award.raw, award.cut) if award and award.is_told else (0, 0, "none")
        about = (facts.event.version, number, *reckoned)
        waits = pocket.cancel((release, cause, unit, restriction, last), points)
        if waits:
            told.moves.append(Movement("cancel", unit, restriction, -waits, last, release, cause, *about))
        points -= waits
        if not points:
            return
        told.moves.append(Movement("reverse", unit, restriction, -points, last, -1, 0, *about))
        book = pocket.books[unit]
        book["reversed"] += points
        is_over, spent = -1 < last < self.event.day, self.program.returns.spent
        lots = [(unit, last, restriction)]
        if last == -1:
            lots = [lot for lot in sorted(pocket.lots) if lot[0] == unit and lot[2] == restriction]
        missing = points - pocket.take(lots, points, told)
        if not is_over and spent == "other_points":
            missing -= pocket.take([lot for lot in sorted(pocket.lots) if lot[0] == unit], missing, told)
        if not missing:
            return
        if not is_over and spent in ("debt", "other_points"):
            book["debt"] += missing
            return
        asked = not is_over and spent == "ask_for_payment"
        told.collect += missing if asked else 0
        kind = "collect" if asked else "forgive"
        told.moves.append(Movement(kind, unit, 0, missing, DAY_NEVER, -1, 0, *about))
        book["forgiven"] += missing

    def counts(self, decision: Decision) -> list[Count]:
        """What a decision counts, without what stays counted."""
        return [one for one in decision.counts if one.rule not in self.stays]

    def share(self) -> None:
        """What is given more is shared out, too; what is taken back is not shared out again."""
        staying = {self.rules[number].id for number in self.stays}
        for key in {*self.before.shared, *self.now.shared}:
            (_, rule, *_), _, _ = key
            more = self.now.shared.get(key, 0) - self.before.shared.get(key, 0)
            if more > 0 and rule not in staying:
                self.world.shared[key] = self.world.shared.get(key, 0) + more

    def reset(self) -> None:
        """Set what is not additive to what the kept part makes of it, where it still is what the order had made of it."""
        for name in ("streaks", "things"):
            then, known = getattr(self.facts.memory, name), getattr(self.memory, name)
            was, becomes = getattr(self.before, name), getattr(self.now, name)
            for slot in {*was, *becomes}:
                rule, _ = was.get(slot) or becomes[slot]
                old, new = (told[slot][1] if slot in told else then.get(slot) for told in (was, becomes))
                if rule not in self.stays and known.get(slot) == old != new:
                    known[slot] = new
                    if new is None:
                        del known[slot]
        if self.memory.last_order == self.before.last_order:
            self.memory.last_order = self.now.last_order

    def stand(self, before: list[Count], now: list[Count]) -> None:
        """Take rungs back that the order had reached."""
        staying = [one for one in self.before.counts if one.rule in self.stays]
        was = self.standings(self.order.kept, [*before, *staying])
        becomes = self.standings(self.event.basket, [*now, *staying])
        for track, one in tiers.tracks(self.facts.program).items():
            if one.on_return is TierOnReturn.TAKE_BACK and self.memory.standings.get(track) == was[track]:
                self.memory.standings[track] = becomes[track]

    def standings(self, basket: Basket, counts: list[Count]):
        """The standings that a basket makes of those before the order."""
        memory, then = self.facts.memory.copy(), self.facts
        if basket.exists:
            for one in counts:
                memory.count(one)
            for track, one in tiers.tracks(then.program).items():
                tiers.rise(memory, track, one, then.event.day)
        return memory.standings


def _points(decision: Decision, number: int) -> int:
    return decision.awards[number].points if number in decision.awards else 0


def _same(one: Count, other: Count) -> bool:
    return one._replace(amount=0) == other._replace(amount=0)


def _less(one: Count, before: list[Count]) -> Count:
    return one._replace(amount=one.amount - sum(other.amount for other in before if _same(one, other)))
