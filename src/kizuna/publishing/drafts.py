"""The draft: the program that is being designed. A brand has one, it is always valid, and publishing ends it.

Whoever changes it says which state of it they saw; somebody who saw an older one is told and loses nothing. Publishing
takes the draft as it was seen, once: of two who publish at the same moment one makes a version, the other learns of it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg

from kizuna.core.errors import N_, Kind, Problem
from kizuna.program import Program, from_data, from_published
from kizuna.publishing import store
from kizuna.publishing.plans import PlanBook
from kizuna.publishing.service import publish_in
from kizuna.runtime.brands import Brand
from kizuna.runtime.db import Connection, Database


class DraftChanged(Problem):
    """Somebody else changed the draft between reading and writing."""

    code = "draft_changed"
    kind = Kind.CONFLICT
    title = N_("{who} changed this draft at {clock}, while you were editing it.")
    remedy = N_("Below is what you entered. Compare it with theirs, then save again to put yours in its place.")


class DraftMoved(Problem):
    """The draft is no longer the one that somebody looked at; nothing of theirs is lost, as they entered nothing."""

    code = "draft_moved"
    kind = Kind.CONFLICT
    title = N_("{who} changed this draft at {clock}, after you opened it.")
    remedy = N_("Look at the draft as it is now. If it is right, do it once more.")


class NothingToPublish(Problem):
    """There is no draft, or it says the same as the version in force."""

    code = "nothing_to_publish"
    kind = Kind.CONFLICT
    title = N_("There is nothing to publish: the draft says the same as version {version}.")
    remedy = N_("Change something first, or leave everything as it is.")


class NoDraft(Problem):
    """Nobody is designing anything."""

    code = "no_draft"
    kind = Kind.CONFLICT
    title = N_("There is nothing to publish: no program is being designed.")
    remedy = N_("Choose a program to begin with.")


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft. `about` is what the face that made it remembers; `changed_at` names the state that was seen."""

    document: Program
    changed_by: str
    changed_at: datetime
    about: Mapping[str, Any] = field(default_factory=dict)


async def read_draft(conn: Connection) -> Draft | None:
    """Return the draft, None if there is none."""
    return _draft(await conn.fetchrow(store.SELECT_DRAFT))


async def save_draft(
    db: Database, brand: Brand, document: Program, *, by: str, seen: datetime | None, about: Mapping[str, Any]
) -> datetime:
    """Keep `document` as the draft and return the new state's name. `seen` is None where there was no draft.

    The same form sent twice changes nothing the second time, whatever it had seen.

    Raises `DraftChanged`, `Unavailable`.
    """
    async with db.transaction(brand.schema) as conn:
        there = _draft(await conn.fetchrow(store.LOCK_DRAFT))
        texts = (_json(document.model_dump(mode="json")), _json(about), by)
        if there is None:  # also where it was published or left off meanwhile: then this begins a new one
            changed_at = await conn.fetchval(store.INSERT_DRAFT, *texts)
            there = _draft(await conn.fetchrow(store.SELECT_DRAFT))
        elif there.changed_by == by and there.document == document and there.about == about:
            changed_at = there.changed_at
        else:
            changed_at = await conn.fetchval(store.UPDATE_DRAFT, *texts, seen)
    if changed_at is None and there is not None:
        clock = there.changed_at.astimezone(brand.zone).strftime("%H:%M")
        raise DraftChanged(who=there.changed_by, clock=clock, at=there.changed_at.isoformat())
    made: datetime = changed_at
    return made


async def discard_draft(db: Database, brand: Brand, *, seen: datetime | None = None) -> None:
    """Leave off designing; what is published stays. With `seen`, only the draft as it was seen goes.

    Raises `DraftMoved`, `Unavailable`.
    """
    async with db.transaction(brand.schema) as conn:
        if seen is None or await conn.fetchval(store.DELETE_DRAFT_SEEN, seen):
            await conn.execute(store.DELETE_DRAFT)
            return
        there = _draft(await conn.fetchrow(store.SELECT_DRAFT))
        if there is not None:
            clock = there.changed_at.astimezone(brand.zone).strftime("%H:%M")
            raise DraftMoved(who=there.changed_by, clock=clock, at=there.changed_at.isoformat())


async def publish_draft(
    db: Database,
    brand: Brand,
    *,
    seen: datetime | None,
    note: str = "",
    effective_at: datetime | None = None,
    by: str = "",
) -> int:
    """Publish the draft as it was seen, to begin at `effective_at` or at once, and return the version's number.

    Raises `NoDraft`, `NothingToPublish`, `DraftMoved`, `ProgramInvalid`, `BackDated`, `TooFarAhead`, `PublishedMeanwhile`,
    `Unavailable`.
    """
    async with db.transaction(brand.schema) as conn:
        draft = _draft(await conn.fetchrow(store.LOCK_DRAFT))
        if draft is None:
            raise NoDraft
        if draft.changed_at != seen:
            clock = draft.changed_at.astimezone(brand.zone).strftime("%H:%M")
            raise DraftMoved(who=draft.changed_by, clock=clock, at=draft.changed_at.isoformat())
        book = PlanBook()
        await book.refresh(conn)
        if book.plans and book.plans[-1].program == draft.document:
            raise NothingToPublish(version=book.plans[-1].version)
        checked = from_data(
            draft.document.model_dump(mode="json")
        )  # what was valid when it was saved may not be any more
        version = await publish_in(conn, checked, effective_at=effective_at, note=note, by=by)
        await conn.execute(store.DELETE_DRAFT)
    return version


def _draft(row: asyncpg.Record | None) -> Draft | None:
    if row is None:
        return None
    document = from_published(json.loads(row["document"]))
    return Draft(document, row["changed_by"], row["changed_at"], json.loads(row["about"]))


def _json(facts: Any) -> str:
    return json.dumps(facts, ensure_ascii=False)
