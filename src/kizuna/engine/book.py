"""The lines of a batch: which of them have a word, and sums over the lines of each row, kept for whoever asks again."""

from collections.abc import Callable, Iterable

import numpy as np

from kizuna.engine.events import Bools, Coded, Events, Ints, Lines, Rows


class Book:
    """The lines of a batch, and what has been reckoned of them; `name` tells the plan apart from others."""

    def __init__(self, events: Events) -> None:
        self.events = events
        self.size = len(events.content.lines.amount)
        self._row_of_line: Rows | None = None
        self._known: dict[tuple[object, ...], Ints | Bools] = {}

    @property
    def row_of_line(self) -> Rows:
        """The row to which each line belongs."""
        if self._row_of_line is None:
            starts = self.events.content.starts
            self._row_of_line = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        return self._row_of_line

    def keep(self, key: tuple[object, ...], make: Callable[[], Ints | Bools]) -> Ints | Bools:
        """Return what `make` gives, made once."""
        if key not in self._known:
            self._known[key] = make()
        return self._known[key]

    def total(self, key: tuple[object, ...], make: Callable[[], Ints], rows: Rows) -> Ints:
        """Return the sums over the lines of `rows` of what `make` gives for every line."""

        def running() -> Ints:
            return np.concatenate([np.zeros(1, np.int64), np.cumsum(make(), dtype=np.int64)])

        before = self.keep((*key, "running"), running)
        starts = self.events.content.starts
        total: Ints = before[starts[rows + 1]] - before[starts[rows]]
        return total


def among(coded: Coded, wanted: Iterable[str]) -> Bools:
    """Tell which texts are among `wanted`."""
    known = set(wanted)
    table = np.array([*(word in known for word in coded.words), False], np.bool_)  # none is −1: the last
    found: Bools = table[coded.codes]
    return found


def line_has(lines: Lines, name: str, wanted: Iterable[str]) -> Bools:
    """Tell which lines have one of the words in their column `name` (sku, category, brand or tag)."""
    column: Coded = getattr(lines, name)
    found = among(column, wanted)
    if name != "tag":
        return found
    starts = lines.tag_starts
    before = np.concatenate([[0], np.cumsum(found)])
    any_of: Bools = before[starts[1:]] > before[starts[:-1]]
    return any_of
