"""The list of members, read: the rooms say who and in which order, the ledger says what each has."""

from collections.abc import AsyncIterator
from datetime import date

from kizuna import ledger, members
from kizuna.core.days import day_date
from kizuna.core.errors import NotFound
from kizuna.core.ids import parse_member_id
from kizuna.runtime.db import Connection
from kizuna.web.console.deeds.reads import STATES
from kizuna.web.console.members.asked import Asked
from kizuna.web.console.members.views import ListRow, MemberTable, Panel
from kizuna.web.reads import PAGE_SIZE, Reader, uuid_text
from kizuna.web.standings import words

PANEL_ENTRIES = 3
EXPORTED_AT_ONCE = 2000


def _today(reader: Reader) -> date:
    return day_date(reader.today) or date.max


def _tier_count(reader: Reader) -> int:
    """Return how many tiers members may stand on: the figures may still be those of another version."""
    return max(len(reader.plan.program.tiers.levels), *(len(plan.program.tiers.levels) for plan in reader.book.plans))


async def member_table(reader: Reader, conn: Connection, asked: Asked) -> MemberTable:
    """Return the page that is asked for. Raises `CursorInvalid`."""
    after = asked.cursor or None
    if asked.is_search:
        found, total = await members.search(conn, asked.q, reader.brand.country, after=after, limit=PAGE_SIZE)
    else:
        listing = asked.listing(_today(reader), _tier_count(reader))
        found, total = await members.listed(conn, listing, after=after, limit=PAGE_SIZE)
    tiers = [words(level.name) for level in reader.plan.program.tiers.levels]
    shown = await list_rows(reader, conn, list(found.rows))
    return MemberTable(shown, total.n, total.is_more, found.previous, found.following, tiers)


async def list_rows(reader: Reader, conn: Connection, ids: list[bytes]) -> list[ListRow]:
    """Return what the list shows of some members, in their order, as of the reader's moment."""
    found = await members.found(conn, ids)
    accounts = await ledger.accounts(conn, ids)
    orders_on = await members.last_orders(conn, ids)
    known = [one for one in found if one.id in accounts]
    kept = [accounts[one.id] for one in known]
    rows = []
    for one, account, standing in zip(known, kept, reader.standings(kept), strict=True):
        pocket = reader.pocket(account, standing.last_order)
        expires_on = next((lot.expires_on for lot in pocket.lots if lot.expires_on is not None), None)
        rows.append(
            ListRow(
                id=uuid_text(one.id),
                name=one.name,
                name_kana=one.name_kana,
                card_number=one.card_number,
                tier=standing.tier,
                balance=pocket.balance,
                last_order_on=orders_on.get(one.id, standing.last_day),
                joined_on=one.joined_on,
                orders=standing.orders,
                spend=standing.spend,
                expires_on=expires_on,
                expiring=sum(lot.points for lot in pocket.lots if lot.expires_on == expires_on) if expires_on else 0,
                state=STATES[ledger.AccountStatus(account.status)],
            )
        )
    return rows


async def panel(reader: Reader, conn: Connection, member: str) -> Panel:
    """Return a member in short. Raises `NotFound`."""
    member_id = parse_member_id(member)
    if member_id is None:
        raise NotFound(what="member", key=member[:100])
    view = await reader.member(conn, member_id)
    history = await reader.history(conn, member_id, None, PANEL_ENTRIES)
    return Panel(view, history.entries[:PANEL_ENTRIES])


async def every_row(reader: Reader, conn: Connection, asked: Asked) -> AsyncIterator[list[ListRow]]:
    """Walk the whole list that is asked for, some rows at a time, within the caller's transaction."""
    if not asked.is_search:
        listing = asked.listing(_today(reader), _tier_count(reader))
        async for ids in members.each_listed(conn, listing, EXPORTED_AT_ONCE):
            yield await list_rows(reader, conn, ids)
        return
    after: str | None = None
    while True:
        page, _ = await members.search(conn, asked.q, reader.brand.country, after=after, limit=EXPORTED_AT_ONCE)
        yield await list_rows(reader, conn, list(page.rows))
        if page.following is None:
            return
        after = page.following
