"""All SQL of who: each statement named, with its purpose. Ids are 16 bytes outside and uuid inside."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from asyncpg.pgproto.pgproto import UUID

from kizuna.core.ids import bucket_of
from kizuna.members.model import Identity, Profile, SelfTold
from kizuna.runtime.db import Connection, Fragment

SELECT_IDENTITIES = """
SELECT i.kind, i.value, i.member_id FROM unnest($1::text[], $2::text[]) AS asked (kind, value)
JOIN identity i ON i.kind = asked.kind AND i.value = asked.value
"""
"""Whom a list of identities names."""

INSERT_MEMBERS = """
INSERT INTO member (bucket, member_id, joined_on, name, name_kana, language, birthday, referrer)
SELECT * FROM unnest($1::smallint[], $2::uuid[], $3::date[], $4::text[], $5::text[], $6::text[], $7::date[], $8::uuid[])
"""
"""Enrol members, with what they tell of themselves. A conflict means that another writer was first, and fails the commit."""

INSERT_IDENTITIES = """
INSERT INTO identity (kind, value, bucket, member_id) SELECT * FROM unnest($1::text[], $2::text[], $3::smallint[], $4::uuid[])
"""
"""Give members their identities. A conflict fails the commit."""

ADD_IDENTITY = """
INSERT INTO identity (kind, value, bucket, member_id) VALUES ($1, $2, $3, $4)
ON CONFLICT (kind, value) DO NOTHING RETURNING kind
"""
"""Give one member one more identity, unless it is taken."""

SELECT_IDENTITIES_OF = "SELECT kind, value FROM identity WHERE bucket = $1 AND member_id = $2 ORDER BY kind, value"
"""By which identities a member is known."""

MOVE_IDENTITIES = """
UPDATE identity SET bucket = $3, member_id = $4 FROM unnest($1::text[], $2::text[]) AS moved (kind, value)
WHERE identity.kind = moved.kind AND identity.value = moved.value AND identity.bucket = $5 AND identity.member_id = $6
"""
"""Identities of one member become another's."""

UPDATE_PROFILE = """
UPDATE member SET name = $3, name_kana = $4, name_is_generated = $5, language = $6 WHERE bucket = $1 AND member_id = $2
"""
"""Set what is known about a member."""

TELL_SELVES = """
UPDATE member SET name = coalesce(told.name, member.name), name_kana = coalesce(told.name_kana, member.name_kana),
    name_is_generated = member.name_is_generated AND told.name IS NULL, language = coalesce(told.language, member.language),
    birthday = coalesce(told.birthday, member.birthday), referrer = coalesce(member.referrer, told.referrer)
FROM unnest($1::smallint[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::date[], $7::uuid[])
    AS told (bucket, member_id, name, name_kana, language, birthday, referrer)
WHERE member.bucket = told.bucket AND member.member_id = told.member_id
"""
"""What members tell of themselves; what they leave out stays. Who brought somebody is told once."""

SELECT_KNOWN = """
SELECT m.member_id FROM unnest($1::smallint[], $2::uuid[]) AS asked (bucket, member_id)
JOIN member m ON m.bucket = asked.bucket AND m.member_id = asked.member_id
"""
"""Which of some ids are members'."""

SELECT_REFERRERS = """
SELECT m.member_id, m.referrer FROM unnest($1::smallint[], $2::uuid[]) AS asked (bucket, member_id)
JOIN member m ON m.bucket = asked.bucket AND m.member_id = asked.member_id WHERE m.referrer IS NOT NULL
"""
"""Who brought some members."""

SELECT_BORN = """
SELECT member_id FROM member
WHERE extract(month FROM birthday) * 100 + extract(day FROM birthday) = ANY($1::numeric[]) AND birthday IS NOT NULL
    AND coalesce(birthday_told, 0) < $2 AND joined_on <= $3 ORDER BY bucket, member_id LIMIT $4
"""
"""Some members whose birthday falls on some days of a year, and for whom that year's was not told yet."""

SELECT_ANNIVERSARIES = """
SELECT member_id, joined_on FROM member
WHERE extract(month FROM joined_on) * 100 + extract(day FROM joined_on) = ANY($1::numeric[])
    AND coalesce(anniversary_told, 0) < $2 AND joined_on < $3 ORDER BY bucket, member_id LIMIT $4
"""
"""Some members who joined on some days of an earlier year, and for whom this year's anniversary was not told yet."""

TELL_BIRTHDAYS = """
UPDATE member SET birthday_told = $3 FROM unnest($1::smallint[], $2::uuid[]) AS told (bucket, member_id)
WHERE member.bucket = told.bucket AND member.member_id = told.member_id
"""
"""Remember the year whose birthday was told."""

