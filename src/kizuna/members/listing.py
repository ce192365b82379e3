"""The list of members: which of them, in which order, a page at a time, as fast at a million as at ten.

Two ways lead to a page, and whichever is shorter is taken: along the order, passing over whoever the filters do not want; or,
where they want few, all of those first, sorted. A page never costs a count of everybody.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from kizuna.core.errors import CursorInvalid
from kizuna.members import cursor, list_store
from kizuna.members.cursor import Place, Rows
from kizuna.members.searching import COUNTED_MAX, Total
from kizuna.runtime.db import Connection

FEW: Final = 4000
"""Up to so many wanted members are sorted for each page; of more, the order itself is walked."""


class Order(StrEnum):
    """What a list is sorted by."""

    KANA = "kana"
    BALANCE = "balance"
    ACTIVE = "active"
    JOINED = "joined"
    SPEND = "spend"


@dataclass(frozen=True, slots=True)
class Which:
    """Whom a list wants; None asks for nothing. Ranges of days begin with `…_from` and end before `…_before`.

    `quiet_from`: no order on that day or after it, and a member before it. `expires_from`/`_before`: the soonest expiry.
    """

    tier: int | None = None
    ordered_from: date | None = None
    quiet_from: date | None = None
    joined_from: date | None = None
    joined_before: date | None = None
    expires_from: date | None = None
    expires_before: date | None = None

    @property
    def is_everybody(self) -> bool:
        """Whether nothing is asked for."""
        return self == EVERYBODY

    @property
    def is_tier_alone(self) -> bool:
        """Whether a tier is all that is asked for."""
        return self.tier is not None and self == Which(tier=self.tier)

    def asked(self) -> dict[str, date]:
        """Return the days asked for, by name, in one order."""
        return {
            one.name: value
            for one in fields(self)
            if one.name != "tier" and isinstance(value := getattr(self, one.name), date)
        }


EVERYBODY: Final = Which()


@dataclass(frozen=True, slots=True)
class Listing:
    """A list: whom, by what, which end first. `tiers` are the ranks that members can stand on."""

    which: Which = EVERYBODY
    order: Order = Order.KANA
    is_down: bool = False
    tiers: Sequence[int] = ()

    @property
    def name(self) -> str:
        """What its cursors are known by."""
        return f"{self.order}{'-' if self.is_down else '+'}"

    @property
    def ranks(self) -> list[int]:
        """The tiers to walk through."""
        return list(self.tiers) if self.which.tier is None else [self.which.tier]


async def listed(
    conn: Connection, listing: Listing, *, after: str | None = None, limit: int
) -> tuple[Rows[bytes], Total]:
    """Return one page of a list, and how many it has. Raises `CursorInvalid`.

    Everybody by kana is everybody; every other list has whom the figures already follow.
    """
    place = _place(listing, after)
    few = None if listing.which.is_everybody else await list_store.count(conn, listing, FEW + 1)
    found = await list_store.rows(conn, listing, place, limit + 1, is_few=few is not None and few <= FEW)
    rows = cursor.page(
        listing.name,
        [(Place(0, key, member, place is not None and place.is_back), member.bytes) for member, key in found],
        limit,
        begun=place is not None,
        is_back=place is not None and place.is_back,
    )
    return rows, await _total(conn, listing, few)


def _place(listing: Listing, after: str | None) -> Place | None:
    if after is None:
        return None
    place = cursor.read(listing.name, after, str if listing.order is Order.KANA else int)
    if listing.order in (Order.ACTIVE, Order.JOINED) and not 1 <= int(place.key) <= date.max.toordinal():
        raise CursorInvalid(field="cursor", cursor=after)
    return place


async def _total(conn: Connection, listing: Listing, few: int | None) -> Total:
    """Count up to a limit; everybody, and everybody on a tier, are counted already."""
    n, limit = (await list_store.count_all(conn, COUNTED_MAX + 1), COUNTED_MAX) if few is None else (few, FEW)
    if n <= limit:
        return Total(n, is_more=False)
    if listing.which.is_everybody or listing.which.is_tier_alone:
        counted = await list_store.count_tier(conn, listing.which.tier)
        if counted > limit:
            return Total(counted, is_more=False)
    return Total(limit, is_more=True)


async def each_listed(conn: Connection, listing: Listing, size: int) -> AsyncIterator[list[bytes]]:
    """Walk a whole list, up to `size` members at a time, within the caller's transaction; memory does not grow with it."""
    async for members in list_store.each(conn, listing, size):
        yield [one.bytes for one in members]


async def each(conn: Connection) -> AsyncIterator[tuple[bytes, str | None]]:
    """Walk all members, each with the name, in the order of their keys."""
    bucket, member = -1, UUID(int=0)
    while rows := await list_store.all_after(conn, bucket, member):
        for row in rows:
            yield row["member_id"].bytes, row["name"]
        bucket, member = rows[-1]["bucket"], rows[-1]["member_id"]
