"""What the first run asks of the rooms."""

import asyncio
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import Request

from kizuna.connect import csv
from kizuna.core.errors import Problem
from kizuna.publishing import read_draft
from kizuna.runtime import jobs, uploads
from kizuna.runtime.access import Session
from kizuna.runtime.brands import Brand
from kizuna.runtime.db import Connection, Database
from kizuna.web.console.frame import session_of
from kizuna.web.console.start import columns
from kizuna.web.console.start.views import ColumnsForm, Standing
from kizuna.web.entered import Entered
from kizuna.web.requests import services
from kizuna.web.services import Desk

ORDERS = "orders"
"""The purpose of a file of past purchases."""
PREVIEW_BYTES_MAX = 16 << 20


async def stand(request: Request) -> tuple[Session, Desk, Standing]:
    """Return who asks, the brand's desk, and how far the brand has come. Raises `SignInNeeded`, `Unavailable`."""
    session = await session_of(request)
    desk = await services(request).desk(session.brand)
    async with services(request).db.lend(desk.brand.schema) as conn:
        return session, desk, await standing(conn, desk)


async def standing(conn: Connection, desk: Desk) -> Standing:
    """Return how far a brand has come."""
    await desk.book.refresh(conn)
    upload = await uploads.newest_upload(conn, ORDERS)
    asked = upload.about.get("job") if upload else None
    return Standing(
        has_look=desk.brand.look.is_chosen,
        draft=await read_draft(conn),
        version=desk.book.plans[-1].version if desk.book.plans else None,
        upload=upload,
        job=await jobs.find(conn, int(asked)) if asked is not None else None,
    )


async def columns_form(
    db: Database, brand: Brand, upload: uploads.Upload, typed: Mapping[str, str] | None
) -> tuple[ColumnsForm, csv.Mapping | None]:
    """Return the form of a file's columns with its preview, and the mapping where it is whole.

    What was typed counts, then what was kept with the file, then the guess. Raises `Unavailable`, and whatever keeps the
    file from being read at all.
    """
    with tempfile.TemporaryDirectory(prefix="kizuna-preview-") as folder:
        path = Path(folder) / upload.name
        bytes_max = None if upload.name.lower().endswith((".parquet", ".pq")) else PREVIEW_BYTES_MAX
        is_whole = await uploads.write_to(db, brand.schema, upload.id, path, bytes_max=bytes_max)
        head = await asyncio.to_thread(csv.head_of, path)
        kept: Mapping[str, Any] = upload.about.get("fields") or columns.fields_of(csv.guess(head))
        entered = Entered(typed if typed is not None else kept)
        mapping = columns.mapping_of(entered, head, brand)
        seen, problem = None, None
        if mapping is not None:
            try:
                seen = await asyncio.to_thread(csv.preview, path, mapping, brand)
            except Problem as fault:
                problem = fault
    form = ColumnsForm(upload, head, entered, seen, problem, is_whole)
    return form, mapping if problem is None and seen is not None and seen.orders else None
