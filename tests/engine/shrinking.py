"""Making a failing story small: whatever is not needed for the failure is taken away."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from engine.generated import Story
from engine.reference import Basket, Happening
from kizuna.program import ProgramInvalid, from_data


def smallest(tale: Story, fails: Callable[[Story], bool]) -> Story:
    """Take away events, and parts of the documents, as long as the story still fails."""
    tale, smaller = replace(tale, lived=None), True
    while smaller:
        smaller = False
        for less in _smaller(tale):
            if _valid(less) and fails(less):
                tale, smaller = less, True
                break
    return tale


def _valid(tale: Story) -> bool:
    try:
        return all(from_data(raw) for raw in tale.raws)
    except ProgramInvalid:
        return False


def _smaller(tale: Story) -> Iterator[Story]:
    for size in (8, 4, 2, 1):
        for start in range(0, len(tale.history), size):
            gone = {event.number for event in tale.history[start : start + size]}
            left = [one for one in tale.history if one.number not in gone and one.origin not in gone]
            if 0 < len(left) < len(tale.history):
                yield replace(tale, history=tuple(left))
    used = {event.version for event in tale.history}
    if len(used) < len(tale.raws):
        history = tuple(replace(event, version=sorted(used).index(event.version)) for event in tale.history)
        yield replace(tale, raws=tuple(tale.raws[number] for number in sorted(used)), history=history)
    for number, raw in enumerate(tale.raws):
        if number in used:
            for less in _without_a_part(raw):
                yield replace(tale, raws=(*tale.raws[:number], less, *tale.raws[number + 1 :]))
    for place, event in enumerate(tale.history):
        for plainer in _plainer(event):
            yield replace(tale, history=(*tale.history[:place], plainer, *tale.history[place + 1 :]))


def _without_a_part(raw: Any) -> Iterator[Any]:
    """The same data with one key or element less, at any depth."""
    if isinstance(raw, dict):
        for key, value in raw.items():
            yield {other: known for other, known in raw.items() if other != key}
            for less in _without_a_part(value):
                yield raw | {key: less}
    elif isinstance(raw, list):
        for place, value in enumerate(raw):
            yield raw[:place] + raw[place + 1 :]
            for less in _without_a_part(value):
                yield [*raw[:place], less, *raw[place + 1 :]]


def _plainer(event: Happening) -> Iterator[Happening]:
    plain = Happening(0, 0, 0, "", 0)
    for part in ("channel", "store", "born", "referred", "fields", "minute", "items", "version"):
        if getattr(event, part) != getattr(plain, part):
            yield replace(event, **{part: getattr(plain, part)})
    basket = event.basket
    for part in ("tax", "discount", "shipping", "paid_with_points", "lines"):
        if getattr(basket, part):
            yield replace(event, basket=replace(basket, **{part: getattr(Basket(), part)}))
    for place in range(len(basket.lines)):
        yield replace(event, basket=replace(basket, lines=basket.lines[:place] + basket.lines[place + 1 :]))
