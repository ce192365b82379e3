"""All SQL of the list of members. It reads the figures of `insight_member` beside the members, and writes nothing.

The `{…}` are filled with the constants of this file alone; every value is a parameter.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from kizuna.core.ids import bucket_of
from kizuna.members.cursor import FIRST_ID, Place
from kizuna.runtime.db import Connection

if TYPE_CHECKING:
    from kizuna.members.listing import Listing

_KANA: Final = 'list_key(m.name, m.name_kana) COLLATE "C"'
_KEYS: Final = {
    "kana": (_KANA, "text"),
    "balance": ("i.balance", "bigint"),
    "spend": ("i.spend", "bigint"),
    "active": ("coalesce(i.last_order_on, DATE '-infinity')", "date"),
    "joined": ("i.joined_on", "date"),
    "expires": ("i.expires_on", "date"),
}
"""What each order compares, and its type. Who never ordered stands at '-infinity', which is what the driver makes of `date.min`
in both directions: of a day written as 0001-01-01, a cursor would stand before it.
"""
_ASKED: Final = {
    "ordered_from": (("active", ">="),),
    "quiet_from": (("active", "<"), ("joined", "<")),
    "joined_from": (("joined", ">="),),
    "joined_before": (("joined", "<"),),
    "expires_from": (("expires", ">="),),
    "expires_before": (("expires", "<"),),
}
"""Each filter by days as bounds on the days that a member has."""
_SOME_POINTS: Final = 1

SELECT_BY_KANA = """
SELECT m.member_id, {key} AS key FROM member m WHERE {beyond} ORDER BY {key} {order}, m.member_id {order} LIMIT $1
"""
"""Everybody in the order of their kana."""

SELECT_SOME_BY_KANA = """
SELECT m.member_id, {key} AS key FROM member m CROSS JOIN LATERAL (
    SELECT i.tier, i.joined_on, i.last_order_on, i.expires_on FROM insight_member i
    WHERE i.bucket = m.bucket AND i.member_id = m.member_id OFFSET 0) AS i
WHERE i.tier = ANY ($2::smallint[]) AND {beyond} AND {passed}
ORDER BY {key} {order}, m.member_id {order} LIMIT $1
"""
"""Those of some tiers and figures, along the order of their kana; OFFSET 0 keeps the walk a walk."""

SELECT_BY_FIGURE = """
SELECT one.member_id, one.key FROM unnest($2::smallint[]) AS level (tier) CROSS JOIN LATERAL (
    SELECT i.member_id, {key} AS key FROM insight_member i WHERE i.tier = level.tier AND {beyond} AND {passed}
    ORDER BY {key} {order}, i.member_id {order} LIMIT $1) AS one
ORDER BY one.key {order}, one.member_id {order} LIMIT $1
"""
"""Along the order of a figure, in each tier by itself, then together."""

SELECT_FEW = """
WITH few AS MATERIALIZED (SELECT i.bucket, i.member_id, i.balance, i.spend, i.last_order_on, i.joined_on FROM insight_member i
    WHERE i.tier = ANY ($2::smallint[]) AND {wanted})
SELECT i.member_id, {key} AS key FROM few i JOIN member m ON m.bucket = i.bucket AND m.member_id = i.member_id WHERE {beyond}
ORDER BY {key} {order}, i.member_id {order} LIMIT $1
"""
"""Where few are wanted: all of them, then in order."""

COUNT_SOME = """
SELECT count(*) FROM (SELECT FROM insight_member i WHERE i.tier = ANY ($2::smallint[]) AND {wanted} LIMIT $1) AS wanted
"""
"""How many are wanted, up to a limit."""

COUNT_ALL = "SELECT count(*) FROM (SELECT FROM member LIMIT $1) AS wanted"
"""How many members there are, up to a limit."""

COUNT_TIER = "SELECT coalesce(sum(members), 0)::bigint FROM insight_tier WHERE $1::smallint IS NULL OR tier = $1"
"""How many members stand on a tier, or on any, as the figures count."""

SELECT_AFTER = """
SELECT bucket, member_id, name FROM member WHERE (bucket, member_id) > ($1, $2) ORDER BY bucket, member_id LIMIT 5000
"""
"""The next members in the order of their keys."""

SELECT_LAST_ORDERS = """
SELECT i.member_id, i.last_order_on FROM unnest($1::smallint[], $2::uuid[]) AS asked (bucket, member_id)
JOIN insight_member i ON i.bucket = asked.bucket AND i.member_id = asked.member_id
"""
"""The last orders of some members, as the figures have them."""


@dataclass(frozen=True, slots=True)
class _Form:
    """A statement's form: its order, its conditions and its cursor. Parameters: limit, tiers, days, cursor."""

    template: str
    order: str
    days: tuple[str, ...] = ()
    is_up: bool = True
    is_placed: bool = False


@cache
def _text(form: _Form) -> str:
    key, kind = _KEYS[form.order]
    first = 2 if form.template == SELECT_BY_KANA else 3
    member = "m.member_id" if form.template in (SELECT_BY_KANA, SELECT_SOME_BY_KANA) else "i.member_id"
    after = first + len(form.days)
    beyond = f"({key}, {member}) {'>' if form.is_up else '<'} (${after}::{kind}, ${after + 1}::uuid)"
    return form.template.format(
        key=key,
        order="ASC" if form.is_up else "DESC",
        beyond=beyond if form.is_placed else "true",
        wanted=_conditions(form, first, is_walk=False),
        passed=_conditions(form, first, is_walk=True),
    )


