"""What happened: canonical events in, one transaction each batch, an exact answer out."""

from kizuna.intake.commit import Result
from kizuna.intake.decide import EVENTS_MAX, Terms, arrive, canonical_json, read, split_array, split_lines
from kizuna.intake.glance_store import glance, glanced
from kizuna.intake.model import (
    ORDER_COMPLETED,
    REDEMPTION_REQUESTED,
    Arrival,
    Event,
    Move,
    OrderCompleted,
    OrderLine,
    Outcome,
    RedemptionRequested,
)
from kizuna.intake.past import Happened, Past, Told, happened, outcomes, past, told
from kizuna.intake.problems import (
    BatchTooLarge,
    CurrencyWrong,
    EventInvalid,
    EventMalformed,
    EventTypeUnknown,
    PayloadDiffers,
    TimeOutOfRange,
)
from kizuna.intake.recall import Recalled, recall, sources
from kizuna.intake.refusals import InsufficientPoints, RedemptionOffStep, RedemptionTooSmall, refusal_problem
from kizuna.intake.service import Answered, take_in, terms_of
from kizuna.intake.store import events
from kizuna.intake.writer import BATCH_EVENTS_MAX, MEMBER_EVENTS_MAX, Writer

__all__ = [
    "BATCH_EVENTS_MAX",
    "EVENTS_MAX",
    "MEMBER_EVENTS_MAX",
    "ORDER_COMPLETED",
    "REDEMPTION_REQUESTED",
    "Answered",
    "Arrival",
    "BatchTooLarge",
    "CurrencyWrong",
    "Event",
    "EventInvalid",
    "EventMalformed",
    "EventTypeUnknown",
    "Happened",
    "InsufficientPoints",
    "Move",
    "OrderCompleted",
    "OrderLine",
    "Outcome",
    "Past",
    "PayloadDiffers",
    "Recalled",
    "RedemptionOffStep",
    "RedemptionRequested",
    "RedemptionTooSmall",
    "Result",
    "Terms",
    "TimeOutOfRange",
    "Told",
    "Writer",
    "arrive",
    "canonical_json",
    "events",
    "glance",
    "glanced",
    "happened",
    "outcomes",
    "past",
    "read",
    "recall",
    "refusal_problem",
    "sources",
    "split_array",
    "split_lines",
    "take_in",
    "terms_of",
    "told",
]
