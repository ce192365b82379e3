"""The import as long work: a file that was sent in over the web, posted by a worker.

It may be killed, taken over and asked to stop between any two batches: the run is known by the file's content and its
mapping, and goes on from where it came to. What was not taken is kept as a file of its own, to download.
"""

import asyncio
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from kizuna import simulate
from kizuna.connect.csv.history import read_history
from kizuna.connect.csv.mapping import Mapping as Columns
from kizuna.connect.csv.service import import_orders
from kizuna.connect.csv.summary import Phase, Progress
from kizuna.core.errors import N_, NotFound
from kizuna.intake import terms_of
from kizuna.runtime import uploads
from kizuna.runtime.brands import Brand
from kizuna.runtime.db import Connection, Database
from kizuna.runtime.jobs import Handler, Job, Tell, enqueue

KIND = "import_orders"
REJECTS = "rejects"
"""The purpose of a file that holds what an import did not take."""

PHASES = {
    Phase.READING: N_("Reading the file"),
    Phase.POSTING: N_("Posting orders"),
    Phase.WAITING: N_("Waiting for the database"),
}
FETCHING = N_("Fetching the file")
IN_BYTES = frozenset({PHASES[Phase.READING]})
SayIn = Callable[[str, str], str]
"""Says a sentence in a language ("ja", "en")."""


async def ask(conn: Connection, upload: uploads.Upload, columns: Columns, *, by: str, lang: str) -> int:
    """Ask for an import in the caller's transaction, and return the job's number; asking twice is asking once."""
    about = {
        "upload": upload.id,
        "file": upload.name,
        "columns": columns.model_dump(mode="json", exclude_none=True),
        "lang": lang,
    }
    job = await enqueue(conn, KIND, about, by, once=f"{KIND}:{upload.id}")
    await uploads.remember(conn, upload.id, {"job": job})
    return job


def handler(say: SayIn, future_tolerance_s: int) -> Handler:
    """Return what does the work; `say` words the reasons in the file of what was not taken."""

    async def run(db: Database, brand: Brand, job: Job, tell: Tell) -> Mapping[str, Any]:
        return await _import(db, brand, job, tell, say, future_tolerance_s)

    return Handler(KIND, run)


async def _import(
    db: Database, brand: Brand, job: Job, tell: Tell, say: SayIn, future_tolerance_s: int
) -> Mapping[str, Any]:
    about, lang = job.about, str(job.about["lang"])

    def show(at: Progress) -> None:
        tell(PHASES[at.phase], at.done, at.total)
        if at.phase is Phase.POSTING:
            tell.stop_if_asked()

    with tempfile.TemporaryDirectory(prefix="kizuna-import-") as folder:
        file, rejects = Path(folder) / "file" / about["file"], Path(folder) / "rejects.csv"
        file.parent.mkdir()
        tell(FETCHING, 0)
        async with db.lend(brand.schema) as conn:
            upload = await uploads.find_upload(conn, about["upload"])
        await uploads.write_to(db, brand.schema, upload.id, file)
        if file.stat().st_size != upload.size:  # somebody took the file away meanwhile: half of it is nothing
            raise NotFound(what="file", key=str(upload.id))
        tell.stop_if_asked()
        summary = await import_orders(
            db, brand, terms_of(brand, future_tolerance_s), [file], Columns.model_validate(about["columns"]),
            progress=show, rejects=rejects, say=lambda text: say(lang, text), goes_on=True,
        )  # fmt: skip
        kept = await _keep(db, brand, job, upload, rejects) if summary.rejected_rows else None
    return {
        "file": about["file"],
        "orders": summary.accepted,
        "replayed": summary.replayed,
        "rejected_orders": summary.rejected_orders + summary.refused,
        "rejected_rows": summary.rejected_rows,
        "members_new": summary.members_new,
        "points_issued": summary.points_issued,
        "points_lapsed": summary.points_lapsed,
        "rejects": kept,
    }


async def _keep(db: Database, brand: Brand, job: Job, upload: uploads.Upload, rejects: Path) -> int:
    """Keep the file of what was not taken; one that an earlier try of this job kept is replaced."""
    earlier = upload.about.get("rejects")
    async with db.lend(brand.schema) as conn:
        if earlier is not None:
            await uploads.forget(conn, int(earlier))
    name = f"{Path(upload.name).stem}-rejects.csv"
    about = {"for": REJECTS, "job": job.id}
    number = await uploads.take_in(db, brand.schema, name, uploads.pieces_from(rejects), by=job.asked_by, about=about)
    async with db.lend(brand.schema) as conn:
        await uploads.remember(conn, upload.id, {"rejects": number})
    return number


async def study_history(db: Database, brand: Brand, source: simulate.Source) -> simulate.History:
    """Read a file that was sent in as the history of a back-test. Raises what reading does, and `NotFound` where it is gone."""
    upload, columns = source.upload or 0, Columns.model_validate(source.columns)
    with tempfile.TemporaryDirectory(prefix="kizuna-history-") as folder:
        file = Path(folder) / Path(source.file or "file").name
        await uploads.write_to(db, brand.schema, upload, file)
        if not file.exists() or not file.stat().st_size:
            raise NotFound(what="file", key=str(upload))
        read = await asyncio.to_thread(
            read_history,
            [file],
            columns,
            currency=brand.currency,
            currency_digits=brand.currency_digits,
            country=brand.country,
        )
    return simulate.History(read.history.table, source.file or "")
