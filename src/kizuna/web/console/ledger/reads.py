"""The ledger statement, read from the books of a period."""

from collections.abc import Sequence
from datetime import date

from kizuna.core.errors import N_, Kind, Problem
from kizuna.ledger import HANDED, NO_RULE, Book, BookLine, outstanding, program_accounts
from kizuna.program import Program
from kizuna.publishing import PlanBook
from kizuna.runtime.db import Connection
from kizuna.web.console.ledger.views import BookView, LedgerView, LineView, UnitView, Words
from kizuna.web.reads import Reader
from kizuna.web.standings import words
from kizuna.web.statements import cost_of, worth_of
from kizuna.web.why_operations import REASONS
from kizuna.web.words import LANGUAGES, translate

ECHO_MAX = 40
OURS = {
    **REASONS,
    HANDED: N_("Merging of members"),
    "pool": N_("Family or group"),
}
"""Accounts that are called alike in every program."""


class PeriodInvalid(Problem):
    """A period that cannot be shown."""

    code = "period_invalid"
    kind = Kind.INVALID
    title = N_("From “{first}” to “{last}” is no period.")
    remedy = N_("Choose two days, the first not after the last.")


def period_of(first: str, last: str, today: date) -> tuple[date, date]:
    """Return the days asked for, this month where none are. Raises `PeriodInvalid`."""
    try:
        begin = date.fromisoformat(first) if first else today.replace(day=1)
        end = date.fromisoformat(last) if last else max(today, begin)
    except ValueError as fault:
        raise PeriodInvalid(field="from", first=first[:ECHO_MAX], last=last[:ECHO_MAX]) from fault
    if begin > end:
        raise PeriodInvalid(field="from", first=first, last=last)
    return begin, end


async def ledger_view(conn: Connection, reader: Reader, first: str, last: str) -> LedgerView:
    """Return the statement of a period. Raises `PeriodInvalid`."""
    today = reader.at.astimezone(reader.brand.zone).date()
    begin, end = period_of(first, last, today)
    lines = await program_accounts(conn, begin, end)
    used = sorted({line.unit for line in lines} | {0})
    return LedgerView(begin, end, today, [_unit(reader.book, lines, unit) for unit in used])


def _unit(book: PlanBook, lines: list[BookLine], unit: int) -> UnitView:
    program, id_ = book.plans[-1].program, book.names.units[unit]
    mine = [line for line in lines if line.unit == unit]
    before, after = outstanding(lines, unit)
    worth = worth_of(program, id_)
    return UnitView(
        id_,
        next((words(one.name) for one in program.units if one.id == id_), {"ja": id_, "en": id_}),
        [
            _book(book, of, [line for line in mine if line.book is of])
            for of in Book
            if any(one.book is of for one in mine)
        ],
        before,
        after,
        cost_of(worth, mine),
        worth.of(after) if worth else None,
    )


def _book(book: PlanBook, of: Book, lines: Sequence[BookLine]) -> BookView:
    views = [_line(book, line) for line in lines]
    return BookView(
        of,
        sum(line.opening for line in lines),
        sum(line.points for line in lines),
        sum(line.closing for line in lines),
        sum(line.entries for line in lines),
        views if len(views) > 1 or any(one.name for one in views) else [],
    )


def _line(book: PlanBook, line: BookLine) -> LineView:
    facts = (line.opening, line.points, line.closing, line.entries)
    if line.rule != NO_RULE:
        rule = book.version(line.version).program.rules[line.rule]
        known = any(one.id == rule.id for one in book.plans[-1].program.rules)
        return LineView(words(rule.name), *facts, f"/console/program#rule-{rule.id}" if known else None)
    return LineView(line_name(book.plans[-1].program, line) if line.account else None, *facts)


def line_name(program: Program, line: BookLine) -> Words:
    """Return the name of a cause or a reason, else what a reward or an unknown reason is called."""
    kind, _, id_ = line.account.rpartition(":")
    reasons = program.adjustments.reasons if program.adjustments and line.book is not Book.TRANSFERRED else ()
    for one in program.charities if kind else reasons:
        if one.id == id_ and kind in ("", "charity"):
            return words(one.name)
    known = None if kind else OURS.get(id_)
    return {lang: translate(lang, known) if known else id_ for lang in LANGUAGES}
