"""All SQL of who: each statement named, with its purpose. Ids are 16 bytes outside and uuid inside."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from asyncpg.pgproto.pgproto import UUID

from kizuna.core.ids import bucket_of
from kizuna.members.model import Identity, Profile
from kizuna.runtime.db import Connection, Fragment

SELECT_IDENTITIES = """
SELECT i.kind, i.value, i.member_id FROM unnest($1::text[], $2::text[]) AS asked (kind, value)
JOIN identity i ON i.kind = asked.kind AND i.value = asked.value
"""
"""Whom a list of identities names."""

INSERT_MEMBERS = """
INSERT INTO member (bucket, member_id, joined_on) SELECT * FROM unnest($1::smallint[], $2::uuid[], $3::date[])
"""
"""Enrol members. A conflict means that another writer was first, and fails the commit."""

INSERT_IDENTITIES = """
INSERT INTO identity (kind, value, bucket, member_id) SELECT * FROM unnest($1::text[], $2::text[], $3::smallint[], $4::uuid[])
"""
"""Give members their identities. A conflict fails the commit."""

ADD_IDENTITY = """
INSERT INTO identity (kind, value, bucket, member_id) VALUES ($1, $2, $3, $4)
ON CONFLICT (kind, value) DO NOTHING RETURNING kind
"""
"""Give one member one more identity, unless it is taken."""

UPDATE_PROFILE = """
UPDATE member SET name = $3, name_kana = $4, name_is_generated = $5, language = $6 WHERE bucket = $1 AND member_id = $2
"""
"""Set what is known about a member."""

SELECT_MEMBER = """
SELECT member_id, name, name_kana, name_is_generated, language, joined_on FROM member WHERE bucket = $1 AND member_id = $2
"""
"""One member."""

SELECT_MEMBER_IDENTITIES = """
SELECT kind, value FROM identity WHERE bucket = $1 AND member_id = $2 ORDER BY kind, value
"""
"""Every identity of one member."""

_MATCHES = """
FROM member m WHERE $1 = '' OR m.name ILIKE $2 OR m.name_kana ILIKE $2
    OR replace(m.name, ' ', '') ILIKE $3 OR replace(m.name_kana, ' ', '') ILIKE ANY ($5::text[])
    OR EXISTS (SELECT FROM identity i WHERE i.bucket = m.bucket AND i.member_id = m.member_id
        AND (i.value ILIKE $2 OR i.value ILIKE $3 OR i.kind = 'phone' AND i.value LIKE $4))
"""

SEARCH_MEMBERS = f"""
SELECT m.member_id, m.name, m.name_kana, m.joined_on {_MATCHES}
ORDER BY m.name_kana COLLATE "C" NULLS LAST, m.member_id LIMIT $6 OFFSET $7
"""
"""Members by any part of a name, kana or identity, in the order of their kana."""

COUNT_MEMBERS = f"SELECT count(*) {_MATCHES}"
"""How many members a search finds."""

SELECT_CARDS = """
SELECT i.member_id, i.value FROM unnest($1::smallint[], $2::uuid[]) AS asked (bucket, member_id)
JOIN identity i ON i.bucket = asked.bucket AND i.member_id = asked.member_id WHERE i.kind = 'card'
"""
"""The card numbers of some members."""


async def find(conn: Connection, identities: Sequence[Identity]) -> dict[Identity, bytes]:
    """Return whom each identity names; those that name nobody are left out. Kind `member` is not looked up here."""
    rows = await conn.fetch(
        SELECT_IDENTITIES, [identity.kind for identity in identities], [identity.value for identity in identities]
    )
    return {Identity(row["kind"], row["value"]): row["member_id"].bytes for row in rows}


def enrolment(
    members: Sequence[bytes], joined_on: Sequence[date], identities: Sequence[tuple[Identity, bytes]]
) -> list[Fragment]:
    """Return the fragments that enrol `members` with `identities`."""
    holders = [holder for _, holder in identities]
    return [
        Fragment("enrolled", INSERT_MEMBERS, [_buckets(members), _uuids(members), joined_on]),
        Fragment(
            "identified",
            INSERT_IDENTITIES,
            [
                [identity.kind for identity, _ in identities],
                [identity.value for identity, _ in identities],
                _buckets(holders),
                _uuids(holders),
            ],
        ),
    ]


async def add_identity(conn: Connection, member: bytes, identity: Identity) -> bool:
    """Add an identity; tell whether it was free."""
    return await conn.fetchval(ADD_IDENTITY, identity.kind, identity.value, bucket_of(member), UUID(member)) is not None


async def update_profiles(conn: Connection, profiles: Sequence[tuple[bytes, Profile]]) -> None:
    """Set profiles of many members."""
    await conn.executemany(
        UPDATE_PROFILE,
        [
            (bucket_of(member), UUID(member), about.name, about.name_kana, about.name_is_generated, about.language)
            for member, about in profiles
        ],
    )


async def get(conn: Connection, member: bytes) -> tuple[Any, list[Identity]] | None:
    """Return a member's row and identities, None if there is no such member."""
    row = await conn.fetchrow(SELECT_MEMBER, bucket_of(member), UUID(member))
    if row is None:
        return None
    rows = await conn.fetch(SELECT_MEMBER_IDENTITIES, bucket_of(member), UUID(member))
    return row, [Identity(found["kind"], found["value"]) for found in rows]


_TO_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
_TO_KATAKANA = {kana: code for code, kana in _TO_HIRAGANA.items()}


async def search(conn: Connection, query: str, limit: int, offset: int) -> tuple[list[Any], int]:
    """Return one page of the members that `query` finds, and how many it finds."""
    escaped = query.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    squeezed = escaped.replace(" ", "").replace("-", "")
    phone = squeezed.removeprefix("0")  # numbers are kept with their country's prefix, without the leading 0
    kana = [f"%{squeezed.translate(_TO_HIRAGANA)}%", f"%{squeezed.translate(_TO_KATAKANA)}%"]
    patterns = (query, f"%{escaped}%", f"%{squeezed}%", f"%{phone}%" if phone.lstrip("+").isdecimal() else "", kana)
    return (
        await conn.fetch(SEARCH_MEMBERS, *patterns, limit, offset),
        int(await conn.fetchval(COUNT_MEMBERS, *patterns)),
    )


async def cards(conn: Connection, members: Sequence[bytes]) -> dict[bytes, str]:
    """Return each member's card number."""
    rows = await conn.fetch(SELECT_CARDS, _buckets(members), _uuids(members))
    return {row["member_id"].bytes: row["value"] for row in rows}


def _uuids(members: Sequence[bytes]) -> list[UUID]:
    return [UUID(member) for member in members]


def _buckets(members: Sequence[bytes]) -> list[int]:
    return [bucket_of(member) for member in members]
