"""All SQL of audiences. It reads members and the figures of `insight_member` beside them, and writes nothing.

The `{…}` are filled with the constants of this file and the numbers of parameters alone; every value is a parameter.
"""

from collections.abc import AsyncIterator
from typing import Final
from uuid import UUID

from kizuna.program import Is
from kizuna.runtime.db import Connection, Fragment

FACTS: Final = {
    "member.tier": "coalesce(i.tier, 0)",
    "member.stage": "coalesce(i.stage, 0)",
    "member.orders": "coalesce(i.orders, 0)",
    "member.spend": "coalesce(i.spend, 0)",
    "member.days_since_order": "CASE WHEN i.kept_order_on IS NOT NULL THEN greatest(0, {today} - i.kept_order_on) END",
    "member.days_since_joining": "greatest(0, {today} - m.joined_on)",
    "member.is_birthday_month": "(extract(month FROM m.birthday) = {today})",
    "member.is_birthday": "(extract(month FROM m.birthday) * 100 + extract(day FROM m.birthday) = ANY ({today}))",
    "member.is_referred": "(m.referrer IS NOT NULL)",
}
"""What the database knows of a member, by the names of the catalogue; null where it is not there. Who has no figures yet
has ordered nothing; `greatest` passes over nulls, so it needs the CASE. Rungs and stages are numbered by their place in the
program in force."""

LISTS: Final = (Is.ONE_OF, Is.NONE_OF)
COMPARED: Final = {
    Is.EQUALS: "coalesce(({told}) = {value}, false)",
    Is.DIFFERS: "coalesce(({told}) <> {value}, false)",
    Is.AT_LEAST: "coalesce(({told}) >= {value}, false)",
    Is.AT_MOST: "coalesce(({told}) <= {value}, false)",
    Is.ABOVE: "coalesce(({told}) > {value}, false)",
    Is.BELOW: "coalesce(({told}) < {value}, false)",
    Is.ONE_OF: "coalesce(({told}) = ANY ({value}), false)",
    Is.NONE_OF: "coalesce(({told}) <> ALL ({value}), false)",
}
"""How a fact is compared: what is not there is false, so that nothing is ever unknown."""

SELECT_MEMBERS = """
SELECT m.bucket, m.member_id FROM member m
LEFT JOIN insight_member i ON i.bucket = m.bucket AND i.member_id = m.member_id WHERE {where}
"""
"""Everybody who fulfils a condition."""

COUNT_MEMBERS = "SELECT count(*) FROM ({members}) AS segment"
"""How many fulfil it."""

SELECT_PAGE = """
SELECT member_id, bucket FROM ({members}) AS segment WHERE (bucket, member_id) > (${after}::smallint, ${after_id}::uuid)
ORDER BY bucket, member_id LIMIT ${limit}
"""
"""The next of them in the order of their keys."""


def select(where: str) -> str:
    """Return the statement of all of whom `where` is true."""
    return SELECT_MEMBERS.format(where=where)


async def count(conn: Connection, segment: Fragment) -> int:
    """Return how many there are."""
    return int(await conn.fetchval(COUNT_MEMBERS.format(members=segment.sql), *segment.args))


async def pages(conn: Connection, segment: Fragment, size: int) -> AsyncIterator[list[bytes]]:
    """Walk them in the order of their keys, up to `size` at a time."""
    n = len(segment.args)
    text = SELECT_PAGE.format(members=segment.sql, after=n + 1, after_id=n + 2, limit=n + 3)
    bucket, member = -1, UUID(int=0)
    while rows := await conn.fetch(text, *segment.args, bucket, member, size):
        yield [row["member_id"].bytes for row in rows]
        bucket, member = rows[-1]["bucket"], rows[-1]["member_id"]
