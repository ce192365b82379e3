"""How a brand looks: its name, its one colour, its logo, and its own words by language.

A colour is `#rrggbb` in small letters or none; a logo is a picture of `pictures`, known by the hash of its bytes, so that
its address may be kept for ever; words are plain text without line breaks, links are http or https.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kizuna.core.errors import NotFound
from kizuna.runtime import look_store as store
from kizuna.runtime.db import PLATFORM_SCHEMA, Database
from kizuna.runtime.pictures import Picture

WORDS = ("tagline", "contact", "support", "terms", "privacy")
"""What a brand may say in each language: a line below its name, who runs it, where to ask, and two legal pages."""


@dataclass(frozen=True, slots=True)
class Look:
    """A look. `words` maps a language to texts by their name of `WORDS`; `logo` is the hash of a picture.

    `is_chosen` tells whether somebody has decided on it, be it that they left everything as it was.
    """

    colour: str | None = None
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    logo: str | None = None
    logo_width: int = 0
    logo_height: int = 0
    is_chosen: bool = False


PLAIN = Look()
"""The look of a brand that has chosen nothing."""


async def save_look(db: Database, slug: str, name: str, languages: Sequence[str], look: Look) -> None:
    """Keep a brand's name, languages and look, all at once. Raises `Unavailable`."""
    async with db.transaction(PLATFORM_SCHEMA) as conn:
        await conn.execute(store.UPDATE_BRAND, slug, name, list(languages))
        words = json.dumps({lang: dict(texts) for lang, texts in look.words.items()}, ensure_ascii=False)
        await conn.execute(store.UPSERT_LOOK, slug, look.colour, words, look.logo)


async def keep_picture(db: Database, slug: str, picture: Picture) -> str:
    """Keep a picture and return its hash; older ones that are not used any more are forgotten. Raises `Unavailable`."""
    async with db.transaction(PLATFORM_SCHEMA) as conn:
        await conn.execute(
            store.INSERT_PICTURE, slug, picture.hash, picture.type, picture.width, picture.height, picture.bytes
        )
        await conn.execute(store.PRUNE_PICTURES, slug, picture.hash)
    return picture.hash


async def picture_of(db: Database, slug: str, name: str) -> tuple[str, bytes]:
    """Return a picture's type and bytes. Raises `NotFound`, `Unavailable`."""
    row = None
    if "\x00" not in slug + name:  # which no text of the database holds
        async with db.lend(PLATFORM_SCHEMA) as conn:
            row = await conn.fetchrow(store.SELECT_PICTURE, slug, name)
    if row is None:
        raise NotFound(what="picture", key=name)
    return row["type"], row["bytes"]


def look_of(colour: str | None, words: str | None, logo: str | None, width: int | None, height: int | None) -> Look:
    """Return the look that a brand's row tells; `words` is None where there is no row."""
    return Look(colour, json.loads(words or "{}"), logo, width or 0, height or 0, words is not None)


async def picture_size(db: Database, slug: str, name: str) -> tuple[int, int] | None:
    """Return a picture's width and height, None if there is none of that name. Raises `Unavailable`."""
    async with db.lend(PLATFORM_SCHEMA) as conn:
        row = await conn.fetchrow(store.SELECT_SIZE, slug, name)
    return None if row is None else (row["width"], row["height"])
