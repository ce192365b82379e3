"""All SQL of corrections: each statement named, with its purpose. It runs in the brand's schema."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from asyncpg.pgproto.pgproto import UUID

from kizuna.core.kept import problem_of
from kizuna.corrections.model import Bulk, BulkState, Correction, State, Wish
from kizuna.runtime.db import Connection

_COLUMNS = """
correction_id, subject, member_id, unit, points, reason, note, expires_on, may_owe, state, asked_by, asked_at, decided_by,
decided_at, decision, balance, problem::text AS problem
"""

INSERT_CORRECTION = """
INSERT INTO correction (correction_id, hash, subject, member_id, unit, points, reason, note, expires_on, may_owe, state, asked_by, asked_at,
    decided_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::text, $12, $13::timestamptz,
    CASE WHEN $11::text = 'approved' THEN $13::timestamptz END)
ON CONFLICT (correction_id) DO NOTHING
"""
"""A correction that is asked for; asked for again it is there already."""

SELECT_HASH = "SELECT hash FROM correction WHERE correction_id = $1"
"""What a correction asked for, to tell whether another is the same."""

SELECT_CORRECTION = f"SELECT {_COLUMNS} FROM correction WHERE correction_id = $1 AND bulk_id IS NULL"
"""One correction."""

SELECT_WAITING = f"""
SELECT {_COLUMNS} FROM correction WHERE state = 'waiting' AND bulk_id IS NULL ORDER BY asked_at, correction_id LIMIT $1
"""
"""What waits for a second person, longest first."""

SELECT_WAITING_OF = f"SELECT {_COLUMNS} FROM correction WHERE state = 'waiting' AND member_id = $1 ORDER BY asked_at"
"""What waits for a second person of one member."""

SELECT_DECIDED = f"""
SELECT {_COLUMNS} FROM correction WHERE bulk_id IS NULL AND decided_by IS NOT NULL AND decided_at IS NOT NULL
ORDER BY decided_at DESC LIMIT $1
"""
"""What a second person decided, newest first."""

SELECT_LEFT = f"""
SELECT {_COLUMNS} FROM correction WHERE state = 'approved' AND decided_at < $1 ORDER BY decided_at LIMIT $2
"""
"""What may go and was not carried out at once: whoever was to do it is gone."""

COUNT_WAITING = """
SELECT (SELECT count(*) FROM correction WHERE state = 'waiting') + (SELECT count(*) FROM correction_bulk WHERE state = 'waiting')
"""
"""How much waits for a second person."""

DECIDE_CORRECTION = """
UPDATE correction SET state = $2, decided_by = $3, decided_at = $4, decision = $5
WHERE correction_id = $1 AND state = 'waiting' AND bulk_id IS NULL
"""
"""Somebody decides; of two at once the second finds it decided."""

END_CORRECTION = """
UPDATE correction SET state = $2, balance = $3, problem = $4::text::jsonb WHERE correction_id = $1 AND state = 'approved'
"""
"""What became of it when it was carried out."""

INSERT_BULK = """
INSERT INTO correction_bulk (bulk_id, upload_id, file, content, kind, state, rows, left_out, points, asked_by, asked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (bulk_id) DO NOTHING
"""
"""A file of corrections that is confirmed."""

SELECT_BULK = """
SELECT bulk_id, upload_id, file, kind, state, rows, left_out, points, asked_by, asked_at, decided_by, decided_at, decision, job_id,
    refused_file, carried, refused
FROM correction_bulk WHERE bulk_id = $1
"""
"""One file of corrections."""

SELECT_BULKS = """
SELECT bulk_id, upload_id, file, kind, state, rows, left_out, points, asked_by, asked_at, decided_by, decided_at, decision, job_id,
    refused_file, carried, refused
FROM correction_bulk WHERE (state = 'waiting') = $1 ORDER BY asked_at DESC LIMIT $2
"""
"""Files that wait for a second person, or that do not."""

SELECT_SAME_CONTENT = """
SELECT asked_at FROM correction_bulk WHERE content = $1 AND upload_id <> $2 AND state <> 'rejected' ORDER BY asked_at DESC LIMIT 1
"""
"""When a file of this very content was confirmed before."""

DECIDE_BULK = """
UPDATE correction_bulk SET state = $2, decided_by = $3, decided_at = $4, decision = $5 WHERE bulk_id = $1 AND state = 'waiting'
"""
"""Somebody decides on a file."""

PUT_JOB = "UPDATE correction_bulk SET job_id = $2 WHERE bulk_id = $1"
"""Which job carries a file out."""

SELECT_LAST_ROW = "SELECT coalesce(max(row), 0) FROM correction WHERE bulk_id = $1"
"""How far a file was carried out: rows go in order."""

INSERT_ROWS = """
INSERT INTO correction (correction_id, bulk_id, row, hash, subject, member_id, unit, points, reason, note, expires_on, may_owe, state,
    asked_by, asked_at, decided_at, balance, problem)
SELECT id, $1, row, ''::bytea, subject, member_id, unit, points, reason, note, expires_on, false, state, $2, $3, $4, balance, problem::jsonb
FROM unnest($5::uuid[], $6::integer[], $7::text[], $8::uuid[], $9::text[], $10::bigint[], $11::text[], $12::text[], $13::date[],
    $14::text[], $15::bigint[], $16::text[])
    AS told (id, row, subject, member_id, unit, points, reason, note, expires_on, state, balance, problem)
ON CONFLICT (correction_id) DO NOTHING
"""
"""Rows of a file with what became of each."""

COUNT_ROWS = """
UPDATE correction_bulk SET
    carried = (SELECT count(*) FROM correction WHERE bulk_id = $1 AND state = 'done'),
    refused = (SELECT count(*) FROM correction WHERE bulk_id = $1 AND state = 'refused')
WHERE bulk_id = $1
"""
"""Count what became of a file's rows so far."""

SELECT_REFUSED = (
    "SELECT row, problem::text AS problem FROM correction WHERE bulk_id = $1 AND state = 'refused' ORDER BY row"
)
"""Rows of a file that were refused, with why."""

END_BULK = "UPDATE correction_bulk SET state = 'done', refused_file = $2 WHERE bulk_id = $1"
"""A file was carried out to its end."""


def correction_of(row: Any) -> Correction:
    """Return a correction as it was read."""
    wish = Wish(row["subject"], *(row[name] for name in ("points", "reason", "unit", "note", "expires_on", "may_owe")))
    return Correction(
        id=str(row["correction_id"]),
        wish=wish,
        member=row["member_id"].bytes,
        state=State(row["state"]),
        problem=problem_of(json.loads(row["problem"])) if row["problem"] else None,
        **{name: row[name] for name in ("asked_by", "asked_at", "decided_by", "decided_at", "decision", "balance")},
    )


def bulk_of(row: Any) -> Bulk:
    """Return a file of corrections as it was read."""
    id_, upload, file, kind, state, *rest = row.values()
    return Bulk(str(id_), upload, file, kind, BulkState(state), *rest)


async def insert(
    conn: Connection, id_: str, hash_: bytes, wish: Wish, member: bytes, state: State, by: str, at: datetime
) -> None:
    """Keep a correction, unless it is there already."""
    told = (wish.unit, wish.points, wish.reason, wish.note, wish.expires_on, wish.may_owe)
    await conn.execute(INSERT_CORRECTION, UUID(id_), hash_, wish.subject, UUID(member), *told, state.value, by, at)


async def corrections(conn: Connection, statement: str, *args: Any) -> list[Correction]:
    """Return the corrections that a statement of this store finds."""
    return [correction_of(row) for row in await conn.fetch(statement, *args)]


async def insert_rows(conn: Connection, bulk: Bulk, at: datetime, rows: Sequence[tuple[Any, ...]]) -> None:
    """Keep rows of a file with what became of each; the columns are those of `INSERT_ROWS`."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    await conn.execute(INSERT_ROWS, UUID(bulk.id), bulk.asked_by, bulk.asked_at, at, *columns)
