"""Long work: asked for in the caller's own transaction, done by a worker, seen and stopped by whoever asked.

Always true: a job is done by one worker at a time, and whoever lost it writes nothing more into it. A worker holds a job by
a lease that it renews; when it dies the lease runs out and another worker calls the same `run` again. So a kind of job must
be resumable: each of its steps may happen twice, or begin anew, and the outcome is the same.

To add a kind, write `async def run(db, brand, job, tell)`; name it in a `Handler` among app.HANDLERS; say how it reads in
`web/console/desk/kinds.py`. `run` calls `tell(phase, done, total)` as often as it likes (a phase is an English message id,
marked N_), calls `tell.stop_if_asked()` where stopping leaves everything whole, returns small facts as its result, and
raises a `Problem` when the person must do something. A `run` never holds the event loop for as long as `LEASE_S`.
"""

import asyncio
import json
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import asyncpg

from kizuna.core.errors import N_, Kind, NotFound, Problem, Unavailable
from kizuna.core.kept import facts_of, problem_of
from kizuna.runtime import jobs_store as store
from kizuna.runtime.brands import Brand
from kizuna.runtime.db import Connection, Database

LEASE_S = 30
RENEW_EVERY_S = 5.0
WRITE_EVERY_S = 0.5
CANCEL_GRACE_S = 10.0
DEATHS_MAX = 3
KEPT_DAYS = 30
_log = logging.getLogger(__name__)


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        """Tell whether it has yet to end."""
        return self in (JobState.WAITING, JobState.RUNNING)


class Cancelled(Exception):  # noqa: N818 - not an error: the work stops because somebody asked
    """The work stops at the wish of a person."""


class JobFaulty(Problem):
    """A mistake of ours in the work. The log has it under `trace`."""

    code = "job_faulty"
    kind = Kind.UNAVAILABLE
    title = N_("This work stopped at a mistake on our side; it is in the log as {trace}.")
    remedy = N_("What was done stays done. Start it again; if it stops again, send the number to support.")


class JobAbandoned(Problem):
    """Worker after worker died of it."""

    code = "job_abandoned"
    kind = Kind.UNAVAILABLE
    title = N_("This work was broken off {times} times, and is not tried again by itself.")
    remedy = N_("What was done stays done. Look whether the server has enough memory and disk, then start it again.")


@dataclass(frozen=True, slots=True)
class Job:
    """One job as it stands. `about` is what was asked, `result` what came of it; both are the kind's own small facts."""

    id: int
    kind: str
    about: Mapping[str, Any]
    asked_by: str
    state: JobState
    attempt: int
    deaths: int
    phase: str
    done: int
    total: int | None
    phase_at: datetime | None
    phase_done: int
    result: Mapping[str, Any]
    problem: Problem | None
    wants_cancel: bool
    asked_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    def rate(self, at: datetime) -> float | None:
        """Return how many things a second are done in this phase, None before there is anything to tell by."""
        if self.state is not JobState.RUNNING or self.phase_at is None:
            return None
        seconds, more = (at - self.phase_at).total_seconds(), self.done - self.phase_done
        return more / seconds if seconds >= 1 and more > 0 else None

    def left(self, at: datetime) -> timedelta | None:
        """Return the time that the rest of this phase takes at its rate, None when that cannot be told."""
        rate = self.rate(at)
        if rate is None or self.total is None:
            return None
        return timedelta(seconds=max(0, self.total - self.done) / rate)


class Tell:
    """How work says where it is, and hears that it should stop. Cheap: what is told is written twice a second at most."""

    def __init__(self, phase: str = "", done: int = 0, total: int | None = None) -> None:
        self.phase, self.done, self.total = phase, done, total
        self.wants_cancel = False

    def __call__(self, phase: str, done: int, total: int | None = None) -> None:
        """Say that `done` of `total` things of `phase` are done."""
        self.phase, self.done, self.total = phase, done, total

    def stop_if_asked(self) -> None:
        """Raise `Cancelled` when somebody asked for the end."""
        if self.wants_cancel:
            raise Cancelled

    def position(self) -> tuple[str, int, int | None]:
        """Return what was told last."""
        return self.phase, self.done, self.total


Run = Callable[[Database, Brand, Job, Tell], Awaitable[Mapping[str, Any] | None]]


@dataclass(frozen=True, slots=True)
class Handler:
    """A kind of job, and what does it."""

    kind: str
    run: Run


async def enqueue(
    conn: Connection, kind: str, about: Mapping[str, Any], asked_by: str, *, once: str | None = None
) -> int:
    """Ask for a job in the caller's own transaction, and return its id.

    While a job with the same `once` waits or runs, its id is returned and nothing is added.
    """
    return int(await conn.fetchval(store.INSERT_JOB, kind, _json(about), asked_by, once))


async def find(conn: Connection, job_id: int) -> Job:
    """Return a job. Raises `NotFound`."""
    row = await conn.fetchrow(store.SELECT_JOB, job_id) if 0 < job_id < 1 << 63 else None
    if row is None:
        raise NotFound(what="job", key=str(job_id))
    return _job(row)


async def recent(conn: Connection, *, limit: int = 50) -> list[Job]:
    """Return the jobs that are open, then those of the last days, newest first."""
    return [_job(row) for row in await conn.fetch(store.SELECT_RECENT, limit, KEPT_DAYS)]


async def notices(conn: Connection, seen_at: datetime) -> tuple[int, int]:
    """Return how many jobs are open, and how many ended since `seen_at`."""
    row = await conn.fetchrow(store.COUNT_NOTICES, seen_at)
    return row["open"], row["unseen"]


async def ask_to_cancel(conn: Connection, job_id: int) -> bool:
    """Wish that a job ends; tell whether it had yet to end."""
    return await conn.fetchval(store.CANCEL_JOB, job_id) is not None


