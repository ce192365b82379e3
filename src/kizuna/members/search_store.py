"""All SQL of finding a member: range scans of sorted indexes, one part of the answer after the other.

Every statement asks for the rows of one part beside a cursor, in that part's order, without the members whom an earlier part
has: so the parts together name each member once, whatever page one is on. $1, $2 are the range of names, $3, $4 the cursor,
$5 the members found exactly, $6 how many rows. The `{…}` are filled with the constants of this file alone.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final
from uuid import UUID

from kizuna.core.ids import bucket_of
from kizuna.members.cursor import FIRST_ID, LAST_ID, Place
from kizuna.members.finding import Range, Wanted
from kizuna.runtime.db import Connection

_NAME = 'folded(m.name) COLLATE "C"'
_KANA = 'list_key(m.name, m.name_kana) COLLATE "C"'
_GIVEN = 'folded_given(m.name) COLLATE "C"'
_GIVEN_KANA = 'folded_given(m.name_kana) COLLATE "C"'
_VALUE = 'lower(i.value COLLATE "C") COLLATE "C"'
_TAIL = 'reverse(i.value) COLLATE "C"'
_NAMES: Final = (_NAME, _KANA, _GIVEN, _GIVEN_KANA)

BY_KEY = (
    "SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off"
)
"""A few rows of very many, along an index: left to itself PostgreSQL may read a whole table for what many names begin with."""

SELECT_BY_NAME = """
SELECT m.member_id, {key} AS key FROM member m
WHERE {bound} AND m.member_id <> ALL ($5::uuid[]) AND {earlier}
ORDER BY {key} {order}, m.member_id {order} LIMIT $6
"""
"""Members by the beginning of a name, of its kana, or of the second part of either."""

SELECT_BY_TAIL = """
SELECT i.member_id, {key} AS key FROM identity i {who}
WHERE i.kind = '{kind}' AND {bound} AND i.member_id <> ALL ($5::uuid[]) AND {earlier}
    AND NOT EXISTS (SELECT FROM identity o WHERE o.bucket = i.bucket AND o.member_id = i.member_id
        AND o.kind = '{kind}' AND reverse(o.value) COLLATE "C" >= $7 AND reverse(o.value) COLLATE "C" < {key})
ORDER BY {key} {order}, i.member_id {order} LIMIT $6
"""
"""Members by the last digits of a number; whoever has two such numbers stands at the first."""

SELECT_BY_VALUE = """
SELECT one.member_id, one.key
FROM unnest($9::text[], $10::text[]) AS asked (lo, hi) CROSS JOIN LATERAL (
    SELECT i.member_id, {key} AS key FROM identity i {who}
    WHERE {bound} AND i.member_id <> ALL ($5::uuid[]) AND {earlier}
        AND NOT EXISTS (SELECT FROM identity o, unnest($9::text[], $10::text[]) AS r (lo, hi)
            WHERE o.bucket = i.bucket AND o.member_id = i.member_id
            AND lower(o.value COLLATE "C") COLLATE "C" >= r.lo AND lower(o.value COLLATE "C") COLLATE "C" < r.hi
            AND (lower(o.value COLLATE "C") COLLATE "C" < {key}
                OR lower(o.value COLLATE "C") COLLATE "C" = {key} AND o.kind < i.kind))
    ORDER BY {key} {order}, i.member_id {order} LIMIT $6) AS one
ORDER BY one.key {order}, one.member_id {order} LIMIT $6
"""
"""Members by the beginning of an identity; whoever has two such identities stands at the first."""

COUNT_PART = "SELECT count(*) FROM ({part}) AS part"
"""How many members a part names, up to its limit."""

SELECT_NAMED = f"""
SELECT {", ".join(f"(SELECT true FROM member m WHERE {key} >= $1 AND {key} < $2 ORDER BY {key} LIMIT 1)" for key in _NAMES)}
"""
"""Which of the parts by name hold anybody: the others need neither be read nor compared with."""

SELECT_THERE = """
SELECT m.member_id FROM unnest($1::smallint[], $2::uuid[]) AS asked (bucket, member_id)
JOIN member m ON m.bucket = asked.bucket AND m.member_id = asked.member_id
"""
"""Which of some ids are members'."""

PARTS: Final = (SELECT_BY_NAME,) * len(_NAMES) + (SELECT_BY_TAIL, SELECT_BY_TAIL, SELECT_BY_VALUE)
"""The parts of an answer, the most exact first: name, kana, given name, its kana, phone's end, card's end, identity."""
_TAIL_KINDS: Final = {len(_NAMES): "phone", len(_NAMES) + 1: "card"}


# A cursor is the only bound on its side: of two bounds on one column, an index may begin at the farther one.
_BOUNDS: Final = {
    False: "{key} < {hi} AND ({key}, {member}) > ({at}, {at_member})",
    True: "{key} >= {lo} AND ({key}, {member}) < ({at}, {at_member})",
}


