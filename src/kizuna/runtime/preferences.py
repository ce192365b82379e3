"""What a person of the console prefers: language, theme, columns, when the notices were last seen. One small JSON document each.

A session brings its person's preferences along (`access.Session.preferences`); these two are for reading without one, and
for changing.
"""

import json
from typing import Any

from kizuna.runtime import access_store as store
from kizuna.runtime.db import PLATFORM_SCHEMA, Database


async def preferences(db: Database, email: str) -> dict[str, Any]:
    """Return what a person prefers; nothing for somebody unknown. Raises `Unavailable`."""
    async with db.lend(PLATFORM_SCHEMA) as conn:
        kept = await conn.fetchval(store.SELECT_PREFERENCES, email)
    return dict(json.loads(kept)) if kept else {}


async def prefer(db: Database, email: str, **changes: Any) -> None:
    """Change preferences; None forgets one. Raises `Unavailable`."""
    async with db.lend(PLATFORM_SCHEMA) as conn:
        await conn.execute(store.UPDATE_PREFERENCES, email, json.dumps(changes, ensure_ascii=False))
