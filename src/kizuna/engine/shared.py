"""Figures that members share: budgets, and limits of a store or of everybody. They only ever grow.

A figure is known by (slot, store, stretch); the store is empty where it is everybody's.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from kizuna.engine.events import Coded, Events, Ints, Rows
from kizuna.engine.periods import stretch_of
from kizuna.engine.plan import Plan

Key = tuple[int, str, int]


class Claim(NamedTuple):
    """What some events wanted of a shared figure that allows `most`, before the cut, and what they got in the end; one element each."""

    event: Rows
    slot: int
    store: Ints
    stretch: Ints
    most: Ints
    wanted: Ints
    given: Ints


class Beside(NamedTuple):
    """What others use up of one figure beside a batch: their events as places among its rows (rising), and the sums up to each."""

    before: Rows
    used: Ints


class Shared:
    """`used` by key; `changed` are the keys that deciding has written since.

    `beside` says what members outside the batch use up while it runs, for a history that is decided in shares. With `log`, what was
    claimed is kept there.
    """

    def __init__(
        self,
        used: dict[Key, int] | None = None,
        beside: dict[Key, Beside] | None = None,
        log: list[tuple[Claim, Sequence[str]]] | None = None,
    ) -> None:
        self.used: dict[Key, int] = {} if used is None else used
        self.changed: set[Key] = set()
        self.beside, self.log = beside, log

    def read(self, slot: int, store: Coded | None, stretch: Ints, at: Rows) -> Ints:
        """Return what is used up of one figure an event; `at` are the events' rows in the batch."""
        found = self._used(slot, store, stretch)
        if self.beside:
            codes = np.full(len(stretch), -1, np.int64) if store is None else store.codes.astype(np.int64)
            words = () if store is None else store.words
            found = found + self._beside(slot, words, codes, stretch, at)
        return found

    def _beside(self, slot: int, words: Sequence[str], codes: Ints, stretch: Ints, at: Rows) -> Ints:
        found = np.zeros(len(at), np.int64)
        pairs, place = np.unique(np.stack([codes, stretch]), axis=1, return_inverse=True)
        place = place.ravel()
        for number, (code, one) in enumerate(pairs.T.tolist()):
            others = (self.beside or {}).get((slot, words[code] if code >= 0 else "", one))
            if others is not None:
                on = np.flatnonzero(place == number)
                found[on] = np.concatenate([[0], others.used])[np.searchsorted(others.before, at[on], side="right")]
        return found

    def _used(self, slot: int, store: Coded | None, stretch: Ints) -> Ints:
        if store is None:
            if not len(stretch) or (stretch[0] == stretch[-1] and (stretch == stretch[0]).all()):
                used = self.used.get((slot, "", int(stretch[0])), 0) if len(stretch) else 0
                return np.full(len(stretch), used, np.int64)
            store = Coded.none(len(stretch))
        pairs, place = np.unique(np.stack([store.codes.astype(np.int64), stretch]), axis=1, return_inverse=True)
        found = [
            self.used.get((slot, store.words[code] if code >= 0 else "", one), 0) for code, one in pairs.T.tolist()
        ]
        return np.array(found, np.int64)[place.ravel()]

    def add(self, key: Key, amount: int) -> None:
        """Use up `amount`."""
        self.used[key] = self.used.get(key, 0) + amount
        self.changed.add(key)


def shared_keys(plans: Sequence[Plan], events: Events) -> list[Key]:
    """Return every shared figure that deciding `events` may read, in one fixed order."""
    keys: set[Key] = set()
    for number in np.unique(events.plan).tolist():
        plan = plans[number]
        if not plan.has_shared:
            continue
        mine = np.flatnonzero(events.plan == number)
        for rule in plan.rules:
            for counter in rule.counters:
                if counter.is_shared:
                    stretches = stretch_of(counter.within, events.day[mine]).tolist()
                    stores = [""] * len(mine)
                    if plan.reads[counter.read].by_store:
                        stores = [events.store.words[code] if code >= 0 else "" for code in events.store.codes[mine]]
                    keys.update(zip([counter.slot] * len(mine), stores, stretches, strict=True))
    return sorted(keys)
