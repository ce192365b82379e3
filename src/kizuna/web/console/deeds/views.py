"""What the screens of deeds show, as plain data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from kizuna.core.errors import Problem
from kizuna.web.entered import Entered
from kizuna.web.views import MemberView, UnitView

OPEN, CLOSED, MERGED = "open", "closed", "merged"


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody as a sentence names them."""

    id: str
    name: str | None


@dataclass(frozen=True, slots=True)
class HoldView:
    """Points that are reserved now."""

    id: str
    points: int
    unit: UnitView
    reference: str | None
    placed_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class WaitingView:
    """A correction of this member that waits for a second person."""

    points: int
    unit: UnitView
    asked_by: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class MergedHere:
    """Somebody who went into this member; `merge` is what undoing names."""

    merge: str
    who: Named
    at: datetime


@dataclass(frozen=True, slots=True)
class Deeds:
    """What stands around a member's deeds. `state`: "open" | "closed" | "merged"; of a merged one, into whom and by which merge."""

    state: str = OPEN
    into: Named | None = None
    merge: str | None = None
    holds: Sequence[HoldView] = ()
    waiting: Sequence[WaitingView] = ()
    merged_here: Sequence[MergedHere] = ()


@dataclass(frozen=True, slots=True)
class After:
    """What a deed would do. `balance` is the unit's then; `waits` says that a second person has to look first."""

    points: int
    before: int
    balance: int
    unit: UnitView
    expires_on: date | None = None
    waits: bool = False
    owes: int = 0


@dataclass(frozen=True, slots=True)
class Form:
    """A deed's form: what was typed, what it would do once that is known, what was refused. `token` makes sending it twice harmless."""

    entered: Entered
    token: str
    after: After | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """One of two members who may be one person."""

    member: MemberView
    orders: int
    spend: int
    holds: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two members side by side, and what is added up."""

    kept: Side
    gone: Side

    @property
    def balance(self) -> int:
        """The balance of both."""
        return self.kept.member.balance + self.gone.member.balance

    @property
    def pending(self) -> int:
        """What waits for both."""
        return self.kept.member.pending + self.gone.member.pending

    @property
    def orders(self) -> int:
        """The orders of both."""
        return self.kept.orders + self.gone.orders

    @property
    def spend(self) -> int:
        """What both spent."""
        return self.kept.spend + self.gone.spend
