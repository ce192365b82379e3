"""Trying the draft out over HTTP: a question of the address, so that it can be kept, sent on and asked again."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from kizuna.core.errors import N_, Kind, Problem
from kizuna.ledger import Account, account
from kizuna.members import first_found, get
from kizuna.publishing import versions
from kizuna.runtime.db import Connection
from kizuna.web.console.frame import shown
from kizuna.web.console.program.editing import teller_of
from kizuna.web.console.program.reads import bench_of, drafted
from kizuna.web.console.program.tester.form import filled, line_numbers, read
from kizuna.web.console.program.tester.page import TryView, try_page
from kizuna.web.console.program.tester.said import outcome
from kizuna.web.console.program.tester.trial import Tried, attempt
from kizuna.web.console.program.views import Standing
from kizuna.web.faces import Face
from kizuna.web.reads import Reader, uuid_text
from kizuna.web.requests import see

FOUND_MAX = 8
routes = APIRouter(prefix="/program/draft", include_in_schema=False)


class NobodyFound(Problem):
    """A search for a member that finds none."""

    code = "nobody_found"
    kind = Kind.NOT_FOUND
    title = N_("No member is found by “{value}”.")
    remedy = N_("Try a name, a number or an address, or imagine a member.")


@routes.get("/try")
async def try_draft(request: Request) -> Response:
    """Show the form; and, once something was asked, what came of it."""
    session, desk, at = await drafted(request)
    if at is None:
        return see("/console/program")
    bench = bench_of(at.draft.document, desk, session, request)
    asked = {name: value.replace("\x00", "") for name, value in request.query_params.items()}
    is_asked, does = "event" in asked, asked.pop("do", "")
    entered = filled(asked, bench)
    if does == "line":
        entered = filled({**asked, "lines": str(len(line_numbers(entered)) + 1)}, bench)
    tried = read(entered, bench) if is_asked and does in {"", "try"} else None

    async def show(reader: Reader, face: Face, conn: Connection) -> str:
        view = (
            TryView(entered, bench) if tried is None else await _tried(conn, reader, at, TryView(entered, bench), tried)
        )
        return try_page(face, at, view)

    return await shown(request, show)


async def _tried(conn: Connection, reader: Reader, at: Standing, view: TryView, tried: Tried) -> TryView:
    """Return what the draft and the program in force make of what is tried."""
    entered, bench = view.entered, view.bench
    row: Account | None = None
    key, name = 0, ""
    if entered["who"] == "member":
        chosen = entered["id"] or entered["member"].strip()
        found = await first_found(conn, chosen, reader.brand.country, limit=FOUND_MAX) if chosen else []
        named = [(uuid_text(one), (await get(conn, one)).profile.name or uuid_text(one)) for one in found]
        if len(found) != 1:
            problem = None if found else NobodyFound(field="member", value=chosen[:60])
            if problem is not None:
                entered.refuse("member", problem)
            return TryView(entered, bench, found=named)
        row, key, name = await account(conn, found[0]), int.from_bytes(found[0][-8:], "big"), named[0][1]
    published = [one.document for one in reversed(await versions(conn))]
    tell = teller_of(bench)
    by_draft = attempt(at.draft.document, published, tried, row, key)
    live = version = None
    if published:
        plan = reader.plan
        version = plan.version
        by_live = attempt(plan.program, published, tried, row, key)
        live = outcome(by_live, tell, with_balances=row is not None)
    return TryView(entered, bench, outcome(by_draft, tell, with_balances=row is not None), live, version, name)
