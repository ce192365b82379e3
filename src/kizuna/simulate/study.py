"""Back-tests that people keep: what is asked, over which history, by which designs, and what it came to.

Always true: a study has one to four designs; what it came to belongs to what was asked when it ran (`is_fresh` says whether that is still
what is asked).
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import asyncpg

from kizuna.core.errors import N_, Kind, NotFound, Problem
from kizuna.core.ids import digest
from kizuna.program import from_published
from kizuna.runtime import jobs
from kizuna.runtime.db import Connection
from kizuna.simulate import study_store as store
from kizuna.simulate.behaviour import behaviour_of
from kizuna.simulate.grid import Axis, variants
from kizuna.simulate.run import Design

KIND, STORY = "backtest", "backtest_story"
DESIGNS_MAX = 4
SHOWN_MAX = 100


class TooManyDesigns(Problem):
    """A study has its four designs already."""

    code = "too_many_designs"
    kind = Kind.INVALID
    title = N_("A back-test compares up to {designs_max} designs.")
    remedy = N_("Take one away first, or start another back-test.")


class StudyChanged(Problem):
    """Somebody changed a study meanwhile."""

    code = "backtest_changed"
    kind = Kind.CONFLICT
    title = N_("This back-test was changed meanwhile.")
    remedy = N_("Look at it as it is now, then make your change again.")


@dataclass(frozen=True, slots=True)
class Source:
    """Where the history is from: the brand's own records, or a file that was sent in, with which column of it is what."""

    upload: int | None = None
    file: str | None = None
    columns: Mapping[str, Any] | None = None

    @property
    def is_file(self) -> bool:
        """Tell whether it is a file."""
        return self.upload is not None


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: the history, the days (None: all of them), the gross margin in parts of a million, the designs.

    `is_fitted` asks for redemptions as the brand's own members make them, whatever the designs say. `axes` are values to try at places
    of the first design, in every combination.
    """

    source: Source
    designs: tuple[Design, ...]
    since: date | None = None
    until: date | None = None
    margin: int | None = None
    is_fitted: bool = False
    axes: tuple[Axis, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "source": {"upload": self.source.upload, "file": self.source.file, "columns": self.source.columns},
            "since": None if self.since is None else self.since.isoformat(),
            "until": None if self.until is None else self.until.isoformat(),
            "margin": self.margin,
            "is_fitted": self.is_fitted,
            "axes": [[axis.place, list(axis.values)] for axis in self.axes],
            "designs": [
                {"name": one.name, "program": one.program.model_dump(mode="json"), "behaviour": one.behaviour.as_json()}
                for one in self.designs
            ],
        }

    @property
    def digest(self) -> bytes:
        """What this question is known by."""
        return digest(json.dumps(self.as_json(), sort_keys=True))


@dataclass(frozen=True, slots=True)
class Study:
    """A study as it stands. `result` is what `told` gave of each design, `winners`, `variation` and remarks; None before it ran."""

    id: int
    name: str
    asked: Asked
    result: Mapping[str, Any] | None
    is_fresh: bool
    stories: Mapping[str, Any]
    job: int | None
    made_by: str
    made_at: datetime
    changed_at: datetime
    ran_at: datetime | None


def asked_of(about: Mapping[str, Any]) -> Asked:
    """Return what `Asked.as_json` gave."""
    since, until = (None if about[name] is None else date.fromisoformat(about[name]) for name in ("since", "until"))
    designs = tuple(
        Design(one["name"], from_published(one["program"]), behaviour_of(one["behaviour"])) for one in about["designs"]
    )
    return Asked(Source(**about["source"]), designs, since, until, about["margin"], about["is_fitted"], axes_of(about))


def axes_of(about: Mapping[str, Any]) -> tuple[Axis, ...]:
    """Return the axes that `Asked.as_json` gave."""
    return tuple(Axis(place, tuple(values)) for place, values in about["axes"])


async def studies(conn: Connection) -> list[Study]:
    """Return the studies that were changed last, without what they came to."""
    return [_study(row) for row in await conn.fetch(store.SELECT_STUDIES, SHOWN_MAX)]


async def find_study(conn: Connection, number: int) -> Study:
    """Return a study. Raises `NotFound`."""
    row = await conn.fetchrow(store.SELECT_STUDY, number) if 0 < number < 1 << 63 else None
    if row is None:
        raise NotFound(what="backtest", key=str(number))
    return _study(row)


async def keep_study(conn: Connection, name: str, asked: Asked, by: str) -> int:
    """Keep a new study and return its number. Raises `TooManyDesigns`, and what a grid raises."""
    return int(await conn.fetchval(store.INSERT_STUDY, name, _json(asked), by))


async def change_study(conn: Connection, study: Study, name: str, asked: Asked) -> datetime:
    """Ask otherwise; `study` is how it was seen. Raises `StudyChanged`, `TooManyDesigns`, and what a grid raises."""
    changed_at = await conn.fetchval(store.CHANGE_STUDY, study.id, name, _json(asked), study.changed_at)
    if changed_at is None:
        raise StudyChanged
    found: datetime = changed_at
    return found


async def forget_study(conn: Connection, number: int) -> None:
    """Keep a study no longer."""
    await conn.execute(store.DELETE_STUDY, number)


async def ask_to_run(conn: Connection, number: int, *, by: str) -> int:
    """Ask for a study to be run, in the caller's transaction, and return the job; asking twice is asking once."""
    name = (await find_study(conn, number)).name
    job = await jobs.enqueue(conn, KIND, {"backtest": number, "name": name}, by, once=f"{KIND}:{number}")
    await conn.execute(store.SET_JOB, number, job)
    return job


async def ask_for_story(conn: Connection, number: int, member: str, *, by: str) -> int:
    """Ask for one member's story under each design of a study, and return the job. `member` is an identity as results name it."""
    about = {"backtest": number, "member": member}
    return await jobs.enqueue(conn, STORY, about, by, once=f"{STORY}:{number}:{member}")


async def keep_result(conn: Connection, number: int, asked: Asked, result: Mapping[str, Any]) -> None:
    """Note what a study came to when it was asked so."""
    packed = zlib.compress(json.dumps(result, ensure_ascii=False).encode())
    await conn.execute(store.SET_RESULT, number, packed, asked.digest)


async def keep_story(conn: Connection, number: int, member: str, story: Sequence[Mapping[str, Any]]) -> None:
    """Note a member's story."""
    await conn.execute(store.SET_STORY, number, member, json.dumps(story, ensure_ascii=False))


def _json(asked: Asked) -> str:
    if not 1 <= len(asked.designs) <= DESIGNS_MAX:
        raise TooManyDesigns(designs_max=DESIGNS_MAX)
    if asked.axes:
        variants(asked.designs[0], asked.axes)
    return json.dumps(asked.as_json(), ensure_ascii=False)


def _study(row: asyncpg.Record) -> Study:
    asked = asked_of(json.loads(row["about"]))
    result = None if row["result"] is None else json.loads(zlib.decompress(row["result"]))
    return Study(
        row["backtest_id"], row["name"], asked, result, row["asked"] == asked.digest, json.loads(row["stories"]), row["job"],
        row["made_by"], row["made_at"], row["changed_at"], row["ran_at"],
    )  # fmt: skip