@cache
def statement(part: int, named: tuple[int, ...], *, is_back: bool = False) -> str:
    """Return a part's statement; `named` are the parts by name that hold anybody, `is_back` walks towards the beginning."""
    order = "DESC" if is_back else "ASC"
    if part < len(_NAMES):
        key = _NAMES[part]
        bound = _BOUNDS[is_back].format(key=key, member="m.member_id", lo="$1", hi="$2", at="$3", at_member="$4")
        return PARTS[part].format(key=key, order=order, bound=f"{_NAMED} AND {bound}", earlier=_not(named, part))
    earlier = _not(named, part) + "".join(
        " AND NOT EXISTS (SELECT FROM identity e WHERE e.bucket = i.bucket AND e.member_id = i.member_id"
        f' AND e.kind = \'{kind}\' AND reverse(e.value) COLLATE "C" >= $7 AND reverse(e.value) COLLATE "C" < $8)'
        for place, kind in _TAIL_KINDS.items()
        if place < part
    )
    if part in _TAIL_KINDS:
        key, lo, hi, at, at_member = _TAIL, "$7", "$8", "$3", "$4"
    else:
        key, lo, hi = _VALUE, "asked.lo", "asked.hi"
        nearer, end = ("least", "hi") if is_back else ("greatest", "lo")
        at = f'{nearer}(asked.{end} COLLATE "C", $3 COLLATE "C")'
        at_member = (
            f"CASE WHEN {at} = $3 COLLATE \"C\" THEN $4::uuid ELSE '{LAST_ID if is_back else FIRST_ID}'::uuid END"
        )
    bound = _BOUNDS[is_back].format(key=key, member="i.member_id", lo=lo, hi=hi, at=at, at_member=at_member)
    return PARTS[part].format(
        key=key,
        kind=_TAIL_KINDS.get(part, ""),
        who="JOIN member m ON m.bucket = i.bucket AND m.member_id = i.member_id" if named else "",
        order=order,
        bound=f"{_NAMED} AND {_ENDED} AND {bound}",
        earlier=earlier,
    )


# Always true: a statement names each of its parameters, so that it can be prepared.
_NAMED: Final = "$1::text || $2::text IS NOT NULL"
_ENDED: Final = "$7::text || $8::text IS NOT NULL"


def _not(named: Sequence[int], part: int) -> str:
    """Return the condition that no part by name before `part` has a member."""
    keys = [_NAMES[earlier] for earlier in named if earlier < part]
    found = " OR ".join(f"{key} >= $1 AND {key} < $2" for key in keys)
    return f"({found}) IS NOT TRUE" if found else "true"


def _arguments(part: int, wanted: Wanted, exact: Sequence[UUID], place: Place | None, limit: int) -> list[Any]:
    """Return a statement's parameters; a place outside the part's range is brought to its end."""
    is_back = place is not None and place.is_back
    by_name = [wanted.names] if part < len(_NAMES) else list(wanted.begins)
    ends = [wanted.ends] if part in _TAIL_KINDS else by_name
    lo, hi = min(end.lo for end in ends), max(end.hi for end in ends)
    key, member = (hi, LAST_ID) if is_back else (lo, FIRST_ID)
    if place is not None and lo <= str(place.key) <= hi:
        key, member = str(place.key), place.member
    shared = [*wanted.names, key, member, exact, limit]
    if part < len(_NAMES):
        return shared
    if part in _TAIL_KINDS:
        return [*shared, *wanted.ends]
    return [*shared, *wanted.ends, [lo for lo, _ in wanted.begins], [hi for _, hi in wanted.begins]]


async def rows(
    conn: Connection,
    part: int,
    wanted: Wanted,
    exact: Sequence[UUID],
    place: Place | None,
    limit: int,
    *,
    named: tuple[int, ...],
    is_back: bool,
) -> list[tuple[Place, UUID]]:
    """Return up to `limit` members of a part beside `place`, nearest first; from the part's own end where there is none."""
    text = statement(part, named, is_back=is_back)
    beside = place or Place(part, "", FIRST_ID, is_back=is_back)
    found = await conn.fetch(text, *_arguments(part, wanted, exact, beside, limit))
    return [(Place(part, row["key"], row["member_id"], is_back), row["member_id"]) for row in found]


async def count(
    conn: Connection, part: int, wanted: Wanted, exact: Sequence[UUID], limit: int, *, named: tuple[int, ...]
) -> int:
    """Return how many members a part names, at most `limit`."""
    text = COUNT_PART.format(part=statement(part, named))
    arguments = _arguments(part, wanted, exact, None, limit)
    return int(await conn.fetchval(text, *arguments))


async def by_key(conn: Connection) -> None:
    """Keep this transaction to indexes."""
    await conn.execute(BY_KEY)


async def named(conn: Connection, names: Range) -> tuple[int, ...]:
    """Return the parts by name that hold anybody."""
    if not names.lo:
        return ()
    return tuple(part for part, is_there in enumerate(await conn.fetchrow(SELECT_NAMED, *names)) if is_there)


async def there(conn: Connection, members: Sequence[UUID]) -> set[UUID]:
    """Return which of `members` there are."""
    return {
        UUID(int=row["member_id"].int)
        for row in await conn.fetch(SELECT_THERE, [bucket_of(one.bytes) for one in members], members)
    }
