"""Publishing: a version is written once and never changes; what was decided by it stays decided by it.

The first version is in force for all time before the second, so that history may be imported. No later version is
back-dated: it begins at its publication or after, and after the version before it.
"""

import json
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from kizuna.core.errors import N_, Kind, Problem
from kizuna.program import Program, from_published
from kizuna.publishing import store
from kizuna.publishing.plans import PlanBook
from kizuna.runtime.brands import Brand
from kizuna.runtime.clock import now
from kizuna.runtime.db import Connection, Database

YEARS_AHEAD_MAX = 10


class BackDated(Problem):
    """A version may not change the past."""

    code = "version_back_dated"
    kind = Kind.INVALID
    title = N_("A version cannot take effect at {asked}: the past is decided already.")
    remedy = N_("Choose a time after {earliest}.")


class TooFarAhead(Problem):
    """A version that begins when nobody can tell what will be."""

    code = "version_too_far_ahead"
    kind = Kind.INVALID
    title = N_("A version cannot begin at {asked}, more than {years_max} years ahead.")
    remedy = N_("Choose an earlier time; publish again when it is nearer.")


class PublishedMeanwhile(Problem):
    """Somebody else published between reading and writing."""

    code = "published_meanwhile"
    kind = Kind.CONFLICT
    title = N_("Somebody published version {version} at this very moment.")
    remedy = N_("Look at it, then publish again.")


async def publish(
    db: Database, brand: Brand, program: Program, *, effective_at: datetime | None = None, note: str = "", by: str = ""
) -> int:
    """Publish `program` and return its version number. Raises `BackDated`, `TooFarAhead`, `PublishedMeanwhile`, `Unavailable`."""
    async with db.transaction(brand.schema) as conn:
        return await publish_in(conn, program, effective_at=effective_at, note=note, by=by)


async def publish_in(
    conn: Connection, program: Program, *, effective_at: datetime | None = None, note: str = "", by: str = ""
) -> int:
    """Publish `program` in the caller's transaction. Raises `BackDated`, `TooFarAhead`, `PublishedMeanwhile`."""
    at = now()
    if effective_at is not None and effective_at.year > at.year + YEARS_AHEAD_MAX:
        raise TooFarAhead(field="effective_at", asked=effective_at.isoformat(), years_max=YEARS_AHEAD_MAX)
    book = PlanBook()
    await book.refresh(conn)
    effective = effective_at or at
    if book.plans:
        earliest = max(at, book.effective_at[-1])
        if effective_at is not None and effective < earliest:
            raise BackDated(field="effective_at", asked=effective.isoformat(), earliest=earliest.isoformat())
        effective = max(effective, earliest)
    version = len(book.plans) + 1
    document = json.dumps(program.model_dump(mode="json"), ensure_ascii=False)
    try:
        await conn.execute(store.INSERT_VERSION, version, document, effective, note, by)
    except asyncpg.UniqueViolationError as fault:
        raise PublishedMeanwhile(version=version) from fault
    return version


@dataclass(frozen=True, slots=True)
class Version:
    """A published version as one looks back on it. `published_by` is empty where nobody is known."""

    number: int
    document: Program
    effective_at: datetime
    published_at: datetime
    note: str
    published_by: str = ""


async def versions(conn: Connection) -> list[Version]:
    """Return every version, newest first."""
    rows = await conn.fetch(store.SELECT_VERSIONS, 0)
    return [
        Version(
            row["version"],
            from_published(json.loads(row["document"])),
            row["effective_at"],
            row["published_at"],
            row["note"],
            row["published_by"],
        )
        for row in reversed(rows)
    ]
