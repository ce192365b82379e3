"""Generated programs and histories. A story is grown from one seed, so that it is made fast; `shrinking` makes it small."""

import os
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from random import Random
from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st

from engine.documents import Brand, Focus, Raw, text
from engine.histories import History
from engine.reference import Decided, Happening, World
from kizuna.core.days import day_number
from kizuna.program import Program, from_data, from_published

STORIES = int(os.environ.get("KIZUNA_FUZZ", "5250"))
"""How many stories the engine and the reference are compared on, over all focuses."""

BORDERS = [
    day_number(date(*day))
    for day in ((2024, 1, 1), (2024, 2, 29), (2024, 12, 30), (2025, 4, 1), (2025, 7, 31), (2026, 1, 1))
]
FOCUSES = {
    "everything": Focus(),
    "amounts": Focus(goods=60, conditions=45, returns=5, pending=5, tiers=25),
    "goals": Focus(goals=80, late=20, returns=20, conditions=15),
    "pockets": Focus(pending=65, spending=40, returns=20, goals=5, conditions=10),
    "returns": Focus(returns=50, spending=35, goals=30, pending=40, conditions=15, late=5),
    "corrections": Focus(returns=60, goals=75, tiers=100, conditions=8, goods=10, pending=10, late=5),
    "shared": Focus(shared=80, together=60, returns=15, conditions=10),
    "tiers": Focus(tiers=100, late=25, returns=25, goals=10, conditions=20),
}


def many(examples: int) -> settings:
    """So many examples. A failing one is made small by `shrinking`, which knows what a story is made of."""
    return settings(max_examples=max(1, examples), deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])


@dataclass(frozen=True)
class Story:
    """Documents as data, the members' keys, what happened, in the order of arrival, and which events begin a new batch."""

    raws: tuple[Raw, ...]
    keys: tuple[int, ...]
    history: tuple[Happening, ...]
    cuts: frozenset[int] = frozenset()
    lived: tuple[World, tuple[Decided, ...]] | None = field(default=None, compare=False)
    """The reference after this history, and what it answered, where the story was told to it while it grew."""

    @cached_property
    def documents(self) -> list[Program]:
        return self.lived[0].documents if self.lived else [from_published(raw) for raw in self.raws]

    @property
    def batches(self) -> list[list[Happening]]:
        batches: list[list[Happening]] = [[]]
        for event in self.history:
            if event.number in self.cuts and batches[-1]:
                batches.append([])
            batches[-1].append(event)
        return batches

    def told(self) -> tuple[World, tuple[Decided, ...]]:
        """The reference after this history, and what it answered."""
        if self.lived is not None:
            return self.lived
        world = World(self.documents, self.keys)
        return world, tuple(world.decide(event) for event in self.history)


def story(seed: int, focus: str = "everything", *, events_max: int = 30) -> Story:
    """Grow a story of one to three versions and up to five members."""
    random = Random(seed)
    start = random.choice(BORDERS) + random.randint(-3, 2)
    brand = Brand(random, FOCUSES[focus], start)
    raws = tuple(brand.version() for _ in range(random.choice((1, 1, 2, 3))))
    keys = tuple(random.getrandbits(64) for _ in range(random.choice((1, 1, 2, 3, 5))))
    history = History(random, FOCUSES[focus], [from_published(raw) for raw in raws], keys, start)
    for _ in range(random.randint(min(4, events_max), random.choice((events_max, events_max // 2 + 1)))):
        history.go_on()
    often = random.choice((0, 0, 0, 0.1, 0.2, 0.5))
    cuts = frozenset(event.number for event in history.told if random.random() < often)
    return Story(raws, keys, tuple(history.told), cuts, (history.world, tuple(history.answers)))


def crowd(tale: Story, size: int) -> Story:
    """The same story lived by `size` members for each of its members, event by event."""

    def by(event: Happening, place: int) -> Happening:
        return replace(
            event,
            number=event.number * size + place,
            member=event.member * size + place,
            order=(event.order * size + place) % 2**63 if event.order else 0,
            origin=event.origin * size + place if event.origin >= 0 else -1,
        )

    keys = tuple((key + place) % 2**64 for key in tale.keys for place in range(size))
    return Story(tale.raws, keys, tuple(by(event, place) for event in tale.history for place in range(size)))


seeds = st.integers(0, 2**60)
programs = seeds.map(lambda seed: from_data(Brand(Random(seed), Focus(), BORDERS[3]).version()))


def document(
    *,
    awards: list[dict[str, Any]] | None = None,
    expiry: Any = "never",
    levels: list[int] | None = None,
    window: str = "calendar_year",
    held: str = "next_window",
    redemption: dict[str, int] | None = None,
    unknown_member: str = "create",
    **parts: Any,
) -> dict[str, Any]:
    """A whole document; every part has a plain default (1 point per 100, never expiring, one tier)."""
    return {
        "program": 1,
        "name": text("試し"),
        "unknown_member": unknown_member,
        "units": [{"id": "points", "name": text("ポイント"), "expiry": expiry}],
        "tiers": {
            "by": "spend",
            "window": window,
            "held": held,
            "levels": [{"id": f"level-{at}", "name": text(f"{at}から"), "at": at} for at in levels or [0]],
        },
        "earning_rules": [
            {
                "id": f"rule-{number}",
                "name": text("買い物"),
                "event": "order.completed",
                "unit": "points",
                "award": award,
            }
            for number, award in enumerate([{"points": 1, "per": 100}] if awards is None else awards)
        ],
        "redemption": redemption or {"minimum": 1, "step": 1},
        **parts,
    }


def program(**parts: Any) -> Program:
    return from_data(document(**parts))
