"""One transaction for a whole batch: claim, resolve, lock, load → decide → post.

Always true after it: every event of the batch is either recorded with its entries, its member row and its answer, or not at
all; an event that was seen before gets its first answer again; a member's points follow from entries alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec

from kizuna.core.errors import Problem
from kizuna.core.ids import digest, event_key
from kizuna.engine import decide
from kizuna.intake import store
from kizuna.intake.answers import outcomes_of
from kizuna.intake.loading import Loaded, load
from kizuna.intake.model import Arrival, Outcome
from kizuna.intake.problems import PayloadDiffers
from kizuna.intake.rungs import Rungs
from kizuna.ledger import POSTED, post
from kizuna.members import UnknownMember, enrolment, telling
from kizuna.publishing import NothingPublished, PlanBook
from kizuna.runtime.brands import Brand
from kizuna.runtime.db import Connection, Fragment, write
from kizuna.runtime.outbox import announce

Result = Outcome | Problem
_ENCODE = msgspec.msgpack.Encoder()
_DECODE = msgspec.msgpack.Decoder(Outcome)


@dataclass(slots=True)
class Sorted:
    """A batch after the first look: results known already, and the events that are to be decided."""

    results: list[Result | None]
    fresh: list[int]
    doubles: list[tuple[int, int]]


async def commit(
    conn: Connection,
    brand: Brand,
    book: PlanBook,
    arrivals: Sequence[Arrival],
    attempt: int = 0,
    beside: Sequence[Fragment] = (),
) -> list[Result]:
    """Decide and record `arrivals` in one transaction; return one result each, in order. `beside` is written with them.

    Raises the driver's errors; a unique violation or a deadlock means that another writer was first: call again with the
    next `attempt`.
    """
    async with conn.transaction():
        version, known, freed = await store.seen(conn, [arrival.key for arrival in arrivals])
        arrivals = [again_told(arrival, freed) for arrival in arrivals] if freed else arrivals
        if (version or 0) > len(book.plans):
            await book.refresh(conn)
        if not book.plans:
            raise NothingPublished
        work = sort(arrivals, known)
        if work.fresh:
            await _record(conn, brand, book, arrivals, work, attempt, beside)
    for later, first in work.doubles:
        work.results[later] = again(work.results[first], arrivals[later])
    return [result for result in work.results if result is not None]


def sort(arrivals: Sequence[Arrival], known: dict[bytes, tuple[bytes, bytes]]) -> Sorted:
    """Answer what was seen before, and put doubles within the batch behind their first."""
    work = Sorted([None] * len(arrivals), [], [])
    first_of: dict[bytes, int] = {}
    for number, arrival in enumerate(arrivals):
        before = known.get(arrival.key)
        if before is not None:
            work.results[number] = _answered(arrival, *before)
        elif arrival.key not in first_of:
            first_of[arrival.key] = number
            work.fresh.append(number)
        elif arrivals[first_of[arrival.key]].payload_hash == arrival.payload_hash:
            work.doubles.append((number, first_of[arrival.key]))
        else:
            work.results[number] = PayloadDiffers(field="id", id=arrival.id, source=arrival.source)
    return work


def again_told(arrival: Arrival, freed: Mapping[bytes, bytes]) -> Arrival:
    """Return an event that was taken back before as one of its own: the same, under keys made from the mark that it left."""
    mark = freed.get(arrival.key)
    if mark is None:
        return arrival
    key = event_key(arrival.at_ms, digest("again", arrival.key.hex(), mark.hex()))
    return msgspec.structs.replace(arrival, event_key=key, is_again=True)


def again(result: Result | None, arrival: Arrival) -> Result:
    """Return the result of an event's double."""
    if isinstance(result, Outcome):
        return msgspec.structs.replace(result, replayed=True)
    return result or UnknownMember(field="subject", subject=str(arrival.identity))


