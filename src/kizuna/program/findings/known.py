"""A program with its names at hand, for the checks."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from kizuna.program.base import Text
from kizuna.program.conditions import Condition
from kizuna.program.events import OCCASIONS, ORDER_COMPLETED
from kizuna.program.facts import Fact, facts_of, member_facts
from kizuna.program.messages import Said, say
from kizuna.program.model import NamedSegment, Program
from kizuna.program.rules import Campaign, EarningRule
from kizuna.program.units import Unit

T = TypeVar("T")

REFERRAL_QUALIFIED = "referral.qualified"


@dataclass
class Known:
    """What a program names. Where two share an id the first one is meant; that they do is a fault of its own."""

    program: Program

    def __post_init__(self) -> None:
        self._facts: dict[str, dict[str, Fact]] = {}

    @cached_property
    def rules(self) -> list[tuple[str, EarningRule]]:
        """Every rule with its place: earning rules, then campaigns."""
        earning = [(f"earning_rules.{at}", rule) for at, rule in enumerate(self.program.earning_rules)]
        return [*earning, *((f"campaigns.{at}", rule) for at, rule in enumerate(self.program.campaigns))]

    @cached_property
    def campaigns(self) -> list[tuple[str, Campaign]]:
        """Every campaign with its place."""
        return [(place, rule) for place, rule in self.rules if isinstance(rule, Campaign)]

    @cached_property
    def rule_of(self) -> dict[str, EarningRule]:
        """Rules by id."""
        return {rule.id: rule for _, rule in reversed(self.rules)}

    @cached_property
    def units(self) -> dict[str, Unit]:
        """Units by id."""
        return {unit.id: unit for unit in reversed(self.program.units)}

    @cached_property
    def segments(self) -> dict[str, NamedSegment]:
        """Segments by id."""
        return {segment.id: segment for segment in reversed(self.program.segments)}

    @cached_property
    def events(self) -> dict[str, Text | None]:
        """Every type of event that may be spoken of, with the brand's own words for its own ones."""
        return dict.fromkeys(OCCASIONS) | {one.type: one.name for one in self.program.event_types}

    def facts(self, event: str) -> dict[str, Fact]:
        """Return the facts of an event of this type; "" for those of the member alone."""
        if event not in self._facts:
            self._facts[event] = facts_of(self.program, event) if event else member_facts(self.program)
        return self._facts[event]

    def event_name(self, event: str) -> Said:
        """Return an event as a person calls it."""
        return self.events.get(event) or (say(OCCASIONS[event].title) if event in OCCASIONS else event)

    def conditions(self) -> Iterator[tuple[str, str, Condition]]:
        """Yield every condition with its place and its event; "" where it may speak of the member alone."""
        for at, segment in enumerate(self.program.segments):
            yield f"segments.{at}.condition", "", segment.condition
        for place, rule in self.rules:
            if rule.condition is not None:
                yield f"{place}.condition", rule.event, rule.condition
        for place, campaign in self.campaigns:
            if campaign.audience is not None:
                yield f"{place}.audience", "", campaign.audience
        referral = self.program.referral
        if referral is not None and referral.condition is not None:
            yield "referral.condition", referral.event, referral.condition


def is_order(event: str) -> bool:
    """Whether events of this type have an amount and goods."""
    return event == ORDER_COMPLETED
