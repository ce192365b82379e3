"""What My Page reads, in one round trip: who, points, history and whether the program has news, all of one moment."""

from dataclasses import dataclass
from datetime import date, datetime

from kizuna import intake, ledger, members
from kizuna.core.days import day_date
from kizuna.publishing import newest
from kizuna.runtime.db import Database, read
from kizuna.web.offer import Offer, offer_of
from kizuna.web.reads import Reader, read_cursor
from kizuna.web.services import Desk
from kizuna.web.views import BrandView, MemberView, Page


@dataclass(frozen=True, slots=True)
class Seen:
    """A member as seen at one moment, with a page of history as long as was asked for."""

    brand: BrandView
    offer: Offer
    member: MemberView
    page: Page
    today: date


async def see_member(
    db: Database, desk: Desk, member_id: bytes, at: datetime, *, entries: int = 0, cursor: str | None = None
) -> Seen:
    """Return a member with up to `entries` entries before `cursor`. Raises `NotFound`, `CursorInvalid`, `Unavailable`."""
    before = read_cursor(cursor)
    asked = [newest(), *members.glance(member_id), ledger.glance(member_id)]
    if entries:
        asked += [ledger.glance_history(member_id, before, entries), intake.glance(member_id)]
    async with db.lend(desk.brand.schema) as conn:
        versions, who, names, points, *history = await read(conn, asked)
        await desk.book.keep_up(conn, versions)
    reader = Reader(desk.brand, desk.book, at)
    account = ledger.glanced(member_id, points)
    page = Page((), None)
    if entries:
        found = ledger.glanced_history(member_id, history[0], entries)
        page = reader.page(member_id, account, found, intake.glanced(history[1]), before)
    view = reader.member_view(members.glanced(member_id, who, names), account)
    return Seen(reader.brand_view(), offer_of(reader.plan), view, page, day_date(reader.today) or date.max)


async def card_number(db: Database, desk: Desk, member_id: bytes) -> str | None:
    """Return the number on a member's card, None without one. Raises `Unavailable`."""
    async with db.lend(desk.brand.schema) as conn:
        who, names = await read(conn, members.glance(member_id))
    return members.glanced(member_id, who, names).card_number if who else None
