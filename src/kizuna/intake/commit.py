"""One transaction for a whole batch: claim, resolve, lock, load → decide → post.

Always true after it: every event of the batch is either recorded with its entries, its member row and its answer, or not at
all; an event that was seen before gets its first answer again; a member's points follow from entries alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from kizuna.core.days import day_date
from kizuna.core.errors import Problem
from kizuna.core.ids import member_id
from kizuna.engine import Decisions, EntryKind, EventKind, Events, decide
from kizuna.intake import store
from kizuna.intake.model import Arrival, Move, Outcome
from kizuna.intake.problems import PayloadDiffers
from kizuna.ledger import POSTED, Cause, Ledgers, lock, post
from kizuna.members import Identity, Newcomer, UnknownMember, enrolment, resolve
from kizuna.publishing import NothingPublished, PlanBook
from kizuna.runtime.brands import Brand
from kizuna.runtime.db import Connection, write
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
    conn: Connection, brand: Brand, book: PlanBook, arrivals: Sequence[Arrival], attempt: int = 0
) -> list[Result]:
    """Decide and record `arrivals` in one transaction; return one result each, in order.

    Raises the driver's errors; a unique violation or a deadlock means that another writer was first: call again with the
    next `attempt`.
    """
    async with conn.transaction():
        version, known = await store.seen(conn, [arrival.key for arrival in arrivals])
        if (version or 0) > len(book.plans):
            await book.refresh(conn)
        if not book.plans:
            raise NothingPublished
        work = _sort(arrivals, known)
        if work.fresh:
            await _record(conn, brand, book, arrivals, work, attempt)
    for later, first in work.doubles:
        work.results[later] = _again(work.results[first], arrivals[later])
    return [result for result in work.results if result is not None]


def _sort(arrivals: Sequence[Arrival], known: dict[bytes, tuple[bytes, bytes]]) -> Sorted:
    """Answer what was seen before, and put doubles within the batch behind their first."""
    work = Sorted([None] * len(arrivals), [], [])
    first_of: dict[bytes, int] = {}
    for number, arrival in enumerate(arrivals):
        before = known.get(arrival.key)
        if before is not None:
            payload_hash, answer = before
            work.results[number] = (
                msgspec.structs.replace(_DECODE.decode(answer), replayed=True)
                if payload_hash == arrival.payload_hash
                else PayloadDiffers(field="id", id=arrival.id, source=arrival.source)
            )
        elif arrival.key not in first_of:
            first_of[arrival.key] = number
            work.fresh.append(number)
        elif arrivals[first_of[arrival.key]].payload_hash == arrival.payload_hash:
            work.doubles.append((number, first_of[arrival.key]))
        else:
            work.results[number] = PayloadDiffers(field="id", id=arrival.id, source=arrival.source)
    return work


def _again(result: Result | None, arrival: Arrival) -> Result:
    if isinstance(result, Outcome):
        return msgspec.structs.replace(result, replayed=True)
    return result or UnknownMember(field="subject", subject=str(arrival.identity))


async def _record(
    conn: Connection, brand: Brand, book: PlanBook, arrivals: Sequence[Arrival], work: Sorted, attempt: int
) -> None:
    """Load, decide and post the fresh events; write all of it in one statement."""
    fresh = [arrivals[number] for number in work.fresh]
    plan_of = [book.index_at(arrival.at_ms) for arrival in fresh]
    who = await resolve(conn, list({arrival.identity for arrival in fresh}))
    newcomers, since = _newcomers(fresh, plan_of, book, who)
    holders = set(who.values()) - {one.member for one in newcomers}
    ledgers = await lock(conn, sorted(holders), [one.member for one in newcomers])
    row_of = {member: row for row, member in enumerate(ledgers.members)}

    decided: list[int] = []
    for place, arrival in enumerate(fresh):
        if who.get(arrival.identity) in row_of and place >= since.get(arrival.identity, 0):
            decided.append(place)
        else:
            work.results[work.fresh[place]] = UnknownMember(field="subject", subject=str(arrival.identity))
    if not decided:
        return
    told = [fresh[place] for place in decided]
    causes = [
        Cause(arrival.event_key, plan_of[place] + 1, row_of[who[arrival.identity]])
        for place, arrival in zip(decided, told, strict=True)
    ]
    state = ledgers.state()
    decisions = decide(book.plans, state, _columns(told, causes))
    outcomes = _outcomes(told, causes, ledgers, decisions)
    fragments = post(ledgers, state, decisions, causes, brand.zone)
    if newcomers:
        fragments += enrolment(newcomers, attempt)
    fragments += store.record(told, outcomes, [_ENCODE.encode(outcome) for outcome in outcomes])
    fragments.append(announce(POSTED, "posted.batch_id FROM posted"))
    await write(conn, fragments)
    for place, outcome in zip(decided, outcomes, strict=True):
        work.results[work.fresh[place]] = outcome


def _newcomers(
    fresh: Sequence[Arrival], plan_of: Sequence[int], book: PlanBook, who: dict[Identity, bytes]
) -> tuple[list[Newcomer], dict[Identity, int]]:
    """Name those whom an order enrols, where the program says so, and add them to `who`; say which event enrolled each."""
    newcomers: list[Newcomer] = []
    since: dict[Identity, int] = {}
    for place, (arrival, plan) in enumerate(zip(fresh, plan_of, strict=True)):
        identity = arrival.identity
        if (
            identity in who
            or arrival.kind is not EventKind.ORDER
            or book.plans[plan].program.unknown_member != "create"
        ):
            continue
        joined_on = day_date(arrival.day)
        if joined_on is not None:
            member = member_id(arrival.at_ms, identity.kind, identity.value)
            who[identity] = member
            since[identity] = place
            newcomers.append(Newcomer(member, identity, joined_on))
    return newcomers, since


def _columns(told: Sequence[Arrival], causes: Sequence[Cause]) -> Events:
    size = len(told)
    return Events(
        member=np.fromiter((cause.row for cause in causes), np.intp, size),
        plan=np.fromiter((cause.version - 1 for cause in causes), np.int16, size),
        kind=np.fromiter((arrival.kind for arrival in told), np.int8, size),
        day=np.fromiter((arrival.day for arrival in told), np.int32, size),
        amount=np.fromiter((arrival.amount for arrival in told), np.int64, size),
    )


def _outcomes(
    told: Sequence[Arrival], causes: Sequence[Cause], ledgers: Ledgers, decisions: Decisions
) -> list[Outcome]:
    moves_of: list[list[Move]] = [[] for _ in told]
    points_of = [0] * len(told)
    moves = decisions.moves
    for event, *facts in zip(
        moves.event.tolist(),
        moves.kind.tolist(),
        moves.points.tolist(),
        moves.expires_on.tolist(),
        moves.rule.tolist(),
        moves.basis.tolist(),
        strict=True,
    ):
        move = Move(*facts)
        moves_of[event].append(move)
        if move.kind != EntryKind.EXPIRE:
            points_of[event] += move.points
    columns = zip(
        decisions.refusal.tolist(),
        decisions.balance.tolist(),
        decisions.level_before.tolist(),
        decisions.level.tolist(),
        decisions.spend.tolist(),
        strict=True,
    )
    return [
        Outcome(
            event_key=arrival.event_key,
            member=ledgers.members[cause.row],
            version=cause.version,
            refusal=refusal,
            points=points,
            balance=balance,
            level_before=level_before,
            level=level,
            spend=spend,
            day=arrival.day,
            moves=moved,
        )
        for arrival, cause, points, moved, (refusal, balance, level_before, level, spend) in zip(
            told, causes, points_of, moves_of, columns, strict=True
        )
    ]
