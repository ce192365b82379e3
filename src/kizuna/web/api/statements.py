"""`GET /v1/members/{member}/statement`: what moved between two days, from what was there to what is, as JSON or CSV."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response

from kizuna import intake, ledger
from kizuna.core.days import day_date
from kizuna.core.errors import N_
from kizuna.engine import EntryKind
from kizuna.runtime.access import Scope
from kizuna.runtime.clock import now
from kizuna.web.api import operation_structs as of
from kizuna.web.api.answers import Reading
from kizuna.web.api.balances import standings
from kizuna.web.api.operating import AcceptLanguage, Authorization, Operations, json_answer
from kizuna.web.api.problems import RequestInvalid
from kizuna.web.entries import KIND_NAMES
from kizuna.web.reads import Reader, event_of, find_member, uuid_text
from kizuna.web.views import EntryView
from kizuna.web.why import why_sentence
from kizuna.web.words import local

CSV = "text/csv"
_FIRST = date(1970, 1, 2)
_COLUMNS = ("at", "kind", "unit", "points", "balance", "expires_on", "reference", "account", "why")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def router(doors: Operations) -> APIRouter:
    """Return the route."""
    routes = APIRouter(prefix="/v1/members")

    @routes.get("/{member:path}/statement")
    async def statement(
        member: str,
        first: Annotated[date, Query(alias="from")],
        to: date,
        authorization: Authorization = None,
        accept_language: AcceptLanguage = "en",
        accept: Annotated[str, Header()] = "",
    ) -> Response:
        caller = await doors.caller(authorization, Scope.MEMBERS_READ, accept_language)
        brand = caller.desk.brand
        async with doors.services.db.transaction(brand.schema, readonly=True) as conn:
            reader = await Reader.open(conn, brand, caller.desk.book, now())
            _require_past(first, to, reader)
            found = await find_member(conn, member, brand.country)
            told = await ledger.statement(conn, found, first, to, brand.zone)
            keys = list({event_of(entry) for entry in told.entries if entry.version})
            behind = await intake.events(conn, found, keys)
        entries = [reader.entry_view(entry, behind) for entry in told.entries]
        if CSV in accept:
            return Response(_table(reader, told, entries, caller.lang), media_type=f"{CSV}; charset=utf-8")
        reading = Reading(reader.book, reader.brand_view(), caller.lang, brand.languages)
        answer = of.StatementAnswer(
            member=uuid_text(found),
            from_=first,
            to=to,
            opening=standings(reader, told.opening),
            entries=[reading.entry(entry) for entry in entries],
            sums=[
                of.SumAnswer(reader.unit(one.unit).id, _kind(one.kind), one.entries, one.points, one.account)  # type: ignore[arg-type]  # its names
                for one in told.sums
            ],
            closing=standings(reader, told.closing),
        )
        return json_answer(answer)

    return routes


def _require_past(first: date, to: date, reader: Reader) -> None:
    """Refuse days that are not there yet, or the wrong way round. Raises `RequestInvalid`."""
    today = day_date(reader.today) or date.max
    if first < _FIRST or first > to:
        raise RequestInvalid(field="from", parameter="from", reason=N_("it lies before 1970, or after the last day"))
    if to > today:
        raise RequestInvalid(field="to", parameter="to", reason=N_("it lies in the future"))


def _kind(kind: int) -> str:
    return KIND_NAMES[EntryKind(kind)]


def _table(reader: Reader, told: ledger.Statement, entries: Sequence[EntryView], lang: str) -> str:
    """Return the entries as lines, each with its unit's balance after it; what a sheet would take for a formula is led by a quote."""
    out = io.StringIO()
    lines, brand = csv.writer(out), reader.brand_view()
    lines.writerow(_COLUMNS)
    stands = dict(told.opening)
    for entry, view in zip(told.entries, entries, strict=True):
        stands[entry.unit] = stands.get(entry.unit, ledger.Standing()).plus(entry)
        lines.writerow(
            (
                local(view.at, brand).isoformat(timespec="seconds"),
                view.kind,
                reader.unit(entry.unit).id,
                view.points,
                stands[entry.unit].balance,
                view.expires_on or "",
                _text(view.reference),
                _text(entry.account),
                _text(why_sentence(view, brand, lang)),
            )
        )
    return out.getvalue()


def _text(text: str | None) -> str:
    return f"'{text}" if text and text.startswith(_FORMULA) else text or ""
