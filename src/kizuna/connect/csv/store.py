"""All SQL of imports: each statement named, with its purpose. Amounts of work are counted in orders."""

import json
from dataclasses import dataclass
from typing import Any

from kizuna.connect.csv.problems import RunBeingUndone
from kizuna.runtime.db import Connection

BEGIN_RUN = """
INSERT INTO import_run (run_id, about) VALUES ($1, $2)
ON CONFLICT (run_id) DO UPDATE SET undone_at = NULL
RETURNING posted, refused, rejected, summary, finished_at IS NOT NULL AS finished, is_undoing
"""
"""Note a run, or find what an earlier one of the same files and mapping came to."""

MOVE_RUN = """
UPDATE import_run SET refused = greatest(refused, $3), posted = greatest(posted, $2),
    summary = CASE WHEN posted <= $2 THEN $4::text::json ELSE summary END
WHERE run_id = $1
"""
"""Remember how many orders are posted, and what came of them. Of two processes at the same files the one further on counts."""

FINISH_RUN = """
UPDATE import_run SET posted = $2, refused = $3, rejected = $4, summary = $5, finished_at = now() WHERE run_id = $1
"""
"""Remember that everything is posted, and what became of it."""


SELECT_RUN = "SELECT about, summary FROM import_run WHERE run_id = $1"
"""One run."""

SELECT_UNDOING = "SELECT about, undoings, undone_at IS NOT NULL AS is_undone FROM import_run WHERE run_id = $1"
"""One run, and how often it was taken back."""

BEGIN_UNDOING = "UPDATE import_run SET is_undoing = true WHERE run_id = $1"
"""A run is being taken back: until that is done it is not imported again."""

FINISH_UNDOING = """
UPDATE import_run SET is_undoing = false, undoings = $2 + 1, undone_at = now(), posted = 0, refused = 0, rejected = 0, summary = NULL,
    finished_at = NULL
WHERE run_id = $1 AND undoings = $2
"""
"""A run is taken back: it is as if it had not been posted."""


@dataclass(frozen=True, slots=True)
class Run:
    """How far a run has come: `posted` orders from the front, `refused` ones among them, `rejected` ones beside them."""

    posted: int
    refused: int
    rejected: int
    finished: bool
    summary: dict[str, Any]

    @property
    def tally(self) -> dict[str, int]:
        """What had come of the orders posted when a run was broken off."""
        return dict(self.summary.get("tally", {}))

    @property
    def is_clean(self) -> bool:
        """Tell whether it is done and every order of the files was taken."""
        return self.finished and not self.refused and not self.rejected


async def begin(conn: Connection, run_id: str, about: dict[str, Any]) -> Run:
    """Note a run, or find the one there is. Raises `RunBeingUndone`."""
    row = await conn.fetchrow(BEGIN_RUN, run_id, json.dumps(about, ensure_ascii=False))
    if row["is_undoing"]:
        raise RunBeingUndone(run=run_id)
    return Run(row["posted"], row["refused"], row["rejected"], row["finished"], json.loads(row["summary"] or "{}"))


async def move(conn: Connection, run_id: str, posted: int, refused: int, tally: dict[str, int]) -> None:
    """Remember how far a run has come."""
    await conn.execute(MOVE_RUN, run_id, posted, refused, json.dumps({"tally": tally}))


async def finish(conn: Connection, run_id: str, run: Run) -> None:
    """Remember that a run is done."""
    summary = json.dumps(run.summary, ensure_ascii=False)
    await conn.execute(FINISH_RUN, run_id, run.posted, run.refused, run.rejected, summary)


async def find(conn: Connection, run_id: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return what was noted of a run, and what came of it; None if there is no such run."""
    row = await conn.fetchrow(SELECT_RUN, run_id)
    return None if row is None else (json.loads(row["about"]), json.loads(row["summary"] or "{}"))


async def find_undoing(conn: Connection, run_id: str) -> tuple[dict[str, Any], int, bool] | None:
    """Return what was noted of a run, how often it was taken back, and whether it is now; None if there is no such run."""
    row = await conn.fetchrow(SELECT_UNDOING, run_id)
    return None if row is None else (json.loads(row["about"]), row["undoings"], row["is_undone"])


async def begin_undoing(conn: Connection, run_id: str) -> None:
    """Note that a run is being taken back."""
    await conn.execute(BEGIN_UNDOING, run_id)


async def finish_undoing(conn: Connection, run_id: str, undoing: int) -> None:
    """Note that a run is taken back, for the time `undoing`; once."""
    await conn.execute(FINISH_UNDOING, run_id, undoing)
