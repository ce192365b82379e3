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
SELECT member_id, name, name_kana, name_is_generated, language, joined_on, ARRAY(SELECT ARRAY[kind, value] FROM identity
    WHERE bucket = $1 AND member_id = $2 ORDER BY kind, value) AS identities
FROM member WHERE bucket = $1 AND member_id = $2
"""
"""One member with every identity."""

SELECT_PROFILES = """
SELECT m.member_id, m.name, m.name_kana, m.joined_on FROM unnest($1::smallint[], $2::uuid[]) AS asked (bucket, member_id)
JOIN member m ON m.bucket = asked.bucket AND m.member_id = asked.member_id
"""
"""What a list shows of some members."""

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
    return None if row is None else (row, [Identity(*found) for found in row["identities"]])


async def profiles(conn: Connection, members: Sequence[bytes]) -> dict[bytes, Any]:
    """Return each member's row, by id."""
    rows = await conn.fetch(SELECT_PROFILES, _buckets(members), _uuids(members))
    return {row["member_id"].bytes: row for row in rows}


async def cards(conn: Connection, members: Sequence[bytes]) -> dict[bytes, str]:
    """Return each member's card number."""
    rows = await conn.fetch(SELECT_CARDS, _buckets(members), _uuids(members))
    return {row["member_id"].bytes: row["value"] for row in rows}


def _uuids(members: Sequence[bytes]) -> list[UUID]:
    return [UUID(member) for member in members]


def _buckets(members: Sequence[bytes]) -> list[int]:
    return [bucket_of(member) for member in members]
