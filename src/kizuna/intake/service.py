"""Taking in what happened: the one door for every channel, one function per use case."""

from collections.abc import Sequence
from typing import NamedTuple

from kizuna.core.days import instant_ms
from kizuna.core.errors import Problem
from kizuna.intake.commit import Result
from kizuna.intake.decide import Terms, named, read
from kizuna.intake.model import Arrival
from kizuna.intake.problems import EventInvalid, EventMalformed
from kizuna.intake.writer import Writer
from kizuna.runtime.brands import Brand
from kizuna.runtime.clock import now

OWN_SOURCES = frozenset({"kizuna", "console", "corrections", "import", "my-page"})
OWN_PREFIXES = ("key:", "takeover:")
"""Who tells what nobody sent, and operations: no sender may use these names."""


def terms_of(brand: Brand, tolerance_s: int) -> Terms:
    """Return what a brand's events are checked against."""
    return Terms(brand.currency, brand.country, brand.zone, tolerance_s * 1000)


class Answered(NamedTuple):
    """What became of one event: its id and source as far as they could be read, the amount it told, the result."""

    id: str | None
    source: str | None
    amount: int
    result: Result


async def take_in(writer: Writer, terms: Terms, pieces: Sequence[bytes | EventMalformed]) -> list[Answered]:
    """Read, decide and record events as bytes; return what became of each, in order."""
    at_ms = instant_ms(now())
    answers: list[Answered | None] = [None] * len(pieces)
    arrivals: list[Arrival] = []
    places: list[int] = []
    for place, piece in enumerate(pieces):
        try:
            if isinstance(piece, EventMalformed):
                raise piece
            arrival = read(piece, terms, at_ms)
            _require_foreign(arrival)
            arrivals.append(arrival)
            places.append(place)
        except Problem as problem:
            answers[place] = Answered(*(named(piece) if isinstance(piece, bytes) else (None, None)), 0, problem)
    for place, arrival, result in zip(places, arrivals, await writer.submit(arrivals), strict=True):
        answers[place] = Answered(arrival.id, arrival.source, arrival.amount, result)
    return [answer for answer in answers if answer is not None]


def _require_foreign(arrival: Arrival) -> None:
    """Refuse an event that claims to come from Kizuna itself: it would take an operation's place. Raises `EventInvalid`."""
    if arrival.source in OWN_SOURCES or arrival.source.startswith(OWN_PREFIXES):
        raise EventInvalid(
            field="source",
            field_name="source",
            reason="this name is Kizuna’s own; name the shop or the till that tells it",
        )
