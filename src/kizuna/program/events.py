"""The events that a program can speak of: eleven occasions, what follows an order, and what a brand declares itself.

The catalogue says what each carries. A brand's own types are declared in the document with their fields.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from kizuna.core.errors import N_
from kizuna.program.base import Strict, Text, Word
from kizuna.program.rules import EventName

ORDER_COMPLETED = "order.completed"
ORDER_DELIVERED = "order.delivered"
RETURN_WINDOW_CLOSED = "order.return_window_closed"


class FieldType(StrEnum):
    """A declared field's type. Numbers are integers."""

    NUMBER = "number"
    TEXT = "text"
    FLAG = "flag"


class EventField(Strict):
    """A field of a brand's own event."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    name: Text
    type: FieldType = Field(strict=False)
    one_of: Annotated[list[Word], Field(max_length=200)] = []
    """The texts that may stand there; empty: any."""
    required: bool = False


class EventType(Strict):
    """An event that a brand invents: survey answered, app installed, video watched."""

    type: EventName
    name: Text
    fields: Annotated[list[EventField], Field(max_length=30)] = []


@dataclass(frozen=True, slots=True)
class Occasion:
    """A type that every program knows: its words (message ids), its fields by name."""

    type: str
    title: str
    fields: dict[str, FieldType]


_T, _N, _F = FieldType.TEXT, FieldType.NUMBER, FieldType.FLAG
OCCASIONS: dict[str, Occasion] = {
    one.type: one
    for one in (
        Occasion("member.enrolled", N_("Sign-up"), {"channel": _T, "store": _T}),
        Occasion(ORDER_COMPLETED, N_("Purchase"), {}),
        Occasion("profile.completed", N_("Profile completed"), {}),
        Occasion("member.birthday", N_("Birthday"), {}),
        Occasion("review.posted", N_("Review"), {"product": _T, "rating": _N, "length": _N, "has_photo": _F}),
        Occasion("content.shared", N_("Share on social media"), {"network": _T}),
        Occasion("referral.qualified", N_("Referral"), {"side": _T}),
        Occasion("member.anniversary", N_("Membership anniversary"), {"years": _N}),
        Occasion("eco.action", N_("Eco action"), {"action": _T, "count": _N}),
        Occasion("feedback.posted", N_("Feedback"), {"kind": _T}),
        Occasion("feedback.adopted", N_("Feedback adopted"), {"kind": _T}),
        Occasion(ORDER_DELIVERED, N_("Order delivered"), {}),
        Occasion(RETURN_WINDOW_CLOSED, N_("Return window over"), {}),
    )
}
"""Seasonal earning is a campaign, and a cumulative milestone is a goal: both speak of purchases."""
