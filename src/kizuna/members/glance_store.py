"""Who, at a glance: a member's row and names as fragments of one statement that reads what other rooms know too."""

from collections.abc import Sequence
from typing import Any

from asyncpg.pgproto.pgproto import UUID

from kizuna.core.errors import NotFound
from kizuna.core.ids import bucket_of
from kizuna.members.model import Identity, Profile
from kizuna.members.service import Member
from kizuna.runtime.db import Fragment

GLANCE_MEMBER = """
SELECT name, name_kana, name_is_generated, language, birthday, referrer, joined_on FROM member WHERE bucket = $1 AND member_id = $2
"""
"""One member."""

GLANCE_IDENTITIES = "SELECT kind, value FROM identity WHERE bucket = $1 AND member_id = $2"
"""Every identity of one member."""


def glance(member: bytes) -> list[Fragment]:
    """Return the fragments that `glanced` reads, in this order."""
    asked = [bucket_of(member), UUID(member)]
    return [Fragment("glance_member", GLANCE_MEMBER, asked), Fragment("glance_identity", GLANCE_IDENTITIES, asked)]


def glanced(member: bytes, rows: Sequence[tuple[Any, ...]], names: Sequence[tuple[str, str]]) -> Member:
    """Return the member whom the rows of `glance` tell of. Raises `NotFound`."""
    if not rows:
        raise NotFound(what="member", key=str(UUID(member)))
    name, kana, is_generated, language, birthday, referrer, joined_on = rows[0]
    profile = Profile(name, kana, is_generated, language, birthday, referrer.bytes if referrer else None)
    return Member(member, profile, joined_on, [Identity(*named) for named in sorted(names)])
