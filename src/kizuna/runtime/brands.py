"""Brands: each is a schema with its currency, time zone, country and languages. No table has a tenant column."""

import re
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo, available_timezones

import asyncpg
from babel import UnknownLocaleError, numbers

from kizuna.core.errors import N_, Kind, NotFound, Problem
from kizuna.runtime.db import PLATFORM_SCHEMA, Connection, Database
from kizuna.runtime.look import PLAIN, Look, look_of
from kizuna.runtime.migrate import migrate, migrate_platform

LANGUAGES = ("ja", "en")

_SELECT = """
SELECT b.slug, b.name, b.currency, b.timezone, b.country, b.languages, b.is_demo,
    l.colour, l.words::text AS words, p.hash AS logo, p.width, p.height
FROM brand b LEFT JOIN brand_look l ON l.brand = b.slug
LEFT JOIN brand_picture p ON p.brand = b.slug AND p.hash = l.logo_hash
"""

SELECT_BRAND = f"{_SELECT} WHERE b.slug = $1"
"""One brand with its look, by its slug."""

SELECT_BRAND_HERE = f"""
SELECT slug, name, currency, timezone, country, languages, is_demo FROM {PLATFORM_SCHEMA}.brand
WHERE 'brand_' || slug = current_schema()
"""
"""The brand whose schema a connection sees."""

SELECT_BRANDS = f"{_SELECT} ORDER BY b.created_at, b.slug"
"""Every brand, oldest first."""

INSERT_BRAND = """
INSERT INTO brand (slug, name, currency, timezone, country, languages, is_demo)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
"""A new brand."""


@dataclass(frozen=True)
class Brand:
    """A brand. Its first language is the one it speaks where nothing else is known."""

    slug: str
    name: str
    currency: str
    timezone: str
    country: str
    languages: tuple[str, ...]
    is_demo: bool = False
    look: Look = PLAIN

    @property
    def schema(self) -> str:
        """The schema that holds its data."""
        return f"brand_{self.slug}"

    @cached_property
    def zone(self) -> ZoneInfo:
        """Its time zone."""
        return ZoneInfo(self.timezone)

    @property
    def currency_digits(self) -> int:
        """Digits of the currency's minor unit: 0 for JPY, 2 for USD."""
        return int(numbers.get_currency_precision(self.currency))


class BrandInvalid(Problem):
    """A brand cannot be made as described."""

    code = "brand_invalid"
    kind = Kind.INVALID
    title = N_("The brand’s {what} cannot be “{value}”.")
    remedy = N_("{hint}")


class BrandExists(Problem):
    """The slug is taken."""

    code = "brand_exists"
    kind = Kind.CONFLICT
    title = N_("There is a brand “{slug}” already.")
    remedy = N_("Use another short name.")


def check(brand: Brand) -> None:
    """Raise `BrandInvalid` for what would fail later."""
    hints = {
        "slug": "Use 1 to 40 lower-case letters, digits or underscores, beginning with a letter.",
        "currency": "Use an ISO 4217 code, such as JPY or USD.",
        "timezone": "Use a name of the IANA database, such as Asia/Tokyo.",
        "country": "Use an ISO 3166 code of two letters, such as JP.",
        "languages": "Use ja, en or both.",
    }
    wrong = {
        "slug": not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", brand.slug),
        "currency": not is_currency(brand.currency),
        "timezone": brand.timezone not in available_timezones(),
        "country": not re.fullmatch(r"[A-Z]{2}", brand.country),
        "languages": not brand.languages or not set(brand.languages) <= set(LANGUAGES),
    }
    for what, is_wrong in wrong.items():
        if is_wrong:
            raise BrandInvalid(field=what, what=what, value=getattr(brand, what), hint=hints[what])


def is_currency(code: str) -> bool:
    """Tell whether a code is one of ISO 4217."""
    try:
        return bool(numbers.is_currency(code))
    except UnknownLocaleError:
        return False


async def create_brand(db: Database, brand: Brand) -> None:
    """Make a brand and its schema. Raises `BrandInvalid`, `BrandExists`, `Unavailable`."""
    check(brand)
    await migrate_platform(db.locate)
    await migrate(db.locate, brand.schema, "brand")
    async with db.lend(PLATFORM_SCHEMA) as conn:
        try:
            await conn.execute(
                INSERT_BRAND, brand.slug, brand.name, brand.currency, brand.timezone, brand.country,
                list(brand.languages), brand.is_demo,
            )  # fmt: skip
        except asyncpg.UniqueViolationError as fault:
            raise BrandExists(slug=brand.slug) from fault


async def get_brand(db: Database, slug: str) -> Brand:
    """Return a brand. Raises `NotFound`, `Unavailable`."""
    async with db.lend(PLATFORM_SCHEMA) as conn:
        row = await conn.fetchrow(SELECT_BRAND, slug)
    if row is None:
        raise NotFound(what="brand", key=slug)
    return _brand(row)


async def brand_here(conn: Connection) -> Brand:
    """Return the brand whose schema `conn` sees, without its look. Raises `NotFound`."""
    row = await conn.fetchrow(SELECT_BRAND_HERE)
    if row is None:
        raise NotFound(what="brand", key="current schema")
    fields = dict(row)
    return Brand(**fields | {"languages": tuple(fields["languages"])})


async def all_brands(db: Database) -> list[Brand]:
    """Return every brand, oldest first. Raises `Unavailable`."""
    async with db.lend(PLATFORM_SCHEMA) as conn:
        return [_brand(row) for row in await conn.fetch(SELECT_BRANDS)]


async def migrate_all(db: Database) -> None:
    """Bring the platform and every brand to the newest revision. Raises `Unavailable`."""
    await migrate_platform(db.locate)
    for brand in await all_brands(db):
        await migrate(db.locate, brand.schema, "brand")


def _brand(row: asyncpg.Record) -> Brand:
    fields = dict(row)
    look = look_of(*(fields.pop(name) for name in ("colour", "words", "logo", "width", "height")))
    return Brand(**fields | {"languages": tuple(fields["languages"]), "look": look})
