"""`POST /v1/quotes`: what an event would come to, now, rule by rule, without a trace. For tills, carts and product pages.

The body is the event as it would be told to `/v1/events`; what only matters once it is recorded (id, source, time, an order's id) may be
left out. `next` says what a little more would bring: it is decided, not reckoned from the rate.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Header, Request, Response

from kizuna.core.days import instant_ms
from kizuna.core.errors import N_, Problem
from kizuna.engine import Miss, Verdict, Why
from kizuna.intake import Answered, EventInvalid, EventMalformed, Quote, quote, read
from kizuna.program import ORDER_COMPLETED, Program
from kizuna.runtime.access import Scope
from kizuna.runtime.clock import now
from kizuna.runtime.db import Connection
from kizuna.web.api.answers import Reading
from kizuna.web.api.auth import Gate
from kizuna.web.api.problems import BodyTooLarge
from kizuna.web.api.structs import MissAnswer, NextAnswer, QuoteAnswer, RuleAnswer
from kizuna.web.reads import Reader
from kizuna.web.services import Desk, Services
from kizuna.web.tell import Teller
from kizuna.web.verdicts import why_words
from kizuna.web.words import negotiate

BODY_MAX = 1 << 20
STEPS_MAX = 3
"""How many larger amounts are tried for what more would bring."""
_JSON = msgspec.json.Encoder()
_TREE = msgspec.json.Decoder()


def router(services: Services, gate: Gate) -> APIRouter:
    """Return the route."""
    routes = APIRouter()

    @routes.post("/v1/quotes")
    async def quotes(
        request: Request,
        authorization: Annotated[str | None, Header()] = None,
        accept_language: Annotated[str, Header()] = "en",
    ) -> Response:
        grant = await gate.admit(authorization, Scope.EVENTS_WRITE)
        desk = await services.desk(grant.brand)
        told = _told(await _body(request), now())
        async with services.db.transaction(desk.brand.schema, readonly=True) as conn:
            reader = await Reader.open(conn, desk.brand, desk.book, now())
            asking = _Asking(conn, desk, told)
            found = await asking.quote(told)
            more = await asking.more(found)
        lang = negotiate(None, None, accept_language, ("en", "ja"))
        reading = Reading(reader.book, reader.brand_view(), lang, desk.brand.languages)
        return Response(_JSON.encode(_answer(reading, desk, found, more)), media_type="application/json")

    return routes


async def _body(request: Request) -> bytes:
    """Return the body. Raises `BodyTooLarge`."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > BODY_MAX:
            raise BodyTooLarge(limit_bytes=BODY_MAX)
        chunks.append(chunk)
    return b"".join(chunks)


def _told(raw: bytes, at: datetime) -> dict[str, Any]:
    """Return the event with what may be left out filled in. Raises `EventMalformed`, `EventInvalid`."""
    try:
        told = _TREE.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise EventMalformed(reason=str(fault)) from fault
    if not isinstance(told, dict):
        raise EventInvalid(field="event", field_name="event", reason=N_("a quote is for one event, a JSON object"))
    usual = {"id": "quote", "source": "quote", "time": at.isoformat(), "subject": "customer:quote"}
    event = {**usual, **told}
    data = event.get("data")
    if event.get("type") == ORDER_COMPLETED and isinstance(data, dict):
        event["data"] = {"order_id": f"quote {instant_ms(at)}", **data}
    return event


class _Asking:
    """Quotes for one event and for larger ones like it, in one moment of the database."""

    def __init__(self, conn: Connection, desk: Desk, told: dict[str, Any]) -> None:
        self._conn, self._desk, self._event = conn, desk, told

    async def quote(self, event: dict[str, Any]) -> Quote:
        """Return what an event would come to. Raises the problem that would keep it from being recorded."""
        arrival = read(_JSON.encode(event), self._desk.terms, instant_ms(now()))
        return await quote(self._conn, self._desk.brand, self._desk.book, arrival)

    async def more(self, found: Quote) -> list[tuple[int, Quote]]:
        """Return what larger amounts would bring: those that the rules ask for which only the amount keeps from speaking."""
        data = self._event.get("data")
        if self._event.get("type") != ORDER_COMPLETED or not isinstance(data, dict) or data.get("lines"):
            return []
        wanted = {
            miss.value
            for verdict in found.verdicts
            for miss in verdict.misses
            if len(verdict.misses) == 1 and miss.fact == "order.amount" and miss.is_ == "at_least"
        }
        steps = sorted(value for value in wanted if isinstance(value, int) and value > data["amount"])[:STEPS_MAX]
        quotes = []
        for amount in steps:
            try:
                quotes.append((amount, await self.quote({**self._event, "data": {**data, "amount": amount}})))
            except Problem:  # an amount that no order may have: nothing to offer
                continue
        return quotes


def _answer(reading: Reading, desk: Desk, found: Quote, more: Sequence[tuple[int, Quote]]) -> QuoteAnswer:
    outcome, program = found.outcome, reading.book.version(found.outcome.version).program
    event = reading.event(Answered(None, None, -outcome.points, outcome))
    return QuoteAnswer(
        points=outcome.points,
        balance=outcome.balance,
        version=outcome.version,
        entries=event.entries or [],
        tier=event.tier,
        progress=event.progress,
        problem=event.problem,
        balances=event.balances,
        pending=event.pending,
        stage=event.stage,
        rules=[_rule(program, verdict, desk) for verdict in found.verdicts if verdict.why is not Why.OTHER_EVENT],
        next=[
            NextAnswer(amount, step.outcome.points - outcome.points, step.outcome.points)
            for amount, step in more
            if step.outcome.points > outcome.points
        ],
    )


def _rule(program: Program, verdict: Verdict, desk: Desk) -> RuleAnswer:
    rule = program.rules[verdict.rule]
    text = {
        lang: " ".join(why_words(program, rule, verdict, Teller(desk.brand.currency, lang)))
        for lang in desk.brand.languages
    }
    return RuleAnswer(
        rule=rule.id,
        name={"ja": rule.name.ja, "en": rule.name.en},
        applies=verdict.why in (Why.SPEAKS, Why.CUT),
        why=verdict.why.name.lower(),  # type: ignore[arg-type]  # the names are these
        text=text,
        points=verdict.points,
        unit=rule.unit,
        raw=verdict.raw if verdict.raw != verdict.points else None,
        progress=verdict.progress or None,
        reach=verdict.reach or None,
        misses=[_miss(miss) for miss in verdict.misses],
    )


def _miss(miss: Miss) -> MissAnswer:
    return MissAnswer(miss.fact, miss.is_.value, miss.value, miss.actual)  # type: ignore[arg-type]  # as documents have them
