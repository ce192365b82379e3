"""Files of corrections, one function per use case: looked at, confirmed, decided on, carried out by a job."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from asyncpg.pgproto.pgproto import UUID

from kizuna.core.days import instant_ms
from kizuna.core.errors import NotFound
from kizuna.core.ids import parse_member_id
from kizuna.corrections import store
from kizuna.corrections.decide import again_of, bulk_id, content_hash, sums_of, waits
from kizuna.corrections.model import UNDER_WAY, Bulk, BulkState, Faulty, Preview, Row
from kizuna.corrections.problems import BulkEmpty, BulkTooLarge, CorrectionDecided, MemberMissing, SamePerson
from kizuna.corrections.reading import Table, rows_of
from kizuna.intake import MemberIsClosed, Terms
from kizuna.ledger import AccountStatus, accounts
from kizuna.members import Identity, parse_subject, resolve
from kizuna.program import Program, main_unit
from kizuna.runtime import uploads
from kizuna.runtime.clock import now
from kizuna.runtime.db import Connection, Database
from kizuna.runtime.jobs import enqueue

BULK = "correct_points"
"""The kind of job."""
BYTES_MAX = 16 << 20
"""A file is looked through in memory; `ROWS_MAX` rows with full notes are well below this."""
_AT_ONCE = 1000


async def within_bounds(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield a file that is sent in, as far as it may be one of corrections. Raises `BulkTooLarge`."""
    size = 0
    async for piece in pieces:
        size += len(piece)
        if size > BYTES_MAX:
            raise BulkTooLarge(field="file", mib_max=BYTES_MAX >> 20)
        yield piece


async def content_of(db: Database, schema: str, upload: int) -> bytes:
    """Return a file of corrections whole: it is small. Raises `BulkTooLarge`, `Unavailable`."""
    return b"".join([piece async for piece in within_bounds(uploads.pieces_of(db, schema, upload))])


async def preview(conn: Connection, raw: bytes, upload: int, kind: str, program: Program, terms: Terms) -> Preview:
    """Return what a file would do now; nothing is posted. Raises `BulkUnreadable`, `BulkTooLong`, `ColumnLacking`.

    Rows that name nobody today count for a second person too: by the time the file is carried out they may name somebody.
    """
    table = await asyncio.to_thread(Table, raw)
    rows, faulty = await asyncio.to_thread(rows_of, table, kind, program, terms, instant_ms(now()))
    named, lacking = await _members(conn, rows, terms.country)
    good = [row for row in rows if row.number in named]
    points, limit = sum(abs(row.wish.points) for row in rows), program.adjustments
    above = sum(waits(row.wish.points, limit) for row in rows)
    return Preview(
        head=table.head,
        rows=good,
        faulty=sorted([*faulty, *lacking], key=lambda one: one.number),
        sums=sums_of(good, main_unit(program).id),
        points=points,
        above=above,
        needs_approval=bool(above) or waits(points, limit),
        not_found=sum(isinstance(one.problem, MemberMissing) for one in lacking),
        again=again_of([(row.number, named[row.number]) for row in good]),
        members=named,
        carried_before=await conn.fetchval(store.SELECT_SAME_CONTENT, content_hash(raw), upload),
    )


async def _members(conn: Connection, rows: Sequence[Row], country: str) -> tuple[dict[int, bytes], list[Faulty]]:
    """Return by row whom it names, and the rows that name nobody or a closed account."""
    named: dict[int, bytes] = {}
    lacking: list[Faulty] = []
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        identities: list[Identity] = [parse_subject(row.wish.subject, country) for row in some]
        whom = await resolve(conn, identities)
        there = await accounts(conn, list(set(whom.values())))
        for row, identity in zip(some, identities, strict=True):
            member = whom.get(identity)
            if member is None or member not in there:
                lacking.append(Faulty(row.number, row.cells, MemberMissing(field="member", subject=row.wish.subject)))
            elif there[member].status == AccountStatus.CLOSED:
                lacking.append(Faulty(row.number, row.cells, MemberIsClosed(field="member", subject=row.wish.subject)))
            else:
                named[row.number] = member
    return named, lacking


