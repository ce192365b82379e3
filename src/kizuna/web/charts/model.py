"""What a chart is made of, and the scale it is drawn on: integers in the unit of the data, zero always among them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from kizuna.web import words

COLOURS = 6
STEPS_MAX = 5
_STEPS_JA = ((10**12, "兆"), (10**8, "億"), (10**4, "万"))
_STEPS_EN = ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "k"))


@dataclass(frozen=True, slots=True)
class Series:
    """One measure over the chart's places, None where it is not known. `colour` is one of the six, from 1."""

    name: str
    values: Sequence[int | None]
    colour: int = 1
    mark: Literal["column", "line"] = "column"


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of places that something happened in, such as a campaign; both ends count."""

    name: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Chart:
    """Series over named places. `title` says the finding, `about` the measure, the period and the source.

    `labels` name each place in full, `short` on the axis. `open_at` is a place that is not over yet. `say` and `tick` write a
    value beside a name and on the axis; points and 万 or k unless given.
    """

    id: str
    title: str
    about: str
    place: str
    labels: Sequence[str]
    short: Sequence[str]
    series: Sequence[Series]
    stacked: bool = False
    open_at: int | None = None
    bands: Sequence[Band] = ()
    say: Callable[[int], str] | None = None
    tick: Callable[[int], str] | None = None

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to draw: no place, or nothing but nought and unknown."""
        return not any(value for one in self.series for value in one.values)

    @property
    def scale(self) -> "Scale":
        """Return the scale that holds every value, and every stack."""
        known = [value for one in self.series for value in one.values if value is not None]
        if self.stacked:
            columns = [one.values for one in self.series if one.mark == "column"]
            known += [sum(value or 0 for value in place) for place in zip(*columns, strict=True)]
        return scale(min(known, default=0), max(known, default=0))

    def said(self, value: int | None, lang: str) -> str:
        """Return a value as it is read beside its name."""
        if value is None:
            return "—"
        return self.say(value) if self.say else words.points(value, lang)

    def ticked(self, value: int, lang: str) -> str:
        """Return a value as it stands on the axis."""
        return self.tick(value) if self.tick else compact(value, lang)


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a whole, in a row of them, with a briefer name for less room. `tone` names its colour's class."""

    name: str
    value: int
    tone: str
    brief: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from `low` to `top` in whole steps; `low` is 0 unless a value is below."""

    low: int
    top: int
    step: int

    @property
    def ticks(self) -> Sequence[int]:
        """Return the values that the axis names, lowest first."""
        return range(self.low, self.top + 1, self.step)


def scale(least: int, most: int) -> Scale:
    """Return the narrowest axis of at most five steps of 1, 2 or 5 times a power of ten that holds zero and both ends."""
    low, top = min(0, least), max(0, most)
    power = 1
    while True:
        for leading in (1, 2, 5):
            step = leading * power
            steps_below, steps_above = -(low // step), -(-top // step)
            if steps_below + steps_above <= STEPS_MAX:
                return Scale(-steps_below * step, max(steps_above, 1 - steps_below) * step, step)
        power *= 10


def compact(n: int, lang: str) -> str:
    """Return a large integer briefly, with at most one decimal, cut and not rounded: 123456 → "12.3万", "123.4k"."""
    size, sign = abs(n), "−" if n < 0 else ""
    for unit, name in _STEPS_JA if lang == "ja" else _STEPS_EN:
        if size >= unit:
            whole, tenth = size // unit, size % unit * 10 // unit
            return f"{sign}{whole:,}.{tenth}{name}" if tenth and whole < 1000 else f"{sign}{whole:,}{name}"
    return f"{sign}{size:,}"


def percent(share: int, digits: int = 1) -> str:
    """Return ten-thousandths as per cent, rounded half up: 1234 → "12.3%"."""
    unit = 10 ** (2 - digits)
    size = (abs(share) + unit // 2) // unit
    whole, part = divmod(size, 10**digits)
    return f"{'−' if share < 0 and size else ''}{whole:,}{f'.{part:0{digits}}' if digits else ''}%"


def hundredths(n: int) -> str:
    """Return hundredths as a number for an attribute: 1250 → "12.5"."""
    sign, size = "-" if n < 0 else "", abs(n)
    whole, part = divmod(size, 100)
    return f"{sign}{whole}" + (f".{part:02d}".rstrip("0") if part else "")


def joined(parts: Sequence[Markup]) -> Markup:
    """Return drawings one after the other."""
    return Markup().join(parts)
