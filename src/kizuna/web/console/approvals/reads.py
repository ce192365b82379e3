"""What the screens of approvals ask of the rooms."""

from kizuna import corrections, ledger
from kizuna.core.errors import Problem
from kizuna.corrections import Bulk, Correction
from kizuna.intake import Terms
from kizuna.runtime import jobs, uploads
from kizuna.runtime.db import Connection, Database
from kizuna.web.console.approvals.views import BulkCard, CorrectionView, Desk, FileView, RowView
from kizuna.web.console.deeds.reads import balance_of, named, reason_names, unit_of
from kizuna.web.reads import Reader
from kizuna.web.words import person_text

WAITING_MAX, DECIDED_MAX, ROWS_SHOWN, FAULTS_SHOWN = 100, 20, 10, 100
PURPOSE = "corrections"
"""The purpose of a file of corrections."""


async def desk(conn: Connection, reader: Reader, me: str, lang: str) -> Desk:
    """Return everything that waits, and what was decided lately."""
    waiting = await corrections.waiting(conn, limit=WAITING_MAX)
    decided = await corrections.decided(conn, limit=DECIDED_MAX)
    return Desk(
        waiting=[await _correction(conn, reader, one, me, lang) for one in waiting],
        bulks=[card(one, me, lang) for one in await corrections.bulks(conn, waiting=True, limit=WAITING_MAX)],
        decided=[await _correction(conn, reader, one, me, lang) for one in decided],
        carried=[card(one, me, lang) for one in await corrections.bulks(conn, waiting=False, limit=DECIDED_MAX)],
        limit=reader.plan.program.adjustments.approval_above,
    )


async def _correction(conn: Connection, reader: Reader, one: Correction, me: str, lang: str) -> CorrectionView:
    wish, names = one.wish, dict(reason_names(reader.plan.program, lang))
    unit, balance = unit_of(reader, wish.unit), one.balance
    if one.state is corrections.State.WAITING:
        who = await ledger.accounts(conn, [one.member])
        if one.member in who:
            balance = balance_of(await reader.member(conn, one.member), unit)
    return CorrectionView(
        id=one.id,
        who=await named(conn, one.member),
        points=wish.points,
        unit=unit,
        reason=names.get(wish.reason, wish.reason),
        note=wish.note,
        expires_on=wish.expires_on,
        state=one.state.value,
        asked_by=person_text(one.asked_by, lang),
        is_by_key=one.asked_by.startswith("key:"),
        asked_at=one.asked_at,
        is_own=one.asked_by == me,
        balance=balance,
        decided_by=person_text(one.decided_by, lang) if one.decided_by else None,
        decided_at=one.decided_at,
        decision=one.decision,
        problem=one.problem,
    )


def card(bulk: Bulk, me: str, lang: str) -> BulkCard:
    """Return a file of corrections as a list shows it."""
    decided_by = person_text(bulk.decided_by, lang) if bulk.decided_by else None
    return BulkCard(bulk, person_text(bulk.asked_by, lang), bulk.asked_by == me, decided_by)


def upload_of(bulk: Bulk) -> uploads.Upload:
    """Return the file that was confirmed, as the bulk remembers it: it may be gone."""
    about = {"for": PURPOSE, "kind": bulk.kind}
    return uploads.Upload(bulk.upload, bulk.file, 0, bulk.asked_by, bulk.asked_at, about)


async def content_of(db: Database, schema: str, upload: uploads.Upload) -> bytes | Problem:
    """Return a file's content, or why it cannot be shown."""
    try:
        return await corrections.content_of(db, schema, upload.id) or corrections.BulkGone(field="file")
    except corrections.BulkTooLarge as problem:
        return problem


async def look_through(
    conn: Connection,
    reader: Reader,
    terms: Terms,
    upload: uploads.Upload,
    raw: bytes | Problem | None,
    lang: str,
    bulk: BulkCard | None = None,
) -> FileView:
    """Return a file looked through, as it would be carried out now; where `raw` is no content, only what is known of it."""
    kind = str(upload.about.get("kind", "customer"))
    job = bulk.bulk.job if bulk else None
    is_open = job is not None and (await jobs.find(conn, job)).state.is_open
    if not isinstance(raw, bytes):
        return FileView(upload, kind, problem=raw, card=bulk, job_is_open=is_open)
    program, limit = reader.plan.program, reader.plan.program.adjustments.approval_above
    try:
        seen = await corrections.preview(conn, raw, upload.id, kind, program, terms)
    except Problem as problem:
        return FileView(upload, kind, problem=problem, card=bulk, job_is_open=is_open)
    names = dict(reason_names(program, lang))
    rows = [
        RowView(
            row.number, await named(conn, seen.members[row.number]), row.wish.points, unit_of(reader, row.wish.unit),
            names.get(row.wish.reason, row.wish.reason), row.wish.note, row.wish.expires_on,
            limit is not None and abs(row.wish.points) > limit,
        )
        for row in seen.rows[:ROWS_SHOWN]
    ]  # fmt: skip
    sums = [(unit_of(reader, unit), told.added, told.taken) for unit, told in seen.sums.items()]
    return FileView(
        upload=upload,
        kind=kind,
        seen=seen,
        rows=rows,
        sums=sums,
        faulty=seen.faulty[:FAULTS_SHOWN],
        limit=limit,
        card=bulk,
        job_is_open=is_open,
    )
