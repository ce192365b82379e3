"""Corrections of one member, one function per use case.

Always true: what may go is marked as approved before it is posted, and the operation's id is made from the correction's. So whoever dies in
between leaves it to the worker, and whatever is tried again, by whomever, posts once.
"""

from datetime import datetime, timedelta

from asyncpg.pgproto.pgproto import UUID

from kizuna.core.days import instant_ms
from kizuna.core.errors import Kind, NotFound, Problem
from kizuna.core.ids import parse_member_id
from kizuna.core.kept import facts_of
from kizuna.corrections import store
from kizuna.corrections.decide import correction_id, hash_of, waits
from kizuna.corrections.model import Correction, State, Wish
from kizuna.corrections.problems import CorrectionDecided, CorrectionKeyReused, SamePerson
from kizuna.corrections.reading import arrival_of
from kizuna.intake import Arrival, MemberIsClosed, Outcome, Terms, Writer, canonical_json, require_adjustment
from kizuna.ledger import AccountStatus, accounts
from kizuna.members import UnknownMember, resolve
from kizuna.publishing import NothingPublished
from kizuna.runtime.clock import now
from kizuna.runtime.db import Connection, Database

LEFT_AFTER = timedelta(seconds=30)
"""What was approved so long ago and not carried out, nobody is about to carry out."""


async def ask(db: Database, writer: Writer, terms: Terms, wish: Wish, *, key: str, by: str) -> Correction:
    """Carry a correction out at once, or let it wait for a second person where it is large; return what became of it.

    The same `key` of the same asker is the same correction, however often it comes. Raises what is wrong with the wish itself,
    `UnknownMember`, `MemberIsClosed`, `CorrectionKeyReused`, `NothingPublished`, `Unavailable`. What only the operation refuses is kept as
    the correction's problem.
    """
    id_, at = correction_id(by, key), now()
    arrival = arrival_of(wish, id_, by, terms, instant_ms(at))
    async with db.transaction(writer.brand.schema) as conn:
        known = await conn.fetchval(store.SELECT_HASH, UUID(id_))
        if known is None:
            await writer.book.refresh(conn)
            if not writer.book.plans:
                raise NothingPublished
            program = writer.book.at(at).program
            require_adjustment(program, arrival.told.operation, arrival.day)
            member = await _open_member(conn, wish, arrival)
            state = State.WAITING if waits(wish.points, program.adjustments) else State.APPROVED
            await store.insert(conn, id_, hash_of(wish), wish, member, state, by, at)
            known = await conn.fetchval(store.SELECT_HASH, UUID(id_))
        if known != hash_of(wish):
            raise CorrectionKeyReused(field="idempotency-key")
        found = await find(conn, id_)
    return await carry_out(db, writer, terms, found) if found.state is State.APPROVED else found


async def _open_member(conn: Connection, wish: Wish, arrival: Arrival) -> bytes:
    """Return whom a wish names. Raises `UnknownMember`, `MemberIsClosed`."""
    member = (await resolve(conn, [arrival.identity])).get(arrival.identity)
    account = (await accounts(conn, [member])).get(member) if member else None
    while account is not None and account.moved_to is not None:
        member = account.moved_to
        account = (await accounts(conn, [member])).get(member)
    if member is None or account is None:
        raise UnknownMember(field="subject", subject=wish.subject)
    if account.status == AccountStatus.CLOSED:
        raise MemberIsClosed(field="subject", subject=wish.subject)
    return member


async def carry_out(db: Database, writer: Writer, terms: Terms, correction: Correction) -> Correction:
    """Post a correction that may go, and keep what became of it. Raises `Unavailable`; then the worker does it later."""
    wish = correction.wish
    arrival = arrival_of(wish, correction.id, correction.asked_by, terms, instant_ms(now()))
    (result,) = await writer.submit([arrival])
    if isinstance(result, Problem) and result.kind is Kind.UNAVAILABLE:
        raise result
    async with db.lend(writer.brand.schema) as conn:
        if isinstance(result, Outcome):
            await conn.execute(store.END_CORRECTION, UUID(correction.id), State.DONE, result.balance, None)
        else:
            kept = canonical_json(facts_of(result)).decode()
            await conn.execute(store.END_CORRECTION, UUID(correction.id), State.REFUSED, None, kept)
        return await find(conn, correction.id)


async def approve(db: Database, writer: Writer, terms: Terms, id_: str, *, by: str) -> Correction:
    """Let a correction go that another person asked for, and carry it out.

    Raises `SamePerson`, `CorrectionDecided`, `NotFound`, `Unavailable`.
    """
    async with db.transaction(writer.brand.schema) as conn:
        found = await find(conn, id_)
        if found.asked_by == by:
            raise SamePerson
        await _decide(conn, found, State.APPROVED, by, None)
        found = await find(conn, id_)
    return await carry_out(db, writer, terms, found)


async def reject(db: Database, schema: str, id_: str, *, by: str, note: str | None = None) -> Correction:
    """Do not let a correction go; whoever asked for it may withdraw it so. Raises `CorrectionDecided`, `NotFound`."""
    async with db.transaction(schema) as conn:
        await _decide(conn, await find(conn, id_), State.REJECTED, by, note)
        return await find(conn, id_)


async def _decide(conn: Connection, found: Correction, state: State, by: str, note: str | None) -> None:
    """Decide, unless somebody did. Raises `CorrectionDecided`."""
    done = await conn.execute(store.DECIDE_CORRECTION, UUID(found.id), state, by, now(), note)
    if not done.endswith(" 1"):
        found = await find(conn, found.id)
        raise CorrectionDecided(who=found.decided_by or found.asked_by)


async def find(conn: Connection, id_: str) -> Correction:
    """Return a correction. Raises `NotFound`."""
    raw = parse_member_id(id_)
    row = await conn.fetchrow(store.SELECT_CORRECTION, UUID(raw)) if raw else None
    if row is None:
        raise NotFound(what="correction", key=id_)
    return store.correction_of(row)


async def waiting(conn: Connection, *, limit: int) -> list[Correction]:
    """Return what waits for a second person, longest first."""
    return await store.corrections(conn, store.SELECT_WAITING, limit)


async def waiting_of(conn: Connection, member: bytes) -> list[Correction]:
    """Return what waits for a second person of one member."""
    return await store.corrections(conn, store.SELECT_WAITING_OF, UUID(member))


async def decided(conn: Connection, *, limit: int) -> list[Correction]:
    """Return what a second person decided, newest first."""
    return await store.corrections(conn, store.SELECT_DECIDED, limit)


async def count_waiting(conn: Connection) -> int:
    """Return how many corrections, and files of them, wait for a second person."""
    return int(await conn.fetchval(store.COUNT_WAITING))


async def left(conn: Connection, at: datetime, *, limit: int) -> list[Correction]:
    """Return what may go and was left lying."""
    return await store.corrections(conn, store.SELECT_LEFT, at - LEFT_AFTER, limit)
