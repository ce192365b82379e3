"""Asks the rooms for what stands on the desk: jobs, and whatever a word may mean (a member, an order, a rule, a tier)."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kizuna import intake, members
from kizuna.core.days import from_ms
from kizuna.runtime import jobs
from kizuna.runtime.db import Connection
from kizuna.web.console.desk.views import JobView
from kizuna.web.reads import Reader, uuid_text

MEMBERS_MAX = 5
JOBS_MAX = 50
SENDERS_KEPT_S = 30.0
_senders: dict[str, tuple[float, list[str]]] = {}


def job_view(job: jobs.Job, at: datetime, seen_at: datetime) -> JobView:
    """Return a job as seen at a moment."""
    left = job.left(at)
    is_new = job.finished_at is not None and job.finished_at > seen_at
    return JobView(job, at, job.rate(at), None if left is None else round(left.total_seconds()), is_new)


async def job_list(conn: Connection, at: datetime, seen_at: datetime, limit: int = JOBS_MAX) -> list[JobView]:
    """Return the jobs that are open and those that ended within the last days."""
    return [job_view(job, at, seen_at) for job in await jobs.recent(conn, limit=limit)]


async def find_members(reader: Reader, conn: Connection, query: str) -> Sequence[members.Found]:
    """Return the first members whom a word finds."""
    return await members.found(conn, await members.first_found(conn, query, reader.brand.country, limit=MEMBERS_MAX))


@dataclass(frozen=True, slots=True)
class Told:
    """An event that was found by its name: what it was called, who sent it, when it was, and where it is shown."""

    id: str
    source: str
    at: datetime
    href: str


async def find_orders(reader: Reader, conn: Connection, query: str) -> list[Told]:
    """Return the events that are named exactly so."""
    ids = [query, f"order/{query}"]
    found = await intake.recall(conn, await _senders_of(reader, conn), ids)
    return [_told(one) for one in found]


def _told(one: intake.Recalled) -> Told:
    key = one.outcome.event_key
    href = f"/console/members/{uuid_text(one.outcome.member)}/orders/{uuid_text(key)}"
    return Told(one.id.removeprefix("order/"), one.source, from_ms(int.from_bytes(key[:6], "big")), href)


async def _senders_of(reader: Reader, conn: Connection) -> list[str]:
    """Return who sends this brand's events, asked for anew after a while."""
    kept_at, senders = _senders.get(reader.brand.schema, (0.0, []))
    if not senders or time.monotonic() - kept_at > SENDERS_KEPT_S:
        senders = await intake.sources(conn)
        _senders[reader.brand.schema] = (time.monotonic(), senders)
    return senders