def _conditions(form: _Form, first: int, *, is_walk: bool) -> str:
    """Return what the days asked for mean.

    On a walk, adding nothing to a day keeps the planner on the order that is walked; a bound on the very day that it is walked
    by ends it, and the bound where it begins is the cursor's: of two, an index may begin at the farther one.
    """
    said = ["true"]
    for place, name in enumerate(form.days):
        for column, sign in _ASKED[name]:
            is_own = is_walk and column == form.order
            if is_own and (sign == ">=") == form.is_up:
                continue
            key = _KEYS[column][0] + ("" if is_own or not is_walk else " + 0")
            said.append(f"{key} {sign} ${first + place}::date")
    return " AND ".join(said)


def _template(listing: "Listing", *, is_few: bool) -> str:
    if listing.order == "kana" and listing.which.is_everybody:
        return SELECT_BY_KANA
    if is_few:
        return SELECT_FEW
    return SELECT_SOME_BY_KANA if listing.order == "kana" else SELECT_BY_FIGURE


def statement(listing: "Listing", place: Place | None, *, is_few: bool) -> tuple[str, list[Any]]:
    """Return the statement of a page beside `place`, and its parameters but for the first, the limit."""
    template, days = _template(listing, is_few=is_few), listing.which.asked()
    is_back = place is not None and place.is_back
    is_up = listing.is_down == is_back
    at = None if place is None else (_key(listing, place), place.member)
    if template == SELECT_BY_FIGURE:
        at = _begun(listing, days, at, is_up=is_up)
    form = _Form(template, listing.order, tuple(days), is_up, at is not None)
    named = [f"${number}" for number in range(3, 3 + len(days))]
    text = _text(form)
    unnamed = [f"{name}::date IS NOT NULL" for name in named if name not in text]
    if unnamed:  # a statement names each of its parameters, so that it can be prepared
        text = text.replace("AND true", f"AND {' AND '.join(unnamed)}", 1)
    arguments: list[Any] = [] if template == SELECT_BY_KANA else [listing.ranks, *days.values()]
    return text, [*arguments, *(at or ())]


def _key(listing: "Listing", place: Place) -> Any:
    return date.fromordinal(int(place.key)) if listing.order in ("active", "joined") else place.key


def _begun(listing: "Listing", days: dict[str, date], at: tuple[Any, UUID] | None, *, is_up: bool) -> Any:
    """Return where a walk begins: at the cursor, or at the bound that the days asked for set, whichever is farther along."""
    bounds: list[date | int] = [
        days[name]
        for name, parts in _ASKED.items()
        for column, sign in parts
        if name in days and column == listing.order and (sign == ">=") == is_up
    ]
    if listing.order == "balance" and is_up and "expires_from" in days:
        bounds = [_SOME_POINTS]  # who has points that expire has points
    ends = [(bound, FIRST_ID) for bound in bounds] + ([] if at is None else [at])
    if not ends:
        return None
    return max(ends) if is_up else min(ends)


async def rows(
    conn: Connection, listing: "Listing", place: Place | None, limit: int, *, is_few: bool
) -> list[tuple[UUID, str | int]]:
    """Return up to `limit` members beside `place`, nearest first, each with the key of the order."""
    text, arguments = statement(listing, place, is_few=is_few)
    found = await conn.fetch(text, limit, *arguments)
    return [(row["member_id"], key.toordinal() if isinstance(key := row["key"], date) else key) for row in found]


async def each(conn: Connection, listing: "Listing", size: int) -> AsyncIterator[list[UUID]]:
    """Walk a whole list within the caller's transaction, `size` members at a time."""
    text, arguments = statement(listing, None, is_few=False)
    walk = await conn.cursor(text, None, *arguments)  # no limit
    while found := await walk.fetch(size):
        yield [row["member_id"] for row in found]


async def count(conn: Connection, listing: "Listing", limit: int) -> int:
    """Return how many a list wants, at most `limit`."""
    days = listing.which.asked()
    text = _text(_Form(COUNT_SOME, "kana", tuple(days)))
    return int(await conn.fetchval(text, limit, listing.ranks, *days.values()))


async def count_all(conn: Connection, limit: int) -> int:
    """Return how many members there are, at most `limit`."""
    return int(await conn.fetchval(COUNT_ALL, limit))


async def count_tier(conn: Connection, tier: int | None) -> int:
    """Return how many members the figures count on a tier, or on any."""
    return int(await conn.fetchval(COUNT_TIER, tier))


async def all_after(conn: Connection, bucket: int, member: UUID) -> list[Any]:
    """Return the next rows of all members."""
    return list(await conn.fetch(SELECT_AFTER, bucket, member))


async def last_orders(conn: Connection, members: Sequence[bytes]) -> list[Any]:
    """Return the days of some members' last orders."""
    ids = [UUID(bytes=member) for member in members]
    return list(await conn.fetch(SELECT_LAST_ORDERS, [bucket_of(member) for member in members], ids))
