"""What the screens of deeds ask of the rooms."""

from collections.abc import Sequence

from kizuna import corrections, intake, ledger, members
from kizuna.core.days import DAY_IDLE, day_date
from kizuna.engine import last_day_of
from kizuna.ledger import AccountStatus
from kizuna.program import Program, main_unit
from kizuna.runtime.db import Connection
from kizuna.web.console.deeds.views import (
    CLOSED,
    MERGED,
    OPEN,
    After,
    Deeds,
    HoldView,
    MergedHere,
    Named,
    Side,
    WaitingView,
)
from kizuna.web.reads import Reader, uuid_text
from kizuna.web.views import MemberView, UnitView
from kizuna.web.why_operations import REASONS
from kizuna.web.words import brand_words, translate

STATES = {AccountStatus.OPEN: OPEN, AccountStatus.CLOSED: CLOSED, AccountStatus.MERGED: MERGED}
FOUND_MAX = 8


async def deeds_of(conn: Connection, reader: Reader, member: bytes, account: ledger.Account) -> Deeds:
    """Return what stands around a member's deeds."""
    state = STATES[AccountStatus(account.status)]
    if state == MERGED and account.moved_to is not None:
        merge = await intake.merge_of(conn, member)
        return Deeds(state, await named(conn, account.moved_to), intake.ref_of(merge))
    here = await intake.merged_into(conn, member)
    return Deeds(
        state,
        holds=[_hold(reader, one) for one in await ledger.open_holds(conn, member)],
        waiting=[_waiting(reader, one) for one in await corrections.waiting_of(conn, member)],
        merged_here=[MergedHere(intake.ref_of(one.key), await named(conn, one.gone), one.at) for one in here],
    )


async def named(conn: Connection, member: bytes) -> Named:
    """Return somebody as a sentence names them."""
    found = await members.found(conn, [member])
    return Named(uuid_text(member), found[0].name if found else None)


def _hold(reader: Reader, one: ledger.Hold) -> HoldView:
    return HoldView(
        intake.ref_of(one.key), one.points, reader.unit(one.unit), one.reference, one.placed_at, one.expires_at
    )


def _waiting(reader: Reader, one: corrections.Correction) -> WaitingView:
    return WaitingView(one.wish.points, unit_of(reader, one.wish.unit), one.asked_by, one.asked_at)


def unit_of(reader: Reader, unit: str | None) -> UnitView:
    """Return a unit by its id; left out: the main one."""
    names = reader.plan.names
    return reader.unit(names.unit(unit) if unit in names.units else reader.main)


def units_of(reader: Reader) -> Sequence[UnitView]:
    """Return the units of the program in force, the main one first."""
    main = main_unit(reader.plan.program).id
    ids = [main, *(unit.id for unit in reader.plan.program.units if unit.id != main)]
    return [unit_of(reader, id_) for id_ in ids]


def reason_names(program: Program, lang: str) -> list[tuple[str, str]]:
    """Return the reasons for which points may be corrected, each as (id, words)."""
    own = {one.id: brand_words({"ja": one.name.ja, "en": one.name.en}, lang) for one in program.adjustments.reasons}
    return [(id_, own.get(id_) or translate(lang, REASONS[id_])) for id_ in intake.reasons(program)]


def balance_of(member: MemberView, unit: UnitView) -> int:
    """Return what a member has of a unit, less what they owe."""
    if unit.is_main:
        return member.balance
    return next((pocket.balance for pocket in member.pockets if pocket.unit.id == unit.id), 0)


def after_adjusting(reader: Reader, member: MemberView, wish: corrections.Wish) -> After:
    """Return what a correction would do."""
    unit = unit_of(reader, wish.unit)
    before, terms = balance_of(member, unit), reader.plan.program.adjustments
    last = wish.expires_on
    if last is None and wish.points > 0:
        number = reader.plan.names.unit(unit.id)
        day = last_day_of(reader.plan.expiries[number], reader.today)
        last = None if day == DAY_IDLE else day_date(day)
    waits = terms.approval_above is not None and abs(wish.points) > terms.approval_above
    balance = before + wish.points
    return After(wish.points, before, balance, unit, last if wish.points > 0 else None, waits, max(0, -balance))


async def side_of(conn: Connection, reader: Reader, member: bytes) -> Side:
    """Return one of two members who may be one person. Raises `NotFound`."""
    who, account = await members.get(conn, member), await ledger.account(conn, member)
    standing = reader.whole(account).standing
    holds = await ledger.open_holds(conn, member)
    return Side(reader.member_view(who, account), standing.orders, standing.spend, sum(one.points for one in holds))


async def candidates(conn: Connection, reader: Reader, query: str, member: bytes) -> Sequence[members.Found]:
    """Return whom a word finds, without the member themselves and without whoever is one with somebody already, or closed."""
    ids = [
        one for one in await members.first_found(conn, query, reader.brand.country, limit=FOUND_MAX) if one != member
    ]
    accounts = await ledger.accounts(conn, ids)
    return await members.found(
        conn, [one for one in ids if one in accounts and accounts[one].status == AccountStatus.OPEN]
    )
