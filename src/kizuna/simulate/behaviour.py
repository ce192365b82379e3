"""Who redeems when: the one thing that a history of purchases cannot tell, as an assumption that stands on every result.

Always true: a behaviour is pure. It says how many points a member asks for just before a purchase, from the points that are there and
the number of the purchase alone, so that the same back-test always gives the same result, however its members are divided.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from kizuna.core.errors import N_, Kind, Problem
from kizuna.engine import Wish

Ints = NDArray[np.int64]
MILLION = 1_000_000
POINTS_MAX = 10**12
"""More than anybody has, and few enough for a whole number of 64 bits."""
_NAMES = "never, multiples:500, threshold:1000, threshold:1000:500"


class BehaviourUnknown(Problem):
    """A redemption behaviour cannot be read."""

    code = "behaviour_unknown"
    kind = Kind.INVALID
    title = N_("“{value}” is not a redemption behaviour.")
    remedy = N_("Write one of these: {names}. The numbers are points.")


@dataclass(frozen=True, slots=True)
class Behaviour:
    """An assumption about redemptions; this one: nobody redeems."""

    kind: ClassVar[str] = "never"

    @property
    def redeems(self) -> bool:
        """Tell whether anybody redeems."""
        return self.kind != "never"

    @property
    def is_drawn(self) -> bool:
        """Tell whether chance has a part in it, so that several draws give a band."""
        return False

    def wish(self, _purchase: Ints, _draw: int) -> Wish | None:
        """Return what is asked for before purchases by their numbers in the history (by row), in one of several draws."""
        return None

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        told = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
        return {"kind": self.kind, **told}


@dataclass(frozen=True, slots=True)
class Multiples(Behaviour):
    """Before every purchase a member redeems as many whole `step`s as there are."""

    kind: ClassVar[str] = "multiples"
    step: int = 500

    def wish(self, _purchase: Ints, _draw: int) -> Wish:
        """Return what is asked for."""
        return lambda _rows, there: there // self.step * self.step


@dataclass(frozen=True, slots=True)
class Threshold(Behaviour):
    """Once `at` points are there, a member redeems all of them, in whole `step`s."""

    kind: ClassVar[str] = "threshold"
    at: int = 1000
    step: int = 1

    def wish(self, _purchase: Ints, _draw: int) -> Wish:
        """Return what is asked for."""
        return lambda _rows, there: np.where(there >= self.at, there // self.step * self.step, 0)


@dataclass(frozen=True, slots=True)
class Hazard(Behaviour):
    """Before a purchase a member redeems by a chance that depends on the points there: from `edges[i]` on `chances[i]` in a million.

    Who redeems, redeems `shares[i]` in a million of what is there (without any: all), in whole `step`s. `seen` is how many purchases
    each band was fitted on.
    """

    kind: ClassVar[str] = "hazard"
    edges: tuple[int, ...] = (1,)
    chances: tuple[int, ...] = (0,)
    shares: tuple[int, ...] = ()
    step: int = 1
    seen: tuple[int, ...] = ()

    @property
    def is_drawn(self) -> bool:
        """Chance has a part in it."""
        return True

    def wish(self, purchase: Ints, draw: int) -> Wish:
        """Return what is asked for."""
        parts = self.shares or (MILLION,) * len(self.edges)
        edges, chances, shares = (np.array(column, np.int64) for column in (self.edges, self.chances, parts))
        luck = uniform(purchase, draw)

        def asked(rows: NDArray[np.intp], there: Ints) -> Ints:
            band = np.searchsorted(edges, there, side="right") - 1
            some = np.maximum(band, 0)
            wanted = (there * shares[some] // MILLION) // self.step * self.step
            wanted = np.maximum(wanted, np.where(there >= self.step, self.step, 0))
            found: Ints = np.where((band >= 0) & (luck[rows] < chances[some]), wanted, 0)
            return found

        return asked


NEVER = Behaviour()
_KINDS: dict[str, type[Behaviour]] = {one.kind: one for one in (Behaviour, Multiples, Threshold, Hazard)}


def behaviour_of(told: dict[str, Any]) -> Behaviour:
    """Return the behaviour that `Behaviour.as_json` gave."""
    kind = _KINDS[told["kind"]]
    return kind(**{name: tuple(one) if isinstance(one, list) else one for name, one in told.items() if name != "kind"})


def parse_behaviour(text: str) -> Behaviour:
    """Read a behaviour as people write it: `never`, `multiples:500`, `threshold:1000`, `threshold:1000:500`. Raises `BehaviourUnknown`."""
    kind, *numbers = text.strip().lower().split(":")
    try:
        values = [int(number.replace(",", "").replace("_", "")) for number in numbers]
    except ValueError:
        values = [0]
    if max(values, default=0) > POINTS_MAX:
        values = [0]
    match (kind, values):
        case ("never", []):
            return NEVER
        case ("multiples", [step]) if step > 0:
            return Multiples(step)
        case ("threshold", [at]) if at > 0:
            return Threshold(at)
        case ("threshold", [at, step]) if 0 < step <= at:
            return Threshold(at, step)
    raise BehaviourUnknown(field="redeem", value=text, names=_NAMES)


def uniform(number: Ints, draw: int) -> Ints:
    """Return a number in 0..999,999 for each of `number`, the same always (splitmix64, Steele and others 2014)."""
    with np.errstate(over="ignore"):
        mixed = number.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15) * np.uint64(2 * draw + 1)
        for shift, times in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(times)
        mixed ^= mixed >> np.uint64(31)
        return ((mixed >> np.uint64(11)) % np.uint64(MILLION)).astype(np.int64)


def fitted(there: Ints, redeemed: Ints, step: int, bands: int = 6) -> Hazard:
    """Fit a hazard on a brand's own purchases: the points `there` before each, and how many were `redeemed` then (0 for none).

    Bands hold about as many of the purchases each; a chance is the share of them at which members redeemed.
    """
    on = there >= max(1, step)
    there, redeemed = there[on], redeemed[on]
    if not len(there):
        return Hazard(step=step, seen=(0,))
    edges = np.unique(np.quantile(there, np.linspace(0, 1, bands + 1)[:-1]).astype(np.int64))
    band = np.searchsorted(edges, there, side="right") - 1
    seen = np.bincount(band, minlength=len(edges))
    did = redeemed > 0
    times = np.bincount(band[did], minlength=len(edges))
    asked, had = (_summed(band[did], column[did], len(edges)) for column in (redeemed, there))
    return Hazard(
        _told(edges), _told(times * MILLION // np.maximum(1, seen)), _told(asked * MILLION // np.maximum(1, had)), step, _told(seen)
    )  # fmt: skip


def _summed(place: NDArray[np.intp], values: Ints, size: int) -> Ints:
    sums = np.zeros(size, np.int64)
    np.add.at(sums, place, values)
    return sums


def _told(numbers: Sequence[int] | Ints) -> tuple[int, ...]:
    return tuple(int(number) for number in numbers)