async def work_once(db: Database, brand: Brand, handlers: Mapping[str, Handler]) -> bool:
    """Claim one job of a brand and do it; tell whether there was one. Raises `Unavailable`.

    When the calling task is cancelled the job is given back first.
    """
    async with db.lend(brand.schema) as conn:
        row = await conn.fetchrow(store.CLAIM_JOB, list(handlers), LEASE_S)
    if row is None:
        return False
    job = _job(row)
    tell = Tell(*_place(job))
    if job.deaths > DEATHS_MAX:
        await _finish(db, brand, job, tell, JobState.FAILED, problem=JobAbandoned(times=job.deaths))
    elif job.wants_cancel:
        await _finish(db, brand, job, tell, JobState.CANCELLED)
    else:
        await _Claim(db, brand, job, tell).do(handlers[job.kind].run)
    return True


class _Claim:
    """One job in this worker's hands."""

    def __init__(self, db: Database, brand: Brand, job: Job, tell: Tell) -> None:
        self._db, self._brand, self._job, self._tell = db, brand, job, tell
        self._is_lost = False

    async def do(self, run: Run) -> None:
        """Run to an end and write it down."""
        job, tell = self._job, self._tell
        work = asyncio.ensure_future(run(self._db, self._brand, job, tell))
        pulse = asyncio.create_task(self._renew(work))
        try:
            result = await _settled(work)
        except asyncio.CancelledError:
            await self._broken_off(work)
            return
        except Cancelled:
            await _finish(self._db, self._brand, job, tell, JobState.CANCELLED)
        except Unavailable:
            await self._give_back(RENEW_EVERY_S)
        except Problem as problem:
            await _finish(self._db, self._brand, job, tell, JobState.FAILED, problem=problem)
        except Exception as fault:  # noqa: BLE001 - logged whole under the trace that the person is given
            trace = secrets.token_hex(4)
            _log.error("job %s (%s) of %s: trace %s", job.id, job.kind, self._brand.slug, trace, exc_info=fault)
            await _finish(self._db, self._brand, job, tell, JobState.FAILED, problem=JobFaulty(trace=trace))
        else:
            await _finish(self._db, self._brand, job, tell, JobState.DONE, result=result)
        finally:
            pulse.cancel()

    async def _broken_off(self, work: "asyncio.Future[Any]") -> None:
        """End work that was cancelled from outside: by a person, by a lost lease, or because this worker stops."""
        asking = asyncio.current_task()
        stopping = asking is not None and asking.cancelling() > 0
        work.cancel()
        await asyncio.wait([work])
        if self._is_lost:
            _log.warning("job %s of %s was taken over by another worker", self._job.id, self._brand.slug)
        elif stopping:
            await self._give_back(0)
            raise asyncio.CancelledError
        else:
            await _finish(self._db, self._brand, self._job, self._tell, JobState.CANCELLED)

    async def _give_back(self, rest_s: float) -> None:
        async with self._db.lend(self._brand.schema) as conn:
            await conn.execute(store.RELEASE_JOB, self._job.id, self._job.attempt, rest_s)

    async def _renew(self, work: "asyncio.Future[Any]") -> None:
        """Write the progress and a sign of life; hear of the wish to stop; end work that is no longer ours."""
        clock = asyncio.get_running_loop().time
        written, renewed, asked_at = self._tell.position(), clock(), 0.0
        while not work.done():
            await asyncio.sleep(WRITE_EVERY_S)
            if self._tell.wants_cancel and clock() - asked_at > CANCEL_GRACE_S:
                work.cancel()
            position = self._tell.position()
            if position == written and clock() - renewed < RENEW_EVERY_S and not self._is_due(renewed, clock()):
                continue
            try:
                async with self._db.lend(self._brand.schema) as conn:
                    wish = await conn.fetchval(store.RENEW_JOB, self._job.id, self._job.attempt, LEASE_S, *position)
            except Problem:
                continue  # the database is away: the lease lasts a while, and the work meets the same
            written, renewed = position, clock()
            if wish is None and not work.done():
                self._is_lost = True
                work.cancel()
            elif wish and not self._tell.wants_cancel:
                self._tell.wants_cancel, asked_at = True, clock()

    @staticmethod
    def _is_due(renewed: float, at: float) -> bool:
        """Ask for a wish to stop every two seconds also when nothing moves."""
        return at - renewed >= 2.0


async def _settled(work: "asyncio.Future[Mapping[str, Any] | None]") -> Mapping[str, Any] | None:
    """Wait for the work without cancelling it when this task is."""
    return await asyncio.shield(work)


async def _finish(
    db: Database,
    brand: Brand,
    job: Job,
    tell: Tell,
    state: JobState,
    *,
    result: Mapping[str, Any] | None = None,
    problem: Problem | None = None,
) -> None:
    async with db.lend(brand.schema) as conn:
        await conn.execute(
            store.FINISH_JOB,
            job.id,
            job.attempt,
            state.value,
            _json(result or {}) if state is JobState.DONE else None,
            _json(facts_of(problem)) if problem else None,
            *tell.position(),
        )


def _place(job: Job) -> tuple[str, int, int | None]:
    return job.phase, job.done, job.total


def _json(facts: Mapping[str, Any]) -> str:
    return json.dumps(facts, ensure_ascii=False)


def _job(row: asyncpg.Record) -> Job:
    fields = dict(row)
    told = fields.pop("problem")
    return Job(
        id=fields.pop("job_id"),
        state=JobState(fields.pop("state")),
        about=json.loads(fields.pop("about")),
        result=json.loads(fields.pop("result") or "{}"),
        problem=problem_of(json.loads(told)) if told else None,
        **fields,
    )
