"""Notes that the staff write about a member: 1 to 4,000 characters of text by a signed-in person.

A note is never changed. One that was taken away can be brought back for 30 days; after that it may be forgotten. A note
belongs to one member of one brand: a number of another's names nothing.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from kizuna.core.errors import N_, Kind, NotFound, Problem
from kizuna.core.ids import digest
from kizuna.members import notes_store as store
from kizuna.runtime.db import Connection

NOTE_LENGTH_MAX = 4000
KEPT_FOR = timedelta(days=30)
NEWEST_NOTE = 2**63 - 1
"""A cursor before which every note lies."""
_REMOVED_SHOWN = 20


class Note(NamedTuple):
    """A note as it stands; `removed_at` and `removed_by` are None while it has not been taken away."""

    id: int
    author: str
    body: str
    written_at: datetime
    removed_at: datetime | None
    removed_by: str | None


class NoteEmpty(Problem):
    """Nothing was written."""

    code = "note_empty"
    kind = Kind.INVALID
    title = N_("This note is empty.")
    remedy = N_("Write what the next colleague should know about this member.")


class NoteTooLong(Problem):
    """More than a note holds."""

    code = "note_too_long"
    kind = Kind.INVALID
    title = N_("This note has {length} characters; a note holds {length_max}.")
    remedy = N_("Shorten it by {over} characters, or write a second note. Your text is still here.")


class NoteUnknown(Problem):
    """No such note of this member, or it was taken away too long ago."""

    code = "note_unknown"
    kind = Kind.NOT_FOUND
    title = N_("This note is no longer here.")
    remedy = N_("A note that was removed can be brought back for {days} days. Open the notes to see what is there.")

    def __init__(self) -> None:
        super().__init__(days=KEPT_FOR.days)


def note_text(text: str) -> str:
    r"""Return a note as it is kept: lines end as \n, no space at its end. Raises `NoteEmpty`, `NoteTooLong`."""
    body = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")).strip("\n")
    if not body.strip():
        raise NoteEmpty(field="body")
    if len(body) > NOTE_LENGTH_MAX:
        over = len(body) - NOTE_LENGTH_MAX
        raise NoteTooLong(field="body", length=f"{len(body):,}", length_max=f"{NOTE_LENGTH_MAX:,}", over=f"{over:,}")
    return body


async def write_note(conn: Connection, member: bytes, *, text: str, author: str, form: str, at: datetime) -> int:
    """Write a note and return its number; the same words from the same `form` are one note, however often they come.

    Raises `NoteEmpty`, `NoteTooLong`, `NotFound` when there is no such member.
    """
    body = note_text(text)
    number = await store.insert(conn, member, digest("note", form, author, body), author, body, at)
    if number is None:
        raise NotFound(what="member", key=str(UUID(bytes=member)))
    return number


async def notes(
    conn: Connection, member: bytes, *, before: int = NEWEST_NOTE, limit: int
) -> tuple[list[Note], int | None]:
    """Return a page of a member's notes, newest first, and the cursor of the next page, None on the last."""
    rows = [_note(row) for row in await store.before(conn, member, before, limit + 1)]
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


async def newest_note(conn: Connection, member: bytes) -> tuple[Note | None, int]:
    """Return a member's newest note and how many there are."""
    row = await store.newest(conn, member)
    return (None, 0) if row is None else (_note(row), row["notes"])


async def removed_notes(conn: Connection, member: bytes, at: datetime) -> Sequence[Note]:
    """Return the notes that can still be brought back at `at`, the last taken away first."""
    return [_note(row) for row in await store.removed_since(conn, member, at - KEPT_FOR, _REMOVED_SHOWN)]


async def remove_note(conn: Connection, member: bytes, note: int, *, by: str, at: datetime) -> None:
    """Take a note away. Raises `NoteUnknown`."""
    if not await store.remove(conn, member, note, at, by):
        raise NoteUnknown


async def restore_note(conn: Connection, member: bytes, note: int, *, at: datetime) -> None:
    """Bring a note back. Raises `NoteUnknown`, also when it was taken away too long ago."""
    if not await store.restore(conn, member, note, at - KEPT_FOR):
        raise NoteUnknown


async def purge_notes(conn: Connection, at: datetime) -> int:
    """Forget the notes that can no longer be brought back at `at`; return how many."""
    return await store.purge(conn, at - KEPT_FOR)


def _note(row: Any) -> Note:
    return Note(row["note_id"], row["author"], row["body"], row["written_at"], row["removed_at"], row["removed_by"])
