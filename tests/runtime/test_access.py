"""Who may come in: keys and sessions are known by their hashes, a password is tried a few times, a session ends."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from kizuna.runtime import access
from kizuna.runtime.access import (
    EmailTaken,
    PasswordTooShort,
    Scope,
    ScopeMissing,
    SignInFailed,
    SignInLocked,
    create_key,
    create_owner,
    find_grant,
    find_session,
    list_keys,
    revoke_key,
    sign_in,
    sign_out,
)
from kizuna.runtime.clock import now
from kizuna.runtime.db import PLATFORM_SCHEMA

PASSWORD = "a long enough password"  # noqa: S105 - a test's own


@pytest.fixture
def platform(db):
    """Run a story with the database and a way to send SQL to the platform's schema."""

    def run(story):
        async def opened():
            async with db() as database:

                async def sql(statement, *args):
                    async with database.lend(PLATFORM_SCHEMA) as conn:
                        return await conn.fetch(statement, *args)

                await story(database, sql)

        asyncio.run(opened())

    return run


def new_address():
    return f"{uuid4().hex}@example.com"


def test_a_key_opens_its_own_brand_with_its_scopes(platform, brand):
    async def story(db, _sql):
        secret = await create_key(db, brand.slug, "till", [Scope.EVENTS_WRITE])
        grant = await find_grant(db, secret)
        assert (grant.brand, grant.scopes) == (brand.slug, {"events:write"})
        grant.require(Scope.EVENTS_WRITE)
        with pytest.raises(ScopeMissing) as caught:
            grant.require(Scope.MEMBERS_READ)
        assert "members:read" in str(caught.value)

    platform(story)


def test_a_key_cannot_be_read_from_the_database(platform, brand):
    async def story(db, sql):
        secret = await create_key(db, brand.slug, "till", Scope)
        (row,) = await sql("SELECT k::text AS whole, key_hash FROM api_key k WHERE brand = $1", brand.slug)
        assert secret not in row["whole"]
        assert secret.removeprefix("kz_") not in row["whole"]
        assert len(row["key_hash"]) == 32
        (listed,) = await list_keys(db, brand.slug)
        assert secret not in str(dict(listed))
        assert "key_hash" not in dict(listed)

    platform(story)


@pytest.mark.parametrize("change", [lambda _: "", lambda key: key[:-1], lambda key: key.upper(), lambda _: "kz_other"])
def test_only_the_whole_key_opens(platform, brand, change):
    async def story(db, _sql):
        secret = await create_key(db, brand.slug, "till", Scope)
        assert await find_grant(db, change(secret)) is None

    platform(story)


def test_a_revoked_key_opens_nothing_any_more_and_its_neighbour_does(platform, brand):
    async def story(db, _sql):
        secret, other = [await create_key(db, brand.slug, name, Scope) for name in ("till", "shop")]
        grant = await find_grant(db, secret)
        assert await revoke_key(db, grant.key_id)
        assert not await revoke_key(db, grant.key_id)
        assert not await revoke_key(db, "unknown")
        assert await find_grant(db, secret) is None
        assert await find_grant(db, other) is not None
        revoked = {row["name"]: row["revoked_at"] is not None for row in await list_keys(db, brand.slug)}
        assert revoked == {"till": True, "shop": False}

    platform(story)


def test_signing_in_opens_a_session_until_signing_out(platform, brand):
    async def story(db, sql):
        address = new_address()
        await create_owner(db, brand.slug, f" {address.upper()} ", PASSWORD)
        secret = await sign_in(db, f"{address.title()} ", PASSWORD)
        session = await find_session(db, secret)
        assert (session.email, session.brand) == (address, brand.slug)
        assert timedelta(hours=11, minutes=59) < session.expires_at - now() <= access.SESSION_LIFETIME
        kept = await sql("SELECT s::text AS whole FROM console_session s")
        assert all(secret not in row["whole"] for row in kept)
        another = await sign_in(db, address, PASSWORD)
        assert another != secret
        assert (await find_session(db, another)).csrf_token != session.csrf_token
        await sign_out(db, secret)
        assert await find_session(db, secret) is None
        assert await find_session(db, another) is not None

    platform(story)


def test_a_session_ends_by_itself_and_is_cleared_away(platform, brand):
    async def story(db, sql):
        address = new_address()
        await create_owner(db, brand.slug, address, PASSWORD)
        secret = await sign_in(db, address, PASSWORD)
        mine = "user_id = (SELECT user_id FROM console_user WHERE email = $1)"
        await sql(f"UPDATE console_session SET expires_at = now() WHERE {mine}", address)
        assert await find_session(db, secret) is None
        await sign_in(db, address, PASSWORD)
        assert len(await sql(f"SELECT FROM console_session WHERE {mine}", address)) == 1

    platform(story)


def test_a_password_is_kept_as_argon2id_and_has_a_least_length(platform, brand):
    async def story(db, sql):
        address = new_address()
        with pytest.raises(PasswordTooShort):
            await create_owner(db, brand.slug, address, "x" * 11)
        await create_owner(db, brand.slug, address, "x" * 12)
        (row,) = await sql("SELECT password_hash FROM console_user WHERE email = $1", address)
        assert row["password_hash"].startswith("$argon2id$")
        assert "x" * 12 not in row["password_hash"]

    platform(story)


def test_an_address_signs_in_to_one_brand(platform, brand):
    async def story(db, _sql):
        address = new_address()
        await create_owner(db, brand.slug, address, PASSWORD)
        with pytest.raises(EmailTaken):
            await create_owner(db, brand.slug, address.upper(), PASSWORD)

    platform(story)


@pytest.mark.parametrize("password", ["", PASSWORD.upper(), f"{PASSWORD} "])
def test_a_wrong_password_and_an_unknown_address_are_told_alike(platform, brand, password):
    async def story(db, _sql):
        address = new_address()
        await create_owner(db, brand.slug, address, PASSWORD)
        told = set()
        for whose in (address, new_address(), ""):
            with pytest.raises(SignInFailed) as caught:
                await sign_in(db, whose, password)
            told.add(str(caught.value))
        assert len(told) == 1

    platform(story)


def test_an_account_rests_after_ten_failures_in_a_row(platform, brand, monkeypatch):
    async def story(db, sql):
        address = new_address()
        await create_owner(db, brand.slug, address, PASSWORD)

        async def fail(times):
            for _ in range(times):
                with pytest.raises(SignInFailed):
                    await sign_in(db, address, "wrong")

        await fail(9)
        await sign_in(db, address, PASSWORD)  # forgives what was before
        await fail(10)
        with pytest.raises(SignInLocked) as caught:
            await sign_in(db, address, PASSWORD)
        assert caught.value.facts == {"minutes": 15}
        await sql("UPDATE console_user SET locked_until = now() + interval '90 s' WHERE email = $1", address)
        with pytest.raises(SignInLocked) as caught:
            await sign_in(db, address, PASSWORD)
        assert caught.value.facts == {"minutes": 2}
        await sql("UPDATE console_user SET locked_until = now() WHERE email = $1", address)
        await fail(1)
        await sign_in(db, address, PASSWORD)

    platform(story)


def test_a_locked_account_locks_no_other(platform, brand):
    async def story(db, sql):
        locked, other = new_address(), new_address()
        for address in (locked, other):
            await create_owner(db, brand.slug, address, PASSWORD)
        await sql("UPDATE console_user SET locked_until = now() + interval '1 h' WHERE email = $1", locked)
        with pytest.raises(SignInLocked):
            await sign_in(db, locked, PASSWORD)
        assert await sign_in(db, other, PASSWORD)

    platform(story)
