"""`GET /v1/members/{member}/balances`: what a member has of every unit: free, held, pending, owed, what ends next; or had at an instant."""

from collections.abc import Mapping
from datetime import UTC, datetime

from fastapi import APIRouter, Response

from kizuna import ledger
from kizuna.core.errors import N_
from kizuna.ledger import Account, Hold, Standing
from kizuna.runtime.access import Scope
from kizuna.runtime.clock import now
from kizuna.web.api import operation_structs as of
from kizuna.web.api.answers import lots_answer, waiting_answer
from kizuna.web.api.holds import hold_view
from kizuna.web.api.operating import AcceptLanguage, Authorization, Operations, json_answer
from kizuna.web.api.problems import RequestInvalid
from kizuna.web.reads import STATUSES, Reader, counters_of, find_member, uuid_text

_FIRST = datetime(1970, 1, 1, tzinfo=UTC)


def router(doors: Operations) -> APIRouter:
    """Return the route."""
    routes = APIRouter(prefix="/v1/members")

    @routes.get("/{member:path}/balances")
    async def balances(
        member: str, at: str | None = None, authorization: Authorization = None, accept_language: AcceptLanguage = "en"
    ) -> Response:
        caller = await doors.caller(authorization, Scope.MEMBERS_READ, accept_language)
        brand, moment = caller.desk.brand, None if at is None else past(at, now())
        async with doors.services.db.transaction(brand.schema, readonly=True) as conn:
            reader = await Reader.open(conn, brand, caller.desk.book, now())
            found = await find_member(conn, member, brand.country)
            if moment is not None:
                stands = await ledger.balance_at(conn, found, moment, brand.zone)
                return json_answer(of.PastBalancesAnswer(uuid_text(found), moment, standings(reader, stands)))
            account = await ledger.account(conn, found)
            held = await ledger.open_holds(conn, found)
        return json_answer(_answer(reader, found, account, held))

    return routes


def past(text: str, until: datetime) -> datetime:
    """Return a past instant. Raises `RequestInvalid`."""
    try:
        at = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise _wrong(N_("it is not an instant such as 2026-11-20T18:05:00+09:00")) from None
    if at.tzinfo is None:
        raise _wrong(N_("it has no zone; end it with Z or an offset such as +09:00"))
    if not _FIRST <= at <= until:
        raise _wrong(N_("it lies in the future, or before 1970"))
    return at.astimezone(UTC)


def _wrong(reason: str) -> RequestInvalid:
    return RequestInvalid(field="at", parameter="at", reason=reason)


def standings(reader: Reader, stands: Mapping[int, Standing]) -> list[of.PastBalance]:
    """Return what was there of each unit."""
    return [
        of.PastBalance(unit.id, unit.name, one.balance, one.held, one.pending)
        for number, one in stands.items()
        for unit in [reader.unit(number)]
    ]


def _answer(reader: Reader, member: bytes, account: Account, held: list[Hold]) -> of.BalancesAnswer:
    known = {unit.id for unit in reader.plan.program.units}
    units = [
        found
        for number, id_ in enumerate(reader.plan.names.units)
        if (found := _unit(reader, number, account, held))
        and (id_ in known or found.balance or found.pending or found.held)
    ]
    return of.BalancesAnswer(
        member=uuid_text(member),
        status=STATUSES[ledger.AccountStatus(account.status)],  # type: ignore[arg-type]  # one of these
        as_of=reader.at,
        units=units,
    )


def _unit(reader: Reader, number: int, account: Account, held: list[Hold]) -> of.UnitBalance:
    row, unit = ledger.as_of(account, reader.today), reader.unit(number)
    counted = counters_of(row, number)
    lots = reader.lots(row, number, reader.whole(account).standing.last_order)
    waiting = [one for one in reader.waiting(row) if one.unit.id == unit.id]
    balance = sum(lot.points for lot in lots) - counted.debt
    return of.UnitBalance(
        unit=unit.id,
        name=unit.name,
        kind=unit.kind,  # type: ignore[arg-type]  # its kinds
        balance=balance,
        available=max(0, balance),
        pending=sum(one.points for one in waiting),
        waiting=waiting_answer(waiting),
        held=counted.held,
        holds=[hold_view(one, reader.plan.names.units, reader.at) for one in held if one.unit == number],
        debt=counted.debt,
        lots=lots_answer(lots),
    )