async def confirm_bulk(
    conn: Connection, brand: str, upload: uploads.Upload, seen: Preview, raw: bytes, kind: str, *, by: str
) -> Bulk:
    """Have a file carried out, or let it wait for a second person; confirmed twice it is one. Raises `BulkEmpty`, `NotFound`.

    `seen` is of the same transaction.
    """
    if not seen.rows:
        raise BulkEmpty(field="file")
    id_ = bulk_id(brand, upload.id)
    await uploads.keep(conn, upload.id)
    state = BulkState.WAITING if seen.needs_approval else BulkState.APPROVED
    await conn.execute(
        store.INSERT_BULK, UUID(id_), upload.id, upload.name, content_hash(raw), kind, state, len(seen.rows), len(seen.faulty),
        seen.points, by, now(),
    )  # fmt: skip
    found = await find_bulk(conn, id_)
    if found.state not in UNDER_WAY:
        await uploads.release(conn, upload.id)
    if found.state is BulkState.APPROVED and found.job is None:
        await _enqueue(conn, found, by)
    return await find_bulk(conn, id_)


async def approve_bulk(conn: Connection, id_: str, *, by: str) -> Bulk:
    """Let a file go that another person confirmed. Raises `SamePerson`, `CorrectionDecided`, `NotFound`."""
    found = await find_bulk(conn, id_)
    if found.asked_by == by:
        raise SamePerson
    await _decide(conn, found, BulkState.APPROVED, by, None)
    await _enqueue(conn, found, by)
    return await find_bulk(conn, id_)


async def reject_bulk(conn: Connection, id_: str, *, by: str, note: str | None = None) -> Bulk:
    """Do not let a file go. Raises `CorrectionDecided`, `NotFound`."""
    found = await find_bulk(conn, id_)
    await _decide(conn, found, BulkState.REJECTED, by, note)
    await uploads.release(conn, found.upload)
    return await find_bulk(conn, id_)


async def go_on(conn: Connection, id_: str, *, by: str) -> Bulk:
    """Carry on with a file whose job was stopped; rows that were carried out stay as they are. Raises `NotFound`."""
    found = await find_bulk(conn, id_)
    if found.state is BulkState.APPROVED:
        await _enqueue(conn, found, by)
    return await find_bulk(conn, id_)


async def _decide(conn: Connection, found: Bulk, state: BulkState, by: str, note: str | None) -> None:
    """Decide, unless somebody did. Raises `CorrectionDecided`."""
    done = await conn.execute(store.DECIDE_BULK, UUID(found.id), state, by, now(), note)
    if not done.endswith(" 1"):
        found = await find_bulk(conn, found.id)
        raise CorrectionDecided(who=found.decided_by or found.asked_by)


async def _enqueue(conn: Connection, found: Bulk, by: str) -> None:
    about = {"bulk": found.id, "file": found.file}
    job = await enqueue(conn, BULK, about, by.removeprefix("user:"), once=f"{BULK}:{found.id}")
    await conn.execute(store.PUT_JOB, UUID(found.id), job)


async def find_bulk(conn: Connection, id_: str) -> Bulk:
    """Return a file of corrections. Raises `NotFound`."""
    raw = parse_member_id(id_)
    row = await conn.fetchrow(store.SELECT_BULK, UUID(raw)) if raw else None
    if row is None:
        raise NotFound(what="file", key=id_)
    return store.bulk_of(row)


async def bulk_of(conn: Connection, brand: str, upload: int) -> Bulk | None:
    """Return what a file that was sent was confirmed as, None where nobody did."""
    row = await conn.fetchrow(store.SELECT_BULK, UUID(bulk_id(brand, upload)))
    return None if row is None else store.bulk_of(row)


async def bulks(conn: Connection, *, waiting: bool, limit: int) -> list[Bulk]:
    """Return files that wait for a second person, or the others, newest first."""
    return [store.bulk_of(row) for row in await conn.fetch(store.SELECT_BULKS, waiting, limit)]
