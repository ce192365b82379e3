"""The reference evaluator: what a program means, said slowly. One event at a time, exact fractions, no columns.

Written from the page “What a program means”, not from the engine, so that a mistake in one shows in the other. The numbers in
brackets are the page's. A `World` holds all members and what is shared among them; versions are the documents' places.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from engine.reference import tiers
from engine.reference.changing import Change, Order
from engine.reference.deciding import Decision, SharedKey, apply, decide, order_of_terms, terms
from engine.reference.facts import Facts
from engine.reference.memory import Memory
from engine.reference.pocket import Names, Pocket
from engine.reference.words import ACTION, CHANGE, ORDER, REDEMPTION, Decided, Happening, Movement
from kizuna.program import Program


@dataclass
class Member:
    pocket: Pocket
    key: int = 0
    memory: Memory = field(default_factory=Memory)
    orders: dict[int, Order] = field(default_factory=dict)


class World:
    """All members under all versions of a program. `keys` are the members' numbers for the draw of held-out members."""

    def __init__(self, documents: list[Program], keys: tuple[int, ...] = ()) -> None:
        self.documents, self.names = documents, Names.of(documents)
        self.members: dict[int, Member] = defaultdict(lambda: Member(Pocket(self.names)))
        self.shared: dict[SharedKey, int] = {}
        for number, key in enumerate(keys):
            self.members[number].key = key

    def decide(self, event: Happening) -> Decided:
        """Decide an event; everything that it changes is changed."""
        program, member, told = self.documents[event.version], self.members[event.member], Decided()
        memory, pocket = member.memory, member.pocket
        memory.seen = max(memory.seen, event.day)
        pocket.touch(program, event.day, memory.last_order, told)
        tiers.touch(memory, program, event.day)
        told.level_before = tiers.standing(memory, "", program.tiers)[0]
        if event.what == REDEMPTION:
            pocket.redeem(program, event, told)
        if told.refusal == "none":
            _note(memory, event)
            if event.what in (ORDER, ACTION):
                self.earn(program, member, event, told)
            elif event.what == CHANGE:
                Change(self, program, member, event, told).make()
            for track, one in tiers.tracks(program).items():
                tiers.rise(memory, track, one, event.day)
        units = range(len(self.names.units))
        told.balances = tuple(pocket.balance(unit) for unit in units)
        told.pending = tuple(pocket.pending(unit) for unit in units)
        told.level = (tiers.standing(memory, "", program.tiers) or (0, 0))[0]
        told.figure = tiers.figure(memory, "", program.tiers, event.day)
        told.stage = tiers.stage(memory, program)
        return told

    def earn(self, program: Program, member: Member, event: Happening, told: Decided) -> None:
        """An order or an action earns (4 to 8)."""
        basket = event.basket if event.what == ORDER else None
        facts = Facts(program, event, basket, member.memory.copy(), member.key)
        if event.what == ORDER:
            member.orders[event.number] = Order(facts, dict(self.shared), event.basket)
        else:
            member.pocket.delivered(program, event, told)
        decision = decide(facts, self.shared)
        places = order_of_terms(program)
        for number in sorted(decision.awards, key=lambda number: places[number]):
            if decision.awards[number].is_told:
                self.give(member, facts, number, decision.awards[number].points, event.day, decision, told)
        apply(member.memory, decision)
        for key, amount in decision.shared.items():
            self.shared[key] = self.shared.get(key, 0) + amount
        offer, memory = program.referral, member.memory
        if offer and memory.referred and not memory.qualified and event.type == offer.event:
            soon = event.day - memory.joined < offer.within_days
            told.qualified = memory.qualified = soon and facts.true(offer.condition)

    def give(
        self, member: Member, facts: Facts, number: int, points: int, today: int, decision: Decision, told: Decided
    ) -> None:
        """Give a rule's points: at once, or to wait. Nothing is told, too, because it explains itself."""
        award, unit, restriction = decision.awards[number], *self.place(facts, number)
        last, release, cause = terms(facts, number, today)
        waits = release != -1 and points > 0
        about = (facts.event.version, number, award.basis, award.raw, award.cut)
        if waits:
            told.moves.append(Movement("pend", unit, restriction, points, last, release, cause, *about))
            member.pocket.wait((release, cause, unit, restriction, last), points)
        else:
            told.moves.append(Movement("earn", unit, restriction, points, last, -1, 0, *about))
            if points:
                member.pocket.put((unit, last, restriction), points)

    def place(self, facts: Facts, number: int) -> tuple[int, int]:
        """The unit and the restriction of what a rule gives."""
        rule = facts.program.rules[number]
        return self.names.unit(rule.unit), self.names.restriction(rule.lot.only_for)


def _note(memory: Memory, event: Happening) -> None:
    if memory.joined is None:
        memory.joined = event.day
    memory.born = event.born or memory.born
    memory.referred = memory.referred or event.referred
