"""Who may come in: API keys with scopes, and the people of the console with passwords and sessions.

Secrets are kept only as hashes: keys and sessions are 256 random bits, so SHA-256 is enough; passwords use argon2id.
"""

import asyncio
import hashlib
import json
import math
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import argon2
import asyncpg

from kizuna.core.errors import N_, Kind, Problem
from kizuna.runtime import access_store as store
from kizuna.runtime.clock import now
from kizuna.runtime.db import PLATFORM_SCHEMA, Database

SESSION_LIFETIME = timedelta(hours=12)
LOCK_AFTER_FAILURES = 10
LOCK_FOR = timedelta(minutes=15)
_HASHER = argon2.PasswordHasher()
_NOBODY = _HASHER.hash(secrets.token_urlsafe(16))


class Scope(StrEnum):
    """What a key may do."""

    EVENTS_WRITE = "events:write"
    MEMBERS_READ = "members:read"
    MEMBERS_WRITE = "members:write"
    POINTS_WRITE = "points:write"
    POINTS_ADJUST = "points:adjust"


class KeyMissing(Problem):
    """No usable key came with the request."""

    code = "unauthenticated"
    kind = Kind.UNAUTHENTICATED
    title = N_("This request carries no valid API key.")
    remedy = N_(
        "Send “Authorization: Bearer kz_…” with a key that “kizuna key create” printed and that was not revoked."
    )


class ScopeMissing(Problem):
    """The key is right but may not do this."""

    code = "forbidden"
    kind = Kind.FORBIDDEN
    title = N_("This API key lacks the scope “{scope}”.")
    remedy = N_("Create a key with that scope: “kizuna key create --scope {scope}”.")


class SignInFailed(Problem):
    """E-mail and password do not belong together; which of the two is wrong is not said."""

    code = "sign_in_failed"
    kind = Kind.UNAUTHENTICATED
    title = N_("This e-mail address and password do not belong together.")
    remedy = N_("Check both and try again. After several failures the account rests for a while.")


class SignInLocked(Problem):
    """Too many failures."""

    code = "sign_in_locked"
    kind = Kind.TOO_MANY
    title = N_("After too many failed attempts, this account rests.")
    remedy = N_("Try again in {minutes} minutes.")


class PasswordTooShort(Problem):
    """A password below the minimum."""

    code = "password_too_short"
    kind = Kind.INVALID
    title = N_("This password is too short.")
    remedy = N_("Use at least {characters_min} characters.")


class EmailMalformed(Problem):
    """Not an e-mail address."""

    code = "email_malformed"
    kind = Kind.INVALID
    title = N_("“{email}” is not an e-mail address.")
    remedy = N_("Write one such as owner@example.com.")


class EmailTaken(Problem):
    """Somebody signs in with this address already."""

    code = "email_taken"
    kind = Kind.CONFLICT
    title = N_("Somebody signs in with “{email}” already.")
    remedy = N_("Use another address.")


@dataclass(frozen=True, slots=True)
class Grant:
    """What a key allows, and for which brand."""

    brand: str
    key_id: str
    scopes: frozenset[str]

    def require(self, scope: Scope) -> None:
        """Raise `ScopeMissing` unless `scope` is granted."""
        if scope not in self.scopes:
            raise ScopeMissing(scope=scope.value)


@dataclass(frozen=True, slots=True)
class Session:
    """A person signed in to the console."""

    email: str
    brand: str
    csrf_token: str
    expires_at: datetime
    preferences: Mapping[str, Any] = field(default_factory=dict)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


async def create_key(db: Database, brand: str, name: str, scopes: Iterable[Scope]) -> str:
    """Make a key and return it; it cannot be read again. Raises `Unavailable`."""
    secret = f"kz_{secrets.token_urlsafe(32)}"
    async with db.lend(PLATFORM_SCHEMA) as conn:
        await conn.execute(
            store.INSERT_KEY, _hash(secret), secrets.token_hex(6), brand, name, [scope.value for scope in scopes]
        )
    return secret


async def revoke_key(db: Database, key_id: str) -> bool:
    """Revoke a key by its id; tell whether there was one. Raises `Unavailable`."""
    async with db.lend(PLATFORM_SCHEMA) as conn:
        return await conn.fetchval(store.REVOKE_KEY, key_id) is not None


