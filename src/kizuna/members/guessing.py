"""Members who name somebody, or a code, that they may only guess: so many times an hour, and then no more."""

from datetime import datetime

from kizuna.core.errors import N_, Kind, Problem
from kizuna.members import guess_store as store
from kizuna.runtime.db import Connection

GUESSES_PER_HOUR_MAX = 20
_HOUR_S = 3600


class GuessesTooMany(Problem):
    """More tries than anybody needs who knows what they are looking for."""

    code = "guesses_too_many"
    kind = Kind.TOO_MANY
    title = N_("That was tried {count_max} times within this hour.")
    remedy = N_("Check what you type, and try again after the full hour.")


async def count_guess(conn: Connection, member: bytes, kind: str, at: datetime) -> None:
    """Count a guess of a member, known or not. Raises `GuessesTooMany`."""
    if await store.count(conn, member, kind, int(at.timestamp()) // _HOUR_S) > GUESSES_PER_HOUR_MAX:
        raise GuessesTooMany(count_max=GUESSES_PER_HOUR_MAX)
