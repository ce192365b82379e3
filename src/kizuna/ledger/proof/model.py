"""What a proof is made of: parts that can be proven by themselves, what each of them found, and what that comes to.

Always true: every entry lies in exactly one part of the members and in one of the commits, whatever is wrong with it.
"""

from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from kizuna.core.days import day_number, day_start_ms

FAULTS_MAX = 100


class Side(StrEnum):
    """From which side a part looks at the ledger."""

    BOOKS = "books"
    MEMBERS = "members"
    BATCHES = "batches"


class Part(NamedTuple):
    """A part of the proof: some shards of the members, a stretch of commits, or the books of all commits (the chain and the outbox)."""

    side: Side
    first: int
    last: int


class Moment(NamedTuple):
    """The end of a day in the brand's time zone: the day's number, and the first millisecond after it."""

    day: int
    ends_ms: int

    @classmethod
    def of(cls, as_of: date, zone: ZoneInfo) -> "Moment":
        """Return the end of a day."""
        day = day_number(as_of)
        return cls(day, day_start_ms(day + 1, zone))


@dataclass(slots=True)
class Finding:
    """What a part found: figures to be added to those of the other parts, and the faults."""

    figures: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def add(self, **figures: int) -> None:
        """Add to the figures."""
        for name, value in figures.items():
            self.figures[name] = self.figures.get(name, 0) + value

    def fault(self, text: str) -> None:
        """Note one thing that does not agree."""
        if len(self.faults) < FAULTS_MAX:
            self.faults.append(text)


@dataclass(slots=True)
class Proof:
    """`issued` + `adjusted` = `redeemed` + `expired` + `outstanding` of the first unit, at the end of the day `as_of`.

    `ok` says that there are no `faults`. `expired` counts what lapsed by `as_of`, and `issued` what was released by then, whether or
    not anything has touched the account since. `issued` is net: without what changes of orders took back (`reversed`), with what of that
    was let go again (`forgiven`). `pending` points still wait; they are not issued yet. `held` is the part of `outstanding` that holds
    reserve; `adjusted` are corrections by hand, net. `resumed` says that some parts were proven earlier, each at a moment of its own.
    """

    as_of: str
    ok: bool = True
    issued: int = 0
    redeemed: int = 0
    expired: int = 0
    outstanding: int = 0
    pending: int = 0
    reversed: int = 0
    forgiven: int = 0
    adjusted: int = 0
    held: int = 0
    entries: int = 0
    accounts: int = 0
    batches: int = 0
    sealed: int = 0
    events: int = 0
    resumed: bool = False
    faults: list[str] = field(default_factory=list)

    def fault(self, text: str) -> None:
        """Note one thing that does not agree."""
        self.ok = False
        if len(self.faults) < FAULTS_MAX:
            self.faults.append(text)

    def take(self, finding: Finding) -> None:
        """Add what a part found."""
        for name, value in finding.figures.items():
            if name in _FIGURES:
                setattr(self, name, getattr(self, name) + value)
        for text in finding.faults:
            self.fault(text)

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


_FIGURES = frozenset(Proof.__slots__) - {"as_of", "ok", "outstanding", "resumed", "faults"}
