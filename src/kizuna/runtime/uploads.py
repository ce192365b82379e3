"""Files that people send in, kept in pieces in the brand's own schema until the work on them is over.

A file is there only when all of it is: one that broke off is never read and is swept away. Whoever works on it may run in
another process or on another machine; it is written to a file of theirs piece by piece.
"""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg

from kizuna.core.errors import N_, Kind, NotFound, Problem
from kizuna.runtime import uploads_store as store
from kizuna.runtime.db import Connection, Database

PIECE_BYTES = 1 << 20
BYTES_MAX = 256 << 20
KEPT_DAYS = 30


class UploadTooLarge(Problem):
    """A file beyond what is taken over the web."""

    code = "upload_too_large"
    kind = Kind.TOO_LARGE
    title = N_("This file is larger than {mib_max} MB.")
    remedy = N_("Split it by month or year and send the parts one after the other; nothing counts twice.")


class UploadMissing(Problem):
    """A form for a file came without one."""

    code = "upload_missing"
    kind = Kind.INVALID
    title = N_("No file was chosen, or it is empty.")
    remedy = N_("Choose a CSV or Parquet file with at least one row.")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that is here. `about` says what it is for and how it is read."""

    id: int
    name: str
    size: int
    sent_by: str
    sent_at: datetime
    about: Mapping[str, Any] = field(default_factory=dict)


async def take_in(
    db: Database, schema: str, name: str, pieces: AsyncIterator[bytes], *, by: str, about: Mapping[str, Any]
) -> int:
    """Keep a file and return its number. Raises `UploadTooLarge`, `UploadMissing`, `Unavailable`."""
    async with db.lend(schema) as conn:
        await conn.execute(store.SWEEP, KEPT_DAYS)
        number = int(await conn.fetchval(store.INSERT_UPLOAD, name, json.dumps(about, ensure_ascii=False), by))
        size, n = 0, 0
        try:
            async for piece in pieces:
                size += len(piece)
                if size > BYTES_MAX:
                    raise UploadTooLarge(field="file", mib_max=BYTES_MAX >> 20)
                if piece:
                    await conn.execute(store.INSERT_PIECE, number, n, piece)
                    n += 1
            if not size:
                raise UploadMissing(field="file")
        except Problem:
            await conn.execute(store.DELETE_UPLOAD, number)
            raise
        await conn.execute(store.FINISH_UPLOAD, number, size)
    return number


async def find_upload(conn: Connection, number: int) -> Upload:
    """Return a file. Raises `NotFound`."""
    found = _upload(await conn.fetchrow(store.SELECT_UPLOAD, number) if 0 < number < 1 << 63 else None)
    if found is None:
        raise NotFound(what="file", key=str(number))
    return found


async def newest_upload(conn: Connection, purpose: str) -> Upload | None:
    """Return the newest file that was sent for a purpose."""
    return _upload(await conn.fetchrow(store.SELECT_NEWEST, purpose))


async def remember(conn: Connection, number: int, about: Mapping[str, Any]) -> None:
    """Remember more about a file."""
    await conn.execute(store.UPDATE_ABOUT, number, json.dumps(about, ensure_ascii=False))


async def forget(conn: Connection, number: int) -> None:
    """Forget a file, unless it is kept."""
    await conn.execute(store.DELETE_UPLOAD, number)


async def keep(conn: Connection, number: int) -> None:
    """Keep a file until it is released: it is neither forgotten nor swept away. Raises `NotFound`."""
    if await conn.execute(store.PUT_KEPT, number, True) != "UPDATE 1":
        raise NotFound(what="file", key=str(number))


async def release(conn: Connection, number: int) -> None:
    """Let a file go the way of the others; one that is gone is none the worse for it."""
    await conn.execute(store.PUT_KEPT, number, False)


async def pieces_of(db: Database, schema: str, number: int) -> AsyncIterator[bytes]:
    """Yield a file piece by piece; no connection is held in between. Raises `Unavailable`."""
    n = 0
    while True:
        async with db.lend(schema) as conn:
            piece = await conn.fetchval(store.SELECT_PIECE, number, n)
        if piece is None:
            return
        yield piece
        n += 1


async def write_to(db: Database, schema: str, number: int, path: Path, *, bytes_max: int | None = None) -> bool:
    """Write a file to `path` and tell whether that is all of it. With `bytes_max` it ends at a line's end. Raises `Unavailable`."""
    written = 0
    with path.open("wb") as file:
        async for piece in pieces_of(db, schema, number):
            written += len(piece)
            if bytes_max is not None and written > bytes_max:
                file.write(piece[: piece.rfind(b"\n") + 1])
                return False
            file.write(piece)
    return True


async def pieces_from(path: Path) -> AsyncIterator[bytes]:
    """Yield a local file in pieces."""
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            yield piece


def _upload(row: asyncpg.Record | None) -> Upload | None:
    if row is None:
        return None
    about = json.loads(row["about"])
    return Upload(row["upload_id"], row["name"], row["size"], row["sent_by"], row["sent_at"], about)
