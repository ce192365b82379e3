"""Members, one function per use case."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kizuna.core.errors import NotFound
from kizuna.core.ids import card_number
from kizuna.members import store
from kizuna.members.model import Identity, Profile
from kizuna.runtime.db import Connection, Fragment


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Someone whom an event enrols: id, the identity that the event named, the day."""

    member: bytes
    identity: Identity
    joined_on: date


@dataclass(frozen=True, slots=True)
class Member:
    """A member as known here."""

    id: bytes
    profile: Profile
    joined_on: date
    identities: Sequence[Identity]

    @property
    def card_number(self) -> str | None:
        """The number on the card."""
        return next((identity.value for identity in self.identities if identity.kind == "card"), None)


@dataclass(frozen=True, slots=True)
class Found:
    """One line of a search."""

    id: bytes
    name: str | None
    name_kana: str | None
    card_number: str | None


async def resolve(conn: Connection, identities: Sequence[Identity]) -> dict[Identity, bytes]:
    """Return whom each identity names. Kind `member` names itself; whether that member exists, its account tells."""
    asked = [identity for identity in identities if identity.kind != "member"]
    named = {identity: bytes.fromhex(identity.value) for identity in identities if identity.kind == "member"}
    return named | (await store.find(conn, asked) if asked else {})


def enrolment(newcomers: Sequence[Newcomer], attempt: int) -> list[Fragment]:
    """Return the fragments that enrol `newcomers`: each with the identity that named it and with a card.

    A card number that is taken fails the commit; the next `attempt` proposes another.
    """
    identities: list[tuple[Identity, bytes]] = []
    for one in newcomers:
        identities.append((one.identity, one.member))
        if one.identity.kind != "card":
            identities.append((Identity("card", card_number(one.member, attempt)), one.member))
    return store.enrolment([one.member for one in newcomers], [one.joined_on for one in newcomers], identities)


async def get(conn: Connection, member: bytes) -> Member:
    """Return a member. Raises `NotFound`."""
    found = await store.get(conn, member)
    if found is None:
        raise NotFound(what="member", key=str(UUID(bytes=member)))
    row, identities = found
    profile = Profile(row["name"], row["name_kana"], row["name_is_generated"], row["language"])
    return Member(member, profile, row["joined_on"], identities)


async def search(conn: Connection, query: str, *, limit: int, offset: int) -> tuple[list[Found], int]:
    """Return one page of the members that any part of a name, kana or identity finds, and how many there are."""
    rows, total = await store.search(conn, unicodedata.normalize("NFKC", query).strip(), limit, offset)
    cards = await store.cards(conn, [row["member_id"].bytes for row in rows])
    found = [
        Found(row["member_id"].bytes, row["name"], row["name_kana"], cards.get(row["member_id"].bytes)) for row in rows
    ]
    return found, total