TELL_ANNIVERSARIES = """
UPDATE member SET anniversary_told = $3 FROM unnest($1::smallint[], $2::uuid[]) AS told (bucket, member_id)
WHERE member.bucket = told.bucket AND member.member_id = told.member_id
"""
"""Remember the year whose anniversary was told."""

SELECT_MEMBER = """
SELECT member_id, name, name_kana, name_is_generated, language, birthday, referrer, joined_on, ARRAY(SELECT ARRAY[kind, value] FROM identity
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
    members: Sequence[bytes],
    joined_on: Sequence[date],
    told: Sequence[SelfTold],
    identities: Sequence[tuple[Identity, bytes]],
) -> list[Fragment]:
    """Return the fragments that enrol `members`, who tell `told` of themselves, with `identities`."""
    return [
        Fragment("enrolled", INSERT_MEMBERS, [_buckets(members), _uuids(members), joined_on, *_selves(told)]),
        identifying("identified", identities),
    ]


def identifying(name: str, identities: Sequence[tuple[Identity, bytes]]) -> Fragment:
    """Return the fragment that gives members identities which nobody has; one that is taken fails the commit."""
    kinds, values = [identity.kind for identity, _ in identities], [identity.value for identity, _ in identities]
    holders = [holder for _, holder in identities]
    return Fragment(name, INSERT_IDENTITIES, [kinds, values, _buckets(holders), _uuids(holders)])


def telling(told: Sequence[tuple[bytes, SelfTold]]) -> Fragment:
    """Return the fragment that keeps what members, each named once, tell of themselves."""
    members = [member for member, _ in told]
    return Fragment("told", TELL_SELVES, [_buckets(members), _uuids(members), *_selves([one for _, one in told])])


def _selves(told: Sequence[SelfTold]) -> list[list[Any]]:
    names, kana, languages, birthdays, referrers = ([*column] for column in zip(*told, strict=True))
    return [names, kana, languages, birthdays, [None if one is None else UUID(one) for one in referrers]]


async def known(conn: Connection, members: Sequence[bytes]) -> set[bytes]:
    """Return which of some ids are members'."""
    return {row["member_id"].bytes for row in await conn.fetch(SELECT_KNOWN, _buckets(members), _uuids(members))}


async def referrers(conn: Connection, members: Sequence[bytes]) -> dict[bytes, bytes]:
    """Return who brought some members; those whom nobody brought are left out."""
    rows = await conn.fetch(SELECT_REFERRERS, _buckets(members), _uuids(members))
    return {row["member_id"].bytes: row["referrer"].bytes for row in rows}


async def born(conn: Connection, days: Sequence[int], year: int, joined_by: date, limit: int) -> list[bytes]:
    """Return some members born on `days` (month × 100 + day) whose birthday of `year` was not told yet."""
    return [row["member_id"].bytes for row in await conn.fetch(SELECT_BORN, days, year, joined_by, limit)]


async def anniversaries(
    conn: Connection, days: Sequence[int], year: int, joined_before: date, limit: int
) -> list[tuple[bytes, int]]:
    """Return some members who joined on `days` of an earlier year and whose anniversary was not told yet, with its number."""
    rows = await conn.fetch(SELECT_ANNIVERSARIES, days, year, joined_before, limit)
    return [(row["member_id"].bytes, year - row["joined_on"].year) for row in rows]


async def told_birthdays(conn: Connection, members: Sequence[bytes], year: int) -> None:
    """Remember that the birthdays of `year` were told."""
    await conn.execute(TELL_BIRTHDAYS, _buckets(members), _uuids(members), year)


async def told_anniversaries(conn: Connection, members: Sequence[bytes], year: int) -> None:
    """Remember that the anniversaries of `year` were told."""
    await conn.execute(TELL_ANNIVERSARIES, _buckets(members), _uuids(members), year)


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


async def identities_of(conn: Connection, member: bytes) -> list[Identity]:
    """Return by which identities a member is known."""
    rows = await conn.fetch(SELECT_IDENTITIES_OF, bucket_of(member), UUID(member))
    return [Identity(row["kind"], row["value"]) for row in rows]


def move_identities(identities: Sequence[tuple[str, str]], to: bytes, *, of: bytes) -> Fragment:
    """Return the fragment that makes identities those of the member `to`, as far as they are those of `of`."""
    kinds, values = [kind for kind, _ in identities], [value for _, value in identities]
    return Fragment(
        "moved_identities", MOVE_IDENTITIES, [kinds, values, bucket_of(to), UUID(to), bucket_of(of), UUID(of)]
    )
