"""Taking in what happened: the one door for every channel, one function per use case."""

from collections.abc import Sequence

from kizuna.core.days import instant_ms
from kizuna.core.errors import Problem
from kizuna.intake.commit import Result
from kizuna.intake.decide import Terms, read
from kizuna.intake.model import Arrival
from kizuna.intake.problems import EventMalformed
from kizuna.intake.writer import Writer
from kizuna.runtime.brands import Brand
from kizuna.runtime.clock import now


def terms_of(brand: Brand, tolerance_s: int) -> Terms:
    """Return what a brand's events are checked against."""
    return Terms(brand.currency, brand.country, brand.zone, tolerance_s * 1000)


async def take_in(
    writer: Writer, terms: Terms, pieces: Sequence[bytes | EventMalformed]
) -> list[tuple[Arrival | None, Result]]:
    """Read, decide and record events as bytes; return of each, in order, what was read and what became of it."""
    at_ms = instant_ms(now())
    results: list[tuple[Arrival | None, Result] | None] = [None] * len(pieces)
    arrivals: list[Arrival] = []
    places: list[int] = []
    for place, piece in enumerate(pieces):
        try:
            if isinstance(piece, EventMalformed):
                results[place] = (None, piece)
                continue
            arrivals.append(read(piece, terms, at_ms))
            places.append(place)
        except Problem as problem:
            results[place] = (None, problem)
    for place, arrival, result in zip(places, arrivals, await writer.submit(arrivals), strict=True):
        results[place] = (arrival, result)
    return [result for result in results if result is not None]
