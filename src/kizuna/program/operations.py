"""What people and shops may do with points beside earning and redeeming: holds, transfers, gifts to a cause, pools, corrections."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from kizuna.program.base import Id, Strict, Text

RESERVED_REASONS = frozenset({"account_closed", "opening_balance", "import_undone", "merge", "gift_card"})
"""Ids of reasons that the ledger's own operations write; no program's reason has one of them."""

_Points = Annotated[int, Field(ge=1, le=1_000_000_000)]


class Holds(Strict):
    """How long points stay reserved for a checkout: `minutes` unless the checkout asks for less or more, at most `minutes_max`."""

    minutes: Annotated[int, Field(ge=1, le=43_200)] = 30
    minutes_max: Annotated[int, Field(ge=1, le=43_200)] = 10_080


class Between(StrEnum):
    """Between whom points may be transferred: anybody, or people of one pool only."""

    ANYBODY = "anybody"
    POOL = "pool"


class Transfers(Strict):
    """Points may be given to another member: at least `minimum` and at most `maximum` at a time."""

    minimum: _Points = 1
    maximum: _Points | None = None
    between: Between = Field(default=Between.ANYBODY, strict=False)


class Charity(Strict):
    """A cause to which members may donate points."""

    id: Id
    name: Text


class Pools(Strict):
    """People who spend from each other's points: up to `members_max` in a household or an organisation."""

    members_max: Annotated[int, Field(ge=2, le=1_000)] = 6


class Reason(Strict):
    """Why points may be corrected by hand, as the books and the member read it."""

    id: Id
    name: Text


class Adjustments(Strict):
    """Corrections by hand. With `approval_above`, one of more points than that waits for a second person."""

    reasons: Annotated[list[Reason], Field(max_length=100)] = []
    approval_above: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None
