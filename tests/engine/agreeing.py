"""Holding the engine against the reference: one story, told to both."""

import traceback
from dataclasses import asdict, replace
from itertools import zip_longest
from pprint import pformat

import pytest
import yaml

from engine.generated import Story
from engine.reference import Decided, Happening
from engine.rows import Rows
from engine.shrinking import smallest


def agree(tale: Story) -> None:
    """Fail with the smallest story on which the engine and the reference differ, if they differ on this one."""
    if difference(tale) is not None:
        least = smallest(tale, lambda less: difference(less) is not None)
        documents = "\n---\n".join(yaml.safe_dump(raw, allow_unicode=True, sort_keys=False) for raw in least.raws)
        happened = "\n".join(short(event) for event in least.history)
        pytest.fail(f"{difference(least)}\n\n{documents}\n{happened}\nkeys {least.keys}, cuts {sorted(least.cuts)}")


def short(event: Happening) -> str:
    """An event, without what is as usual."""
    usual = Happening(0, 0, 0, "", 0)
    return ", ".join(f"{name}={value}" for name, value in vars(event).items() if value != getattr(usual, name))


def difference(tale: Story) -> str | None:
    """Tell where the engine and the reference differ; None where they agree on everything."""
    try:
        world, expected = tale.told()
    except Exception:  # noqa: BLE001 - a story that was made small may have become nonsense
        return None
    try:
        rows = Rows(tale.documents, tale.keys)
        answers = [answer for batch in tale.batches for answer in rows.decide(batch)]
        for event, mine, theirs in zip(tale.history, expected, answers, strict=True):
            if mine != theirs:
                return f"event {event.number}: {_parts(mine, theirs)}"
        for member in rows.memory:
            pocket = world.members[member].pocket
            kept = (pocket.lots, pocket.waiting, pocket.books)
            if kept != rows.pocket(member):
                return f"member {member} keeps\n{pformat(kept)}\nin the reference, in the engine\n{pformat(rows.pocket(member))}"
    except Exception:  # noqa: BLE001 - whatever goes wrong in the engine is a difference
        return traceback.format_exc()
    return None


def _parts(mine: Decided, theirs: Decided) -> str:
    """The parts of two answers that differ."""
    one, other = asdict(mine), asdict(theirs)
    lines = []
    for name, value in one.items():
        if value == other[name]:
            continue
        if isinstance(value, list):
            for expected, told in zip_longest(value, other[name]):
                if expected != told:
                    lines.append(f"{name}:\n  reference {expected}\n  engine    {told}")
        else:
            lines.append(f"{name}: reference {value}, engine {other[name]}")
    return "\n".join(lines)


def in_batches(tale: Story, size: int) -> Story:
    """The same story in batches of `size`."""
    return replace(tale, cuts=frozenset(event.number for place, event in enumerate(tale.history) if place % size == 0))