async def _record(
    conn: Connection,
    brand: Brand,
    book: PlanBook,
    arrivals: Sequence[Arrival],
    work: Sorted,
    attempt: int,
    beside: Sequence[Fragment],
) -> None:
    """Load, decide and post the fresh events; write all of it in one statement."""
    fresh = [arrivals[number] for number in work.fresh]
    loaded = await load(conn, brand.zone, book, fresh, look_for_orders=attempt > 0)
    refused = await _seen_meanwhile(conn, fresh, loaded)
    for place, result in refused.items():
        work.results[work.fresh[place]] = result
    if not loaded.decided:
        return
    state = loaded.ledgers.state(book.names)
    events, told = loaded.events, loaded.batch.told
    before = Rungs.of(state, book.plans)
    decisions = decide(book.plans, state, events, loaded.shared)
    outcomes = outcomes_of(loaded, decisions)
    fragments = post(loaded.ledgers, state, decisions, loaded.causes, brand.zone)
    if loaded.newcomers:
        fragments += enrolment(loaded.newcomers, attempt)
    if loaded.selves:
        fragments.append(telling(list(loaded.selves.items())))
    fragments += loaded.batch.orders.fragments(decisions.frozen)
    fragments += _shared(loaded)
    answers = [_ENCODE.encode(outcome) for outcome in outcomes]
    fell_on = before.fallen(book, loaded, decisions)
    fragments += store.record(told, outcomes, answers, _did(loaded, outcomes, fell_on))
    brought = [
        (outcome.member, outcome.event_key)
        for outcome, qualified in zip(outcomes, decisions.qualified.tolist(), strict=False)
        if qualified
    ]
    if brought:
        fragments.append(store.qualify(brought))
    fragments += [announce(POSTED, "posted.batch_id FROM posted"), *beside]
    await write(conn, fragments)
    for place, outcome in zip(loaded.decided, outcomes, strict=True):
        work.results[work.fresh[place]] = outcome


def _did(loaded: Loaded, outcomes: Sequence[Outcome], fell_on: Mapping[int, date]) -> dict[int, store.Did]:
    """Return, by place, what events did that changed an order or found another tier than they left."""
    changes = loaded.batch.did
    moved = {place for place, outcome in enumerate(outcomes) if outcome.level_before != outcome.level}
    did = {}
    for place in sorted({*changes, *moved, *fell_on}):
        orders, amount = changes.get(place, (None, None))
        level_before = outcomes[place].level_before if place in moved else None
        did[place] = store.Did(orders, amount, level_before, fell_on.get(place))
    return did


async def _seen_meanwhile(conn: Connection, fresh: Sequence[Arrival], loaded: Loaded) -> dict[int, Result]:
    """Return what becomes of the events that cannot be decided.

    Of an order that somebody told or changed while this batch waited for its member, the same event may be the reason: then it has
    its answer by now.
    """
    results: dict[int, Result] = dict(loaded.refused)
    of_orders = [place for place in loaded.refused if fresh[place].told.order is not None]
    if of_orders:
        known = (await store.seen(conn, [fresh[place].key for place in of_orders])).known
        for place in of_orders:
            if fresh[place].key in known:
                results[place] = _answered(fresh[place], *known[fresh[place].key])
    return results


def _answered(arrival: Arrival, payload_hash: bytes, answer: bytes) -> Result:
    """Return the answer to an event that was seen before with this payload and answer."""
    if payload_hash != arrival.payload_hash:
        return PayloadDiffers(field="id", id=arrival.id, source=arrival.source)
    return msgspec.structs.replace(_DECODE.decode(answer), replayed=True)


def _shared(loaded: Loaded) -> list[Fragment]:
    """Return what writes the shared figures that deciding has changed."""
    names = loaded.shared_names
    changed = [(names[key], loaded.shared.used[key]) for key in sorted(loaded.shared.changed)]
    fragments = []
    for new in (True, False):
        some = [(name, used) for name, used in changed if (name not in loaded.shared_known) is new]
        if some:
            fragments.append(store.put_shared(some, new=new))
    return fragments