async def list_keys(db: Database, brand: str) -> list[asyncpg.Record]:
    """Return the brand's keys, newest first, without their secrets. Raises `Unavailable`."""
    async with db.lend(PLATFORM_SCHEMA) as conn:
        return list(await conn.fetch(store.SELECT_KEYS, brand))


async def find_grant(db: Database, secret: str) -> Grant | None:
    """Return what a key allows, None if it is unknown or revoked. Raises `Unavailable`."""
    async with db.lend(PLATFORM_SCHEMA) as conn:
        row = await conn.fetchrow(store.SELECT_GRANT, _hash(secret))
    return None if row is None else Grant(row["brand"], row["key_id"], frozenset(row["scopes"]))


PASSWORD_CHARACTERS_MIN = 12


async def create_owner(db: Database, brand: str, email: str, password: str) -> None:
    """Make the brand's owner. Raises `EmailMalformed`, `EmailTaken`, `PasswordTooShort`, `Unavailable`."""
    local, _, domain = email.strip().rpartition("@")
    if not local or not domain or not email.strip().isprintable() or " " in email.strip():
        raise EmailMalformed(field="email", email=email)
    if len(password) < PASSWORD_CHARACTERS_MIN:
        raise PasswordTooShort(field="password", characters_min=PASSWORD_CHARACTERS_MIN)
    async with db.lend(PLATFORM_SCHEMA) as conn:
        try:
            await conn.execute(store.INSERT_USER, brand, email.strip().lower(), _HASHER.hash(password))
        except asyncpg.UniqueViolationError as fault:
            raise EmailTaken(field="email", email=email) from fault


async def reset_password(db: Database, email: str, password: str) -> bool:
    """Give a person another password and end every session; tell whether there is such a person.

    Raises `PasswordTooShort`, `Unavailable`.
    """
    if len(password) < PASSWORD_CHARACTERS_MIN:
        raise PasswordTooShort(field="password", characters_min=PASSWORD_CHARACTERS_MIN)
    async with db.lend(PLATFORM_SCHEMA) as conn:
        return await conn.fetchval(store.RENEW_USER, email.strip().lower(), _HASHER.hash(password)) is not None


async def sign_in(db: Database, email: str, password: str) -> str:
    """Check a password and return a new session's secret. Raises `SignInFailed`, `SignInLocked`, `Unavailable`.

    An unknown address costs as much time as a wrong password.
    """
    at = now()
    async with db.lend(PLATFORM_SCHEMA) as conn:
        # Counted before it is checked, so that guesses that come all at once are counted too.
        user = await conn.fetchrow(store.COUNT_ATTEMPT, email.strip().lower(), LOCK_AFTER_FAILURES, at, at + LOCK_FOR)
    if user is not None and not user["admitted"]:
        raise SignInLocked(minutes=math.ceil((user["locked_until"] - at).total_seconds() / 60))
    right = await asyncio.to_thread(_matches, user["password_hash"] if user else _NOBODY, password)
    if user is None or not right:
        raise SignInFailed
    secret = secrets.token_urlsafe(32)
    async with db.transaction(PLATFORM_SCHEMA) as conn:
        await conn.execute(store.FORGIVE_USER, user["user_id"])
        await conn.execute(store.DELETE_EXPIRED_SESSIONS, at)
        await conn.execute(
            store.INSERT_SESSION, _hash(secret), user["user_id"], secrets.token_urlsafe(32), at + SESSION_LIFETIME
        )
    return secret


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except argon2.exceptions.VerifyMismatchError:
        return False


async def find_session(db: Database, secret: str) -> Session | None:
    """Return the session that a cookie names, None if it ended. Raises `Unavailable`."""
    async with db.lend(PLATFORM_SCHEMA) as conn:
        row = await conn.fetchrow(store.SELECT_SESSION, _hash(secret), now())
    if row is None:
        return None
    return Session(row["email"], row["brand"], row["csrf_token"], row["expires_at"], json.loads(row["preferences"]))


async def sign_out(db: Database, secret: str) -> None:
    """End a session. Raises `Unavailable`."""
    async with db.lend(PLATFORM_SCHEMA) as conn:
        await conn.execute(store.DELETE_SESSION, _hash(secret))
